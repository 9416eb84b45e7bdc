"""Random reads answered as the model answers them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.fuzz import model
from tests.fuzz.conftest import SEED, Filled, examples
from tests.fuzz.requests import Level, address, curl
from tests.fuzz.strategies import grouped, levels

pytestmark = pytest.mark.timeout(0)  # as long as its examples take
COUNTED = {"Prefer": "count=exact"}


def answered(filled: Filled, where: str, headers: dict[str, str]) -> tuple[int, Any, str]:
    """Status, rows and the total of `Content-Range`."""
    note(f"{curl('GET', where, headers)}  # rows of AUROREST_FUZZ_SEED={SEED}")
    response = filled.client.request("GET", where, headers)
    return response.status, json.loads(response.body, parse_float=Decimal), response.headers.get("Content-Range", "")


def check(filled: Filled, level: Level, counted: bool) -> None:
    status, rows, found = answered(filled, address(level), COUNTED if counted else {})
    total = model.total(filled.rows, level)
    if counted and level.offset > total:
        assert (status, rows["code"]) == (416, "PGRST103")
        return
    expected = model.read(filled.rows, level)
    assert model.same(expected, rows), f"expected {expected}\nanswered {status} {rows}"
    assert status == (206 if counted and len(expected) < total else 200)
    assert found.endswith(f"/{total}" if counted else "/*")


@examples(150)
@given(level=levels(), counted=st.booleans())
def test_reads_answer_what_the_model_answers(filled: Filled, level: Level, counted: bool) -> None:
    check(filled, level, counted)


@examples(60)
@given(level=grouped(), counted=st.booleans())
def test_aggregates_answer_what_the_model_answers(filled: Filled, level: Level, counted: bool) -> None:
    check(filled, level, counted)
