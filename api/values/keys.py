"""Keys between statements: as the driver returns them, and as they are sent again."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal

from api.catalog import Column, Kind
from api.statement import Value

Key = tuple[Value, ...]
"""The values of a row's key, in key order."""


def sent_again(column: Column, found: object) -> Value:
    """A key's value as the driver returned it, typed so that it compares exactly when it is sent again."""
    if column.type.kind is Kind.INTEGER and type(found) is int:
        return found
    if isinstance(found, bytes) and column.type.kind.traits.bits:
        return int.from_bytes(found, "big")
    if column.type.kind is Kind.DECIMAL and found is not None:
        return Decimal(str(found))
    if column.type.kind is Kind.FLOAT and found is not None:
        return float(str(found))
    if column.type.kind.traits.bits and isinstance(found, str):
        return int(found)
    if found is None or isinstance(found, int | str | bytes | Decimal | float):
        return found
    raise TypeError(f"{type(found).__name__} is not a key")


def same_value(column: Column, found: object) -> Hashable:
    """The same object for a value as it was sent and as it is stored: a fraction of a second without trailing zeros,
    BINARY with its padding."""
    value = sent_again(column, found)
    if column.type.kind.traits.fraction and isinstance(value, str) and "." in value:
        return value.rstrip("0").removesuffix(".")
    if column.type.name == "binary" and isinstance(value, bytes):
        return value.ljust(column.type.length or 0, b"\0")
    if column.type.kind is Kind.ENUM and isinstance(value, str):
        return value.casefold()
    return value


def same_key(columns: Sequence[Column], key: Sequence[object]) -> Hashable:
    """`same_value` of each part."""
    return tuple([same_value(column, part) for column, part in zip(columns, key, strict=True)])


def key_of(columns: Sequence[Column], row: Sequence[object]) -> Key:
    """The key in the first cells of a row."""
    return tuple([sent_again(column, cell) for column, cell in zip(columns, row, strict=False)])
