"""Lists cut into runs: every item once, no statement too long, and none shorter than necessary."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalog import Column, ColumnType, Kind
from api.sql.runs import LEAST_ROOM, key_literals, key_runs, room_beside, runs, statement_runs
from api.sql.write import keys_sql
from api.statement import MAX_STATEMENT_BYTES, Sql, literal_size, size, sql, values
from api.values.keys import Key

WORD = ColumnType(Kind.TEXT, "varchar", "varchar(9000)")
ONE = (Column("a", WORD, nullable=False, position=1),)
TWO = (*ONE, Column("50% `odd`", WORD, nullable=False, position=2))
TEXTS = st.text(max_size=2000) | st.integers(-(2**63), 2**64).map(str)


def key_lists(width: int) -> st.SearchStrategy[list[tuple[str, ...]]]:
    return st.lists(st.tuples(*[TEXTS] * width), max_size=60)


@pytest.mark.parametrize("columns", [ONE, TWO], ids=["one column", "two columns"])
@given(data=st.data())
def test_runs_of_keys_contain_every_key_once_and_fill_their_statements(
    columns: tuple[Column, ...], data: st.DataObject
) -> None:
    keys = data.draw(key_lists(len(columns)))
    found = list(key_runs(keys, lambda some: keys_sql(columns, some)))
    assert [key for run in found for key in run] == keys
    for run in found:
        assert len(run) == 1 or size(keys_sql(columns, run)) <= MAX_STATEMENT_BYTES
    for run, following in pairwise(found):
        assert len(run) == 1 or size(keys_sql(columns, (*run, following[0]))) > MAX_STATEMENT_BYTES


def test_a_key_longer_than_a_statement_has_its_own_run() -> None:
    keys = [("a", ""), ("x" * 20_000, ""), ("b", "")]
    assert list(key_runs(keys, lambda some: keys_sql(TWO, some))) == [(keys[0],), (keys[1],), (keys[2],)]
    assert list(key_runs([], lambda _: sql("x"))) == []


def test_a_long_assignment_leaves_room_for_some_keys() -> None:
    def statement(keys: tuple[Key, ...]) -> Sql:
        return sql("UPDATE t SET a={} WHERE {}", values(["x" * MAX_STATEMENT_BYTES]), keys_sql(ONE, keys))

    found = list(key_runs([(number,) for number in range(1000)], statement))
    assert all(sum(map(key_literals, run)) <= LEAST_ROOM for run in found)
    assert len(found) < 20


def test_a_run_has_a_maximum_number_of_items() -> None:
    def statement(items: tuple[int, ...]) -> Sql:
        return sql("SELECT {}", values(items))

    assert [len(run) for run in statement_runs(range(7), statement, literal_size, most_items=3)] == [3, 3, 1]


@given(st.lists(st.integers(0, 50)), st.integers(1, 60))
def test_runs_fit_their_space(sizes: list[int], room: int) -> None:
    found = list(runs(sizes, int, room))
    assert [each for run in found for each in run] == sizes
    assert all(len(run) == 1 or sum(run) <= room for run in found)
    assert room_beside(0) == MAX_STATEMENT_BYTES
