"""Upserts that do not read the existing rows: `INSERT ... ON DUPLICATE KEY UPDATE`, if its result is exact.

MySQL's statement has no conflict target: it changes any row that clashes on any key. So it is used only where the
target is the table's only unique key, and because the catalog may be a minute old, the statement itself makes sure of
that: otherwise its first value is an error, and nothing is written. If the server refuses, `api.writing.upsert` writes
the rows, which gives the exact result or error.

For several rows the server says how many existed, changed or not. For one it does not, and with `CLIENT_FOUND_ROWS` a
new row and an unchanged one count the same. So one row is sent twice, if it matters: the second is always a duplicate
of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.database import errno
from api.database.connection import DriverError
from api.plan.payload import Computed, Missing
from api.sql.write import if_only_key, on_duplicate
from api.statement import MAX_STATEMENT_BYTES
from api.writing.bulk import insert_statements
from api.writing.trees import own_references

if TYPE_CHECKING:
    from api.catalog import Column, Dialect
    from api.database.session import Session
    from api.plan.payload import Cell
    from api.plan.write import Conflict, InsertPlan
    from api.writing.bulk import Columns


def is_exact(plan: InsertPlan, conflict: Conflict, values: Columns) -> bool:
    """Whether the server's own statement does what the plan says, as far as the catalog knows."""
    table, target = plan.table, conflict.columns
    keys = {frozenset(key) for key in (table.primary_key, *table.unique_keys) if key}
    if table.is_view or plan.checks or keys != {frozenset(column.name for column in target)}:
        return False
    if any(column.nullable for column in target) or (plan.rows.count > 1 and own_references(table)):
        return False
    columns = plan.rows.columns
    if not set(target) <= set(columns) or any(not each.has_default and each not in columns for each in table.columns):
        return False  # an existing row needs no value for these columns, but the statement demands one
    return not any(_is_absent(plan, column, cells) for column, cells in zip(columns, values, strict=True))


def _is_absent(plan: InsertPlan, column: Column, cells: Sequence[Cell]) -> bool:
    """Whether some row sends no value for the column, so that an existing row would keep its own."""
    types = {*map(type, cells)}
    return (
        Computed in types
        or (Missing in types and Missing.DEFAULT in cells)
        or (column == plan.counting and None in cells)
    )


def merge(
    session: Session,
    plan: InsertPlan,
    conflict: Conflict,
    values: Columns,
    rows: Sequence[int],
    dialect: Dialect,
    *,
    final: bool,
) -> int | None:
    """Insert these rows of the payload, and change the existing ones if the plan merges. Returns the number of new
    rows, 0 if they are not counted. None if the server refused; then nothing is written.

    Args:
        final: Nothing follows that could undo it.
    """
    table, target, columns = plan.table, conflict.columns, plan.rows.columns
    changed = tuple(each for each in columns[: plan.sent] if each not in target) if conflict.merge else ()
    first = columns.index(target[0])
    guarded = list(values[first])
    guarded[rows[0]] = if_only_key(table, target, guarded[rows[0]])
    sent = [*values[:first], guarded, *values[first + 1 :]]
    end = on_duplicate(table, target, changed, dialect)
    new, written = 0, 0
    for numbers, text in insert_statements(table, columns, sent, rows, end, twice=conflict.counted):
        doubled = conflict.counted and len(numbers) == 1
        if doubled and len(text.encode()) > MAX_STATEMENT_BYTES:
            session.start_over()
            return None
        try:
            change = session.change_by(text, final=final and len(numbers) == len(rows))
        except DriverError as error:
            if errno.number(error) in errno.ROLLED_BACK or errno.meaning_of(error).error.status >= 500:
                raise
            if written:
                session.start_over()
            return None
        written += len(numbers)
        if conflict.counted:
            new += len(numbers) + doubled - change.duplicates
    return new
