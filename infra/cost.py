"""What a stack costs each month before anyone calls it.

Only what is paid for existing: capacity at its minimum, the proxy, secrets, keys, monitoring. Storage, requests,
logs and capacity above the minimum depend on use and come on top. List prices without tax, free tier or discounts.

The price list knows a few regions; another one is estimated at the prices of us-east-1, and says so. Check against
https://aws.amazon.com/rds/aurora/pricing/ and https://aws.amazon.com/rds/proxy/pricing/
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.alarms import alarms
from infra.config import StackConfig
from infra.metrics import LOG_METRICS
from infra.users import DatabaseUsers, database_users

PRICES_AS_OF = "2026-11"
HOURS_A_MONTH = 730
PROXY_LEAST_VCPUS = 2
PROXY_LEAST_ACU = 8
"""RDS Proxy in front of Serverless v2 bills at least this many Aurora capacity units, however small the database."""

SECRET_USD = 0.40
KEY_USD = 1.00
DASHBOARD_USD = 3.00
ALARM_USD = 0.10
INSIGHTS_ACU_HOUR_USD = 0.003125
SNAP_START_GB_SECOND_USD = 0.0000015046
METRIC_USD = 0.30


@dataclass(frozen=True, slots=True)
class RegionPrices:
    """US dollars an hour and capacity unit: of Aurora with standard and I/O-optimized storage, and of the proxy."""

    acu: float
    acu_io_optimized: float
    proxy_acu: float


PRICES = {
    "us-east-1": RegionPrices(0.12, 0.16, 0.015),
    "us-east-2": RegionPrices(0.12, 0.16, 0.015),
    "us-west-2": RegionPrices(0.12, 0.16, 0.015),
    "eu-central-1": RegionPrices(0.14, 0.19, 0.018),
    "eu-west-1": RegionPrices(0.14, 0.19, 0.018),
    "eu-west-2": RegionPrices(0.14, 0.19, 0.018),
}
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class CostLine:
    """One position: US dollars a month, and how they come about."""

    name: str
    monthly_usd: float
    detail: str


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The fixed monthly costs. `prices_of` is the region whose prices were used, `unpriced` what is missing."""

    lines: tuple[CostLine, ...]
    region: str
    prices_of: str
    unpriced: str = ""

    @property
    def total(self) -> float:
        """US dollars a month."""
        return round(sum(line.monthly_usd for line in self.lines), 2)

    @property
    def summary(self) -> str:
        """One line for the stack's outputs."""
        elsewhere = "" if self.region == self.prices_of else f" of {self.prices_of}, {self.region} may be dearer,"
        return (
            f"about ${self.total:.0f} a month before use (list prices{elsewhere} as of {PRICES_AS_OF}){self.unpriced}"
        )

    def text(self) -> str:
        """A table for the terminal, the total last."""
        rows = [f"  ${line.monthly_usd:>8.2f}  {line.name}: {line.detail}" for line in self.lines]
        return "\n".join((f"Fixed costs: {self.summary}", *rows, "  Storage, requests, logs and load come on top."))


def estimate(config: StackConfig, users: DatabaseUsers | None = None) -> CostEstimate:
    """The fixed monthly costs of the stack that `config` describes; `users` default to those of a first `pulumi up`."""
    prices_of = config.region if config.region in PRICES else DEFAULT_REGION
    prices = PRICES[prices_of]
    lines = (
        *_database(config, prices),
        _proxy(config, prices),
        _secrets(config, users or database_users(config.users, {}, config.roles.names)),
        *_options(config),
        *_monitoring(config),
    )
    unpriced = ""
    if config.attachment is None and not config.database.serverless:
        unpriced = f", without the instances: see the price of {config.database.instance_class} on AWS's pricing page"
    return CostEstimate(tuple(line for line in lines if line.monthly_usd), config.region, prices_of, unpriced)


