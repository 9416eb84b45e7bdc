"""PATCH with an array of rows: each row gets its own values, by key, in as few statements as fit.

If rows can be compared in Python by their keys, the UPDATE itself finds them, and the number of rows that it matched
shows whether all exist. Otherwise, or if some do not, their keys are locked and read first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Kind
from api.plan.bulk_update import BulkUpdatePlan
from api.plan.payload import Missing
from api.plan.read import key_predicate
from api.reading.schema import check_tables, tables_of
from api.sql.read import select_keys
from api.sql.runs import key_literals, key_runs, statement_runs
from api.sql.server import Server
from api.sql.write import SHARE, compares_in_python, select_stored_keys
from api.statement import EMPTY, Sql
from api.values.keys import Key, key_of, same_key
from api.writing.cases import Change, case_updates
from api.writing.checks import check_stored
from api.writing.direct import short_conditions
from api.writing.outcome import Outcome, Requirements
from api.writing.show import Show, Shown

if TYPE_CHECKING:
    from api.catalog import Column
    from api.database.session import Session

_MOST_SHOWN = 20
"""Missing keys that an error lists."""


def update_rows(
    session: Session,
    plan: BulkUpdatePlan,
    requirements: Requirements,
    show: Show | None,
    server: Server,
) -> Outcome:
    """Change each of the plan's rows.

    Raises: `ApiError` PGRST116 with 404 if a row does not exist, 21000 for the same key twice; and the driver's errors.
    """
    table, key, count = plan.table, plan.identity, len(plan.keys)
    if not count or not plan.values.columns:
        return Outcome(0, body=show.body(Shown()) if show else None)
    requirements.check(count)
    if len({*_forms(key, plan.keys)}) < count:
        raise errors.same_row_twice(table.name)
    check_tables(session, [table, *tables_of(plan.rows)], server.dialect)
    keys: Sequence[Key] = plan.keys
    conditions = short_conditions(plan.direct, server.dialect)  # of the policies
    foreseen = conditions is not None and all(map(compares_in_python, key))
    if not foreseen:
        keys = _locked_keys(session, plan, server)
    changed = sum(_changes(session, plan, keys, conditions or (), server))
    if foreseen and changed < count:
        _locked_keys(session, plan, server)  # raises if one does not exist
    if changed != count:
        raise errors.schema_changed()
    check_stored(session, table, plan.checks, key, keys)
    if show is None:
        return Outcome(count)
    return Outcome(count, body=show.body_by_keys(key, keys, SHARE if plan.direct is None else EMPTY))


def _forms(key: tuple[Column, ...], keys: Sequence[Key]) -> Sequence[Hashable]:
    """The same object for each spelling of a key, as far as it can be known without the server."""
    if all(column.type.kind is Kind.INTEGER for column in key):
        return keys
    return [same_key(key, each) for each in keys]


def _changes(
    session: Session, plan: BulkUpdatePlan, keys: Sequence[Key], conditions: tuple[Sql, ...], server: Server
) -> Iterator[int]:
    """Change the rows. Yields how many each statement matched."""
    for rows in _by_defaults(plan, keys):
        for _, text in case_updates(plan.table, plan.values.columns, plan.identity, rows, server.dialect, conditions):
            yield session.change_by(text).rows


def _by_defaults(plan: BulkUpdatePlan, keys: Sequence[Key]) -> Iterator[Sequence[Change]]:
    """The rows in groups that take the default in the same columns."""
    values = plan.values.values
    rows: list[Change] = list(zip(keys, zip(*values, strict=True), strict=True))
    if Missing not in {type(cell) for cells in values for cell in cells}:  # `in` is slow for a Decimal and an Enum
        yield rows
        return
    groups: dict[tuple[bool, ...], list[Change]] = {}
    for row in rows:
        groups.setdefault(tuple([cell is Missing.DEFAULT for cell in row[1]]), []).append(row)
    yield from groups.values()


def _locked_keys(session: Session, plan: BulkUpdatePlan, server: Server) -> list[Key]:
    """The keys as they are stored, in the payload's order. The rows stay locked until the transaction ends.

    Raises: `ApiError` PGRST116 for rows that do not exist, 21000 for two keys of one row.
    """
    table, key = plan.table, plan.identity
    names, alias = tuple(column.name for column in key), plan.rows.level.alias

    def statement(some: tuple[Key, ...]) -> Sql:
        where = (key_predicate(table, alias, names, some), *plan.rows.where)
        return select_keys(replace(plan.rows, where=where), key, server, for_update=True)

    visible: dict[object, Key] = {}
    for chunk in key_runs(plan.keys, statement):
        visible.update((same_key(key, row), key_of(key, row)) for row in session.rows(statement(chunk)))
    found = {number: visible.get(same_key(key, sent)) for number, sent in enumerate(plan.keys)}
    unmatched = [(number, plan.keys[number]) for number, stored in found.items() if stored is None]
    for number, stored in _stored_keys(session, plan, unmatched):
        found[number] = visible.get(same_key(key, stored))
    missing = [plan.keys[number] for number, stored in found.items() if stored is None]
    if missing:
        raise errors.no_rows(table.name, [column.name for column in key], missing[:_MOST_SHOWN], len(missing))
    keys = [stored for stored in found.values() if stored is not None]
    if len({same_key(key, stored) for stored in keys}) < len(keys):
        raise errors.same_row_twice(table.name)
    return keys


def _stored_keys(session: Session, plan: BulkUpdatePlan, keys: Sequence[tuple[int, Key]]) -> Iterator[tuple[int, Key]]:
    """The stored keys of the numbered keys that exist in another spelling."""

    def statement(some: tuple[tuple[int, Key], ...]) -> Sql:
        return select_stored_keys(plan.table, plan.identity, some, SHARE)

    for chunk in statement_runs(keys, statement, lambda each: key_literals(each[1]) + len(str(each[0])) + 2):
        for number, *cells in session.rows(statement(chunk)):
            yield int(str(number)), key_of(plan.identity, cells)
