"""The stand-in for RDS Proxy itself: what its sessions share, what they queue for, and when they end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pymysql
import pytest

from api.database.connection import connect
from api.settings import Settings
from local.server import Server
from tests.certificates import Authority
from tests.standin.backend import Limits
from tests.standin.session import StandIn, stand_in, target_of

FEW = Limits(connections=2, borrow_seconds=0.3)


@pytest.fixture
def proxied(server: Server, authority: Authority, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with stand_in(server, authority.issue("localhost"), FEW, may_pin=True) as running:
        running.settings(database, monkeypatch)
        yield running


@pytest.fixture
def session(proxied: StandIn, database: str) -> Iterator[Callable[[], Session]]:
    """Opens sessions, which end with the test."""
    opened: list[Session] = []

    def open_one() -> Session:
        opened.append(Session(proxied, database))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


class Session:
    """A client of the stand-in that sends any statement."""

    def __init__(self, proxied: StandIn, database: str) -> None:
        settings = Settings.from_environment(proxied.environment(database))
        self.driver: Any = connect(settings.writer, settings)

    def __call__(self, text: str) -> Any:
        """The first value of a statement's answer."""
        with self.driver.cursor() as cursor:
            cursor.execute(text)
            rows = cursor.fetchall()
        return rows[0][0] if rows else None

    def close(self) -> None:
        self.driver._force_close()


Open = Callable[[], Session]


def error_of(send: Callable[[], object]) -> int:
    with pytest.raises(pymysql.MySQLError) as caught:
        send()
    return int(caught.value.args[0])


class TestBound:
    def test_many_sessions_share_few_connections(self, session: Open, proxied: StandIn) -> None:
        used = {each("SELECT CONNECTION_ID()") for each in [session() for _ in range(8)]}
        assert len(used) <= 2
        assert proxied.proxy.backend.statistics.most_open == 2

    def test_a_client_that_finds_no_connection_in_time_gets_9501_and_stays_connected(
        self, session: Open, proxied: StandIn
    ) -> None:
        *holders, late = [session() for _ in range(3)]
        for holder in holders:
            holder("BEGIN")
        assert error_of(lambda: late("SELECT 1")) == 9501
        holders[0]("COMMIT")
        assert late("SELECT 1") == 1
        assert proxied.proxy.backend.statistics.timeouts == 1

    def test_a_session_that_waits_gets_the_connection_that_comes_back(self, session: Open, proxied: StandIn) -> None:
        proxied.proxy.backend.limits = replace(FEW, borrow_seconds=30)
        *waiters, one, other = [session() for _ in range(5)]
        for holder in (one, other):
            holder("BEGIN")
        order: list[int] = []
        threads = []
        for number, waiting in enumerate(waiters):

            def wait(number: int = number, waiting: Session = waiting) -> None:
                waiting("SELECT 1")
                order.append(number)

            threads.append(threading.Thread(target=wait))
            threads[-1].start()
            await_(lambda number=number: proxied.proxy.backend.waiting == number + 1)  # type: ignore[misc]
        assert order == []
        one("COMMIT")
        for thread in threads:
            thread.join(30)
        assert sorted(order) == [0, 1, 2]

    def test_a_pinned_session_keeps_its_connection_until_it_ends(self, session: Open, proxied: StandIn) -> None:
        pinned, other = session(), session()
        pinned("SET @a = 5")
        held = pinned("SELECT CONNECTION_ID()")
        assert {other("SELECT CONNECTION_ID()") for _ in range(5)}.isdisjoint({held})
        assert pinned("SELECT @a") == 5
        pinned.close()
        await_(lambda: proxied.proxy.open_sessions == 1)
        assert other("SELECT @a") is None

    def test_a_pooled_connection_that_the_server_ended_is_not_lent(
        self, session: Open, proxied: StandIn, server: Server
    ) -> None:
        client = session()
        client("SELECT 1")
        for thread in proxied.proxy.backend.threads:
            server.execute(f"KILL {thread}")
        assert client("SELECT 2") == 2


class TestSettings:
    def test_what_a_session_sets_is_its_own_whichever_connection_it_gets(self, session: Open) -> None:
        eastern, plain = session(), session()
        eastern("SET time_zone = '+02:00', NAMES utf8mb4 COLLATE utf8mb4_bin")
        for _ in range(4):
            assert plain("SELECT @@time_zone") == "+00:00"
            assert eastern("SELECT @@time_zone") == "+02:00"
            assert eastern("SELECT @@collation_connection") == "utf8mb4_bin"

    def test_sessions_with_the_same_settings_share_connections(self, session: Open, proxied: StandIn) -> None:
        one, other = session(), session()
        for each in (one, other):
            each("SET time_zone = '+02:00'")
        opened = proxied.proxy.backend.statistics.opened
        for each in (one, other, one, other):
            assert each("SELECT @@time_zone") == "+02:00"
        assert proxied.proxy.backend.statistics.opened <= opened + 1

    def test_a_refused_set_changes_nothing(self, session: Open) -> None:
        client = session()
        assert error_of(lambda: client("SET time_zone = 'nowhere'")) == 1298
        assert client("SELECT @@time_zone") == "+00:00"

    def test_use_changes_only_its_own_session(
        self, session: Open, server: Server, database: str, proxied: StandIn
    ) -> None:
        with server.temporary_database() as second:
            moved, stayed = session(), session()
            moved(f"USE `{second}`")
            for _ in range(3):
                assert moved("SELECT DATABASE()") == second
                assert stayed("SELECT DATABASE()") == database
            proxied.proxy.backend.close()

    def test_the_last_insert_id_is_the_connections_and_not_the_sessions(self, session: Open) -> None:
        client, other = session(), session()
        client("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT)")
        client("INSERT INTO t (n) VALUES (1)")
        other("INSERT INTO t (n) VALUES (1)")
        other("INSERT INTO t (n) VALUES (1)")
        assert {client("SELECT LAST_INSERT_ID()") for _ in range(4)} != {1}


