"""JSON documents to be stored: every number with its exact digits.

MariaDB stores the text as it is. MySQL reads a number with a fraction, an exponent, or beyond 64 bits as a double; a
number that a double cannot represent is then set in the document as a DECIMAL, which MySQL's JSON type has too
(https://dev.mysql.com/doc/refman/8.4/en/json.html#json-comparison).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from json.encoder import encode_basestring

from api.catalog import Dialect
from api.errors import invalid_value, out_of_range
from api.statement import Sql, Value, join, sql, value
from api.values.numbers import parse_decimal

Keys = tuple[str | int, ...]

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)

# Fewer significant digits than these survive a double; a document without such a run of digits is not checked further.
_LONG_NUMBER = re.compile(r"[0-9][0-9.]{15}|[eE][+-]?[0-9]{2}")


def stored_json(document: object, column: str, dialect: Dialect) -> Value | Sql:
    """What to write into a JSON column.

    Args:
        document: A JSON value with its numbers as int and Decimal.

    Raises:
        ApiError: 22P02, nested too deeply or not valid Unicode; 22003, a number with too many digits.
    """
    text = json_text_of(document, column)
    if dialect is Dialect.MARIADB or _LONG_NUMBER.search(text) is None:
        return text
    exact = [(keys, number) for keys, number in _numbers(document, ()) if not _kept(number)]
    if not exact:
        return text
    patches: list[Sql] = []
    for keys, number in exact:
        decimal = parse_decimal(str(number))
        if decimal is None:
            raise out_of_range("json number", str(number), column)
        patches.append(sql("{},{}", value(path_string(keys)), value(decimal)))
    return sql("JSON_SET(CAST({} AS JSON),{})", value(text), join(",", patches))


def json_text_of(document: object, column: str) -> str:
    """A JSON value as compact text.

    Raises:
        ApiError: 22P02, nested too deeply, or half of a surrogate pair in a string.
    """
    try:
        try:
            text = _ENCODER.encode(document)
        except TypeError:
            pieces: list[str] = []
            _write(document, pieces)
            text = "".join(pieces)
    except RecursionError:
        raise invalid_value("json", "...", column, "It is nested too deeply.") from None
    check_unicode(text, "json", column)
    return text


def check_unicode(text: str, type_name: str, column: str) -> None:
    """Raises: `ApiError` 22P02 for half of a surrogate pair, which no character set can store."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            readable = text.encode(errors="replace").decode()
            raise invalid_value(type_name, readable, column, "It contains half of a surrogate pair.") from None


def path_string(keys: Keys) -> str:
    r"""A JSON path as MySQL and MariaDB both write it: keys as JSON strings, indexes from the end by `last`.

    >>> path_string(("a", -1, 'say "x.y"'))
    '$."a"[last-0]."say \\"x.y\\""'
    """
    return "$" + "".join([_step(key) for key in keys])


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]" if key >= 0 else f"[last-{-key - 1}]"
    return "." + encode_basestring(key)


def _write(document: object, pieces: list[str]) -> None:
    match document:
        case dict():
            separator = "{"
            for key, member in document.items():
                pieces.append(f"{separator}{encode_basestring(key)}:")
                _write(member, pieces)
                separator = ","
            pieces.append("}" if document else "{}")
        case list():
            separator = "["
            for member in document:
                pieces.append(separator)
                _write(member, pieces)
                separator = ","
            pieces.append("]" if document else "[]")
        case Decimal():
            pieces.append(str(document))
        case _:
            pieces.append(_ENCODER.encode(document))


def _numbers(document: object, keys: Keys) -> Iterator[tuple[Keys, int | Decimal]]:
    match document:
        case dict():
            for key, member in document.items():
                yield from _numbers(member, (*keys, key))
        case list():
            for index, member in enumerate(document):
                yield from _numbers(member, (*keys, index))
        case bool():
            return
        case int() | Decimal():
            yield keys, document


def _kept(number: int | Decimal) -> bool:
    """MySQL's JSON type keeps the number as it is: in 64 bits, or as the double with exactly these digits."""
    if isinstance(number, int) and -(2**63) <= number < 2**64:
        return True
    try:
        return Decimal(repr(float(number))) == number
    except OverflowError:
        return False
