"""The stack's outputs: for callers of the API, for operators, and for stacks that attach to its cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from infra.cluster import Cluster, Place
from infra.config import StackConfig
from infra.cost import CostEstimate
from infra.gateway import ANONYMOUS_PATH
from infra.users import DatabaseUsers


@dataclass(frozen=True, slots=True)
class Outputs:
    """The parts that the outputs come from. `zones` empty: the subnets were there before."""

    config: StackConfig
    prefix: pulumi.Output[str]
    cost: CostEstimate
    url: pulumi.Output[str]
    domain_target: pulumi.Output[str] | None
    proxy_endpoint: pulumi.Output[str]
    proxy_read_endpoint: pulumi.Output[str]
    read_only_policy_arn: pulumi.Output[str]
    function_group_id: pulumi.Output[str]
    proxy_group_id: pulumi.Output[str]
    dashboard_url: pulumi.Output[str]
    jwt_issuer: pulumi.Input[str]
    jwt_audience: Sequence[pulumi.Input[str]]
    place: Place
    database_group_id: pulumi.Output[str]
    cluster: Cluster
    users: DatabaseUsers
    zones: Sequence[str]
    key_arn: pulumi.Output[str] | None


def export(found: Outputs) -> None:
    """Export them all. Nothing here is secret: the passwords stay in Secrets Manager."""
    config, cluster = found.config, found.cluster
    for name, value in {
        "apiUrl": found.url,
        "namePrefix": found.prefix,
        "anonymousUrl": anonymous_url(found.url, config),
        "docsUrl": pulumi.Output.concat(found.url, "/docs") if config.front.docs else "",
        "tablesCommand": found.url.apply(lambda url: tables_command(url, config.front.auth, config.region)),
        "domainTarget": found.domain_target or "",
        "proxyEndpoint": found.proxy_endpoint,
        "proxyReadEndpoint": found.proxy_read_endpoint,
        "readOnlyUser": config.users.read_only,
        "readOnlyPolicyArn": found.read_only_policy_arn,
        "functionSecurityGroupId": found.function_group_id,
        "proxySecurityGroupId": found.proxy_group_id,
        "functionLogGroup": pulumi.Output.concat("/aws/lambda/", found.prefix, "-api"),
        "migratorLogGroup": pulumi.Output.concat("/aws/lambda/", found.prefix, "-migrator"),
        "proxyLogGroup": pulumi.Output.concat("/aws/rds/proxy/", found.prefix),
        "accessLogGroup": pulumi.Output.concat("/aws/vendedlogs/", found.prefix, "/access"),
        "dashboardUrl": found.dashboard_url,
        "jwtIssuer": found.jwt_issuer,
        "jwtAudience": list(found.jwt_audience),
        "estimatedMonthlyCost": found.cost.summary,
        "estimatedMonthlyUsd": found.cost.total,
        "zones": list(found.zones),
        "vpcId": found.place.vpc_id,
        "subnetIds": list(found.place.subnet_ids),
        "databaseSecurityGroupId": found.database_group_id,
        "clusterIdentifier": cluster.identifier,
        "clusterArn": cluster.arn,
        "clusterResourceId": cluster.resource_id,
        "clusterEndpoint": cluster.endpoint,
        "adminUser": cluster.admin_user,
        "adminSecretArn": cluster.admin_secret_arn,
        "adminSecretKeyArn": cluster.admin_secret_key_arn,
        "encryptionKeyArn": found.key_arn or "",
        "databaseUsers": found.users.output(),
        "readers": config.database.readers,
        "otherShares": dict(config.proxy.other_shares),
    }.items():
        pulumi.export(name, value)


def anonymous_url(url: pulumi.Output[str], config: StackConfig) -> pulumi.Input[str]:
    """Where callers without a token go; empty if they have no role."""
    if config.anonymous_route:
        return pulumi.Output.concat(url, ANONYMOUS_PATH)
    return url if config.roles.anonymous else ""


def tables_command(url: str, auth: str, region: str) -> str:
    """A command that lists the tables.

    >>> tables_command("https://x", "none", "eu-central-1")
    'curl https://x/tables'
    """
    if auth == "iam":
        return (
            f"curl --aws-sigv4 aws:amz:{region}:execute-api --user $AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY "
            f'--header "x-amz-security-token: $AWS_SESSION_TOKEN" {url}/tables'
        )
    if auth == "jwt":
        return f'curl --header "authorization: Bearer $TOKEN" {url}/tables'
    return f"curl {url}/tables"
