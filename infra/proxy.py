"""RDS Proxy: TLS and IAM demanded of every client, one pool with a bounded share of the database's connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import parameters, policies
from infra.cluster import Cluster, Place
from infra.config import StackConfig
from infra.logs import log_group
from infra.users import DatabaseUsers


@dataclass(frozen=True, slots=True)
class ProxyArgs:
    """`secret_arns`: those that the proxy reads, after the admin's; their `username` is whom a client may connect as.

    `target_after`: the instances, the rules that let the proxy reach them, and the written secrets; a target made
    earlier fails or stays unavailable.
    """

    config: StackConfig
    prefix: pulumi.Output[str]
    place: Place
    security_group_id: pulumi.Input[str]
    cluster: Cluster
    users: DatabaseUsers
    secret_arns: Sequence[pulumi.Input[str]]
    target_after: Sequence[pulumi.Resource]
    key_arn: pulumi.Input[str] | None


class Proxy(pulumi.ComponentResource):
    """The proxy, its default target group and its target.

    Outputs: `name`, `arn`, `endpoint`, `read_endpoint` (empty without readers), `read_only_policy_arn` (for people who
    connect as the read-only user). `target`: what a client must wait for.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    read_endpoint: pulumi.Output[str]
    read_only_policy_arn: pulumi.Output[str]
    target: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Proxy", name, None, opts)
        config, options = args.config, args.config.proxy
        child = pulumi.ResourceOptions(parent=self)
        group = log_group(
            f"{name}-logs",
            pulumi.Output.concat("/aws/rds/proxy/", args.prefix),
            retention_days=config.monitoring.log_retention_days,
            key_arn=args.key_arn,
            parent=self,
        )
        role, policy = self._role(name, args)
        proxy = aws.rds.Proxy(
            f"{name}-proxy",
            name=args.prefix,
            engine_family="MYSQL",
            require_tls=True,
            default_auth_scheme="IAM_AUTH" if args.users.end_to_end else "NONE",
            # client_password_auth_type stays unset: changes to it are not detected, and IAM needs none.
            auths=[
                aws.rds.ProxyAuthArgs(auth_scheme="SECRETS", iam_auth="REQUIRED", secret_arn=arn)
                for arn in (args.cluster.admin_secret_arn, *args.secret_arns)
            ],
            role_arn=role.arn,
            vpc_subnet_ids=list(args.place.proxy_subnet_ids),
            vpc_security_group_ids=[args.security_group_id],
            idle_client_timeout=options.idle_client_timeout_seconds,
            debug_logging=options.debug_logging,
            # The log group is named after the proxy, so the name is fixed, and two cannot be at once.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[group, policy], delete_before_replace=True),
        )
        pool = aws.rds.ProxyDefaultTargetGroup(
            f"{name}-pool",
            db_proxy_name=proxy.name,
            connection_pool_config=aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                max_connections_percent=options.max_connections_percent,
                max_idle_connections_percent=options.max_idle_connections_percent,
                connection_borrow_timeout=options.borrow_timeout_seconds,
                session_pinning_filters=list(options.session_pinning_filters),
                init_query=parameters.init_query(options.init_query),
            ),
            opts=child,
        )
        target = aws.rds.ProxyTarget(
            f"{name}-target",
            db_proxy_name=proxy.name,
            target_group_name=pool.name,
            db_cluster_identifier=args.cluster.identifier,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.target_after)),
        )
        self.name = proxy.name
        self.arn = proxy.arn
        self.endpoint = proxy.endpoint
        self.read_endpoint = pulumi.Output.from_input("")
        self.target = (target,)
        if options.read_endpoint:
            reading = aws.rds.ProxyEndpoint(
                f"{name}-read",
                db_proxy_name=proxy.name,
                db_proxy_endpoint_name=pulumi.Output.concat(args.prefix, "-read"),
                target_role="READ_ONLY",
                vpc_subnet_ids=list(args.place.proxy_subnet_ids),
                vpc_security_group_ids=[args.security_group_id],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[target], delete_before_replace=True),
            )
            self.read_endpoint = reading.endpoint
            self.target = (target, reading)
        self.read_only_policy_arn = aws.iam.Policy(
            f"{name}-read-only",
            name=pulumi.Output.concat(args.prefix, "-read-only"),
            description="Connect to the proxy as the read-only database user",
            policy=proxy.arn.apply(lambda arn: policies.connect_through_proxy(arn, [args.users.read_only])),
            opts=child,
        ).arn
        self.register_outputs({"arn": self.arn, "endpoint": self.endpoint, "readEndpoint": self.read_endpoint})

    def _role(self, name: str, args: ProxyArgs) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=pulumi.Output.concat(args.prefix, "-proxy"),
            assume_role_policy=policies.assume_by("rds.amazonaws.com"),
            opts=child,
        )
        document = pulumi.Output.all(
            secrets=[args.cluster.admin_secret_arn, *args.secret_arns],
            keys=[args.cluster.admin_secret_key_arn, args.key_arn or ""],
            cluster=args.cluster.arn,
            resource=args.cluster.resource_id,
        ).apply(
            lambda found: policies.proxy_access(
                secret_arns=found["secrets"],
                key_arns=sorted({key for key in found["keys"] if key}),
                cluster_arn=found["cluster"],
                cluster_resource_id=found["resource"],
                end_to_end_users=args.users.end_to_end,
            )
        )
        policy = aws.iam.RolePolicy(f"{name}-role", role=role.name, policy=document, opts=child)
        return role, policy
