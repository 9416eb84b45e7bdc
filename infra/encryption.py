"""The customer managed key of a stack, for everything in it that is encrypted."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import policies
from infra.config import StackConfig


@dataclass(frozen=True, slots=True)
class EncryptionArgs:
    """`prefix` begins the names of the log groups that may use the key."""

    config: StackConfig
    prefix: pulumi.Output[str]


class Encryption(pulumi.ComponentResource):
    """A symmetric key with yearly rotation and an alias. Output: `key_arn`.

    The key outlives the stack: final snapshots, automated backups and kept logs can only be read with it, and deleting
    a key in the provider schedules its destruction. The alias decrypts nothing, so it goes with the stack: `pulumi up`
    can then repair a destroy that stopped half way, where it would find a kept alias in its way.
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/kms/key.go
    """

    key_arn: pulumi.Output[str]

    def __init__(self, name: str, args: EncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Encryption", name, None, opts)
        account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        partition = aws.get_partition_output(opts=pulumi.InvokeOutputOptions(parent=self)).partition
        policy = pulumi.Output.all(account, partition, args.prefix).apply(
            lambda found: policies.key_policy(
                partition=found[1], region=args.config.region, account=found[0], prefix=found[2]
            )
        )
        key = aws.kms.Key(
            f"{name}-key",
            description="Data, logs and secrets of an Aurorest stack",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=policy,
            opts=pulumi.ResourceOptions(parent=self, protect=args.config.protect, retain_on_delete=True),
        )
        aws.kms.Alias(
            f"{name}-alias",
            name=pulumi.Output.concat("alias/", args.prefix),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.key_arn = key.arn
        self.register_outputs({"keyArn": self.key_arn})
