"""Upsert with a conflict target. MySQL's own `ON DUPLICATE KEY UPDATE` has none: it changes any row that clashes on any
key. Where that is exact, `api.writing.merge` uses it; here is what is always exact.

Existing rows with the target's key are looked up, locked and updated; the others are inserted. If another transaction
inserts one of them in between, the INSERT fails on the target's key and the row is looked up again. A clash on any
other key remains an error, and everything is undone.

The first lookup takes no lock, so that two writers of different new keys do not lock the same index gap against each
other (https://dev.mysql.com/doc/refman/8.4/en/innodb-locking.html#innodb-gap-locks).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Column, Dialect, Kind
from api.database import errno
from api.database.connection import DriverError
from api.plan.payload import Cell, Computed, Missing
from api.plan.write import Conflict, InsertPlan
from api.reading.schema import check_tables
from api.sql.runs import key_runs, room_beside, runs
from api.sql.server import Server
from api.sql.write import SHARE, UPDATE, canonical_literal, compares_in_python, select_existing
from api.statement import EMPTY, Sql, Value, join, size, sql
from api.values.keys import Key, key_of, same_value
from api.writing.bulk import Columns, Inserted, insert_statements, with_computed
from api.writing.cases import Change, case_updates
from api.writing.checks import check_existing, check_proposed, check_stored, refuse_hopeless
from api.writing.insert import counted_numbers, key_of_row, split_by_number
from api.writing.merge import is_exact, merge
from api.writing.outcome import Outcome, Requirements, location_of
from api.writing.show import Show, Shown
from api.writing.trees import parents_first

if TYPE_CHECKING:
    from api.database.session import Session
    from api.writing.preconditions import RowCondition

_ATTEMPTS = 4
_FORMS_AT_ONCE = 200
_NOT_SENT = frozenset({type(None), Missing, Sql, Computed})
"""The types of cells without a value that the client sent."""
_ONLY = "the only one"
"""The form of the key of a single row, which has no duplicates."""


@dataclass(slots=True)
class _Upsert:
    """An upsert in progress. Rows are numbered as in the payload."""

    session: Session
    plan: InsertPlan
    conflict: Conflict
    values: Columns
    dialect: Dialect
    condition: RowCondition | None = None
    """What `If-Match` requires of an existing row, or for an exclusive conflict what makes its tag."""
    keys: dict[int, Key] = field(default_factory=dict)
    """The target's key of each row that has a complete one."""
    forms: dict[int, Hashable] = field(default_factory=dict)
    """The same keys in a canonical form: duplicates have equal forms."""
    stored: dict[int, Key] = field(default_factory=dict)
    """The target's key as stored in the existing row."""
    numbers: dict[int, int] = field(default_factory=dict)
    new: list[int] = field(default_factory=list)

    def prepare(self) -> list[int]:
        """Find the keys. Returns the rows to write; when ignoring duplicates, only the first of each key.

        Raises: `ApiError` 21000 for duplicates, unless they are ignored; PGRST102 for a row without the key that
            `If-None-Match` is about.
        """
        self.keys = self._sent_keys()
        if self.conflict.exclusive and len(self.keys) < self.plan.rows.count:
            names = ", ".join(column.name for column in self.conflict.columns)
            raise errors.bad_body("If-None-Match requires the key of every row", f"The key consists of: {names}.")
        self.forms = self._forms()
        first: dict[Hashable, int] = {}
        rows: list[int] = []
        for row in range(self.plan.rows.count):
            form = self.forms.get(row)
            if form is not None and first.setdefault(form, row) != row:
                if self.conflict.merge or self.conflict.exclusive:
                    raise errors.conflicts_with_itself()
                continue
            rows.append(row)
        return rows

    def _sent_keys(self) -> dict[int, Key]:
        """The target's key of each row that sends all of it."""
        parts: list[Sequence[Cell]] = []
        incomplete: set[int] = set()
        for column in self.conflict.columns:
            if column not in self.plan.rows.columns:
                return {}
            cells = self.values[self.plan.rows.columns.index(column)]
            parts.append(cells)
            if not _NOT_SENT.isdisjoint(map(type, cells)):
                incomplete.update(row for row, cell in enumerate(cells) if type(cell) in _NOT_SENT)
        keys = enumerate(zip(*parts, strict=True))
        return {row: key for row, key in keys if row not in incomplete}

    def keys_are_as_stored(self) -> bool:
        """Whether a row's key, as it was sent, finds its place among the stored ones."""
        return self.plan.rows.count == 1 or all(map(compares_in_python, self.conflict.columns))

    def _forms(self) -> dict[int, Hashable]:
        rows = list(self.keys)
        if self.plan.rows.count == 1:
            return dict.fromkeys(rows, _ONLY)
        parts = [self._column_forms(position) for position in range(len(self.conflict.columns))]
        return dict(zip(rows, zip(*parts, strict=True), strict=True))

    def _column_forms(self, position: int) -> list[Hashable]:
        column = self.conflict.columns[position]
        given = [key[position] for key in self.keys.values()]
        if column.type.kind is Kind.INTEGER and {*map(type, given)} == {int}:
            return given  # type: ignore[return-value]
        if not given or canonical_literal(given[0], column.type) is None:
            return [same_value(column, value) for value in given]
        forms: dict[Value, Hashable] = {}
        room = room_beside(len("SELECT "))
        for run in runs(dict.fromkeys(given), partial(_form_bytes, column), room, _FORMS_AT_ONCE):
            forms.update(zip(run, self._ask(run, column), strict=True))
        return [forms[value] for value in given]

    def _ask(self, values: Sequence[Value], column: Column) -> Sequence[Hashable]:
        (row,) = self.session.rows(sql("SELECT {}", join(",", [_form(value, column) for value in values])))
        return row

    def existing(self, rows: Sequence[int], lock: Sql) -> dict[int, Key]:
        """The stored keys of the rows among these that already exist."""
        columns = self.conflict.columns
        by_form = {self.forms[row]: row for row in rows if row in self.forms}
        keys = [self.keys[row] for row in by_form.values()]
        found: dict[int, Key] = {}
        for chunk in key_runs(keys, lambda some: select_existing(self.plan.table, columns, some, lock)):
            for cells in self.session.rows(select_existing(self.plan.table, columns, chunk, lock)):
                key = key_of(columns, cells[: len(columns)])
                row = by_form.get(self._stored_form(key, cells[len(columns) :]))
                if row is not None:
                    found[row] = key
        return found

    def _stored_form(self, key: Key, asked: Sequence[object]) -> Hashable:
        if self.plan.rows.count == 1:
            return _ONLY
        forms = iter(asked)
        return tuple(
            same_value(column, part) if compares_in_python(column) else next(forms)
            for column, part in zip(self.conflict.columns, key, strict=True)
        )

    def take(self, found: dict[int, Key]) -> None:
        """Check that these existing rows may be changed, and remember them.

        Raises: `ApiError` AR412 if there may be none; 42501 if the policies hide one of them or forbid its change.
        """
        if found and self.conflict.exclusive:
            raise errors.precondition_failed("A row with this key exists.", self._tag([*found.values()]))
        if self.conflict.merge:
            check_existing(self.session, self.plan.table, self.plan.existing, self.conflict.columns, [*found.values()])
        self.stored.update(found)

    def _tag(self, keys: Sequence[Key]) -> str | None:
        if self.condition is None or self.plan.rows.count > 1:
            return None
        tag = self.condition.tag(self.session, self.conflict.columns, keys[0])
        return None if tag is None else tag.header

    def check(self) -> None:
        """Check what was proposed and what was written against the policies.

        Raises: `ApiError` 42501.
        """
        plan, table, target = self.plan, self.plan.table, self.conflict.columns
        if not plan.checks:
            return
        new = set(self.new)
        others = [row for row in range(plan.rows.count) if row not in new]
        check_proposed(self.session, table, plan.checks, plan.rows, self.values, others)
        by_target = [self.keys[row] for row in self.new if row in self.keys]
        check_stored(self.session, table, plan.checks, target, by_target, lock=SHARE)
        rest = [row for row in self.new if row not in self.keys]
        if rest and not plan.identity:
            raise errors.cannot_check(table.name, "The table has no key to find the new rows by.")
        keys = [key_of_row(plan, self.values, row, self.numbers) for row in rest]
        check_stored(self.session, table, plan.checks, plan.identity, keys, lock=SHARE)
        if self.conflict.merge:
            merged = [key for row, key in self.stored.items() if row not in new]
            check_stored(self.session, table, plan.merged, target, merged, lock=SHARE)

    def insert(self, rows: Sequence[int], lock: Sql) -> None:
        """Insert these rows. Those that exist by now go to `stored` instead."""
        counted, brought = split_by_number(self.plan, self.values, rows)
        brought = parents_first(self.plan.table, self.plan.rows, self.values, brought)
        for some in (brought, counted):  # in this order, so that no row takes a number that another brings
            waiting: Sequence[int] = some
            for attempt in range(_ATTEMPTS):
                waiting = self._insert_until_clash(waiting, lock, last=attempt == _ATTEMPTS - 1)
                if not waiting:
                    break

    def _insert_until_clash(self, rows: Sequence[int], lock: Sql, *, last: bool) -> Sequence[int]:
        """Insert rows until one clashes on the target's key. Returns the rows that are still to be inserted."""
        done: list[Inserted] = []
        inserted: set[int] = set()
        left: Sequence[int] = ()
        columns = self.plan.rows.columns
        for numbers, text in insert_statements(self.plan.table, columns, self.values, rows):
            try:
                done.append(Inserted(numbers, self.session.change_by(text).first_id))
                inserted.update(numbers)
            except DriverError as error:
                if errno.number(error) != errno.DUPLICATE_KEY or last:
                    raise
                found = self.existing(numbers, lock)
                if not found:
                    raise
                self.take(found)
                left = [row for row in rows if row not in inserted and row not in found]
                break
        self.new += inserted
        if self.plan.counting is not None and done and done[0].first_id:
            counts = self.plan.counting in self.plan.identity
            taking, _ = split_by_number(self.plan, self.values, done[0].rows)
            if counts and taking:
                self.numbers.update(counted_numbers(done))
        return left

    def update(self, there: dict[int, Key]) -> None:
        """Update the existing rows with the values that were sent for them."""
        groups: dict[tuple[int, ...], list[Change]] = {}
        for row, key in sorted(there.items()):
            sent = tuple(
                position
                for position, column in enumerate(self.plan.rows.columns[: self.plan.sent])
                if column not in self.conflict.columns and not self._absent(column, self.values[position][row])
            )
            groups.setdefault(sent, []).append((key, tuple(self.values[position][row] for position in sent)))
        for sent, changes in groups.items():
            if sent:
                self._update(tuple(self.plan.rows.columns[position] for position in sent), changes)

    def _absent(self, column: Column, cell: Cell) -> bool:
        return cell is Missing.DEFAULT or (cell is None and column == self.plan.counting)

    def _update(self, columns: tuple[Column, ...], changes: list[Change]) -> None:
        table, key = self.plan.table, self.conflict.columns
        for count, text in case_updates(table, columns, key, changes, self.dialect):
            if self.session.change_by(text).rows != count:
                raise errors.schema_changed()


