"""The values of a procedure's result: columns typed by the protocol, JSON paths into them, and their order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from api import errors
from api.catalog import ColumnType, Kind
from api.database.results import ResultColumn, ResultSet
from api.request.query import AggregateField, Field

Cell = object
Cells = Sequence[Cell]

_KINDS = {
    0: Kind.DECIMAL,
    246: Kind.DECIMAL,
    1: Kind.INTEGER,
    2: Kind.INTEGER,
    3: Kind.INTEGER,
    8: Kind.INTEGER,
    9: Kind.INTEGER,
    4: Kind.FLOAT,
    5: Kind.FLOAT,
    7: Kind.TIMESTAMP,
    10: Kind.DATE,
    14: Kind.DATE,
    11: Kind.TIME,
    12: Kind.DATETIME,
    13: Kind.YEAR,
    16: Kind.BITS,
    245: Kind.JSON,
}
"""By the protocol's field types (https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html)."""

_TINY, _BIT = 1, 16


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the result, in the form that `filter_value` expects."""

    name: str
    type: ColumnType
    position: int


def described_column(column: ResultColumn, position: int, result: ResultSet) -> Column:
    """The column at this position. The protocol's type does not separate bytes from text, so the values decide."""
    kind = _KINDS.get(column.type_code, Kind.TEXT)
    if (column.type_code == _TINY and column.length == 1) or (column.type_code == _BIT and column.length == 1):
        kind = Kind.BOOLEAN
    elif kind is Kind.TEXT and any(isinstance(row[position], bytes) for row in result.rows):
        kind = Kind.BINARY
    return Column(column.name, ColumnType(kind, kind.value, kind.value), position)


def plain(cell: Cell, kind: Kind) -> Cell:
    """A cell in the form that `api.values.encode` expects."""
    if isinstance(cell, bytes) and kind.traits.bits:
        return int.from_bytes(cell, "big")
    return cell


def find_column(field: Field, columns: dict[str, Column]) -> Column:
    """The column that a field names.

    Raises: `ApiError` 42703, 42883 for a path into a column that is not JSON, PGRST127 for an aggregate.
    """
    if isinstance(field, AggregateField):
        raise errors.not_implemented("Aggregates are not available on the result of a procedure.")
    found = columns.get(field.name)
    if found is None:
        raise errors.unknown_column("result", field.name, columns)
    if field.path and found.type.kind is not Kind.JSON:
        raise errors.undefined_operation(f"column '{field.name}' of the result is not JSON")
    return found


def walk(document: Cell, field: Field) -> object:
    """The value at a JSON path; as a string if the last arrow is `->>`."""
    value = None if document is None else json.loads(str(document))
    for step in field.path:
        if isinstance(value, dict) and isinstance(step.key, str):
            value = value.get(step.key)
        elif isinstance(value, list) and isinstance(step.key, int) and -len(value) <= step.key < len(value):
            value = value[step.key]
        else:
            value = None
    if value is None or not field.path[-1].as_text:
        return value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def comparable(value: object, kind: Kind) -> object:
    """A value converted so that Python orders it as its type does."""
    match kind:
        case Kind.DECIMAL | Kind.FLOAT:
            return Decimal(str(value))
        case Kind.DATETIME | Kind.TIMESTAMP:
            whole, _, fraction = str(value).partition(".")
            return f"{whole}.{fraction:0<6}"
        case Kind.TIME:
            return _seconds(str(value))
        case Kind.INTEGER | Kind.YEAR | Kind.BITS | Kind.BOOLEAN:
            return int(str(value))
        case Kind.BINARY:
            return value if isinstance(value, bytes) else str(value).encode()
        case _:
            return str(value)


def _seconds(text: str) -> Decimal:
    hours, minutes, seconds = text.lstrip("-").split(":")
    total = 3600 * int(hours) + 60 * int(minutes) + Decimal(seconds)
    return -total if text.startswith("-") else total


def compare(one: object, other: object) -> int:
    """The order of two `comparable` values of the same type: -1, 0 or 1."""
    if one == other:
        return 0
    return 1 if one > other else -1  # type: ignore[operator]
