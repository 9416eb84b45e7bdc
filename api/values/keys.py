"""Keys between statements: as the driver returns them, and as they are sent again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from api.catalog import Column, Kind
from api.statement import Value

Key = tuple[Value, ...]
"""The values of a row's key, in key order."""


def sent_again(column: Column, found: object) -> Value:
    """A key's value as the driver returned it, typed so that it compares exactly when it is sent again."""
    if isinstance(found, bytes) and column.type.kind.traits.bits:
        return int.from_bytes(found, "big")
    if column.type.kind is Kind.DECIMAL and found is not None:
        return Decimal(str(found))
    if column.type.kind.traits.bits and isinstance(found, str):
        return int(found)
    if found is None or isinstance(found, int | str | bytes | Decimal | float):
        return found
    raise TypeError(f"{type(found).__name__} is not a key")


def key_of(columns: Sequence[Column], row: Sequence[object]) -> Key:
    """The key in the first cells of a row."""
    return tuple([sent_again(column, cell) for column, cell in zip(columns, row, strict=False)])
