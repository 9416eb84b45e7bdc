"""JSON values and CSV cells converted for storage, and the errors of those that a column cannot store."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalog import Column, ColumnType, Dialect, Kind
from api.errors import ApiError
from api.statement import Sql
from api.values.payload import argument_converter, csv_converter, payload_converter

MYSQL, MARIADB = Dialect.MYSQL, Dialect.MARIADB


def column(kind: Kind, name: str, nullable: bool = True, generated: bool = False, **fields: Any) -> Column:
    return Column("c", ColumnType(kind, name, name, **fields), nullable=nullable, position=1, generated=generated)


BOOLEAN = column(Kind.BOOLEAN, "tinyint", minimum=-128, maximum=127)
TINY = column(Kind.INTEGER, "tinyint", minimum=-128, maximum=127)
YEAR = column(Kind.YEAR, "year")
PRICE = column(Kind.DECIMAL, "decimal", precision=5, scale=2)
PRICE_UNSIGNED = column(Kind.DECIMAL, "decimal", precision=5, scale=2, unsigned=True)
FLOAT = column(Kind.FLOAT, "float")
DOUBLE = column(Kind.FLOAT, "double")
DOUBLE_UNSIGNED = column(Kind.FLOAT, "double", unsigned=True)
NAME = column(Kind.TEXT, "varchar", length=5, character_set="utf8mb4")
TINYTEXT = column(Kind.TEXT, "tinytext", length=255, character_set="utf8mb4")
TINYTEXT_LATIN = column(Kind.TEXT, "tinytext", length=255, character_set="latin1")
ENUM = column(Kind.ENUM, "enum", members=("1", "small"), collation="utf8mb4_0900_ai_ci")
SET = column(Kind.SET, "set", members=("red", "green"), collation="utf8mb4_0900_ai_ci")
DATE = column(Kind.DATE, "date")
TIMESTAMP = column(Kind.TIMESTAMP, "timestamp")
JSON = column(Kind.JSON, "json")
BLOB = column(Kind.BINARY, "varbinary", length=4)
POINT = column(Kind.GEOMETRY, "point")


@pytest.mark.parametrize(
    "of, sent, stored",
    [
        (BOOLEAN, True, 1),
        (BOOLEAN, 0, 0),
        (BOOLEAN, "yes", 1),
        (TINY, 5, 5),
        (TINY, "12", 12),
        (YEAR, 2024, 2024),
        (YEAR, "1999", 1999),
        (PRICE, Decimal("1.005"), Decimal("1.01")),
        (PRICE, Decimal("-1.005"), Decimal("-1.01")),
        (PRICE, 999, Decimal("999.00")),
        (PRICE, "1e2", Decimal("100.00")),
        (PRICE, "0.000000000000000000000000000000000000000001", Decimal("0.00")),
        (PRICE, Decimal("1e-999999"), Decimal("0.00")),
        (PRICE_UNSIGNED, Decimal("999.99"), Decimal("999.99")),
        (FLOAT, Decimal("0.1"), 0.10000000149011612),
        (DOUBLE, Decimal("0.1"), 0.1),
        (DOUBLE, 5, 5.0),
        (DOUBLE, "1e3", 1000.0),
        (NAME, "é😀abc", "é😀abc"),
        (NAME, "five5     ", "five5     "),
        (NAME, 1, "1"),
        (NAME, True, "true"),
        (NAME, Decimal("1.50"), "1.50"),
        (NAME, [1], "[1]"),
        (NAME, {}, "{}"),
        (NAME, "", ""),
        (TINYTEXT, "x" * 255, "x" * 255),
        (TINYTEXT_LATIN, "é" * 255, "é" * 255),
        (ENUM, 1, "1"),
        (ENUM, "SMALL", "small"),
        (SET, ["green", "red"], "red,green"),
        (SET, "green", "green"),
        (SET, "{red}", "red"),
        (SET, '["red"]', "red"),
        (SET, [], ""),
        (DATE, "2024-02-29", "2024-02-29"),
        (DATE, 20240229, "2024-02-29"),
        (TIMESTAMP, "2024-01-02T03:04:05+01:00", "2024-01-02 02:04:05"),
        (JSON, "text", '"text"'),
        (JSON, '{"a":1}', '"{\\"a\\":1}"'),
        (JSON, {"a": [1, Decimal("1.50"), None, True, "é"]}, '{"a":[1,1.50,null,true,"é"]}'),
        (JSON, {"a": {}, "b": [], "c": [Decimal(1), {}]}, '{"a":{},"b":[],"c":[1,{}]}'),
        (JSON, False, "false"),
        (BLOB, "YWI=", b"ab"),
    ],
)
def test_a_json_value_is_stored_in_the_columns_form(of: Column, sent: object, stored: object) -> None:
    found = payload_converter(of, MYSQL)(sent)
    assert found == stored
    assert type(found) is type(stored)


@pytest.mark.parametrize(
    "code, of, sent",
    [
        ("22P02", BOOLEAN, 2), ("22P02", BOOLEAN, "maybe"), ("22P02", BOOLEAN, []),
        ("22P02", TINY, "1abc"), ("22P02", TINY, True), ("22P02", TINY, Decimal("1.0")), ("22P02", TINY, {}),
        ("22003", TINY, 128), ("22003", TINY, "128"), ("22003", YEAR, 24),
        ("22003", PRICE, 1000), ("22003", PRICE, Decimal("999.995")), ("22003", PRICE, Decimal("1e999999")),
        ("22003", PRICE, "1e99999"), ("22P02", PRICE, "NaN"), ("22P02", PRICE, True), ("22003", PRICE_UNSIGNED, -1),
        ("22003", DOUBLE, Decimal("1e400")), ("22003", DOUBLE, 10**400), ("22003", FLOAT, Decimal("1e39")),
        ("22003", DOUBLE_UNSIGNED, -1), ("22P02", DOUBLE, "x"), ("22P02", DOUBLE, False),
        ("22001", NAME, "sixsix"), ("22001", NAME, "é" * 6), ("22001", NAME, {"a": 1}),
        ("22001", TINYTEXT, "x" * 256), ("22001", TINYTEXT, "é" * 128), ("22001", TINYTEXT_LATIN, "é" * 256),
        ("22P02", NAME, "\ud800"), ("22P02", JSON, {"a": "\udfff"}), ("22P02", JSON, {"\ud800": 1}),
        ("22P02", ENUM, "huge"), ("22P02", ENUM, 2), ("22P02", ENUM, ["small"]),
        ("22P02", SET, ["huge"]), ("22P02", SET, [["red"]]), ("22P02", SET, {}),
        ("22007", DATE, "2024-02-30"), ("22007", DATE, True), ("22P02", DATE, []), ("22007", TIMESTAMP, "infinity"),
        ("22P02", BLOB, "not base64"), ("22P02", BLOB, []), ("22001", BLOB, "YWJjZGU="),
        ("22P02", POINT, "POINT(1 2)"), ("22P02", POINT, []), ("22P02", POINT, {"coordinates": [1, 2]}),
    ],
)  # fmt: skip
def test_a_value_that_the_column_cannot_store_is_an_error(code: str, of: Column, sent: object) -> None:
    with pytest.raises(ApiError) as refused:
        payload_converter(of, MYSQL)(sent)
    assert refused.value.code == code
    assert refused.value.status == 400
    assert "'c'" in refused.value.message
    refused.value.message.encode()


def test_null_is_stored_in_nullable_columns_only() -> None:
    assert payload_converter(NAME, MYSQL)(None) is None
    assert payload_converter(JSON, MYSQL)(None) is None
    required = column(Kind.TEXT, "varchar", nullable=False, length=5)
    with pytest.raises(ApiError, match="23502"):
        payload_converter(required, MYSQL)(None)
    assert payload_converter(required, MYSQL)("") == ""


def test_null_in_an_auto_increment_column_means_the_next_number() -> None:
    counting = Column("id", TINY.type, nullable=False, position=1, auto_increment=True)
    assert payload_converter(counting, MYSQL)(None) is None


def test_a_generated_column_does_not_accept_a_value() -> None:
    generated = column(Kind.INTEGER, "int", generated=True)
    for sent in (1, None):
        with pytest.raises(ApiError, match="428C9"):
            payload_converter(generated, MYSQL)(sent)
        with pytest.raises(ApiError, match="428C9"):
            csv_converter(generated, MYSQL)("1")


def test_the_server_builds_geometries() -> None:
    stored = payload_converter(POINT, MYSQL)({"type": "Point", "coordinates": [1, Decimal("2.5")]})
    assert stored == Sql("ST_GeomFromGeoJSON(%s)", ('{"type":"Point","coordinates":[1,2.5]}',))
    assert payload_converter(POINT, MYSQL)('{"type":"Point","coordinates":[1,2.5]}') == stored


def test_a_geometry_gets_the_reference_system_of_its_column() -> None:
    plane = column(Kind.GEOMETRY, "point", srid=0)
    stored = payload_converter(plane, MYSQL)({"type": "Point", "coordinates": [500, 1]})
    assert stored == Sql("ST_GeomFromGeoJSON(%s,1,%s)", ('{"type":"Point","coordinates":[500,1]}', 0))


def test_json_numbers_too_precise_for_a_double_are_sent_as_decimals_to_mysql() -> None:
    document = {"a": [Decimal("0.1"), Decimal("1.2345678901234567890")], "b": 2**64}
    assert payload_converter(JSON, MARIADB)(document) == '{"a":[0.1,1.2345678901234567890],"b":18446744073709551616}'
    stored = payload_converter(JSON, MYSQL)(document)
    assert isinstance(stored, Sql)
    assert stored.text == "JSON_SET(CAST(%s AS JSON),%s,%s,%s,%s)"
    assert stored.parameters[1:] == ('$."a"[1]', Decimal("1.2345678901234567890"), '$."b"', Decimal(2**64))


@pytest.mark.parametrize(
    "of, text, stored",
    [
        (NAME, "", ""),
        (NAME, "12", "12"),
        (NAME, None, None),
        (TINY, "12", 12),
        (PRICE, "1.5", Decimal("1.50")),
        (BOOLEAN, "t", 1),
        (SET, '["red"]', "red"),
        (JSON, '{"a":1}', '{"a":1}'),
        (JSON, '"text"', '"text"'),
        (JSON, "null", None),
        (BLOB, "YWI=", b"ab"),
    ],
)
def test_a_csv_cell_is_stored_in_the_columns_form(of: Column, text: str | None, stored: object) -> None:
    assert csv_converter(of, MYSQL)(text) == stored


@pytest.mark.parametrize("code, of, text", [("22P02", TINY, ""), ("22P02", JSON, "text"), ("22003", JSON, "[1e999]"), ("22007", DATE, "x"), ("22001", NAME, "sixsix")])  # fmt: skip
def test_an_invalid_csv_cell_is_an_error(code: str, of: Column, text: str) -> None:
    with pytest.raises(ApiError, match=f"{code}: .* column 'c'"):
        csv_converter(of, MYSQL)(text)


def test_an_argument_of_a_routine_may_be_null() -> None:
    required = column(Kind.INTEGER, "int", nullable=False)
    assert argument_converter(required, MYSQL)(None) is None
    assert argument_converter(required, MYSQL)("5") == 5


EVERY = [BOOLEAN, TINY, YEAR, PRICE, FLOAT, DOUBLE, NAME, TINYTEXT, ENUM, SET, DATE, TIMESTAMP, JSON, BLOB, POINT]
scalars = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)


@given(of=st.sampled_from(EVERY), dialect=st.sampled_from(Dialect), sent=anything | st.text(st.characters()))
def test_any_json_value_converts_or_raises_an_api_error(of: Column, dialect: Dialect, sent: object) -> None:
    try:
        payload_converter(of, dialect)(sent)
    except ApiError as refused:
        if refused.code not in ("22P02", "22003", "22007", "22001"):
            raise


def nested(depth: int) -> object:
    document: object = 1
    for _ in range(depth):
        document = [document]
    return document


@pytest.mark.parametrize("make", [lambda: nested(200_000), lambda: {"a": nested(200_000), "b": Decimal(1)}])
def test_json_nested_too_deeply_is_an_error_not_a_crash(make: Callable[[], object]) -> None:
    with pytest.raises(ApiError, match="22P02"):
        payload_converter(JSON, MARIADB)(make())


@given(data=st.binary(max_size=4))
def test_base64_keeps_any_bytes(data: bytes) -> None:
    assert payload_converter(BLOB, MYSQL)(b64encode(data).decode()) == data
