"""Users and migrations at deploy time: a function inside the network, invoked when its input changes.

It connects through the proxy as the admin user with an IAM token, so its environment has no password and it
needs no endpoint of Secrets Manager. Its input is described in `migrator/handler.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from infra.cluster import MYSQL_PORT
from infra.config import StackConfig
from infra.runtime import Program, Runtime, make_function
from infra.users import DatabaseUsers

TIMEOUT_SECONDS = 900
_MEMORY_MEGABYTES = 512
_OWN_TABLE = Path(__file__).parents[1] / "migrator" / "idempotency.py"
"""Defines a table that the migrator makes besides the project's migrations: a new definition is a reason to run."""


@dataclass(frozen=True, slots=True)
class MigratorArgs:
    """`passwords`: of the users that have one, by name. `migrations`: the folder of the SQL files.

    `after`: what must be available before the function connects, such as the proxy's target.
    """

    runtime: Runtime
    users: DatabaseUsers
    proxy_endpoint: pulumi.Input[str]
    admin_user: pulumi.Input[str]
    passwords: Mapping[str, pulumi.Input[str]]
    migrations: Path
    after: Sequence[pulumi.Resource]


class Migrator(pulumi.ComponentResource):
    """The function and its invocation. Output: `function_name`. `done`: wait for it before using users and tables."""

    function_name: pulumi.Output[str]
    done: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: MigratorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Migrator", name, None, opts)
        config = args.runtime.config
        function = make_function(
            name,
            args.runtime,
            Program(
                suffix="migrator",
                description=f"Users and migrations of the database {config.database.name}",
                handler="migrator.handler.handler",
                users=[args.admin_user],
                environment={
                    "AUROREST_DATABASE_HOST": args.proxy_endpoint,
                    "AUROREST_DATABASE_PORT": str(MYSQL_PORT),
                    "AUROREST_DATABASE_USER": args.admin_user,
                    "AUROREST_DATABASE_NAME": config.database.name,
                },
                memory_megabytes=_MEMORY_MEGABYTES,
                timeout_seconds=TIMEOUT_SECONDS,
                log_level="INFO",
                versioned=False,
            ),
            parent=self,
            depends_on=args.after,
        )
        revision = revision_of(config, args.users, args.migrations)
        users = list(args.passwords)
        event = pulumi.Output.all(*args.passwords.values()).apply(
            lambda found: json.dumps(event_of(config, args.users, dict(zip(users, found, strict=True)), revision))
        )
        # Kept in plain text in the state unless marked secret here.
        marked: pulumi.Output[str] = pulumi.Output.secret(event)
        invocation = aws.lambda_.Invocation(
            f"{name}-invocation",
            function_name=function.name,
            input=marked,
            triggers={"revision": revision},
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(args.after), additional_secret_outputs=["input", "result"]
            ),
        )
        self.done = (invocation,)
        self.function_name = function.name
        self.register_outputs({"functionName": self.function_name})


def event_of(
    config: StackConfig, users: DatabaseUsers, passwords: Mapping[str, str], revision: str
) -> dict[str, object]:
    """The migrator's input; `passwords` by user, for those that have one."""

    def password(name: str) -> dict[str, str]:
        return {"password": passwords[name]} if name in passwords else {}

    versions = {each.user: each.version for each in users.credentials}

    def version(name: str) -> dict[str, int]:
        return {"password_version": versions[name]} if name in versions else {}

    wanted = ((users.current.user, "read-write"), (users.read_only, "read-only"))
    return {
        "database": config.database.name,
        "schemas": list(config.database.schemas),
        "authentication": users.current.authentication,
        "users": [{"name": name, "access": access, **password(name)} for name, access in wanted],
        "roles": [{"name": name, **password(name), **version(name)} for name in users.roles],
        "retired_users": list(users.retired),
        "migrate": True,
        "revision": revision,
    }


def revision_of(config: StackConfig, users: DatabaseUsers, migrations: Path) -> str:
    """A digest of everything that the migrator acts on. The version of the passwords stands for them."""
    told = [event_of(config, users, {}, ""), users.current.version]
    digest = hashlib.sha256(json.dumps(told).encode())
    for path in (_OWN_TABLE, *sorted(migrations.glob("*.sql"))):
        digest.update(f"\0{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
