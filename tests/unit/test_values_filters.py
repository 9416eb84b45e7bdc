"""Filter values converted to typed parameters, and the errors of invalid ones."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalog import Column, ColumnType, Kind
from api.errors import ApiError
from api.values.containment import array_literal, containment_value
from api.values.filters import filter_value, stored_value
from api.values.numbers import Beyond


def column(kind: Kind, name: str, **fields: object) -> Column:
    return Column("c", ColumnType(kind, name, name, **fields), nullable=True, position=1)  # type: ignore[arg-type]


BOOLEAN = column(Kind.BOOLEAN, "tinyint", minimum=-128, maximum=127)
TINY = column(Kind.INTEGER, "tinyint", minimum=-128, maximum=127)
BIG = column(Kind.INTEGER, "bigint", minimum=-(2**63), maximum=2**63 - 1)
BITS = column(Kind.BITS, "bit", minimum=0, maximum=511, length=9)
YEAR = column(Kind.YEAR, "year", minimum=1901, maximum=2155)
PRICE = column(Kind.DECIMAL, "decimal", precision=10, scale=2)
FLOAT = column(Kind.FLOAT, "float")
DOUBLE = column(Kind.FLOAT, "double")
TEXT = column(Kind.TEXT, "varchar", length=3)
LATIN = column(Kind.TEXT, "varchar", length=3, character_set="latin1")
ASCII = column(Kind.TEXT, "varchar", length=3, character_set="ascii")
BASIC = column(Kind.TEXT, "varchar", length=3, character_set="utf8mb3")
ENUM_UNKNOWN = column(Kind.ENUM, "enum")
SET_UNKNOWN = column(Kind.SET, "set")
ENUM = column(Kind.ENUM, "enum", members=("small", "Large"), collation="utf8mb4_general_ci")
ENUM_EXACT = column(Kind.ENUM, "enum", members=("small", "Large"), collation="utf8mb4_bin")
SET = column(Kind.SET, "set", members=("red", "green", "blue"), collation="utf8mb4_general_ci")
DATE = column(Kind.DATE, "date")
TIME = column(Kind.TIME, "time")
DATETIME = column(Kind.DATETIME, "datetime")
TIMESTAMP = column(Kind.TIMESTAMP, "timestamp")
JSON = column(Kind.JSON, "json")
BINARY = column(Kind.BINARY, "binary", length=4)
BLOB = column(Kind.BINARY, "blob", length=65535)
GEOMETRY = column(Kind.GEOMETRY, "point")


@pytest.mark.parametrize(
    "of, text, parameter",
    [
        (TINY, "5", 5),
        (TINY, " +5 ", 5),
        (TINY, "-128", -128),
        (BIG, "9223372036854775807", 2**63 - 1),
        (BITS, "300", 300),
        (YEAR, "2024", 2024),
        (YEAR, "0", 0),
        (PRICE, "1.50", Decimal("1.50")),
        (PRICE, "1e3", Decimal(1000)),
        (PRICE, "-.5", Decimal("-0.5")),
        (PRICE, "0.0000000001", Decimal("1E-10")),
        (PRICE, "123456789012345678901234567890.5", Decimal("123456789012345678901234567890.5")),
        (DOUBLE, "0.1", 0.1),
        (DOUBLE, "5", 5.0),
        (FLOAT, "0.1", 0.10000000149011612),
        (BOOLEAN, "true", 1),
        (BOOLEAN, "T", 1),
        (BOOLEAN, "yes", 1),
        (BOOLEAN, "on", 1),
        (BOOLEAN, "1", 1),
        (BOOLEAN, "off", 0),
        (BOOLEAN, "n", 0),
        (TEXT, "longer than the column", "longer than the column"),
        (TEXT, "\0", "\0"),
        (TEXT, "", ""),
        (LATIN, "é", "é"),
        (LATIN, "€", "€"),
        (LATIN, "\x81", "\x81"),
        (BASIC, "東", "東"),
        (ENUM_UNKNOWN, "😀", "😀"),
        (SET_UNKNOWN, "{b,a}", "b,a"),
        (ENUM, "LARGE", "Large"),
        (ENUM, "small", "small"),
        (SET, "green,red", "red,green"),
        (SET, "{blue}", "blue"),
        (SET, '["Blue","red"]', "red,blue"),
        (SET, "", ""),
        (SET, "{}", ""),
        (DATE, "2024-02-29", "2024-02-29"),
        (DATE, "2024-2-9", "2024-02-09"),
        (DATE, "20240229", "2024-02-29"),
        (DATE, "2024-02-29T23:59:59Z", "2024-02-29"),
        (TIME, "3:04", "03:04:00"),
        (TIME, "-838:59:59", "-838:59:59"),
        (TIME, "03:04:05.5", "03:04:05.500000"),
        (DATETIME, "2024-01-02T03:04:05", "2024-01-02 03:04:05"),
        (DATETIME, "2024-01-02 03:04", "2024-01-02 03:04:00"),
        (DATETIME, "2024-01-02", "2024-01-02 00:00:00"),
        (DATETIME, "2024-01-02T03:04:05.1234567", "2024-01-02 03:04:05.123457"),
        (DATETIME, "2024-01-02T03:04:05+02:00", "2024-01-02 01:04:05"),
        (DATETIME, "2024-01-01T24:00:00", "2024-01-02 00:00:00"),
        (TIMESTAMP, "2024-01-02T03:04:05Z", "2024-01-02 03:04:05"),
        (TIMESTAMP, "2024-01-02T03:04:05 02:00", "2024-01-02 01:04:05"),
        (TIMESTAMP, "2024-01-02T03:04:05-0930", "2024-01-02 12:34:05"),
        (TIMESTAMP, "2024-01-02T03:04:05", "2024-01-02 03:04:05"),
        (DATE, "0000-00-00", "0000-00-00"),
        (DATE, "2024-05-00", "2024-05-00"),
        (DATE, "0000-05-31", "0000-05-31"),
        (DATETIME, "0000-00-00T00:00:00", "0000-00-00 00:00:00"),
        (DATETIME, "2024-00-31 01:02:03.5", "2024-00-31 01:02:03.500000"),
        (DATETIME, "0000-00-00", "0000-00-00 00:00:00"),
        (TIMESTAMP, "0000-00-00T00:00:00+00:00", "0000-00-00 00:00:00"),
        (JSON, '{"a":1.10}', '{"a":1.10}'),
        (BLOB, "/+8=", b"\xff\xef"),
        (BLOB, "_-8", b"\xff\xef"),
        (BINARY, "YWI=", b"ab\0\0"),
    ],
)
def test_a_filter_value_becomes_what_mysql_compares_exactly(of: Column, text: str, parameter: object) -> None:
    found = filter_value(of, text)
    assert found == parameter
    assert type(found) is type(parameter)


@pytest.mark.parametrize(
    "code, of, text",
    [
        ("22P02", TINY, "1abc"), ("22P02", TINY, ""), ("22P02", TINY, "1.0"), ("22P02", TINY, "1_0"),
        ("22P02", TINY, "٣"), ("22P02", TINY, "0x1f"), ("22P02", TINY, "1\n2"),
        ("22P02", PRICE, "NaN"), ("22P02", PRICE, "1,5"), ("22P02", DOUBLE, "Infinity"), ("22P02", DOUBLE, "nan"),
        ("22P02", BOOLEAN, "2"), ("22P02", BOOLEAN, "o"), ("22P02", BOOLEAN, ""),
        ("22P02", ENUM, "huge"), ("22P02", ENUM_EXACT, "LARGE"), ("22P02", ENUM, "1"),
        ("22P02", SET, "red,huge"), ("22P02", SET, "{red"), ("22P02", SET, "[1]"),
        ("22007", DATE, "2024-02-30"), ("22007", DATE, "infinity"), ("22007", DATE, "0000-13-00"), ("22007", DATE, ""),
        ("22007", DATE, "2024-00-32"), ("22007", DATE, "0000-02-29"), ("22007", DATETIME, "2024-00-00T24:00:00"),
        ("22007", TIMESTAMP, "0000-00-00T00:00:00+02:00"), ("22007", DATETIME, "2024-00-00T12:60"),
        ("22007", DATE, "01/02/2024"), ("22007", TIME, "839:00:00"), ("22007", TIME, "12:60"), ("22007", TIME, "5"),
        ("22007", DATETIME, "2024-01-02T25:00"), ("22007", DATETIME, "now"), ("22007", DATETIME, "2024-01-02T03:04:05+25:00"),
        ("22007", TIMESTAMP, "0001-01-01T00:00:00+05:00"), ("22007", TIMESTAMP, "2024-01-02T03:04:05+"),
        ("22P02", JSON, "{a:1}"), ("22P02", JSON, ""), ("22P02", JSON, "NaN"), ("22P02", JSON, "[" * 100_000),
        ("22P02", BLOB, "a b"), ("22P02", BLOB, "a"), ("22P02", BLOB, "é"), ("42883", GEOMETRY, "{}"),
    ],
)  # fmt: skip
def test_an_invalid_filter_value_is_an_error(code: str, of: Column, text: str) -> None:
    with pytest.raises(ApiError) as refused:
        filter_value(of, text)
    assert refused.value.code == code
    assert refused.value.status == 400
    assert "'c'" in refused.value.message
    assert len(refused.value.message) < 400


@pytest.mark.parametrize(
    "of, text, found",
    [
        (TINY, "128", 128), (TINY, "-00129", -129), (TINY, "0" * 60 + "7", 7), (TINY, "0" * 60, 0),
        (BIG, "99999999999999999999", 99999999999999999999), (BIG, "9" * 5000, Beyond.ABOVE),
        (BIG, "-" + "9" * 5000, Beyond.BELOW), (BITS, "512", 512), (BITS, "-1", -1),
        (YEAR, "24", Beyond.AFTER_ZERO), (YEAR, "1900", Beyond.AFTER_ZERO), (YEAR, "-1", Beyond.BELOW),
        (YEAR, "2156", Beyond.ABOVE), (YEAR, "9" * 5000, Beyond.ABOVE),
        (PRICE, "1e70", Beyond.ABOVE), (PRICE, "-1e99999", Beyond.BELOW), (PRICE, "1e-31", Decimal("0.005")),
        (PRICE, "-1e-31", Decimal("-0.005")), (PRICE, "1.23" + "4" * 100, Decimal("1.235")),
        (DOUBLE, "1e999", Beyond.ABOVE), (DOUBLE, "-1e999", Beyond.BELOW), (FLOAT, "1e39", Beyond.ABOVE),
    ],
)  # fmt: skip
def test_a_number_out_of_range_compares_as_it_is(of: Column, text: str, found: object) -> None:
    assert filter_value(of, text) == found
    with pytest.raises(ApiError, match="22003"):
        stored_value(of, text)


def test_unknown_members_cannot_be_contained() -> None:
    with pytest.raises(ApiError, match="42883"):
        containment_value(SET_UNKNOWN.type, "a")


def test_a_timestamp_without_offset_is_in_the_preferred_zone() -> None:
    assert filter_value(TIMESTAMP, "2024-07-01T12:00:00", ZoneInfo("Europe/Paris")) == "2024-07-01 10:00:00"
    assert filter_value(TIMESTAMP, "2024-07-01T12:00:00Z", ZoneInfo("Europe/Paris")) == "2024-07-01 12:00:00"


def test_a_datetime_ignores_the_preferred_zone() -> None:
    assert filter_value(DATETIME, "2024-07-01T12:00:00", ZoneInfo("Europe/Paris")) == "2024-07-01 12:00:00"


EVERY = [BOOLEAN, TINY, BITS, YEAR, PRICE, FLOAT, DOUBLE, TEXT, ENUM, SET, DATE, TIME, DATETIME, TIMESTAMP, JSON, BLOB]


@given(of=st.sampled_from(EVERY), text=st.text() | st.text("0123456789-+:.TZe {}[]\",'", max_size=30))
def test_any_filter_value_converts_or_raises_an_api_error(of: Column, text: str) -> None:
    try:
        filter_value(of, text, ZoneInfo("America/New_York"))
    except ApiError as refused:
        if refused.code not in ("22P02", "22003", "22007"):
            raise


@given(
    number=st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number.adjusted()) < 90_000),
    stored=st.decimals(min_value=-99999999, max_value=99999999, places=2),
)
def test_a_decimal_compares_with_each_value_of_the_column_as_it_is(number: Decimal, stored: Decimal) -> None:
    found = filter_value(PRICE, str(number))
    smaller = found.compare(stored) < 0 if isinstance(found, Beyond) else stored < found  # type: ignore[operator]
    assert (smaller, stored == found) == (stored < number, stored == number)


@pytest.mark.parametrize(
    "of, text, found",
    [
        (JSON, '["a"]', '["a"]'),
        (JSON, '{"k":1.10}', '{"k":1.10}'),
        (JSON, "{a,b}", '["a","b"]'),
        (JSON, "{}", "{}"),
        (JSON, '{"a,b",c}', '["a,b","c"]'),
        (JSON, '{1,2.5,true,null,"3",-0}', '[1,2.5,true,null,"3",-0]'),
        (JSON, "5", "5"),
        (SET, "{blue,red}", ("red", "blue")),
        (SET, "green", ("green",)),
        (SET, "{}", ()),
    ],
)
def test_the_values_to_search_for_are_parsed(of: Column, text: str, found: object) -> None:
    assert containment_value(of.type, text) == found


@pytest.mark.parametrize("of, text", [(JSON, "a"), (JSON, "{a"), (JSON, "{a,,b}"), (SET, "{huge}"), (SET, "{a")])
def test_an_invalid_value_of_a_containment_operator_is_an_error(of: Column, text: str) -> None:
    with pytest.raises(ApiError, match="22P02"):
        containment_value(of.type, text)


@given(elements=st.lists(st.text()))
def test_an_array_literal_keeps_any_elements(elements: list[str]) -> None:
    quoted = [element.replace("\\", "\\\\").replace('"', '\\"') for element in elements]
    assert array_literal("{" + ",".join(f'"{element}"' for element in quoted) + "}") == tuple(elements)
