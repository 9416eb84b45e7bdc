"""What is true of every stack, whatever its options: checked on the whole graph of each combination."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.policies import WITHOUT_RESOURCE
from tests.infra.combinations import COMBINATIONS
from tests.infra.graph import Graph, Resource, record
from tests.infra.reading import physical_names

GROUP = "aws:cloudwatch/logGroup:LogGroup"
KEY = "aws:kms/key:Key"
FUNCTION = "aws:lambda/function:Function"

UNTAGGED = {
    # What AWS has no tags for, or what takes them from what it belongs to.
    "aws:apigatewayv2/apiMapping:ApiMapping",
    "aws:apigatewayv2/authorizer:Authorizer",
    "aws:apigatewayv2/integration:Integration",
    "aws:apigatewayv2/route:Route",
    "aws:acm/certificateValidation:CertificateValidation",
    "aws:appautoscaling/policy:Policy",
    "aws:cloudwatch/dashboard:Dashboard",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    "aws:cognito/userPoolClient:UserPoolClient",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:kms/alias:Alias",
    "aws:lambda/alias:Alias",
    "aws:lambda/invocation:Invocation",
    "aws:lambda/permission:Permission",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    "aws:rds/proxyTarget:ProxyTarget",
    "aws:route53/record:Record",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
}


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in `value` with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from texts(item, f"{path}[{number}]")


def policies(graph: Graph) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Every statement of every policy document, with the resource that holds it."""
    for resource in graph:
        for name in ("policy", "assumeRolePolicy"):
            if isinstance(resource.inputs.get(name), str):
                for statement in json.loads(resource.inputs[name])["Statement"]:
                    yield resource, statement


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def test_nothing_has_a_public_address(graph: Graph) -> None:
    for resource in graph:
        assert not re.search(r"InternetGateway|NatGateway|Eip|FunctionUrl|PeeringConnection", resource.type)
        assert resource.inputs.get("mapPublicIpOnLaunch") in {None, False}
        assert resource.inputs.get("publiclyAccessible") in {None, False}
    assert all(one.inputs["publiclyAccessible"] is False for one in graph.of("aws:rds/clusterInstance:ClusterInstance"))


def test_no_rule_admits_every_address(graph: Graph) -> None:
    for resource in graph:
        assert [text for _, text in texts(resource.inputs) if text in {"0.0.0.0/0", "::/0"}] == [], resource.name
    for table in graph.of("aws:ec2/routeTable:RouteTable"):
        assert table.inputs["routes"] == []
    for group in graph.of("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"):
        assert group.inputs["ingress"] == group.inputs["egress"] == []


def test_every_rule_names_the_group_at_its_other_end(graph: Graph) -> None:
    rules = [one for one in graph if one.type.startswith("aws:vpc/securityGroup")]
    assert len(rules) >= 4
    for rule in rules:
        assert rule.inputs["referencedSecurityGroupId"]
        assert not {"cidrIpv4", "cidrIpv6", "prefixListId"} & set(rule.inputs)


def test_no_policy_has_a_wildcard_for_an_action_or_a_resource(graph: Graph) -> None:
    for resource, statement in policies(graph):
        assert not any("*" in action for action in listed(statement["Action"])), resource.name
        if resource.type == KEY:
            continue  # there `*` means the key itself, and KMS takes nothing else
        if set(listed(statement["Action"])) <= set(WITHOUT_RESOURCE):
            continue
        for target in listed(statement.get("Resource", [])):
            assert target != "*", resource.name
            assert target.count(":") >= 5, resource.name


def test_every_right_to_connect_names_one_user_of_one_proxy_or_cluster(graph: Graph) -> None:
    granted = [
        target
        for _, statement in policies(graph)
        if "rds-db:connect" in listed(statement["Action"])
        for target in listed(statement["Resource"])
    ]
    assert granted
    for target in granted:
        assert re.fullmatch(r"arn:aws:rds-db:eu-central-1:[0-9]{12}:dbuser:(prx|cluster)-\w+/[\w.-]+", target)


def test_every_role_trusts_one_service_and_rds_without_global_conditions(graph: Graph) -> None:
    for role in graph.of("aws:iam/role:Role"):
        [statement] = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert list(statement["Principal"]) == ["Service"]
        assert "Condition" not in statement  # RDS Proxy does not support them


def test_tls_and_iam_are_required_on_the_whole_way(graph: Graph) -> None:
    proxy = graph.one("aws:rds/proxy:Proxy").inputs
    assert proxy["requireTls"] is True
    assert all(auth["iamAuth"] == "REQUIRED" for auth in proxy["auths"])
    for group in graph.of("aws:rds/clusterParameterGroup:ClusterParameterGroup"):
        values = {one["name"]: one["value"] for one in group.inputs["parameters"]}
        assert values["require_secure_transport"] == "ON"
    for domain in graph.of("aws:apigatewayv2/domainName:DomainName"):
        assert domain.inputs["domainNameConfiguration"]["securityPolicy"] == "TLS_1_2"


