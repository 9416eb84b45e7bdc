"""A string as a value of a column's type: the checks that filters and payloads share.

MySQL coerces (`id='1abc'` is 1, a string compared to a number is a double). So every string becomes the Python type
that MySQL compares exactly and by index, or it is refused.
"""

from __future__ import annotations

import binascii
import json
import math
from base64 import b64decode
from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal
from functools import partial

from api.catalog import ColumnType, Kind, UuidOrder
from api.errors import invalid_date, invalid_value, out_of_range, undefined_operation
from api.statement import Value
from api.values.containment import SET_SYNTAX, declared_members, member_finder, set_members
from api.values.numbers import INTEGER, LONGEST_INTEGER, NUMBER, integer_range, no_constant, parse_decimal, parse_float
from api.values.temporal import date_text, datetime_text, time_text
from api.values.uuids import UUID_BYTES, uuid_bytes

Converter = Callable[[str], Value]
"""From a string to one column's value. Raises `ApiError` if the string is not valid."""

YEARS = (1901, 2155)


def text_converter(name: str, type_: ColumnType, zone: tzinfo | None) -> Converter:
    """The converter of a column.

    Args:
        name: The column's name, for messages.
        zone: The zone of TIMESTAMP strings without an offset; None: UTC.
    """
    match type_.kind:
        case Kind.TEXT:
            return _text(name, type_)
        case Kind.INTEGER | Kind.BITS:
            return _integer(name, type_)
        case Kind.YEAR:
            return _year(name, type_)
        case Kind.DECIMAL:
            return _decimal(name, type_)
        case Kind.FLOAT:
            return _float(name, type_)
        case Kind.BOOLEAN:
            return _boolean(name)
        case Kind.ENUM:
            return _enum(name, type_)
        case Kind.SET:
            return _set(name, type_)
        case Kind.DATE | Kind.TIME | Kind.DATETIME | Kind.TIMESTAMP:
            return _temporal(name, type_, zone)
        case Kind.BINARY:
            return _binary(name, type_)
        case Kind.JSON:
            return _json(name)
        case Kind.GEOMETRY:
            return _geometry(name, type_)


_CODECS = {"latin1": ("cp1252", "latin-1"), "ascii": ("ascii",)}
_BASIC_PLANE = frozenset({"utf8mb3", "utf8", "ucs2"})


def _text(name: str, type_: ColumnType) -> Converter:
    codecs = _CODECS.get(type_.character_set or "", ())
    if not codecs and type_.character_set not in _BASIC_PLANE:
        return str

    def convert(text: str) -> str:
        # the server would refuse to compare it, with a message that differs between MySQL and MariaDB
        if not text.isascii() and not (
            any(map(partial(_encodes, text), codecs)) if codecs else max(text) < "\U00010000"
        ):
            details = f"The column's character set {type_.character_set} does not have every character of this value."
            raise invalid_value(type_.name, text, name, details)
        return text

    return convert


