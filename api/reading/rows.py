"""The rows of a read plan, encoded: one statement for the root, and another for each embed that is read separately."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from api import errors
from api.catalog import Kind
from api.database import ResultTooLarge
from api.plan.levels import AggregateItem, ColumnItem, Embed, EmbedOutput, Level
from api.plan.tree import EmbedPlan, ReadPlan, embeds_of
from api.reading.selections import selection_of
from api.request.media import CSV, GEOJSON
from api.request.query import MediaType
from api.response.csv_text import Member
from api.response.formats import RowWriter, json_members, json_object
from api.sql.projection import Cell, Object, Shape, Splice, Texts
from api.sql.read import Counting, Selection, select_embedded
from api.sql.runs import key_runs
from api.sql.server import Server
from api.statement import LONGEST_PART, MAX_STATEMENT_BYTES, Statement, avoidably_long, size
from api.values.keys import Key, key_of

Row = Sequence[object]


class Reads(Protocol):
    """The session that reading requires, such as `api.database.Session`."""

    warnings: int

    def rows(self, statement: Statement) -> Sequence[Row]:
        """All rows of a SELECT."""
        ...

    def encoded_rows(self, statement: Statement) -> Sequence[Row]:
        """All rows of a SELECT; the first column, a text, is left in UTF-8."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a plan."""

    encoded: list[bytes]
    """Each row in UTF-8: as a JSON object, or as the reader's `write` made it."""
    order_values: tuple[tuple[object, ...], ...] = ()
    """The values of the sort keys in each row, if requested."""
    total: int | None = None
    """How many rows there are without the limit, if they were counted with them."""


class StatementTooLong(Exception):
    """The root's statement is too long to be sent without pinning the session."""


class RootTooLarge(ResultTooLarge):
    """The root's own rows take more memory than a request may; fewer of them may fit."""