def test_data_at_rest_is_encrypted_with_the_stacks_key_if_it_has_one(graph: Graph) -> None:
    assert all(one.inputs["storageEncrypted"] is True for one in graph.of("aws:rds/cluster:Cluster"))
    keys = graph.of(KEY)
    for type_, name in (
        ("aws:rds/cluster:Cluster", "kmsKeyId"),
        ("aws:rds/cluster:Cluster", "masterUserSecretKmsKeyId"),
        ("aws:rds/cluster:Cluster", "performanceInsightsKmsKeyId"),
        ("aws:rds/clusterInstance:ClusterInstance", "performanceInsightsKmsKeyId"),
        ("aws:secretsmanager/secret:Secret", "kmsKeyId"),
        (GROUP, "kmsKeyId"),
        (FUNCTION, "kmsKeyArn"),
        ("aws:sns/topic:Topic", "kmsMasterKeyId"),
    ):
        for resource in graph.of(type_):
            assert resource.inputs.get(name) == (keys[0].outputs["arn"] if keys else None), resource.name
    assert all(key.inputs["enableKeyRotation"] is True for key in keys)


def test_the_key_lets_every_log_group_of_the_stack_use_it(recorded: Callable[[str], Graph]) -> None:
    graph = recorded("prod")
    [statement] = [
        one for _, one in policies(graph) if one.get("Principal") == {"Service": "logs.eu-central-1.amazonaws.com"}
    ]
    allowed = statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    for group in graph.of(GROUP):
        arn = group.outputs["arn"]
        assert any(re.fullmatch(re.escape(one).replace(r"\*", ".*"), arn) for one in allowed), arn


def test_every_log_group_is_bounded(graph: Graph) -> None:
    days = {group.inputs["retentionInDays"] for group in graph.of(GROUP)}
    assert len(days) == 1
    assert days.pop() in {7, 30, 365}


def test_whatever_writes_logs_has_a_group_made_before_it(graph: Graph) -> None:
    groups = {group.inputs["name"]: group.urn for group in graph.of(GROUP)}
    writers: list[tuple[Resource, str]] = [
        (one, f"/aws/rds/proxy/{one.inputs['name']}") for one in graph.of("aws:rds/proxy:Proxy")
    ]
    writers += [(one, one.inputs["loggingConfig"]["logGroup"]) for one in graph.of(FUNCTION)]
    writers += [
        (one, f"/aws/rds/cluster/{one.inputs['clusterIdentifier']}/{export}")
        for one in graph.of("aws:rds/cluster:Cluster")
        for export in one.inputs["enabledCloudwatchLogsExports"]
    ]
    for writer, name in writers:
        assert groups[name] in graph.after(writer), f"{writer.name} may write to {name} before it is bounded"
    arns = {group.outputs["arn"] for group in graph.of(GROUP)}
    assert {
        one.inputs["accessLogSettings"]["destinationArn"] for one in graph.of("aws:apigatewayv2/stage:Stage")
    } <= arns
    assert {one.inputs["logDestination"] for one in graph.of("aws:ec2/flowLog:FlowLog")} <= arns


def test_timeouts_are_nested_so_that_the_innermost_gives_up_first(graph: Graph) -> None:
    pool = graph.one("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup").inputs["connectionPoolConfig"]
    function = graph.one(FUNCTION, "function-function").inputs
    variables = function["environment"]["variables"]
    api = graph.one("aws:apigatewayv2/integration:Integration").inputs["timeoutMilliseconds"]
    read = int(variables["AUROREST_READ_TIMEOUT_SECONDS"])
    assert pool["connectionBorrowTimeout"] < read < function["timeout"] < api / 1000 <= 30
    assert int(variables["AUROREST_STATEMENT_TIMEOUT_MS"]) < read * 1000
    assert int(variables["AUROREST_WRITE_TIMEOUT_SECONDS"]) < function["timeout"]
    assert int(variables["AUROREST_CONNECT_TIMEOUT_SECONDS"]) < function["timeout"]


def test_a_proxy_never_takes_more_than_its_share(graph: Graph) -> None:
    pool = graph.one("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup").inputs["connectionPoolConfig"]
    assert 0 <= pool["maxIdleConnectionsPercent"] <= pool["maxConnectionsPercent"] <= 90


@pytest.mark.parametrize("name", COMBINATIONS)
def test_only_the_configured_routes_are_public(recorded: Callable[[str], Graph], name: str) -> None:
    config = COMBINATIONS[name].config
    routes = recorded(name).of("aws:apigatewayv2/route:Route")
    public = {one.inputs["routeKey"] for one in routes if one.inputs["authorizationType"] == "NONE"}
    docs = {"GET /docs", "GET /docs/{proxy+}", "GET /openapi.json"}
    everything = {"$default"} if config.get("aurorest:auth") == "none" else set()
    anonymous = {"ANY /anonymous/{proxy+}"} if "aurorest:anonymousRole" in config else set()
    browse = {"GET /browse", "GET /browse/{proxy+}"} if config.get("aurorest:browse") == "true" else set()
    assert public == everything | anonymous | browse | (docs if config.get("aurorest:publicDocs") == "true" else set())


