"""Errors about values, rows and statements (SQLSTATEs)."""

from __future__ import annotations

from collections.abc import Iterable

from api.errors import codes
from api.errors.error import ApiError, did_you_mean, listing, shorten


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


def unknown_type(name: str, allowed: Iterable[str]) -> ApiError:
    """42704: a cast to an unknown type."""
    return ApiError(codes.UNDEFINED_OBJECT, f'type "{name}" does not exist', f"Casts: {listing(allowed)}.")


def cannot_cast(type_name: str, target: str) -> ApiError:
    """42846: the type cannot be cast to the other one."""
    return ApiError(codes.CANNOT_CAST, f"cannot cast type {type_name} to {target}")


def undefined_operation(message: str, details: str | None = None, hint: str | None = None) -> ApiError:
    """42883: the type does not have this operator or function."""
    return ApiError(codes.UNDEFINED_FUNCTION, message, details, hint)


def grouping_required(what: str) -> ApiError:
    """42803: a filter or an order by an aggregate, on rows that are not grouped."""
    return ApiError(
        codes.GROUPING_ERROR,
        f"cannot {what}: the rows are not grouped",
        "Aggregates are computed over groups of rows, and only an aggregate in select groups them.",
        "Add an aggregate to select: select=category,count()",
    )


def not_grouped_by(column: str, purpose: str) -> ApiError:
    """42803: a column is used beside aggregates, and the rows are not grouped by it."""
    return ApiError(
        codes.GROUPING_ERROR,
        f"column '{column}' must appear in the select to {purpose}",
        "A group of rows has only aggregates and the columns that it is grouped by.",
        f"Use an aggregate, such as {column}.max(), or select the column.",
    )


def no_geometry(table: str) -> ApiError:
    """22023: GeoJSON is requested of rows without a geometry."""
    return ApiError(
        codes.INVALID_PARAMETER,
        "geometry column is missing",
        f"GeoJSON features need a geometry, and none of the columns selected from '{table}' is one.",
        "Select a geometry column, or ask for application/json.",
    )


def no_unique_key(table: str, columns: Iterable[str], keys: Iterable[tuple[str, ...]]) -> ApiError:
    """42P10: the columns of `on_conflict` are not a unique key."""
    known = " or ".join(",".join(key) for key in keys)
    return ApiError(
        codes.NO_UNIQUE_KEY,
        "there is no unique or exclusion constraint matching the ON CONFLICT specification",
        f"The columns {','.join(columns)} are not a unique key of '{table}'.",
        f"on_conflict can be: {known}." if known else None,
    )


def conflicts_with_itself() -> ApiError:
    """21000: two rows of one upsert have the same key."""
    return ApiError(
        codes.CARDINALITY_VIOLATION,
        "ON CONFLICT DO UPDATE command cannot affect row a second time",
        "Several rows of the payload have the same key.",
        "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
    )


def unreadable_policies(database: str, table: str) -> ApiError:
    """42501: the account that reads the catalog cannot tell which rows are hidden, so it must not show any."""
    return ApiError(
        codes.NO_PRIVILEGE,
        f"permission denied for table {table}",
        f"The API's account may not read the row policies of '{database}', so it shows no rows.",
        f"Run the migrator once, then GRANT SELECT ON `{database}`.`{table}` to the account.",
    )


def violates_policy(table: str, *, using: bool = False) -> ApiError:
    """42501: a row that would be stored is not allowed by the policies of its table; `using`: an upsert would change
    a row that they hide."""
    which = " (USING expression)" if using else ""
    return ApiError(codes.NO_PRIVILEGE, f'new row violates row-level security policy{which} for table "{table}"')


def cannot_check(table: str, details: str) -> ApiError:
    """0A000: the policies of a table apply to the rows to be stored, and these cannot be checked for certain."""
    return ApiError(codes.NOT_SUPPORTED, f"The row-level security policies of '{table}' cannot be checked", details)


def schema_changed() -> ApiError:
    """40001: a table is not as the catalog says. The request is first repeated with a new catalog."""
    return ApiError(
        codes.SERIALIZATION_FAILURE,
        "The schema of the database changed during the request",
        "Nothing was written.",
        "Repeat the request.",
        {"Retry-After": "1"},
        stale=True,
    )


def cannot_show(table: str) -> ApiError:
    """0A000: the client asked for the written rows, and they cannot be identified for certain."""
    return ApiError(
        codes.NOT_SUPPORTED,
        f"The rows written to '{table}' cannot be returned",
        "The table has no key to read them by, or a trigger changes it. Nothing was written.",
        "Send 'Prefer: return=minimal'.",
        stale=True,
    )