def _encodes(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _integer(name: str, type_: ColumnType) -> Converter:
    minimum, maximum = integer_range(type_)

    def convert(text: str) -> int:
        if INTEGER.match(text) is None:
            raise invalid_value(type_.name, text, name)
        number = int(text) if len(text) <= LONGEST_INTEGER else None
        if number is None or not minimum <= number <= maximum:
            raise out_of_range(type_.name, text, name)
        return number

    return convert


def _year(name: str, type_: ColumnType) -> Converter:
    def convert(text: str) -> int:
        if INTEGER.match(text) is None:
            raise invalid_value(type_.name, text, name)
        year = int(text) if len(text) <= LONGEST_INTEGER else -1
        # MySQL would read 24 as 2024 and 99 as 1999.
        if year != 0 and not YEARS[0] <= year <= YEARS[1]:
            raise out_of_range(type_.name, text, name)
        return year

    return convert


def _decimal(name: str, type_: ColumnType) -> Converter:
    def convert(text: str) -> Decimal:
        if NUMBER.match(text) is None:
            raise invalid_value(type_.name, text, name)
        number = parse_decimal(text)
        if number is None:
            raise out_of_range(type_.name, text, name)
        return number

    return convert


def _float(name: str, type_: ColumnType) -> Converter:
    def convert(text: str) -> float:
        if NUMBER.match(text) is None:
            raise invalid_value(type_.name, text, name)
        number = parse_float(text, type_)
        if number is None:
            raise out_of_range(type_.name, text, name)
        return number

    return convert


_TRUE = frozenset({"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"})
_FALSE = frozenset({"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"})


def _boolean(name: str) -> Converter:
    def convert(text: str) -> int:
        word = text.strip().lower()
        if word in _TRUE:
            return 1
        if word in _FALSE:
            return 0
        raise invalid_value("boolean", text, name)

    return convert


def _enum(name: str, type_: ColumnType) -> Converter:
    member = member_finder(type_)

    def convert(text: str) -> str:
        found = member(text)
        if found is None:
            raise invalid_value("enum", text, name, f"Its values are: {', '.join(type_.members)}.")
        return found

    return convert


def _set(name: str, type_: ColumnType) -> Converter:
    def convert(text: str) -> str:
        words = set_members(text)
        if words is None:
            raise invalid_value("set", text, name, SET_SYNTAX)
        return ",".join(declared_members(words, type_, name))

    return convert


def _temporal(name: str, type_: ColumnType, zone: tzinfo | None) -> Converter:
    def read(text: str) -> str | None:
        if type_.kind is Kind.DATE:
            return date_text(text)
        if type_.kind is Kind.TIME:
            return time_text(text)
        return datetime_text(text, zone if type_.kind is Kind.TIMESTAMP else None)

    def convert(text: str) -> str:
        found = read(text)
        if found is None:
            raise invalid_date(type_.name, text, name)
        return found

    return convert


def _binary(name: str, type_: ColumnType) -> Converter:
    padded = type_.length if type_.name == "binary" and type_.length is not None else 0

    def convert(text: str) -> bytes:
        data = binary_value(text, type_, name)
        # BINARY(n) is stored with trailing zero bytes, which count in comparisons.
        return data.ljust(padded, b"\0")

    return convert


def binary_value(text: str, type_: ColumnType, name: str) -> bytes:
    """Bytes from base64 or, where 16 are stored, from a UUID, whose 36 characters would be 27 bytes of base64.

    Raises:
        ApiError: 22P02, it is neither.
    """
    if type_.length == UUID_BYTES:
        data = uuid_bytes(text, type_.uuid or UuidOrder.PLAIN)
        if data is not None:
            return data
    data = decode_base64(text)
    if type_.uuid is not None and data is not None and len(data) != UUID_BYTES:
        data = None  # the server would fill the UUID up with zero bytes
    mistyped = type_.length == UUID_BYTES and "-" in text and data is not None and len(data) > UUID_BYTES
    if data is None or mistyped:
        how = "as a UUID or in base64" if type_.length == UUID_BYTES else "in base64"
        raise invalid_value(
            "uuid" if type_.uuid is not None or mistyped else type_.name, text, name, f"Send its values {how}."
        )
    return data


_URL_SAFE = str.maketrans("-_", "+/")


def decode_base64(text: str) -> bytes | None:
    """Bytes from base64, standard or URL-safe, with or without padding; None if it is not valid.

    >>> decode_base64("_-8="), decode_base64("/+8"), decode_base64("a b")
    (b'\\xff\\xef', b'\\xff\\xef', None)
    """
    text = text.translate(_URL_SAFE)
    if len(text) % 4 and "=" not in text:
        text += "=" * (-len(text) % 4)
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _json(name: str) -> Converter:
    def convert(text: str) -> str:
        check_json(text, name)
        return text

    return convert


def check_json(text: str, name: str) -> object:
    """The parsed JSON, its numbers exact.

    Raises:
        ApiError: 22P02, it is not valid JSON.
    """
    try:
        return json.loads(text, parse_float=_exact, parse_int=_whole, parse_constant=no_constant)
    except _OutOfRange as error:
        raise out_of_range("json number", str(error), name) from None
    except ValueError as error:
        raise invalid_value("json", text, name, str(error)) from None
    except RecursionError:
        raise invalid_value("json", text, name, "It is nested too deeply.") from None


class _OutOfRange(ValueError):
    """A number that no JSON of the servers can hold, as sent."""


_MAX_DOUBLE_EXPONENT = 308


def _exact(digits: str) -> Decimal:
    number = Decimal(digits)
    if number.adjusted() > _MAX_DOUBLE_EXPONENT or math.isinf(float(number)):
        raise _OutOfRange(digits)
    return number


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DOUBLE_EXPONENT:
        raise _OutOfRange(digits)
    return int(digits)


def _geometry(name: str, type_: ColumnType) -> Converter:
    def convert(text: str) -> Value:
        del text
        raise undefined_operation(
            f"operator does not exist for type {type_.name} (column '{name}')",
            hint="Geometries have the operators within, intersects, dwithin and is.null.",
        )

    return convert
