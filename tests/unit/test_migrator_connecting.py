"""The migrator retries connecting until the proxy's target is available or the time is over."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from pymysql.err import OperationalError

from migrator.connecting import HANDSHAKE_SECONDS, SETTLING_SECONDS, Deadline, connect_patiently
from migrator.errors import MigratorError

HOST = "shop-prod-1f0c3a.proxy-abc.eu-central-1.rds.amazonaws.com"


@dataclass
class Time:
    """A clock that only `sleep` moves."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def answering(answers: Iterable[object]) -> Callable[[], Any]:
    """Connect as through the proxy: an error for each number, then a connection."""
    left = iter(answers)

    def connect() -> Any:
        answer = next(left)
        if isinstance(answer, int):
            raise OperationalError(answer, f"error {answer}")
        return answer

    return connect


def attempt(answers: Iterable[object], seconds: float = 890) -> tuple[object, Time, list[str]]:
    time, lines = Time(), cast(list[str], [])
    deadline = Deadline(seconds, time.clock)
    return connect_patiently(answering(answers), deadline, HOST, lines.append, time.sleep), time, lines


@pytest.mark.parametrize("number", [1040, 1045, 1105, 2003, 2006, 2013, 9501])
def test_temporary_errors_are_retried_and_reported(number: int) -> None:
    connection, time, lines = attempt([number, number, number, "connected"])
    assert connection == "connected"
    assert time.pauses == [1, 2, 4]
    assert lines[0] == f"attempt 1 to connect to {HOST}: {number}: error {number}; next in 1 s"
    assert len(lines) == 3


def test_permanent_errors_are_not_retried() -> None:
    with pytest.raises(OperationalError, match="1049"):
        attempt([1049, "never"])


def test_a_refused_login_is_retried_in_the_first_minutes_only() -> None:
    with pytest.raises(OperationalError, match="1045"):
        attempt([1045] * 100)
    connection, time, _ = attempt([1045] * 20 + ["connected"])
    assert connection == "connected"
    assert time.now < SETTLING_SECONDS


def test_an_unavailable_target_is_explained_shortly_before_the_deadline() -> None:
    time, lines = Time(), cast(list[str], [])
    with pytest.raises(MigratorError) as raised:
        connect_patiently(answering([9501] * 100), Deadline(890, time.clock), HOST, lines.append, time.sleep)
    assert raised.value.code == "database_unreachable"
    assert "9501" in str(raised.value.details)
    assert "--db-proxy-name shop-prod-1f0c3a` must show the state AVAILABLE" in str(raised.value.hint)
    assert 890 - HANDSHAKE_SECONDS - 16 < time.now < 890 - HANDSHAKE_SECONDS
    assert f"({len(lines) + 1} attempts)" in raised.value.message
