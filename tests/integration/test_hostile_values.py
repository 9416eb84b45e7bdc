"""Values at the edge of what JSON, numbers and geometries can be: an answer or a clear error, never an internal one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from local.server import Server
from tests.integration.client import Client

NUMBERS = [
    "1e400", "-1e400", "1e308", "1e999999", "1e-400", "NaN", "Infinity", "-Infinity", "9" * 400, "1" * 5000, "0." + "1" * 400,
    "[1e400]", '{"a":NaN}', "1E5", "-0", "00", "+1", ".5", "1.",
]  # fmt: skip
GEOMETRIES = [
    '{"type":"Point"}',
    '{"type":"Point","coordinates":[]}',
    '{"type":"Point","coordinates":null}',
    '{"type":"Point","coordinates":[1]}',
    '{"type":"Point","coordinates":["a",2]}',
    '{"type":"Point","coordinates":[true,2]}',
    '{"type":"Point","coordinates":[1e400,2]}',
    '{"type":"LineString","coordinates":[[0,0]]}',
    '{"type":"Polygon","coordinates":[[]]}',
    '{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}',
    '{"type":"GeometryCollection"}',
    '{"type":"GeometryCollection","geometries":[{"type":"Point"}]}',
    '{"type":"Feature","geometry":null}',
    '{"type":"Nope","coordinates":[1,2]}',
    "{}",
    "[]",
    "null_",
]


@pytest.fixture(scope="module")
def edges_database(server: Server) -> Iterator[str]:
    with server.temporary_database() as database:
        server.execute(
            "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, j JSON, g GEOMETRY, f FLOAT, d DOUBLE, n DECIMAL(10,2), b BIGINT)",
            """INSERT INTO t (j, f, d, n, b) VALUES ('{"a":1,"b":[1,2]}', 1.5, 2.5, 3.25, 7)""",
            "CREATE TABLE base (id INT PRIMARY KEY)",
            "CREATE VIEW broken AS SELECT id FROM base",
            database=database,
        )
        yield database


@pytest.fixture
def client(server: Server, edges_database: str) -> Iterator[Client]:
    client = Client(server, edges_database)
    yield client
    client.close()


@pytest.mark.parametrize("number", NUMBERS)
def test_any_number_can_be_compared_with(client: Client, number: str) -> None:
    for column in ("j", "j->a", "j->>a", "f", "d", "n", "b"):
        for operator in ("eq", "neq", "gt", "lte", "isdistinct"):
            assert client.get(f"/t?{column}={operator}.{quote(number)}").status in (200, 400)
        assert client.get(f"/t?{column}=in.({quote(number)})").status in (200, 400)
    for operator in ("cs", "cd", "ov"):
        assert client.get(f"/t?j={operator}.{quote(number)}").status in (200, 400)


@pytest.mark.parametrize("number", NUMBERS)
def test_any_number_can_be_sent(client: Client, number: str) -> None:
    for column in ("j", "f", "d", "n", "b", "g"):
        response = client.request("POST", "/t", {}, b'{"%s":%s}' % (column.encode(), number.encode()))
        assert response.status in (201, 400)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_a_wrong_geometry_is_refused_and_nothing_is_stored(client: Client, geometry: str) -> None:
    before = len(client.rows("/t?select=id"))
    response = client.request("POST", "/t", {}, b'{"g":%s}' % geometry.encode())
    assert response.status == 400
    assert len(client.rows("/t?select=id")) == before


def test_a_broken_view_is_reported_as_such(client: Client) -> None:
    assert client.rows("/broken") == []
    client.server.execute("RENAME TABLE base TO elsewhere", database=client.database)
    try:
        assert client.error("/broken") == (400, "38000")
    finally:
        client.server.execute("RENAME TABLE elsewhere TO base", database=client.database)


def test_a_missing_definer_is_not_reported_as_a_failed_login(server: Server) -> None:
    with server.temporary_database() as database:
        server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY)",
            "CREATE DEFINER=`gone`@`%` SQL SECURITY DEFINER VIEW orphan AS SELECT id FROM t",
            "CREATE DEFINER=`gone`@`%` FUNCTION lost() RETURNS INT DETERMINISTIC NO SQL RETURN 1",
            database=database,
        )
        client = Client(server, database)
        for response in (client.get("/orphan"), client.send("POST", "/rpc/lost")):
            assert (response.status, response.json["code"]) in ((400, "38000"), (404, "PGRST205"), (404, "PGRST202"))
            assert "gone" not in response.body.decode()
        client.close()