def upsert(
    session: Session,
    plan: InsertPlan,
    conflict: Conflict,
    requirements: Requirements,
    show: Show | None,
    server: Server,
) -> Outcome:
    """Insert the rows that do not exist, and merge or ignore those that do.

    Raises: `ApiError`, and the driver's errors.
    """
    if plan.rows.count:
        refuse_hopeless(plan.table, plan.checks)
    values = with_computed(session, plan.rows.columns, plan.rows.values)
    work = _Upsert(session, plan, conflict, values, server.dialect, requirements.condition)
    rows = work.prepare()
    done = _at_once(work, rows, requirements, show)
    if done is not None:
        return done
    check_tables(session, [plan.table], server.dialect)
    lock = UPDATE if conflict.merge else SHARE
    there = work.existing(rows, EMPTY)
    if there and conflict.merge:
        there = work.existing(sorted(there), UPDATE)
    work.take(there)
    if requirements.condition is not None and not conflict.exclusive:
        requirements.condition.check(session, conflict.columns, [*there.values()])
    if conflict.merge:
        work.update(there)  # before inserting, as a new row may take a value that an updated row gives up
    work.insert([row for row in rows if row not in there], lock)
    if conflict.merge:
        work.update({row: key for row, key in work.stored.items() if row not in there})
    work.check()
    written = rows if conflict.merge else sorted(work.new)
    requirements.check(len(written))
    if show is None:
        location = _location(work)
        return Outcome(len(written), len(work.new), location=location)
    return Outcome(len(written), len(work.new), show.body(_shown(work, show, written)))


