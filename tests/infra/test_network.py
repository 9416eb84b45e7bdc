"""The network: isolated subnets, and one way from function to proxy to database."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime.mocks import MockResourceArgs

from infra.config import ConfigurationError
from infra.preflight import choose_zones
from tests.infra.aws import REGION, AwsAnswers
from tests.infra.combinations import COMBINATIONS
from tests.infra.graph import Graph, record
from tests.infra.reading import EGRESS, INGRESS, PROXY, Recorded, statements


def test_the_vpc_is_divided_into_isolated_subnets_of_two_zones(dev: Graph) -> None:
    subnets = dev.of("aws:ec2/subnet:Subnet")
    assert [(one.inputs["availabilityZone"], one.inputs["cidrBlock"]) for one in subnets] == [
        (f"{REGION}a", "10.20.0.0/24"),
        (f"{REGION}b", "10.20.1.0/24"),
    ]
    assert dev.one("aws:ec2/routeTable:RouteTable").inputs["routes"] == []


def test_zones_that_the_stack_chose_stay_when_the_region_gets_another(dev: Graph, prod: Graph) -> None:
    assert "availabilityZone" in dev.of("aws:ec2/subnet:Subnet")[0].ignore_changes
    assert len(prod.of("aws:ec2/subnet:Subnet")) == 3
    assert choose_zones((), 2, {"b": "euc1-az1", "c": "euc1-az2", "a": "euc1-az9"}, ("b", "c")) == ("b", "c")
    assert choose_zones((), 3, {"b": "euc1-az1", "c": "euc1-az2", "a": "euc1-az9"}, ("b", "c")) == ("b", "c", "a")


def test_zone_ids_are_passed_as_ids(recorded: Recorded) -> None:
    subnets = recorded("restored with everything watched").of("aws:ec2/subnet:Subnet")
    assert [one.inputs["availabilityZoneId"] for one in subnets] == ["euc1-az1", "euc1-az3"]
    assert all("availabilityZone" not in one.inputs for one in subnets)


def test_traffic_flows_from_function_to_proxy_to_database_and_nowhere_else(dev: Graph) -> None:
    ids = {
        name: dev.one("aws:ec2/securityGroup:SecurityGroup", f"access-{name}").name + "-id"
        for name in ("function", "proxy", "database")
    }
    out = {(one.inputs["securityGroupId"], one.inputs["referencedSecurityGroupId"]) for one in dev.of(EGRESS)}
    into = {(one.inputs["referencedSecurityGroupId"], one.inputs["securityGroupId"]) for one in dev.of(INGRESS)}
    assert out == into == {(ids["function"], ids["proxy"]), (ids["proxy"], ids["database"])}
    for rule in (*dev.of(EGRESS), *dev.of(INGRESS)):
        assert (rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"]) == ("tcp", 3306, 3306)
        assert rule.inputs["description"]


def test_flow_logs_may_find_and_write_their_group(prod: Graph) -> None:
    # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    policy = prod.one("aws:iam/rolePolicy:RolePolicy", "network-flows")
    actions = {action for one in statements(policy) for action in one["Action"] if len(action) > 1}
    assert {"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"} <= actions
    assert statements(policy)[1]["Action"] == "logs:DescribeLogGroups"


def test_an_existing_vpc_is_used_as_it_is(recorded: Recorded) -> None:
    graph = recorded("existing VPC")
    wanted = COMBINATIONS["existing VPC"].config
    assert graph.of("aws:ec2/vpc:Vpc") == ()
    subnets = wanted["aurorest:subnetIds"].split(",")
    assert graph.one("aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"] == subnets
    assert graph.one(PROXY).inputs["vpcSubnetIds"] == subnets
    assert all(
        group.inputs["vpcId"] == wanted["aurorest:vpcId"] for group in graph.of("aws:ec2/securityGroup:SecurityGroup")
    )


def test_an_existing_subnet_that_is_too_small_stops_everything() -> None:
    wanted = COMBINATIONS["existing VPC"]
    full = {name: {**facts, "availableIpAddressCount": 3} for name, facts in wanted.subnets.items()}
    with pytest.raises(ConfigurationError, match="with 3 free addresses"):
        record(wanted.config, subnets=full)


def test_a_zone_that_only_aws_knows_to_be_wrong_stops_before_any_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"aurorest:customerManagedKeys": "true", "aurorest:zones": "euc1-az1,euc1-az9"}
    made: list[str] = []
    answer = AwsAnswers.new_resource

    def remember(self: AwsAnswers, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        made.append(args.name)
        return answer(self, args)

    monkeypatch.setattr(AwsAnswers, "new_resource", remember)
    with pytest.raises(ConfigurationError, match="euc1-az9, which this account cannot use"):
        record({"aws:region": REGION, **keys})
    assert made == []
