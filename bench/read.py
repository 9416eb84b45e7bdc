"""What reading costs: the service compared with PyMySQL alone, the C driver with orjson, and a hand-written join.

Both sides of a comparison do the same work: each benchmark asserts that their results are equal before it measures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from typing import Any

from api.catalog import Catalog
from api.catalog.introspection import load_catalog
from api.catalog.lookup import find_table
from api.database import Database
from api.database.literal import statement_text
from api.handler import Handler, make_handler
from api.plan.read import plan_read
from api.reading.paging import page_of
from api.reading.selections import selection_of
from api.request.query import Relation
from api.request.request import parse_request
from api.response.answer import Answer
from api.service import Service
from api.settings import Settings
from api.sql.server import Server as SqlServer
from bench import data
from bench.events import CONTEXT, event
from bench.forwarder import url_through
from bench.measure import Pair, Result, Spread, Timing, in_turns, pair
from local.server import Server

COLUMNS = ("id", "customer_id", "reference", "note", "total", "weight", "paid", "day", "placed", "details")
LIST = f"select={','.join(COLUMNS)}&order=id.asc&limit=1000"
TO_ONE = "select=id,reference,total,customer(id,name,city)&order=id.asc&limit=20"
FILTERED = "select=id,reference,total,customer(id,name,city)&customer_id=eq.{}&order=id.asc&limit=20"
"""The place is that of a value, which differs in each request."""
SHAPED = (
    "select=id,reference,total,customer(name,city),line(number,product)&customer_id=gte.{}&total=lt.500.25"
    "&reference=like.P-*&paid=is.true&or=(note.is.null,day.gte.2024-03-01)&order=placed.desc,id&limit=20"
)
NESTED = (
    "select=id,reference,line(number,product,quantity),tag(word)&line.order=number&tag.order=id&order=id&limit=1000"
)
AGGREGATED = (
    "SELECT JSON_OBJECT('id', p.id, 'reference', p.reference,"
    " 'line', (SELECT COALESCE(JSON_ARRAYAGG(JSON_OBJECT("
    "'number', l.number, 'product', l.product, 'quantity', l.quantity)), JSON_ARRAY())"
    " FROM line l WHERE l.purchase_id = p.id),"
    " 'tag', (SELECT COALESCE(JSON_ARRAYAGG(JSON_OBJECT('word', t.word)), JSON_ARRAY())"
    " FROM purchase_tag j JOIN tag t ON t.id = j.tag_id WHERE j.purchase_id = p.id))"
    " FROM purchase p ORDER BY p.id LIMIT 1000"
)
"""What `NESTED` reads, in any order of the children: JSON_ARRAYAGG has none."""
JOIN = (
    "SELECT JSON_OBJECT('id', p.id, 'reference', p.reference, 'total', p.total, 'customer',"
    " JSON_OBJECT('id', c.id, 'name', c.name, 'city', c.city))"
    " FROM purchase p JOIN customer c ON c.id = p.customer_id ORDER BY p.id LIMIT 20"
)


class Bench:
    """The application on the tables of `bench.data`, and a plain driver connection to the same database.

    `port`: of a forwarder that the application connects to instead of the server.
    """

    def __init__(self, server: Server, database: str, port: int | None = None) -> None:
        self.server, self.name = server, database
        self.environment = {"AUROREST_DATABASE_URL": url_through(server, database, port)}
        self.settings = Settings.from_environment(self.environment)
        self.database = Database(self.settings)
        self.service = Service(self.settings, self.database)
        self.driver = server.connect(database)
        self.catalog: Catalog = self.database.read(lambda session: load_catalog(session, database, (database,)))
        self.get("/purchase", "limit=1")

    def get(self, path: str, query: str) -> Answer:
        """Send a GET to the service."""
        return self.service.rest("GET", path, query, {}, b"")

    def statements_of(self, path: str, query: str) -> list[str]:
        """The statements that this GET sends to the server."""
        return self.sent_by(lambda: self.get(path, query))

    def sent_by(self, work: Callable[[], Answer]) -> list[str]:
        """The statements that the work sends to the server; they are not recorded during a measurement."""
        sent: list[str] = []
        self.database.observe = lambda text, _seconds: sent.append(text)
        assert work().status in (200, 206)
        self.database.observe = None
        return sent

    def fetch(self, statement: str) -> tuple[tuple[Any, ...], ...]:
        """Fetch the statement's rows with PyMySQL alone."""
        with self.driver.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())

    def handler(self) -> Handler:
        """The Lambda function's own handler, on the same database."""
        return make_handler(self.environment)

    @property
    def pid(self) -> int:
        """The database server's process."""
        return self.server.process.pid

    def close(self) -> None:
        """Close the connections."""
        self.database.close()
        self.driver.close()


def array(rows: tuple[tuple[Any, ...], ...]) -> bytes:
    """Join rows of one JSON value each into a response body."""
    return b"[" + b",".join([row[0].encode() for row in rows]) + b"]"


def understand(catalog: Catalog, settings: Settings, query: str) -> str:
    """Parse a list request, plan it and write its statement."""
    request = parse_request(
        "GET",
        "/purchase",
        query,
        {},
        b"",
        max_body_bytes=settings.max_body_bytes,
        max_write_rows=settings.max_write_rows,
    )
    assert isinstance(request.target, Relation)
    table = find_table(catalog, None, request.target.name)
    plan = page_of(plan_read(catalog, table, request.query, request.limit, request.offset), settings.max_rows)
    writer = SqlServer(catalog.dialect, settings.statement_timeout_ms)
    selection, _ = selection_of(plan, writer, cells=False, order_values=False, nest=True, total=None)
    return statement_text(selection.statement)


