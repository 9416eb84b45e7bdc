"""From a request to a read plan: the select's shape, and for each level of it the filters, order and limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from api import errors
from api.catalog import CacheKey, Catalog, Column, Table
from api.catalog.policies import Command
from api.plan.filters import Scope, has_aggregate, resolve_condition
from api.plan.full_text import named_index, relevance
from api.plan.levels import AggregateItem, ColumnItem, Embed, Level, grouped_by, shown_aggregates
from api.plan.null_tests import share_tests
from api.plan.operands import Operand, has_truth
from api.plan.shape import aggregated, operand_for, resolve_select
from api.plan.tree import (
    UNRESTRICTED,
    EmbedPlan,
    Exists,
    KeyIn,
    OrderKey,
    Predicate,
    ReadPlan,
    Visible,
    joined,
)
from api.plan.visible import visible_rows
from api.request.caller import NOBODY, Caller
from api.request.query import AggregateField, Comparison, Condition, Field, OrderTerm, Path, Query, SelectItem
from api.statement import Value


def plan_read(
    catalog: Catalog,
    table: Table,
    query: Query,
    limit: int | None,
    offset: int,
    timezone: tzinfo | None = None,
    caller: Caller = NOBODY,
    commands: tuple[Command, ...] = (Command.SELECT,),
) -> ReadPlan:
    """The plan of a GET on `table`, or of the rows that a write finds or returns; limit and offset are the root's.

    The root has the order of the query, embeds have a total order. The root's rows are those that the policies show to
    all of the `commands`, the embeds' those that they show to SELECT.

    Raises: `ApiError` for unknown names and values that do not fit.
    """
    if _only_rows_depend(table, query):
        shape = (query.select, query.orders, query.limits, query.offsets, limit, offset)
        kept = catalog.cache.get(
            _KEPT,
            (table.key, shape, caller.bypasses_row_security),
            lambda: _kept_plan(catalog, table, replace(query, filters=()), limit, offset, caller),
        )
        if kept is not None and not (kept.level.grouped and query.filters):
            return _with_conditions(kept, query, timezone, visible_rows(table, kept.level.alias, caller, commands))
    level = cached_level(catalog, table, query.select)
    return _plan(level, query, limit, offset, timezone, caller, visible_rows(table, level.alias, caller, commands))


_KEPT = CacheKey["ReadPlan | None"]("kept plan")
_TESTS = CacheKey[Mapping[str, Exists]]("null tests")


def _only_rows_depend(table: Table, query: Query) -> bool:
    """The filters are about single rows of the table itself, and only the rows depend on them. An order by relevance
    would depend on them, too."""
    return not any(path or has_aggregate(condition) for path, condition in query.filters) and not any(
        named_index(table, term.field) for path, terms in query.orders if not path for term in terms
    )


def _kept_plan(
    catalog: Catalog, table: Table, query: Query, limit: int | None, offset: int, caller: Caller
) -> ReadPlan | None:
    """The plan of a query without its filters, on which the time zone has no effect, and without the policies of the
    table. None where an embed has policies, which contain the claims of one caller."""
    level = cached_level(catalog, table, query.select)
    plan = _plan(level, query, limit, offset, None, caller, UNRESTRICTED)
    return None if is_restricted(plan) else plan


def _with_conditions(plan: ReadPlan, query: Query, timezone: tzinfo | None, visible: Visible) -> ReadPlan:
    """The plan of a query, from the kept one."""
    if not query.filters and not visible:
        return plan
    level = plan.level
    tests = plan.cache.get(_TESTS, None, lambda: _null_tests(plan.embeds)) if plan.embeds else {}
    scope = Scope(level.table, level.alias, tests, timezone)
    conditions = share_tests(tuple([resolve_condition(condition, scope) for _, condition in query.filters]))
    return replace(plan, visible=visible, where=(*conditions, *plan.where), unfiltered=plan)


def _plan(
    level: Level,
    query: Query,
    limit: int | None,
    offset: int,
    timezone: tzinfo | None,
    caller: Caller,
    visible: Visible,
) -> ReadPlan:
    parameters = _Parameters.of(query)
    plan = _plan_level(level, (), parameters, timezone, visible, caller)
    parameters.refuse_unused(level)
    return replace(plan, limit=limit, offset=offset)


def is_restricted(plan: ReadPlan) -> bool:
    """Policies hide rows of at least one table of the plan."""
    return bool(plan.visible) or any(is_restricted(each.plan) for each in plan.embeds)


def cached_level(catalog: Catalog, table: Table, select: tuple[SelectItem, ...]) -> Level:
    """`resolve_select`, kept with the catalog: the shape depends on nothing else."""
    return catalog.cache.get(_LEVEL, (table.key, select), lambda: resolve_select(catalog, table, select))


_LEVEL = CacheKey[Level]("level")


def key_predicate(table: Table, alias: str, columns: tuple[str, ...], keys: tuple[tuple[Value, ...], ...]) -> KeyIn:
    """The rows that have one of these keys."""
    return KeyIn(tuple(Operand(alias, table.by_name[column]) for column in columns), keys)


def key_order(columns: Iterable[Column], alias: str) -> tuple[OrderKey, ...]:
    """The order of a key's columns, with the values that are stored in them."""
    return tuple(OrderKey(Operand(alias, column), stored=True) for column in columns)


