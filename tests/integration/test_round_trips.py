"""How many statements a request sends: behind RDS Proxy each is a round trip of milliseconds, in which rows stay locked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

SHOWN = "return=representation"
MERGE = "resolution=merge-duplicates"
IGNORE = "resolution=ignore-duplicates"
TABLES = (
    "CREATE TABLE note (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, text VARCHAR(40) NULL, n INT NOT NULL DEFAULT 0)",
    "CREATE FUNCTION twice(n INT) RETURNS INT NO SQL DETERMINISTIC RETURN 2 * n",
    "CREATE PROCEDURE listed() READS SQL DATA SELECT COUNT(*) AS notes FROM note",
    "CREATE TABLE watched (id INT NOT NULL PRIMARY KEY, seen INT NULL)",
    "CREATE TRIGGER watching BEFORE INSERT ON watched FOR EACH ROW SET NEW.seen = 1",
    "CREATE TABLE setting (name VARCHAR(20) NOT NULL PRIMARY KEY, value VARCHAR(20) NULL)",
)
CLEARED = (
    "DELETE FROM note",
    "DELETE FROM setting",
    "DELETE FROM watched",
    "INSERT INTO note (id, text) VALUES (1, 'one'), (2, 'two'), (3, 'three')",
    "INSERT INTO setting VALUES ('colour', 'red'), ('size', 'large')",
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request with the status of its answer, and the statements that it sends."""

    method: str
    address: str
    body: object
    prefer: str
    status: int
    statements: int


REQUESTS = {
    "insert": Request("POST", "/note", {"text": "x"}, "", 201, 1),
    "insert, key returned": Request("POST", "/note", {"text": "x"}, "return=headers-only", 201, 1),
    "insert three": Request("POST", "/note", [{"text": "x"}, {"text": "y"}, {"text": "z"}], "", 201, 1),
    "insert none": Request("POST", "/note", [], "", 201, 0),
    "insert, shown": Request("POST", "/note", {"text": "x"}, SHOWN, 201, 4),
    "insert three, shown": Request("POST", "/note", [{"text": "x"}, {"text": "y"}, {"text": "z"}], SHOWN, 201, 4),
    "patch": Request("PATCH", "/note?n=eq.0", {"n": 5}, "", 204, 1),
    "patch by key": Request("PATCH", "/note?id=eq.2", {"n": 5}, "", 204, 1),
    "patch by address": Request("PATCH", "/note/2", {"n": 5}, "", 204, 1),
    "patch by key, shown": Request("PATCH", "/note?id=eq.2", {"n": 5}, SHOWN, 200, 4),
    "patch by address, shown": Request("PATCH", "/note/2", {"n": 5}, SHOWN, 200, 4),
    "patch by key, limited": Request("PATCH", "/note?id=eq.2", {"n": 5}, "handling=strict,max-affected=1", 204, 3),
    "patch, taken back": Request("PATCH", "/note?n=eq.0", {"n": 5}, "tx=rollback", 204, 3),
    "put, new": Request("PUT", "/note/9", {"text": "x"}, "", 204, 1),
    "put, existing": Request("PUT", "/note/2", {"text": "x"}, "", 204, 1),
    "put, shown": Request("PUT", "/note?id=eq.2", {"id": 2, "text": "x"}, SHOWN, 200, 4),
    "upsert, new": Request("POST", "/setting", {"name": "mode", "value": "x"}, MERGE, 201, 1),
    "upsert, existing": Request("POST", "/setting", {"name": "size", "value": "x"}, MERGE, 200, 1),
    "upsert, unchanged": Request("POST", "/setting", {"name": "size", "value": "large"}, MERGE, 200, 1),
    "upsert several": Request("POST", "/note", [{"id": 3, "text": "x"}, {"id": 4, "text": "y"}], MERGE, 201, 1),
    "upsert several, existing": Request(
        "POST", "/note", [{"id": 3, "text": "x"}, {"id": 2, "text": "y"}], MERGE, 200, 1
    ),
    "upsert several, shown": Request(
        "POST", "/note", [{"id": 3, "text": "x"}, {"id": 4, "text": "y"}], f"{MERGE}, {SHOWN}", 201, 4
    ),
    "ignore": Request("POST", "/note", [{"id": 3, "text": "x"}, {"id": 4, "text": "y"}], IGNORE, 201, 1),
    "function": Request("POST", "/rpc/twice", {"n": 2}, "", 200, 5),
    "function, read": Request("GET", "/rpc/twice?n=2", None, "", 200, 4),
    "procedure": Request("POST", "/rpc/listed", None, "", 200, 5),
    "procedure, read": Request("GET", "/rpc/listed", None, "", 200, 4),
    "insert with a trigger": Request("POST", "/watched", {"id": 1}, "", 201, 5),
    "delete": Request("DELETE", "/note?n=eq.0", None, "", 204, 1),
    "delete by address": Request("DELETE", "/note/2", None, "", 204, 1),
    "delete by key, shown": Request("DELETE", "/note?id=eq.2", None, SHOWN, 200, 4),
    "delete by address, shown": Request("DELETE", "/note/2", None, SHOWN, 200, 4),
}


@pytest.fixture(scope="module")
def noted(server: Server) -> Iterator[Client]:
    with client_of(server, *TABLES) as client:
        yield client


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_sends_no_more_statements_than_it_needs(noted: Client, name: str) -> None:
    request = REQUESTS[name]
    noted.server.execute(*CLEARED, database=noted.database)
    noted.get("/note?limit=1")
    response = noted.send(request.method, request.address, request.body, request.prefer or None)
    assert response.status == request.status, response.body
    assert len(response.statements) == request.statements, response.statements
