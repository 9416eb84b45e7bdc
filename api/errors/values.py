"""Errors about values that a column, a cast or an operator does not take (SQLSTATEs)."""

from __future__ import annotations

from collections.abc import Iterable

from api.errors import codes
from api.errors.error import ApiError, listing, shorten


def invalid_value(type_name: str, text: str, column: str | None = None, details: str | None = None) -> ApiError:
    """22P02: not a valid value of the column's type. MySQL would coerce it, and match other rows."""
    place = f" for column '{column}'" if column else ""
    message = f'invalid input syntax for type {type_name}: "{shorten(text)}"{place}'
    return ApiError(codes.INVALID_VALUE, message, details, _null_hint(text))


def invalid_date(type_name: str, text: str, column: str | None = None) -> ApiError:
    """22007: not a valid date or time."""
    place = f" for column '{column}'" if column else ""
    message = f'invalid input syntax for type {type_name}: "{shorten(text)}"{place}'
    return ApiError(codes.INVALID_DATETIME, message, hint=_null_hint(text))


def _null_hint(text: str) -> str | None:
    return "In a filter, null is is.null or not.is.null." if text.lower() == "null" else None


def out_of_range(type_name: str, text: str, column: str | None = None) -> ApiError:
    """22003: a number that the column's type cannot hold."""
    place = f" for column '{column}'" if column else ""
    return ApiError(codes.OUT_OF_RANGE, f'value "{shorten(text)}" is out of range for type {type_name}{place}')


def too_long(type_name: str, text: str, column: str, limit: int, unit: str) -> ApiError:
    """22001: a string or binary value too long for the column; `unit` is characters or bytes."""
    return ApiError(
        codes.TOO_LONG, f"value too long for type {type_name}({limit}) of column '{column}'",
        f'The value "{shorten(text)}" has more than {limit} {unit}.',
    )  # fmt: skip


def null_value(column: str) -> ApiError:
    """23502: null for a column that requires a value."""
    return ApiError(codes.NOT_NULL_VIOLATION, f"null value in column '{column}' violates not-null constraint")


def generated_column(column: str) -> ApiError:
    """428C9: a value for a column that the database computes."""
    return ApiError(
        codes.GENERATED_COLUMN,
        f"cannot write a value into column '{column}'",
        f"Column '{column}' is a generated column.",
        "Leave generated columns out; the database computes them.",
    )


def not_utf8() -> ApiError:
    """22021: a string contains half of a surrogate pair, which no character set can store."""
    return ApiError(
        codes.INVALID_CHARACTER, "A string of the request contains characters that cannot be stored (lone surrogates)"
    )


def unknown_type(name: str, allowed: Iterable[str]) -> ApiError:
    """42704: a cast to an unknown type."""
    return ApiError(codes.UNDEFINED_OBJECT, f'type "{name}" does not exist', f"Casts: {listing(allowed)}.")


def cannot_cast(type_name: str, target: str) -> ApiError:
    """42846: the type cannot be cast to the other one."""
    return ApiError(codes.CANNOT_CAST, f"cannot cast type {type_name} to {target}")


def undefined_operation(message: str, details: str | None = None, hint: str | None = None) -> ApiError:
    """42883: the type does not have this operator or function."""
    return ApiError(codes.UNDEFINED_FUNCTION, message, details, hint)


def no_geometry(table: str) -> ApiError:
    """22023: GeoJSON is requested of rows without a geometry."""
    return ApiError(
        codes.INVALID_PARAMETER,
        "geometry column is missing",
        f"A GeoJSON feature needs a geometry, and no geometry column of '{table}' is selected.",
        "Select a geometry column, or ask for application/json.",
    )
