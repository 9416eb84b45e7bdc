"""The values of filters: the typed parameter for the string in `column = ?`, so that MySQL compares exactly and uses
the index. A string that is not a valid value of the column's type is an error; it never matches another row.

A number out of the column's range has an exact answer: it lies before or after all of the column's values. A TIMESTAMP
or DATETIME with an offset means that instant; a TIMESTAMP without one is in the given zone, or UTC.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Protocol

from api.catalog import ColumnType, Kind
from api.errors import ApiError, codes
from api.statement import Value
from api.values.numbers import Beyond, outside
from api.values.texts import text_converter


class Typed(Protocol):
    """A column or a routine's parameter."""

    @property
    def name(self) -> str: ...

    @property
    def type(self) -> ColumnType: ...


def filter_value(column: Typed, text: str, timezone: tzinfo | None = None) -> Value | Beyond:
    """The value to compare the column with, or on which side of all the column's values it lies.

    Args:
        timezone: The zone of TIMESTAMP strings without an offset; None: UTC.

    int for integers, BITS, YEAR and BOOLEAN (1 and 0), Decimal for DECIMAL, float for FLOAT (rounded to single
    precision for a FLOAT, so that `0.1` finds 0.1), bytes for BINARY, str for text, dates and times, for a SET (its
    members in declared order) and for JSON (checked).

    Raises:
        ApiError: 22P02 not a valid value of the type, 22007 not a valid date or time, 22003 more digits than MySQL can
            compare, 42883 a type that cannot be compared.
    """
    try:
        return stored_value(column, text, timezone)
    except ApiError as refusal:
        is_number = refusal.error is codes.OUT_OF_RANGE and column.type.kind is not Kind.JSON
        found = outside(text, column.type) if is_number else None
        if found is None:
            raise
        return found


def stored_value(column: Typed, text: str, timezone: tzinfo | None = None) -> Value:
    """The value as the column stores it.

    Raises:
        ApiError: as `filter_value`, and 22003 for a number that the column cannot store.
    """
    return text_converter(column.name, column.type, timezone)(text)
