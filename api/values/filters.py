"""The values of filters: the typed parameter that stands for a text in `column = ?`, so that MySQL compares exactly and
keeps the index. A text that is no value of the column's type is an error, never another row.

Out of a column's range is an error too (22003), as in PostgREST. TIMESTAMP and DATETIME with an offset mean that instant;
a TIMESTAMP without one is in the zone given, else UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Protocol

from api.catalog import ColumnType
from api.statement import Value
from api.values.texts import text_converter


class Typed(Protocol):
    """A column or a routine's parameter."""

    @property
    def name(self) -> str: ...

    @property
    def type(self) -> ColumnType: ...


def filter_converter(column: Typed, zone: tzinfo | None = None) -> Callable[[str], Value]:
    """The converter for many texts (`in` lists) of one column."""
    return text_converter(column.name, column.type, zone)


def filter_value(column: Typed, text: str, zone: tzinfo | None = None) -> Value:
    """What to compare the column with.

    int for integers, BITS, YEAR and BOOLEAN (1 and 0), Decimal for DECIMAL, float for FLOAT (rounded to single precision for a
    FLOAT, so that `0.1` finds 0.1), bytes for BINARY, str for texts, dates and times, for a SET (its members in declared
    order) and JSON (checked, to be compared by `api.sql.json_path.compare_json`).

    Raises:
        ApiError: 22P02 no value of the type, 22007 no date or time, 22003 out of range, 42883 a type without comparison.
    """
    return text_converter(column.name, column.type, zone)(text)
