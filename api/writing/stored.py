"""What the table has under the keys of a write: whether their rows exist, and the values in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.plan.tree import UNRESTRICTED
from api.sql.runs import key_runs
from api.sql.write import count_meeting, select_columns, select_existing
from api.statement import EMPTY, Sql
from api.values.keys import Key, key_of

if TYPE_CHECKING:
    from api.catalog import Column, Table
    from api.database.session import Session


def any_exist(session: Session, table: Table, key: tuple[Column, ...], keys: Sequence[Key]) -> bool:
    """Whether one of these keys has a row."""

    def statement(some: tuple[Key, ...]) -> Sql:
        return select_existing(table, key, some, EMPTY)

    return any(session.rows(statement(chunk)) for chunk in key_runs(keys, statement))


def all_exist(session: Session, table: Table, key: tuple[Column, ...], keys: Sequence[Key]) -> bool:
    """Whether each of these different keys has a row."""

    def statement(some: tuple[Key, ...]) -> Sql:
        return count_meeting(table, UNRESTRICTED, key, some, EMPTY)

    return sum(session.number(statement(chunk)) for chunk in key_runs(keys, statement)) == len(keys)


def stored_values(
    session: Session, table: Table, key: tuple[Column, ...], keys: Sequence[Key], columns: Sequence[Column]
) -> dict[Key, Key]:
    """The values of these columns in the rows with these keys, by key."""
    shown = (*key, *columns)

    def statement(some: tuple[Key, ...]) -> Sql:
        return select_columns(table, shown, key, some)

    found: dict[Key, Key] = {}
    for chunk in key_runs(keys, statement):
        for row in session.rows(statement(chunk)):
            cells = key_of(shown, row)
            found[cells[: len(key)]] = cells[len(key) :]
    return found
