"""The policy pack: every policy accepts a good resource and names what is wrong with a bad one."""

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi_policy import EnforcementLevel, PolicyResourceOptions, ResourceValidationArgs, ResourceValidationPolicy

from policy.policies import POLICIES

OPTIONS = PolicyResourceOptions(False, [], False, None, [], None, [])  # type: ignore[arg-type]
ARN = "arn:aws:secretsmanager:us-east-1:1:secret:x"
ROLE_POLICY = "iam/rolePolicy:RolePolicy"


def violations(
    resource_type: str,
    properties: dict[str, Any],
    config: dict[str, Any] | None = None,
    policies: Sequence[ResourceValidationPolicy] = POLICIES,
) -> list[str]:
    """The violations that the policies report for one resource."""
    found: list[str] = []

    def report(message: str, urn: str | None = None) -> None:
        found.append(message)

    args = ResourceValidationArgs(f"aws:{resource_type}", properties, "urn", "it", OPTIONS, None, config)
    for policy in policies:
        policy.validate(args, report)
    return found


def document(**statement: Any) -> dict[str, Any]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})}


CLUSTER = {
    "storageEncrypted": True,
    "iamDatabaseAuthenticationEnabled": True,
    "manageMasterUserPassword": True,
    "engineVersion": "8.4.mysql_aurora.8.4.7",
    "serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 2},
}
PARAMETERS = {"family": "aurora-mysql8.4", "parameters": [{"name": "require_secure_transport", "value": "ON"}]}
PROXY = {"requireTls": True, "auths": [{"iamAuth": "REQUIRED", "secretArn": ARN}]}
POOL = {"maxConnectionsPercent": 70, "maxIdleConnectionsPercent": 30, "connectionBorrowTimeout": 5}
FUNCTION = {"vpcConfig": {"subnetIds": ["a"]}, "environment": {"variables": {"AUROREST_DATABASE_HOST": "x"}}}
STAGE = {
    "accessLogSettings": {"destinationArn": "arn"},
    "defaultRouteSettings": {"throttlingRateLimit": 100, "throttlingBurstLimit": 200},
}

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("rds/clusterInstance:ClusterInstance", {"publiclyAccessible": False}),
    ("rds/cluster:Cluster", CLUSTER),
    ("rds/clusterParameterGroup:ClusterParameterGroup", PARAMETERS),
    ("rds/clusterParameterGroup:ClusterParameterGroup", {"family": "aurora-postgresql16"}),
    ("rds/proxy:Proxy", PROXY),
    ("rds/proxy:Proxy", {"requireTls": True, "defaultAuthScheme": "IAM_AUTH"}),
    ("rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", {"connectionPoolConfig": POOL}),
    ("vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"referencedSecurityGroupId": "sg-1"}),
    ("ec2/securityGroup:SecurityGroup", {"ingress": [{"cidrBlocks": ["10.0.0.0/16"]}]}),
    ("ec2/subnet:Subnet", {"cidrBlock": "10.0.0.0/26"}),
    (ROLE_POLICY, document(Action=["secretsmanager:GetSecretValue"], Resource=[ARN])),
    (ROLE_POLICY, document(Action="xray:PutTraceSegments", Resource="*")),
    (ROLE_POLICY, document(Effect="Deny", Action="*", Resource="*")),
    ("iam/role:Role", {"assumeRolePolicy": document(Principal={"Service": "rds.amazonaws.com"})["policy"]}),
    ("lambda/function:Function", FUNCTION),
    ("lambda/permission:Permission", {"principal": "apigateway.amazonaws.com", "sourceArn": "arn"}),
    ("lambda/functionUrl:FunctionUrl", {"authorizationType": "AWS_IAM"}),
    ("apigatewayv2/route:Route", {"routeKey": "$default", "authorizationType": "JWT"}),
    ("apigatewayv2/route:Route", {"routeKey": "GET /docs", "authorizationType": "NONE"}),
    ("apigatewayv2/stage:Stage", STAGE),
    ("cloudwatch/logGroup:LogGroup", {"retentionInDays": 30}),
    ("kms/key:Key", {"enableKeyRotation": True}),
    ("secretsmanager/secretPolicy:SecretPolicy", document(Principal={"AWS": "arn:aws:iam::1:root"})),
    ("s3/bucket:Bucket", {"acl": "public-read"}),
]

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("rds/clusterInstance:ClusterInstance", {"publiclyAccessible": True}, "publiclyAccessible must be false"),
    ("rds/cluster:Cluster", CLUSTER | {"storageEncrypted": False}, "storageEncrypted must be true"),
    ("rds/cluster:Cluster", CLUSTER | {"iamDatabaseAuthenticationEnabled": None}, "iamDatabaseAuthenticationEnabled"),
    ("rds/cluster:Cluster", CLUSTER | {"masterPassword": "x"}, "masterPassword would be in the state"),
    ("rds/cluster:Cluster", CLUSTER | {"availabilityZones": ["a"]}, "availabilityZones must not be set"),
    ("rds/cluster:Cluster", CLUSTER | {"engineVersion": "5.7.mysql_aurora.2.11.1"}, "out of support"),
    ("rds/cluster:Cluster", CLUSTER | {"serverlessv2ScalingConfiguration": {"minCapacity": 0}}, "minCapacity 0"),
    ("rds/clusterParameterGroup:ClusterParameterGroup", PARAMETERS | {"parameters": []}, "require_secure_transport"),
    ("rds/proxy:Proxy", PROXY | {"requireTls": False}, "requireTls must be true"),
    ("rds/proxy:Proxy", PROXY | {"auths": []}, "either defaultAuthScheme"),
    ("rds/proxy:Proxy", PROXY | {"auths": [{"iamAuth": "DISABLED"}]}, "auths[0].iamAuth must be REQUIRED"),
    ("rds/proxy:Proxy", PROXY | {"debugLogging": True}, "debugLogging"),
    (
        "rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        {"connectionPoolConfig": POOL | {"maxIdleConnectionsPercent": 80}},
        "maxIdleConnectionsPercent (80) must not be above",
    ),
    (
        "rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        {"connectionPoolConfig": {"maxConnectionsPercent": 70}},
        "connectionBorrowTimeout (120 s)",
    ),
    (
        "rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        {"connectionPoolConfig": POOL | {"sessionPinningFilters": ["EXCLUDE_VARIABLE_SETS"]}},
        "sessionPinningFilters",
    ),
    ("vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"cidrIpv4": "0.0.0.0/0"}, "0.0.0.0/0 is the whole"),
    ("vpc/securityGroupEgressRule:SecurityGroupEgressRule", {"cidrIpv6": "::/0"}, "::/0 is the whole"),
    ("ec2/securityGroup:SecurityGroup", {"egress": [{"cidrBlocks": ["0.0.0.0/0"]}]}, "0.0.0.0/0 is the whole"),
    ("ec2/securityGroupRule:SecurityGroupRule", {"ipv6CidrBlocks": ["::/0"]}, "::/0 is the whole"),
    ("ec2/subnet:Subnet", {"mapPublicIpOnLaunch": True}, "mapPublicIpOnLaunch"),
    ("ec2/internetGateway:InternetGateway", {"vpcId": "x"}, "no gateway to the internet"),
    ("ec2/natGateway:NatGateway", {"vpcId": "x"}, "no gateway to the internet"),
    (ROLE_POLICY, document(Action="*", Resource=ARN), "the action * must be spelt out"),
    (ROLE_POLICY, document(Action=["s3:*"], Resource=ARN), "the action s3:* must be spelt out"),
    (ROLE_POLICY, document(Action="s3:GetObject", Resource="*"), "s3:GetObject must be allowed on named resources"),
    (ROLE_POLICY, document(NotAction="s3:GetObject", Resource=ARN), "NotAction and NotResource"),
    ("iam/role:Role", {"inlinePolicies": [document(Action="*", Resource=ARN)]}, "the action * must be spelt out"),
    ("iam/role:Role", {"assumeRolePolicy": document(Principal={"AWS": "*"})["policy"]}, "anyone may take this role"),
    (
        "lambda/function:Function",
        FUNCTION | {"environment": {"variables": {"db_password": "x"}}},
        "looks like a secret",
    ),
    ("lambda/function:Function", FUNCTION | {"vpcConfig": None}, "vpcConfig must name"),
    ("lambda/permission:Permission", {"principal": "*"}, "anyone may call"),
    ("lambda/permission:Permission", {"principal": "apigateway.amazonaws.com"}, "sourceArn must name"),
    ("lambda/functionUrl:FunctionUrl", {"authorizationType": "NONE"}, "must be AWS_IAM"),
    ("apigatewayv2/route:Route", {"routeKey": "$default"}, "$default needs authorization"),
    ("apigatewayv2/stage:Stage", STAGE | {"accessLogSettings": None}, "accessLogSettings"),
    ("apigatewayv2/stage:Stage", STAGE | {"defaultRouteSettings": None}, "throttlingRateLimit"),
    ("cloudwatch/logGroup:LogGroup", {"retentionInDays": 0}, "retentionInDays must be set"),
    ("kms/key:Key", {}, "enableKeyRotation must be true"),
    ("secretsmanager/secretPolicy:SecretPolicy", document(Principal="*"), "anyone may read this secret"),
]


