"""The model of docs/scaling.md compared with the stand-in, and its own properties."""

from __future__ import annotations

import contextlib
import random
import threading
import time

import pytest

from api.database import Database, Session
from api.errors import ApiError
from api.statement import sql
from local.server import Server
from tests.certificates import Authority
from tests.load.simulation import Kind, Stack, replay, share, simulate
from tests.standin.backend import Limits
from tests.standin.session import stand_in

CLIENTS, CONNECTIONS, BORROW_SECONDS, CALLS = 12, 3, 0.2, 15


def test_the_model_predicts_which_borrowings_the_stand_in_times_out(
    mysql_server: Server, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same borrowings, at the times and for as long as they were observed: the model's queue treats them alike."""
    limits = Limits(connections=CONNECTIONS, borrow_seconds=30)
    with (
        mysql_server.temporary_database() as name,
        stand_in(mysql_server, authority.issue("localhost"), limits) as proxied,
    ):
        settings = proxied.settings(name, monkeypatch)
        databases = [Database(settings) for _ in range(CLIENTS)]
        for database in databases:
            database.ping()
        backend = proxied.proxy.backend
        backend.statistics.borrowings.clear()
        backend.limits = Limits(connections=CONNECTIONS, borrow_seconds=BORROW_SECONDS)
        threads = [threading.Thread(target=_call, args=each) for each in enumerate(databases)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for database in databases:
            database.close()
        borrowings = list(backend.statistics.borrowings)
    assert len(borrowings) == CLIENTS * CALLS
    observed = [each.began is None for each in borrowings]
    held = [(each.asked, each.ended - each.began if each.began and each.ended else 0.1) for each in borrowings]
    predicted = [wait is None for wait in replay(held, CONNECTIONS, BORROW_SECONDS)]
    assert 0.02 < sum(observed) / len(observed) < 0.9
    # a wait just below or above the limit may differ
    alike = sum(one == other for one, other in zip(observed, predicted, strict=True))
    assert alike >= 0.85 * len(observed), (alike, len(observed), sum(observed), sum(predicted))


def _call(number: int, database: Database) -> None:
    chance = random.Random(number)

    def work(session: Session) -> None:
        session.rows(sql("SELECT SLEEP(0.1)"))

    for _ in range(CALLS):
        with contextlib.suppress(ApiError):
            database.read(work)
        time.sleep(chance.expovariate(1 / 0.15))


STEADY = Kind(share=1, holds=1, hold_seconds=0.01, own_seconds=0.005)


class TestModel:
    def test_busy_connections_are_arrivals_times_the_time_held(self) -> None:
        result = simulate(Stack(500, 100, kinds=(STEADY,)), 60, warm_environments=1000)
        assert result.busy == pytest.approx(5, rel=0.1)
        assert result.failed == 0

    def test_one_connection_waits_as_the_theory_says(self) -> None:
        """M/M/1 at 60 percent: the mean wait is 0.6 / (1 - 0.6) of the service time."""
        result = simulate(Stack(60, 1, 1000, kinds=(STEADY,)), 600, warm_environments=1000)
        assert sum(result.waits) / len(result.waits) == pytest.approx(0.015, rel=0.15)

    def test_a_pool_that_is_too_small_times_out_and_a_larger_one_does_not(self) -> None:
        small, large = (
            simulate(Stack(1000, connections, 0.5, kinds=(STEADY,), most_environments=5000), 20, 5000)
            for connections in (8, 14)
        )
        assert small.failed > 0.1
        assert large.failed == 0
        assert share(large.waits, 0.99) < 0.1

    def test_environments_are_bounded_and_the_rest_is_throttled(self) -> None:
        result = simulate(Stack(1000, 100, kinds=(STEADY,), most_environments=10), 5)
        assert result.environments == result.most_busy == 10
        assert result.throttled > 0

    def test_the_same_seed_gives_the_same_result(self) -> None:
        stack = Stack(200, 5)
        assert simulate(stack, 5, seed=7) == simulate(stack, 5, seed=7)
        assert simulate(stack, 5, seed=7) != simulate(stack, 5, seed=8)
