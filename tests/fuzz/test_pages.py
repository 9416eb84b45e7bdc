"""Walking a random list page by page gives the rows of the whole list, each once and in order."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.fuzz import model
from tests.fuzz.conftest import SEED, Filled, examples
from tests.fuzz.requests import Level, address, curl
from tests.fuzz.strategies import levels

pytestmark = pytest.mark.timeout(0)  # as long as its examples take
MOST_PAGES = 40


def page(filled: Filled, where: str, headers: dict[str, str]) -> tuple[list[Any], str | None]:
    """A page's rows, and the address of the next one."""
    note(f"{curl('GET', where, headers)}  # rows of AUROREST_FUZZ_SEED={SEED}")
    response = filled.client.request("GET", where, headers)
    assert response.status in (200, 206), response.body
    return json.loads(response.body, parse_float=Decimal), response.next


@examples(40)
@given(level=levels(depth=1), size=st.integers(1, 4), counted=st.booleans())
def test_pages_by_link_are_the_list(filled: Filled, level: Level, size: int, counted: bool) -> None:
    whole = replace(level, limit=None, offset=0)
    expected = model.read(filled.rows, whole)
    headers = {"Prefer": "count=exact"} if counted else {}
    rows: list[Any] = []
    following: str | None = address(replace(whole, limit=size))
    for _ in range(MOST_PAGES):
        if following is None:
            break
        shown, following = page(filled, following, headers)
        rows += shown
    assert following is None
    assert model.same(expected, rows), f"expected {expected}\nanswered {rows}"


@examples(30)
@given(level=levels(depth=1), size=st.integers(1, 4), by_header=st.booleans())
def test_pages_by_offset_are_the_list(filled: Filled, level: Level, size: int, by_header: bool) -> None:
    whole = replace(level, limit=None, offset=0)
    expected = model.read(filled.rows, whole)
    rows: list[Any] = []
    for start in range(0, len(expected) + 1, size):
        if by_header:
            shown, _ = page(filled, address(whole), {"Range": f"{start}-{start + size - 1}"})
        else:
            shown, _ = page(filled, address(replace(whole, limit=size, offset=start)), {})
        rows += shown
    assert model.same(expected, rows), f"expected {expected}\nanswered {rows}"
