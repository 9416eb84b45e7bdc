"""POST: insert rows, and find them again by their keys.

MySQL has no RETURNING. A key consists of values from the payload, defaults that were evaluated before the insert, and
AUTO_INCREMENT numbers. If every row of a statement takes a number, the server returns the first one, and the others
follow in steps of `auto_increment_increment` (1 in every session), without gaps, in every lock mode
(https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html, "simple inserts"). So rows that bring
their own number and rows that take one never share a statement.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Column
from api.database.state import INCREMENT
from api.plan.operands import Operand
from api.plan.payload import Computed, Missing
from api.plan.read import key_order
from api.plan.tree import Compare, Group, Predicate
from api.plan.write import InsertPlan
from api.sql.conditions import all_of
from api.sql.read import select_rows
from api.sql.runs import room_beside, runs
from api.statement import Sql, Value, size
from api.values.keys import Key, same_key
from api.writing.bulk import Columns, Inserted, insert_rows, with_computed
from api.writing.checks import check_stored, refuse_hopeless
from api.writing.outcome import Outcome, Requirements, location_of
from api.writing.show import Show, Shown, without
from api.writing.stored import any_exist
from api.writing.trees import parents_first

if TYPE_CHECKING:
    from api.database.session import Session

_COMPARED_AT_ONCE = 60


def insert(session: Session, plan: InsertPlan, requirements: Requirements, show: Show | None) -> Outcome:
    """Insert the plan's rows.

    Raises: `ApiError`, and the driver's errors.
    """
    count = plan.rows.count
    requirements.check(count)
    if not count:
        return Outcome(0, body=show.body(Shown()) if show else None)
    refuse_hopeless(plan.table, plan.checks)
    values = with_computed(session, plan.rows.columns, plan.rows.values)
    if plan.checks and not plan.identity:
        raise errors.cannot_check(plan.table.name, "The table has no key to find the new rows by.")
    if show is not None and not plan.identity:
        return _compared(session, plan, values, show)
    # a trigger may change the key, so that the key sent is that of another row; the account may not see triggers
    known = show is not None or bool(plan.checks)
    foreseen = known and any_exist(session, plan.table, plan.identity, sent_keys(plan, values))
    keys = insert_all(session, plan, values, range(count), final=not known)
    if foreseen and plan.checks:
        raise errors.cannot_check(plan.table.name, "A trigger changes the key of the new rows.")
    check_stored(session, plan.table, plan.checks, plan.identity, keys)
    location = single_location(plan, keys)
    if show is None:
        return Outcome(count, count, location=location)
    if foreseen:
        # the server accepted a row whose key already existed, so a trigger changed the key
        raise errors.cannot_show(plan.table.name)
    return Outcome(count, count, show.body_by_keys(plan.identity, keys))


def single_location(plan: InsertPlan, keys: Sequence[Key]) -> tuple[tuple[Column, object], ...]:
    """The columns of the Location header, if the client asks for it and one row was inserted."""
    if plan.located and plan.identity and len(keys) == 1:
        return location_of(plan.identity, keys[0])
    return ()


def insert_all(
    session: Session, plan: InsertPlan, values: Columns, rows: Sequence[int], *, final: bool = False
) -> list[Key]:
    """Insert these rows. Returns their keys in the same order, or no keys if the plan has no identity.

    Args:
        final: Nothing follows that could undo it.
    """
    counted, brought = split_by_number(plan, values, rows)
    brought = parents_first(plan.table, plan.rows, values, brought)
    final = final and not (counted and brought)
    table, columns = plan.table, plan.rows.columns
    if brought:
        insert_rows(session, table, columns, values, brought, final=final)
    numbers: dict[int, int] = {}
    if counted:
        taken = insert_rows(session, table, columns, values, counted, final=final)
        numbers = counted_numbers(taken) if plan.counting in plan.identity else {}
    if not plan.identity:
        return []
    return [key_of_row(plan, values, number, numbers) for number in rows]


def split_by_number(plan: InsertPlan, values: Columns, rows: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    """The rows that take the next AUTO_INCREMENT number, and those that bring their own or need none."""
    if plan.counting is None:
        return (), rows
    if plan.counting not in plan.rows.columns:
        return rows, ()
    cells = values[plan.rows.columns.index(plan.counting)]
    counted = [number for number in rows if cells[number] is None or cells[number] is Missing.DEFAULT]
    if len(counted) == len(rows):
        return rows, ()
    taken = set(counted)
    return counted, [number for number in rows if number not in taken] if counted else rows


def counted_numbers(done: Sequence[Inserted]) -> dict[int, int]:
    """The AUTO_INCREMENT number of each row that took one."""
    return {number: each.first_id + position * INCREMENT for each in done for position, number in enumerate(each.rows)}


def key_of_row(plan: InsertPlan, values: Columns, row: int, numbers: dict[int, int]) -> Key:
    """The key of an inserted row."""
    key: list[Value] = []
    for column in plan.identity:
        if column == plan.counting and row in numbers:
            key.append(numbers[row])
            continue
        cell = values[plan.rows.columns.index(column)][row]
        if isinstance(cell, Sql | Missing):
            raise TypeError(f"{cell} cannot be part of a key")
        key.append(cell)  # type: ignore[arg-type]
    return tuple(key)


def sent_keys(plan: InsertPlan, values: Columns) -> list[Key]:
    """The keys of the rows that bring a complete key."""
    if not all(column in plan.rows.columns for column in plan.identity):
        return []
    positions = [plan.rows.columns.index(column) for column in plan.identity]
    keys = [tuple([values[position][row] for position in positions]) for row in range(plan.rows.count)]
    return [key for key in keys if None not in key and Missing.DEFAULT not in key]  # type: ignore[misc]


def _compared(session: Session, plan: InsertPlan, values: Columns, show: Show) -> Outcome:
    """Insert rows without a known key.

    Rows equal to the inserted ones are read before and after, and the difference is shown. Both reads use the snapshot
    of the transaction's first read, so rows that others commit in between do not appear.
    """
    count = plan.rows.count
    columns = _ordering(plan, values) if not (show.plan.order or show.plan.level.grouped) else ()
    if columns:
        show = replace(show, plan=replace(show.plan, order=key_order(columns, show.plan.level.alias)))
    parts = _equal_rows(plan, values, show)
    before = [show.by_plan(part, columns=columns) for part in parts]
    insert_all(session, plan, values, range(count))
    after = [show.by_plan(part, columns=columns) for part in parts]
    new = [without(*pair) for pair in zip(after, before, strict=True)]
    shown = Shown([row for each in new for row in each.rows], [key for each in new for key in each.keys])
    if columns:
        shown = _as_sent(shown, plan, values, columns)
    return Outcome(count, count, show.body(show.checked(shown, count, exact=not plan.table.is_view)))


def _ordering(plan: InsertPlan, values: Columns) -> tuple[Column, ...]:
    """The columns of the payload that tell its rows apart."""
    return tuple(
        column
        for column, cells in zip(plan.rows.columns, values, strict=True)
        if column.type.kind.traits.exact
        and column.type.kind.traits.sorting
        and not any(isinstance(cell, Sql | Missing | Computed) for cell in cells)
    )


def _as_sent(shown: Shown, plan: InsertPlan, values: Columns, columns: tuple[Column, ...]) -> Shown:
    """The rows in the order of the payload."""
    cells = [values[plan.rows.columns.index(column)] for column in columns]
    place: dict[Hashable, int] = {}
    for row in range(plan.rows.count):
        place.setdefault(same_key(columns, [each[row] for each in cells]), row)
    last = plan.rows.count
    order = sorted(range(len(shown.rows)), key=lambda number: place.get(shown.keys[number], last))
    return Shown([shown.rows[number] for number in order])


def _equal_rows(plan: InsertPlan, values: Columns, show: Show) -> list[tuple[Predicate, ...]]:
    """Conditions that together match every row equal to one of the payload; each covers some of the payload's rows."""
    alias = show.plan.level.alias
    comparable = [
        (Operand(alias, column), cells)
        for column, cells in zip(plan.rows.columns, values, strict=True)
        if column.type.kind.traits.found_as_sent
    ]
    rows: dict[Group, None] = {}
    for row in range(plan.rows.count):
        equal = [
            Compare(operand, "isdistinct", cell, negated=True)
            for operand, cells in comparable
            if not isinstance(cell := cells[row], Sql | Missing | Computed)
            and not (isinstance(cell, str) and cell.endswith(" "))
        ]
        rows[Group("and", tuple(equal))] = None

    def condition_bytes(group: Group) -> int:
        return size(all_of((group,), show.server.dialect)[0]) + len(" OR ")

    selection = select_rows(show.plan, show.server, order_values=bool(show.plan.order))
    room = room_beside(size(selection.statement) + len(" WHERE () AND ()"))
    return [(Group("or", groups),) for groups in map(tuple, runs(rows, condition_bytes, room, _COMPARED_AT_ONCE))]
