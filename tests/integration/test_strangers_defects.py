"""Databases with faults: routines, triggers and views that fail; rows too large for any limit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

STATEMENTS = (
    "CREATE TABLE plain (id INT NOT NULL PRIMARY KEY, v INT NULL)",
    "CREATE TABLE circular (id INT NOT NULL PRIMARY KEY, v INT NULL)",
    "CREATE TRIGGER circle AFTER INSERT ON circular FOR EACH ROW UPDATE circular SET v = 1",
    "CREATE FUNCTION endless(x INT) RETURNS INT NO SQL DETERMINISTIC BEGIN IF x = 1 THEN RETURN 5; END IF; END",
    "CREATE PROCEDURE deeper(n INT) NO SQL IF n > 0 THEN CALL deeper(n - 1); END IF",
    "CREATE PROCEDURE beyond() READS SQL DATA BEGIN DECLARE x INT; DECLARE c CURSOR FOR SELECT 1; FETCH c INTO x; END",
    "CREATE PROCEDURE manual() READS SQL DATA BEGIN SET autocommit = 0; SELECT 1 AS one; END",
    "CREATE TABLE large (id INT NOT NULL PRIMARY KEY, body LONGTEXT NOT NULL)",
    "INSERT INTO large VALUES (1, 'short'), (2, REPEAT('x', 5000)), (3, 'short')",
    "CREATE PROCEDURE enormous() READS SQL DATA SELECT REPEAT('x', 5000) AS body",
)


@pytest.fixture(scope="module")
def strange(server: Server) -> Iterator[Client]:
    with client_of(server, *STATEMENTS, environment={"MAX_RESPONSE_BYTES": "2000"}) as client:
        yield client


@pytest.mark.parametrize(
    "address, body",
    [
        ("/circular", {"id": 1}),
        ("/rpc/endless", {"x": 2}),
        ("/rpc/deeper", {"n": 2}),
        ("/rpc/beyond", {}),
    ],
)
def test_faults_of_the_database_are_reported_with_its_own_message(
    strange: Client, address: str, body: dict[str, int]
) -> None:
    response = strange.send("POST", address, body)
    assert (response.status, response.json["code"]) == (400, "38000")
    assert response.json["message"]
    assert strange.rows("/circular") == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_routine_that_turns_autocommit_off_does_not_affect_later_reads(
    strange: Client, server: Server, method: str
) -> None:
    server.execute("DELETE FROM plain", database=strange.database)
    assert strange.send(method, "/rpc/manual", {} if method == "POST" else None).json == [{"one": 1}]
    assert strange.rows("/plain?select=id") == []
    server.execute("INSERT INTO plain (id) VALUES (1)", database=strange.database)
    assert strange.rows("/plain?select=id") == [{"id": 1}]


def test_a_procedure_that_takes_too_long_is_cancelled_and_stores_nothing(server: Server) -> None:
    with client_of(
        server,
        "CREATE TABLE kept (id INT NOT NULL PRIMARY KEY)",
        "CREATE PROCEDURE slow() MODIFIES SQL DATA BEGIN INSERT INTO kept VALUES (1); DO SLEEP(6); END",
        environment={"READ_TIMEOUT_SECONDS": "3", "STATEMENT_TIMEOUT_MS": "2900"},
    ) as client:
        response = client.send("POST", "/rpc/slow", {})
        assert (response.status, response.json["code"]) == (504, "57014")
        assert client.rows("/kept") == []


def test_a_view_that_lost_its_table_is_an_error_only_where_it_is_requested(server: Server) -> None:
    with client_of(
        server, "CREATE TABLE kept (id INT NOT NULL PRIMARY KEY)", "CREATE VIEW shown AS SELECT id FROM kept"
    ) as client:
        assert client.rows("/shown") == []
        server.execute("DROP TABLE kept", database=client.database)
        assert client.get("/shown").status in (400, 404)
        assert client.error("/kept") == (404, "PGRST205")


@pytest.mark.parametrize(
    "address", ["/large/2", "/large?id=eq.2", "/large?id=gte.2&order=id", "/large?select=body&id=eq.2"]
)
def test_a_row_too_large_for_a_response_is_refused(strange: Client, address: str) -> None:
    response = strange.get(address)
    assert (response.status, response.json["code"]) == (413, "54000")
    assert response.json["hint"] == "Select fewer columns."


def test_a_list_ends_before_a_row_that_is_too_large(strange: Client) -> None:
    response = strange.get("/large?order=id&select=id,body")
    assert (response.status, response.json) == (206, [{"id": 1, "body": "short"}])
    assert response.next is not None
    assert strange.get(response.next).status == 413
    assert strange.values("/large?order=id&select=id") == [1, 2, 3]


def test_a_result_that_is_too_large_is_refused(strange: Client) -> None:
    response = strange.send("POST", "/rpc/enormous", {})
    assert (response.status, response.json["code"]) == (413, "54000")


def test_a_view_that_groups_by_a_part_of_what_it_selects_is_listed_and_read(server: Server) -> None:
    with client_of(
        server,
        "CREATE TABLE film (id INT PRIMARY KEY, title VARCHAR(20), category VARCHAR(20), length INT)",
        "INSERT INTO film VALUES (1, 'a', 'x', 10), (2, 'b', 'x', 20), (3, 'c', 'y', 30)",
        "SET sql_mode = ''",
        "CREATE VIEW loose AS SELECT category, title, SUM(length) AS total FROM film GROUP BY category",
    ) as client:
        assert client.rows("/loose?select=category,total&order=category") == [
            {"category": "x", "total": 30},
            {"category": "y", "total": 30},
        ]
