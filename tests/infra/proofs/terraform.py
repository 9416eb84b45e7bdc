"""A recorded stack as a Terraform plan in JSON, for tools that judge those and know nothing about Pulumi.

pulumi-aws is made from Terraform's AWS provider, so names differ by their form only: `vpcSecurityGroupIds` is
`vpc_security_group_ids`, a list of objects is a repeated block in the singular (`auths` is `auth`), an object is a block
that occurs once. A value that another resource gave is written as a reference as well, which graph checks follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.graph import Graph, Resource

TYPES: Mapping[str, str] = {
    "acm/certificate:Certificate": "aws_acm_certificate",
    "acm/certificateValidation:CertificateValidation": "aws_acm_certificate_validation",
    "apigatewayv2/api:Api": "aws_apigatewayv2_api",
    "apigatewayv2/apiMapping:ApiMapping": "aws_apigatewayv2_api_mapping",
    "apigatewayv2/authorizer:Authorizer": "aws_apigatewayv2_authorizer",
    "apigatewayv2/domainName:DomainName": "aws_apigatewayv2_domain_name",
    "apigatewayv2/integration:Integration": "aws_apigatewayv2_integration",
    "apigatewayv2/route:Route": "aws_apigatewayv2_route",
    "apigatewayv2/stage:Stage": "aws_apigatewayv2_stage",
    "appautoscaling/policy:Policy": "aws_appautoscaling_policy",
    "appautoscaling/target:Target": "aws_appautoscaling_target",
    "cloudwatch/dashboard:Dashboard": "aws_cloudwatch_dashboard",
    "cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
    "cloudwatch/logMetricFilter:LogMetricFilter": "aws_cloudwatch_log_metric_filter",
    "cloudwatch/metricAlarm:MetricAlarm": "aws_cloudwatch_metric_alarm",
    "cognito/userPool:UserPool": "aws_cognito_user_pool",
    "cognito/userPoolClient:UserPoolClient": "aws_cognito_user_pool_client",
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": "aws_default_security_group",
    "ec2/flowLog:FlowLog": "aws_flow_log",
    "ec2/routeTable:RouteTable": "aws_route_table",
    "ec2/routeTableAssociation:RouteTableAssociation": "aws_route_table_association",
    "ec2/securityGroup:SecurityGroup": "aws_security_group",
    "ec2/subnet:Subnet": "aws_subnet",
    "ec2/vpc:Vpc": "aws_vpc",
    "budgets/budget:Budget": "aws_budgets_budget",
    "iam/policy:Policy": "aws_iam_policy",
    "iam/role:Role": "aws_iam_role",
    "iam/rolePolicy:RolePolicy": "aws_iam_role_policy",
    "iam/rolePolicyAttachment:RolePolicyAttachment": "aws_iam_role_policy_attachment",
    "kms/alias:Alias": "aws_kms_alias",
    "kms/key:Key": "aws_kms_key",
    "lambda/alias:Alias": "aws_lambda_alias",
    "lambda/function:Function": "aws_lambda_function",
    "lambda/invocation:Invocation": "aws_lambda_invocation",
    "lambda/permission:Permission": "aws_lambda_permission",
    "rds/cluster:Cluster": "aws_rds_cluster",
    "rds/clusterInstance:ClusterInstance": "aws_rds_cluster_instance",
    "rds/clusterParameterGroup:ClusterParameterGroup": "aws_rds_cluster_parameter_group",
    "rds/proxy:Proxy": "aws_db_proxy",
    "rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": "aws_db_proxy_default_target_group",
    "rds/proxyEndpoint:ProxyEndpoint": "aws_db_proxy_endpoint",
    "rds/proxyTarget:ProxyTarget": "aws_db_proxy_target",
    "rds/subnetGroup:SubnetGroup": "aws_db_subnet_group",
    "route53/record:Record": "aws_route53_record",
    "secretsmanager/secret:Secret": "aws_secretsmanager_secret",
    "secretsmanager/secretVersion:SecretVersion": "aws_secretsmanager_secret_version",
    "sns/topic:Topic": "aws_sns_topic",
    "sns/topicPolicy:TopicPolicy": "aws_sns_topic_policy",
    "sns/topicSubscription:TopicSubscription": "aws_sns_topic_subscription",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": "aws_vpc_security_group_egress_rule",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": "aws_vpc_security_group_ingress_rule",
}

MAPS = frozenset({"tags", "variables", "dimensions", "triggers", "keepers", "input"})
"""Properties whose value is a map and not a block."""
RENAMED = {"code": "filename", "function": "function_name"}
SINGULAR = {
    "aliases": "alias",
    "auths": "auth",
    "metricQueries": "metric_query",
    "parameters": "parameter",
    "routes": "route",
}
"""Blocks that occur several times."""


def plan(graph: Graph) -> dict[str, Any]:
    """The AWS resources of `graph` as `terraform show -json` would print their plan.

    Raises: `KeyError` for a type that `TYPES` does not know.
    """
    made = [resource for resource in graph if resource.custom and resource.type.startswith("aws:")]
    origins = {value: (resource, key) for resource in made for key, value in _given(resource)}
    addresses = [_address(resource) for resource in made]
    values = [_block(resource.inputs) for resource in made]
    planned = [
        {"address": f"{type_}.{name}", "mode": "managed", "type": type_, "name": name, "values": found}
        for (type_, name), found in zip(addresses, values, strict=True)
    ]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": [
            {
                **{key: entry[key] for key in ("address", "mode", "type", "name")},
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {"actions": ["create"], "before": None, "after": entry["values"], "after_unknown": {}},
            }
            for entry in planned
        ],
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        **{key: entry[key] for key in ("address", "mode", "type", "name")},
                        "expressions": dict(_references(resource, origins)),
                    }
                    for entry, resource in zip(planned, made, strict=True)
                ]
            }
        },
    }


def _address(resource: Resource) -> tuple[str, str]:
    return TYPES[resource.type.removeprefix("aws:")], re.sub("[^A-Za-z0-9]", "_", resource.name)


def _given(resource: Resource) -> Iterator[tuple[str, str]]:
    """What others may hold of a resource: its id, ARN and name."""
    yield "id", resource.id
    for key in ("arn", "name", "clusterIdentifier"):
        value = resource.outputs.get(key)
        if isinstance(value, str):
            yield _snake(key), value


def _references(
    resource: Resource, origins: Mapping[str, tuple[Resource, str]]
) -> Iterator[tuple[str, dict[str, list[str]]]]:
    for key, value in resource.inputs.items():
        found: list[str] = []
        for text in _texts(value):
            origin, attribute = origins.get(text, (None, ""))
            if origin is not None and origin is not resource:
                address = ".".join(_address(origin))
                found += [f"{address}.{attribute}", address]
        if found:
            yield _name(key), {"references": found}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _block(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {_name(key): _value(key, value) for key, value in inputs.items() if value is not None}


def _value(key: str, value: Any) -> Any:
    if key == "code":
        return "bundle.zip"
    if isinstance(value, Mapping):
        return dict(value) if key in MAPS else [_block(value)]
    if isinstance(value, list):
        return [_block(item) if isinstance(item, Mapping) else item for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _name(key: str) -> str:
    return SINGULAR.get(key) or RENAMED.get(key) or _snake(key)


def _snake(key: str) -> str:
    """`vpcSecurityGroupIds` -> `vpc_security_group_ids`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda letter: f"_{letter[1].lower()}", key)
