"""Break the connection before, during and after each statement of each kind of write: everything is stored once, or
nothing is, and the response says which. Through the stand-in for RDS Proxy, on real servers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, get_args

import pymysql
import pytest

from api.response.answer import Answer
from api.service import Service
from local.server import Server
from tests.integration.client import PREFIX
from tests.standin.faults import BORROW_TIMEOUT, Fault, Moment
from tests.standin.session import StandIn, serving

SCHEMA = (
    """CREATE TABLE author (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL,
    email VARCHAR(40) NULL UNIQUE, n INT NOT NULL DEFAULT 0)""",
    """CREATE TABLE book (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, author_id INT NOT NULL, title VARCHAR(40) NOT
    NULL, FOREIGN KEY (author_id) REFERENCES author (id))""",
    """CREATE PROCEDURE enlist(IN name VARCHAR(40)) BEGIN INSERT INTO author (name) VALUES (name);
    INSERT INTO book (author_id, title) VALUES (LAST_INSERT_ID(), 'Memoirs'); SELECT 'done' AS said; END""",
)
CLEARED = (
    "DELETE FROM book",
    "DELETE FROM author",
    "INSERT INTO author (id, name, email) VALUES (1, 'Ann', 'ann@x.org'), (2, 'Bob', NULL)",
    "INSERT INTO book (id, author_id, title) VALUES (1, 1, 'One'), (2, 1, 'Two'), (3, 2, 'Three')",
)
STATE = (
    "SELECT name, email, n FROM author ORDER BY name, email",
    "SELECT author.name, title FROM book JOIN author ON author.id = author_id ORDER BY title, author.name",
)
SHOWN = "return=representation"
COMMIT_UNKNOWN = "08007"
DEADLOCK = (1213, "40001", "Deadlock found when trying to get lock; try restarting transaction")

State = tuple[tuple[tuple[object, ...], ...], ...]


@dataclass(frozen=True)
class Write:
    """A request, its status, and whether its transaction may be retried."""

    method: str
    address: str
    body: object = None
    prefer: str = ""
    status: int = 201
    repeatable: bool = True
    media: str = "application/json"
    further: Mapping[str, str] = field(default_factory=dict)


WRITES = {
    "insert": Write("POST", "/author", {"name": "Cy"}),
    "insert and show": Write("POST", "/author?select=id,name", {"name": "Cy"}, SHOWN),
    "insert many": Write("POST", "/author", [{"name": f"new {n}"} for n in range(40)], SHOWN),
    "insert in several statements": Write("POST", "/author", [{"name": f"{n:040}"} for n in range(700)]),
    "insert CSV": Write("POST", "/author", "name,n\nCy,1\nDi,2\n", media="text/csv"),
    "merge": Write(
        "POST",
        "/author?on_conflict=email",
        [{"name": "Anna", "email": "ann@x.org"}, {"name": "Cy", "email": "cy@x.org"}],
        f"resolution=merge-duplicates, {SHOWN}",
    ),
    "ignore": Write(
        "POST",
        "/author?on_conflict=email",
        [{"name": "Anna", "email": "ann@x.org"}, {"name": "Cy", "email": "cy@x.org"}],
        "resolution=ignore-duplicates",
    ),
    "put over a row": Write("PUT", "/author?id=eq.2", {"id": 2, "name": "Bo", "email": None, "n": 3}, status=204),
    "put a new row": Write("PUT", "/author?id=eq.77", {"id": 77, "name": "Cy", "email": None, "n": 3}, SHOWN),
    "update": Write("PATCH", "/author?name=neq.x", {"n": 5}, status=204),
    "update and show": Write("PATCH", "/book?author_id=eq.1&select=title", {"title": "New"}, SHOWN, 200),
    "delete": Write("DELETE", "/book?author_id=eq.1", status=204),
    "delete by key and show": Write("DELETE", "/book/3", prefer=SHOWN, status=200),
    "take back": Write("POST", "/author", {"name": "Cy"}, f"tx=rollback, {SHOWN}"),
    "clash": Write("POST", "/author", [{"name": "Cy", "email": None}, {"name": "D", "email": "ann@x.org"}], status=409),
    "too many": Write("PATCH", "/book?id=gt.0", {"title": "x"}, "handling=strict, max-affected=2", 400),
    "call": Write("POST", "/rpc/enlist", {"name": "Cy"}, status=200, repeatable=False),
}


@dataclass
class Shop:
    """The service through a stand-in, and a direct connection to the same database."""

    proxied: StandIn
    service: Service
    beside: pymysql.Connection[Any]

    def send(self, write: Write) -> Answer:
        path, _, query = write.address.partition("?")
        body = write.body if isinstance(write.body, str) else json.dumps(write.body)
        headers = {"content-type": write.media, **({"prefer": write.prefer} if write.prefer else {}), **write.further}
        content = b"" if write.body is None else body.encode()
        return self.service.rest(write.method, path, query, headers, content, PREFIX)

    def restore(self) -> State:
        """Reset all tables, on a connection that is already open."""
        with self.beside.cursor() as cursor:
            for statement in CLEARED:
                cursor.execute(statement)
        assert self.send(Write("GET", "/author")).status == 200
        self.proxied.proxy.forget()
        return self.state()

    def state(self) -> State:
        """Everything stored, except AUTO_INCREMENT ids, because a retry uses new ones."""
        found = []
        with self.beside.cursor() as cursor:
            for query in STATE:
                cursor.execute(query)
                found.append(tuple(tuple(row) for row in cursor.fetchall()))
        return tuple(found)


@contextmanager
def shop_through(
    proxied: StandIn, server: Server, database: str, monkeypatch: pytest.MonkeyPatch, *statements: str
) -> Iterator[Shop]:
    """A shop whose tables were made in this database, and changed by these statements."""
    settings = proxied.settings(database, monkeypatch, CATALOG_MAX_AGE_SECONDS="86400")
    server.execute(*SCHEMA, *statements, database=database)
    with serving(settings) as service, server.connect(database, ssl_disabled=True) as beside:
        yield Shop(proxied, service, beside)


@pytest.fixture
def shop(proxied: StandIn, server: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with shop_through(proxied, server, database, monkeypatch) as shop:
        yield shop
    proxied.proxy.clear_faults()


def code_of(answer: Answer) -> Any:
    return json.loads(answer.body)["code"] if answer.status >= 300 else None


@pytest.mark.parametrize("name", WRITES)
def test_an_interrupted_write_stores_all_or_nothing_and_says_which(shop: Shop, name: str) -> None:
    write, proxy = WRITES[name], shop.proxied.proxy
    before = shop.restore()
    undisturbed = shop.send(write)
    assert undisturbed.status == write.status, undisturbed.body
    after, statements = shop.state(), proxy.texts
    assert proxy.pinning == []
    alone = len(statements) == 1  # it commits by itself
    assert alone or statements[0] == "BEGIN"
    for position, statement in enumerate(statements):
        for moment in get_args(Moment):
            if moment == "login":
                continue
            place = f"{moment} {statement[:200]}"
            assert shop.restore() == before
            proxy.inject(Fault(moment, nth=position + 1))
            answer = shop.send(write)
            assert proxy.clear_faults() == 0, place
            stored = shop.state()
            called = any(text.startswith("CALL") for text in statements[: position + 1])
            if statement == "COMMIT" or alone or called:  # after a CALL, the outcome is unknown
                assert (answer.status, code_of(answer)) == (503, COMMIT_UNKNOWN), place
                commits = statement == "COMMIT" or alone
                assert stored == (after if commits and moment != "before" else before), place
            else:
                assert (answer.status, stored) == (write.status, after), place
            assert shop.send(Write("GET", "/author")).status == 200, place


@pytest.mark.parametrize("name", WRITES)
def test_a_deadlock_at_any_statement_is_retried_and_never_stored_in_part(shop: Shop, name: str) -> None:
    write, proxy = WRITES[name], shop.proxied.proxy
    before = shop.restore()
    shop.send(write)
    after, statements = shop.state(), proxy.texts
    for position, statement in enumerate(statements):
        if statement in ("BEGIN", "ROLLBACK"):
            continue
        assert shop.restore() == before
        proxy.inject(Fault("before", nth=position + 1, error=DEADLOCK))
        answer = shop.send(write)
        if write.repeatable:
            assert (answer.status, shop.state()) == (write.status, after), statement[:200]
        else:
            assert (answer.status, code_of(answer), shop.state()) == (503, "40P01", before), statement[:200]


def test_without_a_free_connection_a_write_is_busy_and_stores_nothing(shop: Shop) -> None:
    before = shop.restore()
    for write in WRITES.values():
        shop.proxied.proxy.inject(Fault("before", error=BORROW_TIMEOUT))
        answer = shop.send(write)
        assert (answer.status, code_of(answer)) == (503, "53300")
        assert ("Retry-After", "1") in answer.headers
        assert shop.state() == before


def test_no_write_is_lost_to_an_idle_connection_that_the_proxy_closed(shop: Shop) -> None:
    for write in WRITES.values():
        shop.restore()
        shop.proxied.proxy.disconnect_all()
        assert shop.send(write).status == write.status
