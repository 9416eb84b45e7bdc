"""To-many embeds inside the statement of their owner: a subquery that aggregates the JSON text of the related rows.

    SELECT CONCAT('{"purchase":',
        (SELECT CONCAT('[',IFNULL(GROUP_CONCAT(CONCAT('{"id":',e1.id,'}') ORDER BY e1.id),''),']')
            FROM purchase e1 WHERE t.id = e1.customer_id),
        '}') FROM customer t

GROUP_CONCAT cuts a text that is longer than `group_concat_max_len`, and CONCAT returns NULL for one that is longer than
`max_allowed_packet`. Both cause a warning, after which the rows have to be read again without nesting. For one row
with more than `MOST_ROWS` related rows the statement causes a warning, too: the server would sort them in memory.

A limit for each row is LIMIT in a derived table that refers to the owner (MySQL 8.0.14), or in the GROUP_CONCAT
(MariaDB, which has no such derived tables).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from api.catalog import Dialect
from api.plan.levels import EmbedOutput, Level, grouped_by
from api.plan.tree import EmbedPlan, Exists, ReadPlan, embeds_of, joined, leaves
from api.plan.visible import has_subquery
from api.sql.conditions import groups_of, owner_key, related_rows
from api.sql.order import OrderTerm, limit_clause, order_by, order_terms, ordered_by
from api.sql.projection import Fill, Piece, concat, holes, item_text, object_pieces, unfilled
from api.statement import EMPTY, Sql, join, sql, trusted, value
from api.values.encode import quote

MOST_ROWS = 20_000
"""The most related rows of one row that the server sorts in memory, if no limit of the request is lower."""


MOST_LEVELS = 10
"""The most levels of embeds in one statement. Each is up to two SELECTs, and MySQL allows 63 nested ones:
https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html#error_er_too_high_level_of_nesting_for_select"""


MOST_GROUPED_OWNERS = 200
"""The most rows whose embed is grouped by columns inside their statement: beyond that, a statement that groups the
related rows of all of them is faster (`bench/trips.py`)."""


def _can_nest(each: EmbedPlan, dialect: Dialect, owners: float, levels: int = MOST_LEVELS) -> bool:
    """Whether the embed, with everything in it, belongs in the statement of its owner.

    Args:
        owners: The most rows that have this embed.
        levels: The most levels of embeds.
    """
    plan, level = each.plan, each.plan.level
    if not levels:
        return False
    below = holes(level)
    if level.grouped:
        if grouped_by(level) and (dialect is Dialect.MARIADB or owners > MOST_GROUPED_OWNERS):
            return False
        if dialect is Dialect.MARIADB and level.table.is_view:
            return False
        if (not grouped_by(level) and plan.offset) or (below and each.embed.relationship.cardinality.to_one):
            return False
    if each.embed.spread and any(output.embed.spread for output in below):
        return False
    rows = owners if each.embed.relationship.cardinality.to_one else owners * _most_rows(plan)
    return _can_nest_all(plan, dialect, rows, levels - 1)


def can_nest_all(plan: ReadPlan, dialect: Dialect) -> bool:
    """Whether all embeds of a plan belong in its statement."""
    return _can_nest_all(plan, dialect, _most_rows(plan), MOST_LEVELS)


def _can_nest_all(plan: ReadPlan, dialect: Dialect, rows: float, levels: int) -> bool:
    plans = embeds_of(plan)
    return all(_can_nest(plans[output.embed], dialect, rows, levels) for output in holes(plan.level))


def _most_rows(plan: ReadPlan) -> float:
    """The most rows of a plan, as far as known: a table's size is an estimate."""
    limit = math.inf if plan.limit is None else plan.limit
    return limit if plan.level.table.rows_estimate is None else min(limit, plan.level.table.rows_estimate)


