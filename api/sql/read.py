"""The statements of a read: the root's rows, an embed's rows by key, counts, and the keys that a write locks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from api.catalog import CacheKey, Column, Dialect, Kind, column_of
from api.plan.levels import Level
from api.plan.operands import Operand, has_truth
from api.plan.tree import EmbedPlan, KeyIn, OrderKey, ReadPlan
from api.sql.conditions import conditions_of, link_to_junction, rows_of, table_instance, where
from api.sql.json_compare import order_json
from api.sql.json_text import plain
from api.sql.operators import compared_sql, operand_sql, operator_sql
from api.sql.projection import Shape, grouping, key_value, match_value, project_cells, project_text
from api.sql.server import Server
from api.statement import EMPTY, MAX_STATEMENT_BYTES, Sql, Statement, Value, join, size, sql, trusted, value


@dataclass(frozen=True, slots=True)
class Selection:
    """A statement, and the shape of its rows. An embed's rows start with `key_width` columns of their key."""

    statement: Statement
    shape: Shape
    key_width: int = 0
    order_values: int = 0
    """The number of columns at the end of each row that are the values of the order's keys (for keyset paging)."""


def select_rows(plan: ReadPlan, server: Server, *, cells: bool = False, order_values: bool = False) -> Selection:
    """The root's rows."""
    projection = _projection(plan.level, server.dialect, cells=cells)
    shown = [projection.written]
    if order_values:
        shown.extend(_order_value(key, server.dialect) for key in plan.order)
    rest = sql(
        "{} FROM {}{}{}{}{}",
        join(",", shown),
        rows_of(plan, server.dialect),
        where(conditions_of(plan, server.dialect)),
        grouping(plan.level, server.dialect),
        order_by(plan.order, server.dialect, plan.level),
        limit_clause(plan.limit, plan.offset),
    )
    return Selection(server.select(rest), projection.shape, order_values=len(shown) - 1)


def _order_value(key: OrderKey, dialect: Dialect) -> Sql:
    operand = operand_sql(key.operand, dialect)
    return key_value(operand, key.operand.type) if key.stored else plain(operand, key.operand.type)


def select_embedded(
    each: EmbedPlan, keys: tuple[tuple[Value, ...], ...], server: Server, *, cells: bool = False
) -> Selection:
    """The rows of a to-many embed (or a to-one that is read separately) for these keys of the owner.

    Each row starts with its key. A limit or offset applies to each key separately.
    """
    embed, plan, dialect = each.embed, each.plan, server.dialect
    operands, rows, conditions = _keyed_rows(each, keys, dialect)
    key = [column_of(operand.alias, operand.column) for operand in operands]
    matched = [match_value(column, operand.type) for column, operand in zip(key, operands, strict=True)]
    columns, shown, shape = _projection(plan.level, dialect, cells=cells)
    conditions.extend(conditions_of(plan, dialect))
    grouped = grouping(plan.level, dialect, key)
    ordered = order_by(plan.order, dialect, plan.level)
    if plan.limit is None and not plan.offset:
        rest = sql("{},{} FROM {}{}{}{}", join(",", matched), shown, rows, where(conditions), grouped, ordered)
        return Selection(server.select(rest), shape, key_width=len(key))
    numbered = sql(
        "SELECT {},{},ROW_NUMBER() OVER (PARTITION BY {}{}) n FROM {}{}{}",
        join(",", [sql("{} {}", column, trusted(f"k{i}")) for i, column in enumerate(matched)]),
        join(",", [sql("{} {}", column, trusted(f"c{i}")) for i, column in enumerate(columns)]),
        join(",", key),
        ordered,
        rows,
        where(conditions),
        grouped,
    )
    names = join(",", [trusted(f"k{i}") for i in range(len(key))] + [trusted(f"c{i}") for i in range(len(columns))])
    bounds = sql("n>{}", value(plan.offset))
    if plan.limit is not None:
        bounds = sql("{} AND n<={}", bounds, value(plan.offset + plan.limit))
    rest = sql("{} FROM ({}) {} WHERE {} ORDER BY n", names, numbered, trusted(embed.level.alias + "w"), bounds)
    return Selection(server.select(rest), shape, key_width=len(key))


def select_count(plan: ReadPlan, server: Server, *, at_most: int | None = None) -> Statement:
    """The number of rows of the plan without its limit; counting stops at `at_most`."""
    dialect, grouped = server.dialect, plan.level.grouped
    rows = sql("FROM {}{}", rows_of(plan, dialect, filtering=not grouped), where(conditions_of(plan, dialect)))
    if not grouped and at_most is None:
        return server.select(sql("COUNT(*) {}", rows))
    # every group is a row, also the one of an empty table
    one = sql("COUNT(*)") if grouped else sql("1")
    counted = sql("SELECT {} {}{}{}", one, rows, grouping(plan.level, dialect), limit_clause(at_most, 0))
    return server.select(sql("COUNT(*) FROM ({}) g", counted))


