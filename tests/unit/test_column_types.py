"""Parsing declarations of column types and defaults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalog import Dialect, Kind
from api.catalog.introspection.column_defaults import Default, column_default
from api.catalog.introspection.column_types import column_type


@given(st.lists(st.text(st.characters(max_codepoint=0xFFFF, exclude_characters="?"), max_size=8), min_size=1))
def test_members_are_read_as_declared(members: list[str]) -> None:
    quoted = ",".join("'" + member.replace("\\", "\\\\").replace("'", "''") + "'" for member in members)
    assert column_type(f"enum({quoted})").members == tuple(members)
    assert column_type(f"set({quoted})").members == tuple(members)


def test_members_that_the_server_cannot_write_are_unknown() -> None:
    assert column_type("enum('a','?')").members == ()
    assert column_type("set('a','b?')").kind is Kind.SET


@pytest.mark.parametrize("declared", ["geomcollection", "GEOMETRY", "multilinestring"])
def test_geometry_types_are_recognised_in_any_case(declared: str) -> None:
    assert column_type(declared).kind is Kind.GEOMETRY


@pytest.mark.parametrize("declared", ["", "unheard_of", "xmltype(5) of", "((", "uuid"])
def test_an_unknown_type_is_text(declared: str) -> None:
    assert column_type(declared).kind is Kind.TEXT
    assert column_type(declared).declared == declared


def test_a_display_width_changes_nothing() -> None:
    narrow, wide = column_type("int unsigned"), column_type("int(10) unsigned")
    assert (narrow.kind, narrow.maximum, narrow.unsigned) == (wide.kind, wide.maximum, wide.unsigned)
    assert column_type("year(4)").kind is Kind.YEAR


@pytest.mark.parametrize(
    "written, declared, expected",
    [
        ("NULL", "int", Default()),
        ("'NULL'", "varchar(9)", Default("NULL")),
        ("1.50", "decimal(10,2)", Default("1.50")),
        ("-5", "int", Default("-5")),
        ("1e10", "double", Default("1e10")),
        ("b'101'", "bit(3)", Default("5")),
        ("b'1'", "bit(1)", Default("1")),
        ("'it''s'", "varchar(9)", Default("it's")),
        (r"'a\\b\n'", "varchar(9)", Default("a\\b\n")),
        ("'a' 'b'", "varchar(9)", Default("'a' 'b'", is_expression=True)),
        ("current_timestamp()", "datetime", Default("current_timestamp()", is_expression=True)),
        ("(1 + 2)", "int", Default("(1 + 2)", is_expression=True)),
        ("nextval(`s`)", "int", Default("nextval(`s`)", is_expression=True)),
    ],
)
def test_mariadb_reports_every_default_as_an_expression(written: str, declared: str, expected: Default) -> None:
    assert column_default(written, "", column_type(declared), Dialect.MARIADB) == expected


@pytest.mark.parametrize(
    "written, extra, declared, expected",
    [
        (None, "", "int", Default()),
        ("NULL", "", "varchar(9)", Default("NULL")),
        ("'a'", "", "varchar(9)", Default("'a'")),
        ("b'101'", "", "bit(3)", Default("5")),
        ("b'101'", "", "varchar(9)", Default("b'101'")),
        ("CURRENT_TIMESTAMP(6)", "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6)", "datetime(6)",
         Default("CURRENT_TIMESTAMP(6)", is_expression=True)),
        (r"_utf8mb4\'it\\\'s\'", "DEFAULT_GENERATED", "text", Default(r"_utf8mb4'it\'s'", is_expression=True)),
    ],
)  # fmt: skip
def test_mysql_marks_which_defaults_are_expressions(
    written: str | None, extra: str, declared: str, expected: Default
) -> None:
    assert column_default(written, extra, column_type(declared), Dialect.MYSQL) == expected
