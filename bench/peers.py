"""The API's Lambda handler compared with hand-written ones, with a network of 0, 1 and 5 ms to the database.

Every handler gets events of the same requests alternately, each in its own process. Their answers are compared before
they are measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count, repeat
from typing import Any

from api.handler import make_handler
from bench import data, handwritten, mapped
from bench.events import event
from bench.forwarder import HOST, forwarding, url_through
from bench.handler_process import Events, HandlerProcess, started
from bench.measure import Pair, Result, Spread, in_turns
from bench.models import Handler
from bench.read import COLUMNS
from local.server import USER, Server

DELAYS_MS = (0, 1, 5)
"""Round-trip times of the network. Without a delay, the handlers use the server's own socket."""

PEERS: dict[str, Callable[[dict[str, Any]], Handler]] = {
    "FastAPI + PyMySQL": handwritten.keeping,
    "FastAPI + SQLAlchemy": mapped.pooling,
    "a connection for each request": handwritten.connecting,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A request of our handler, and the same of hand-written ones."""

    ours: Events
    theirs: Events
    calls: int
    """In each round: more for those that take microseconds."""
    target: float | None = None
    """At most this share of FastAPI + PyMySQL's time, without delay."""


def cases(first: int) -> dict[str, Case]:
    """The cases by name. `first`: the key of the first row to insert."""
    shown = f"select={','.join(COLUMNS)}&order=id"
    with_lines = "select=id,reference,line(number,product,quantity)&order=id&limit=100"
    key, new, registered = _get("purchase/42", ""), _inserts(first), repeat(_insert("visitor", _ADA))
    return {
        "one row by key": Case(key, key, 50, 0.4),
        "20 rows": Case(_get("purchase", f"{shown}&limit=20"), _get("purchase", "limit=20"), 50, 0.4),
        "1000 rows": Case(_get("purchase", f"{shown}&limit=1000"), _get("purchase", "limit=1000"), 5, 0.2),
        "100 rows with their lines": Case(_get("purchase", with_lines), _get("purchase-with-lines", "limit=100"), 20),
        "insert, shown": Case(registered, registered, 20, 0.5),
        "insert with its key, shown": Case(new, new, 20, 0.5),
    }


_ROWS_OF_EACH = 10_000_000
"""Keys that each handler may give to new rows."""


def run(server: Server, rounds: int) -> Iterator[Result]:
    """Run every case at every delay."""
    with server.temporary_database() as name:
        data.fill(server, name)
        for number, delay_ms in enumerate(DELAYS_MS):
            first = 1 + number * (1 + len(PEERS))
            with ExitStack() as stack:
                port = stack.enter_context(forwarding(server.socket, delay_ms)) if delay_ms else None
                where = {"unix_socket": str(server.socket)} if port is None else {"host": HOST, "port": port}
                address = {**where, "user": USER, "password": server.password, "database": name, "charset": "utf8mb4"}
                settings = {"AUROREST_DATABASE_URL": url_through(server, name, port)}
                ours = stack.enter_context(started(make_handler, settings, partial(_ours, first * _ROWS_OF_EACH)))
                theirs = {
                    peer: stack.enter_context(started(make, address, partial(_theirs, other * _ROWS_OF_EACH)))
                    for other, (peer, make) in enumerate(PEERS.items(), first + 1)
                }
                yield from _compared(ours, theirs, f"{delay_ms} ms: " if delay_ms else "", rounds)


def _ours(first: int) -> dict[str, Events]:
    return {name: case.ours for name, case in cases(first).items()}


def _theirs(first: int) -> dict[str, Events]:
    return {name: case.theirs for name, case in cases(first).items()}


def _compared(ours: HandlerProcess, theirs: dict[str, HandlerProcess], network: str, rounds: int) -> Iterator[Result]:
    """`network`: what the names of the results begin with; empty without a delay."""
    handlers = [ours, *theirs.values()]
    for case, each in cases(0).items():
        expected, *others = [_shape(handler.answer(case)) for handler in handlers]
        assert all(other == expected for other in others), case
        calls, times = (1, rounds // 4 or 1) if network else (each.calls, rounds)
        timings = in_turns(*[partial(handler.run, case, calls) for handler in handlers], rounds=times)
        ms = Spread.of(timings[0].wall).scaled(1000 / calls)
        yield Result(f"{network}{case}", ms, "ms")
        for index, peer in enumerate(theirs, 1):
            target = each.target if index == 1 and not network else None
            yield Result(f"  / {peer}", Pair(timings[0], timings[index]).ratio, "", target)


def _get(path: str, query: str) -> Events:
    return repeat(event("GET", path, query))


def _insert(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return event("POST", table, body=row, accept="application/vnd.pgrst.object+json, application/json;q=0.5")


def _inserts(first: int) -> Events:
    inserted = _insert("customer", _ADA)
    for key in count(first):
        yield {**inserted, "body": json.dumps({"id": key, **_ADA})}


_ADA = {"name": "Ada", "city": "Ghent"}


def _shape(answer: Any) -> Any:
    """An answer without the key of a new row, which differs from call to call."""
    return {**answer, "id": 0} if isinstance(answer, dict) and answer.get("name") == "Ada" else answer