def _database(config: StackConfig, prices: RegionPrices) -> tuple[CostLine, ...]:
    if config.attachment is not None:
        return ()
    database = config.database
    if not database.serverless:
        return ()
    units = _units(config)
    optimized = database.storage == "io-optimized"
    hourly = prices.acu_io_optimized if optimized else prices.acu
    kind = " with I/O-optimized storage" if optimized else ""
    instances = _plural(1 + database.readers, "instance")
    lines = [
        CostLine(
            "Aurora Serverless v2",
            _monthly(units * hourly),
            f"{instances} x {database.minimum_capacity:g} ACU (the minimum) x ${hourly}/h{kind}",
        )
    ]
    if database.insights == "advanced":
        lines.append(
            CostLine(
                "Database Insights advanced",
                _monthly(units * INSIGHTS_ACU_HOUR_USD),
                f"{units:g} ACU x ${INSIGHTS_ACU_HOUR_USD}/h",
            )
        )
    return tuple(lines)


def _proxy(config: StackConfig, prices: RegionPrices) -> CostLine:
    if not config.database.serverless:
        vcpus = max(PROXY_LEAST_VCPUS, _vcpus(config.database.instance_class) * (1 + config.database.readers))
        return CostLine("RDS Proxy", _monthly(vcpus * prices.proxy_acu), f"{vcpus} vCPUs x ${prices.proxy_acu}/h")
    units = max(PROXY_LEAST_ACU, _units(config))
    least = f" (it bills at least {PROXY_LEAST_ACU})" if units == PROXY_LEAST_ACU else ""
    return CostLine("RDS Proxy", _monthly(units * prices.proxy_acu), f"{units:g} ACU{least} x ${prices.proxy_acu}/h")


def _secrets(config: StackConfig, users: DatabaseUsers) -> CostLine:
    admin = 0 if config.attachment is not None else 1
    count = admin + len(users.credentials)
    return CostLine("Secrets Manager", round(count * SECRET_USD, 2), f"{_plural(count, 'secret')} x ${SECRET_USD:.2f}")


def _options(config: StackConfig) -> tuple[CostLine, ...]:
    lines: list[CostLine] = []
    if config.customer_managed_keys:
        lines.append(CostLine("KMS", KEY_USD, f"1 customer managed key x ${KEY_USD:.2f}"))
    if config.function.snap_start:
        gigabytes = config.function.memory_megabytes / 1024
        lines.append(
            CostLine(
                "Lambda SnapStart",
                round(gigabytes * HOURS_A_MONTH * 3600 * SNAP_START_GB_SECOND_USD, 2),
                f"the cached version of {config.function.memory_megabytes} MB",
            )
        )
    return tuple(lines)


def _monitoring(config: StackConfig) -> tuple[CostLine, ...]:
    counted = len(LOG_METRICS)
    lines = [
        CostLine(
            "CloudWatch metrics", round(counted * METRIC_USD, 2), f"{counted} of the stack's own x ${METRIC_USD:.2f}"
        )
    ]
    if config.monitoring.dashboard:
        lines.append(CostLine("CloudWatch dashboard", DASHBOARD_USD, "1 (an account's first three are free)"))
    if config.monitoring.alarms:
        watched = sum(len(alarm.series) for alarm in alarms(config))
        detail = f"{watched} metrics watched x ${ALARM_USD:.2f}"
        lines.append(CostLine("CloudWatch alarms", round(watched * ALARM_USD, 2), detail))
    return tuple(lines)


def _units(config: StackConfig) -> float:
    """Capacity units that are always there: every instance at the minimum."""
    return config.database.minimum_capacity * (1 + config.database.readers)


def _vcpus(instance_class: str) -> int:
    size = instance_class.rpartition(".")[2]
    return 4 * int(size.removesuffix("xlarge") or 1) if size.endswith("xlarge") else 2


def _monthly(hourly: float) -> float:
    return round(hourly * HOURS_A_MONTH, 2)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
