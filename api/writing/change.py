"""PATCH and DELETE: lock the keys of the rows, write the rows by key, and show them by key.

If only the number of rows is needed, or the filter names the key, one UPDATE or DELETE with the filter is enough. It is
also the only way to write to a table without a key; its rows are then locked, read before and after, and compared, to
find those to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from api import errors
from api.plan.located import Located
from api.plan.operands import Operand
from api.plan.payload import Cell, Computed, Missing
from api.plan.tree import Compare, OneOf, Predicate, ReadPlan
from api.plan.write import DeletePlan, UpdatePlan
from api.reading.rows import refuse_long
from api.reading.schema import check_tables, tables_of
from api.sql.read import select_keys
from api.sql.runs import key_runs, statement_runs
from api.sql.server import Server
from api.sql.write import (
    SHARE,
    UPDATE,
    delete_keys,
    delete_where,
    update_keys,
    update_where,
)
from api.statement import EMPTY, MAX_STATEMENT_BYTES, Sql, Value, literal_size, size
from api.values.keys import Key, key_of
from api.writing.checks import check_found, check_stored
from api.writing.direct import change_directly, direct_way, short_conditions
from api.writing.outcome import Outcome, Requirements
from api.writing.show import Show, Shown, without
from api.writing.stored import any_exist
from api.writing.trees import children_first, own_references

if TYPE_CHECKING:
    from api.catalog import Column, Dialect, Table
    from api.database.session import Session


def update(
    session: Session, plan: UpdatePlan, requirements: Requirements, show: Show | None, server: Server, max_locked: int
) -> Outcome:
    """Update the plan's rows.

    Raises: `ApiError`, and the driver's errors.
    """
    located, table = plan.located, plan.located.table
    if not plan.assignments and requirements.condition is None:
        return Outcome(0, body=show.body(Shown()) if show else None)
    done = _update_directly(session, plan, requirements, show, server.dialect)
    if done is not None:
        return done
    if not located.identity:
        _refuse_condition(requirements, table)
        return _update_keyless(session, plan, requirements, show, server)
    keys = lock_keys(session, located, server, max_locked)
    requirements.check_rows(session, located.identity, keys)
    if not plan.assignments:
        return Outcome(0, body=show.body(Shown()) if show else None)
    also = _conditions_beside_keys(located, server)
    written = 0

    def statement(some: tuple[Key, ...]) -> Sql:
        return update_keys(table, plan.assignments, located.identity, some, also)

    for chunk in key_runs(keys, statement):
        written += session.change(statement(chunk)).rows
    if written != len(keys):
        raise errors.schema_changed()
    new = [changed_key(located.identity, key, plan.assignments) for key in keys]
    check_stored(session, table, plan.checks, located.identity, new)
    if show is None:
        return Outcome(len(keys))
    lock = SHARE if located.direct is None else EMPTY
    return Outcome(len(keys), body=show.body_by_keys(located.identity, new, lock))


def delete(
    session: Session, plan: DeletePlan, requirements: Requirements, show: Show | None, server: Server, max_locked: int
) -> Outcome:
    """Delete the plan's rows. The rows to show are read first.

    Raises: `ApiError`, and the driver's errors.
    """
    located, table = plan.located, plan.located.table
    done = _delete_directly(session, plan, requirements, show, server.dialect)
    if done is not None:
        return done
    if not located.identity:
        _refuse_condition(requirements, table)
        return _delete_keyless(session, plan, requirements, show, server)
    keys = lock_keys(session, located, server, max_locked)
    requirements.check_rows(session, located.identity, keys)
    body = None
    if show is not None:
        shown = show.by_keys(located.identity, keys, SHARE if located.direct is None else EMPTY)
        body = show.body(show.checked(shown, len(keys)))
    also = _conditions_beside_keys(located, server)
    written = 0

    def statement(some: tuple[Key, ...]) -> Sql:
        return delete_keys(table, located.identity, some, also)

    for group in children_first(session, table, located.identity, keys):
        for chunk in key_runs(group, statement):
            written += session.change(statement(chunk)).rows
    if written > len(keys) or (written < len(keys) and _remain(session, located, keys)):
        raise errors.schema_changed()
    return Outcome(len(keys), body=body)


def _update_directly(
    session: Session, plan: UpdatePlan, requirements: Requirements, show: Show | None, dialect: Dialect
) -> Outcome | None:
    """Update the rows without looking for them first; None if that is not possible, or if nothing was found."""
    located, table, assignments = plan.located, plan.located.table, plan.assignments
    changed = [column for column, _ in assignments]
    way = direct_way(located, requirements, shown=show is not None, checked=bool(plan.checks), changed=changed)
    if way is None:
        return None
    conditions = way.conditions
    count = change_directly(
        session, located, way, lambda more: update_where(table, assignments, conditions, dialect, None, more)
    )
    if not count:
        return None
    if way.key is None and plan.checks:
        if check_found(session, table, plan.checks, conditions, count, dialect):
            return Outcome(count)
        session.start_over()
        return None
    requirements.check(count)
    new = [] if way.key is None else [changed_key(located.identity, way.key, assignments)]
    check_stored(session, table, plan.checks, located.identity, new)
    return Outcome(count, body=None if show is None else show.body_by_keys(located.identity, new))


def _delete_directly(
    session: Session, plan: DeletePlan, requirements: Requirements, show: Show | None, dialect: Dialect
) -> Outcome | None:
    """Delete the rows without looking for their keys; None if that is not possible, or if nothing was found."""
    located, table = plan.located, plan.located.table
    if own_references(table) or not (show is None or is_locked_by_reading(show.plan)):
        return None
    way = direct_way(located, requirements, shown=show is not None)
    if way is None:
        return None
    conditions, shown = way.conditions, Shown()
    if show is not None:
        shown = show.by_plan((*located.rows.visible, *located.rows.where), UPDATE)
        if not shown.rows:
            return None
    count = change_directly(session, located, way, lambda more: delete_where(table, conditions, dialect, None, more))
    if not count:
        return None
    requirements.check(count)
    return Outcome(count, body=None if show is None else show.body(show.checked(shown, count)))


def _refuse_condition(requirements: Requirements, table: Table) -> None:
    if requirements.condition is not None:
        raise errors.not_implemented(
            f"'{table.name}' has no key, so If-Match cannot be compared with its rows. Nothing was written."
        )


def is_locked_by_reading(shown: ReadPlan) -> bool:
    """Whether reading the rows to show for update locks these rows, and no others."""
    return not shown.embeds and not shown.level.grouped


def _conditions_beside_keys(located: Located, server: Server) -> tuple[Sql, ...]:
    """The request's own conditions for a statement by keys, unless they are long or involve other tables: should a key
    have more rows than the one that is locked, they keep the others out."""
    return () if located.limited else short_conditions(located.direct, server.dialect) or ()


def _remain(session: Session, located: Located, keys: Sequence[Key]) -> bool:
    """Whether any of these keys still has a row. The deletion of one may have deleted others by a foreign key."""
    return any(None in key for key in keys) or any_exist(session, located.table, located.identity, keys)


def lock_keys(session: Session, located: Located, server: Server, most: int) -> list[Key]:
    """The keys of the plan's rows, in its order. The rows stay locked until the transaction ends.

    Raises: `ApiError` 40001 if a table is not as the catalog says, 54000 (413) for more than `most` rows.
    """
    check_tables(session, [located.table, *tables_of(located.rows)], server.dialect)
    keys: dict[Key, None] = {}
    for plan in _short_enough(located, server, most):
        # one more than allowed is enough to refuse
        rows = plan if plan.limit is not None and plan.limit <= most else replace(plan, limit=most - len(keys) + 1)
        statement = select_keys(rows, located.identity, server, for_update=True)
        refuse_long(statement)
        found = session.rows(statement)
        here = dict.fromkeys(key_of(located.identity, row) for row in found)
        if len(here) < len(found):
            raise errors.schema_changed()
        keys |= here
        if len(keys) > most:
            raise errors.too_many_locked(most)
    return list(keys)


def _short_enough(located: Located, server: Server, most: int) -> Iterator[ReadPlan]:
    """The plan; if its longest list makes the statement too long, several plans with a part of the list each. Each has
    room for a limit."""
    rows = located.rows

    def statement(plan: ReadPlan) -> Sql:
        limited = plan if plan.limit is not None else replace(plan, limit=most + 1)
        return select_keys(limited, located.identity, server, for_update=True)

    lists = [each for each in rows.where if isinstance(each, OneOf) and not each.negated]
    if size(statement(rows)) <= MAX_STATEMENT_BYTES or not lists or rows.limit is not None or rows.offset:
        yield rows
        return
    longest = max(lists, key=lambda each: sum(map(literal_size, each.values)))
    others = tuple(each for each in rows.where if each is not longest)

    def part(values: tuple[Value, ...]) -> ReadPlan:
        return replace(rows, where=(*others, replace(longest, values=values)))

    for values in statement_runs(longest.values, lambda some: statement(part(some)), literal_size):
        yield part(values)


def changed_key(identity: tuple[Column, ...], key: Key, assignments: Sequence[tuple[Column, Cell]]) -> Key:
    """A row's key after the assignments."""
    new = dict(assignments)
    parts = [new.get(column, part) for column, part in zip(identity, key, strict=True)]
    if any(isinstance(part, Sql) for part in parts):
        raise TypeError("a key cannot contain an expression")
    return tuple(parts)  # type: ignore[arg-type]


