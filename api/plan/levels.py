"""The shape of a read: `select` with every name resolved. It depends only on the catalog and `select`.

A `Level` is one table instance and what is shown of it; its embeds lead to further levels. A to-one embed is part of
its parent's statement (`inline`), unless it contains a to-many embed or an aggregate: then, like every to-many embed,
it is a subquery, or a separate statement whose rows are spliced into the parent's text by key.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from api.catalog import Cache, Column, Relationship, Table
from api.plan.operands import Operand


@dataclass(frozen=True, slots=True)
class ColumnItem:
    """A column or JSON path under its output name."""

    name: str
    operand: Operand
    cast: str | None = None


@dataclass(frozen=True, slots=True)
class AggregateItem:
    """`function(operand::cast)::result_cast`; operand None: `count(*)`."""

    name: str
    function: str
    operand: Operand | None
    cast: str | None = None
    result_cast: str | None = None


@dataclass(frozen=True, slots=True)
class EmbedOutput:
    """The place of an embed's object, array or (spread) columns."""

    name: str
    embed: Embed
    outer: bool = False
    """The owner is outer-joined (a spread): without a row the value is null."""


Item = ColumnItem | AggregateItem | EmbedOutput


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One table instance and its output, in select order. Compared by identity: levels are cached and shared."""

    table: Table
    alias: str
    items: tuple[Item, ...]
    embeds: tuple[Embed, ...]
    cache: Cache = field(default_factory=Cache, repr=False)
    """SQL that `api.sql` has made for this level."""

    @property
    def grouped(self) -> bool:
        """It has aggregates, which group the rows by everything else that is selected."""
        return any(isinstance(item, AggregateItem) for item in self.items)


def grouped_by(level: Level) -> list[Operand]:
    """The GROUP BY of a level with aggregates: its other columns, and the keys of its embeds."""
    operands: dict[Operand, None] = {}
    for item in level.items:
        if isinstance(item, ColumnItem):
            operands[item.operand] = None
        elif isinstance(item, EmbedOutput):
            operands.update((Operand(item.embed.owner, column), None) for column in item.embed.owner_columns)
    return list(operands)


def shown_aggregates(level: Level) -> dict[str, str]:
    """The aggregates under the names that the rows have for them, as a filter or an order writes them: `sum` and
    `population.sum()`. Names of the table's own columns are left out."""
    return {
        item.name: f"{'' if item.operand is None else f'{item.operand.column.name}.'}{item.function}()"
        for item in level.items
        if isinstance(item, AggregateItem) and item.name not in level.table.by_name
    }


@dataclass(frozen=True, slots=True, eq=False)
class Embed:
    """A related table as `select` names it."""

    name: str
    relationship: Relationship
    origin: Table
    owner: str
    """The alias of the origin's table instance."""
    junction: Table | None
    level: Level
    inner: bool
    spread: bool
    inline: bool
    shown: bool
    """False for `rel()`: it only filters."""

    @property
    def owner_columns(self) -> tuple[Column, ...]:
        """The owner's columns that lead to the embed's rows."""
        return tuple(self.origin.by_name[name] for name in self.relationship.origin_columns)

    @property
    def junction_alias(self) -> str:
        return self.level.alias + "j"
