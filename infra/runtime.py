"""How a function of this stack runs: in the VPC, with its own role, and a log group created before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from infra import policies
from infra.cluster import Place
from infra.config import StackConfig
from infra.logs import log_group


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the functions of a stack share. `archive`: the bundle."""

    archive: Path
    config: StackConfig
    prefix: pulumi.Output[str]
    place: Place
    security_group_id: pulumi.Input[str]
    proxy_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str] | None


@dataclass(frozen=True, slots=True)
class Program:
    """One function. `suffix` ends its name; `users` are the database users that its role may connect as."""

    suffix: str
    description: str
    handler: str
    users: Sequence[pulumi.Input[str]]
    environment: Mapping[str, pulumi.Input[str]]
    memory_megabytes: int
    timeout_seconds: int
    log_level: str
    versioned: bool
    reserved_concurrency: int = 0
    snap_start: bool = False
    xray: bool = False


def make_function(
    name: str, runtime: Runtime, program: Program, *, parent: pulumi.Resource, depends_on: Sequence[pulumi.Resource]
) -> aws.lambda_.Function:
    """The function with its log group, role and policies, all children of `parent`."""
    child = pulumi.ResourceOptions(parent=parent)
    function_name = pulumi.Output.concat(runtime.prefix, "-", program.suffix)
    group = log_group(
        f"{name}-logs",
        pulumi.Output.concat("/aws/lambda/", function_name),
        retention_days=runtime.config.monitoring.log_retention_days,
        key_arn=runtime.key_arn,
        parent=parent,
    )
    role = aws.iam.Role(
        f"{name}-role", name=function_name, assume_role_policy=policies.assume_by("lambda.amazonaws.com"), opts=child
    )
    rights = {
        "logs": group.arn.apply(policies.write_logs),
        "interfaces": role.arn.apply(lambda arn: policies.network_interfaces(arn, runtime.config.region)),
        "connect": pulumi.Output.all(runtime.proxy_arn, *program.users).apply(
            lambda found: policies.connect_through_proxy(found[0], found[1:])
        ),
    }
    if program.xray:
        rights["tracing"] = pulumi.Output.from_input(policies.write_traces())
    granted: list[pulumi.Resource] = [
        aws.iam.RolePolicy(f"{name}-{right}", role=role.name, policy=policy, opts=child)
        for right, policy in rights.items()
    ]
    function = aws.lambda_.Function(
        f"{name}-function",
        name=function_name,
        description=program.description,
        runtime=f"python{runtime.config.function.python_version}",
        architectures=[runtime.config.function.architecture],
        handler=program.handler,
        code=pulumi.FileArchive(str(runtime.archive)),
        role=role.arn,
        memory_size=program.memory_megabytes,
        timeout=program.timeout_seconds,
        publish=program.versioned,
        reserved_concurrent_executions=program.reserved_concurrency or None,
        snap_start=aws.lambda_.FunctionSnapStartArgs(apply_on="PublishedVersions") if program.snap_start else None,
        environment=aws.lambda_.FunctionEnvironmentArgs(variables=program.environment),
        kms_key_arn=runtime.key_arn,
        vpc_config=aws.lambda_.FunctionVpcConfigArgs(
            subnet_ids=list(runtime.place.subnet_ids), security_group_ids=[runtime.security_group_id]
        ),
        # Lambda keeps its network interfaces for a while; the security group need not wait for them.
        replace_security_groups_on_destroy=True,
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(
            log_format="JSON",
            log_group=group.name,
            application_log_level=_LOG_LEVELS[program.log_level],
            system_log_level="INFO",
        ),
        tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active" if program.xray else "PassThrough"),
        # Without the log group Lambda makes one that never expires; without the rights it refuses the VPC.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[group, *granted, *depends_on]),
    )
    aws.iam.RolePolicy(
        f"{name}-no-interfaces",
        role=role.name,
        policy=function.arn.apply(policies.no_network_interfaces),
        opts=child,
    )
    return function


_LOG_LEVELS = {"DEBUG": "DEBUG", "INFO": "INFO", "WARNING": "WARN", "ERROR": "ERROR"}
