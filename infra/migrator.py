"""Users and migrations at deploy time: a function inside the network, invoked when what it is told changes.

It connects through the proxy as the admin user with an IAM token, so that no password is in its environment and no
endpoint of Secrets Manager is needed. What it is told is described in `migrator/handler.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from infra.config import StackConfig
from infra.runtime import Program, Runtime, make_function

TIMEOUT_SECONDS = 900
_MEMORY_MEGABYTES = 512


@dataclass(frozen=True, slots=True)
class DatabaseUser:
    """A user to make. `access`: `read-write` or `read-only`. `version` changes when the password does."""

    name: str
    access: str
    password: pulumi.Input[str] | None
    version: int


@dataclass(frozen=True, slots=True)
class MigratorArgs:
    """`migrations`: the folder whose files decide, with the users, whether there is something to do.

    `after`: what must answer before the function connects, above all the proxy's target.
    """

    config: StackConfig
    runtime: Runtime
    proxy_endpoint: pulumi.Input[str]
    admin_user: pulumi.Input[str]
    users: Sequence[DatabaseUser]
    migrations: Path
    after: Sequence[pulumi.Resource]


class Migrator(pulumi.ComponentResource):
    """The function and its invocation. `done`: what must wait for the users and the migrations."""

    done: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: MigratorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Migrator", name, None, opts)
        function = make_function(
            name,
            args.runtime,
            Program(
                function_name=f"{args.config.prefix}-migrator",
                description=f"Users and migrations of the database {args.config.database.name}",
                handler="migrator.handler.handler",
                users=[args.admin_user],
                environment={
                    "AUROREST_DATABASE_HOST": args.proxy_endpoint,
                    "AUROREST_DATABASE_PORT": "3306",
                    "AUROREST_DATABASE_USER": args.admin_user,
                    "AUROREST_DATABASE_NAME": args.config.database.name,
                },
                memory_megabytes=_MEMORY_MEGABYTES,
                timeout_seconds=TIMEOUT_SECONDS,
                log_level="INFO",
            ),
            parent=self,
            depends_on=args.after,
        )
        revision = revision_of(args)
        event = pulumi.Output.all(*(user.password for user in args.users)).apply(
            lambda passwords: json.dumps(event_of(args, passwords, revision))
        )
        invocation = aws.lambda_.Invocation(
            f"{name}-invocation",
            function_name=function.name,
            # Kept in plain text in the state unless marked secret here.
            input=pulumi.Output.secret(event),
            triggers={"revision": revision},
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(args.after), additional_secret_outputs=["input", "result"]
            ),
        )
        self.done = (invocation,)
        self.register_outputs({"functionName": function.name})


def event_of(args: MigratorArgs, passwords: Sequence[str | None], revision: str) -> dict[str, object]:
    """What the migrator is told; the passwords in the order of the users."""
    users = []
    for user, password in zip(args.users, passwords, strict=True):
        told = {"name": user.name, "access": user.access}
        users.append(told if password is None else {**told, "password": password})
    return {
        "database": args.config.database.name,
        "schemas": list(args.config.database.schemas),
        "authentication": args.config.users.authentication,
        "users": users,
        "migrate": True,
        "revision": revision,
    }


def revision_of(args: MigratorArgs) -> str:
    """A digest of everything that the migrator acts on but the passwords, for which their versions stand."""
    digest = hashlib.sha256()
    told = event_of(args, [None] * len(args.users), "")
    digest.update(json.dumps([told, [user.version for user in args.users]]).encode())
    for path in sorted(args.migrations.glob("*.sql")):
        digest.update(f"\0{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
