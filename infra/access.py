"""Who may reach whom: function -> proxy -> database, on one port, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.cluster import MYSQL_PORT


@dataclass(frozen=True, slots=True)
class AccessArgs:
    """`database_group_id`: the security group of an existing cluster; None makes one.

    `admitted_group_ids`: further groups that the proxy lets in."""

    prefix: pulumi.Output[str]
    vpc_id: pulumi.Input[str]
    database_group_id: pulumi.Input[str] | None
    admitted_group_ids: Sequence[str] = ()


class Access(pulumi.ComponentResource):
    """Three security groups, and a rule at both ends of each way. `rules`: what must exist before traffic flows."""

    function_group_id: pulumi.Output[str]
    proxy_group_id: pulumi.Output[str]
    database_group_id: pulumi.Output[str]
    rules: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Access", name, None, opts)
        self._name = name
        self._vpc_id = args.vpc_id
        self._prefix = args.prefix
        self.function_group_id = self._group("function", "Functions: out to the proxy only").id
        self.proxy_group_id = self._group("proxy", "RDS Proxy: in from the functions, out to the database").id
        if args.database_group_id is None:
            self.database_group_id = self._group("database", "Aurora: in from the proxy only").id
        else:
            self.database_group_id = pulumi.Output.from_input(args.database_group_id)
        self.rules = (
            *self._way("function-to-proxy", "MySQL to the proxy", self.function_group_id, self.proxy_group_id),
            *self._way("proxy-to-database", "MySQL to the database", self.proxy_group_id, self.database_group_id),
        )
        for group_id in args.admitted_group_ids:
            self._inward(f"{group_id}-to-proxy", "MySQL to the proxy", group_id, self.proxy_group_id)
        self.register_outputs(
            {
                "functionGroupId": self.function_group_id,
                "proxyGroupId": self.proxy_group_id,
                "databaseGroupId": self.database_group_id,
            }
        )

    def _group(self, part: str, description: str) -> aws.ec2.SecurityGroup:
        # Rules are separate resources: mixed with inline ones, each would undo the other.
        return aws.ec2.SecurityGroup(
            f"{self._name}-{part}",
            name_prefix=pulumi.Output.concat(self._prefix, "-", part, "-"),
            vpc_id=self._vpc_id,
            description=description,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _way(
        self, way: str, description: str, source: pulumi.Output[str], target: pulumi.Output[str]
    ) -> tuple[pulumi.Resource, pulumi.Resource]:
        child = pulumi.ResourceOptions(parent=self)
        outward = aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-{way}",
            security_group_id=source,
            referenced_security_group_id=target,
            ip_protocol="tcp",
            from_port=MYSQL_PORT,
            to_port=MYSQL_PORT,
            description=description,
            opts=child,
        )
        return outward, self._inward(way, description, source, target)

    def _inward(
        self, way: str, description: str, source: pulumi.Input[str], target: pulumi.Output[str]
    ) -> aws.vpc.SecurityGroupIngressRule:
        return aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-{way}",
            security_group_id=target,
            referenced_security_group_id=source,
            ip_protocol="tcp",
            from_port=MYSQL_PORT,
            to_port=MYSQL_PORT,
            description=f"{description}, from {way.partition('-to-')[0]}",
            opts=pulumi.ResourceOptions(parent=self),
        )
