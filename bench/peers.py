"""The API's Lambda handler compared with hand-written ones, with a network of 0, 1 and 5 ms to the database.

Every handler gets events of the same requests alternately. Their answers are compared before they are measured.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from api.handler import make_handler
from bench import data, handwritten, mapped
from bench.forwarder import HOST, forwarding, url_through
from bench.measure import Pair, Result, Spread, in_turns
from bench.models import Handler
from bench.read import COLUMNS, CONTEXT, row_event
from local.server import USER, Server

DELAYS_MS = (0, 1, 5)
"""Round-trip times of the network."""

PEERS: dict[str, Callable[[dict[str, Any]], Handler]] = {
    "FastAPI + PyMySQL": handwritten.keeping,
    "FastAPI + SQLAlchemy": mapped.pooling,
    "a connection for each request": handwritten.connecting,
}
TARGETS = {"one row by key": 0.4, "20 rows": 0.4, "1000 rows": 0.2, "insert, shown": 0.5}
"""At most this share of FastAPI + PyMySQL's time, without delay."""

Event = Callable[[], dict[str, Any]]


def run(server: Server, rounds: int) -> Iterator[Result]:
    """Run every case at every delay."""
    with server.temporary_database() as name:
        data.fill(server, name)
        for delay_ms in DELAYS_MS:
            with forwarding(server.socket, delay_ms) as port:
                yield from _at(server, name, port, delay_ms, rounds if delay_ms == 0 else rounds // 4 or 1)


def _at(server: Server, name: str, port: int, delay_ms: int, rounds: int) -> Iterator[Result]:
    address = {"host": HOST, "port": port, "user": USER, "password": server.password, "database": name}
    ours = make_handler({"AUROREST_DATABASE_URL": url_through(server, name, port)})
    theirs = {peer: make({**address, "charset": "utf8mb4"}) for peer, make in PEERS.items()}
    for case, our_event, their_event in _cases():
        expected = _answer(ours, our_event())
        for peer, handler in theirs.items():
            assert _shape(_answer(handler, their_event())) == _shape(expected), (case, peer)
        works = [_work(ours, our_event), *(_work(handler, their_event) for handler in theirs.values())]
        timings = in_turns(*works, rounds=rounds, calls=1 if "1000" in case else 5, server_pid=server.process.pid)
        network = f"{delay_ms} ms: " if delay_ms else ""
        yield Result(f"{network}{case}", Spread.of(timings[0].wall).scaled(1000), "ms")
        for index, peer in enumerate(theirs, 1):
            target = TARGETS.get(case) if index == 1 and not delay_ms else None
            yield Result(f"  / {peer}", Pair(timings[0], timings[index]).ratio, "", target)


def _cases() -> Iterator[tuple[str, Event, Event]]:
    """Name, our event and the hand-written API's."""
    columns = ",".join(COLUMNS)
    yield "one row by key", partial(row_event, 42), partial(row_event, 42)
    for limit in (20, 1000):
        yield (
            f"{limit} rows",
            partial(_get, "purchase", f"select={columns}&order=id&limit={limit}"),
            partial(_get, "purchase", f"limit={limit}"),
        )
    yield (
        "100 rows with their lines",
        partial(_get, "purchase", "select=id,reference,line(number,product,quantity)&order=id&limit=100"),
        partial(_get, "purchase-with-lines", "limit=100"),
    )
    yield "insert, shown", _insert, _insert


_ids = count(data.CUSTOMERS + 1)


def _get(path: str, query: str) -> dict[str, Any]:
    event = row_event(1)
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/rest/v1/{path}"
    return {**event, "rawQueryString": query}


def _insert() -> dict[str, Any]:
    event = _get("customer", "")
    event["requestContext"]["http"]["method"] = "POST"
    event["headers"] |= {
        "content-type": "application/json",
        "prefer": "return=representation",
        "accept": "application/vnd.pgrst.object+json, application/json;q=0.5",
    }
    return {**event, "body": json.dumps({"id": next(_ids), "name": "Ada", "city": "Ghent"}), "isBase64Encoded": False}


def _work(handler: Handler, event: Event) -> Callable[[], object]:
    def work() -> object:
        return handler(event(), CONTEXT)

    return work


def _answer(handler: Handler, event: dict[str, Any]) -> Any:
    answer = handler(event, CONTEXT)
    assert answer["statusCode"] in (200, 201, 206), answer
    return json.loads(b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"])


def _shape(answer: Any) -> Any:
    """An answer without the key of a new row, which differs from call to call."""
    return {**answer, "id": 0} if isinstance(answer, dict) and answer.get("name") == "Ada" else answer
