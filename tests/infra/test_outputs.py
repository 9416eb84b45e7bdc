"""Alarms, outputs, tags and the template: what a stack shows of itself."""

from __future__ import annotations

import json

import pytest

from infra.alarms import alarms
from infra.config import ConfigurationError
from infra.load import load
from tests.infra.aws import ACCOUNT, REGION
from tests.infra.graph import ROOT, Graph, record
from tests.infra.reading import ALARM, CLUSTER, Recorded


def test_there_is_an_alarm_for_each_thing_that_goes_wrong(graph: Graph) -> None:
    names = {one.name.partition("monitoring-")[2] for one in graph.of(ALARM)}
    if names:
        assert {"pinned-sessions", "borrow-latency", "authentication-failures", "connection-share"} <= names
        assert ("capacity" in names) == bool(graph.of(CLUSTER))


def test_alarms_notify_the_configured_address(dev: Graph, recorded: Recorded) -> None:
    graph = recorded("rotated secret with customer managed keys")
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:aurorest-dev-0a1b2c-alarms"
    assert all(one.inputs["alarmActions"] == one.inputs["okActions"] == [topic] for one in graph.of(ALARM))
    subscription = graph.one("aws:sns/topicSubscription:TopicSubscription").inputs
    assert (subscription["protocol"], subscription["endpoint"]) == ("email", "ops@example.com")
    assert graph.one("aws:sns/topic:Topic").inputs["kmsMasterKeyId"].startswith("arn:aws:kms:")
    assert all(one.inputs["alarmActions"] == [] for one in dev.of(ALARM))


def test_the_alarms_are_those_of_the_table(dev: Graph) -> None:
    config = load({}, project="aurorest", stack="dev", region=REGION)
    assert {one.inputs["name"] for one in dev.of(ALARM)} == {
        f"aurorest-dev-0a1b2c-{alarm.key}" for alarm in alarms(config)
    }


def test_nothing_watches_where_nothing_is_wanted(recorded: Recorded) -> None:
    graph = recorded("public with a given certificate")
    assert graph.of(ALARM) == graph.of("aws:cloudwatch/dashboard:Dashboard") == ()
    assert graph.outputs["dashboardUrl"] == ""


def test_the_outputs_say_where_the_api_is_and_how_to_call_it(dev: Graph) -> None:
    url = f"https://a1b2c3d4e5.execute-api.{REGION}.amazonaws.com"
    assert dev.outputs["apiUrl"] == url
    assert dev.outputs["docsUrl"] == f"{url}/docs"
    assert dev.outputs["tablesCommand"].startswith(f"curl --aws-sigv4 aws:amz:{REGION}:execute-api ")
    assert dev.outputs["tablesCommand"].endswith(f"{url}/tables")
    assert dev.outputs["proxyEndpoint"] == f"aurorest-dev-0a1b2c.proxy-abc.{REGION}.rds.amazonaws.com"
    assert dev.outputs["estimatedMonthlyUsd"] > 100


def test_configured_tags_are_on_everything_besides_the_stacks_own(recorded: Recorded) -> None:
    cluster = recorded("existing VPC").one(CLUSTER)
    assert cluster.inputs["tags"] == {
        "Stack": "aurorest-dev-0a1b2c",
        "ManagedBy": "pulumi",
        "Name": "aurorest-dev-0a1b2c-database-cluster",
        "team": "data",
    }


def test_a_key_under_the_projects_own_name_is_refused_with_its_right_place() -> None:
    with pytest.raises(ConfigurationError, match="pulumi config set aurorest:auth"):
        record({"aws:region": REGION, "shop:auth": "jwt"}, project="shop")


def test_the_configuration_is_read_where_the_command_line_puts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"aws:region": REGION, "aurorest:databaseName": "shop"}))
    assert record({}).one(CLUSTER).inputs["databaseName"] == "shop"


def test_the_project_can_have_another_name() -> None:
    graph = record({"aws:region": REGION}, project="shop")
    assert graph.one(CLUSTER).inputs["clusterIdentifier"] == "shop-dev-0a1b2c"


def test_the_template_asks_for_keys_that_exist() -> None:
    import yaml

    from infra.options import KEYS

    template = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["template"]["config"]
    known = {"aws:region", *(f"aurorest:{key.name}" for key in KEYS)}
    assert set(template) <= known
    assert all(value["description"] for value in template.values())
