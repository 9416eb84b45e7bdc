"""One statement against several: for each shape of a list, the way that the API reads it, compared with the other way,
with and without a network between it and the database.

A shape is read in one statement if that is faster at 1 ms of delay, and at most 20 % slower without any.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from unittest import mock

from api.plan.tree import ReadPlan
from api.reading import read as list_reading
from api.reading.rows import Reader, Rows
from api.response.answer import Answer
from api.sql.read import Counting
from bench import data
from bench.forwarder import forwarding
from bench.measure import Result, pair
from bench.read import Bench
from local.server import Server

DELAYS_MS = (0.0, 1.0)
SLOWER_WITHOUT_DELAY = 1.2

EMBEDS = {
    "1 parent by key": ("/purchase", "select=id,total,line(number,product)&id=eq.42"),
    "20 parents": ("/purchase", "select=id,total,line(number,product,quantity)&order=id&limit=20"),
    "1,000 parents": ("/purchase", "select=id,total,line(number,product,quantity)&order=id&limit=1000"),
    "20 parents, two levels": ("/customer", "select=id,purchase(id,total,line(number,product))&order=id&limit=20"),
    "500 parents, two levels": ("/customer", "select=id,purchase(id,total,line(number,product))&order=id&limit=500"),
    "20 parents, two embeds": ("/purchase", "select=id,line(number,product),tag(word)&order=id&limit=20"),
    "1,000 parents, two embeds": ("/purchase", "select=id,line(number,product),tag(word)&order=id&limit=1000"),
    "20 parents, many to many": ("/purchase", "select=id,tag(word)&order=id&limit=20"),
    "1,000 parents, many to many": ("/purchase", "select=id,tag(word)&order=id&limit=1000"),
    "20 parents, two children each": ("/customer", "select=id,purchase(id,total)&purchase.limit=2&order=id&limit=20"),
    "500 parents, two children each": ("/customer", "select=id,purchase(id,total)&purchase.limit=2&order=id&limit=500"),
    "20 parents, two newest children": (
        "/customer",
        "select=id,purchase(id,total)&purchase.order=placed.desc&purchase.limit=2&order=id&limit=20",
    ),
    "500 parents, two newest children": (
        "/customer",
        "select=id,purchase(id,total)&purchase.order=placed.desc&purchase.limit=2&order=id&limit=500",
    ),
    "20 rows, siblings through the parent": ("/purchase", "select=id,customer(name,purchase(id))&order=id&limit=20"),
    "1,000 rows, siblings through the parent": (
        "/purchase",
        "select=id,customer(name,purchase(id))&order=id&limit=1000",
    ),
    "20 parents, spread": ("/purchase", "select=id,...line(number,product,quantity)&order=id&limit=20"),
    "1,000 parents, spread": ("/purchase", "select=id,...line(number,product,quantity)&order=id&limit=1000"),
    "20 parents, count of children": ("/customer", "select=id,purchase(count(),total.sum())&order=id&limit=20"),
    "500 parents, count of children": ("/customer", "select=id,purchase(count(),total.sum())&order=id&limit=500"),
    "20 parents, children by group": ("/customer", "select=id,purchase(paid,count())&order=id&limit=20"),
    "500 parents, children by group": ("/customer", "select=id,purchase(paid,count())&order=id&limit=500"),
    "20 parents with such a child": (
        "/purchase",
        "select=id,line!inner(number,product)&line.quantity=gt.5&order=id&limit=20",
    ),
    "1,000 parents with such a child": (
        "/purchase",
        "select=id,line!inner(number,product)&line.quantity=gt.5&order=id&limit=1000",
    ),
    "20 rows in the order of a relation": (
        "/purchase",
        "select=id,customer!inner(name),line(number)&order=customer(name),id&limit=20",
    ),
    "20 rows, unindexed order": ("/purchase", "select=id,line(number,product)&order=total.desc,id&limit=20"),
    "20 parents, CSV": ("/purchase", "select=id,total,line(number,product,quantity)&order=id&limit=20"),
}
"""Lists with to-many embeds."""

TOTALS = {
    "20 of all rows": ("/purchase", "select=id,reference,total&order=id&limit=20"),
    "1,000 of all rows": ("/purchase", "select=id,reference,total&order=id&limit=1000"),
    "20 rows by an indexed filter": ("/purchase", "select=id,reference,total&placed=gte.2025-01-01&order=id&limit=20"),
    "20 rows by an unindexed filter": ("/purchase", "select=id,reference,total&total=lt.5000&order=id&limit=20"),
    "20 rows in an unindexed order": ("/purchase", "select=id,reference&total=lt.5000&order=total&limit=20"),
    "20 parents with embeds": ("/purchase", "select=id,line(number)&total=lt.5000&order=id&limit=20"),
    "the last page": ("/purchase", "select=id,reference,total&total=lt.5000&order=id&limit=20&id=gt.4990"),
}
"""Pages with `count=exact`."""


def run(server: Server, rounds: int) -> Iterator[Result]:
    """Measure every shape at every delay."""
    with ExitStack() as stack:
        name = stack.enter_context(server.temporary_database())
        data.fill(server, name)
        ports = [stack.enter_context(forwarding(server.socket, delay)) if delay else None for delay in DELAYS_MS]
        benches = [stack.enter_context(closing(Bench(server, name, port))) for port in ports]
        for shape, (path, query) in EMBEDS.items():
            headers = {"accept": "text/csv"} if shape.endswith("CSV") else {}
            yield from _compared(benches, rounds, shape, path, query, headers)
        for shape, (path, query) in TOTALS.items():
            yield from _compared(benches, rounds, f"{shape}, total", path, query, {"prefer": "count=exact"})


@contextmanager
def apart() -> Iterator[None]:
    """Read embeds and totals by separate statements during a `with` block."""

    def read(reader: Reader, plan: ReadPlan, order_values: bool, total: Counting | None) -> Rows:
        return replace(reader, nest=False).read(plan, order_values=order_values, total=total)

    with mock.patch.object(Reader, "_read_nested", read), mock.patch.object(list_reading, "_is_page", _never):
        yield


def _never(*_: object) -> bool:
    return False


def _compared(
    benches: list[Bench], rounds: int, shape: str, path: str, query: str, headers: dict[str, str]
) -> Iterator[Result]:
    for bench, delay in zip(benches, DELAYS_MS, strict=True):

        def get(bench: Bench = bench) -> Answer:
            return bench.service.rest("GET", path, query, headers, b"")

        def get_apart(bench: Bench = bench) -> Answer:
            with apart():
                return bench.service.rest("GET", path, query, headers, b"")

        assert get().body == get_apart().body, (shape, get().body[:200], get_apart().body[:200])
        measured = pair(get, get_apart, rounds=rounds, server_pid=bench.pid)
        name = f"{shape}, {delay:g} ms: one / several"
        if bench.sent_by(get) == bench.sent_by(get_apart):
            yield Result(name, measured.ratio, "", note="this shape is read by several statements")
        else:
            yield Result(name, measured.ratio, "", 1.0 if delay else SLOWER_WITHOUT_DELAY)