class _ValueTooLong(Exception):
    """The server returned NULL for a row's JSON because it is longer than `max_allowed_packet`."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads plans over one session."""

    session: Reads
    server: Server
    strip_nulls: bool = False
    write: RowWriter | None = None
    """How the root's rows are written, if not as JSON objects."""
    cells: bool = False
    """Select each value as a separate column instead of letting the server build JSON."""
    last_resort: bool = False
    """The caller cannot split the plan: reject a root statement that is too long, unless a single value makes it so."""
    nest: bool = True
    """Read embeds in the statement of their owner, if possible."""

    @property
    def wants_cells(self) -> bool:
        """The root's values are needed one by one."""
        return self.cells or self.strip_nulls or self.write is not None

    def read(self, plan: ReadPlan, *, order_values: bool = False, total: Counting | None = None) -> Rows:
        """The root's rows, encoded, in the plan's order.

        Args:
            total: Count the rows without the limit as well, if that fits into the same statement.

        Raises: `StatementTooLong`, or `ApiError` 54001 if `last_resort` is set.
        """
        if self.nest and plan.embeds:
            return self._read_nested(plan, order_values, total)
        try:
            return self._read(plan, order_values, total)
        except _ValueTooLong:
            return replace(self, cells=True)._read(plan, order_values, total)

    def _read_nested(self, plan: ReadPlan, order_values: bool, total: Counting | None) -> Rows:
        """The rows with their embeds in one statement. If a value was cut, which causes a warning, everything is read
        again with a statement for each embed."""
        apart = replace(self, nest=False)
        if self.cells or self.strip_nulls:
            return apart.read(plan, order_values=order_values, total=total)
        warnings = self.session.warnings
        try:
            rows = self._read(plan, order_values, total)
            if self.session.warnings == warnings:
                return rows
        except _ValueTooLong:
            pass
        self.session.warnings = warnings
        return apart.read(plan, order_values=order_values, total=total)

    def _read(self, plan: ReadPlan, order_values: bool, total: Counting | None) -> Rows:
        cells, nest = self.wants_cells, self.nest and bool(plan.embeds)
        selection, long = selection_of(plan, self.server, cells, order_values, nest, total)
        if long and not self.last_resort:
            raise StatementTooLong
        if long:
            refuse_long(selection.statement)
        try:
            read = self.session.encoded_rows if _is_one_text(selection.shape) else self.session.rows
            rows = read(selection.statement)
        except ResultTooLarge as error:
            raise RootTooLarge(error.rows) from error
        counted = int(str(rows[0][-1])) if selection.counted and rows else None
        end = -1 if selection.counted else None
        first = -selection.order_values - int(selection.counted)
        values = tuple(tuple(row[first:end]) for row in rows) if selection.order_values else ()
        if self.write is not None:
            write = self.write
            members = self._members(rows, selection.shape, embeds_of(plan), 0)
            return Rows([write(each).encode() for each in members], values, counted)
        if not _is_one_text(selection.shape):
            return Rows([each.encode() for each in self._objects(rows, selection, plan)], values, counted)
        objects: list[bytes] = [row[0] for row in rows]  # type: ignore[misc]
        if None in objects:
            raise _ValueTooLong
        return Rows(objects, values, counted)

    def _objects(self, rows: Sequence[Row], selection: Selection, plan: ReadPlan) -> list[str]:
        """Each row as a JSON object."""
        shape, first = selection.shape, selection.key_width
        embeds = embeds_of(plan)
        if isinstance(shape, Object):
            return [json_object(members) for members in self._members(rows, shape, embeds, first)]
        if rows and any(isinstance(rows[0][first + part], bytes) for part in shape.parts if isinstance(part, int)):
            raise errors.schema_changed()  # a string has become bytes, which MariaDB quotes all the same
        if len(shape.parts) == 1:
            objects = [row[first] for row in rows]
            if None in objects:
                raise _ValueTooLong
            return objects  # type: ignore[return-value]
        write = [
            self._fill(part, rows, embeds, first) if isinstance(part, Splice) else _column(part + first)
            for part in shape.parts
        ]
        return ["".join([part(row) for part in write]) for row in rows]

    def _members(
        self, rows: Sequence[Row], shape: Shape, embeds: dict[Embed, EmbedPlan], first: int
    ) -> Iterator[list[Member]]:
        """The members of each row's object."""
        if isinstance(shape, Texts):
            raise TypeError("members are read as cells")
        write = self._object_writer(rows, shape, embeds, first)
        for row in rows:
            yield write(row)

    def _object_writer(
        self, rows: Sequence[Row], shape: Object, embeds: dict[Embed, EmbedPlan], first: int
    ) -> Callable[[Row], list[Member]]:
        writers: list[Callable[[Row], Iterable[Member]]] = []
        for name, member in shape.members:
            if isinstance(member, Cell):
                writers.append(_cell_writer(name, member, first))
            elif isinstance(member, Splice):
                if member.embed.spread:
                    writers.append(self._spread(member, rows, embeds, first))
                else:
                    writers.append(_named(name, self._fill(member, rows, embeds, first)))
            else:
                writers.append(_nested(name, member, self._object_writer(rows, member, embeds, first), first))
        strip = self.strip_nulls

        def write(row: Row) -> list[Member]:
            members = [member for writer in writers for member in writer(row)]
            return [member for member in members if member[1] != "null"] if strip else members

        return write

    def _fill(
        self, splice: Splice, rows: Sequence[Row], embeds: dict[Embed, EmbedPlan], first: int
    ) -> Callable[[Row], str]:
        """Reads the embed's rows for all of `rows`; returns the function that writes a row's part of them."""
        if splice.embed.spread:
            spread = self._spread(splice, rows, embeds, first)
            return lambda row: json_members(spread(row))
        each = embeds[splice.embed]
        key_of = _reader(splice.match, first)
        objects: dict[Key, list[str]] = {}
        for selection, found in self._embedded(each, _distinct(splice, rows, first)):
            width = selection.key_width
            for row, text in zip(found, self._objects(found, selection, each.plan), strict=True):
                objects.setdefault(tuple(row[:width]), []).append(text)  # type: ignore[arg-type]
        to_one = splice.embed.relationship.cardinality.to_one
        arrays: dict[Key, str] = {}
        while objects:  # emptied on the way, so that the rows are not in memory twice
            key, texts = objects.popitem()
            arrays[key] = texts[0] if to_one else f"[{','.join(texts)}]"
        missing = _without_rows(each.plan.level, to_one)
        absent = missing if splice.absent == "[]" else splice.absent

        def write(row: Row) -> str:
            key = key_of(row)
            return absent if None in key else arrays.get(key, missing)

        return write

    def _spread(
        self, splice: Splice, rows: Sequence[Row], embeds: dict[Embed, EmbedPlan], first: int
    ) -> Callable[[Row], list[Member]]:
        """Like `_fill`, for a to-many spread: each member is an array over the embed's rows."""
        each = embeds[splice.embed]
        key_of = _reader(splice.match, first)
        names = member_names(each.plan.level)
        columns: dict[Key, list[list[str]]] = {}
        for selection, found in self._embedded(each, _distinct(splice, rows, first), cells=True):
            width = selection.key_width
            all_members = replace(self, strip_nulls=False)._members(found, selection.shape, embeds_of(each.plan), width)
            for row, members in zip(found, all_members, strict=True):
                arrays = columns.setdefault(tuple(row[:width]), [[] for _ in names])  # type: ignore[arg-type]
                for array, (_, text) in zip(arrays, members, strict=True):
                    array.append(text)
        nothing: list[list[str]] = [[] for _ in names]

        def write(row: Row) -> list[Member]:
            key = key_of(row)
            if None in key and splice.absent == "null":
                return [(name, "null") for name in names]
            return [
                (name, f"[{','.join(array)}]") for name, array in zip(names, columns.get(key, nothing), strict=True)
            ]

        return write

    def _embedded(
        self, each: EmbedPlan, keys: list[Key], *, cells: bool = False
    ) -> Iterator[tuple[Selection, Sequence[Row]]]:
        """The embed's rows for these keys, in as many statements as their size limit requires."""
        cells = cells or self.cells or self.strip_nulls
        if not keys:
            return

        nest = self.nest and not cells

        def select(some: tuple[Key, ...]) -> Selection:
            return select_embedded(each, some, self.server, cells=cells, nest=nest)

        typed = _typed(each.embed, keys)
        if nest and size(select(tuple(typed[:1])).statement) > LONGEST_PART:
            nest = False
        if not (cells or nest) and avoidably_long(select(tuple(typed[:1])).statement):
            cells = True  # the JSON of many columns may be what makes it long
        for run in key_runs(typed, lambda some: select(some).statement):
            selection = select(run)
            refuse_long(selection.statement)
            yield selection, self.session.rows(selection.statement)


