"""Errors about rows: which ones a request reads, writes or groups (SQLSTATEs and PGRST116)."""

from __future__ import annotations

from collections.abc import Iterable

from api.errors import codes
from api.errors.error import ApiError, shorten


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


def cannot_show(table: str) -> ApiError:
    """0A000: the client asked for the written rows, and they cannot be identified for certain."""
    return ApiError(
        codes.NOT_SUPPORTED,
        f"The rows written to '{table}' cannot be returned",
        "The table has no key to read them by, or a trigger changes it. Nothing was written.",
        "Send 'Prefer: return=minimal'.",
        stale=True,
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


def missing_filter(method: str, column: str) -> ApiError:
    """21000: PATCH or DELETE without a filter would change every row. `column` is one to filter by."""
    return ApiError(
        codes.CARDINALITY_VIOLATION,
        f"{method} requires a filter",
        hint=f"Add a filter such as ?{column}=eq.value. To change every row, add ?{column}=not.is.null.",
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
