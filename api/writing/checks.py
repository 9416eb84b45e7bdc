"""What a write checks by reading inside its transaction: that the rows it stores meet the policies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from api import errors
from api.plan.payload import Cell, Missing
from api.plan.tree import UNRESTRICTED, Predicate, Visible
from api.plan.visible import depends_on
from api.sql.runs import key_runs, room_beside, runs
from api.sql.write import SHARE, count_meeting, count_proposed, count_still_meeting
from api.statement import EMPTY, MAX_STATEMENT_BYTES, Sql, size
from api.values.keys import Key

if TYPE_CHECKING:
    from api.catalog import Column, Dialect, Table
    from api.database.session import Session
    from api.plan.payload import TypedRows
    from api.writing.bulk import Columns
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:[.][0-9]{1,30})?")


def refuse_hopeless(table: Table, checks: Visible) -> None:
    """Raises: `ApiError` 42501 if no policy allows any row."""
    if any(not policy.rule.permissive for policy in checks):
        raise errors.violates_policy(table.name)


def check_stored(
    session: Session,
    table: Table,
    checks: Visible,
    key: tuple[Column, ...],
    keys: Sequence[Key],
    *,
    using: bool = False,
    lock: Sql = EMPTY,
) -> None:
    """Check that the rows with these keys exist and meet the policies.

    Raises: `ApiError` 42501 if one does not; 0A000 if one is not found by its key, because something changed it.
    """
    if not checks:
        return
    lock = lock or (SHARE if session.joined else EMPTY)
    if keys and not key:
        raise errors.cannot_check(table.name, "The table has no key to find the rows by. Nothing was written.")
    for chunk in key_runs(keys, lambda some: count_meeting(table, checks, key, some, lock)):
        if session.number(count_meeting(table, checks, key, chunk, lock)) == len(chunk):
            continue
        if session.number(count_meeting(table, UNRESTRICTED, key, chunk, lock)) == len(chunk):
            raise errors.violates_policy(table.name, using=using)
        raise errors.cannot_check(table.name, "The rows are not found by their keys. Nothing was written.")


def check_found(
    session: Session,
    table: Table,
    checks: Visible,
    conditions: tuple[Predicate, ...],
    count: int,
    dialect: Dialect,
) -> bool:
    """Check that changed rows meet the policies, found by conditions that do not depend on the change. False if other
    rows are found, because something else changed them.

    Their number is enough: the locks of the UPDATE keep others from making further rows meet the conditions.

    Raises: `ApiError` 42501 if one does not meet them.
    """
    statement = count_still_meeting(table, checks, conditions, dialect)
    if size(statement) > MAX_STATEMENT_BYTES:
        return False
    ((found, met),) = session.rows(statement)
    if found != count:
        return False
    if met != count:
        raise errors.violates_policy(table.name)
    return True


def check_existing(
    session: Session, table: Table, visible: Visible, key: tuple[Column, ...], keys: Sequence[Key]
) -> None:
    """Check that an upsert may change the existing rows with these keys, which it has locked.

    Raises: `ApiError` 42501.
    """
    check_stored(session, table, visible, key, keys, using=True, lock=SHARE)


def check_proposed(
    session: Session, table: Table, checks: Visible, payload: TypedRows, values: Columns, rows: Sequence[int]
) -> None:
    """Check rows of a payload that are not inserted, because their key exists.

    Raises: `ApiError` 42501; 0A000 if a policy depends on a value that only an INSERT would compute.
    """
    if not checks or not rows:
        return
    needed = tuple(table.by_name[name] for name in sorted(depends_on(checks)))
    columns = [_values(column, payload, values) for column in needed]
    proposed = [tuple(column[row] for column in columns) for row in rows]
    if any(isinstance(cell, Missing) for row in proposed for cell in row):
        names = ", ".join(column.name for column in needed)
        raise errors.cannot_check(
            table.name, f"They depend on {names}, and the existing row is not inserted: send a value for each."
        )

    def statement(some: Sequence[tuple[Cell, ...]]) -> Sql:
        return count_proposed(table, checks, needed, tuple(some))

    fixed = size(statement(()))
    for chunk in runs(proposed, lambda row: size(statement((row,))) - fixed, room_beside(fixed)):
        if session.number(statement(chunk)) != len(chunk):
            raise errors.violates_policy(table.name)


def _values(column: Column, payload: TypedRows, values: Columns) -> Sequence[Cell]:
    """The column's cells, with its default for those that are not sent."""
    default = _default(column)
    if column not in payload.columns:
        return (default,) * payload.count
    return [default if cell is Missing.DEFAULT else cell for cell in values[payload.columns.index(column)]]


def _default(column: Column) -> Cell:
    """A default that is known without an INSERT."""
    if column.generated or column.auto_increment or column.default_is_expression:
        return Missing.DEFAULT
    if column.default is None:
        return None if column.nullable else Missing.DEFAULT
    if column.type.kind.traits.family in ("number", "boolean"):
        return Decimal(column.default) if _NUMBER.fullmatch(column.default) else Missing.DEFAULT
    return column.default