def refuse_long(statement: Statement) -> None:
    """Raises: `ApiError` 54001 if fewer conditions or columns would make the statement short enough."""
    if avoidably_long(statement):
        raise errors.statement_too_long(MAX_STATEMENT_BYTES)


def _is_one_text(shape: Shape) -> bool:
    """Whether the server writes whole objects."""
    return isinstance(shape, Texts) and len(shape.parts) == 1 and shape.parts[0] == 0


def _reader(columns: tuple[int, ...], first: int) -> Callable[[Row], Key]:
    indexes = [first + index for index in columns]
    if len(indexes) == 1:
        index = indexes[0]
        return lambda row: (row[index],)  # type: ignore[return-value]
    return lambda row: tuple([row[index] for index in indexes])  # type: ignore[misc]


def _distinct(splice: Splice, rows: Sequence[Row], first: int) -> list[Key]:
    """The keys of these rows, each once, without keys that contain NULL: they have no embedded rows."""
    key_of, match_of = _reader(splice.key, first), _reader(splice.match, first)
    keys = {match_of(row): key_of(row) for row in rows}
    return [key for key in keys.values() if None not in key]


def _typed(embed: Embed, keys: list[Key]) -> list[Key]:
    """Keys as parameters. Integers and strings, which most are, need no conversion."""
    columns = embed.owner_columns
    if all(column.type.kind in (Kind.INTEGER, Kind.TEXT) for column in columns):
        return keys
    return [key_of(columns, key) for key in keys]


def _without_rows(level: Level, to_one: bool) -> str:
    """What a row without embedded rows shows: null or `[]`, but aggregates without grouping still have one row."""
    if level.items and all(isinstance(item, AggregateItem) for item in level.items):
        members = [
            (item.name, "0" if isinstance(item, AggregateItem) and item.function == "count" else "null")
            for item in level.items
        ]
        return json_object(members) if to_one else f"[{json_object(members)}]"
    return "null" if to_one else "[]"


def geometry_of(level: Level, media: MediaType) -> str | None:
    """The member that is a GeoJSON feature's geometry: the first that shows one. None for other media types.

    Raises: `ApiError` 22023 if none does.
    """
    if media.name != GEOJSON:
        return None
    for item in level.items:
        if isinstance(item, ColumnItem) and item.cast is None and item.operand.type.kind is Kind.GEOMETRY:
            return item.name
    raise errors.no_geometry(level.table.name)


def header_names(level: Level, media: MediaType) -> list[str]:
    """The names of CSV's header line; other media types have none."""
    return member_names(level) if media.name == CSV else []


def member_names(level: Level) -> list[str]:
    """The names of a row's members, including those of its spreads."""
    return list(_names(level))


def _names(level: Level) -> Iterator[str]:
    for item in level.items:
        if isinstance(item, EmbedOutput) and item.embed.spread:
            yield from _names(item.embed.level)
        else:
            yield item.name


def _column(index: int) -> Callable[[Row], str]:
    def write(row: Row) -> str:
        text = row[index]
        if text is None:
            raise _ValueTooLong
        return text  # type: ignore[return-value]

    return write


def _cell_writer(name: str, cell: Cell, first: int) -> Callable[[Row], Iterable[Member]]:
    index, encode = first + cell.index, cell.encode
    return lambda row: ((name, "null" if row[index] is None else encode(row[index])),)


def _named(name: str, write: Callable[[Row], str]) -> Callable[[Row], Iterable[Member]]:
    return lambda row: ((name, write(row)),)


def _nested(
    name: str, shape: Object, write: Callable[[Row], list[Member]], first: int
) -> Callable[[Row], Iterable[Member]]:
    presence = shape.presence

    def nested(row: Row) -> Iterable[Member]:
        absent = presence is not None and row[first + presence] is None
        return ((name, "null" if absent else json_object(write(row))),)

    return nested
