"""Errors about the names in a request (PGRST2xx and 42703)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.errors import codes
from api.errors.error import ApiError, did_you_mean, listing


def no_relationship(
    origin: str, target: str, hint: str | None, schema: str, known: Iterable[str], meant: str | None = None
) -> ApiError:
    """PGRST200: no foreign key joins the two tables. `meant` is a better hint than the nearest name."""
    names = tuple(known)
    using = f" using the hint '{hint}'" if hint else ""
    return ApiError(
        codes.NO_RELATIONSHIP,
        f"Could not find a relationship between '{origin}' and '{target}' in the schema cache",
        f"Searched for a foreign key relationship between '{origin}' and '{target}'{using} in the schema '{schema}', "
        "but no matches were found.",
        meant or did_you_mean(target, names) or (f"'{origin}' is related to: {listing(names)}." if names else None),
    )


def ambiguous_relationship(
    origin: str, target: str, choices: Iterable[Mapping[str, str]], hints: Iterable[str]
) -> ApiError:
    """PGRST201: several foreign keys join the two tables; `details` lists them, the hint says how to choose."""
    return ApiError(
        codes.AMBIGUOUS_RELATIONSHIP,
        f"Could not embed because more than one relationship was found for '{origin}' and '{target}'",
        [dict(choice) for choice in choices],
        f"Try changing '{target}' to one of the following: {', '.join(hints)}. "
        "Find the desired relationship in the 'details' key.",
    )


def unknown_routine(schema: str, name: str, arguments: Iterable[str], hint: str | None) -> ApiError:
    """PGRST202: no stored function or procedure takes these arguments."""
    given = ", ".join(arguments)
    how = f"with parameters {given}" if given else "without parameters"
    return ApiError(
        codes.UNKNOWN_ROUTINE,
        f"Could not find the function {schema}.{name}({given}) in the schema cache",
        f"Searched for the function {schema}.{name} {how}, but no matches were found in the schema cache.",
        hint,
    )


def unknown_payload_column(column: str, table: str, columns: Iterable[str]) -> ApiError:
    """PGRST204: the payload, or its `columns=`, names a column that the table does not have."""
    names = tuple(columns)
    return ApiError(
        codes.UNKNOWN_PAYLOAD_COLUMN,
        f"Could not find the '{column}' column of '{table}' in the schema cache",
        f"Columns of '{table}': {listing(names)}.",
        did_you_mean(column, names),
    )


def unknown_table(schema: str, table: str, near: str | None, *, is_routine: bool) -> ApiError:
    """PGRST205: no such table or view. `near`: a table that may have been meant."""
    hint = f"Perhaps you meant the table '{schema}.{near}'" if near is not None else None
    if is_routine:
        hint = f"'{table}' is a routine: /rest/v1/rpc/{table}"
    return ApiError(codes.UNKNOWN_TABLE, f"Could not find the table '{schema}.{table}' in the schema cache", hint=hint)


def unknown_column(table: str, column: str, columns: Iterable[str], meant: str | None = None) -> ApiError:
    """42703: select, filter or order names a column that the table does not have.

    `meant` is a better hint than the nearest name.
    """
    names = tuple(columns)
    return ApiError(
        codes.UNDEFINED_COLUMN,
        f"column {table}.{column} does not exist",
        f"Columns of '{table}': {listing(names)}.",
        meant or did_you_mean(column, names),
    )
