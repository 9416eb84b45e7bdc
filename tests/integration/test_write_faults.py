"""Break the connection before, during and after every statement of every kind of write.

The response is always true: success means that everything is stored, an error that nothing is, except for the one
error that says that the outcome is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from api.service import Service
from local.server import Server
from tests.integration.client import Client
from tests.integration.conftest import CLEARED
from tests.integration.write import SHOWN, Write, send
from tests.standin.faults import Fault, Moment
from tests.standin.session import StandIn, serving

UNKNOWN = "08007"


ROWS = [{"id": 1_000 + number, "content": "x" * 100} for number in range(300)]
WRITES = {
    "one row": Write("POST", "/author", {"name": "Di"}),
    "rows that are shown": Write("POST", "/author?select=*,book(title)", [{"name": "Di"}, {"name": "Ed"}], SHOWN),
    "explicit and automatic ids": Write(
        "POST", "/author", [{"name": "Di"}, {"id": 99, "name": "Ed"}], f"{SHOWN}, missing=default"
    ),
    "rows of several statements": Write("POST", "/document", ROWS),
    "rows without a key": Write("POST", "/reading", [{"sensor": 1, "at": "2024-01-01"}], SHOWN),
    "a merging upsert": Write(
        "POST",
        "/author",
        [{"id": 2, "name": "Bert"}, {"id": 9, "name": "Zoe"}],
        f"resolution=merge-duplicates, {SHOWN}",
    ),
    "an ignoring upsert": Write(
        "POST", "/author", [{"id": 2, "name": "Bert"}, {"id": 9, "name": "Zoe"}], "resolution=ignore-duplicates"
    ),
    "a put": Write("PUT", "/seat?hall=eq.a&number=eq.1", {"hall": "a", "number": 1, "guest": "x"}),
    "an update": Write("PATCH", "/author?id=gt.1", {"rank_number": 9}),
    "an update that is shown": Write("PATCH", "/author?id=gt.1&order=id", {"rank_number": 9}, SHOWN),
    "an update without a key": Write(
        "PATCH",
        "/reading?sensor=eq.1",
        {"word": "x"},
        SHOWN,
        ("INSERT INTO reading (sensor, at) VALUES (1, '2024-01-01')",),
    ),
    "a removal": Write("DELETE", "/book?id=gt.1"),
    "a removal that is shown": Write("DELETE", "/book?id=gt.1&select=*,author(name)", None, SHOWN),
    "rows inside of rows": Write("POST", "/author", [{"name": "Di", "book": [{"title": "x"}, {"title": "y"}]}] * 2),
    "rows with their own values": Write("PATCH", "/author", [{"id": n, "rank_number": 7 + n} for n in (1, 2, 3)]),
    "a batch": Write(
        "POST",
        "/",
        [
            {"method": "POST", "path": "/author", "body": {"name": "Di"}},
            {"method": "GET", "path": "/author"},
            {"method": "DELETE", "path": "/book?id=gt.1"},
            {"method": "POST", "path": "/seat", "body": {"hall": "z", "number": {"$ref": "0.status"}}},
        ],
    ),
    "a function": Write("POST", "/rpc/next_author", {"who": "Di"}),
}
TABLES = {
    "author": "SELECT name, rank_number FROM author ORDER BY name",
    "book": "SELECT title FROM book ORDER BY title",
    "document": "SELECT COUNT(*) FROM document",
    "reading": "SELECT sensor, word FROM reading",
    "seat": "SELECT hall, number, guest FROM seat",
}


@pytest.fixture
def service(proxied: StandIn, store_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with serving(proxied.settings(store_database, monkeypatch)) as running:
        yield running


def stored(server: Server, database: str) -> dict[str, object]:
    with server.connect(database) as connection, connection.cursor() as cursor:
        found: dict[str, object] = {}
        for table, query in TABLES.items():
            cursor.execute(query)
            found[table] = tuple(cursor.fetchall())
        return found


def outcome(service: Service, write: Write) -> tuple[int, str]:
    """The status, and the code of an error."""
    answer = send(service, write)
    return answer.status, json.loads(answer.body)["code"] if answer.status >= 400 else ""


def reset(server: Server, database: str, write: Write) -> None:
    server.execute(*CLEARED, *write.before, database=database)


@pytest.mark.parametrize("kind", WRITES)
def test_a_broken_connection_stores_all_or_nothing_and_the_response_says_which(
    service: Service, proxied: StandIn, server: Server, store_database: str, kind: str
) -> None:
    write = WRITES[kind]
    reset(server, store_database, write)
    before = stored(server, store_database)
    assert service.ready().status == 200
    service.tables()
    proxied.proxy.forget()
    status, _ = outcome(service, write)
    assert status < 300
    after = stored(server, store_database)
    assert before != after
    statements = len(proxied.proxy.texts)
    outcomes = set()
    moments: tuple[Moment, ...] = ("before", "during", "after")
    for nth in range(1, statements + 1):
        for moment in moments:
            reset(server, store_database, write)
            assert service.ready().status == 200
            proxied.proxy.inject(Fault(moment, nth=nth))
            status, code = outcome(service, write)
            assert proxied.proxy.clear_faults() == 0, (nth, moment)
            found = stored(server, store_database)
            outcomes.add(code)
            if status < 300:
                assert found == after, (nth, moment)
            elif code == UNKNOWN:
                assert nth == statements, "only a COMMIT, or the only statement, may be unknown"
                assert found in (before, after)
            else:
                assert found == before, (nth, moment, code)
    assert outcomes == ({UNKNOWN} if statements == 1 else {"", UNKNOWN})
    assert proxied.proxy.pinning == []


def test_a_connection_that_keeps_breaking_is_an_error_and_stores_nothing(
    service: Service, proxied: StandIn, server: Server, store_database: str
) -> None:
    write = WRITES["a merging upsert"]
    reset(server, store_database, write)
    before = stored(server, store_database)
    assert service.ready().status == 200
    proxied.proxy.inject(*[Fault("after", nth=nth, matching="INSERT") for nth in (1, 2)])
    assert outcome(service, write) == (503, "08006")
    assert stored(server, store_database) == before


def test_an_interrupted_procedure_is_never_called_twice(
    service: Service, proxied: StandIn, server: Server, store_database: str
) -> None:
    write = Write("POST", "/rpc/add_author", {"who": "Di", "place": 1})
    for moment, codes in (("before", {UNKNOWN}), ("after", {UNKNOWN})):
        reset(server, store_database, write)
        before = stored(server, store_database)
        assert service.ready().status == 200
        proxied.proxy.inject(Fault(moment, matching="CALL"))  # type: ignore[arg-type]
        status, code = outcome(service, write)
        assert (status, code in codes) == (503, True)
        assert stored(server, store_database) == before


def test_a_failure_at_any_statement_stores_nothing(store: Client, store_database: str, server: Server) -> None:
    before = stored(server, store_database)
    rows = [*ROWS, {"id": ROWS[0]["id"], "content": "again"}]
    assert store.send("POST", "/document", rows).status == 409
    assert store.send("PATCH", "/author?id=gt.0", {"rank_number": -1}).status == 400
    assert (
        store.send(
            "POST", "/author", [{"id": 2, "name": "x"}, {"id": 9}], "resolution=merge-duplicates,missing=default"
        ).status
        == 400
    )
    assert stored(server, store_database) == before


def test_a_write_to_be_rolled_back_is_shown_but_not_stored(store: Client, store_database: str, server: Server) -> None:
    before = stored(server, store_database)
    for method, address, body in (
        ("POST", "/author?select=name", {"name": "Di"}),
        ("PATCH", "/author?id=eq.1&select=name", {"name": "Di"}),
        ("DELETE", "/book?id=eq.1&select=title", None),
        ("PUT", "/seat?hall=eq.a&number=eq.1&select=hall", {"hall": "a", "number": 1}),
    ):
        response = store.send(method, address, body, f"{SHOWN}, tx=rollback")
        assert len(response.json) == 1
        assert "tx=rollback" in response.headers["Preference-Applied"]
    assert stored(server, store_database) == before