def _update_keyless(
    session: Session, plan: UpdatePlan, requirements: Requirements, show: Show | None, server: Server
) -> Outcome:
    """Update a table without a key.

    After the UPDATE, the rows it wrote have the new values. Rows that had the same values before and do not match the
    filter look the same; they are read first and subtracted.
    """
    located, table = plan.located, plan.located.table
    if plan.checks:
        raise errors.cannot_check(table.name, "The table has no key to find the changed rows by.")
    conditions = _own_conditions(located, shown=show is not None)
    rows = located.rows if located.limited else None
    refuse_long(delete_where(table, conditions, server.dialect, rows))
    check_tables(session, [table], server.dialect)
    statement = update_where(table, plan.assignments, conditions, server.dialect, rows)
    if show is None:
        count = session.change(statement).rows
        requirements.check(count)
        return Outcome(count)
    alike = tuple(_equal(show.plan.level.alias, plan.assignments))
    before = show.by_plan(alike, UPDATE)
    untouched = without(before, show.by_plan((*alike, *located.rows.visible, *located.rows.where), UPDATE))
    count = session.change(statement).rows
    requirements.check(count)
    shown = without(show.by_plan(alike, UPDATE), untouched)
    return Outcome(count, body=show.body(show.checked(shown, count)))


def _delete_keyless(
    session: Session, plan: DeletePlan, requirements: Requirements, show: Show | None, server: Server
) -> Outcome:
    located, table = plan.located, plan.located.table
    conditions = _own_conditions(located, shown=show is not None)
    rows = located.rows if located.limited else None
    statement = delete_where(table, conditions, server.dialect, rows)
    refuse_long(statement)
    check_tables(session, [table], server.dialect)
    shown = Shown() if show is None else show.by_plan((*located.rows.visible, *located.rows.where), UPDATE)
    count = session.change(statement).rows
    requirements.check(count)
    return Outcome(count, body=None if show is None else show.body(show.checked(shown, count)))


def _own_conditions(located: Located, *, shown: bool) -> tuple[Predicate, ...]:
    """The filters of a table without a key, which may only use its own columns.

    Raises: `ApiError` PGRST127.
    """
    name = located.table.name
    if located.direct is None:
        raise errors.not_implemented(f"'{name}' has no key, so a write cannot filter its rows by related tables.")
    if located.rows.offset or (located.limited and shown):
        raise errors.not_implemented(
            f"'{name}' has no key, so a write to it cannot have an offset, or a limit and return=representation."
        )
    return located.direct


def _equal(alias: str, assignments: Iterable[tuple[Column, Cell]]) -> Iterator[Predicate]:
    """Each column equals its value, NULL included, unless the value is computed or cannot be compared."""
    for column, cell in assignments:
        if not isinstance(cell, Sql | Missing | Computed) and not column.type.kind.traits.document:
            yield Compare(Operand(alias, column), "isdistinct", cell, negated=True)
