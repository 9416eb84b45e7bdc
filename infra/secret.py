"""The credentials of database users that have a password, as the JSON secrets that RDS Proxy reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from infra.users import Credential

_PASSWORD_LENGTH = 40


@dataclass(frozen=True, slots=True)
class SecretsArgs:
    """`host`: the cluster's endpoint. `recovery_days`: how long a deleted secret can be brought back; 0: not at all."""

    prefix: str
    credentials: tuple[Credential, ...]
    host: pulumi.Input[str]
    port: int
    cluster_identifier: pulumi.Input[str]
    key_arn: pulumi.Input[str] | None
    recovery_days: int
    protect: bool


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """A credential and where it is. `password` is marked secret; `written`: the version that holds it."""

    credential: Credential
    arn: pulumi.Output[str]
    password: pulumi.Output[str]
    written: pulumi.Resource


class Secrets(pulumi.ComponentResource):
    """One password and one secret for each credential. `stored`: in the order of the arguments."""

    stored: Sequence[StoredCredential]

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Secrets", name, None, opts)
        self.stored = tuple(self._store(name, args, credential) for credential in args.credentials)
        self.register_outputs({"arns": [stored.arn for stored in self.stored]})

    def _store(self, name: str, args: SecretsArgs, credential: Credential) -> StoredCredential:
        child = pulumi.ResourceOptions(parent=self)
        password = random.RandomPassword(
            f"{name}-{credential.key}",
            length=_PASSWORD_LENGTH,
            special=False,
            keepers={"version": str(credential.version)},
            opts=child,
        )
        # Auto-named: a deleted secret keeps its name for the days of recovery.
        secret = aws.secretsmanager.Secret(
            f"{name}-{credential.key}",
            description=f"Database user {credential.user} of {args.prefix}, read by RDS Proxy",
            kms_key_id=args.key_arn,
            recovery_window_in_days=args.recovery_days,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        content = pulumi.Output.all(password.result, args.host, args.cluster_identifier).apply(
            lambda found: json.dumps(
                {
                    "username": credential.user,
                    "password": found[0],
                    "engine": "mysql",
                    "host": found[1],
                    "port": args.port,
                    "dbClusterIdentifier": found[2],
                }
            )
        )
        version = aws.secretsmanager.SecretVersion(
            f"{name}-{credential.key}", secret_id=secret.id, secret_string=pulumi.Output.secret(content), opts=child
        )
        return StoredCredential(credential, secret.arn, pulumi.Output.secret(password.result), version)
