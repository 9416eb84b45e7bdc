"""Parsing the canonical SQL of views; tests/integration/test_introspection_views.py has that of real servers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalog import TableKey
from api.catalog.introspection.view_definition import Reference, Source, read_view
from api.catalog.introspection.view_tokens import tokens_of


def test_select_items_are_columns_of_sources_or_unknown() -> None:
    read = read_view("select `d`.`t`.`a b` AS `x`,(1 + `d`.`t`.`c`) AS `y`,`d`.`t`.`c``d` AS `z` from `d`.`t`", "d")
    assert read is not None
    assert read.sources == (Source(TableKey("d", "t"), None, nullable=False),)
    assert read.items == (Reference(0, "a b"), None, Reference(0, "c`d"))


@pytest.mark.parametrize("word", ["from", "where", "group", "order", "limit", "union", "join", "and", "as"])
def test_keywords_in_names_and_strings_are_not_keywords(word: str) -> None:
    read = read_view(
        f"select `d`.`{word}`.`{word}` AS `{word}`,'{word} '' \\' {word}' AS `t`,concat('a',trim(both 'x' from 'y')) AS `u` "
        f"from `d`.`{word}` where (`d`.`{word}`.`{word}` = ' {word} ') order by `d`.`{word}`.`{word}`",
        "d",
    )
    assert read is not None
    assert read.sources == (Source(TableKey("d", word), None, nullable=False),)
    assert read.items == (Reference(0, word), None, None)


def test_the_inner_sides_of_outer_joins_are_nullable() -> None:
    read = read_view(
        "select `a`.`x` AS `x` from (((`d`.`a` left join (`d`.`b` join `d`.`c` on((`b`.`i` = `c`.`i`))) on((`a`.`i` = `b`.`i`)))"
        " join `d`.`e`) right join `d`.`f` on((`e`.`i` = `f`.`i`)))",
        "d",
    )
    assert read is not None
    assert {source.table and source.table.name: source.nullable for source in read.sources} == {
        "a": True, "b": True, "c": True, "e": True, "f": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "condition, count",
    [
        ("(`a`.`i` = `b`.`i`)", 2),
        ("((`a`.`i` = `b`.`i`) and (`a`.`j` = 5))", 3),
        ("`a`.`i` = `b`.`i` and `a`.`j` = _utf8mb4'x' and `b`.`k` > 3", 3),
        ("((`a`.`i` = `b`.`i`) or (`a`.`j` = `b`.`j`))", 0),
        ("(not((`a`.`i` = `b`.`i`)))", 0),
        ("`a`.`i` between 1 and `b`.`i` = `a`.`j`", 0),
        ("(`a`.`i` = (`b`.`i` + 1))", 0),
        ("(`a`.`i` <=> `b`.`i`)", 0),
        ("(`a`.`i` >= `b`.`i`)", 0),
        ("(`a`.`i` = (select `b`.`i`))", 0),
    ],
)
def test_only_equalities_that_hold_for_every_row_are_kept(condition: str, count: int) -> None:
    read = read_view(f"select 1 AS `x` from (`d`.`a` join `d`.`b` on{condition})", "d")
    assert read is not None
    assert len(read.equalities) == count
    read = read_view(f"select 1 AS `x` from (`d`.`a` join `d`.`b`) where {condition}", "d")
    assert read is not None
    assert len(read.equalities) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        "select",
        "values row(1)",
        "(select 1 AS `a`)",
        "select 1",
        "select 1 AS `a` union select 2 AS `a`",
        "with recursive `x` as (select 1 AS `a`) select `x`.`a` AS `a` from `x`",
        "with `x` as (select 1 AS `a` select `x`.`a` AS `a` from `x`",
        "with `x` as select 1 AS `a`",
        "select `x`.`a` AS `a` from (select 1 AS `a` `x`",
        "select `x`.`a` AS `a` from (select 1 AS `a`)",
        "select `x`.`a` AS `a` from json_table('[]','$' columns (`a` int path '$')) `x`",
        "select `t`.`a` AS `a` from `d`.`t` group by `t`.`a` with rollup",
        "select `t`.`a` AS `a` from `d`.`t` for system_time all",
        "select `t`.`a` AS `a` from `d`.`t`)",
        "select (`t`.`a` AS `a` from `d`.`t`",
        "select `t`.`a` AS `a` from `d`.`t` natural",
    ],
)
def test_an_unsupported_definition_is_not_read(text: str) -> None:
    assert read_view(text, "d") is None


@pytest.mark.parametrize(
    "text",
    [
        "select `x`.`b` AS `c` from (select `d`.`t`.`a` AS `b` from `d`.`t`) `x`",
        "select `x`.`b` AS `c` from lateral (select `d`.`t`.`a` AS `b` from `d`.`t`) `x`",
        "select `x`.`b` AS `c` from (select `d`.`t`.`a` AS `z` from `d`.`t`) `x` (`b`)",
        "with `x` as (select `d`.`t`.`a` AS `b` from `d`.`t`) select `x`.`b` AS `c` from `x`",
        "with X as (select `d`.`t`.`a` AS `b` from `d`.`t`)select `x`.`b` AS `c` from `X` `x`",
        "with `x`(`b`) as (select `d`.`t`.`a` AS `z` from `d`.`t`) select `x`.`b` AS `c` from `x`",
    ],
)
def test_a_subquery_is_a_source(text: str) -> None:
    read = read_view(text, "d")
    assert read is not None
    assert (read.items, read.names, [*read.tables()]) == ((Reference(0, "b"),), ("c",), [TableKey("d", "t")])
    (source,) = read.sources
    assert source.table is None
    assert source.derived is not None
    assert (source.derived.items, source.derived.names) == ((Reference(0, "a"),), ("b",))


def test_a_subquery_that_is_too_complex_is_a_source_without_columns() -> None:
    read = read_view("select `x`.`a` AS `a` from (select 1 AS `a` union select 2 AS `a`) `x`", "d")
    assert read is not None
    assert read.sources == (Source(None, "x", nullable=False, derived=None),)


def test_an_ambiguous_source_name_is_unknown() -> None:
    read = read_view("select `t`.`a` AS `a` from (`d`.`t` join `e`.`t`)", "d")
    assert read is not None
    assert read.items == (None,)


@given(st.text())
def test_any_definition_is_read_or_refused(text: str) -> None:
    read_view(text, "d")
    read_view(f"select {text} AS `a` from `d`.`t` where {text}", "d")


@given(st.text(min_size=1))
def test_any_name_is_one_token(name: str) -> None:
    assert [token.text for token in tokens_of("`" + name.replace("`", "``") + "`")] == [name]
