"""PATCH and DELETE: the rows' keys are locked, the rows written by key, and shown by key.

Where only the number of rows is wanted, one UPDATE or DELETE with the filter does all of it. A table without a key has
nothing else: there what was written is told by comparing what is there before and after, while the rows are locked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Kind
from api.plan.operands import Operand
from api.plan.payload import Cell, Computed, Missing
from api.plan.tree import Compare, Group, OneOf, Predicate, ReadPlan
from api.plan.write import DeletePlan, Located, UpdatePlan
from api.sql.read import select_keys
from api.sql.server import Server
from api.sql.write import (
    SHARE,
    UPDATE,
    delete_keys,
    delete_where,
    update_keys,
    update_where,
)
from api.statement import EMPTY, MAX_STATEMENT_BYTES, Sql, literal_size, size
from api.values.keys import Key, key_of
from api.writing.keys import in_chunks
from api.writing.outcome import Demands, Outcome
from api.writing.show import Show, Shown, without
from api.writing.trees import children_first, own_references

if TYPE_CHECKING:
    from api.catalog import Column
    from api.database.session import Session


def update(
    session: Session, plan: UpdatePlan, demands: Demands, show: Show | None, server: Server, most_bytes: int
) -> Outcome:
    """Change the plan's rows.

    Raises: `ApiError`, and the driver's errors.
    """
    located, table = plan.located, plan.located.table
    if not plan.assignments:
        return Outcome(0, body=show.body(Shown(), most_bytes) if show else None)
    if not located.identity:
        return _update_keyless(session, plan, demands, show, server, most_bytes)
    if show is None and not demands.any and located.direct is not None and not located.limited:
        statement = update_where(table, plan.assignments, located.direct, server.dialect)
        if size(statement) <= MAX_STATEMENT_BYTES:
            count = session.change(statement).rows
            demands.check(count)
            return Outcome(count)
    keys = lock_keys(session, located, server)
    demands.check(len(keys))
    written = 0
    for chunk in in_chunks(keys, lambda some: update_keys(table, plan.assignments, located.identity, some)):
        written += session.change(update_keys(table, plan.assignments, located.identity, chunk)).rows
    if show is None:
        return Outcome(len(keys))
    if written != len(keys):
        raise errors.cannot_show(table.name)
    new = [changed_key(located.identity, key, plan.assignments) for key in keys]
    shown = show.by_keys(located.identity, new, SHARE if located.direct is None else EMPTY)
    show.checked(shown, len(keys), exact=not table.is_view)
    return Outcome(len(keys), body=show.body(shown, most_bytes))


def delete(
    session: Session, plan: DeletePlan, demands: Demands, show: Show | None, server: Server, most_bytes: int
) -> Outcome:
    """Remove the plan's rows; what is shown was read before.

    Raises: `ApiError`, and the driver's errors.
    """
    located, table = plan.located, plan.located.table
    if not located.identity:
        return _delete_keyless(session, plan, demands, show, server, most_bytes)
    alone = not own_references(table)
    if show is None and alone and not demands.any and located.direct is not None and not located.limited:
        statement = delete_where(table, located.direct, server.dialect)
        if size(statement) <= MAX_STATEMENT_BYTES:
            count = session.change(statement).rows
            demands.check(count)
            return Outcome(count)
    keys = lock_keys(session, located, server)
    demands.check(len(keys))
    body = None
    if show is not None:
        shown = show.by_keys(located.identity, keys, SHARE if located.direct is None else EMPTY)
        body = show.body(show.checked(shown, len(keys)), most_bytes)
    for group in children_first(session, table, located.identity, keys):
        for chunk in in_chunks(group, lambda some: delete_keys(table, located.identity, some)):
            session.change(delete_keys(table, located.identity, chunk))
    return Outcome(len(keys), body=body)


def lock_keys(session: Session, located: Located, server: Server) -> list[Key]:
    """The keys of the rows, locked until the transaction ends, in the plan's order."""
    keys: dict[Key, None] = {}
    for rows in _short_enough(located, server):
        statement = select_keys(rows, located.identity, server, for_update=True)
        for row in session.rows(statement):
            keys[key_of(located.identity, row)] = None
    return list(keys)