def run(server: Server, rounds: int) -> Iterator[Result]:
    """Run every read benchmark."""
    with server.temporary_database() as name:
        data.fill(server, name)
        with closing(Bench(server, name)) as bench:
            yield from _list(bench, rounds)
            yield from _row(bench, rounds)
            yield from _understanding(bench, rounds)
            yield from _to_one(bench, rounds)
            yield from _nested(bench, rounds)


def _list(bench: Bench, rounds: int) -> Iterator[Result]:
    from bench.c_driver import Rows

    (statement,) = bench.statements_of("/purchase", LIST)
    names = ",".join(COLUMNS)
    plain = f"SELECT {names} FROM purchase ORDER BY id LIMIT 1000"
    with closing(Rows(bench.server, bench.name)) as c_driver:
        body = bench.get("/purchase", LIST).body
        assert body == array(bench.fetch(statement))
        assert body == c_driver.answer(plain, COLUMNS, "details")
        listed, fetched, built = in_turns(
            lambda: bench.get("/purchase", LIST),
            lambda: bench.fetch(statement),
            lambda: c_driver.answer(plain, COLUMNS, "details"),
            rounds=rounds,
            server_pid=bench.pid,
        )
    beside_driver, beside_c_driver = Pair(listed, fetched), Pair(listed, built)
    yield _duration("list, 1000 rows x 10 columns", listed)
    yield Result("  / PyMySQL fetching the same text", beside_driver.ratio, "", 1.15)
    yield Result("    in CPU time", beside_driver.cpu_ratio, "")
    yield Result("  / mysqlclient and orjson", beside_c_driver.ratio, "", 0.65)
    yield Result("    in CPU time", beside_c_driver.cpu_ratio, "")


def _row(bench: Bench, rounds: int) -> Iterator[Result]:
    (statement,) = bench.statements_of("/purchase/42", "")
    handler, asked = bench.handler(), event("GET", "purchase/42")
    answer = handler(asked, CONTEXT)
    assert answer["statusCode"] == 200, answer
    assert answer["body"] == bench.fetch(statement)[0][0]
    measured = pair(
        lambda: handler(asked, CONTEXT), lambda: bench.fetch(statement), rounds=rounds, calls=20, server_pid=bench.pid
    )
    yield _duration("one row by key, through the handler", measured.subject)
    yield Result("  - the bare statement", measured.difference.scaled(1000), "ms", 0.2)
    yield Result("    in CPU time", measured.cpu_difference.scaled(1000), "ms")


def _understanding(bench: Bench, rounds: int) -> Iterator[Result]:
    for name, query in (("a filter, an embed", FILTERED), ("five filters, two embeds", SHAPED)):
        keys = count(1)

        def work(query: str = query, keys: Iterator[int] = keys) -> str:
            return understand(bench.catalog, bench.settings, query.format(next(keys)))

        assert "WHERE" in work()
        (measured,) = in_turns(work, rounds=rounds, calls=200)
        yield Result(f"parse, plan, SQL: {name}", Spread.of(measured.wall).scaled(1000), "ms", 0.04)


def _to_one(bench: Bench, rounds: int) -> Iterator[Result]:
    sent = bench.statements_of("/purchase", TO_ONE)
    assert json.loads(bench.get("/purchase", TO_ONE).body) == json.loads(array(bench.fetch(JOIN)))
    measured = pair(
        lambda: bench.get("/purchase", TO_ONE), lambda: bench.fetch(JOIN), rounds=rounds, calls=20, server_pid=bench.pid
    )
    note = f"statements: {len(sent)}"
    yield _duration("20 rows with a to-one embed", measured.subject, note)
    yield Result("  / the hand-written join", measured.ratio, "", 1.4)
    yield Result("    in CPU time", measured.cpu_ratio, "")


def _nested(bench: Bench, rounds: int) -> Iterator[Result]:
    sent = bench.statements_of("/purchase", NESTED)
    assert in_any_order(bench.get("/purchase", NESTED).body) == in_any_order(array(bench.fetch(AGGREGATED)))
    measured = pair(
        lambda: bench.get("/purchase", NESTED), lambda: bench.fetch(AGGREGATED), rounds=rounds, server_pid=bench.pid
    )
    yield _duration("1,000 rows with two to-many embeds", measured.subject, f"statements: {len(sent)}")
    yield Result("  / hand-written JSON_ARRAYAGG", measured.ratio, "", 1.3)
    yield Result("    in CPU time", measured.cpu_ratio, "")


def in_any_order(body: bytes) -> list[dict[str, Any]]:
    """Rows of `NESTED` with their children sorted."""
    rows: list[dict[str, Any]] = json.loads(body)
    for row in rows:
        row["line"].sort(key=lambda line: line["number"])
        row["tag"].sort(key=lambda tag: tag["word"])
    return rows


def _duration(name: str, timing: Timing, note: str = "") -> Result:
    return Result(name, Spread.of(timing.wall).scaled(1000), "ms", note=note)
