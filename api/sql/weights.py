"""What a collation makes of a string: equal for strings that the server considers equal, and in the server's order.

WEIGHT_STRING alone does not do that: in padding collations a trailing space has a weight although it does not count, a
character without a weight can follow it, and MariaDB pads each level of a collation separately, for which it needs the
length (https://dev.mysql.com/doc/refman/8.4/en/string-functions.html#function_weight-string).
"""

from __future__ import annotations

from api.catalog import ColumnType
from api.statement import EMPTY, Sql, sql, value

_LONGEST = 768
"""The longest key of four bytes a character."""
_EXPANSION = 4
"""Weights of one character."""


def has_weights(type_: ColumnType) -> bool:
    """The type's strings may be equal without being the same."""
    return type_.collation is not None and type_.collation != "binary"


def weights(text: Sql, type_: ColumnType) -> Sql:
    """The same bytes for two strings if and only if the server considers them equal."""
    if type_.name == "char":
        text = sql("TRIM(TRAILING ' ' FROM {})", text)
    if "_0900_" in (type_.collation or ""):
        return sql("WEIGHT_STRING({})", text)
    return sql("TRIM(TRAILING {} FROM WEIGHT_STRING({}{}))", _space(text), text, _padded(type_))


def order_weights(text: Sql, type_: ColumnType) -> Sql:
    """Hexadecimal weights, a dot, and the weight of a space if shorter strings are padded with it; see `compare`."""
    if "_0900_" in (type_.collation or ""):
        return sql("CONCAT(HEX({}),'.')", weights(text, type_))
    return sql("CONCAT(HEX({}),'.',HEX({}))", weights(text, type_), _space(text))


def compare(one: str, other: str) -> int:
    """The order of two strings by their `order_weights`: -1, 0 or 1.

    >>> compare("0E33.0209", "0E330201.0209"), compare("0E33.", "0E330201."), compare("0E33.0209", "0E33.0209")
    (1, -1, 0)
    """
    left, _, space = one.partition(".")
    right, _, _ = other.partition(".")
    if space:
        left += space * ((len(right) - len(left)) // len(space))
        right += space * ((len(left) - len(right)) // len(space))
    return (left > right) - (left < right)


def _space(text: Sql) -> Sql:
    return sql("WEIGHT_STRING(LEFT(CONCAT(' ',{}),1))", text)


def _padded(type_: ColumnType) -> Sql:
    if type_.length is None or type_.length > _LONGEST:
        return EMPTY
    return sql(" AS CHAR({})", value(type_.length * _EXPANSION))
