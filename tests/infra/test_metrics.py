"""Alarms and dashboard ask for metrics under the dimensions that AWS publishes them under."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Any

import pymysql
import pytest

from api.database import database
from infra.dashboard import GRID_WIDTH
from infra.metrics import BORROW_TIMEOUTS
from tests.infra.graph import Graph

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"

PROXY, TARGET = ("ProxyName",), ("ProxyName", "TargetGroup", "TargetRole")
PUBLISHED: dict[tuple[str, str], set[tuple[str, ...]]] = {
    # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.monitoring.html
    ("AWS/RDS", "AvailabilityPercentage"): {TARGET},
    ("AWS/RDS", "ClientConnections"): {PROXY},
    ("AWS/RDS", "ClientConnectionsNoTLS"): {PROXY},
    ("AWS/RDS", "ClientConnectionsSetupFailedAuth"): {PROXY},
    ("AWS/RDS", "DatabaseConnections"): {PROXY, TARGET},
    ("AWS/RDS", "DatabaseConnectionsBorrowLatency"): {PROXY},
    ("AWS/RDS", "DatabaseConnectionsCurrentlyInTransaction"): {PROXY, TARGET},
    ("AWS/RDS", "DatabaseConnectionsCurrentlySessionPinned"): {PROXY, TARGET},
    ("AWS/RDS", "DatabaseConnectionsSetupFailed"): {PROXY, TARGET},
    ("AWS/RDS", "MaxDatabaseConnectionsAllowed"): {PROXY, TARGET},
    # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
    **{
        ("AWS/RDS", name): {("DBClusterIdentifier",)}
        for name in (
            "ACUUtilization",
            "AuroraVolumeBytesLeftTotal",
            "AuroraReplicaLagMaximum",
            "CommitLatency",
            "CPUUtilization",
            "Deadlocks",
            "DMLLatency",
            "SelectLatency",
            "ServerlessDatabaseCapacity",
        )
    },
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    **{
        ("AWS/Lambda", name): {("FunctionName",)}
        for name in ("ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles")
    },
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    **{("AWS/ApiGateway", name): {("ApiId",)} for name in ("4xx", "5xx", "Count", "IntegrationLatency", "Latency")},
}

Seen = tuple[str, str, dict[str, str]]


def alarm_metrics(graph: Graph) -> Iterator[Seen]:
    for alarm in graph.of(ALARM):
        if "metricName" in alarm.inputs:
            yield alarm.inputs["namespace"], alarm.inputs["metricName"], alarm.inputs["dimensions"]
        for query in alarm.inputs.get("metricQueries", []):
            if "metric" in query:
                metric = query["metric"]
                yield metric["namespace"], metric["metricName"], metric["dimensions"]


def widgets(graph: Graph) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        widget for board in graph.of(DASHBOARD) for widget in json.loads(board.inputs["dashboardBody"])["widgets"]
    ]
    return found


def dashboard_metrics(graph: Graph) -> Iterator[Seen]:
    for widget in widgets(graph):
        for row in widget["properties"].get("metrics", []):
            *path, _ = row
            if path:
                yield path[0], path[1], dict(zip(path[2::2], path[3::2], strict=True))


def names(graph: Graph) -> dict[str, set[str]]:
    target = graph.one("aws:rds/proxyTarget:ProxyTarget")
    return {
        "ProxyName": {graph.one("aws:rds/proxy:Proxy").inputs["name"]},
        "TargetGroup": {"default"},
        "TargetRole": {"READ_WRITE"},
        "DBClusterIdentifier": {target.inputs["dbClusterIdentifier"]},
        "FunctionName": {one.inputs["name"] for one in graph.of("aws:lambda/function:Function")},
        "ApiId": {graph.one("aws:lambda/permission:Permission").inputs["sourceArn"].split(":")[5].partition("/")[0]},
    }


def test_every_metric_is_asked_for_under_dimensions_it_is_published_under(graph: Graph) -> None:
    known = names(graph)
    counted = {
        one.inputs["metricTransformation"]["name"]: one.inputs["metricTransformation"]["namespace"]
        for one in graph.of("aws:cloudwatch/logMetricFilter:LogMetricFilter")
    }
    for namespace, name, dimensions in (*alarm_metrics(graph), *dashboard_metrics(graph)):
        if name in counted:
            assert (namespace, dimensions) == (counted[name], {})
            continue
        assert tuple(sorted(dimensions)) in PUBLISHED[namespace, name], name
        assert all(value in known[dimension] for dimension, value in dimensions.items()), name


def test_gauges_of_the_proxy_are_summed_over_one_minute(dev: Graph) -> None:
    for alarm in dev.of(ALARM):
        for query in alarm.inputs.get("metricQueries", []):
            if "metric" in query:
                assert (query["metric"]["period"], query["metric"]["stat"]) == (60, "Sum")


def test_the_migrator_and_the_storage_are_watched(dev: Graph) -> None:
    migrator = dev.one(ALARM, "monitoring-migrator-errors").inputs
    assert migrator["dimensions"] == {"FunctionName": "aurorest-dev-0a1b2c-migrator"}
    storage = dev.one(ALARM, "monitoring-storage").inputs
    assert (storage["threshold"], storage["comparisonOperator"]) == (10 * 2**40, "LessThanThreshold")


@pytest.mark.parametrize(
    "key, threshold",
    [
        ("pinned-sessions", 50),
        ("borrow-latency", 100_000),
        ("connection-share", 80),
        ("authentication-failures", 0),
        ("unencrypted-clients", 0),
        ("capacity", 90),
        ("function-duration", 12_000),
        ("borrow-timeouts", 0),
        ("server-errors", 1),
    ],
)
def test_alarms_ring_where_something_is_wrong(dev: Graph, key: str, threshold: float) -> None:
    alarm = dev.one(ALARM, f"monitoring-{key}").inputs
    assert alarm["threshold"] == threshold
    assert alarm["comparisonOperator"] == "GreaterThanThreshold"
    assert alarm["treatMissingData"] == "notBreaching"
    assert 1 <= alarm["datapointsToAlarm"] <= alarm["evaluationPeriods"]
    assert alarm["alarmDescription"]


def test_a_share_is_computed_without_dividing_by_nothing(dev: Graph) -> None:
    queries = dev.one(ALARM, "-pinned-sessions").inputs["metricQueries"]
    assert [query["returnData"] for query in queries] == [False, False, True]
    assert queries[2]["expression"] == "IF(m2 > 0, 100 * m1 / m2, 0)"


def test_percentiles_are_extended_statistics(dev: Graph) -> None:
    alarm = dev.one(ALARM, "function-duration").inputs
    assert alarm["extendedStatistic"] == "p99"
    assert "statistic" not in alarm


def test_cold_starts_and_borrow_timeouts_are_counted_in_the_functions_log(dev: Graph) -> None:
    filters = dev.of("aws:cloudwatch/logMetricFilter:LogMetricFilter")
    assert {one.inputs["logGroupName"] for one in filters} == {"/aws/lambda/aurorest-dev-0a1b2c-api"}
    assert {one.inputs["metricTransformation"]["name"] for one in filters} == {"ColdStarts", "BorrowTimeouts"}


def test_the_count_of_borrow_timeouts_finds_what_the_api_logs(caplog: pytest.LogCaptureFixture) -> None:
    pattern = re.fullmatch(r'\{ \$\.message = "(.*)" \}', BORROW_TIMEOUTS.pattern)
    assert pattern is not None
    error = pymysql.err.OperationalError(9501, "Timed-out waiting to acquire database connection")
    database._refusal(error)
    other = pymysql.err.OperationalError(1040, "Too many connections")
    database._refusal(other)
    assert [fnmatchcase(record.getMessage(), pattern[1]) for record in caplog.records] == [True, False]


def test_the_dashboard_has_a_row_for_each_part(dev: Graph) -> None:
    headings = [one["properties"]["markdown"] for one in widgets(dev) if one["type"] == "text"]
    assert headings == ["## Proxy", "## Aurora", "## Function", "## API"]
    titles = {one["properties"]["title"] for one in widgets(dev) if one["type"] == "metric"}
    assert {"Borrow latency", "Pinned share", "Capacity", "Cold starts", "Latency", "Duration"} <= titles


def test_an_attached_stack_leaves_the_cluster_to_its_owner(recorded: Callable[[str], Graph]) -> None:
    graph = recorded("attached by identifiers")
    assert "## Aurora" not in [one["properties"].get("markdown") for one in widgets(graph)]
    assert all("DBClusterIdentifier" not in dimensions for _, _, dimensions in alarm_metrics(graph))


def test_widgets_fill_the_grid_without_overlapping(dev: Graph) -> None:
    cells = [
        {(x, y) for x in range(one["x"], one["x"] + one["width"]) for y in range(one["y"], one["y"] + one["height"])}
        for one in widgets(dev)
    ]
    assert all(first.isdisjoint(second) for first, second in combinations(cells, 2))
    assert max(x for cell in cells for x, _ in cell) < GRID_WIDTH
