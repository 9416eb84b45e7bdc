"""Random writes compared with a Python model of the table: responses and stored rows agree with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.server import Server
from tests.integration.client import Client

SHOWN = "return=representation"
Row = dict[str, Any]
Stored = dict[int, Row]

IDS = st.integers(1, 6)
CODES = st.none() | st.sampled_from(["a", "b", "c", "d"])
NUMBERS = st.none() | st.integers(-3, 3)
ROWS = st.lists(st.fixed_dictionaries({"id": IDS}, optional={"code": CODES, "n": NUMBERS}), min_size=1, max_size=4)
WRITES = st.one_of(
    st.tuples(st.sampled_from(["insert", "merge", "ignore"]), ROWS),
    st.tuples(st.just("patch"), st.tuples(IDS, st.fixed_dictionaries({}, optional={"id": IDS, "code": CODES, "n": NUMBERS}))),
    st.tuples(st.just("delete"), IDS),
)  # fmt: skip


@pytest.fixture
def model_client(server: Server, database: str) -> Iterator[Client]:
    server.execute(
        "CREATE TABLE thing (id INT NOT NULL PRIMARY KEY, code VARCHAR(5) NULL UNIQUE, n INT NULL DEFAULT 7)",
        database=database,
    )
    client = Client(server, database)
    yield client
    client.close()


@settings(max_examples=40)
@given(writes=st.lists(WRITES, max_size=8))
def test_writes_agree_with_the_model(model_client: Client, writes: list[tuple[str, Any]]) -> None:
    model_client.send("DELETE", "/thing?id=gt.0")
    stored: Stored = {}
    for kind, what in writes:
        stored = _check(model_client, stored, kind, what)
        rows = model_client.rows("/thing?order=id")
        assert rows == [stored[key] for key in sorted(stored)], (kind, what)


def _check(client: Client, stored: Stored, kind: str, what: Any) -> Stored:
    """Send a write, compare its response with the model, and return the rows that must be stored now."""
    if kind == "delete":
        removed = client.send("DELETE", f"/thing?id=gte.{what}&order=id", None, SHOWN)
        assert removed.json == [stored[key] for key in sorted(stored) if key >= what]
        return {key: row for key, row in stored.items() if key < what}
    if kind == "patch":
        return _check_patch(client, stored, *what)
    return _check_post(client, stored, kind, what)


def _check_patch(client: Client, stored: Stored, least: int, change: Row) -> Stored:
    response = client.send("PATCH", f"/thing?id=gte.{least}&order=id", change, SHOWN)
    touched = [key for key in sorted(stored) if key >= least] if change else []
    after = {key: row for key, row in stored.items() if key not in touched}
    changed = [{**stored[key], **change} for key in touched]
    if response.status == 409:
        assert any(row != stored[key] for row, key in zip(changed, touched, strict=True))
        return stored
    assert response.json == changed
    after |= {row["id"]: row for row in changed}
    assert len(after) == len(stored)
    assert _unique(after)
    return after


def _check_post(client: Client, stored: Stored, kind: str, rows: list[Row]) -> Stored:
    prefer = {"insert": "", "merge": "resolution=merge-duplicates,", "ignore": "resolution=ignore-duplicates,"}[kind]
    response = client.send("POST", "/thing", rows, f"{prefer}{SHOWN},missing=default")
    ids = [row["id"] for row in rows]
    if kind == "merge" and len(set(ids)) < len(ids):
        assert (response.status, response.json["code"]) == (400, "21000")
        return stored
    after, written = dict(stored), []
    for row in rows:
        old = after.get(row["id"])
        if old is not None and kind == "ignore":
            continue
        clash = old is not None and kind == "insert"
        if clash:
            assert response.status == 409
            return stored
        after[row["id"]] = {"id": row["id"], "code": None, "n": 7} | (old or {}) | row
        written.append(row["id"])
    if response.status == 409:
        codes = [row["code"] for row in rows if row.get("code") is not None]
        taken = {row["code"] for row in stored.values()}
        assert len(set(codes)) < len(codes) or taken.intersection(codes)
        return stored
    assert response.status == (200 if kind == "merge" and set(written) <= set(stored) else 201)
    assert response.json == [after[key] for key in written]
    assert _unique(after)
    return after


def _unique(stored: Stored) -> bool:
    codes = [row["code"] for row in stored.values() if row["code"] is not None]
    return len(set(codes)) == len(codes)
