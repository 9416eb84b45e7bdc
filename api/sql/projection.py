"""The select list: each row as one JSON text that the server concatenates, or as cells that Python encodes.

Text is the default: it is the fastest format for a driver in pure Python. Cells are used if the text would make the
statement too long, and if the values are needed one by one (CSV, stripped nulls).

To-many embeds are holes in the text. A hole is filled by an expression (`api.sql.nested`), or it becomes a `Splice`:
the row has the key, and the rows of another statement fill it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from api.catalog import CacheKey, ColumnType, Dialect, Kind, column_of
from api.plan.levels import AggregateItem, ColumnItem, Embed, EmbedOutput, Item, Level, grouped_by
from api.plan.operands import Operand, has_truth
from api.sql.casts import cast
from api.sql.json_text import json_text, plain
from api.sql.operators import aggregate_sql, compared_sql, operand_sql
from api.sql.weights import has_weights, weights
from api.statement import EMPTY, Sql, join, sql, value
from api.values.casts import aggregate_type, cast_type
from api.values.encode import encoder, quote


@dataclass(frozen=True, slots=True)
class Splice:
    """A hole: the embed that fills it, found by the values of `key` (indexes into the row).

    Two keys are equal if their `match` values are: for strings that depends on the collation.
    """

    embed: Embed
    key: tuple[int, ...]
    match: tuple[int, ...]
    absent: str
    """The content if a part of the key is NULL."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A row as text: the indexes of its columns, and the splices between them."""

    parts: tuple[int | Splice, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row, and how it becomes JSON text."""

    index: int
    encode: Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Object:
    """An object of cells; null where the column at `presence` is NULL."""

    members: tuple[tuple[str, Cell | Object | Splice], ...]
    presence: int | None = None


Shape = Texts | Object


@dataclass(slots=True)
class _Columns:
    """The select list as it grows."""

    written: list[Sql] = field(default_factory=list)

    def add(self, column: Sql) -> int:
        self.written.append(column)
        return len(self.written) - 1


Piece = Sql | str | EmbedOutput
"""A part of a JSON text: an expression, literal text, or a hole."""

Fill = Callable[[EmbedOutput], Sql | None]
"""The expression that fills a hole; None: it becomes a `Splice`."""


def unfilled(output: EmbedOutput) -> None:
    """A `Fill` that makes every hole a `Splice`."""
    del output


def object_pieces(level: Level, dialect: Dialect) -> tuple[Piece, ...]:
    """The parts of the text of a row."""
    return level.cache.get(_PIECES, dialect, lambda: tuple(_object_pieces(level.items, level, dialect)))


_PIECES = CacheKey[tuple[Piece, ...]]("pieces")


def holes(level: Level) -> list[EmbedOutput]:
    """The embeds that are not part of the level's joins, including those of inline embeds."""
    return [item for item in level.items if isinstance(item, EmbedOutput) and not item.embed.inline]


def project_text(level: Level, dialect: Dialect, fill: Fill = unfilled) -> tuple[list[Sql], Texts]:
    """The select list that returns each row as JSON text, and how its columns are put together."""
    columns = _Columns()
    parts: list[int | Splice] = []
    pieces: list[Sql | str] = []
    for piece in object_pieces(level, dialect):
        filled = fill(piece) if isinstance(piece, EmbedOutput) else piece
        if filled is not None:
            pieces.append(filled)
        elif isinstance(piece, EmbedOutput):
            parts.append(columns.add(concat(pieces)))
            pieces = []
            parts.append(_splice(piece, columns))
    if pieces:
        parts.append(columns.add(concat(pieces)))
    return columns.written, Texts(tuple(parts))


def project_cells(level: Level, dialect: Dialect, fill: Fill = unfilled) -> tuple[list[Sql], Object]:
    """The select list that returns each row's values, and the object of them. A spread's hole is never filled."""
    columns = _Columns()
    shape = _object_cells(level, level, dialect, columns, None, fill)
    return columns.written, shape


def grouping(level: Level, dialect: Dialect, owner_key: Iterable[Sql] = ()) -> Sql:
    """The GROUP BY clause, with a space before it; empty if the level has no aggregates or nothing to group by.

    `owner_key`: the rows of an embed are grouped by owner, too.
    """
    if not level.grouped:
        return EMPTY
    keys = dict.fromkeys([*owner_key, *(compared_sql(operand, dialect) for operand in grouped_by(level))])
    return sql(" GROUP BY {}", join(",", keys)) if keys else EMPTY


def key_value(column: Sql, type_: ColumnType) -> Sql:
    """A key's value in a form that can be sent back as a parameter and compares equal."""
    if type_.kind is Kind.FLOAT:
        return sql("{}+0e0", column)  # the server shows only six digits of a FLOAT
    return sql("{}+0", column) if type_.kind.traits.bits else column


def match_value(column: Sql, type_: ColumnType) -> Sql:
    """A value that is the same for two keys if and only if the server considers them equal."""
    if type_.kind is Kind.TEXT and has_weights(type_):
        return weights(column, type_)
    return key_value(column, type_)


def _object_pieces(items: Iterable[Item], level: Level, dialect: Dialect) -> Iterable[Piece]:
    separator = "{"
    for item in items:
        if isinstance(item, EmbedOutput) and item.embed.spread:
            yield separator
            yield item
        else:
            yield f"{separator}{quote(item.name)}:"
            if isinstance(item, EmbedOutput) and not item.embed.inline:
                yield item
            else:
                yield item_text(item, level, dialect)
        separator = ","
    yield "{}" if separator == "{" else "}"


def item_text(item: Item, level: Level, dialect: Dialect) -> Sql:
    """The JSON text of an item that is not a hole."""
    if isinstance(item, EmbedOutput):
        embed = item.embed
        pieces = _object_pieces(embed.level.items, embed.level, dialect)
        text = concat([piece for piece in pieces if not isinstance(piece, EmbedOutput)])
        if not embed.inner or item.outer:
            text = sql("IF({} IS NULL,'null',{})", _presence(embed), text)
        return sql("MAX({})", text) if level.grouped else text
    expression, type_, nullable = _value(item, dialect)
    text = json_text(expression, type_, nullable, stored=_is_stored(item))
    # all rows of the group have the same text, which the server does not always recognise
    derived = isinstance(item, ColumnItem) and (item.operand.path or item.cast or has_truth(type_))
    return sql("MAX({})", text) if level.grouped and derived else text


def _is_stored(item: ColumnItem | AggregateItem) -> bool:
    return isinstance(item, ColumnItem) and not item.operand.path and item.cast is None


def _value(item: ColumnItem | AggregateItem, dialect: Dialect) -> tuple[Sql, ColumnType, bool]:
    """An item's value, its type, and whether it may be NULL."""
    if isinstance(item, ColumnItem):
        expression, type_ = _operand(item.operand, item.cast, dialect)
        return expression, type_, item.operand.nullable or item.cast is not None
    expression = aggregate_sql(item.function, item.operand, item.cast, dialect)
    operand_type = None if item.operand is None else item.operand.type
    if operand_type is not None and item.cast is not None:
        operand_type = cast_type(operand_type, item.cast)
    type_ = aggregate_type(item.function, operand_type)
    if item.result_cast is not None:
        expression, type_ = cast(expression, type_, item.result_cast, dialect)
    return expression, type_, True


def _operand(operand: Operand, to: str | None, dialect: Dialect) -> tuple[Sql, ColumnType]:
    expression = operand_sql(operand, dialect)
    return (expression, operand.type) if to is None else cast(expression, operand.type, to, dialect)


def _presence(embed: Embed) -> Sql:
    """NULL if and only if the to-one embed has no row: a column of the join condition."""
    return column_of(embed.level.alias, embed.level.table.by_name[embed.relationship.target_columns[0]])


def _splice(output: EmbedOutput, columns: _Columns) -> Splice:
    key: list[int] = []
    match: list[int] = []
    for column in output.embed.owner_columns:
        found = column_of(output.embed.owner, column)
        sent, matched = key_value(found, column.type), match_value(found, column.type)
        key.append(columns.add(sent))
        match.append(key[-1] if matched == sent else columns.add(matched))
    to_one = output.embed.relationship.cardinality.to_one
    return Splice(output.embed, tuple(key), tuple(match), "null" if to_one or output.outer else "[]")


def concat(pieces: Iterable[Sql | str]) -> Sql:
    """CONCAT of the pieces. Adjacent literals are merged; a single piece stands alone."""
    merged: list[Sql] = []
    literal = ""
    for piece in pieces:
        if isinstance(piece, str):
            literal += piece
        else:
            if literal:
                merged.append(value(literal))
            literal = ""
            merged.append(piece)
    if literal:
        merged.append(value(literal))
    return merged[0] if len(merged) == 1 else sql("CONCAT({})", join(",", merged))


def _object_cells(
    level: Level, grouping_level: Level, dialect: Dialect, columns: _Columns, presence: int | None, fill: Fill
) -> Object:
    members: list[tuple[str, Cell | Object | Splice]] = []
    grouped = grouping_level.grouped
    for item in level.items:
        if not isinstance(item, EmbedOutput):
            expression, type_, _ = _value(item, dialect)
            shown = plain(expression, type_, stored=_is_stored(item))
            derived = isinstance(item, ColumnItem) and (
                item.operand.path or item.cast or has_truth(type_) or level is not grouping_level
            )
            index = columns.add(sql("MAX({})", shown) if grouped and derived else shown)
            members.append((item.name, Cell(index, encoder(type_))))
        elif item.embed.inline:
            present = _presence(item.embed)
            at = columns.add(sql("MAX({})", present) if grouped else present)
            members.append((item.name, _object_cells(item.embed.level, grouping_level, dialect, columns, at, fill)))
        elif not item.embed.spread and (filled := fill(item)) is not None:
            members.append((item.name, Cell(columns.add(filled), str)))
        else:
            members.append((item.name, _splice(item, columns)))
    return Object(tuple(members), presence)
