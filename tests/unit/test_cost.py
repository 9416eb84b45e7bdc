"""The monthly estimate of a stack's fixed costs."""

import re

import pytest

from infra.config import StackConfig
from infra.cost import PRICES, PRICES_AS_OF, CostEstimate, estimate
from infra.load import load
from infra.users import database_users


def config(region: str = "us-east-1", **values: str) -> StackConfig:
    return load(values, project="shop", stack="test", region=region)


def priced(found: CostEstimate) -> dict[str, float]:
    return {line.name: line.monthly_usd for line in found.lines}


def test_the_smallest_stack_pays_for_half_a_unit_and_eight_proxy_units() -> None:
    found = estimate(config(minCapacity="0.5", alarms="false", dashboard="false", customerManagedKeys="false"))
    assert priced(found) == {
        "Aurora Serverless v2": 43.80,
        "RDS Proxy": 87.60,
        "Secrets Manager": 1.20,
        "CloudWatch metrics": 0.60,
    }
    assert found.total == 133.20


def test_the_estimate_says_that_the_proxy_bills_at_least_eight_units() -> None:
    assert "at least 8" in estimate(config(minCapacity="0.5")).text()


def test_readers_cost_as_much_as_the_writer_and_count_for_the_proxy() -> None:
    found = priced(estimate(config(minCapacity="4", maxCapacity="8", readers="2")))
    assert found["Aurora Serverless v2"] == round(3 * 4 * 0.12 * 730, 2)
    assert found["RDS Proxy"] == round(12 * 0.015 * 730, 2)


def test_another_region_has_its_own_prices() -> None:
    assert priced(estimate(config("eu-west-1", minCapacity="1")))["Aurora Serverless v2"] == round(0.14 * 730, 2)


def test_a_region_without_prices_is_estimated_at_us_east_1_and_says_so() -> None:
    found = estimate(config("sa-east-1", minCapacity="0.5"))
    assert (found.region, found.prices_of) == ("sa-east-1", "us-east-1")
    assert "of us-east-1, sa-east-1 may be dearer" in found.summary


@pytest.mark.parametrize(
    "values, name",
    [
        ({"customerManagedKeys": "true"}, "KMS"),
        ({"databaseInsights": "advanced"}, "Database Insights advanced"),
        ({"snapStart": "true", "pythonVersion": "3.13"}, "Lambda SnapStart"),
        ({"dashboard": "true"}, "CloudWatch dashboard"),
        ({"alarms": "true"}, "CloudWatch alarms"),
    ],
)
def test_enabled_options_are_counted(values: dict[str, str], name: str) -> None:
    assert priced(estimate(config(**values)))[name] > 0


@pytest.mark.parametrize(
    "values, usd",
    [
        ({"databaseAuthentication": "iam"}, 0.40),
        ({"databaseAuthentication": "secret"}, 1.20),
    ],
)
def test_every_password_has_a_secret(values: dict[str, str], usd: float) -> None:
    assert priced(estimate(config(**values)))["Secrets Manager"] == usd


def test_the_former_password_keeps_its_secret_until_the_next_rotation() -> None:
    first, second = config(), config(credentialVersion="2")
    users = database_users(second.users, database_users(first.users, {}).output())
    assert priced(estimate(second, users))["Secrets Manager"] == 1.60


def test_io_optimized_capacity_costs_more() -> None:
    assert priced(estimate(config(storage="io-optimized", minCapacity="1")))["Aurora Serverless v2"] == 116.80


def test_the_estimate_ends_with_the_total_and_the_date() -> None:
    found = estimate(config())
    amounts = [float(amount) for amount in re.findall(r"^  \$ *([\d.]+)  ", found.text(), re.MULTILINE)]
    assert round(sum(amounts), 2) == found.total
    assert PRICES_AS_OF in found.text()
    assert f"${found.total:.0f} a month" in found.text()


def test_every_price_is_plausible() -> None:
    for prices in PRICES.values():
        assert 0.1 < prices.acu < prices.acu_io_optimized < 0.4
        assert 0.01 < prices.proxy_acu < 0.05