def transaction_ended() -> ApiError:
    """2D000: a procedure of a batch committed or rolled back, so the batch is no longer one transaction."""
    return ApiError(
        codes.TRANSACTION_ENDED,
        "A procedure ended the transaction of the batch",
        "Everything before that may be stored; everything after it is undone.",
        "Call such a procedure with a separate request.",
    )


def session_changed() -> ApiError:
    """38000: a stored program of a batch changed its session, in which later requests would do something else."""
    return ApiError(
        codes.ROUTINE_FAULT,
        "A routine or trigger of an earlier request changed the session",
        "It set a session variable or created a temporary table, and later requests would use it. Nothing was stored.",
        "Let the routine restore the session, or call it with a separate request.",
    )


def cannot_relate(table: str) -> ApiError:
    """0A000: rows refer to new rows whose keys are not known for certain."""
    return ApiError(
        codes.NOT_SUPPORTED,
        f"Rows cannot be related to the rows inserted into '{table}'",
        "The table has no key that is known before the insert, or a trigger changes it. Nothing was written.",
        "Insert the rows of each table in a separate request.",
        stale=True,
    )


def answer_too_large(limit: int) -> ApiError:
    """54000: the written rows exceed the size of an answer; nothing was written."""
    return ApiError(
        codes.TOO_LARGE,
        f"The rows written exceed the limit of {limit} bytes for an answer",
        "Nothing was written.",
        "Write fewer rows at a time, select fewer columns, or send 'Prefer: return=minimal'.",
    )


def missing_filter(method: str) -> ApiError:
    """21000: PATCH or DELETE without a filter would change every row."""
    return ApiError(
        codes.CARDINALITY_VIOLATION,
        f"{method} requires a filter",
        hint="Add a filter such as ?id=eq.1. To change every row, use a filter that is always true.",
    )


def no_row(table: str, key: str) -> ApiError:
    """PGRST116 with 404: no row of the table has the key in the address."""
    return ApiError(codes.NO_ROW, f"No row of '{table}' has the key {key}", "The result contains 0 rows")


def no_rows(table: str, columns: Iterable[str], keys: Iterable[tuple[object, ...]], count: int) -> ApiError:
    """PGRST116 with 404: some of the rows to change do not exist; `keys` are the first of them."""
    shown = [f"({', '.join(shorten(str(part)) for part in key)})" for key in keys]
    more = f" and {count - len(shown)} more" if count > len(shown) else ""
    return ApiError(
        codes.NO_ROW,
        f"{count} of the rows to change do not exist in '{table}'",
        f"No row has the key ({', '.join(columns)}) = {', '.join(shown)}{more}. Nothing was changed.",
        "Leave these rows out, or insert them with POST and 'Prefer: resolution=merge-duplicates'.",
    )


def same_row_twice(table: str) -> ApiError:
    """21000: two rows of one PATCH have the same key."""
    return ApiError(
        codes.CARDINALITY_VIOLATION,
        f"A row of '{table}' cannot be changed twice by one request",
        "Several rows of the payload have the same key. Nothing was changed.",
        "Send each key once.",
    )


def memory_exceeded(limit: int) -> ApiError:
    """54000: the rows of a request, those of its embeds included, do not fit into memory; nothing was written."""
    return ApiError(
        codes.TOO_LARGE,
        f"The rows of this request take more than {limit} bytes",
        "The rows of embeds count as well.",
        "Ask for fewer rows with limit=, limit the rows of an embed with embed.limit=, or select fewer columns.",
    )


def too_many_locked(limit: int) -> ApiError:
    """54000: a PATCH or DELETE would have to lock more rows than the limit; nothing was written."""
    return ApiError(
        codes.TOO_LARGE,
        f"The request would lock more than {limit} rows",
        "Nothing was written.",
        "Filter for fewer rows, or add limit= and order=. A request that returns no rows, and whose filters are on the "
        "table's own columns, has no such limit: send 'Prefer: return=minimal'.",
    )


def too_large(message: str, hint: str | None = None) -> ApiError:
    """54000 with 413: something exceeds a limit."""
    return ApiError(codes.TOO_LARGE, message, hint=hint)


def statement_too_long(limit: int) -> ApiError:
    """54001 with 413: the request requires a statement so long that RDS Proxy would pin its session."""
    return ApiError(
        codes.STATEMENT_TOO_COMPLEX,
        f"The request requires an SQL statement of more than {limit} bytes",
        "Such a statement would keep a database connection for itself.",
        "Use fewer conditions or columns. A list of values for one column (in) may have any length if it stands alone: "
        "on the table's own columns, outside of 'or' and 'not'.",
    )
