"""The estimate counts what the recorded stack holds."""

import re

import pytest

from infra.cost import CostEstimate, estimate
from infra.load import load
from tests.infra.aws import REGION
from tests.infra.combinations import COMBINATIONS
from tests.infra.graph import Graph


def counted(found: CostEstimate, name: str) -> int:
    """The number that a line's explanation begins with; 0 without the line."""
    details = [line.detail for line in found.lines if line.name == name]
    return int(re.match(r"\d+", details[0])[0]) if details else 0  # type: ignore[index]


def test_everything_that_costs_by_the_piece_is_counted(graph: Graph, request: pytest.FixtureRequest) -> None:
    wanted = COMBINATIONS[request.node.callspec.params["graph"]]
    values = {key.removeprefix("aurorest:"): value for key, value in wanted.config.items() if key != "aws:region"}
    found = estimate(load(values, project="aurorest", stack=wanted.stack, region=REGION))
    watched = sum(
        max(1, sum("metric" in query for query in alarm.inputs.get("metricQueries") or ()))
        for alarm in graph.of("aws:cloudwatch/metricAlarm:MetricAlarm")
    )
    admin_secret = len(graph.of("aws:rds/cluster:Cluster"))
    assert {
        "Aurora Serverless v2": counted(found, "Aurora Serverless v2"),
        "Secrets Manager": counted(found, "Secrets Manager"),
        "KMS": counted(found, "KMS"),
        "CloudWatch dashboard": counted(found, "CloudWatch dashboard"),
        "CloudWatch alarms": counted(found, "CloudWatch alarms"),
        "CloudWatch metrics": counted(found, "CloudWatch metrics"),
    } == {
        "Aurora Serverless v2": sum(
            one.inputs["instanceClass"] == "db.serverless"
            for one in graph.of("aws:rds/clusterInstance:ClusterInstance")
        ),
        "Secrets Manager": len(graph.of("aws:secretsmanager/secret:Secret")) + admin_secret,
        "KMS": len(graph.of("aws:kms/key:Key")),
        "CloudWatch dashboard": len(graph.of("aws:cloudwatch/dashboard:Dashboard")),
        "CloudWatch alarms": watched,
        "CloudWatch metrics": len(graph.of("aws:cloudwatch/logMetricFilter:LogMetricFilter")),
    }
    assert len(graph.of("aws:rds/proxy:Proxy")) == 1
