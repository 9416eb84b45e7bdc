"""What happens to a deployed function from outside: a failover, a restart of the proxy, clocks, a full disk, a freeze of
minutes. The next request is served, and nothing is lost or stored twice. Through the stand-in, on real servers."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import botocore.auth
import pytest

from api.response.answer import Answer
from api.service import Service
from local.server import Options, Server, start_either
from tests.certificates import Authority
from tests.conftest import PASSWORD
from tests.integration.test_faults import CLEARED, SCHEMA, WRITES, Shop, Write, code_of, shop_through
from tests.secrecy import secrets_in
from tests.standin.backend import Limits
from tests.standin.faults import Fault
from tests.standin.session import CREDENTIALS, StandIn, stand_in, target_of
from tests.standin.token import Refused

READ = Write("GET", "/author?order=id", status=200)
STORED = [WRITES[name] for name in ("insert", "insert many", "merge", "update", "delete", "call")]


@pytest.fixture
def proxied(server: Server, authority: Authority, database: str) -> Iterator[StandIn]:
    with stand_in(server, authority.issue("localhost"), Limits(connections=4, borrow_seconds=2)) as running:
        yield running


@pytest.fixture
def shop(proxied: StandIn, server: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with shop_through(proxied, server, database, monkeypatch, *CLEARED) as shop:
        yield shop


@pytest.fixture(scope="module")
def standby(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A second server of the same kind."""
    running = start_either(
        server.kind, Path(tmp_path_factory.mktemp("standby")), Options(port=0, password=PASSWORD, durable=False)
    )
    try:
        yield running
    finally:
        running.stop()


class TestFailover:
    """To another server, which has what was committed."""

    @pytest.fixture
    def promoted(self, standby: Server, database: str) -> Iterator[Shop]:
        with standby.temporary_database(database):
            standby.execute(*SCHEMA, *CLEARED, database=database)
            with standby.connect(database) as beside:
                yield Shop(None, None, beside)  # type: ignore[arg-type]  # only its state is looked at

    @pytest.mark.parametrize("write", STORED, ids=lambda write: f"{write.method} {write.address}")
    def test_an_idle_environment_continues_with_the_new_writer(
        self, shop: Shop, promoted: Shop, standby: Server, write: Write
    ) -> None:
        old = shop.restore()
        assert promoted.state() == old
        shop.proxied.proxy.backend.fail_over(target_of(standby))
        assert shop.send(READ).status == 200
        assert shop.send(write).status == write.status
        assert promoted.state() != old
        assert shop.state() == old

    @pytest.mark.parametrize("write", STORED, ids=lambda write: f"{write.method} {write.address}")
    def test_a_transaction_in_flight_is_stored_once_on_the_new_writer_or_not_at_all(
        self, shop: Shop, promoted: Shop, standby: Server, write: Write
    ) -> None:
        before = shop.restore()
        assert shop.send(write).status == write.status
        after, statements = shop.state(), len(shop.proxied.proxy.texts)
        shop.restore()
        old, backend = target_of_now(shop), shop.proxied.proxy.backend
        for position in range(statements):
            for statement in CLEARED:
                with promoted.beside.cursor() as cursor:
                    cursor.execute(statement)
            backend.fail_over(old)
            shop.restore()
            away = partial(backend.fail_over, target_of(standby))
            shop.proxied.proxy.inject(Fault("before", nth=position + 1, action=away))
            answer = shop.send(write)
            if answer.status == write.status:
                # where the COMMIT itself was in flight the old writer may have it
                assert promoted.state() == after, position
            else:
                assert code_of(answer) in ("08006", "08007"), answer.body
                assert promoted.state() == before, position
            assert shop.send(READ).status == 200

    def test_while_there_is_no_writer_requests_wait_and_then_are_busy(self, shop: Shop, server: Server) -> None:
        before = shop.restore()
        backend = shop.proxied.proxy.backend
        backend.limits = replace(backend.limits, borrow_seconds=0.2)
        backend.fail_over(None)
        answer = shop.send(WRITES["insert"])
        assert (answer.status, code_of(answer)) == (503, "53300")
        assert ("Retry-After", "1") in answer.headers
        backend.limits = replace(backend.limits, borrow_seconds=30)
        answers: list[Answer] = []
        waiting = threading.Thread(target=lambda: answers.append(shop.send(WRITES["insert"])))
        waiting.start()
        await_waiting(shop, 1)
        assert shop.state() == before
        backend.fail_over(target_of(server))
        waiting.join(30)
        assert [answer.status for answer in answers] == [201]

    def test_an_old_writer_that_turned_read_only_is_left(self, shop: Shop) -> None:
        """The proxy learns of a failover a little later than it happens."""
        before = shop.restore()
        read_only = (1290, "HY000", "The MySQL server is running with the --read-only option")
        for write in STORED:
            shop.proxied.proxy.inject(Fault("before", nth=2, error=read_only))
            answer = shop.send(write)
            assert answer.status in (write.status, 503)
            if answer.status == 503:
                assert shop.state() == before
            shop.proxied.proxy.clear_faults()
            shop.restore()
            assert shop.send(write).status == write.status
            shop.restore()


