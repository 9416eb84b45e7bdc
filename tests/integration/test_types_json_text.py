"""Every type through the whole API: stored from JSON, written as JSON by the server and by Python, found by a filter."""

from __future__ import annotations

import json
import struct
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.catalog import Dialect
from api.errors import ApiError
from api.statement import Sql
from api.values.payload import payload_converter
from local.server import Server
from tests.integration.introspecting import table_of
from tests.integration.typed_table import COLUMNS, TypedTable, typed_table


@pytest.fixture(scope="module")
def table(server: Server) -> Iterator[TypedTable]:
    with typed_table(server) as found:
        yield found


@pytest.fixture
def typed(table: TypedTable) -> TypedTable:
    return table.restore()


@pytest.mark.parametrize("name", COLUMNS)
def test_null_of_any_type_is_written_as_null(typed: TypedTable, name: str) -> None:
    typed.store(name, None)
    assert typed.text(name) == "null"


@pytest.mark.parametrize(
    "name, stored, text",
    [
        ("boolean", True, "true"),
        ("boolean", "f", "false"),
        ("bit1", True, "true"),
        ("bit1", "off", "false"),
        ("bits", 300, "300"),
        ("bits64", 2**64 - 1, "18446744073709551615"),
        ("tiny", "-128", "-128"),
        ("filled", 42, "42"),
        ("big", -(2**63), "-9223372036854775808"),
        ("big_unsigned", 2**64 - 1, "18446744073709551615"),
        ("year", 2024, "2024"),
        ("year", 0, "0"),
        ("price", Decimal("1.5"), "1.50"),
        ("price", "-0.005", "-0.01"),
        ("wide", Decimal("0.1"), "0.100000000000000000000000000000"),
        ("single", Decimal("0.1"), "0.1"),
        ("single", 16777217, "16777216"),
        ("single", Decimal("0.1234567"), "0.12345670163631439"),
        ("real", Decimal("0.1"), "0.1"),
        ("real", Decimal("1e300"), "1e300"),
        ("name", 'say "é"\n\\ \u2028😀/\x7f', '"say \\"é\\"\\n\\\\ \u2028😀/\x7f"'),
        ("name", "\x00\x1f\t", '"\\u0000\\u001f\\t"'),
        ("name", True, '"true"'),
        ("name", Decimal("1.50"), '"1.50"'),
        ("long_text", {"a": [1, None]}, '"{\\"a\\":[1,null]}"'),
        ("long_text", "x" * 100_000, '"' + "x" * 100_000 + '"'),
        ("latin", "é", '"é"'),
        ("utf16", "é😀", '"é😀"'),
        ("mood", 'say "cheese"', '"say \\"cheese\\""'),
        ("mood", "a\\b", '"a\\\\b"'),
        ("tags", ["green", "red"], '["red","green"]'),
        ("tags", "{green}", '["green"]'),
        ("tags", 'say "cheese",a\\b,日本', '["say \\"cheese\\"","a\\\\b","日本"]'),
        ("tags", [], "[]"),
        ("day", "2024-02-29", '"2024-02-29"'),
        ("clock", "-26:05:04", '"-26:05:04"'),
        ("fine_clock", "838:59:59", '"838:59:59.000"'),
        ("moment", "2024-01-02T03:04:05", '"2024-01-02T03:04:05"'),
        ("fine_moment", "2024-01-02 03:04:05.5", '"2024-01-02T03:04:05.500000"'),
        ("fine_moment", "2024-01-02T03:04:05+02:00", '"2024-01-02T01:04:05.000000"'),
        ("instant", "2024-01-02T03:04:05Z", '"2024-01-02T03:04:05+00:00"'),
        ("fine_instant", "2024-01-02T03:04:05.25-01:30", '"2024-01-02T04:34:05.250+00:00"'),
        ("fixed", "YWI=", '"YWIAAA=="'),
        ("bytes", b64encode(b"\x00\xff" * 100).decode(), f'"{b64encode(bytes([0, 255]) * 100).decode()}"'),
        ("blob_", "", '""'),
    ],
)
def test_a_stored_value_has_the_documented_json_form(typed: TypedTable, name: str, stored: object, text: str) -> None:
    typed.store(name, stored)
    written = typed.text(name)
    assert (written.lower() if "\\u00" in text else written) == text


@pytest.mark.parametrize(
    "document",
    [
        "text", 5, True, [], {}, {"a": [1, {"b": None}], 'say "é"\n': "😀\x01"},
        Decimal("0.1"), Decimal("1.5"), 2**64 - 1,
        {"exact": [Decimal("12345678901234567890.123456789"), 10**30], "": Decimal("0.1234567890123456789012")},
    ],
)  # fmt: skip
def test_json_keeps_every_digit(typed: TypedTable, document: object) -> None:
    typed.store("document", document)
    assert json.loads(typed.text("document"), parse_float=Decimal) == document


