"""The shape of a read: what `select` asks for, with every name resolved. It depends on the catalog and `select` alone.

A `Level` is one table instance and what is shown of it; its embeds lead to further levels. A to-one embed is part of
its parent's statement (`inline`), unless it needs rows of its own (a to-many embed or an aggregate within): then, like
every to-many embed, it is one further statement whose rows are spliced into the parent's text by key.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from api.catalog import Cache, Relationship, Table
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
    """Where an embed's object, array or (spread) columns stand."""

    name: str
    embed: Embed
    outer: bool = False
    """The owner is outer-joined (a spread): without it the value is null."""


Item = ColumnItem | AggregateItem | EmbedOutput


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One table instance and its output, in select order. Compared by identity: levels are cached and shared."""

    table: Table
    alias: str
    items: tuple[Item, ...]
    embeds: tuple[Embed, ...]
    cache: Cache = field(default_factory=Cache, repr=False)
    """SQL that `api.sql` made of this level before."""

    @property
    def grouped(self) -> bool:
        """Aggregates group the rows by everything else that is selected."""
        return any(isinstance(item, AggregateItem) for item in self.items)


def grouped_by(level: Level) -> list[Operand]:
    """What the rows of a level with aggregates are grouped by: what it shows, and the keys that lead to its embeds."""
    operands: dict[Operand, None] = {}
    for item in level.items:
        if isinstance(item, ColumnItem):
            operands[item.operand] = None
        elif isinstance(item, EmbedOutput):
            names = item.embed.relationship.origin_columns
            operands.update((Operand(item.embed.owner, item.embed.origin.by_name[name]), None) for name in names)
    return list(operands)


@dataclass(frozen=True, slots=True, eq=False)
class Embed:
    """A related table as `select` names it."""

    name: str
    relationship: Relationship
    origin: Table
    owner: str
    """The alias of the origin's instance that it belongs to."""
    junction: Table | None
    level: Level
    inner: bool
    spread: bool
    inline: bool
    shown: bool
    """False for `rel()`: it only filters."""

    @property
    def junction_alias(self) -> str:
        return self.level.alias + "j"
