"""RDS Proxy: TLS and IAM demanded of every client, one pool with a bounded share of the database's connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import parameters, policies
from infra.config import ProxyOptions
from infra.logs import log_group


@dataclass(frozen=True, slots=True)
class ProxySecret:
    """A secret that the proxy may read; its `username` is whom a client may connect as."""

    description: str
    arn: pulumi.Input[str]


@dataclass(frozen=True, slots=True)
class ProxyArgs:
    """`end_to_end_users`: those without a password, whom the proxy too connects as by IAM. `target_after`: the instances,
    the rules that let the proxy reach them, and the written secrets; a target made earlier fails or stays unavailable."""

    prefix: str
    options: ProxyOptions
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    cluster_identifier: pulumi.Input[str]
    cluster_arn: pulumi.Input[str]
    cluster_resource_id: pulumi.Input[str]
    secrets: Sequence[ProxySecret]
    secret_key_arns: Sequence[pulumi.Input[str]]
    end_to_end_users: tuple[str, ...]
    target_after: Sequence[pulumi.Resource]
    log_retention_days: int
    key_arn: pulumi.Input[str] | None


class Proxy(pulumi.ComponentResource):
    """The proxy, its default target group and its target.

    Outputs: `name`, `arn`, `endpoint`, `read_endpoint` (empty when there is none). `target`: what a client must wait for.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    read_endpoint: pulumi.Output[str]
    target: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Proxy", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = log_group(
            f"{name}-logs",
            f"/aws/rds/proxy/{args.prefix}",
            retention_days=args.log_retention_days,
            key_arn=args.key_arn,
            parent=self,
        )
        role, policy = self._role(name, args)
        proxy = aws.rds.Proxy(
            f"{name}-proxy",
            name=args.prefix,
            engine_family="MYSQL",
            require_tls=True,
            default_auth_scheme="IAM_AUTH" if args.end_to_end_users else "NONE",
            # client_password_auth_type stays unset: changes to it are not detected, and IAM needs none.
            auths=[
                aws.rds.ProxyAuthArgs(
                    auth_scheme="SECRETS", iam_auth="REQUIRED", secret_arn=secret.arn, description=secret.description
                )
                for secret in args.secrets
            ],
            role_arn=role.arn,
            vpc_subnet_ids=list(args.subnet_ids),
            vpc_security_group_ids=[args.security_group_id],
            idle_client_timeout=args.options.idle_client_timeout_seconds,
            debug_logging=args.options.debug_logging,
            # The log group is named after the proxy, so the name is fixed, and two cannot be at once.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[group, policy], delete_before_replace=True),
        )
        pool = aws.rds.ProxyDefaultTargetGroup(
            f"{name}-pool",
            db_proxy_name=proxy.name,
            connection_pool_config=aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                max_connections_percent=args.options.max_connections_percent,
                max_idle_connections_percent=args.options.max_idle_connections_percent,
                connection_borrow_timeout=args.options.borrow_timeout_seconds,
                session_pinning_filters=list(args.options.session_pinning_filters),
                init_query=parameters.init_query(args.options.init_query),
            ),
            opts=child,
        )
        target = aws.rds.ProxyTarget(
            f"{name}-target",
            db_proxy_name=proxy.name,
            target_group_name=pool.name,
            db_cluster_identifier=args.cluster_identifier,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.target_after)),
        )
        self.name = proxy.name
        self.arn = proxy.arn
        self.endpoint = proxy.endpoint
        self.read_endpoint = pulumi.Output.from_input("")
        self.target = (target,)
        if args.options.read_endpoint:
            reading = aws.rds.ProxyEndpoint(
                f"{name}-read",
                db_proxy_name=proxy.name,
                db_proxy_endpoint_name=f"{args.prefix}-read",
                target_role="READ_ONLY",
                vpc_subnet_ids=list(args.subnet_ids),
                vpc_security_group_ids=[args.security_group_id],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[target], delete_before_replace=True),
            )
            self.read_endpoint = reading.endpoint
            self.target = (target, reading)
        self.register_outputs({"arn": self.arn, "endpoint": self.endpoint, "readEndpoint": self.read_endpoint})

    def _role(self, name: str, args: ProxyArgs) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(f"{name}-role", assume_role_policy=policies.assume_by("rds.amazonaws.com"), opts=child)
        document = pulumi.Output.all(
            secrets=[secret.arn for secret in args.secrets],
            keys=list(args.secret_key_arns),
            cluster=args.cluster_arn,
            resource=args.cluster_resource_id,
        ).apply(
            lambda found: policies.proxy_access(
                secret_arns=found["secrets"],
                key_arns=[key for key in found["keys"] if key],
                cluster_arn=found["cluster"],
                cluster_resource_id=found["resource"],
                end_to_end_users=args.end_to_end_users,
            )
        )
        policy = aws.iam.RolePolicy(f"{name}-role", role=role.name, policy=document, opts=child)
        return role, policy
