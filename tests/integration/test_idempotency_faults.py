"""Break the connection at every statement of a request with an Idempotency-Key, and let the client repeat the request:
it ends with one write, and with the answer that this write had."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from api.response.answer import Answer
from api.service import Service
from local.server import Server
from migrator.idempotency import create_idempotency_table
from tests.integration.write import SHOWN, Write, send
from tests.standin.faults import Fault, Moment
from tests.standin.session import StandIn, serving

KEY = "k1"
MOMENTS: tuple[Moment, ...] = ("before", "during", "after")
TABLES = (
    "CREATE TABLE note (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, line VARCHAR(100) NOT NULL, seen INT NOT NULL DEFAULT 0)",
    """CREATE FUNCTION add_note(words VARCHAR(100)) RETURNS INT MODIFIES SQL DATA
BEGIN INSERT INTO note (line) VALUES (words); RETURN (SELECT COUNT(*) FROM note); END""",
    """CREATE PROCEDURE add_notes(words VARCHAR(100)) MODIFIES SQL DATA
BEGIN INSERT INTO note (line) VALUES (words); SELECT COUNT(*) AS notes FROM note; END""",
)
CLEARED = (
    "DELETE FROM aurorest_idempotency",
    "DELETE FROM note",
    "INSERT INTO note (id, line) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
)


WRITES = {
    "an insert": Write("POST", "/note?select=line,seen", {"line": "d"}, SHOWN),
    "an insert without an answer": Write("POST", "/note", {"line": "d"}),
    "an upsert": Write(
        "POST",
        "/note?select=line",
        [{"id": 1, "line": "z"}, {"line": "d"}],
        f"missing=default, resolution=merge-duplicates, {SHOWN}",
    ),
    "an update": Write("PATCH", "/note?seen=eq.0&order=id&limit=1", {"seen": 1}, SHOWN),
    "a removal": Write("DELETE", "/note?id=gt.0&order=id&limit=1", None, SHOWN),
    "a function": Write("POST", "/rpc/add_note", {"words": "d"}),
    "a procedure": Write("POST", "/rpc/add_notes", {"words": "d"}),
    "a batch": Write(
        "POST",
        "/",
        [
            {"method": "POST", "path": "/note?select=line", "headers": {"Prefer": SHOWN}, "body": {"line": "d"}},
            {"method": "POST", "path": "/note", "body": {"line": {"$ref": "0.body.0.line"}}},
            {"method": "PATCH", "path": "/note?seen=eq.0&order=id&limit=1", "body": {"seen": 1}},
        ],
    ),
    "a batch with a call": Write(
        "POST",
        "/",
        [
            {"method": "POST", "path": "/note", "body": {"line": "d"}},
            {"method": "POST", "path": "/rpc/add_notes", "body": {"words": "e"}},
        ],
    ),
}
"""Each would change something else whenever it ran again."""


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[str]:
    with server.temporary_database() as name:
        server.execute(*TABLES, database=name)
        with closing(server.connect(name)) as connection:
            create_idempotency_table(connection, name)
        yield name


@pytest.fixture
def service(proxied: StandIn, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with serving(proxied.settings(database, monkeypatch)) as running:
        yield running


def notes(server: Server, database: str) -> list[tuple[str, int]]:
    with closing(server.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT line, seen FROM note ORDER BY id")
        return [(str(line), int(seen)) for line, seen in cursor.fetchall()]


def patiently(service: Service, write: Write) -> tuple[Answer, list[int]]:
    """Repeat the request until it succeeds: the last answer, and the statuses of all."""
    statuses: list[int] = []
    while len(statuses) < 10:
        answer = send(service, write, idempotency_key=KEY)
        statuses.append(answer.status)
        if answer.status < 300:
            return answer, statuses
        assert answer.status in (409, 503), answer.body
    raise AssertionError(statuses)


@pytest.mark.parametrize("kind", WRITES)
def test_a_client_that_repeats_its_request_ends_with_one_write_and_its_answer(
    service: Service, proxied: StandIn, server: Server, database: str, kind: str
) -> None:
    write = WRITES[kind]
    server.execute(*CLEARED, database=database)
    service.tables()
    assert service.ready().status == 200
    proxied.proxy.forget()
    first = send(service, write, idempotency_key=KEY)
    assert first.status < 300, first.body
    after = notes(server, database)
    statements = len(proxied.proxy.texts)
    assert statements >= 6
    on_the_way = set()
    for nth in range(1, statements + 1):
        for moment in MOMENTS:
            server.execute(*CLEARED, database=database)
            assert service.ready().status == 200
            proxied.proxy.inject(Fault(moment, nth=nth))
            answer, statuses = patiently(service, write)
            assert proxied.proxy.clear_faults() == 0, (nth, moment)
            on_the_way.update(statuses)
            assert notes(server, database) == after, (nth, moment)
            assert (answer.status, answer.body) == (first.status, first.body), (nth, moment)
            again = send(service, write, idempotency_key=KEY)
            assert ("Idempotency-Replayed", "true") in again.headers
            assert (again.status, again.body) == (first.status, first.body)
            assert notes(server, database) == after
    assert proxied.proxy.pinning == [] or kind in ("a function", "a procedure", "a batch with a call")


def test_an_answer_that_was_committed_is_found_although_the_commit_was_not_answered(
    service: Service, proxied: StandIn, server: Server, database: str
) -> None:
    write = WRITES["an insert"]
    server.execute(*CLEARED, database=database)
    assert service.ready().status == 200
    proxied.proxy.inject(Fault("after", matching="COMMIT"))
    answer = send(service, write, idempotency_key=KEY)
    assert (answer.status, json.loads(answer.body)) == (201, [{"line": "d", "seen": 0}])
    assert ("Idempotency-Replayed", "true") in answer.headers
    assert len(notes(server, database)) == 4


def test_a_commit_that_did_not_arrive_is_an_error_that_says_how_to_go_on(
    service: Service, proxied: StandIn, server: Server, database: str
) -> None:
    write = WRITES["an insert"]
    server.execute(*CLEARED, database=database)
    assert service.ready().status == 200
    proxied.proxy.inject(Fault("before", matching="COMMIT"))
    answer = send(service, write, idempotency_key=KEY)
    assert (answer.status, json.loads(answer.body)["code"]) == (503, "08007")
    assert json.loads(answer.body)["hint"] == "Send the request again with the same Idempotency-Key."
    assert len(notes(server, database)) == 3
    assert send(service, write, idempotency_key=KEY).status == 201
    assert len(notes(server, database)) == 4
