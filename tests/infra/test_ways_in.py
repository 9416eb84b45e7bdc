"""Ways in for people, reports and long migrations; provisioned instances; the budget."""

from __future__ import annotations

import json

from infra.cost import estimate
from infra.load import load
from tests.infra.aws import ACCOUNT, REGION
from tests.infra.graph import Graph
from tests.infra.reading import ALARM, CLUSTER, FUNCTION, GROUP, INGRESS, INSTANCE, Recorded

NAME = "provisioned with a way in and a budget"


def test_the_outputs_name_the_groups_and_logs_that_a_recipe_needs(graph: Graph) -> None:
    functions = graph.of(FUNCTION)
    group = graph.outputs["functionSecurityGroupId"]
    assert all(one.inputs["vpcConfig"]["securityGroupIds"] == [group] for one in functions)
    assert graph.one("aws:rds/proxy:Proxy").inputs["vpcSecurityGroupIds"] == [graph.outputs["proxySecurityGroupId"]]
    names = {one.inputs["name"] for one in graph.of(GROUP)}
    assert {
        graph.outputs[key] for key in ("functionLogGroup", "migratorLogGroup", "proxyLogGroup", "accessLogGroup")
    } <= names


def test_people_may_connect_to_the_proxy_as_the_read_only_user_and_nobody_else(dev: Graph) -> None:
    policy = dev.one("aws:iam/policy:Policy")
    assert dev.outputs["readOnlyPolicyArn"] == policy.outputs["arn"]
    assert json.loads(policy.inputs["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "rds-db:connect",
            "Resource": [f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:prx-0123456789abcdef0/aurorest_read"],
        }
    ]


def test_configured_groups_reach_the_proxy_and_nothing_else(recorded: Recorded) -> None:
    graph = recorded(NAME)
    rules = [one.inputs for one in graph.of(INGRESS) if one.inputs["referencedSecurityGroupId"].startswith("sg-0c")]
    assert [one["securityGroupId"] for one in rules] == [graph.outputs["proxySecurityGroupId"]]
    assert (rules[0]["fromPort"], rules[0]["toPort"]) == (3306, 3306)


def test_the_data_api_is_on_if_configured(dev: Graph, recorded: Recorded) -> None:
    assert recorded(NAME).one(CLUSTER).inputs["enableHttpEndpoint"] is True
    assert dev.one(CLUSTER).inputs["enableHttpEndpoint"] is False


def test_provisioned_instances_have_their_class_and_no_capacity_units(recorded: Recorded) -> None:
    graph = recorded(NAME)
    assert [one.inputs["instanceClass"] for one in graph.of(INSTANCE)] == ["db.r8g.large"]
    assert "serverlessv2ScalingConfiguration" not in graph.one(CLUSTER).inputs
    assert graph.one(ALARM, "monitoring-capacity").inputs["metricName"] == "CPUUtilization"
    found = estimate(load({"instanceClass": "db.r8g.2xlarge"}, project="shop", stack="x", region="us-east-1"))
    assert "without the instances" in found.summary
    assert {line.name: line.monthly_usd for line in found.lines}["RDS Proxy"] == round(8 * 0.015 * 730, 2)


def test_a_budget_counts_what_has_the_stacks_tag_and_writes_before_it_is_spent(dev: Graph, recorded: Recorded) -> None:
    budget = recorded(NAME).one("aws:budgets/budget:Budget").inputs
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("300", "USD", "MONTHLY")
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:Stack$aurorest-dev-0a1b2c"]}]
    assert [(one["threshold"], one["notificationType"]) for one in budget["notifications"]] == [
        (80, "ACTUAL"),
        (100, "FORECASTED"),
    ]
    assert {tuple(one["subscriberEmailAddresses"]) for one in budget["notifications"]} == {("ops@example.com",)}
    assert dev.of("aws:budgets/budget:Budget") == ()
