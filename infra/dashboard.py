"""The body of the CloudWatch dashboard: four rows of charts, from the database's door outwards. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra import metrics
from infra.metrics import Metric, Names

GRID_WIDTH = 24
_CHART_WIDTH, _CHART_HEIGHT, _HEADING_HEIGHT = 6, 6, 1


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart. `expression` computes over the ids of the other lines; hidden lines only feed it."""

    label: str
    metric: Metric | None = None
    statistic: str = "Sum"
    id: str = ""
    expression: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and its lines. `unit` labels the axis."""

    title: str
    unit: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the charts under it."""

    title: str
    charts: tuple[Chart, ...]


def sections(*, with_cluster: bool) -> tuple[Section, ...]:
    """What the dashboard shows; the cluster only where the stack owns it."""
    return (_proxy_section(), *((_cluster_section(),) if with_cluster else ()), _function_section(), _api_section())


def dashboard_body(names: Names, region: str, *, with_cluster: bool) -> dict[str, object]:
    """The body in CloudWatch's form: widgets on a grid of 24 columns, each with `x`, `y`, `width` and `height`."""
    widgets: list[dict[str, object]] = []
    y = 0
    for section in sections(with_cluster=with_cluster):
        heading = {"markdown": f"## {section.title}"}
        widgets.append(
            {"type": "text", "x": 0, "y": y, "width": GRID_WIDTH, "height": _HEADING_HEIGHT, "properties": heading}
        )
        y += _HEADING_HEIGHT
        for number, chart in enumerate(section.charts):
            row, column = divmod(number * _CHART_WIDTH, GRID_WIDTH)
            widgets.append(
                {
                    "type": "metric",
                    "x": column,
                    "y": y + row * _CHART_HEIGHT,
                    "width": _CHART_WIDTH,
                    "height": _CHART_HEIGHT,
                    "properties": _properties(chart, names, region),
                }
            )
        y += -(-len(section.charts) * _CHART_WIDTH // GRID_WIDTH) * _CHART_HEIGHT
    return {"widgets": widgets}


def _properties(chart: Chart, names: Names, region: str) -> dict[str, object]:
    return {
        "title": chart.title,
        "view": "timeSeries",
        "stacked": False,
        "region": region,
        "period": 60,
        "metrics": [_row(line, names) for line in chart.lines],
        "yAxis": {"left": {"min": 0, "label": chart.unit, "showUnits": False}},
    }


def _row(line: Line, names: Names) -> list[object]:
    options: dict[str, object] = {"label": line.label}
    if line.id:
        options["id"] = line.id
    if line.hidden:
        options["visible"] = False
    if line.metric is None:
        return [{**options, "expression": line.expression}]
    namespace, dimensions = line.metric.resolved(names)
    path: Sequence[object] = [item for pair in dimensions.items() for item in pair]
    return [namespace, line.metric.name, *path, {**options, "stat": line.statistic}]


def _proxy_section() -> Section:
    return Section(
        "Proxy",
        (
            Chart(
                "Connections",
                "connections",
                (
                    Line("clients", metrics.proxy("ClientConnections")),
                    Line("database", metrics.proxy("DatabaseConnections")),
                    Line("allowed", metrics.proxy("MaxDatabaseConnectionsAllowed")),
                    Line("in a transaction", metrics.proxy("DatabaseConnectionsCurrentlyInTransaction")),
                ),
            ),
            Chart(
                "Borrow latency",
                "microseconds",
                (
                    Line("average", metrics.proxy("DatabaseConnectionsBorrowLatency"), "Average"),
                    Line("p99", metrics.proxy("DatabaseConnectionsBorrowLatency"), "p99"),
                ),
            ),
            Chart(
                "Pinned share",
                "percent",
                (
                    Line(
                        "pinned", metrics.proxy("DatabaseConnectionsCurrentlySessionPinned"), id="pinned", hidden=True
                    ),
                    Line("open", metrics.proxy("DatabaseConnections"), id="open", hidden=True),
                    Line("pinned", expression="IF(open > 0, 100 * pinned / open, 0)", id="share"),
                ),
            ),
            Chart(
                "Authentication and TLS",
                "connections",
                (
                    Line("authentication failed", metrics.proxy("ClientConnectionsSetupFailedAuth")),
                    Line("without TLS", metrics.proxy("ClientConnectionsNoTLS")),
                    Line("database set-up failed", metrics.proxy("DatabaseConnectionsSetupFailed")),
                ),
            ),
        ),
    )


def _cluster_section() -> Section:
    return Section(
        "Aurora",
        (
            Chart(
                "Capacity",
                "capacity units",
                (
                    Line("average", metrics.cluster("ServerlessDatabaseCapacity"), "Average"),
                    Line("most", metrics.cluster("ServerlessDatabaseCapacity"), "Maximum"),
                ),
            ),
            Chart(
                "Utilization",
                "percent",
                (
                    Line("capacity", metrics.cluster("ACUUtilization"), "Average"),
                    Line("CPU", metrics.cluster("CPUUtilization"), "Average"),
                ),
            ),
            Chart(
                "Latency",
                "milliseconds",
                (
                    Line("select", metrics.cluster("SelectLatency"), "Average"),
                    Line("write", metrics.cluster("DMLLatency"), "Average"),
                    Line("commit", metrics.cluster("CommitLatency"), "Average"),
                ),
            ),
            Chart(
                "Deadlocks and lag",
                "deadlocks a second, milliseconds",
                (
                    Line("deadlocks", metrics.cluster("Deadlocks"), "Average"),
                    Line("replica lag", metrics.cluster("AuroraReplicaLagMaximum"), "Maximum"),
                ),
            ),
        ),
    )


def _function_section() -> Section:
    return Section(
        "Function",
        (
            Chart(
                "Duration",
                "milliseconds",
                tuple(Line(name, metrics.function("Duration"), name) for name in ("p50", "p90", "p99")),
            ),
            Chart(
                "Errors",
                "invocations",
                (
                    Line("errors", metrics.function("Errors")),
                    Line("throttles", metrics.function("Throttles")),
                    Line("borrow timeouts", metrics.own(metrics.BORROW_TIMEOUTS.name)),
                ),
            ),
            Chart(
                "Concurrency", "executions", (Line("executions", metrics.function("ConcurrentExecutions"), "Maximum"),)
            ),
            Chart(
                "Cold starts",
                "invocations",
                (
                    Line("cold starts", metrics.own(metrics.COLD_STARTS.name)),
                    Line("invocations", metrics.function("Invocations")),
                ),
            ),
        ),
    )


def _api_section() -> Section:
    return Section(
        "API",
        (
            Chart("Requests", "requests", (Line("requests", metrics.api("Count")),)),
            Chart("Client errors", "requests", (Line("4xx", metrics.api("4xx")),)),
            Chart("Server errors", "requests", (Line("5xx", metrics.api("5xx")),)),
            Chart(
                "Latency",
                "milliseconds",
                (
                    Line("p50", metrics.api("Latency"), "p50"),
                    Line("p99", metrics.api("Latency"), "p99"),
                    Line("function p99", metrics.api("IntegrationLatency"), "p99"),
                ),
            ),
        ),
    )
