"""From `select` to levels: every column, relation, cast and aggregate of it looked up."""

from __future__ import annotations

from dataclasses import dataclass

from api import errors
from api.catalog import Catalog, Column, Kind, Privilege, Table
from api.catalog.privileges import denied
from api.plan.levels import AggregateItem, ColumnItem, Embed, EmbedOutput, Item, Level
from api.plan.operands import Aggregated, Operand
from api.plan.relations import find_relationship
from api.request.query import AggregateField, EmbedItem, Field, FieldItem, SelectItem, Star
from api.request.select_habits import column_hint
from api.values.casts import aggregate_type, cast_type, known_cast

MAX_EMBEDS = 50
"""The most embeds in one request: each may take a subquery, or a statement."""
MAX_ITEMS = 4096
"""The most columns and aggregates in one request, as in a SELECT of MySQL:
https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html"""


def resolve_select(catalog: Catalog, table: Table, select: tuple[SelectItem, ...]) -> Level:
    """The levels of a `select` on a table.

    Raises: `ApiError` for an unknown column, relation or cast, an aggregate that the type does not have, or a
    missing privilege.
    """
    return _Resolver(catalog).level(table, "t", select)


def operand_for(table: Table, alias: str, wanted: Field, outer: bool = False) -> Operand:
    """The operand of a field.

    Raises: `ApiError` 42703 for an unknown column, 42501 for one that the role may not read, 42883 for a path
    into a column that is not JSON.
    """
    if isinstance(wanted, AggregateField):
        raise errors.grouping_required(f"use {wanted.aggregate}() here")
    column = table.by_name.get(wanted.name)
    if column is None:
        raise errors.unknown_column(table.name, wanted.name, table.named, column_hint(wanted.name))
    if denied(table, Privilege.SELECT, column):
        raise errors.permission_denied("table", table.name, f"The role may not read column '{wanted.name}'.")
    if wanted.path and column.type.kind is not Kind.JSON:
        raise errors.undefined_operation(
            f"column '{wanted.name}' of '{table.name}' is {column.type.declared}, not json",
            "The operators -> and ->> require a JSON column.",
        )
    return Operand(alias, column, wanted.path, outer)


def aggregated(table: Table, alias: str, wanted: AggregateField) -> Aggregated:
    """The operand of an aggregate in a filter or an order.

    Raises: as `operand_for`; `ApiError` 42883 if the type does not have the aggregate.
    """
    if not wanted.name:
        result = Column("count()", aggregate_type("count", None), nullable=False, position=0)
        return Aggregated(alias, result, function="count")
    of = operand_for(table, alias, Field(wanted.name, wanted.path))
    type_ = of.type if wanted.cast is None else cast_type(of.type, wanted.cast)
    name, nullable = f"{wanted.name}.{wanted.aggregate}()", wanted.aggregate != "count"
    result = Column(name, aggregate_type(wanted.aggregate, type_), nullable=nullable, position=0)
    return Aggregated(alias, result, function=wanted.aggregate, of=of, cast=wanted.cast)