@pytest.mark.parametrize("resource_type, properties", GOOD)
def test_a_good_resource_passes(resource_type: str, properties: dict[str, Any]) -> None:
    assert violations(resource_type, properties) == []


@pytest.mark.parametrize("resource_type, properties, sentence", BAD)
def test_a_bad_resource_is_named_with_its_fault(resource_type: str, properties: dict[str, Any], sentence: str) -> None:
    (violation,) = violations(resource_type, properties)
    assert violation.startswith("it: ")
    assert sentence in violation


def test_a_public_route_must_be_listed_in_the_configuration() -> None:
    route = {"routeKey": "$default", "authorizationType": "NONE"}
    assert violations("apigatewayv2/route:Route", route, {"publicRoutes": ["$default"]}) == []


def test_every_policy_has_a_case_that_fails_and_one_that_passes() -> None:
    cases = [*GOOD, *((resource_type, properties) for resource_type, properties, _ in BAD)]
    for policy in POLICIES:
        outcomes = {bool(violations(*case, policies=[policy])) for case in cases}
        assert outcomes == {True, False}, policy.name


def test_policies_have_descriptions_and_unique_names() -> None:
    assert len({policy.name for policy in POLICIES}) == len(POLICIES)
    assert all(policy.description.endswith(".") for policy in POLICIES)
    advisory = [policy.name for policy in POLICIES if policy.enforcement_level == EnforcementLevel.ADVISORY]
    assert advisory == ["proxy-does-not-log-statements", "pool-keeps-sessions-apart"]


def test_the_pack_starts_the_way_pulumi_starts_it() -> None:
    pack = subprocess.Popen([sys.executable, "policy"], stdout=subprocess.PIPE, text=True)
    try:
        assert pack.stdout is not None
        # A Pulumi plugin prints the port that it listens on.
        assert 0 < int(pack.stdout.readline()) < 65536
    finally:
        pack.kill()
        pack.communicate()


def test_the_pack_has_a_description_and_pinned_requirements() -> None:
    described = yaml.safe_load(Path("policy/PulumiPolicy.yaml").read_text())
    assert described["runtime"] == {"name": "python", "options": {"virtualenv": ".venv"}}
    pinned = [line for line in Path("policy/requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert pinned == ["pulumi-policy==" + version("pulumi-policy")]
