"""The statements of a read: the root's rows, an embed's rows by key, counts, and the keys that a write locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from api.catalog import CacheKey, Column, Dialect, column_of
from api.plan.levels import Level
from api.plan.operands import Operand
from api.plan.tree import EmbedPlan, KeyIn, OrderKey, ReadPlan
from api.sql.conditions import conditions_of, groups_of, link_to_junction, rows_of, table_instance, where
from api.sql.json_text import plain
from api.sql.nested import can_nest_all, may_fill_first, nested, page
from api.sql.operators import operand_sql, operator_sql
from api.sql.order import limit_clause, order_by, ordered_by
from api.sql.projection import (
    Fill,
    Shape,
    Texts,
    holes,
    key_value,
    match_value,
    object_pieces,
    project_cells,
    project_text,
    unfilled,
)
from api.sql.server import Server
from api.statement import EMPTY, LONGEST_PART, Sql, Statement, Value, join, size, sql, trusted, value


@dataclass(frozen=True, slots=True)
class Selection:
    """A statement, and the shape of its rows. An embed's rows start with `key_width` columns of their key.

    After the shape's columns come those of the order, and of the total.
    """

    statement: Statement
    shape: Shape
    key_width: int = 0
    order_values: int = 0
    """The number of columns that are the values of the order's keys (for keyset paging)."""
    counted: bool = False
    """The last column of each row is the total."""

    def of(self, statement: Statement) -> Selection:
        """The same selection by another statement."""
        return Selection(statement, self.shape, self.key_width, self.order_values, self.counted)


@dataclass(frozen=True, slots=True)
class Counting:
    """How to count a plan's rows: up to `at_most`, or all."""

    at_most: int | None = None


ALL = Counting()


def select_rows(
    plan: ReadPlan,
    server: Server,
    *,
    cells: bool = False,
    order_values: bool = False,
    nest: bool = False,
    total: Counting | None = None,
) -> Selection:
    """The root's rows.

    Args:
        nest: With the rows of the embeds that can be part of this statement.
        total: Count the rows without the limit, in a column of each row.
    """
    dialect = server.dialect
    source = sql("FROM {}{}", rows_of(plan, dialect), where(conditions_of(plan, dialect)))
    further = [_order_value(key, dialect) for key in plan.order] if order_values else []
    early = nest and may_fill_first(plan)
    shown: Sequence[Sql]
    shape: Shape
    if early and not cells and can_nest_all(plan, dialect) and not _needs_cells(plan.level, dialect):
        rows = page(plan, [object_pieces(plan.level, dialect)], source, dialect, further)
        shown, shape, further = rows.written, Texts((0,)), list(rows.further)
        rest = sql("FROM {}{}", rows.table, ordered_by(rows.order))
    else:
        fill = nested(plan, dialect) if nest and not early else unfilled
        shown, _, shape = _projection(plan.level, dialect, cells=cells, fill=fill)
        rest = sql(
            "{}{}{}{}",
            source,
            groups_of(plan, dialect),
            order_by(plan.order, dialect, plan.level),
            limit_clause(plan.limit, plan.offset),
        )
    if total is not None:
        further.append(sql("(SELECT {})", _counted(plan, dialect, total.at_most)))
    statement = server.select(sql("{} {}", join(",", [*shown, *further]), rest))
    width = len(plan.order) if order_values else 0
    return Selection(statement, shape, order_values=width, counted=total is not None)


def _order_value(key: OrderKey, dialect: Dialect) -> Sql:
    operand = operand_sql(key.operand, dialect)
    return key_value(operand, key.operand.type) if key.stored else plain(operand, key.operand.type, stored=False)


def select_embedded(
    each: EmbedPlan, keys: tuple[tuple[Value, ...], ...], server: Server, *, cells: bool = False, nest: bool = False
) -> Selection:
    """The rows of a to-many embed (or a to-one that is read separately) for these keys of the owner.

    Each row starts with its key. A limit or offset applies to each key separately. `nest` is as in `select_rows`.
    """
    embed, plan, dialect = each.embed, each.plan, server.dialect
    operands, rows, conditions = _keyed_rows(each, keys, dialect)
    key = [column_of(operand.alias, operand.column) for operand in operands]
    matched = [match_value(column, operand.type) for column, operand in zip(key, operands, strict=True)]
    fill = nested(plan, dialect) if nest and not cells else unfilled
    columns, shown, shape = _projection(plan.level, dialect, cells=cells, fill=fill)
    conditions.extend(conditions_of(plan, dialect))
    grouped = groups_of(plan, dialect, key)
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


def select_count(plan: ReadPlan, server: Server, counting: Counting = ALL) -> Statement:
    """The number of rows of the plan without its limit."""
    return server.select(_counted(plan, server.dialect, counting.at_most))


def _counted(plan: ReadPlan, dialect: Dialect, at_most: int | None) -> Sql:
    grouped = plan.level.grouped
    rows = sql("FROM {}{}", rows_of(plan, dialect, filtering=not grouped), where(conditions_of(plan, dialect)))
    if not grouped and at_most is None:
        return sql("COUNT(*) {}", rows)
    # every group is a row, including the one of an empty table
    one = sql("COUNT(*)") if grouped else sql("1")
    counted = sql("SELECT {} {}{}{}", one, rows, groups_of(plan, dialect), limit_clause(at_most, 0))
    return sql("COUNT(*) FROM ({}) g", counted)


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


class _Projection(NamedTuple):
    """A level's select list, as columns and joined, and the shape of its rows."""

    columns: tuple[Sql, ...]
    written: Sql
    shape: Shape


def _projection(level: Level, dialect: Dialect, *, cells: bool, fill: Fill = unfilled) -> _Projection:
    cells = cells or _needs_cells(level, dialect)
    if fill is not unfilled and holes(level):
        return _projected(level, dialect, cells, fill)
    return level.cache.get(_PROJECTION, (dialect, cells), lambda: _projected(level, dialect, cells, unfilled))


_PROJECTION = CacheKey[_Projection]("projection")


def _needs_cells(level: Level, dialect: Dialect) -> bool:
    """MariaDB 10.11 loses groups of a view's rows if one text has several aggregates next to an EXISTS."""
    return dialect is Dialect.MARIADB and level.grouped and level.table.is_view


def _projected(level: Level, dialect: Dialect, cells: bool, fill: Fill) -> _Projection:
    columns, shape = (project_cells if cells else project_text)(level, dialect, fill)
    columns = columns or [sql("NULL")]
    projection = _Projection(tuple(columns), join(",", columns), shape)
    too_long = not cells and size(projection.written) > LONGEST_PART
    return _projected(level, dialect, True, fill) if too_long and fill is unfilled else projection


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
