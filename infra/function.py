"""The API's function, behind an alias that moves to a new version only when that version is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.environment import api_environment
from infra.runtime import Program, Runtime, make_function
from infra.users import DatabaseUsers

ALIAS = "live"


@dataclass(frozen=True, slots=True)
class FunctionArgs:
    """`after`: what the new version depends on, such as the migrations."""

    runtime: Runtime
    users: DatabaseUsers
    proxy_endpoint: pulumi.Input[str]
    proxy_read_endpoint: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class Function(pulumi.ComponentResource):
    """The function. Outputs: `name`, `invoke_arn` (the alias's), `alias`."""

    name: pulumi.Output[str]
    invoke_arn: pulumi.Output[str]
    alias: pulumi.Output[str]

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Function", name, None, opts)
        config = args.runtime.config
        options = config.function
        users = [one.user for one in args.users.application]
        function = make_function(
            name,
            args.runtime,
            Program(
                suffix="api",
                description=f"REST API over the database {config.database.name}",
                handler="api.handler.handler",
                users=[*users, *args.users.roles],
                environment={
                    "AUROREST_DATABASE_HOST": args.proxy_endpoint,
                    "AUROREST_DATABASE_READ_HOST": args.proxy_read_endpoint,
                    "AUROREST_DATABASE_USER": users[0],
                    **api_environment(config),
                },
                memory_megabytes=options.memory_megabytes,
                timeout_seconds=options.timeout_seconds,
                log_level=options.log_level,
                versioned=True,
                reserved_concurrency=options.reserved_concurrency,
                snap_start=options.snap_start,
                xray=options.xray,
            ),
            parent=self,
            depends_on=args.after,
        )
        alias = aws.lambda_.Alias(
            f"{name}-{ALIAS}",
            name=ALIAS,
            description="The version that the API calls",
            function_name=function.name,
            function_version=function.version,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = function.name
        self.alias = alias.name
        self.invoke_arn = alias.invoke_arn
        self.register_outputs({"name": self.name, "alias": self.alias, "invokeArn": self.invoke_arn})
