"""Random writes store and answer what the model says; what is stored is read by a SELECT of the test's own."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.fuzz import model
from tests.fuzz.conftest import SEED, Filled, examples
from tests.fuzz.requests import Level, curl, parameters, select_text
from tests.fuzz.tables import TYPES, Row, Stored, inserts
from tests.fuzz.writing import TABLE, Change, Insert, Put, Write, outcome, writes

pytestmark = pytest.mark.timeout(0)  # as long as its examples take
CLEARED = [f"DELETE FROM {table}" for table in ("thing_tag", "part", "thing")]


@examples(60)
@given(sequence=st.lists(writes(), min_size=1, max_size=5))
def test_writes_do_what_the_model_does(filled: Filled, sequence: list[Write]) -> None:
    stored = reset(filled)
    for write in sequence:
        stored = check(filled, stored, write)


def reset(filled: Filled) -> Stored:
    tables = ("thing", "thing_tag", "part")
    rows = {table: filled.rows[table] for table in tables}
    filled.client.server.execute(*CLEARED, *inserts(rows), database=filled.client.database)
    return dict(filled.rows)


def check(filled: Filled, stored: Stored, write: Write) -> Stored:
    expected = outcome(stored, write)
    method, where, headers, body = request_of(write)
    sent = None if body is None else json.dumps(body, default=float)
    note(f"{curl(method, where, headers, sent)}  # rows of AUROREST_FUZZ_SEED={SEED}")
    response = filled.client.request(method, where, headers, b"" if sent is None else sent.encode())
    assert response.status in expected.statuses, (expected.statuses, response.status, response.body)
    if response.status >= 400:
        assert things(filled) == sorted(stored[TABLE], key=lambda row: row["id"])
        return stored
    assert things(filled) == sorted(expected.stored[TABLE], key=lambda row: row["id"])
    level = shown(write)
    if level is None:
        assert response.body == b""
    else:
        after = expected.stored if expected.written or not isinstance(write, Change) else stored
        rows = model.shown(after, level, expected.written)
        answered = json.loads(response.body, parse_float=Decimal)
        assert model.same(rows, answered), f"expected {rows}\nanswered {answered}"
    return expected.stored


def shown(write: Write) -> Level | None:
    if isinstance(write, Change):
        return write.level if write.representation else None
    return write.shown


def request_of(write: Write) -> tuple[str, str, dict[str, str], Any]:
    """Method, address, headers and the body's value."""
    prefer = ["return=minimal" if shown(write) is None else "return=representation"]
    level = shown(write)
    method: str
    body: Any
    pairs: list[tuple[str, str]] = [] if level is None else [("select", select_text(level))]
    match write:
        case Insert():
            if write.resolution:
                prefer.append(f"resolution={write.resolution}-duplicates")
            if write.missing:
                prefer.append("missing=default")
                pairs.append(("columns", ",".join(dict.fromkeys(name for row in write.rows for name in row))))
            if write.target:
                pairs.append(("on_conflict", write.target))
            rows = list(write.rows)
            method, body = "POST", rows if len(rows) > 1 else rows[0]
            if level is not None:
                pairs += parameters(level)
        case Put():
            method, body = "PUT", write.row
            pairs.append(("id", f"eq.{write.row['id']}"))
            if level is not None:
                pairs += parameters(level)
        case Change():
            method, body = "DELETE" if write.values is None else "PATCH", write.values
            pairs += parameters(write.level if write.representation else replace(write.level, embeds=()))
    query = "&".join(f"{quote(key, safe='-')}={quote(text, safe='(),.!:*')}" for key, text in pairs)
    return method, f"/{TABLE}?{query}", {"Prefer": ",".join(prefer)}, body


def things(filled: Filled) -> list[Row]:
    with filled.client.server.connect(filled.client.database) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT {','.join(TYPES[TABLE])} FROM {TABLE} ORDER BY id")
        found = cursor.fetchall()
    rows = [dict(zip(TYPES[TABLE], cells, strict=True)) for cells in found]
    return [row | {"data": None if row["data"] is None else json.loads(row["data"])} for row in rows]
