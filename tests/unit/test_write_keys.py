"""Properties of procedure results and stored fractions that hold for all values."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.calling.result_set import apply
from api.catalog import ColumnType, Dialect, Kind
from api.database.results import ResultColumn, ResultSet
from api.request.query import Comparison, Field, OrderTerm, Query
from api.values.fractions import stored_fraction
from api.writing.show import Shown, without
from api.writing.trees import depths

LONGLONG, VARCHAR = 8, 253


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30)), st.integers(0, 6))  # noqa: DTZ001
def test_a_fraction_is_rounded_to_the_columns_digits(moment: datetime, digits: int) -> None:
    type_ = ColumnType(Kind.DATETIME, "datetime", "datetime", fraction_digits=digits)
    stored = stored_fraction(moment.isoformat(" ", "microseconds"), type_, Dialect.MYSQL)
    found = datetime.fromisoformat(stored)
    assert abs(found - moment) <= timedelta(microseconds=10 ** (6 - digits)) / 2
    assert len(stored.partition(".")[2]) == digits
    assert stored_fraction(stored, type_, Dialect.MYSQL) == stored
    cut = datetime.fromisoformat(stored_fraction(moment.isoformat(" ", "microseconds"), type_, Dialect.MARIADB))
    assert timedelta(0) <= moment - cut < timedelta(microseconds=10 ** (6 - digits))


@given(st.lists(st.binary(max_size=2)), st.lists(st.binary(max_size=2)))
def test_the_difference_of_rows_counts_duplicates(before: list[bytes], new: list[bytes]) -> None:
    found = without(Shown(before + new), Shown(before))
    assert sorted(found.rows) == sorted(new)


@given(
    st.lists(st.tuples(st.none() | st.integers(-5, 5), st.none() | st.sampled_from("abc"))),
    st.booleans(),
    st.sampled_from(["first", "last", None]),
    st.integers(-5, 5),
)
def test_a_result_is_ordered_and_filtered_as_in_sql(
    rows: list[tuple[object, ...]], descending: bool, nulls: str | None, least: int
) -> None:
    result = ResultSet((ResultColumn("n", LONGLONG, 20, 0), ResultColumn("t", VARCHAR, 4, 0)), rows)
    order = ((), (OrderTerm(Field("n"), None, descending, nulls),))
    table = apply(Query(orders=(order,)), [], result)
    numbers = [None if row[0] == "null" else int(row[0]) for row in table.rows]
    known = [number for number in numbers if number is not None]
    assert known == sorted(known, reverse=descending)
    missing = len(numbers) - len(known)
    nulls_first = descending if nulls is None else nulls == "first"
    assert numbers == ([None] * missing + known if nulls_first else known + [None] * missing)
    kept = apply(Query(), [Comparison(Field("n"), "gte", str(least))], result)
    dropped = apply(Query(), [Comparison(Field("n"), "gte", str(least), negated=True)], result)
    assert len(kept.rows) == sum(1 for number in known if number >= least)
    assert len(kept.rows) + len(dropped.rows) == len(known)


@given(st.lists(st.integers(0, 30), max_size=31))
def test_a_parent_has_a_lower_depth_than_its_child(parents: list[int]) -> None:
    links = {child: [parent] for child, parent in enumerate(parents) if parent < child}
    depth = depths(range(len(parents)), links)
    assert sorted(depth) == list(range(len(parents)))
    assert all(depth[parent] < depth[child] for child, (parent,) in links.items())


@given(st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=3)))
def test_circular_references_terminate(links: dict[int, list[int]]) -> None:
    assert sorted(depths(range(10), links)) == list(range(10))