@dataclass(slots=True)
class _Parameters:
    """The query's parameters by level; a parameter for an unknown level is an error."""

    filters: dict[Path, list[Condition]] = field(default_factory=dict)
    orders: dict[Path, tuple[OrderTerm, ...]] = field(default_factory=dict)
    limits: dict[Path, int] = field(default_factory=dict)
    offsets: dict[Path, int] = field(default_factory=dict)
    used: set[Path] = field(default_factory=set)

    @staticmethod
    def of(query: Query) -> _Parameters:
        parameters = _Parameters(orders=dict(query.orders), limits=dict(query.limits), offsets=dict(query.offsets))
        for path, condition in query.filters:
            parameters.filters.setdefault(path, []).append(condition)
        return parameters

    def pass_to_embeds(self, level: Level, path: Path) -> None:
        """Read `cities.count()` as the count of an embed's rows, where it is not that of a column's values."""
        if path not in self.filters:
            return
        counts = {AggregateField(embed.name) for embed in level.embeds if embed.name not in level.table.by_name}
        kept: list[Condition] = []
        for condition in self.filters[path]:
            if isinstance(condition, Comparison) and condition.field in counts:
                of_embed = replace(condition, field=AggregateField(""))
                self.filters.setdefault((*path, condition.field.name), []).append(of_embed)
            else:
                kept.append(condition)
        self.filters[path] = kept

    def refuse_unused(self, level: Level) -> None:
        """Raises: `ApiError` PGRST108 for a parameter whose path is not an embed."""
        for kind, paths in (
            ("a filter", self.filters),
            ("order", self.orders),
            ("limit", self.limits),
            ("offset", self.offsets),
        ):
            for path in paths:
                if path not in self.used:
                    raise _no_such_embed(level, path, kind)


def _no_such_embed(level: Level, path: Path, kind: str) -> errors.ApiError:
    for name in path:
        below = {embed.name: embed for embed in level.embeds}
        if name not in below:
            return errors.not_embedded(name, f"{'.'.join(path)} ({kind})", below)
        level = below[name].level
    raise AssertionError(path)


def _plan_level(
    level: Level, path: Path, parameters: _Parameters, timezone: tzinfo | None, visible: Visible, caller: Caller
) -> ReadPlan:
    parameters.used.add(path)
    parameters.pass_to_embeds(level, path)
    embeds = tuple(_plan_embed(embed, path, parameters, timezone, caller) for embed in level.embeds)
    terms = parameters.orders.get(path, ())
    if terms:
        related = {term.relation for term in terms if term.relation is not None}
        embeds = tuple(replace(each, ordered_by=True) if each.embed.name in related else each for each in embeds)
    conditions = parameters.filters.get(path, ())
    aggregates = shown_aggregates(level) if level.grouped and conditions else {}
    scope = Scope(level.table, level.alias, _null_tests(embeds), timezone, aggregates=aggregates)
    where = share_tests(tuple(resolve_condition(each, scope) for each in conditions if not has_aggregate(each)))
    where += tuple(Exists(each) for each in embeds if each.embed.inner and not joined(each))
    on_groups = [each for each in conditions if has_aggregate(each)]
    if on_groups and level.grouped:
        scope = replace(scope, grouped=tuple(grouped_by(level)))
    having = tuple(resolve_condition(each, scope) for each in on_groups)
    order = tuple(_order_key(level, term, where) for term in terms)
    limit, offset = parameters.limits.get(path), parameters.offsets.get(path, 0)
    order = total_order(level, order) if path else order
    return ReadPlan(level, visible, where, having, order, limit, offset, embeds)


def _null_tests(embeds: tuple[EmbedPlan, ...]) -> Mapping[str, Exists]:
    """The embeds that a filter can test for null. One with an alias is also known by its table's name, unless another
    embed has it."""
    return {
        **{each.embed.level.table.name: Exists(each) for each in embeds},
        **{each.embed.name: Exists(each) for each in embeds},
    }


def _plan_embed(
    embed: Embed, owner_path: Path, parameters: _Parameters, timezone: tzinfo | None, caller: Caller
) -> EmbedPlan:
    visible = _visible_embed(embed, caller)
    plan = _plan_level(embed.level, (*owner_path, embed.name), parameters, timezone, visible, caller)
    if plan.having:
        _refuse_unclear_groups(embed, plan)
    return EmbedPlan(embed, plan)


def _refuse_unclear_groups(embed: Embed, plan: ReadPlan) -> None:
    """Raises: `ApiError` PGRST127 for conditions on groups whose meaning would not be clear."""
    if embed.inline:
        raise errors.not_implemented(
            f"Filters on the aggregates of the spread '{embed.name}' are not available.",
            "Read that table instead, and embed this one.",
        )
    if embed.inner:
        if plan.offset:
            raise errors.not_implemented("An inner embed cannot have both an offset and a filter on an aggregate.")
    elif all(isinstance(item, AggregateItem) for item in embed.level.items):
        raise errors.not_implemented(
            f"A filter on an aggregate of '{embed.name}' requires groups.",
            f"Select a column to group by, or use {embed.name}!inner(...) to leave out rows without such groups.",
        )


