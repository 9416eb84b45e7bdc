"""The representation of a write: exactly the rows that it wrote, read again before the transaction ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Column
from api.plan.read import key_order, key_predicate
from api.plan.tree import Predicate, ReadPlan
from api.reading.rows import Reader, StatementTooLong, geometry_of, header_names
from api.reading.schema import check_after_warnings
from api.request.query import MediaType
from api.response.answer import sent_bytes
from api.response.formats import row_writer, rows_body
from api.sql.read import select_rows
from api.sql.runs import key_runs
from api.sql.server import Server
from api.sql.write import SHARE
from api.statement import EMPTY, Sql, sql
from api.values.keys import Key, key_of, same_key

if TYPE_CHECKING:
    from api.database.session import Session


@dataclass(frozen=True, slots=True)
class LockingServer(Server):
    """Locks the rows it reads, and so reads their latest committed state instead of the transaction's snapshot."""

    lock: Sql = EMPTY

    def select(self, rest: Sql) -> Sql:
        return sql("{}{}", Server.select(self, rest), self.lock)


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows of a representation, each written in the media type of the answer, in UTF-8."""

    rows: Sequence[bytes] = ()
    keys: Sequence[Hashable] = ()
    """Each row's values in the columns that `by_plan` was given."""


@dataclass(frozen=True, slots=True)
class Show:
    """Reads representations over one session."""

    session: Session
    server: Server
    plan: ReadPlan
    media: MediaType
    max_bytes: int
    """The maximum for an answer."""
    first: int = 0
    last: int | None = None
    """Of the rows written, those from position `first` up to but not including `last` are shown."""

    def by_keys(self, columns: tuple[Column, ...], keys: Sequence[Key], lock: Sql = EMPTY) -> Shown:
        """The rows with these keys, in the order of the keys unless the request specifies one."""
        plan, alias = self.plan, self.plan.level.alias
        # an earlier request of the transaction may have read before the rows were locked
        reader = self._reader(lock or (SHARE if self.session.joined else EMPTY))

        def chunk_plan(chunk: tuple[Key, ...]) -> ReadPlan:
            names = tuple(column.name for column in columns)
            key = key_predicate(plan.level.table, alias, names, chunk)
            any_key = plan.cache if len(chunk) == 1 and not plan.where else None
            return replace(plan, where=(*plan.where, key), any_key=any_key)

        def statement(chunk: tuple[Key, ...]) -> Sql:
            return select_rows(chunk_plan(chunk), reader.server, cells=reader.wants_cells, order_values=True).statement

        chunks = list(key_runs(keys, statement))
        if len(chunks) > 1 and (plan.level.grouped or plan.order):
            raise errors.not_implemented(
                "This many written rows cannot be aggregated or ordered.",
                "Write fewer rows at a time, or read them afterwards.",
            )
        rows: list[bytes] = []
        for chunk in chunks:
            rows += self._in_order(reader, chunk_plan(chunk), columns, chunk)
        return Shown(rows)

    def by_plan(self, where: tuple[Predicate, ...], lock: Sql = EMPTY, columns: tuple[Column, ...] = ()) -> Shown:
        """The rows that meet these conditions; with `columns`, which the plan is ordered by, also their values
        in these."""
        plan = replace(self.plan, where=(*self.plan.where, *where))
        found = self._reader(lock).read(plan, order_values=bool(columns))
        return Shown(found.encoded, [same_key(columns, key_of(columns, row)) for row in found.order_values])

    def _in_order(
        self, reader: Reader, plan: ReadPlan, columns: tuple[Column, ...], keys: tuple[Key, ...]
    ) -> list[bytes]:
        if len(keys) == 1 or plan.order or plan.level.grouped:
            return self._read(reader, plan)
        rows = reader.read(replace(plan, order=key_order(columns, plan.level.alias)), order_values=True)
        by_key = {
            same_key(columns, key_of(columns, found)): text
            for found, text in zip(rows.order_values, rows.encoded, strict=True)
        }
        sent = [same_key(columns, key) for key in keys]
        ordered = [by_key.pop(key) for key in sent if key in by_key]
        # keys that the server stored differently follow in the server's order
        return ordered + list(by_key.values())

    def _read(self, reader: Reader, plan: ReadPlan) -> list[bytes]:
        try:
            return reader.read(plan).encoded
        except StatementTooLong:
            return replace(reader, last_resort=True).read(plan).encoded

    def _reader(self, lock: Sql) -> Reader:
        server = LockingServer(self.server.dialect, self.server.timeout_ms, lock) if lock else self.server
        return Reader(
            self.session,
            server,
            strip_nulls=self.media.nulls_stripped,
            write=row_writer(self.media, geometry_of(self.plan.level, self.media)),
            last_resort=True,
            nest=not lock,  # a lock does not reach the rows of a subquery
        )

    def body_by_keys(self, columns: tuple[Column, ...], keys: Sequence[Key], lock: Sql = EMPTY) -> bytes:
        """The body that shows the written rows, which have these keys.

        Raises: as `checked` and `body`. A view may hide rows that were written through it.
        """
        shown = self.by_keys(columns, keys, lock)
        return self.body(self.checked(shown, len(keys), exact=not self.plan.level.table.is_view))

    def body(self, shown: Shown) -> bytes:
        """The representation's body.

        Raises: `ApiError` PGRST116 if a single object is requested and there is not exactly one row; 54000 (413) if the
        answer would exceed the size limit. Either undoes the write.
        """
        rows = shown.rows[self.first : self.last]
        body = rows_body(rows, self.media, header_names(self.plan.level, self.media))
        if len(body) * 6 > self.max_bytes and sent_bytes(body.decode()) > self.max_bytes:
            raise errors.answer_too_large(self.max_bytes)
        return body

    def checked(self, shown: Shown, count: int, *, exact: bool = True) -> Shown:
        """The rows, after checking that there are as many as were written.

        Raises: `ApiError` 0A000 otherwise, because these are then not the rows that were written; 40001 if a table is
        not as the catalog says.
        """
        check_after_warnings(self.session, self.plan, self.server.dialect)
        if exact and not self.plan.level.grouped and len(shown.rows) != count:
            raise errors.cannot_show(self.plan.level.table.name)
        return shown


def without(after: Shown, before: Shown) -> Shown:
    """The rows of `after` minus those of `before`; duplicates count separately."""
    left = Counter(before.rows)
    more: list[int] = []
    for number, each in enumerate(after.rows):
        if left[each]:
            left[each] -= 1
        else:
            more.append(number)
    return Shown([after.rows[number] for number in more], [after.keys[number] for number in more if after.keys])
