"""The credentials of database users that have a password, as the JSON secrets that RDS Proxy reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from infra.cluster import MYSQL_PORT, Cluster
from infra.config import StackConfig
from infra.users import Credential, DatabaseUsers

_PASSWORD_LENGTH = 40


@dataclass(frozen=True, slots=True)
class SecretsArgs:
    """`users` have the passwords; `cluster` is theirs."""

    config: StackConfig
    prefix: pulumi.Output[str]
    cluster: Cluster
    users: DatabaseUsers
    key_arn: pulumi.Input[str] | None


class Secrets(pulumi.ComponentResource):
    """One password and one secret for each credential of the configuration; none where all users authenticate by IAM.

    `arns`: of the secrets. `written`: the versions that hold the passwords. `passwords`: by user, marked secret.
    """

    arns: Sequence[pulumi.Output[str]]
    written: Sequence[pulumi.Resource]
    passwords: Mapping[str, pulumi.Output[str]]

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Secrets", name, None, opts)
        arns, written, passwords = [], [], {}
        for credential in args.users.credentials:
            secret, version, password = self._store(name, args, credential)
            arns.append(secret.arn)
            written.append(version)
            passwords[credential.user] = password
        self.arns, self.written, self.passwords = arns, written, passwords
        self.register_outputs({"arns": arns})

    def _store(
        self, name: str, args: SecretsArgs, credential: Credential
    ) -> tuple[aws.secretsmanager.Secret, aws.secretsmanager.SecretVersion, pulumi.Output[str]]:
        child = pulumi.ResourceOptions(parent=self)
        password = random.RandomPassword(
            f"{name}-{credential.key}",
            length=_PASSWORD_LENGTH,
            special=False,
            keepers={"version": str(credential.version)},
            opts=child,
        )
        # A prefix: a deleted secret keeps its name for the days of recovery. The provider reads those days from the
        # state when it deletes the secret, so a change must be applied before `pulumi destroy`:
        # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/secretsmanager/secret.go
        secret = aws.secretsmanager.Secret(
            f"{name}-{credential.key}",
            name_prefix=pulumi.Output.concat(args.prefix, "-", credential.key, "-"),
            description=f"Database user {credential.user}, read by RDS Proxy",
            kms_key_id=args.key_arn,
            recovery_window_in_days=args.config.users.secret_recovery_days,
            opts=pulumi.ResourceOptions(parent=self, protect=args.config.protect),
        )
        known = pulumi.Output.all(password.result, args.cluster.endpoint, args.cluster.identifier)
        content: pulumi.Output[str] = known.apply(
            lambda found: json.dumps(
                {
                    "username": credential.user,
                    "password": found[0],
                    "engine": "mysql",
                    "host": found[1],
                    "port": MYSQL_PORT,
                    "dbClusterIdentifier": found[2],
                }
            )
        )
        marked: pulumi.Output[str] = pulumi.Output.secret(content)
        version = aws.secretsmanager.SecretVersion(
            f"{name}-{credential.key}", secret_id=secret.id, secret_string=marked, opts=child
        )
        return secret, version, pulumi.Output.secret(password.result)