def _at_once(work: _Upsert, rows: Sequence[int], requirements: Requirements, show: Show | None) -> Outcome | None:
    """Write the rows without looking at the existing ones; None if that is not exact. Then nothing is written yet."""
    plan, conflict, session = work.plan, work.conflict, work.session
    if requirements.condition is not None or session.runs_stored_programs:
        return None
    if not rows or len(work.keys) < plan.rows.count:
        return None
    if show is not None and not (conflict.merge and work.keys_are_as_stored()):
        return None
    if not is_exact(plan, conflict, work.values):
        return None
    if conflict.merge:
        requirements.check(len(rows))
    final = show is None and (conflict.merge or not requirements.any)
    new = merge(session, plan, conflict, work.values, rows, work.dialect, final=final)
    if new is None:
        return None
    if show is None:
        written = len(rows) if conflict.merge else new
        requirements.check(written)
        work.new = [*rows[:new]] if len(rows) == 1 else []
        return Outcome(written, new, location=_location(work))
    return Outcome(len(rows), new, show.body_by_keys(conflict.columns, [work.keys[row] for row in rows]))


def _location(work: _Upsert) -> tuple[tuple[Column, object], ...]:
    plan = work.plan
    if plan.located and plan.identity and len(work.new) == 1 and plan.rows.count == 1:
        return location_of(plan.identity, key_of_row(plan, work.values, work.new[0], work.numbers))
    return ()