def nested(plan: ReadPlan, dialect: Dialect) -> Fill:
    """Fills the holes of a plan whose rows are selected without a derived table; not those of groups, for which MySQL
    may look up the key of another group."""
    if plan.level.grouped:
        return unfilled
    plans, rows = embeds_of(plan), _most_rows(plan)

    def fill(output: EmbedOutput) -> Sql | None:
        each = plans[output.embed]
        if not _can_nest(each, dialect, rows):
            return None
        return _text(output, each, owner_key(each.embed), dialect)

    return fill


class Page(NamedTuple):
    """A derived table with the rows of one page, and the expressions over it."""

    table: Sql
    written: tuple[Sql, ...]
    """The JSON of a row, in as many parts as requested."""
    order: tuple[OrderTerm, ...]
    further: tuple[Sql, ...]


def page(
    plan: ReadPlan, parts: Iterable[Iterable[Piece]], source: Sql, dialect: Dialect, further: Sequence[Sql] = ()
) -> Page:
    """The rows limited before their holes are filled: for a server that would otherwise fill those of all rows first.

    Args:
        parts: The JSON of a row, in pieces.
        source: FROM and WHERE of the rows.
        further: Other expressions over the rows.
    """
    alias, plans = plan.level.alias + "w", embeds_of(plan)
    columns: list[Sql] = []

    def column(expression: Sql) -> Sql:
        name = f"c{len(columns)}"
        columns.append(sql("{} {}", expression, trusted(name)))
        return trusted(f"{alias}.{name}")

    def written(pieces: Iterable[Piece]) -> Sql:
        found: list[Sql | str] = []
        run: list[Sql | str] = []
        for piece in (*pieces, None):
            if isinstance(piece, str | Sql):
                run.append(piece)
                continue
            if run:
                found.append(column(concat(run)))
                run = []
            if piece is not None:
                key = [column(each) for each in owner_key(piece.embed)]
                found.append(_text(piece, plans[piece.embed], key, dialect))
        return concat(found)

    shown = tuple(written(pieces) for pieces in parts)
    order = tuple(
        OrderTerm(column(term.expression), term.descending)
        for term in order_terms(plan.order, dialect, plan.level, in_aggregate=True)
    )
    others = tuple(column(each) for each in further)
    limit = limit_clause(plan.limit, plan.offset)
    rows = sql(
        "(SELECT {} {}{}{}{}) {}",
        join(",", columns),
        source,
        groups_of(plan, dialect),
        order_by(plan.order, dialect, plan.level) if limit else EMPTY,
        limit,
        trusted(alias),
    )
    return Page(rows, shown, order, others)


def may_fill_first(plan: ReadPlan) -> bool:
    """Whether the server may fill the holes of more rows than it returns: it does if it sorts rows in a temporary
    table, because the first table that it reads is not the one that the rows are ordered by, or because it groups."""
    if plan.limit is None:
        return plan.level.grouped
    return (
        plan.level.grouped
        or plan.level.table.is_view
        or any(joined(each) and (each.embed.inner or each.ordered_by) for each in plan.embeds)
        or any(key.operand.alias != plan.level.alias for key in plan.order)
        # a subquery, which the server may turn into a join
        or any(isinstance(leaf, Exists) for leaf in leaves(plan.where))
        or has_subquery(plan.visible)
    )


def _text(output: EmbedOutput, each: EmbedPlan, key: list[Sql], dialect: Dialect) -> Sql:
    """What fills the hole of an embed: its value, or for a spread its members."""
    level = each.plan.level
    if each.embed.relationship.cardinality.to_one:
        return _object(each, key, dialect)
    if each.embed.spread:
        members = _member_pieces(level, dialect)
        names = [f"{quote(name)}:" for name, _ in members]
        text = _arrays(each, key, dialect, names, [(piece,) for _, piece in members])
        absent = ",".join([f"{name}null" for name in names])
    elif level.grouped and not grouped_by(level):
        text = sql("CONCAT('[',(SELECT {} {}),']')", concat(_pieces(each, dialect)), related_rows(each, key, dialect))
        absent = "null"
    else:
        text = _arrays(each, key, dialect, [""], [object_pieces(level, dialect)])
        absent = "null"
    return sql("IF({},{},{})", _is_null(key), value(absent), text) if output.outer else text


