"""What a write shows: exactly the rows that it wrote, read again before the transaction ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from api import errors
from api.catalog import Column
from api.plan.operands import Operand
from api.plan.read import key_predicate
from api.plan.tree import OrderKey, Predicate, ReadPlan
from api.reading.rows import Reader, StatementTooLong, member_names
from api.request.query import MediaType
from api.response.answer import csv_body, is_csv, json_body, sent_bytes
from api.response.csv_text import Member
from api.sql.read import select_rows
from api.sql.server import Server
from api.statement import EMPTY, Sql, sql
from api.values.keys import Key, key_of
from api.writing.keys import in_chunks

if TYPE_CHECKING:
    from api.database.session import Session


H = TypeVar("H", bound=Hashable)


@dataclass(frozen=True, slots=True)
class LockingServer(Server):
    """Reads what is committed now, not what was when the transaction's first query ran."""

    lock: Sql = EMPTY

    def select(self, rest: Sql) -> Sql:
        return sql("{}{}", Server.select(self, rest), self.lock)


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows of a representation: as texts, or for CSV as members."""

    texts: Sequence[str] = ()
    members: Sequence[Sequence[Member]] = ()

    @property
    def count(self) -> int:
        return len(self.texts) or len(self.members)


@dataclass(frozen=True, slots=True)
class Show:
    """Reads representations over one session."""

    session: Session
    server: Server
    plan: ReadPlan
    media: MediaType
    first: int = 0
    last: int | None = None
    """Of the rows written those from the first on and before the last are shown."""

    def by_keys(self, columns: tuple[Column, ...], keys: Sequence[Key], lock: Sql = EMPTY) -> Shown:
        """The rows of these keys, in the keys' order unless the request has one of its own."""
        plan, alias = self.plan, self.plan.level.alias
        reader = self._reader(lock)

        def chunk_plan(chunk: tuple[Key, ...]) -> ReadPlan:
            names = tuple(column.name for column in columns)
            return replace(plan, where=(*plan.where, key_predicate(plan.level.table, alias, names, chunk)))

        def statement(chunk: tuple[Key, ...]) -> Sql:
            return select_rows(chunk_plan(chunk), reader.server, cells=is_csv(self.media), order_values=True).statement

        chunks = list(in_chunks(keys, statement))
        if len(chunks) > 1 and (plan.level.grouped or plan.order):
            raise errors.not_implemented(
                "Aggregates and an order of so many written rows.",
                "Write fewer rows at a time, or read them afterwards.",
            )
        if is_csv(self.media):
            ordered = plan.order or _key_order(columns, alias)
            return Shown(
                members=[row for chunk in chunks for row in reader.members(replace(chunk_plan(chunk), order=ordered))]
            )
        texts: list[str] = []
        for chunk in chunks:
            texts += self._in_order(reader, chunk_plan(chunk), columns, chunk)
        return Shown(texts)

    def by_plan(self, where: tuple[Predicate, ...], lock: Sql = EMPTY) -> Shown:
        """The rows that meet conditions."""
        plan = replace(self.plan, where=(*self.plan.where, *where))
        reader = self._reader(lock)
        if is_csv(self.media):
            return Shown(members=reader.members(plan))
        return Shown(reader.read(plan).texts)

    def _in_order(
        self, reader: Reader, plan: ReadPlan, columns: tuple[Column, ...], keys: tuple[Key, ...]
    ) -> list[str]:
        if len(keys) == 1 or plan.order or plan.level.grouped:
            return self._read(reader, plan)
        rows = reader.read(replace(plan, order=_key_order(columns, plan.level.alias)), order_values=True)
        by_key = {key_of(columns, found): text for found, text in zip(rows.order_values, rows.texts, strict=True)}
        ordered = [by_key.pop(key) for key in keys if key in by_key]
        # what the server stored in another spelling, a rounded time for instance, follows in the server's order
        return ordered + list(by_key.values())

    def _read(self, reader: Reader, plan: ReadPlan) -> list[str]:
        try:
            return reader.read(plan).texts
        except StatementTooLong:
            return replace(reader, allow_long=True).read(plan).texts

    def _reader(self, lock: Sql) -> Reader:
        server = LockingServer(self.server.dialect, self.server.timeout_ms, lock) if lock else self.server
        return Reader(self.session, server, strip_nulls=self.media.nulls_stripped, allow_long=True)

    def body(self, shown: Shown, most_bytes: int) -> bytes:
        """The representation's body.

        Raises: `ApiError` PGRST116 unless it is one row where a single object was asked for; 54000 (413) when the
        answer would be too large to arrive, so that the write is undone.
        """
        if is_csv(self.media):
            body = csv_body(member_names(self.plan.level), shown.members[self.first : self.last])
        else:
            body = json_body(shown.texts[self.first : self.last], self.media)
        if len(body) * 6 > most_bytes and sent_bytes(body.decode()) > most_bytes:
            raise errors.answer_too_large(most_bytes)
        return body

    def checked(self, shown: Shown, count: int, *, exact: bool = True) -> Shown:
        """The rows, if they are as many as were written.

        Raises: `ApiError` 0A000: then others than these were written.
        """
        if exact and not self.plan.level.grouped and shown.count != count:
            raise errors.cannot_show(self.plan.level.table.name)
        return shown


def without(after: Shown, before: Shown) -> Shown:
    """The rows of `after` that `before` does not have, or has less often."""
    return Shown(
        _difference(after.texts, before.texts), _difference(list(map(tuple, after.members)), map(tuple, before.members))
    )


def _difference(after: Iterable[H], before: Iterable[H]) -> list[H]:
    left = Counter(before)
    more: list[H] = []
    for each in after:
        if left[each]:
            left[each] -= 1
        else:
            more.append(each)
    return more


def _key_order(columns: tuple[Column, ...], alias: str) -> tuple[OrderKey, ...]:
    return tuple(OrderKey(Operand(alias, column)) for column in columns)