def test_no_secret_is_in_plain_inputs_or_outputs(graph: Graph) -> None:
    for resource in graph:
        for path, text in texts(resource.inputs):
            if "password-of-" in text:
                assert any(path.startswith(secret) for secret in resource.secrets), f"{resource.name}: {path}"
    assert "password-of-" not in json.dumps(graph.outputs)
    assert "password-of-" not in json.dumps(dict(graph.registered))
    assert graph.secret_outputs == frozenset()


def test_no_password_is_in_an_environment(graph: Graph) -> None:
    for function in graph.of(FUNCTION):
        for name, value in function.inputs["environment"]["variables"].items():
            assert "PASSWORD" not in name
            assert "password" not in value
            assert "arn:aws:secretsmanager" not in value


def test_every_resource_belongs_to_a_component_that_registered_its_outputs(graph: Graph) -> None:
    components = {one.urn for one in graph if not one.custom}
    for resource in graph:
        if resource.custom and resource.type != "pulumi:pulumi:StackReference":
            assert resource.parent in components, resource.name
        if not resource.custom:
            assert resource.type.startswith("aurorest:infra:")
            assert "pulumi:pulumi:Stack::" in resource.parent
            assert resource.urn in graph.registered, resource.name


def test_everything_that_can_be_tagged_is(graph: Graph) -> None:
    for resource in graph:
        if not resource.type.startswith("aws:"):
            continue
        tags = resource.inputs.get("tags")
        assert (tags is None) == (resource.type in UNTAGGED), resource.type
        if tags is not None:
            assert tags["ManagedBy"] == "pulumi"
            assert tags["Stack"] == graph.outputs["namePrefix"]
            assert tags["Name"] == f"{graph.outputs['namePrefix']}-{resource.name}"


@pytest.mark.parametrize("name", COMBINATIONS)
def test_a_second_run_gives_the_identical_graph(recorded: Callable[[str], Graph], name: str) -> None:
    wanted = COMBINATIONS[name]
    again = record(wanted.config, stack=wanted.stack, references=wanted.references, subnets=wanted.subnets)
    assert again == recorded(name)


@pytest.mark.parametrize("name", COMBINATIONS)
def test_the_first_preview_needs_nothing_that_only_a_deployment_knows(
    recorded: Callable[[str], Graph], name: str
) -> None:
    wanted = COMBINATIONS[name]
    previewed = record(
        wanted.config, stack=wanted.stack, references=wanted.references, subnets=wanted.subnets, preview=True
    )
    assert [one.urn for one in previewed] == [one.urn for one in recorded(name)]


STATEFUL = {
    # Another logical name would replace the resource and lose what it holds; it would need an alias.
    "aws:ec2/vpc:Vpc": {"network-vpc"},
    "aws:ec2/subnet:Subnet": {"network-isolated-1", "network-isolated-2", "network-isolated-3"},
    "aws:kms/key:Key": {"encryption-key"},
    "aws:rds/cluster:Cluster": {"database-cluster"},
    "aws:rds/clusterInstance:ClusterInstance": {"database-instance-0", "database-instance-1"},
    "aws:rds/proxy:Proxy": {"proxy-proxy"},
    "aws:secretsmanager/secret:Secret": {"secrets-application", "secrets-read-only"},
    "random:index/randomPassword:RandomPassword": {"secrets-application", "secrets-read-only"},
}


def test_what_holds_data_keeps_its_name(prod: Graph) -> None:
    for type_, names in STATEFUL.items():
        assert {one.name for one in prod.of(type_)} == names


@pytest.mark.parametrize("name", COMBINATIONS)
def test_names_survive_a_second_stack_in_the_same_account(recorded: Callable[[str], Graph], name: str) -> None:
    wanted = COMBINATIONS[name]
    references = {one: {**outputs, "otherShares": {"aurorest-other": 40}} for one, outputs in wanted.references.items()}
    other = record(wanted.config, stack="other", references=references, subnets=wanted.subnets)
    names = physical_names(recorded(name))
    assert names
    assert names & physical_names(other) == set()


def test_names_are_ones_that_rds_takes(graph: Graph) -> None:
    for resource in graph:
        for name in ("clusterIdentifier", "dbProxyEndpointName"):
            if resource.custom and name in resource.inputs:
                assert re.fullmatch(r"[a-z](-?[a-z0-9]){0,62}", resource.inputs[name])
        # A prefix has 39 characters at most: the full name, which may have 32, and the random end.
        rest = len(resource.inputs.get("name", "")) - len(graph.outputs["namePrefix"])
        if resource.type in {"aws:iam/role:Role", FUNCTION}:
            assert rest <= 64 - 39