@dataclass
class _Resolver:
    catalog: Catalog
    aliases: int = 0
    items: int = 0

    def level(self, table: Table, alias: str, select: tuple[SelectItem, ...]) -> Level:
        _must_be_readable(table)
        items: list[Item] = []
        embeds: list[Embed] = []
        for wanted in select:
            if isinstance(wanted, EmbedItem):
                embed = self.embed(table, alias, wanted)
                if any(other.name == embed.name and not other.spread for other in embeds) and not embed.spread:
                    raise errors.parse_failed(
                        "select parameter",
                        embed.name,
                        f"'{embed.name}' is embedded twice",
                        "Give one of them an alias: alias:relation(...).",
                    )
                embeds.append(embed)
                items.extend(_output(embed))
            else:
                added = _plain_items(table, alias, wanted)
                items.extend(added)
                self.items += len(added)
                if self.items > MAX_ITEMS:
                    raise errors.parse_failed("select parameter", "", f"more than {MAX_ITEMS} columns in one request")
        return Level(table, alias, tuple(items), tuple(embeds))

    def embed(self, origin: Table, owner: str, wanted: EmbedItem) -> Embed:
        relationship = find_relationship(self.catalog, origin, wanted)
        self.aliases += 1
        if self.aliases > MAX_EMBEDS:
            raise errors.parse_failed("select parameter", wanted.name, f"more than {MAX_EMBEDS} embeds in one request")
        level = self.level(self.catalog.table(relationship.target), f"e{self.aliases}", wanted.select)
        to_one = relationship.cardinality.to_one
        if wanted.spread and not to_one and level.grouped:
            raise errors.not_implemented("Aggregates are not implemented for one-to-many or many-to-many spreads.")
        # a spread adds its items to the parent, including aggregates and embeds with separate statements
        own_rows = level.grouped or any(isinstance(i, EmbedOutput) and not i.embed.inline for i in level.items)
        inline = to_one and (wanted.spread or not own_rows)
        shown = bool(level.items)
        junction = self.catalog.table(relationship.junction.table) if relationship.junction is not None else None
        if junction is not None:
            _must_be_readable(junction)
        return Embed(
            name=wanted.name,
            relationship=relationship,
            origin=origin,
            owner=owner,
            junction=junction,
            level=level,
            inner=wanted.inner,
            spread=wanted.spread,
            inline=inline,
            shown=shown,
        )


def _must_be_readable(table: Table) -> None:
    """Before any of the table's columns is named: a role without a privilege learns nothing about them."""
    if denied(table, Privilege.SELECT):
        raise errors.permission_denied("table", table.name)


def _output(embed: Embed) -> list[Item]:
    """The items that an embed adds to its parent: itself, or for a to-one spread the items of its level."""
    if not embed.shown:
        return []
    if not (embed.spread and embed.inline):
        return [EmbedOutput(embed.name, embed)]
    outer = not embed.inner
    hoisted: list[Item] = []
    for item in embed.level.items:
        if isinstance(item, EmbedOutput):
            hoisted.append(EmbedOutput(item.name, item.embed, item.outer or outer))
        elif item.operand is None:
            hoisted.append(item)
        else:
            seen = Operand(item.operand.alias, item.operand.column, item.operand.path, item.operand.outer or outer)
            if isinstance(item, ColumnItem):
                hoisted.append(ColumnItem(item.name, seen, item.cast))
            else:
                hoisted.append(AggregateItem(item.name, item.function, seen, item.cast, item.result_cast))
    return hoisted


def _plain_items(table: Table, alias: str, wanted: Star | FieldItem) -> list[Item]:
    if isinstance(wanted, Star):
        return [ColumnItem(column.name, Operand(alias, column)) for column in table.readable]
    if wanted.field is None:
        function = wanted.aggregate or "count"
        return [AggregateItem(wanted.alias or function, function, None, None, _known_cast(wanted.aggregate_cast))]
    if wanted.field == _COUNT and wanted.aggregate is None and _COUNT.name not in table.by_name:
        # as in Supabase's documentation: `count` counts, unless a column has this name
        return [AggregateItem(wanted.alias or "count", "count", None, None, _known_cast(wanted.cast))]
    operand = operand_for(table, alias, wanted.field)
    cast = _known_cast(wanted.cast)
    if wanted.aggregate is None:
        return [ColumnItem(wanted.alias or _default_name(wanted.field), operand, cast)]
    kind = operand.type if cast is None else cast_type(operand.type, cast)
    aggregate_type(wanted.aggregate, kind)  # raises if the type does not have the aggregate
    result_cast = _known_cast(wanted.aggregate_cast)
    return [AggregateItem(wanted.alias or wanted.aggregate, wanted.aggregate, operand, cast, result_cast)]


_COUNT = Field("count")


def _known_cast(name: str | None) -> str | None:
    if name is not None:
        known_cast(name)
    return name


def _default_name(wanted: Field) -> str:
    """A JSON path is named after its last key, as in PostgREST; without a key, after the column."""
    for step in reversed(wanted.path):
        if isinstance(step.key, str):
            return step.key
    return wanted.name