def _short_enough(located: Located, server: Server) -> Iterator[ReadPlan]:
    """The plan, or where its longest list would make the statement too long several plans with a part of it each."""
    rows = located.rows

    def length(plan: ReadPlan) -> int:
        return size(select_keys(plan, located.identity, server, for_update=True))

    lists = [each for each in rows.where if isinstance(each, OneOf) and not each.negated]
    if length(rows) <= MAX_STATEMENT_BYTES or not lists or rows.limit is not None or rows.offset:
        yield rows
        return
    longest = max(lists, key=lambda each: sum(map(literal_size, each.values)))
    others = tuple(each for each in rows.where if each is not longest)
    fixed = length(replace(rows, where=(*others, replace(longest, values=()))))
    run: list[object] = []
    used = fixed
    for value in longest.values:
        needed = literal_size(value) + 1
        if run and used + needed > MAX_STATEMENT_BYTES - 100:
            yield replace(rows, where=(*others, replace(longest, values=tuple(run))))  # type: ignore[arg-type]
            run, used = [], fixed
        run.append(value)
        used += needed
    yield replace(rows, where=(*others, replace(longest, values=tuple(run))))  # type: ignore[arg-type]


def changed_key(identity: tuple[Column, ...], key: Key, assignments: Sequence[tuple[Column, Cell]]) -> Key:
    """A row's key after the assignments."""
    new = dict(assignments)
    parts = [new.get(column, part) for column, part in zip(identity, key, strict=True)]
    if not all(
        part is None or isinstance(part, bool | int | float | str | bytes) or not isinstance(part, Sql)
        for part in parts
    ):
        raise TypeError("a key's value is no expression")
    return tuple(parts)  # type: ignore[arg-type]


def _update_keyless(
    session: Session, plan: UpdatePlan, demands: Demands, show: Show | None, server: Server, most_bytes: int
) -> Outcome:
    """After the UPDATE every row that it wrote has the new values; so had, before it, the rows that it left alone."""
    located, table = plan.located, plan.located.table
    conditions = _own_conditions(located, shown=show is not None)
    rows = located.rows if located.limited else None
    statement = update_where(table, plan.assignments, conditions, server.dialect, rows)
    if show is None:
        count = session.change(statement).rows
        demands.check(count)
        return Outcome(count)
    alike = tuple(_equals(show.plan.level.alias, column, cell) for column, cell in plan.assignments)
    before = show.by_plan(alike, UPDATE)
    untouched = without(before, show.by_plan((*alike, *located.rows.where), UPDATE))
    count = session.change(statement).rows
    demands.check(count)
    shown = without(show.by_plan(alike, UPDATE), untouched)
    return Outcome(count, body=show.body(show.checked(shown, count), most_bytes))


def _delete_keyless(
    session: Session, plan: DeletePlan, demands: Demands, show: Show | None, server: Server, most_bytes: int
) -> Outcome:
    located, table = plan.located, plan.located.table
    conditions = _own_conditions(located, shown=show is not None)
    rows = located.rows if located.limited else None
    shown = show.by_plan(located.rows.where, UPDATE) if show is not None else None
    count = session.change(delete_where(table, conditions, server.dialect, rows)).rows
    demands.check(count)
    if show is None or shown is None:
        return Outcome(count)
    return Outcome(count, body=show.body(show.checked(shown, count), most_bytes))


def _own_conditions(located: Located, *, shown: bool) -> tuple[Predicate, ...]:
    """The filters of a table without a key, which must be conditions on its own columns.

    Raises: `ApiError` PGRST127.
    """
    name = located.table.name
    if located.direct is None:
        raise errors.not_implemented(f"'{name}' has no key, so its rows cannot be chosen by related ones.")
    if located.rows.offset or (located.limited and shown):
        raise errors.not_implemented(
            f"'{name}' has no key, so its rows cannot be chosen by an offset, or limited and shown."
        )
    return located.direct


def _equals(alias: str, column: Column, cell: Cell) -> Predicate:
    """The column holds the value, NULL included; of a value that is computed, anything."""
    if isinstance(cell, Sql | Missing | Computed) or column.type.kind in (Kind.JSON, Kind.GEOMETRY):
        return Group("and", ())
    return Compare(Operand(alias, column), "isdistinct", cell, negated=True)
