"""Writes by every kind of key: each finds its row again, alone and in bulk, and shows the rows in the order sent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from random import Random
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from local.server import Server
from tests.integration.client import Client, client_of
from tests.integration.test_read_walks import KEYS, inserted

SHOWN = "return=representation"
MERGE = "resolution=merge-duplicates"


@pytest.fixture(scope="module")
def kinds(server: Server) -> Iterator[Client]:
    statements: list[str] = []
    for kind in KEYS:
        declared = KEYS[kind][0]
        statements += [
            f"CREATE TABLE `{kind}` (k {declared} NOT NULL PRIMARY KEY, n INT NOT NULL, tie INT NULL, half BIT(4) NULL)",
            f"CREATE TABLE `copy_{kind}` LIKE `{kind}`",
        ]
    with client_of(server, *statements) as client:
        yield client


def filled(client: Client, kind: str) -> list[dict[str, Any]]:
    """The rows of the table, filled again."""
    client.server.execute(
        f"DELETE FROM `{kind}`", f"DELETE FROM `copy_{kind}`", inserted(f"`{kind}`", kind), database=client.database
    )
    if kind == "boolean":
        client.server.execute("DELETE FROM boolean WHERE k NOT IN (0, 1)", database=client.database)
    rows = client.get(f"/{kind}?order=n")
    found: list[dict[str, Any]] = json.loads(rows.body, parse_float=str)
    return found


def address(row: dict[str, Any]) -> str:
    key = row["k"]
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, list):
        return "%7B" + ",".join(key) + "%7D"
    return quote(str(key), safe="")


def sent(rows: list[dict[str, Any]]) -> bytes:
    """Numbers with a fraction were kept as text, which a number column takes as well."""
    return json.dumps(rows).encode()


@pytest.mark.parametrize("kind", KEYS)
def test_one_row_is_written_by_its_key(kinds: Client, kind: str) -> None:
    rows = filled(kinds, kind)
    for row in rows[:6]:
        where = f"/{kind}?k=eq.{address(row)}"
        assert [each["n"] for each in kinds.rows(f"{where}&select=n")] == [row["n"]]
        (changed,) = kinds.send("PATCH", where, {"tie": 5}, SHOWN).json
        assert (changed["n"], changed["tie"]) == (row["n"], 5)
        body = {"k": row["k"], "n": row["n"], "tie": 6}
        replaced = kinds.send("PUT", where, body, SHOWN)
        assert (replaced.status, len(replaced.json)) == (200, 1), replaced.body
        if row["k"] not in ("", " ") and not isinstance(row["k"], list):
            by_address = kinds.send("PUT", f"/{kind}/{address(row)}", {"n": row["n"], "tie": 7}, SHOWN)
            assert (by_address.status, by_address.json["n"]) == (200, row["n"]), by_address.body
    assert [each["n"] for each in kinds.rows(f"/{kind}?order=n")] == [row["n"] for row in rows]
    for row in rows[:3]:
        deleted = kinds.send("DELETE", f"/{kind}?k=eq.{address(row)}", None, SHOWN).json
        assert [each["n"] for each in deleted] == [row["n"]]


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
@pytest.mark.parametrize("kind", KEYS)
def test_rows_written_in_bulk_are_shown_in_the_order_sent(kinds: Client, kind: str, accept: str) -> None:
    rows = filled(kinds, kind)
    Random(7).shuffle(rows)
    order = [row["n"] for row in rows]
    for path, prefer in (
        (f"/copy_{kind}", SHOWN),
        (f"/{kind}", f"{SHOWN},{MERGE}"),
        (f"/{kind}?on_conflict=k", f"{SHOWN},{MERGE}"),
    ):
        response = kinds.request("POST", path, {"Prefer": prefer, "Accept": accept}, sent(rows))
        assert response.status in (200, 201), response.body
        shown = response.json if accept != "text/csv" else list(csv.DictReader(io.StringIO(response.body.decode())))
        assert [int(row["n"]) for row in shown] == order
    assert len(kinds.rows(f"/{kind}?select=n")) == len(rows)


DOCUMENTS = [
    {"a": 12345678901234567890123456789},
    {"a": 0.1234567890123456789012345678},
    {"b": [1e300, 1]},
    {"c": "text"},
    {"a": 9007199254740993},
    [1, 2.5, None],
    "word",
    7,
    None,
]


def test_json_is_the_same_in_bulk_as_alone(server: Server) -> None:
    with server.temporary_database() as database:
        server.execute("CREATE TABLE t (id INT PRIMARY KEY, d JSON, n INT)", database=database)
        client = Client(server, database)
        texts = [json.dumps(each) for each in DOCUMENTS]
        texts[1] = '{"a":0.1234567890123456789012345678}'
        alone = [f'{{"id":{n},"d":{text},"n":1}}' for n, text in enumerate(texts)]
        for row in alone:
            assert client.request("POST", "/t", {}, row.encode()).status == 201
        stored = client.get("/t?select=d&order=id").body
        assert b"12345678901234567890123456789" in stored
        client.send("PATCH", "/t?id=gte.0", {"d": None})
        body = "[" + ",".join(alone) + "]"
        assert client.request("POST", "/t", {"Prefer": MERGE}, body.encode()).status == 200
        assert client.get("/t?select=d&order=id").body == stored
        client.close()


def test_a_trigger_that_the_account_does_not_see_shows_no_other_row(server: Server) -> None:
    """The least privileged account of MySQL sees no triggers: that requires the TRIGGER privilege."""
    with server.temporary_database() as database:
        user = f"u{database[-12:]}"
        server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, n INT)",
            "INSERT INTO t VALUES (1, 1)",
            "CREATE TRIGGER shifted BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 100",
            f"CREATE USER {user}@'%' IDENTIFIED BY 'Little-1'",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.* TO {user}@'%'",
            database=database,
        )
        url = f"mysql://{user}:Little-1@127.0.0.1:{server.port}/{database}"
        account: Any = SimpleNamespace(url=lambda _: url)
        client = Client(account, database)
        try:
            catalog = client.service.accounts.of(None).catalogs.current()
            assert catalog.schemas[database].tables["t"].has_triggers
            refused = client.send("POST", "/t", {"id": 1, "n": 2}, SHOWN)
            assert (refused.status, refused.json["code"]) == (400, "0A000")
            assert client.send("POST", "/t", {"id": 1, "n": 2}).status == 201
            assert client.rows("/t?order=id") == [{"id": 1, "n": 1}, {"id": 101, "n": 2}]
        finally:
            client.close()
            server.execute(f"DROP USER {user}@'%'")
