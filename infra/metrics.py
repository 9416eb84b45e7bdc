"""The CloudWatch metrics that are watched, each with the dimensions that AWS publishes it under. Pure.

A request for a metric under other dimensions is not an error: it is always empty, and its alarm never goes off.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.monitoring.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """The names by which AWS labels the metrics of one stack. `namespace` contains those counted in its own logs."""

    proxy: str
    cluster: str
    function: str
    migrator: str
    api: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. A dimension's value is a field of `Names`, or `=` and a literal. `namespace` empty: the stack's."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]

    def resolved(self, names: Names) -> tuple[str, dict[str, str]]:
        """Its namespace and dimensions in one stack."""
        values = {
            dimension: value[1:] if value.startswith("=") else str(getattr(names, value))
            for dimension, value in self.dimensions
        }
        return self.namespace or names.namespace, values


def proxy(name: str) -> Metric:
    """Of the proxy as a whole."""
    return Metric("AWS/RDS", name, (("ProxyName", "proxy"),))


def proxy_target(name: str) -> Metric:
    """Of the proxy's connections to the writer; `AvailabilityPercentage` is published under these dimensions only."""
    return Metric("AWS/RDS", name, (("ProxyName", "proxy"), ("TargetGroup", "=default"), ("TargetRole", "=READ_WRITE")))


def cluster(name: str) -> Metric:
    """Of the cluster, over its instances."""
    return Metric("AWS/RDS", name, (("DBClusterIdentifier", "cluster"),))


def function(name: str) -> Metric:
    """Of the API's function, over its versions."""
    return Metric("AWS/Lambda", name, (("FunctionName", "function"),))


def migrator(name: str) -> Metric:
    """Of the migrator's function."""
    return Metric("AWS/Lambda", name, (("FunctionName", "migrator"),))


def api(name: str) -> Metric:
    """Of the HTTP API, over its stages and routes."""
    return Metric("AWS/ApiGateway", name, (("ApiId", "api"),))


def own(name: str) -> Metric:
    """Counted in the function's log by a metric filter."""
    return Metric("", name, ())


@dataclass(frozen=True, slots=True)
class LogMetric:
    """A metric that counts lines of the function's log. `pattern` in CloudWatch's filter syntax."""

    name: str
    pattern: str


COLD_STARTS = LogMetric("ColdStarts", '{ $.type = "platform.report" && $.record.metrics.initDurationMs > 0 }')
BORROW_TIMEOUTS = LogMetric("BorrowTimeouts", '{ $.message = "*(9501,*" }')
LOG_METRICS = (COLD_STARTS, BORROW_TIMEOUTS)