def _is_null(key: list[Sql]) -> Sql:
    return join(" OR ", [sql("{} IS NULL", column) for column in key])


def _pieces(each: EmbedPlan, dialect: Dialect) -> list[Sql | str]:
    """The text of an embed's row, its holes filled."""
    return _filled(object_pieces(each.plan.level, dialect), each.plan, dialect)


def _filled(pieces: Iterable[Piece], plan: ReadPlan, dialect: Dialect) -> list[Sql | str]:
    plans = embeds_of(plan)
    return [
        _text(piece, plans[piece.embed], owner_key(piece.embed), dialect) if isinstance(piece, EmbedOutput) else piece
        for piece in pieces
    ]


def _object(each: EmbedPlan, key: list[Sql], dialect: Dialect) -> Sql:
    """A to-one embed: its row's text, or null."""
    plan, level = each.plan, each.plan.level
    text = sql(
        "(SELECT {} {}{}{})",
        concat(_pieces(each, dialect)),
        related_rows(each, key, dialect),
        groups_of(plan, dialect),
        limit_clause(1, plan.offset),
    )
    if level.grouped and not grouped_by(level):
        return sql("IF({},'null',{})", _is_null(key), text)  # without rows, aggregates have a value all the same
    return sql("IFNULL({},'null')", text)


def _member_pieces(level: Level, dialect: Dialect) -> list[tuple[str, Piece]]:
    """The members of a spread's row."""
    open_ = holes(level)
    return [
        (item.name, item if isinstance(item, EmbedOutput) and item in open_ else item_text(item, level, dialect))
        for item in level.items
    ]


def _arrays(
    each: EmbedPlan, key: list[Sql], dialect: Dialect, names: list[str], parts: Sequence[Iterable[Piece]]
) -> Sql:
    """For each part of a row's JSON, an array over the embed's rows, with this name before it."""
    plan, level = each.plan, each.plan.level
    limited = plan.limit is not None or plan.offset > 0
    source = related_rows(each, key, dialect)
    if level.grouped or (limited and dialect is Dialect.MYSQL):
        rows = page(plan, parts, source, dialect)
        written, ordered, limit, source = rows.written, ordered_by(rows.order), EMPTY, sql("FROM {}", rows.table)
    else:
        written = tuple(concat(_filled(pieces, plan, dialect)) for pieces in parts)
        ordered = ordered_by(order_terms(plan.order, dialect, level, in_aggregate=True))
        limit = limit_clause(plan.limit, plan.offset)
    arrays: list[Sql | str] = []
    for name, text in zip(names, written, strict=True):
        separator = "," if arrays else ""
        arrays += [f"{separator}{name}[", sql("IFNULL(GROUP_CONCAT({}{}{}),'')", text, ordered, limit), "]"]
    text = sql("(SELECT {} {})", concat(arrays), source)
    if not _may_be_many(each, dialect):
        return text
    further = sql("(SELECT 1 {} LIMIT {},1)", related_rows(each, key, dialect, filtering=True), value(MOST_ROWS))
    return sql("IF({} IS NULL,{},1/0)", further, text)


def _may_be_many(each: EmbedPlan, dialect: Dialect) -> bool:
    """Whether one row may have more related rows than the server should sort in memory."""
    plan, embed = each.plan, each.embed
    if plan.level.grouped or (dialect is Dialect.MYSQL and plan.limit is not None and plan.limit <= MOST_ROWS):
        return False
    estimate = (embed.junction or embed.level.table).rows_estimate
    return estimate is None or estimate > MOST_ROWS // 2
