"""Types of the recorded resources, and what is read from them again and again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.infra.graph import Graph, Resource

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
PROXY = "aws:rds/proxy:Proxy"
POOL = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"
TARGET = "aws:rds/proxyTarget:ProxyTarget"
FUNCTION = "aws:lambda/function:Function"
INVOCATION = "aws:lambda/invocation:Invocation"
ROUTE = "aws:apigatewayv2/route:Route"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SECRET = "aws:secretsmanager/secret:Secret"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

Recorded = Callable[[str], Graph]


def api_function(graph: Graph) -> Resource:
    """The API's function."""
    return graph.one(FUNCTION, "function-function")


def environment(function: Resource) -> dict[str, str]:
    """A function's environment variables."""
    variables: dict[str, str] = function.inputs["environment"]["variables"]
    return variables


def statements(policy: Resource) -> list[dict[str, Any]]:
    """The statements of a role policy."""
    found: list[dict[str, Any]] = json.loads(policy.inputs["policy"])["Statement"]
    return found


def event(graph: Graph) -> dict[str, Any]:
    """The migrator's event."""
    told: dict[str, Any] = json.loads(graph.one(INVOCATION).inputs["input"])
    return told


FIXED_NAMES = {"$default", "live", "default", "jwt"}
PHYSICAL_NAMES = ("name", "clusterIdentifier", "identifier", "dbProxyEndpointName", "dashboardName", "bucket")
REFERENCES = {
    # Names in these are another resource's, or one that is unique only inside its parent.
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:route53/record:Record",
    "pulumi:pulumi:StackReference",
}


def physical_names(graph: Graph) -> set[tuple[str, str]]:
    """Type and name of everything that AWS identifies by its name."""
    return {
        (resource.type, resource.inputs[name])
        for resource in graph
        if resource.custom and resource.type not in REFERENCES
        for name in PHYSICAL_NAMES
        if name in resource.inputs and resource.inputs[name] not in FIXED_NAMES
    }
