"""A schema that changes while the catalog is kept: no answer shows, and no write touches, what the request does not
name. Every test keeps a client whose catalog is from before the change."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations

import pytest

from api.reading.schema import check_tables
from local.server import Server
from tests.integration.client import Client, client_of
from tests.integration.typed_table import COLUMNS

DECLARED = {
    "whole": "INT",
    "big": "BIGINT UNSIGNED",
    "flag": "TINYINT(1)",
    "bits": "BIT(8)",
    "year": "YEAR",
    "price": "DECIMAL(9,2)",
    "single": "FLOAT",
    "real": "DOUBLE",
    "text": "VARCHAR(60)",
    "choice": "ENUM('a','b')",
    "tags": "SET('a','b')",
    "day": "DATE",
    "clock": "TIME(2)",
    "moment": "DATETIME",
    "fine": "DATETIME(3)",
    "instant": "TIMESTAMP NULL",
    "document": "JSON",
    "bytes": "VARBINARY(60)",
}
HOSTILE = (
    '1,"admin":true',
    '"',
    "]}",
    "not a value at all",
    '{"a":1',
    "\\",
    "2024-01-02T03:04:05 and so on",
    "-",
    "1e",
)


@contextmanager
def old_client(server: Server, *statements: str, **environment: str) -> Iterator[tuple[Client, str]]:
    """A client that has read the catalog after these statements, and the name of its database."""
    with client_of(server, *statements, environment=environment) as client:
        client.service.accounts.of(None).catalogs.current()
        yield client, client.database


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/vnd.pgrst.array+json;nulls=stripped"])
@pytest.mark.parametrize("declared", DECLARED.values(), ids=DECLARED)
def test_text_in_a_column_of_another_type_is_shown_as_text(server: Server, declared: str, accept: str) -> None:
    table = f"CREATE TABLE t (id INT PRIMARY KEY, v {declared}, last INT)"
    with old_client(server, table) as (client, database):
        texts = ", ".join(f"({n}, '{text.replace(chr(92), chr(92) * 2)}', 7)" for n, text in enumerate(HOSTILE))
        server.execute("ALTER TABLE t MODIFY v VARCHAR(60)", f"INSERT INTO t VALUES {texts}", database=database)
        response = client.get("/t", Accept=accept)
        assert response.status == 200
        if declared in (DECLARED["tags"], DECLARED["bytes"]):
            _has_the_old_form(declared, response.body, accept)
            return
        if accept != "text/csv":
            assert response.json == [{"id": n, "v": text, "last": 7} for n, text in enumerate(HOSTILE)]
        assert client.rows("/t?select=v&order=id") == [{"v": text} for text in HOSTILE]


def _has_the_old_form(declared: str, body: bytes, accept: str) -> None:
    """An array of strings, and base64, can show any text."""
    if accept != "text/csv":
        shown = [row["v"] for row in json.loads(body)]
        if declared == DECLARED["tags"]:
            assert shown == [text.split(",") for text in HOSTILE]
        else:
            assert [b64decode(each).decode() for each in shown] == list(HOSTILE)


CHANGES = [(one, other) for one, other in permutations(DECLARED, 2)]
VALUES = {
    "text": "'1'",
    "choice": "'a'",
    "tags": "'a'",
    "day": "'2024-01-02'",
    "clock": "'01:02:03'",
    "bytes": "X'ff00'",
}


HAVE_A_FORM = frozenset({"flag", "bytes", "tags", "text"})
"""Any text has a form of these types."""


def test_a_row_stays_valid_json_of_itself_after_every_change_of_a_type(server: Server) -> None:
    """A value may have the form of the old type for a while; it never breaks the row that shows it."""
    for start in DECLARED:
        names = [(one, other) for one, other in CHANGES if one == start]
        columns = ", ".join(f"`{other}` {DECLARED[one]}" for one, other in names)
        with old_client(server, f"CREATE TABLE t (id INT PRIMARY KEY, {columns})") as (client, database):
            values = ", ".join(_value(other) for _, other in names)
            server.execute(
                *(f"ALTER TABLE t DROP `{other}`, ADD `{other}` {DECLARED[other]}" for _, other in names),
                f"INSERT INTO t VALUES (1, {values})",
                database=database,
            )
            for form in ("application/json", "application/vnd.pgrst.array+json;nulls=stripped"):
                (row,) = client.rows("/t", Accept=form)
                assert row["id"] == 1
                assert set(row) <= {"id", *(other for _, other in names)}, row
            other_client = Client(server, database)
            (true_row,) = other_client.rows("/t")
            other_client.close()
            if start not in HAVE_A_FORM:
                assert str(row["text"]) == true_row["text"], (start, row)


def _value(name: str) -> str:
    if name in ("moment", "fine", "instant"):
        return "'2024-01-02 03:04:05'"
    if name == "document":
        return "'{\"a\": 1}'"
    return VALUES.get(name, "1" if name != "year" else "2001")


def test_a_view_whose_own_expressions_warn_is_read_all_the_same(server: Server) -> None:
    """The types are compared after a warning, and are as the catalog says."""
    statements = ("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))", "INSERT INTO t VALUES (1, 'x')")
    with old_client(server, *statements, "CREATE VIEW w AS SELECT id, v + 0 AS n FROM t") as (client, _):
        assert client.rows("/w") == [{"id": 1, "n": 0}]
        assert len(client.get("/w").statements) == 2


def test_no_reload_without_a_reason(server: Server) -> None:
    with old_client(server, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))", "INSERT INTO t VALUES (1, '2')") as (
        client,
        _,
    ):
        before = client.service.accounts.of(None).catalogs.current()
        client.rows("/t")
        client.send("PATCH", "/t?id=eq.1", {"v": "3"})
        assert client.service.accounts.of(None).catalogs.current() is before


def test_types_on_the_wire_are_those_of_the_catalog(server: Server) -> None:
    """A false alarm would make writes impossible."""
    columns = {**COLUMNS, **{f"d_{name}": declared for name, declared in DECLARED.items()}}
    declared = ", ".join(f"`{name}` {type_}" for name, type_ in columns.items())
    sortable = [name for name, type_ in columns.items() if type_ not in ("JSON", "GEOMETRY")]
    largest = ", ".join(f"MAX(`{name}`) AS `{name}`" for name in sortable)
    statements = (
        f"CREATE TABLE t ({declared}, a INT, b INT, PRIMARY KEY (b, a)) CHARACTER SET utf8mb4",
        "CREATE VIEW w AS SELECT * FROM t",
        f"CREATE VIEW grouped AS SELECT {largest}, a FROM t GROUP BY a",
    )
    with old_client(server, *statements) as (client, _):
        catalog = client.service.accounts.of(None).catalogs.current()
        tables = catalog.schemas[catalog.default_schema].tables.values()
        assert {table.name for table in tables} == {"t", "w", "grouped"}
        client.service.accounts.of(None).database.read(lambda session: check_tables(session, tables, catalog.dialect))


def test_json_is_json() -> None:
    """The hostile strings are not JSON, or the tests above would prove nothing."""
    for text in HOSTILE:
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)


def contents(server: Server, database: str) -> list[tuple[object, ...]]:
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM t ORDER BY 1, 2")
        return [tuple(row) for row in cursor.fetchall()]


REPRESENTATION = "return=representation"
WRITES: tuple[tuple[str, str, str], ...] = (
    # before, change, the filter of a write that names none of the rows afterwards
    ("v INT NOT NULL", "MODIFY v INT NULL; INSERT INTO t VALUES (8, NULL), (9, NULL)", "v=is.null&id=lt.0"),
    ("v INT NOT NULL", "MODIFY v INT NULL; INSERT INTO t VALUES (8, NULL)", "v=not.is.not_null&id=lt.8"),
    ("v INT NOT NULL", "MODIFY v VARCHAR(9) NOT NULL; INSERT INTO t VALUES (8, '1.0'), (9, '01')", "v=eq.1"),
    ("v INT NOT NULL", "MODIFY v VARCHAR(9) NOT NULL; INSERT INTO t VALUES (8, '1x')", "v=eq.1"),
    ("v INT NOT NULL", "MODIFY v VARCHAR(9) NOT NULL; INSERT INTO t VALUES (8, '5.0')", "v=in.(1,5,6)"),
    ("v VARCHAR(9) NOT NULL", "MODIFY v INT NOT NULL; INSERT INTO t VALUES (8, 1)", "v=eq.1.0"),
    ("v VARCHAR(9) NOT NULL", "MODIFY v INT NOT NULL; INSERT INTO t VALUES (8, 0)", "v=eq.zero"),
    (
        "v VARCHAR(9) COLLATE utf8mb4_bin NOT NULL",
        "MODIFY v VARCHAR(9) COLLATE utf8mb4_general_ci NOT NULL; INSERT INTO t VALUES (8, 'A')",
        "v=eq.a&id=lt.8",
    ),
    (
        "v ENUM('s','m','l') NOT NULL",
        "MODIFY v ENUM('l','m','s','xl') NOT NULL; INSERT INTO t VALUES (8, 's'), (9, 'm')",
        "v=gt.m",
    ),
    (
        "v SET('a','b') NOT NULL",
        "MODIFY v SET('b','a','c') NOT NULL; INSERT INTO t VALUES (8, 'b'), (9, 'c')",
        "v=cs.{a}",
    ),
    (
        "v SET('a','b') NOT NULL",
        "MODIFY v SET('b','a','c') NOT NULL; INSERT INTO t VALUES (8, 'b'), (9, 'a,c')",
        "v=cd.{a}",
    ),
    (
        "v SET('a','b') NOT NULL",
        "MODIFY v SET('b','a','c') NOT NULL; INSERT INTO t VALUES (8, 'b'), (9, 'c')",
        "v=ov.{a}",
    ),
)


@pytest.mark.parametrize("prefer", ["return=minimal", REPRESENTATION, "handling=strict, max-affected=5"])
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
@pytest.mark.parametrize("before, change, condition", WRITES, ids=[f"{one[0]}-{one[2]}" for one in WRITES])
def test_a_write_touches_no_row_that_it_does_not_name(
    server: Server, before: str, change: str, condition: str, method: str, prefer: str
) -> None:
    alter, insert = change.split("; ")
    with old_client(server, f"CREATE TABLE t (id INT PRIMARY KEY, {before})") as (client, database):
        server.execute(f"ALTER TABLE t {alter}", insert, database=database)
        stored = contents(server, database)
        response = client.send(method, f"/t?{condition}", {"id": 5} if method == "PATCH" else None, prefer)
        assert response.status in (200, 204, 400), response.body
        assert contents(server, database) == stored
        if response.status == 200:
            assert response.json == []


@pytest.mark.parametrize("prefer", ["return=minimal", REPRESENTATION])
@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT"])
def test_a_key_that_grew_writes_no_other_rows(server: Server, method: str, prefer: str) -> None:
    with old_client(server, "CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL)") as (client, database):
        server.execute(
            "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)",
            "INSERT INTO t VALUES (1, 1), (1, 2), (2, 1)",
            database=database,
        )
        stored = contents(server, database)
        response = client.send(method, "/t/1", {"v": 9} if method != "DELETE" else None, prefer)
        assert response.status in (400, 409), response.body
        assert contents(server, database) == stored
        assert client.send("DELETE", "/t?id=eq.1&v=eq.1", None, prefer).status in (200, 204)
        assert contents(server, database) == [(1, 2), (2, 1)]


@pytest.mark.parametrize("prefer", ["return=minimal", REPRESENTATION])
def test_rows_locked_by_a_key_that_grew_are_the_only_ones_written(server: Server, prefer: str) -> None:
    with old_client(server, "CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL)") as (client, database):
        server.execute(
            "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)",
            "INSERT INTO t VALUES (1, 1), (1, 2), (2, 1)",
            database=database,
        )
        assert client.send("PATCH", "/t?v=eq.2&limit=5&order=id", {"id": 7}, prefer).status in (200, 204)
        assert contents(server, database) == [(1, 1), (2, 1), (7, 2)]


@pytest.mark.parametrize("prefer", ["resolution=merge-duplicates", f"resolution=merge-duplicates,{REPRESENTATION}"])
def test_an_upsert_by_a_key_that_grew_changes_no_other_row(server: Server, prefer: str) -> None:
    with old_client(server, "CREATE TABLE t (id INT, v INT NOT NULL DEFAULT 0, w INT, PRIMARY KEY (id))") as (
        client,
        database,
    ):
        server.execute(
            "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)",
            "INSERT INTO t VALUES (1, 1, 0), (1, 2, 0), (2, 1, 0)",
            database=database,
        )
        assert client.send("POST", "/t", [{"id": 1, "v": 1, "w": 5}], prefer).status in (200, 201)
        assert contents(server, database) == [(1, 1, 5), (1, 2, 0), (2, 1, 0)]


def test_a_procedure_that_failed_is_not_called_again(server: Server) -> None:
    """It may have committed what it did before it failed."""
    statements = (
        "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)",
        "CREATE PROCEDURE p() BEGIN INSERT INTO t (v) VALUES (1); COMMIT; SELECT * FROM gone; END",
    )
    with old_client(server, *statements) as (client, database):
        assert client.send("POST", "/rpc/p", {}).status == 404
        assert contents(server, database) == [(1, 1)]


@pytest.mark.parametrize("prefer", ["resolution=merge-duplicates", f"resolution=merge-duplicates,{REPRESENTATION}"])
@pytest.mark.parametrize("rows", [[{"id": 9, "v": 1}], [{"id": 9, "v": 1}, {"id": 2, "v": 5}]], ids=["one", "two"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_an_upsert_changes_no_row_that_clashes_on_a_key_added_since(
    server: Server, method: str, rows: list[dict[str, int]], prefer: str
) -> None:
    with old_client(server, "CREATE TABLE t (id INT PRIMARY KEY, v INT)") as (client, database):
        server.execute("ALTER TABLE t ADD UNIQUE (v)", "INSERT INTO t VALUES (1, 1), (2, 2)", database=database)
        if method == "PUT":
            response = client.send("PUT", "/t/9", {"v": 1}, prefer)
        else:
            response = client.send("POST", "/t", rows, prefer)
        assert (response.status, response.json["code"]) == (409, "23505")
        assert contents(server, database) == [(1, 1), (2, 2)]


def test_an_upsert_by_a_key_that_is_gone_inserts(server: Server) -> None:
    with old_client(server, "CREATE TABLE t (id INT PRIMARY KEY, v INT)") as (client, database):
        server.execute("ALTER TABLE t DROP PRIMARY KEY", "INSERT INTO t VALUES (1, 1)", database=database)
        response = client.send("POST", "/t", {"id": 1, "v": 5}, "resolution=merge-duplicates")
        assert response.status == 201, response.body
        assert contents(server, database) == [(1, 1), (1, 5)]
