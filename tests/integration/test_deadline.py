"""A request that takes too long gets its response in time, and leaves nothing running in the server."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client

TABLES = (
    "CREATE TABLE slow (id INT PRIMARY KEY, v INT NOT NULL DEFAULT 0)",
    "INSERT INTO slow (id) VALUES (1), (2), (3)",
    "CREATE PROCEDURE endless() BEGIN UPDATE slow SET v = v + 1; WHILE TRUE DO DO SLEEP(0.05); END WHILE; END",
    "CREATE FUNCTION napping() RETURNS INT READS SQL DATA NOT DETERMINISTIC RETURN SLEEP(30)",
    "CREATE VIEW sleepy AS SELECT id, SLEEP(0.7) AS waited FROM slow",
)


@pytest.fixture(scope="module")
def slow_database(server: Server) -> Iterator[str]:
    with server.temporary_database() as database:
        server.execute(*TABLES, database=database)
        yield database


@pytest.fixture
def client(server: Server, slow_database: str) -> Iterator[Client]:
    server.execute("UPDATE slow SET v = 0", database=slow_database)
    client = Client(server, slow_database, {"REQUEST_TIMEOUT_SECONDS": "3"})
    assert len(client.rows("/slow")) == 3  # connected, and the catalog is read
    yield client
    client.close()


def running(server: Server, database: str) -> int:
    """How many statements the server still runs in this database."""
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE db = %s AND COMMAND NOT IN ('Sleep', 'Killed')",
            (database,),
        )
        ((count,),) = cursor.fetchall()
        return int(count)


def assert_nothing_runs(client: Client) -> None:
    for _ in range(100):
        if running(client.server, client.database) == 0:
            break
        time.sleep(0.05)
    assert running(client.server, client.database) == 0
    # all locks are released, and nothing was stored
    assert client.send("PATCH", "/slow?id=eq.1", {"v": 5}).status == 204
    assert client.values("/slow?select=v&order=id") == [5, 0, 0]


@pytest.mark.parametrize("call", ["endless", "napping"])
def test_a_routine_that_never_ends_is_cancelled(client: Client, call: str) -> None:
    response = client.send("POST", f"/rpc/{call}")
    assert (response.status, response.json["code"]) == (504, "57014")
    assert_nothing_runs(client)


def test_a_write_that_waits_for_a_lock_gets_its_response_in_time(client: Client) -> None:
    with client.server.connect(client.database) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM slow FOR UPDATE")
        response = client.send("PATCH", "/slow?id=gt.1", {"v": 7})
        assert (response.status, response.json["code"]) in ((503, "08007"), (503, "55P03"))
        cursor.execute("ROLLBACK")
    assert_nothing_runs(client)


def test_the_rows_of_a_write_are_looked_for_within_the_time_limit_of_a_statement(
    server: Server, slow_database: str, client: Client
) -> None:
    impatient = Client(server, slow_database, {"STATEMENT_TIMEOUT_MS": "300"})
    assert len(impatient.rows("/slow")) == 3
    with server.connect(slow_database) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM slow FOR UPDATE")
        response = impatient.send("PATCH", "/slow?id=gt.1", {"v": 7}, "return=representation")
        assert (response.status, response.json["code"]) == (504, "57014")
        cursor.execute("ROLLBACK")
    impatient.close()
    assert_nothing_runs(client)


def test_statements_that_are_too_long_only_in_total_are_cancelled(client: Client) -> None:
    two_rows = "/sleepy?select=id&waited=eq.0&limit=2"
    assert client.get(two_rows).status == 200
    response = client.get(two_rows, Prefer="count=exact")  # the statement that counts takes as long as three rows
    assert (response.status, response.json["code"]) == (504, "57014")
    assert_nothing_runs(client)