def test_a_json_number_that_the_server_cannot_keep_is_refused(typed: TypedTable) -> None:
    if typed.dialect is Dialect.MARIADB:
        typed.store("document", Decimal("1e400"))
        assert typed.text("document") == "1E+400"
        return
    with pytest.raises(ApiError, match="22003"):
        typed.store("document", {"a": Decimal("1e400")})


def test_geometries_are_geojson_in_both_directions(typed: TypedTable) -> None:
    polygon = {"type": "Polygon", "coordinates": [[[0, 0], [2.5, 0], [2.5, 1], [0, 0]]]}
    typed.store("place", polygon)
    assert json.loads(typed.text("place")) == polygon


@pytest.mark.parametrize("srid, point", [(0, [500, 2.5]), (3857, [111319.5, 2.5]), (4326, [-120.5, 45.25])])
def test_a_geometry_column_with_a_reference_system_gets_it(mysql_server: Server, srid: int, point: list[float]) -> None:
    with mysql_server.temporary_database() as name:
        mysql_server.execute(f"CREATE TABLE places (id INT PRIMARY KEY, at POINT SRID {srid})", database=name)
        column = table_of(mysql_server, name, "places").by_name["at"]
        document = {"type": "Point", "coordinates": point}
        stored = payload_converter(column, Dialect.MYSQL)(document)
        assert isinstance(stored, Sql)
        with mysql_server.connect(name) as connection, connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO places VALUES (1, {stored.text})", stored.parameters)
            cursor.execute("SELECT ST_AsGeoJSON(at), ST_SRID(at) FROM places")
            ((text, found),) = cursor.fetchall()
        assert (json.loads(text), found) == (document, srid)


def test_an_invalid_geometry_is_refused(typed: TypedTable) -> None:
    for wrong in (5, "POINT(1 2)", {"coordinates": [1, 2]}):
        with pytest.raises(ApiError, match="22P02"):
            typed.store("place", wrong)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def positive_zero(number: float) -> float:
    """MySQL does not keep the sign of zero."""
    return number or 0.0


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "bit1": st.booleans(),
    "bits": st.integers(0, 511),
    "bits64": st.integers(0, 2**64 - 1),
    "tiny": st.integers(-128, 127),
    "tiny_unsigned": st.integers(0, 255),
    "small": st.integers(-(2**15), 2**15 - 1),
    "medium": st.integers(0, 2**24 - 1),
    "whole": st.integers(-(2**31), 2**31 - 1),
    "filled": st.integers(0, 2**32 - 1),
    "big": st.integers(-(2**63), 2**63 - 1),
    "big_unsigned": st.integers(0, 2**64 - 1),
    "year": st.integers(1901, 2155) | st.just(0),
    "price": st.decimals(-99999999, 99999999, places=2),
    "wide": st.decimals(-(10**34), 10**34, places=30),
    "positive": st.integers(0, 99999),
    "single": st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False).map(positive_zero),
    "real": st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False).map(positive_zero),
    "name": texts,
    "exact": texts,
    "long_text": texts,
    "utf16": texts,
    "short_text": st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    "latin": st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=20),
    "mood": st.sampled_from(["sad", "so-so", 'say "cheese"', "a\\b", "日本"]),
    "day": st.dates().map(date.isoformat),
    "fine_moment": st.datetimes().map(datetime.isoformat),
    "bytes": st.binary(max_size=300).map(lambda data: b64encode(data).decode()),
    "blob_": st.binary(max_size=300).map(lambda data: b64encode(data).decode()),
}


@pytest.mark.parametrize("name", VALUES)
@settings(max_examples=60)
@given(data=st.data())
def test_any_value_is_returned_unchanged_and_found_by_a_filter(
    typed: TypedTable, name: str, data: st.DataObject
) -> None:
    stored = data.draw(VALUES[name])
    typed.store(name, stored)
    text = typed.text(name)
    read: Any = json.loads(text, parse_float=type(stored) if isinstance(stored, float) else Decimal)
    if name == "fine_moment":
        assert datetime.fromisoformat(str(read)) == datetime.fromisoformat(str(stored))
    elif name == "single":
        assert struct.pack("f", read) == struct.pack("f", stored)
    else:
        assert read == stored
    filter_text = read if isinstance(read, str) else text
    assert typed.finds(name, filter_text)
    assert not typed.finds(name, filter_text, "<>")


@settings(max_examples=200)
@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers(-(10**25), 10**25) | texts
        | st.decimals(-(10**20), 10**20, places=6) | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False).map(lambda number: Decimal(repr(number))),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=8,
    ).filter(lambda document: document is not None)
)  # fmt: skip
def test_any_json_is_returned_unchanged(typed: TypedTable, document: object) -> None:
    typed.store("document", document)
    assert json.loads(typed.text("document"), parse_float=Decimal) == document