class TestLeftBehind:
    """RDS Proxy does not notice what a routine changes: the next session finds it."""

    ROUTINES = ("CREATE PROCEDURE moves() BEGIN SET time_zone = '+05:00'; SET foreign_key_checks = 0; END",)

    @pytest.fixture(autouse=True)
    def routines(self, server: Server, database: str, proxied: StandIn) -> None:
        server.execute(*self.ROUTINES, database=database)
        proxied.proxy.backend.watching = True

    def test_it_reaches_other_sessions_and_is_recorded(self, session: Open, proxied: StandIn) -> None:
        caller, other = session(), session()
        caller("CALL moves()")
        assert "+05:00" in {other("SELECT @@time_zone") for _ in range(4)}
        (found,) = proxied.proxy.backend.left_behind
        assert found == (("CALL moves()",), {"time_zone": "+05:00", "foreign_key_checks": 0})

    def test_what_was_set_back_before_the_connection_returned_is_not(self, session: Open, proxied: StandIn) -> None:
        caller = session()
        caller("BEGIN")
        caller("CALL moves()")
        caller("SET time_zone = '+00:00'")
        caller("COMMIT")
        (found,) = proxied.proxy.backend.left_behind
        assert found[1] == {"foreign_key_checks": 0}


class TestEnds:
    def test_an_idle_client_is_cut_off(self, session: Open, proxied: StandIn) -> None:
        proxied.proxy.backend.limits = replace(FEW, idle_client_seconds=0.05)
        client = session()
        await_(lambda: proxied.proxy.open_sessions == 0)
        assert error_of(lambda: client("SELECT 1")) in (2006, 2013)

    def test_a_client_is_cut_off_after_its_longest_life_but_not_in_a_transaction(
        self, session: Open, proxied: StandIn
    ) -> None:
        client = session()
        client("BEGIN")
        proxied.proxy.backend.limits = replace(FEW, client_life_seconds=0)
        assert client("SELECT 1") == 1
        time.sleep(0.05)  # its life is over, and it may take its time
        assert client("SELECT 1") == 1
        client("COMMIT")
        await_(lambda: proxied.proxy.open_sessions == 0)
        assert error_of(lambda: client("SELECT 1")) in (2006, 2013)

    @pytest.mark.parametrize("limit", ["idle_connection_seconds", "connection_life_seconds"])
    def test_a_database_connection_is_replaced_and_the_client_does_not_notice(
        self, session: Open, proxied: StandIn, limit: str
    ) -> None:
        client = session()
        before = {client("SELECT CONNECTION_ID()") for _ in range(4)}
        proxied.proxy.backend.limits = replace(FEW, **{limit: 0})
        assert client("SELECT CONNECTION_ID()") not in before

    def test_a_restart_ends_every_session_and_serves_at_the_same_address(self, session: Open, proxied: StandIn) -> None:
        client, port = session(), proxied.proxy.port
        proxied.proxy.restart()
        assert proxied.proxy.port == port
        assert error_of(lambda: client("SELECT 1")) in (2006, 2013)
        assert session()("SELECT 1") == 1


class TestFailover:
    def test_an_idle_session_continues_with_the_other_server(
        self, session: Open, proxied: StandIn, server: Server, request: pytest.FixtureRequest, database: str
    ) -> None:
        other = request.getfixturevalue("mariadb_server" if server.kind == "mysql" else "mysql_server")
        client = session()
        before = client("SELECT VERSION()")
        with other.temporary_database(database):
            proxied.proxy.backend.fail_over(target_of(other))
            assert client("SELECT VERSION()") != before
            proxied.proxy.backend.close()

    def test_a_transaction_in_flight_is_cut(self, session: Open, proxied: StandIn, server: Server) -> None:
        client, idle = session(), session()
        client("BEGIN")
        proxied.proxy.backend.fail_over(target_of(server))
        assert error_of(lambda: client("SELECT 1")) in (2006, 2013)
        assert idle("SELECT 1") == 1

    def test_statements_wait_for_the_new_server_or_time_out(
        self, session: Open, proxied: StandIn, server: Server
    ) -> None:
        client = session()
        proxied.proxy.backend.fail_over(None)
        assert error_of(lambda: client("SELECT 1")) == 9501
        proxied.proxy.backend.limits = replace(FEW, borrow_seconds=30)
        answers: list[Any] = []
        thread = threading.Thread(target=lambda: answers.append(client("SELECT 1")))
        thread.start()
        await_(lambda: proxied.proxy.backend.waiting == 1)
        proxied.proxy.backend.fail_over(target_of(server))
        thread.join(30)
        assert answers == [1]


def test_what_is_sent_over_a_closed_proxy_is_an_error(session: Open, proxied: StandIn) -> None:
    with closing(session()) as client:
        proxied.proxy.stop()
        assert error_of(lambda: client("SELECT 1")) in (2006, 2013)


def await_(reached: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.005)