def explain_count(plan: ReadPlan, server: Server) -> Statement:
    """The optimizer's estimate of the rows: the columns `rows` and `filtered` of EXPLAIN."""
    dialect = server.dialect
    rows = rows_of(plan, dialect, filtering=not plan.level.grouped)
    explained = sql("SELECT 1 FROM {}{}", rows, where(conditions_of(plan, dialect)))
    if dialect is Dialect.MYSQL:
        return sql("EXPLAIN FORMAT=TRADITIONAL {}", explained)
    return sql("EXPLAIN EXTENDED {}", explained)


def select_keys(plan: ReadPlan, columns: tuple[Column, ...], server: Server, *, for_update: bool) -> Statement:
    """The key columns of the root's rows, in the plan's order; `for_update` locks the rows of the root's table."""
    dialect, alias = server.dialect, plan.level.alias
    shown = join(",", [key_value(column_of(alias, column), column.type) for column in columns])
    lock = EMPTY
    if for_update:
        lock = sql(" FOR UPDATE OF {}", trusted(alias)) if dialect is Dialect.MYSQL else sql(" FOR UPDATE")
    rest = sql(
        "{} FROM {}{}{}{}{}",
        shown,
        rows_of(plan, dialect, filtering=not any(key.operand.outer for key in plan.order)),
        where(conditions_of(plan, dialect)),
        order_by(plan.order, dialect),
        limit_clause(plan.limit, plan.offset),
        lock,
    )
    return server.select(rest)


def order_by(order: tuple[OrderKey, ...], dialect: Dialect, level: Level | None = None) -> Sql:
    """The ORDER BY clause with a space before it. MySQL puts NULL first when ascending, last when descending."""
    keys: list[Sql] = []
    for key in order:
        operand = operand_sql(key.operand, dialect) if key.stored else compared_sql(key.operand, dialect)
        if level is not None and level.grouped and _is_derived(key.operand, level):
            # all rows of the group have the same value, which the server does not always recognise
            operand = sql("MAX({}+0)" if key.operand.type.kind in (Kind.ENUM, Kind.SET) else "MAX({})", operand)
        if key.nulls_first is not None and key.nulls_first == key.descending:
            keys.append(sql("{} IS NULL DESC", operand) if key.nulls_first else sql("{} IS NULL", operand))
        each = order_json(operand, dialect) if key.operand.type.kind is Kind.JSON else (operand,)
        keys.extend(sql("{} DESC", one) if key.descending else one for one in each)
    return sql(" ORDER BY {}", join(",", keys)) if keys else EMPTY


def _is_derived(operand: Operand, level: Level) -> bool:
    """The operand is an expression over a column of the GROUP BY."""
    return bool(operand.path) or operand.alias != level.alias or has_truth(operand.type)


def limit_clause(limit: int | None, offset: int) -> Sql:
    """LIMIT and OFFSET with a space before them; MySQL has no OFFSET without LIMIT."""
    if offset:
        return sql(" LIMIT {} OFFSET {}", value(2**64 - 1 if limit is None else limit), value(offset))
    return sql(" LIMIT {}", value(limit)) if limit is not None else EMPTY


_LONGEST_TEXT = MAX_STATEMENT_BYTES // 2
"""The longest select list of JSON text, in bytes; a longer one is read as cells, which leaves room for conditions."""


class _Projection(NamedTuple):
    """A level's select list, as columns and joined, and the shape of its rows."""

    columns: tuple[Sql, ...]
    written: Sql
    shape: Shape


def _projection(level: Level, dialect: Dialect, *, cells: bool) -> _Projection:
    if dialect is Dialect.MARIADB and level.grouped and level.table.is_view:
        # 10.11 loses groups of a view's rows if one text has several aggregates next to an EXISTS
        cells = True
    return level.cache.get(_PROJECTION, (dialect, cells), lambda: _projected(level, dialect, cells=cells))


_PROJECTION = CacheKey[_Projection]("projection")


def _projected(level: Level, dialect: Dialect, *, cells: bool) -> _Projection:
    columns, shape = (project_cells if cells else project_text)(level, dialect)
    columns = columns or [sql("NULL")]
    projection = _Projection(tuple(columns), join(",", columns), shape)
    too_long = not cells and size(projection.written) > _LONGEST_TEXT
    return _projected(level, dialect, cells=True) if too_long else projection


def _keyed_rows(
    each: EmbedPlan, keys: tuple[tuple[Value, ...], ...], dialect: Dialect
) -> tuple[tuple[Operand, ...], Sql, list[Sql]]:
    """The columns of the owner's key, the FROM, and the conditions that select the keys."""
    embed = each.embed
    relationship = embed.relationship
    rows = rows_of(each.plan, dialect)
    if relationship.junction is not None and embed.junction is not None:
        near, alias, names = embed.junction, embed.junction_alias, relationship.junction.origin_columns
        rows = sql("{}, {}", table_instance(embed.junction, alias), rows)
        conditions = [link_to_junction(embed)]
    else:
        near, alias, names = embed.level.table, embed.level.alias, relationship.target_columns
        conditions = []
    operands = tuple(Operand(alias, near.by_name[name]) for name in names)
    return operands, rows, [operator_sql(KeyIn(operands, keys), dialect), *conditions]