def _visible_embed(embed: Embed, caller: Caller) -> Visible:
    visible = visible_rows(embed.level.table, embed.level.alias, caller)
    if embed.junction is None:
        return visible
    return (*visible, *visible_rows(embed.junction, embed.junction_alias, caller))


def _order_key(level: Level, term: OrderTerm, where: tuple[Predicate, ...]) -> OrderKey:
    if term.relation is None:
        operand = _order_operand(level, term.field, where)
    else:
        embed = next((embed for embed in level.embeds if embed.name == term.relation), None)
        if embed is None:
            raise errors.not_embedded(term.relation, "order", (embed.name for embed in level.embeds))
        if not embed.relationship.cardinality.to_one:
            raise errors.order_by_to_many(embed.name, level.table.name)
        named = _shown_column(embed.level, term.field, of_spread=False)
        if named is None:
            operand = operand_for(embed.level.table, embed.level.alias, term.field, outer=not embed.inner)
        else:
            operand = replace(named, outer=named.outer or not embed.inner)
        _must_be_grouped(level, operand, term.field)
    nulls = None
    if operand.nullable:
        nulls = term.descending if term.nulls is None else term.nulls == "first"
    return OrderKey(operand, term.descending, nulls)


def _must_be_grouped(level: Level, operand: Operand, wanted: Field) -> None:
    """Raises: `ApiError` 42803 for a column that the rows of aggregates are not grouped by."""
    if level.grouped and not any(isinstance(item, ColumnItem) and item.operand == operand for item in level.items):
        raise errors.not_grouped_by(wanted.name, "order by it")


def _shown_column(level: Level, wanted: Field, *, of_spread: bool) -> Operand | None:
    """The column that is shown under this name, unless the table itself has one of this name: a column of a spread, or
    else the level's own under an alias."""
    if wanted.path or wanted.name in level.table.by_name:
        return None
    shown = [item.operand for item in level.items if isinstance(item, ColumnItem) and item.name == wanted.name]
    return next((each for each in shown if (each.alias != level.alias) is of_spread and not each.path), None)


def _order_operand(level: Level, wanted: Field, where: tuple[Predicate, ...]) -> Operand:
    if isinstance(wanted, AggregateField):
        if not level.grouped:
            raise errors.grouping_required(f"order by {wanted.aggregate}()")
        return aggregated(level.table, level.alias, wanted)
    index = named_index(level.table, wanted)
    if index is not None and not level.grouped:
        return relevance(level.table, level.alias, index, where)
    if level.grouped and (shown := shown_aggregates(level).get(wanted.name)) is not None:
        hint = f"Order by the aggregate itself: order={shown}.desc"
        raise errors.unknown_column(level.table.name, wanted.name, level.table.named, hint)
    operand = _shown_column(level, wanted, of_spread=True) or operand_for(level.table, level.alias, wanted)
    _must_be_grouped(level, operand, wanted)
    return operand


def total_order(level: Level, order: tuple[OrderKey, ...]) -> tuple[OrderKey, ...]:
    """A total order, so that pages neither overlap nor skip rows: the given order, then the table's key, or the columns
    of the GROUP BY. A table without a key only has the given order.

    The key has the direction of the last term, as the end of an index that is read backwards.
    """
    if level.grouped:
        operands = grouped_by(level)
    elif _is_unique(level, order):
        return order
    else:
        operands = [Operand(level.alias, level.table.by_name[name]) for name in level.table.primary_key]
    asked = {key.operand for key in order if key.stored or not has_truth(key.operand.type)}
    descending = bool(order) and order[-1].descending
    further = [each for each in operands if each not in asked and each.type.kind.traits.sorting]
    return (*order, *(OrderKey(operand, descending, stored=not level.grouped) for operand in further))


def unique_order(plan: ReadPlan) -> tuple[OrderKey, ...] | None:
    """The shortest start of the plan's order that is total, by columns of the root's table; None if there is none.

    Its columns may be NULL, except those of the unique key that it contains.
    """
    for width in range(1, len(plan.order) + 1):
        order = plan.order[:width]
        if plan.level.grouped or order[-1].operand.alias != plan.level.alias or order[-1].operand.path:
            return None
        if _is_unique(plan.level, order):
            return order
    return None


def is_total(plan: ReadPlan) -> bool:
    """The plan's order is total, so an offset identifies a page."""
    return plan.level.grouped or _is_unique(plan.level, plan.order)


def _is_unique(level: Level, order: tuple[OrderKey, ...]) -> bool:
    operands = [key.operand for key in order if key.stored or not has_truth(key.operand.type)]
    named = {each.column.name for each in operands if each.alias == level.alias and not each.path and not each.nullable}
    return any(key and named.issuperset(key) for key in (level.table.primary_key, *level.table.unique_keys))
