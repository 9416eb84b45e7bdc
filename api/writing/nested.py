"""POST of rows that contain rows: every table's rows in bulk, those that others refer to first.

Related rows get each other's keys, so these have to be certain. A key that was sent, or a default that was evaluated
before, is certain unless a trigger changes it: then the key existed before, or does not exist afterwards. The numbers
of a statement whose rows all take one are certain, as `api.writing.insert` explains, unless a trigger sets them, which
may be newer than the catalog. So the rows are read back. If they are not as sent, the transaction is repeated,
and the rows of that table are inserted one by one: of a single row, the server reports the number in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api import errors
from api.database.link import RunAgain
from api.plan.nested import NestedRows, Related
from api.plan.payload import Cell, Computed, Missing
from api.plan.write import InsertPlan
from api.statement import Sql, Value
from api.values.keys import Key, same_value
from api.writing.bulk import with_computed
from api.writing.checks import check_stored, refuse_hopeless
from api.writing.insert import insert_all, sent_keys, single_location, split_by_number
from api.writing.outcome import Outcome, Requirements
from api.writing.show import Show
from api.writing.stored import all_exist, any_exist, stored_values

if TYPE_CHECKING:
    from api.catalog import Column, TableKey
    from api.database.session import Session

_Given = tuple[tuple["Column", ...], Sequence[int], Sequence[Key]]
"""Columns, the numbers of rows, and the values of these columns for each of these rows."""


def insert_nested(
    session: Session,
    rows: NestedRows,
    requirements: Requirements,
    show: Show | None,
    one_by_one: set[TableKey],
) -> Outcome:
    """Insert the rows and all rows inside of them.

    Args:
        one_by_one: The tables whose rows are inserted one by one, to which this function adds.

    Raises: `ApiError`, `RunAgain`, and the driver's errors.
    """
    plan = rows.insert
    count = plan.rows.count
    requirements.check(count)
    if show is not None and not plan.identity:
        raise errors.cannot_show(plan.table.name)
    keys = _Nested(session, one_by_one).insert(rows, ())
    if show is None:
        return Outcome(count, count, location=single_location(plan, keys))
    return Outcome(count, count, show.body_by_keys(plan.identity, keys))


@dataclass(slots=True)
class _Nested:
    """A nested insert in progress."""

    session: Session
    one_by_one: set[TableKey]

    def insert(self, rows: NestedRows, given: Sequence[_Given]) -> list[Key]:
        """Insert rows with values of related rows, and the rows inside of them. Returns their keys, if known."""
        plan, table = rows.insert, rows.insert.table
        refuse_hopeless(table, plan.checks)
        values = [list(cells) for cells in with_computed(self.session, plan.rows.columns, plan.rows.values)]
        for related in rows.before:
            keys = self.insert(related.rows, ())
            found = self.values(related.rows.insert, keys, related.columns)
            _fill(plan, values, (related.owner_columns, related.owners, found))
        for each in given:
            _fill(plan, values, each)
        keys = self.insert_rows(rows, values)
        for related in rows.after:
            own = self.values(plan, keys, related.owner_columns)
            self.insert_after(related, [own[owner] for owner in related.owners])
        return keys

    def insert_after(self, related: Related, own: Sequence[Key]) -> None:
        """Insert rows that refer to rows with these values, directly or through a junction."""
        rows, junction = related.rows, related.junction
        numbers = range(len(own))
        if junction is None:
            self.insert(rows, [(related.columns, numbers, own)])
            return
        found = self.values(rows.insert, self.insert(rows, ()), related.columns)
        self.insert(junction.rows, [(junction.to_owner, numbers, own), (junction.to_related, numbers, found)])

    def insert_rows(self, rows: NestedRows, values: list[list[Cell]]) -> list[Key]:
        """Insert the rows themselves, and make sure that these are their keys."""
        plan, table, session = rows.insert, rows.insert.table, self.session
        numbers = range(plan.rows.count)
        if plan.checks and not plan.identity:
            raise errors.cannot_check(table.name, "The table has no key to find the new rows by.")
        if not plan.identity:
            return insert_all(session, plan, values, numbers)
        foreseen = any_exist(session, table, plan.identity, sent_keys(plan, values))
        counted, brought = split_by_number(plan, values, numbers)
        found = False
        if len(counted) > 1 and (rows.has_triggers or table.key in self.one_by_one):
            by_row = dict(zip(brought, insert_all(session, plan, values, brought), strict=True)) if brought else {}
            by_row |= {number: insert_all(session, plan, values, [number])[0] for number in counted}
            keys = [by_row[number] for number in numbers]
        else:
            keys = insert_all(session, plan, values, numbers)
            found = len(counted) > 1 and self.as_sent(plan, values, keys)
            if len(counted) > 1 and not found:
                self.one_by_one.add(table.key)
                if session.repeatable:
                    raise RunAgain
                raise errors.cannot_relate(table.name)
        check_stored(session, table, plan.checks, plan.identity, keys)
        # the server accepted a row whose key already existed, so a trigger changed the key
        if foreseen or not (found or all_exist(session, table, plan.identity, keys)):
            raise errors.cannot_relate(table.name)
        return keys

    def as_sent(self, plan: InsertPlan, values: list[list[Cell]], keys: Sequence[Key]) -> bool:
        """Whether the rows with these keys have the values that were sent for them, as far as they can be compared."""
        sent = [
            (column, cells)
            for column, cells in zip(plan.rows.columns, values, strict=True)
            if column.type.kind.traits.found_as_sent and column not in plan.identity
        ]
        found = stored_values(self.session, plan.table, plan.identity, keys, [column for column, _ in sent])
        if len(found) != len(keys):
            return False
        rows = [found[key] for key in keys]
        return all(
            _is_as_sent(column, cells[number], row[position])
            for position, (column, cells) in enumerate(sent)
            for number, row in enumerate(rows)
        )

    def values(self, plan: InsertPlan, keys: Sequence[Key], columns: tuple[Column, ...]) -> Sequence[Key]:
        """The values of these columns in the rows that were inserted."""
        if not plan.identity:
            raise errors.cannot_relate(plan.table.name)
        if columns == plan.identity:
            return keys
        if all(column in plan.identity for column in columns):
            positions = [plan.identity.index(column) for column in columns]
            return [tuple([key[position] for position in positions]) for key in keys]
        found = stored_values(self.session, plan.table, plan.identity, keys, columns)
        if found.keys() != {*keys}:
            raise errors.cannot_relate(plan.table.name)
        return [found[key] for key in keys]


def _is_as_sent(column: Column, sent: Cell, found: Value) -> bool:
    if sent == found or isinstance(sent, Sql | Missing | Computed):
        return True
    if isinstance(sent, str) and sent.endswith(" "):
        return True  # a column may not keep spaces at the end
    return sent is not None and found is not None and same_value(column, sent) == same_value(column, found)


def _fill(plan: InsertPlan, values: list[list[Cell]], given: _Given) -> None:
    """Write the values of related rows into these rows.

    Raises: `ApiError` PGRST102 for a row that has another value already.
    """
    columns, numbers, found = given
    for position, column in enumerate(columns):
        cells = values[plan.rows.columns.index(column)]
        for number, key in zip(numbers, found, strict=True):
            cell, value = cells[number], key[position]
            if cell is Missing.RELATED:
                cells[number] = value
            elif isinstance(cell, Sql | Missing) or same_value(column, cell) != same_value(column, value):
                raise errors.bad_body(
                    f"Column '{column.name}' of '{plan.table.name}' differs from the related row",
                    f"Element {number} has its own value for it. Nothing was stored.",
                    "Leave the column out.",
                )
