"""Random writes under random policies, compared with a model of what PostgreSQL's documentation of CREATE POLICY says.

No invisible row changes, no stored row violates a check, and a refused write stores nothing. Half of the scenarios use
one table and a model in Python. The others draw the schema, and the model is plain SQL; there a write that succeeds
also answers as on a copy that holds only the visible rows.

`AUROREST_ORACLE_REQUESTS=5000` runs that many writes on each server instead of 500.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from api.catalog import Table
from local.server import Server
from tests.integration.client import Client, client_of
from tests.integration.protecting import protect
from tests.integration.random_policies import Conditions, create_policy
from tests.integration.random_schema import Schema, compared
from tests.integration.random_writes import RandomWrites
from tests.integration.test_policy_oracle import Pair, paired
from tests.integration.write_model import COMMANDS, Reference, Rules, reference

SCENARIOS = max(2, int(os.environ.get("AUROREST_ORACLE_REQUESTS", "500")) // 25)
WRITES = 25
UID = 2
Row = dict[str, Any]
Test = Callable[[Row], bool | None]
DEFAULTS: Row = {"owner": 2, "code": None, "n": 7}


def comparing(column: str, wanted: Any, operator: str) -> Test:
    def test(row: Row) -> bool | None:
        found = row[column]
        if found is None or wanted is None:
            return None
        if operator == ">":
            return bool(found > wanted)
        return bool(found == wanted) == (operator == "=")

    return test


def both(one: Test, other: Test) -> Test:
    def test(row: Row) -> bool | None:
        found = (one(row), other(row))
        return False if False in found else None if None in found else True

    return test


def either(one: Test, other: Test) -> Test:
    def test(row: Row) -> bool | None:
        found = (one(row), other(row))
        return True if True in found else None if None in found else False

    return test


ATOMS: tuple[tuple[str, Test], ...] = (
    ("owner = auth.uid()", comparing("owner", UID, "=")),
    ("owner <> auth.uid()", comparing("owner", UID, "<>")),
    ("n > 0", comparing("n", 0, ">")),
    ("code = 'a'", comparing("code", "a", "=")),
    ("code IS NULL", lambda row: row["code"] is None),
    ("n = auth.claim('nothing')", lambda _: None),
    ("TRUE", lambda _: True),
    ("TRUE", lambda _: True),
    ("EXISTS (SELECT 1 FROM friend WHERE friend.id = thing.owner)", lambda row: row["owner"] in (1, 2)),
)


def condition(pick: random.Random) -> tuple[str, Test]:
    if pick.random() < 0.5:
        return pick.choice(ATOMS)
    (one, first), (other, second) = pick.choice(ATOMS), pick.choice(ATOMS)
    if pick.random() < 0.7:
        return f"({one}) OR ({other})", either(first, second)
    return f"({one}) AND ({other})", both(first, second)


@dataclass
class Policies:
    """Random policies as statements, and as a model."""

    statements: list[str]
    using: dict[str, Test]
    check: dict[str, Test]

    @staticmethod
    def random(pick: random.Random) -> Policies:
        found: list[tuple[str, bool, Test | None, Test | None]] = []
        written = ["ALTER TABLE thing ENABLE ROW LEVEL SECURITY"]
        for number in range(pick.randint(1, 5)):
            command = pick.choice(("ALL", "ALL", *COMMANDS))
            permissive = number == 0 or pick.random() < 0.75
            using = None if command == "INSERT" else condition(pick)
            check = (
                condition(pick)
                if command == "INSERT" or (command in ("ALL", "UPDATE") and pick.random() < 0.5)
                else None
            )
            written.append(
                create_policy(f"p{number}", "thing", command, permissive, using and using[0], check and check[0])
            )
            found.append((command, permissive, using[1] if using else None, check[1] if check else None))

        def combined(command: str, *, checking: bool) -> Test:
            allowed: Test = lambda _: False  # noqa: E731
            required: Test = lambda _: True  # noqa: E731
            for of, permissive, using, check in found:
                test = (check or using) if checking else using
                if of in ("ALL", command) and test is not None:
                    if permissive:
                        allowed = either(allowed, test)
                    else:
                        required = both(required, test)
            return both(allowed, required)

        return Policies(
            written,
            {command: combined(command, checking=False) for command in COMMANDS},
            {command: combined(command, checking=True) for command in COMMANDS},
        )

    def sees(self, row: Row, *commands: str) -> bool:
        return all(self.using[command](row) is True for command in commands)

    def stores(self, row: Row, command: str, *, read: bool) -> bool:
        return self.check[command](row) is True and (not read or self.sees(row, "SELECT"))


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with client_of(
        server,
        "CREATE TABLE thing (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, owner INT NOT NULL DEFAULT 2,"
        " code VARCHAR(5) NULL UNIQUE, n INT NULL DEFAULT 7)",
        "CREATE TABLE friend (id INT NOT NULL PRIMARY KEY)",
        "INSERT INTO friend VALUES (1), (2)",
        claims={"sub": str(UID)},
    ) as client:
        yield client


def prepare(client: Client, policies: Policies, stored: dict[int, Row]) -> None:
    with closing(client.server.connect(client.database)) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM thing")
        for key, row in stored.items():
            cursor.execute("INSERT INTO thing VALUES (%s, %s, %s, %s)", (key, row["owner"], row["code"], row["n"]))
        connection.commit()
    protect(client, policies.statements)


def rows_of(client: Client) -> dict[int, Row]:
    with closing(client.server.connect(client.database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, owner, code, n FROM thing")
        return {key: {"owner": owner, "code": code, "n": n} for key, owner, code, n in cursor.fetchall()}


def duplicates(stored: dict[int, Row]) -> bool:
    codes = [row["code"] for row in stored.values() if row["code"] is not None]
    return len(set(codes)) < len(codes)


@dataclass
class Expected:
    """What a write may answer, and what is stored if it succeeds."""

    refusals: set[int]
    stored: dict[int, Row]
    shown: list[int]


def insert(policies: Policies, stored: dict[int, Row], kind: str, rows: list[Row], *, read: bool) -> Expected:
    after, shown, refusals = {key: dict(row) for key, row in stored.items()}, [], set()
    for row in rows:
        proposed = {**DEFAULTS, **{name: value for name, value in row.items() if name != "id"}}
        if not policies.stores(proposed, "INSERT", read=read or kind != "insert"):
            refusals.add(403)
        old = after.get(row["id"])
        if old is None:
            after[row["id"]] = proposed
        elif kind == "insert":
            refusals.add(409)
        elif kind == "ignore":
            continue
        else:
            changed = {**old, **{name: value for name, value in row.items() if name != "id"}}
            if not policies.sees(old, "SELECT", "UPDATE") or not policies.stores(changed, "UPDATE", read=True):
                refusals.add(403)
            after[row["id"]] = changed
        shown.append(row["id"])
    if duplicates(after):
        refusals.add(409)
    return Expected(refusals, after, shown)


def patch(policies: Policies, stored: dict[int, Row], least: int, change: Row) -> Expected:
    after, refusals = {key: dict(row) for key, row in stored.items()}, set()
    found = [key for key, row in sorted(stored.items()) if key >= least and policies.sees(row, "SELECT", "UPDATE")]
    for key in found:
        after[key] |= change
        if not policies.stores(after[key], "UPDATE", read=True):
            refusals.add(403)
    if duplicates(after):
        refusals.add(409)
    return Expected(refusals, after, found)


def delete(policies: Policies, stored: dict[int, Row], least: int) -> Expected:
    gone = [key for key, row in sorted(stored.items()) if key >= least and policies.sees(row, "SELECT", "DELETE")]
    return Expected(set(), {key: row for key, row in stored.items() if key not in gone}, gone)


@pytest.mark.parametrize("seed", range(SCENARIOS // 2))
def test_writes_obey_the_policies_as_the_model_does(client: Client, seed: int) -> None:
    pick = random.Random(seed)
    policies = Policies.random(pick)
    stored = {
        key: {"owner": pick.choice((1, 2, 2, 3)), "code": code, "n": pick.choice((None, -1, 1, 7))}
        for key, code in zip(range(1, 6), ("a", "b", None, "c", None), strict=True)
    }
    prepare(client, policies, stored)
    for _ in range(WRITES):
        read = pick.random() < 0.5
        returning = "return=representation" if read else "return=minimal"
        change = {
            name: value
            for name, value in (("owner", pick.choice((1, 2, 2, 3))), ("code", pick.choice(("a", "b", "d", None))), ("n", pick.choice((-1, 1, None))))
            if pick.random() < 0.5
        }  # fmt: skip
        kind = pick.choice(("insert", "merge", "ignore", "patch", "patch", "one", "delete"))
        if kind in ("insert", "merge", "ignore"):
            rows = [{"id": key, **change} for key in pick.sample(range(1, 9), pick.randint(1, 2))]
            if len(rows) > 1 and "code" in change:
                rows = rows[:1]
            expected = insert(policies, stored, kind, rows, read=read)
            prefer = "" if kind == "insert" else f"resolution={kind}-duplicates,"
            response = client.send("POST", "/thing", rows, prefer + returning)
        elif kind == "delete":
            least = pick.randint(4, 9)
            expected = delete(policies, stored, least)
            response = client.send("DELETE", f"/thing?id=gte.{least}&order=id", None, returning)
        else:
            least = pick.randint(1, 6)
            only = {key: row for key, row in stored.items() if kind == "patch" or key == least}
            expected = patch(policies, only, least, change)
            expected.stored = {**stored, **expected.stored}
            if duplicates(expected.stored):
                expected.refusals.add(409)
            operator = "gte" if kind == "patch" else "eq"
            response = client.send("PATCH", f"/thing?id={operator}.{least}&order=id", change, returning)
            if not change:
                expected = Expected(set(), stored, [])
        context = (seed, kind, change, policies.statements, stored, response.status, response.body)
        if expected.refusals:
            assert response.status in expected.refusals, context
            if response.status == 403:
                assert response.json["message"].startswith("new row violates row-level security policy"), context
        else:
            assert response.status in (200, 201, 204), context
            stored = expected.stored
            if read:
                assert [row["id"] for row in response.json] == expected.shown, context
        assert rows_of(client) == stored, context


@pytest.mark.parametrize("seed", range(SCENARIOS // 2, SCENARIOS))
def test_writes_on_any_schema_do_what_plain_sql_says(server: Server, seed: int) -> None:
    pick = random.Random(seed)
    schema = Schema(pick)
    with paired(server, schema.statements()) as pair:
        tables = list(pair.catalog.schemas[pair.protected.database].tables.values())
        conditions = Conditions(pick, pair.catalog, pair.protected.database)
        rules = {table.name: Rules.random(conditions, table) for table in tables}
        protect(pair.protected, [text for each in rules.values() for text in each.statements])
        pair.protected.claims = conditions.claims
        with reference(server, pair.protected.database, tables) as there:
            for _ in range(WRITES):
                keyed = [table for table in schema.tables if table.key]
                target = pick.choice([table for table in keyed if table.rows] or keyed)
                table = next(table for table in tables if table.name == target.name)
                write_alike(pair, there, RandomWrites(pick, schema, target), table, rules[table.name], seed)


def write_alike(pair: Pair, there: Reference, writes: RandomWrites, table: Table, rules: Rules, seed: int) -> None:
    """Send a random write; it does what the model says, and answers as the copy of the visible rows."""
    pick = writes.random
    kind = pick.choice(("insert", "merge", "ignore", "put", "patch", "patch", "patch", "delete"))
    read = pick.random() < 0.6
    prefer = "return=representation" if read else "return=minimal"
    body: Any = None
    address = f"/{quote(table.name, safe='')}"
    seen = [rules.using["SELECT"]]
    before = there.dump()
    with there.model(table, rules) as model:
        if kind in ("insert", "merge", "ignore"):
            known = 0.1 if kind == "insert" else 0.7
            rows = [writes.row(known=known) for _ in range(pick.choice((1, 1, 2, 3)))]
            if len({compared(row, writes.table.key) for row in rows}) < len(rows):
                rows = rows[:1]
            body = [writes.body(row) for row in rows] if len(rows) > 1 or pick.random() < 0.5 else writes.body(rows[0])
            if kind != "insert":
                prefer += f",resolution={kind}-duplicates"
            model.insert(kind, rows, read=read)
        elif kind == "put":
            row = writes.row()
            body, filter_ = writes.body(row), writes.by_key({name: row[name] for name in writes.table.key})[0]
            address += f"?{filter_}"
            model.insert("merge", [row], read=read)
        else:
            # a DELETE of one row at most, so that rows are left for the other writes
            filter_, condition = writes.filter() if kind == "patch" else writes.by_key(writes.key())
            address += f"?{filter_}&{writes.order}"
            if kind == "patch":
                columns = pick.sample(writes.table.columns, pick.randint(1, min(3, len(writes.table.columns))))
                change = {column.name: writes.value(column.name) for column in columns}
                body = writes.body(change)
                model.update(condition, change)
                seen.append(rules.using["UPDATE"])
            else:
                model.delete(condition)
                seen.append(rules.using["DELETE"])
    expected = model.expected
    compares = not expected.refusals and not expected.hidden
    if compares:
        there.copy_visible(pair.copy.database, table, " AND ".join(seen))
    method = {"put": "PUT", "patch": "PATCH", "delete": "DELETE"}.get(kind, "POST")
    response = pair.protected.send(method, address, body, prefer)
    after = there.dump()
    context = (
        seed, method, address, body, prefer, rules.statements, pair.protected.claims, before[table.name],
        response.status, response.body, response.statements, expected.refusals,
    )  # fmt: skip
    if expected.refusals:
        assert response.status in expected.refusals, context
        if response.status == 403:
            assert response.json["message"].startswith("new row violates row-level security policy"), context
        assert after == before, context
        return
    assert response.status in (200, 201, 204), context
    assert after == expected.stored, context
    if compares:
        other = pair.copy.send(method, address, body, prefer)
        itself = any(key.table is writes.table for key in writes.table.keys)
        assert (other.status, other.body) == (response.status, response.body) or (itself and other.status == 409), (
            context, other.status, other.body,
        )  # fmt: skip
