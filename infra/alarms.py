"""Alarms for what goes wrong with this kind of stack, with their thresholds. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from infra import metrics
from infra.config import StackConfig
from infra.metrics import Metric

MICROSECONDS = 1_000_000
TEBIBYTE = 2**40


@dataclass(frozen=True, slots=True)
class Series:
    """A metric and how its samples in one period become one number. `statistic` may be a percentile (`p99`)."""

    metric: Metric
    statistic: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Goes off when `datapoints` of the last `periods` cross `threshold`.

    One series is compared as it is; with two, the first is compared as a percentage of the second.
    """

    key: str
    about: str
    series: tuple[Series, ...]
    threshold: float
    comparison: str = "GreaterThanThreshold"
    period_seconds: int = 60
    periods: int = 5
    datapoints: int = 3


def alarms(config: StackConfig) -> tuple[Alarm, ...]:
    """The alarms of the stack that `config` describes; those of the cluster only if the stack owns it."""
    return (*_proxy(), *(_cluster(config) if config.attachment is None else ()), *_function(config), *_api())


def _proxy() -> tuple[Alarm, ...]:
    # The proxy's gauges are sums over its nodes, and only at a period of one minute.
    return (
        Alarm(
            "pinned-sessions",
            "More than half of the database connections are pinned to one client: the proxy's log has the reason",
            (
                Series(metrics.proxy("DatabaseConnectionsCurrentlySessionPinned"), "Sum"),
                Series(metrics.proxy("DatabaseConnections"), "Sum"),
            ),
            50,
        ),
        Alarm(
            "borrow-latency",
            "Requests wait more than 100 ms for a database connection",
            (Series(metrics.proxy("DatabaseConnectionsBorrowLatency"), "Average"),),
            0.1 * MICROSECONDS,
        ),
        Alarm(
            "connection-share",
            "The proxy uses more than 80 percent of the connections that it may have",
            (
                Series(metrics.proxy("DatabaseConnections"), "Sum"),
                Series(metrics.proxy("MaxDatabaseConnectionsAllowed"), "Sum"),
            ),
            80,
        ),
        Alarm(
            "authentication-failures",
            "Clients of the proxy fail to authenticate",
            (Series(metrics.proxy("ClientConnectionsSetupFailedAuth"), "Sum"),),
            0,
            datapoints=1,
        ),
        Alarm(
            "unencrypted-clients",
            "A client reached the proxy without TLS",
            (Series(metrics.proxy("ClientConnectionsNoTLS"), "Sum"),),
            0,
            datapoints=1,
        ),
        Alarm(
            "database-unavailable",
            "The proxy cannot reach the database",
            (Series(metrics.proxy_target("AvailabilityPercentage"), "Minimum"),),
            100,
            comparison="LessThanThreshold",
        ),
    )


def _cluster(config: StackConfig) -> tuple[Alarm, ...]:
    serverless = config.database.serverless
    found = [
        Alarm(
            "capacity",
            "The cluster runs near its maximum: raise maxCapacity, or use a larger instanceClass",
            (Series(metrics.cluster("ACUUtilization" if serverless else "CPUUtilization"), "Average"),),
            90,
            periods=15,
            datapoints=10,
        ),
        Alarm(
            "storage",
            "Less than 10 TiB are left until a cluster's volume has its maximum size",
            (Series(metrics.cluster("AuroraVolumeBytesLeftTotal"), "Minimum"),),
            10 * TEBIBYTE,
            comparison="LessThanThreshold",
            period_seconds=300,
            periods=3,
        ),
        Alarm(
            "deadlocks",
            "Transactions deadlock",
            (Series(metrics.cluster("Deadlocks"), "Average"),),
            0.1,
        ),
    ]
    if config.database.readers:
        found.append(
            Alarm(
                "replica-lag",
                "Readers are more than a second behind the writer",
                (Series(metrics.cluster("AuroraReplicaLagMaximum"), "Maximum"),),
                1000,
            )
        )
    return tuple(found)


def _function(config: StackConfig) -> tuple[Alarm, ...]:
    return (
        Alarm(
            "function-errors",
            "The function fails: its log has the reason",
            (Series(metrics.function("Errors"), "Sum"),),
            0,
            datapoints=2,
        ),
        Alarm(
            "migrator-errors",
            "Creating users or applying migrations failed: the migrator's log has the reason",
            (Series(metrics.migrator("Errors"), "Sum"),),
            0,
            datapoints=1,
        ),
        Alarm(
            "function-throttles",
            "Invocations are refused for lack of concurrency",
            (Series(metrics.function("Throttles"), "Sum"),),
            0,
            datapoints=1,
        ),
        Alarm(
            "function-duration",
            "One request in a hundred takes more than 80 percent of the function's time",
            (Series(metrics.function("Duration"), "p99"),),
            config.function.timeout_seconds * 1000 * 0.8,
        ),
        Alarm(
            "borrow-timeouts",
            "Requests gave up waiting for a database connection (error 9501)",
            (Series(metrics.own(metrics.BORROW_TIMEOUTS.name), "Sum"),),
            0,
            datapoints=1,
        ),
    )


def _api() -> tuple[Alarm, ...]:
    return (
        Alarm(
            "server-errors",
            "More than one answer in a hundred is a server error",
            (Series(metrics.api("5xx"), "Sum"), Series(metrics.api("Count"), "Sum")),
            1,
        ),
    )
