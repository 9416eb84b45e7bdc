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


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new content of a secret; `name` is the resource's."""

    name: str
    secret_id: pulumi.Output[str]
    content: pulumi.Output[str]


class Secrets(pulumi.ComponentResource):
    """One password and one secret for each credential of the configuration; none where all users authenticate by IAM.

    `arns`: of the secrets. `written`: the versions that hold the passwords. `passwords`: by user, marked secret.
    `rotated`: what `RotatedSecrets` writes.
    """

    arns: Sequence[pulumi.Output[str]]
    written: Sequence[pulumi.Resource]
    passwords: Mapping[str, pulumi.Output[str]]
    rotated: Sequence[Rotated]

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Secrets", name, None, opts)
        arns: list[pulumi.Output[str]] = []
        written: list[pulumi.Resource] = []
        rotated: list[Rotated] = []
        self.passwords = {}
        for credential in args.users.credentials:
            password = self._password(name, credential)
            secret = self._secret(name, args, credential)
            content = _content(credential, password, args.cluster)
            resource = f"{name}-{credential.key}"
            # the proxy needs a version of each secret before anything can run that changes an account
            first_only = ["secretString"] if credential.keeps_former else None
            opts = pulumi.ResourceOptions(parent=self, ignore_changes=first_only)
            written.append(
                aws.secretsmanager.SecretVersion(resource, secret_id=secret.id, secret_string=content, opts=opts)
            )
            if credential.keeps_former and credential.version > 1:
                rotated.append(Rotated(resource, secret.id, content))
            arns.append(secret.arn)
            self.passwords[credential.user] = pulumi.Output.secret(password)
        self.arns, self.written, self.rotated = arns, written, rotated
        self.register_outputs({"arns": arns})

    def _password(self, name: str, credential: Credential) -> pulumi.Output[str]:
        password = random.RandomPassword(
            f"{name}-{credential.key}",
            length=_PASSWORD_LENGTH,
            special=False,
            keepers={"version": str(credential.version)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        return password.result

    def _secret(self, name: str, args: SecretsArgs, credential: Credential) -> aws.secretsmanager.Secret:
        # A prefix: a deleted secret keeps its name for the days of recovery. The provider reads those days from the
        # state when it deletes the secret, so a change must be applied before `pulumi destroy`:
        # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/secretsmanager/secret.go
        return aws.secretsmanager.Secret(
            f"{name}-{credential.key}",
            name_prefix=pulumi.Output.concat(args.prefix, "-", credential.key, "-"),
            description=f"Database user {credential.user}, read by RDS Proxy",
            kms_key_id=args.key_arn,
            recovery_window_in_days=args.config.users.secret_recovery_days,
            opts=pulumi.ResourceOptions(parent=self, protect=args.config.protect),
        )


def _content(credential: Credential, password: pulumi.Output[str], cluster: Cluster) -> pulumi.Output[str]:
    """The JSON that RDS Proxy reads, marked secret."""
    known = pulumi.Output.all(password, cluster.endpoint, cluster.identifier)
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
    return marked


@dataclass(frozen=True, slots=True)
class RotatedSecretsArgs:
    """`after`: what makes the accounts accept the new passwords."""

    rotated: Sequence[Rotated]
    after: Sequence[pulumi.Resource]


class RotatedSecrets(pulumi.ComponentResource):
    """The new passwords of accounts that still accept their former ones."""

    def __init__(self, name: str, args: RotatedSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:RotatedSecrets", name, None, opts)
        for each in args.rotated:
            aws.secretsmanager.SecretVersion(
                f"{each.name}-rotated",
                secret_id=each.secret_id,
                secret_string=each.content,
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
            )
        self.register_outputs({})