def _shown(work: _Upsert, show: Show, written: Sequence[int]) -> Shown:
    """The rows written, in the payload's order, found by the target's key or else by their identity."""
    plan, target = work.plan, work.conflict.columns
    by_target = [row for row in written if row in work.keys]
    others = [row for row in written if row not in work.keys]
    keys = [work.stored.get(row, work.keys[row]) for row in by_target]
    shown = show.by_keys(target, keys, SHARE)
    if others and not plan.identity:
        raise errors.cannot_show(plan.table.name)
    more = show.by_keys(plan.identity, [key_of_row(plan, work.values, row, work.numbers) for row in others], SHARE)
    both = _merged(by_target, others, shown, more) if others else shown
    return show.checked(both, len(written), exact=not plan.table.is_view)


def _merged(first: Sequence[int], second: Sequence[int], one: Shown, other: Shown) -> Shown:
    if len(first) != len(one.rows) or len(second) != len(other.rows):
        return Shown([*one.rows, *other.rows])
    by_row = dict(zip([*first, *second], [*one.rows, *other.rows], strict=True))
    return Shown([by_row[row] for row in sorted(by_row)])


def _form(value: Value, column: Column) -> Sql:
    form = canonical_literal(value, column.type)
    if form is None:
        raise TypeError(f"{column.name} has no canonical form in SQL")
    return form


def _form_bytes(column: Column, value: Value) -> int:
    return size(_form(value, column)) + len(",")