class TestRestart:
    @pytest.mark.parametrize("write", STORED, ids=lambda write: f"{write.method} {write.address}")
    def test_between_requests(self, shop: Shop, write: Write) -> None:
        shop.restore()
        assert shop.send(write).status == write.status
        after = shop.state()
        shop.restore()
        shop.proxied.proxy.restart()
        assert shop.send(write).status == write.status
        assert shop.state() == after

    def test_while_the_proxy_is_away_nothing_is_stored_and_the_next_request_is_served(self, shop: Shop) -> None:
        before = shop.restore()
        shop.proxied.proxy.stop()
        for write in (READ, *STORED):
            answer = shop.send(write)
            assert (answer.status, code_of(answer)) == (503, "08006")
        assert shop.state() == before
        shop.proxied.proxy.restart()
        assert shop.send(WRITES["insert"]).status == 201


class TestClocks:
    """Tokens live for 15 minutes from the signing clock's time."""

    @staticmethod
    def move(shop: Shop, monkeypatch: pytest.MonkeyPatch, function: dt.timedelta, proxy: dt.timedelta) -> None:
        """Set the clocks of the function and of the proxy."""
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: dt.datetime.now(dt.UTC) + function)
        verifier = shop.proxied.proxy.verifier
        shop.proxied.proxy.verifier = replace(verifier, now=lambda: dt.datetime.now(dt.UTC) + proxy)

    def test_a_connection_outlives_its_token_and_the_next_one_has_a_fresh_one(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert shop.send(READ).status == 200
        (first,) = set(shop.proxied.proxy.tokens)
        later = dt.timedelta(minutes=16)
        self.move(shop, monkeypatch, later, later)
        assert shop.send(READ).status == 200
        assert shop.proxied.proxy.tokens == [first]
        with pytest.raises(Refused, match="expired"):
            shop.proxied.proxy.verifier.check(first, "aurorest")
        shop.proxied.proxy.disconnect_all()
        assert shop.send(WRITES["insert"]).status == 201
        assert len(set(shop.proxied.proxy.tokens)) == 2
        assert shop.proxied.proxy.refusals == []

    @pytest.mark.parametrize("minutes,served", [(-16, False), (-14, True), (4, True), (6, False)])
    def test_skew_between_the_clocks_is_borne_as_far_as_a_tokens_life_goes(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, minutes: int, served: bool
    ) -> None:
        before = shop.restore()
        shop.proxied.proxy.disconnect_all()
        self.move(shop, monkeypatch, dt.timedelta(minutes=minutes), dt.timedelta(0))
        answer = shop.send(WRITES["insert"])
        assert (answer.status == 201) is served
        if not served:
            assert code_of(answer) == "28000"
            assert shop.state() == before
        self.move(shop, monkeypatch, dt.timedelta(0), dt.timedelta(0))
        assert shop.send(WRITES["insert"]).status == 201


class TestFullDisk:
    FULL = (
        (1021, "HY000", "Disk full (/rdsdbdata/tmp/#sql); waiting for someone to free some space..."),
        (1026, "HY000", "Error writing file '/rdsdbdata/tmp/x' (OS errno 28 - No space left on device)"),
        (1114, "HY000", "The table 'author' is full"),
        (1041, "HY000", "Out of memory"),
    )

    @pytest.mark.parametrize("error", FULL, ids=lambda error: str(error[0]))
    def test_at_any_statement_nothing_is_stored_and_the_next_request_is_served(
        self, shop: Shop, error: tuple[int, str, str]
    ) -> None:
        before = shop.restore()
        for write in STORED:
            shop.send(write)
            statements = shop.proxied.proxy.texts
            for position, statement in enumerate(statements):
                if statement in ("ROLLBACK", "BEGIN"):
                    continue
                assert shop.restore() == before
                shop.proxied.proxy.inject(Fault("before", nth=position + 1, error=error))
                answer = shop.send(write)
                assert answer.status == 503, (statement[:200], answer.body)
                assert b"rdsdbdata" not in answer.body
                if statement != "COMMIT":
                    assert code_of(answer) == "53200"
                assert shop.state() == before
                assert shop.send(write).status == write.status
            shop.restore()

    def test_a_table_that_is_really_full(self, shop: Shop, server: Server, database: str) -> None:
        with server.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute("SET max_heap_table_size = 16384")
            cursor.execute("CREATE TABLE heap (id INT PRIMARY KEY, filler CHAR(200)) ENGINE=MEMORY")
        answers = []
        fresh = Service(shop.service.settings, shop.service.accounts.of(None).database)
        for number in range(200):
            body = json.dumps({"id": number, "filler": "x"}).encode()
            headers = {"content-type": "application/json"}
            answers.append(fresh.rest("POST", "/heap", "", headers, body, "/rest/v1"))
            if answers[-1].status != 201:
                break
        assert (answers[-1].status, code_of(answers[-1])) == (503, "53200")
        assert fresh.rest("GET", "/heap", "select=id&limit=1", {}, b"", "/rest/v1").status == 200


class TestFreeze:
    """Lambda freezes an environment between requests; meanwhile both sides close what is idle."""

    @pytest.mark.parametrize("write", [READ, *STORED], ids=lambda write: f"{write.method} {write.address}")
    def test_the_first_request_after_it_is_served_once(self, shop: Shop, server: Server, write: Write) -> None:
        shop.restore()
        shop.send(write)
        after = shop.state()
        shop.restore()
        for thread in shop.proxied.proxy.backend.threads:
            server.execute(f"KILL {thread}")
        shop.proxied.proxy.disconnect_all()
        assert shop.send(write).status == write.status
        assert shop.state() == after

    def test_also_when_only_the_server_closed_its_side(self, shop: Shop, server: Server) -> None:
        shop.restore()
        for write in (READ, *STORED):
            for thread in shop.proxied.proxy.backend.threads:
                server.execute(f"KILL {thread}")
            assert shop.send(write).status == write.status
            shop.restore()


class TestSecrets:
    def test_no_log_line_has_a_token_however_much_is_logged(self, shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
        """Every logger at its most talkative, botocore's signing included, through all kinds of failures."""
        with caplog.at_level(logging.DEBUG):
            shop.restore()
            for fault in (Fault("login"), Fault("login", error=(1045, "28000", "Access denied")), Fault("during")):
                shop.proxied.proxy.disconnect_all()
                shop.proxied.proxy.inject(fault)
                shop.send(WRITES["insert"])
                shop.proxied.proxy.clear_faults()
            shop.proxied.proxy.stop()
            shop.send(WRITES["insert"])
        assert caplog.records
        lines = [caplog.handler.format(record) for record in caplog.records]
        secret = [CREDENTIALS[name] for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
        assert secrets_in(lines, PASSWORD, *secret) == []


def target_of_now(shop: Shop) -> Any:
    return shop.proxied.proxy.backend.target


def await_waiting(shop: Shop, number: int) -> None:
    deadline = time.monotonic() + 30
    while shop.proxied.proxy.backend.waiting != number:
        assert time.monotonic() < deadline
        time.sleep(0.005)
