"""Casts and aggregates with PostgreSQL's meaning, on both servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from api.catalog import Kind
from api.errors import ApiError
from api.sql.casts import cast
from api.sql.json_text import json_text, plain
from api.statement import Sql, sql
from api.values.casts import CASTS, aggregate_type
from api.values.encode import encoder
from local.server import Server
from tests.integration.typed_table import COLUMNS, TypedTable, typed_table

ROW: dict[str, object] = {
    "boolean": True,
    "bit1": False,
    "bits": 300,
    "whole": -7,
    "filled": 42,
    "big_unsigned": 2**64 - 1,
    "year": 2024,
    "price": Decimal("-2.50"),
    "wide": Decimal(100),
    "single": Decimal("0.1"),
    "real": Decimal("2.75"),
    "name": "abc",
    "mood": "so-so",
    "tags": ["red", "green"],
    "day": "2024-01-02",
    "clock": "26:05:04",
    "fine_moment": "2024-01-02T03:04:05.25",
    "fine_instant": "2024-01-02T03:04:05.25Z",
    "document": {"n": 1},
    "bytes": "/+8=",
}


@pytest.fixture(scope="module")
def table(server: Server) -> Iterator[TypedTable]:
    with typed_table(server, ROW) as found:
        yield found


@pytest.fixture
def typed(table: TypedTable) -> TypedTable:
    return table.restore()


def cast_text(typed: TypedTable, name: str, to: str) -> str:
    """The JSON of a cast column, after checking that the server and Python write the same."""
    column = typed.column(name)
    expression, type_ = cast(Sql(f"t.{column.quoted}"), column.type, to, typed.dialect)
    written = typed.evaluate(sql("CONCAT('',{})", json_text(expression, type_, nullable=True, stored=False)))
    assert encoder(type_)(typed.evaluate(plain(expression, type_))) == written
    assert isinstance(written, str)
    return written


@pytest.mark.parametrize(
    "name, to, text",
    [
        ("boolean", "text", '"true"'),
        ("bit1", "text", '"false"'),
        ("boolean", "int", "1"),
        ("boolean", "bool", "true"),
        ("bits", "text", '"300"'),
        ("bits", "int", "300"),
        ("whole", "text", '"-7"'),
        ("whole", "float8", "-7"),
        ("whole", "numeric", "-7"),
        ("whole", "bool", "true"),
        ("whole", "json", "-7"),
        ("filled", "int", "42"),
        ("filled", "text", '"42"'),
        ("big_unsigned", "bigint", "18446744073709551615"),
        ("year", "text", '"2024"'),
        ("year", "int", "2024"),
        ("price", "text", '"-2.50"'),
        ("price", "int", "-3"),
        ("price", "numeric", "-2.50"),
        ("price", "float8", "-2.5"),
        ("price", "double precision", "-2.5"),
        ("wide", "text", '"100.000000000000000000000000000000"'),
        ("single", "text", '"0.1"'),
        ("single", "real", "0.1"),
        ("real", "numeric", "2.75"),
        ("real", "int", "3"),
        ("name", "text", '"abc"'),
        ("name", "varchar", '"abc"'),
        ("mood", "text", '"so-so"'),
        ("mood", "json", '"so-so"'),
        ("tags", "text", '"red,green"'),
        ("tags", "json", '["red","green"]'),
        ("day", "text", '"2024-01-02"'),
        ("day", "timestamp", '"2024-01-02T00:00:00"'),
        ("day", "timestamptz", '"2024-01-02T00:00:00+00:00"'),
        ("clock", "text", '"26:05:04"'),
        ("fine_moment", "text", '"2024-01-02 03:04:05.250000"'),
        ("fine_moment", "date", '"2024-01-02"'),
        ("fine_moment", "time", '"03:04:05.250000"'),
        ("fine_moment", "timestamptz", '"2024-01-02T03:04:05.250000+00:00"'),
        ("fine_instant", "text", '"2024-01-02 03:04:05.250+00"'),
        ("fine_instant", "timestamp", '"2024-01-02T03:04:05.250"'),
        ("fine_instant", "time", '"03:04:05.250"'),
        ("bytes", "text", '"/+8="'),
    ],
)
def test_a_cast_converts_a_column(typed: TypedTable, name: str, to: str, text: str) -> None:
    assert cast_text(typed, name, to) == text


@pytest.mark.parametrize(
    "stored, to, text",
    [
        (" 42 ", "int", "42"),
        ("-999999999999999999", "bigint", "-999999999999999999"),
        ("1.50", "numeric", "1.5"),
        ("100", "numeric", "100"),
        ("0", "numeric", "0"),
        ("+.5", "numeric", "0.5"),
        ("12345678901234567890.123456789012345678901234567890", "numeric", "12345678901234567890.12345678901234567890123456789"),
        ("1e3", "numeric", "1000"),
        ("1e-3", "float8", "0.001"),
        (" Yes ", "bool", "true"),
        ("off", "bool", "false"),
        ("2024-02-29", "date", '"2024-02-29"'),
        ("03:04", "time", '"03:04:00.000000"'),
        ("2024-01-02 03:04:05", "timestamp", '"2024-01-02T03:04:05.000000"'),
        ("2024-01-02T03:04:05", "timestamptz", '"2024-01-02T03:04:05.000000+00:00"'),
    ],
)  # fmt: skip
def test_a_cast_converts_a_string(typed: TypedTable, stored: str, to: str, text: str) -> None:
    typed.store("long_text", stored)
    assert cast_text(typed, "long_text", to) == text


@pytest.mark.parametrize("name", ["long_text", "latin", "utf16", "exact"])
def test_strings_of_any_character_set_can_be_cast(typed: TypedTable, name: str) -> None:
    typed.store(name, "12")
    assert [cast_text(typed, name, to) for to in ("int", "numeric", "float8", "json")] == ["12"] * 4
    typed.store(name, "é")
    with pytest.raises(ApiError, match="22P02"):
        cast_text(typed, name, "int")


@pytest.mark.parametrize(
    "stored, to",
    [
        ("1abc", "int"), ("", "int"), ("1.5", "int"), ("9" * 19, "int"), ("x", "numeric"), ("1" * 40, "numeric"),
        ("1e", "float8"), ("maybe", "bool"), ("2024-02-30", "date"), ("abc", "time"), ("2024-13-01", "timestamp"),
        ("{", "json"), ("abc", "jsonb"),
    ],
)  # fmt: skip
def test_a_string_that_cannot_be_cast_is_an_error(typed: TypedTable, stored: str, to: str) -> None:
    typed.store("long_text", stored)
    with pytest.raises(ApiError, match="22P02") as refused:
        cast_text(typed, "long_text", to)
    assert refused.value.status == 400


@pytest.mark.parametrize("to", sorted(CASTS.keys() - {"uuid"}))
def test_every_cast_of_null_is_null(typed: TypedTable, to: str) -> None:
    typed.store("long_text", None)
    assert cast_text(typed, "long_text", to) == "null"


def test_json_text_is_cast_to_json(typed: TypedTable) -> None:
    typed.store("long_text", '{"a":[1,2]}')
    assert json.loads(cast_text(typed, "long_text", "json")) == {"a": [1, 2]}


@pytest.mark.parametrize("name", COLUMNS)
def test_every_type_can_be_cast_to_text_and_json(typed: TypedTable, name: str) -> None:
    text = json.loads(cast_text(typed, name, "text"))
    assert text is None or isinstance(text, str)
    if text is None or typed.column(name).type.name not in ("longtext", "tinytext", "varchar", "char"):
        json.loads(cast_text(typed, name, "json"))


@pytest.mark.parametrize("name, to", [("day", "int"), ("clock", "date"), ("bytes", "int"), ("real", "bool"), ("place", "int")])  # fmt: skip
def test_a_cast_that_does_not_exist_is_an_error(typed: TypedTable, name: str, to: str) -> None:
    with pytest.raises(ApiError, match=f"42846: cannot cast type {typed.column(name).type.name} to {to}"):
        cast_text(typed, name, to)


def test_the_error_for_an_unknown_cast_lists_the_known_ones(typed: TypedTable) -> None:
    with pytest.raises(ApiError, match="42704") as refused:
        cast_text(typed, "name", "uuid[]")
    assert "bigint" in str(refused.value.details)


NUMBERS = {Kind.INTEGER, Kind.YEAR, Kind.BITS, Kind.DECIMAL, Kind.FLOAT}


def has(function: str, kind: Kind) -> bool:
    if function in ("sum", "avg"):
        return kind in NUMBERS
    return function == "count" or kind not in (Kind.JSON, Kind.GEOMETRY)


FUNCTIONS = {"count": "COUNT({})", "sum": "SUM({})", "avg": "AVG({})", "min": "MIN({})", "max": "MAX({})"}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", COLUMNS)
def test_every_aggregate_returns_json_or_is_refused(typed: TypedTable, name: str, function: str) -> None:
    column = typed.column(name)
    if not has(function, column.type.kind):
        with pytest.raises(ApiError, match="42883"):
            aggregate_type(function, column.type)
        return
    type_ = aggregate_type(function, column.type)
    expression = Sql(FUNCTIONS[function].format(f"t.{column.quoted}"))
    written = typed.evaluate(sql("CONCAT('',{})", json_text(expression, type_, nullable=True, stored=False)))
    assert isinstance(written, str)
    cell = typed.evaluate(plain(expression, type_, stored=False))
    encoded = json.loads(encoder(type_)(cell), parse_float=Decimal)
    assert json.loads(written, parse_float=Decimal) == encoded
    if function in ("min", "max") and name in ROW:
        assert written == typed.text(name)


def test_sums_are_exact(typed: TypedTable) -> None:
    column = typed.column("big_unsigned")
    type_ = aggregate_type("sum", column.type)
    rows = sql("(SELECT big_unsigned b FROM typed UNION ALL SELECT big_unsigned FROM typed) d")
    ((total,),) = typed.rows(sql("SELECT CONCAT('',{}) FROM {}", json_text(sql("SUM(b)"), type_, nullable=True), rows))
    assert total == str(2 * (2**64 - 1))
