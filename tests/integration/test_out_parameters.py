"""Procedures with OUT and INOUT parameters, and with several result sets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.server import Server
from tests.certificates import Authority
from tests.integration.client import PREFIX, Client
from tests.standin.backend import Limits
from tests.standin.session import serving, stand_in
from tests.statements import PARAMETER

STATEMENTS = (
    "CREATE TABLE inventory (inventory_id INT NOT NULL PRIMARY KEY, film_id INT NOT NULL, store_id INT NOT NULL)",
    "INSERT INTO inventory VALUES (1, 1, 1), (2, 1, 1), (3, 1, 2), (4, 2, 1)",
    """CREATE PROCEDURE film_in_stock(IN p_film_id INT, IN p_store_id INT, OUT p_film_count INT) READS SQL DATA
       BEGIN
         SELECT inventory_id FROM inventory WHERE film_id = p_film_id AND store_id = p_store_id ORDER BY inventory_id;
         SELECT COUNT(*) FROM inventory WHERE film_id = p_film_id AND store_id = p_store_id INTO p_film_count;
       END""",
    "CREATE PROCEDURE double_it(INOUT n INT, IN plus INT, OUT old INT) NO SQL BEGIN SET old = n; SET n = 2 * n + plus; END",
    """CREATE PROCEDURE every_type(OUT a BIGINT UNSIGNED, OUT b DECIMAL(6,2), OUT c DATE, OUT d DATETIME(3),
       OUT e VARCHAR(20), OUT f VARBINARY(4), OUT g BIT(5), OUT h JSON, OUT i POINT, OUT j TINYINT(1), OUT k FLOAT,
       OUT l TIMESTAMP, OUT m TIME(2), OUT n ENUM('x','y'), OUT o YEAR, OUT p DOUBLE, OUT q BIT(1), OUT r SET('a','b'),
       OUT s INT) NO SQL
       BEGIN
         SET a = 18446744073709551615, b = 1.5, c = '2024-01-02', d = '2024-01-02 03:04:05.678', e = 'q"\u00e9', f = X'00FF',
             g = b'10101', h = '{"a": [1]}', i = ST_GeomFromText('POINT(1 2)'), j = 1, k = 0.1, l = '2024-01-02 03:04:05',
             m = '-01:02:03.25', n = 'y', o = 2024, p = 0.1, q = b'1', r = 'a,b';
       END""",
    "CREATE PROCEDURE echo(INOUT d DATE, INOUT j JSON, INOUT b VARBINARY(9), INOUT t VARCHAR(9)) NO SQL BEGIN END",
    (
        "CREATE PROCEDURE add_inventory(IN film INT, OUT result INT) BEGIN"
        " INSERT INTO inventory VALUES (99, film, 1); SELECT 1 AS one; SET result = 7; END"
    ),
    "CREATE PROCEDURE two_results() READS SQL DATA BEGIN SELECT 1 AS a; SELECT 2 AS b; SELECT 3 AS c; END",
    "CREATE PROCEDURE fails(OUT n INT) BEGIN SET n = 1; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END",
)


def with_json(row: dict[str, Any], name: str) -> dict[str, Any]:
    """The row with its JSON parsed: to MariaDB, a parameter of type JSON is a string."""
    return {**row, name: json.loads(row[name]) if isinstance(row[name], str) else row[name]}


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[str]:
    with server.temporary_database() as name:
        server.execute(*STATEMENTS, database=name)
        yield name


@pytest.fixture
def client(server: Server, database: str) -> Iterator[Client]:
    running = Client(server, database, may_pin=True)
    yield running
    running.close()


def test_out_parameters_come_with_the_first_result_set(client: Client) -> None:
    rows = [{"inventory_id": 1}, {"inventory_id": 2}]
    called = client.send("POST", "/rpc/film_in_stock", {"p_film_id": 1, "p_store_id": 1})
    assert (called.status, called.json) == (200, {"p_film_count": 2, "result": rows})
    assert called.headers["Content-Type"] == "application/json; charset=utf-8"
    assert called.headers["Content-Range"] == "0-1/*"
    assert client.get("/rpc/film_in_stock?p_film_id=1&p_store_id=1").json == called.json
    single = client.get("/rpc/film_in_stock?p_film_id=1&p_store_id=2", Accept="application/vnd.pgrst.object+json")
    assert single.json == {"p_film_count": 1, "result": [{"inventory_id": 3}]}


def test_the_grammar_applies_to_the_result_set(client: Client) -> None:
    address = "/rpc/film_in_stock?p_film_id=1&p_store_id=1"
    found = client.get(f"{address}&select=id:inventory_id&inventory_id=gt.1", Prefer="count=exact")
    assert (found.json, found.headers["Content-Range"]) == ({"p_film_count": 2, "result": [{"id": 2}]}, "0-0/1")
    page = client.get(f"{address}&order=inventory_id.desc&limit=1")
    assert page.json == {"p_film_count": 2, "result": [{"inventory_id": 2}]}
    lines = client.get(address, Accept="application/x-ndjson").body
    assert lines.endswith(b"\n")
    assert json.loads(lines) == client.get(address).json
    assert client.error(address, Accept="text/csv") == (406, "PGRST107")


def test_inout_parameters_are_sent_and_returned(client: Client) -> None:
    assert client.send("POST", "/rpc/double_it", {"n": 20, "plus": 2}).json == {"n": 42, "old": 20}
    assert client.get("/rpc/double_it?plus=1&n=1").json == {"n": 3, "old": 1}
    assert client.send("POST", "/rpc/double_it", {"n": None, "plus": 2}).json == {"n": None, "old": None}
    stripped = "application/vnd.pgrst.array+json;nulls=stripped"
    assert client.send("POST", "/rpc/double_it", {"n": None, "plus": 2}, Accept=stripped).json == {}
    assert client.get("/rpc/double_it?plus=1&n=1", Accept="text/csv").body == b"n,old\n3,1"
    sent = {"d": "2024-01-02", "j": {"a": [1, "x"]}, "b": "AP8=", "t": "it's \\ \u00e9"}
    assert with_json(client.send("POST", "/rpc/echo", sent).json, "j") == sent


def test_every_type_is_returned_as_in_a_table(client: Client) -> None:
    called = client.send("POST", "/rpc/every_type", {})
    assert with_json(called.json, "h") == {
        "a": 18446744073709551615, "b": 1.5, "c": "2024-01-02", "d": "2024-01-02T03:04:05.678", "e": 'q"\u00e9', "f": "AP8=",
        "g": 21, "h": {"a": [1]}, "i": {"type": "Point", "coordinates": [1, 2]}, "j": True, "k": 0.1,
        "l": "2024-01-02T03:04:05+00:00", "m": "-01:02:03.25", "n": "y", "o": 2024, "p": 0.1, "q": True, "r": ["a", "b"],
        "s": None,
    }  # fmt: skip
    assert b'"b":1.50' in called.body


@pytest.mark.parametrize("arguments", [{}, {"n": 1}, {"n": 1, "plus": 1, "old": 1}, {"plus": 1, "old": 1}])
def test_a_call_names_the_parameters_that_take_a_value(client: Client, arguments: dict[str, int]) -> None:
    refused = client.send("POST", "/rpc/double_it", arguments)
    assert (refused.status, refused.json["code"]) == (404, "PGRST202")
    assert "double_it(n, plus)" in refused.json["hint"]


@pytest.mark.parametrize("query", ["select=n", "order=n", "old=eq.1", "or=(old.eq.1,n.eq.2)"])
def test_without_a_result_set_there_is_nothing_to_filter(client: Client, query: str) -> None:
    assert client.error(f"/rpc/double_it?n=1&plus=1&{query}") == (400, "PGRST127")


def test_a_rejected_call_stores_nothing(client: Client) -> None:
    refused = client.send("POST", "/rpc/add_inventory?nothing=eq.1", {"film": 5})
    assert (refused.status, refused.json["code"]) == (400, "42703")
    assert client.rows("/inventory?inventory_id=eq.99") == []
    assert client.send("POST", "/rpc/fails", {}).json["code"] == "P0001"


def test_the_rows_have_a_name_that_no_parameter_has(client: Client) -> None:
    called = client.send("POST", "/rpc/add_inventory", {"film": 5}, "tx=rollback")
    assert called.json == {"result": 7, "result_": [{"one": 1}]}
    assert client.rows("/inventory?inventory_id=eq.99") == []


def test_the_connection_is_given_up_and_no_variable_stays(client: Client) -> None:
    for _ in range(2):
        assert any(PARAMETER in text for text in client.send("POST", "/rpc/double_it", {"n": 1, "plus": 1}).statements)
        assert client.service.accounts.of(None).database._writer.is_open is False
        assert client.rows("/inventory?select=film_id&inventory_id=eq.1") == [{"film_id": 1}]


def test_a_configuration_key_switches_them_off(server: Server, database: str) -> None:
    client = Client(server, database, {"OUT_PARAMETERS": "false"})
    try:
        refused = client.send("POST", "/rpc/double_it", {"n": 1, "plus": 1})
        assert (refused.status, refused.json["code"]) == (400, "PGRST127")
        assert "outParameters" in refused.json["hint"]
        assert client.send("POST", "/rpc/two_results", {}).json == [{"a": 1}]
    finally:
        client.close()


def test_further_result_sets_are_announced(client: Client) -> None:
    called = client.send("POST", "/rpc/two_results", {})
    assert called.json == [{"a": 1}]
    assert called.headers["Warning"] == '299 - "The procedure returned further result sets, which are left out: 2"'
    alone = client.send("POST", "/rpc/film_in_stock", {"p_film_id": 1, "p_store_id": 1})
    assert "Warning" not in alone.headers


def test_the_pin_ends_with_the_request_behind_a_proxy(
    server: Server, database: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        stand_in(server, authority.issue("localhost"), Limits(connections=1), may_pin=True) as proxied,
        serving(proxied.settings(database, monkeypatch)) as service,
    ):
        proxied.proxy.backend.watching = True
        for _ in range(3):
            called = service.rest("POST", "/rpc/double_it", "", {}, b'{"n":1,"plus":1}', PREFIX)
            assert (called.status, json.loads(called.body)) == (200, {"n": 3, "old": 1})
            assert service.rest("GET", "/inventory", "select=film_id&inventory_id=eq.1", {}, b"", PREFIX).status == 200
        assert proxied.proxy.backend.left_behind == []
