"""The rows of a PATCH or DELETE: by the plan of a read, and by conditions on the table itself if these are enough."""

from __future__ import annotations

from dataclasses import dataclass, replace

from api import errors
from api.catalog import Catalog, Column, Table
from api.catalog.policies import Command
from api.plan.filters import Scope, resolve_condition
from api.plan.identity import identity
from api.plan.keys import key_values
from api.plan.operands import Aggregated, Relevance
from api.plan.read import key_predicate, plan_read
from api.plan.tree import Predicate, ReadPlan
from api.plan.visible import has_subquery, visible_rows
from api.request.caller import Caller
from api.request.query import AggregateField, ApiRequest, Comparison, Condition, EmbedItem, Query, Row, SelectItem
from api.statement import quote_name


@dataclass(frozen=True, slots=True)
class Located:
    """The rows of a PATCH or DELETE."""

    table: Table
    rows: ReadPlan
    identity: tuple[Column, ...]
    direct: tuple[Predicate, ...] | None
    """The same condition without the plan's aliases; None if it involves other tables."""
    limited: bool = False


def locate(request: ApiRequest, catalog: Catalog, table: Table, caller: Caller) -> Located:
    """The rows that a request addresses by filters or a key.

    Raises: `ApiError` for unknown names, filters of groups, and a request without a filter.
    """
    if not table.updatable:
        raise not_taken(request.method, table)
    query = request.query
    commands = (Command.SELECT, Command.UPDATE if request.method == "PATCH" else Command.DELETE)
    rows = plan_read(
        catalog, table, query, request.limit, request.offset, request.preferences.timezone, caller, commands
    )
    alias = rows.level.alias
    key = identity(table)
    if rows.having or any(isinstance(each.operand, Aggregated) for each in rows.order):
        raise errors.not_implemented(
            f"{request.method} changes rows, not groups: its filters and order cannot use aggregates."
        )
    if not key and any(isinstance(each.operand, Relevance) for each in rows.order):
        raise errors.not_implemented(
            f"'{table.name}' has no key, so a {request.method} cannot order its rows by relevance."
        )
    limited = rows.limit is not None or bool(rows.offset)
    inner = any(each.embed.inner for each in rows.embeds)
    direct: tuple[Predicate, ...] | None = None
    # in MySQL, a subquery of an UPDATE or DELETE cannot read the table that is changed
    if not inner and not has_subquery(rows.visible):
        direct = _direct(request, table)
    if isinstance(request.target, Row):
        values = (key_values(table, request.target),)
        rows = replace(rows, where=(key_predicate(table, alias, table.primary_key, values), *rows.where))
        if direct is not None:
            direct = (key_predicate(table, quote_name(table.name), table.primary_key, values), *direct)
    elif not is_filtered(query) and not _changes_nothing(request):
        names = table.named if table.hides_primary_key else (*table.primary_key, *table.named)
        raise errors.missing_filter(request.method, next(iter(names), "id"))
    if direct is not None:
        direct = (*visible_rows(table, quote_name(table.name), caller, commands), *direct)
    return Located(table, rows, key, direct, limited)


def _direct(request: ApiRequest, table: Table) -> tuple[Predicate, ...] | None:
    """The root's filters as conditions on the table under its own name; None if one of them tests an embed."""
    scope = Scope(table, quote_name(table.name), {}, request.preferences.timezone)
    conditions = [condition for path, condition in request.query.filters if not path]
    if not all(_names_columns(condition, table) for condition in conditions):
        return None
    return tuple(resolve_condition(condition, scope) for condition in conditions)


def _names_columns(condition: Condition, table: Table) -> bool:
    if isinstance(condition, Comparison):
        return condition.field.name in table.by_name
    return all(_names_columns(operand, table) for operand in condition.operands)


def _changes_nothing(request: ApiRequest) -> bool:
    """A PATCH with an empty object needs no filter."""
    return request.method == "PATCH" and request.payload is not None and not any(request.payload.rows)


def is_filtered(query: Query) -> bool:
    """Whether a condition restricts the root's rows: one on the root, or on an embed that is `!inner` at each level."""
    return any(_reaches_root(_path(path, condition), query.select) for path, condition in query.filters)


def _path(path: tuple[str, ...], condition: Condition) -> tuple[str, ...]:
    """Of `cities.count()=gt.1` the path of the embed: groups of its rows restrict the root's only if it is inner."""
    counted = condition.field if isinstance(condition, Comparison) else None
    return (*path, counted.name) if isinstance(counted, AggregateField) else path


def _reaches_root(path: tuple[str, ...], select: tuple[SelectItem, ...]) -> bool:
    if not path:
        return True
    embed = next((item for item in select if isinstance(item, EmbedItem) and item.name == path[0]), None)
    return embed is not None and embed.inner and _reaches_root(path[1:], embed.select)


def not_taken(method: str, table: Table) -> errors.ApiError:
    """The view is not writable."""
    error = errors.unsupported_verb(method, table.methods)
    error.hint = "A view is writable when each of its rows is exactly one row of one table."
    return error
