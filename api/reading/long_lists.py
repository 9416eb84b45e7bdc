"""Reads whose `in` list makes the statement longer than RDS Proxy accepts without pinning the session.

The list is split into several statements that fetch only the keys and the values to sort by. Python merges these into
the order that the server would have produced and takes the page. The page's rows are then read by key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cmp_to_key

from api.catalog import Dialect, column_of
from api.plan.read import key_order, key_predicate
from api.plan.tree import Is, OneOf, OrderKey, Predicate, ReadPlan
from api.reading.rows import Reader, Rows, StatementTooLong, refuse_long
from api.sql.conditions import conditions_of, rows_of, where
from api.sql.operators import compared_sql, operand_sql
from api.sql.order import limit_clause, order_by
from api.sql.projection import key_value
from api.sql.read import Counting, select_rows
from api.sql.runs import key_runs, statement_runs
from api.sql.server import Server
from api.sql.weights import compare as compare_weights
from api.sql.weights import has_weights, order_weights
from api.statement import EMPTY, Sql, Value, join, literal_size, sql
from api.values.keys import Key, key_of


def read_long(
    reader: Reader, plan: ReadPlan, *, order_values: bool, counted: bool, total: Counting | None = None
) -> Rows:
    """The plan's rows, with their total if the list was split and `counted` is set, or as `total` asks for it.

    Raises: `ApiError` 54001 for a plan that cannot be split: no key, or the list is inside an `or`.
    """
    try:
        return reader.read(plan, order_values=order_values, total=total)
    except StatementTooLong:
        pass
    longest = _longest_list(plan)
    if longest is None or not plan.level.table.primary_key or not _mergeable(plan):
        return replace(reader, last_resort=True).read(plan, order_values=order_values)
    keys = _sorted_keys(reader, plan, longest, counted=counted)
    page = keys[plan.offset :] if plan.limit is None else keys[plan.offset : plan.offset + plan.limit]
    rows = _rows_by_key(reader, plan, longest, page, order_values=order_values)
    return replace(rows, total=len(keys) if counted else None)


def _longest_list(plan: ReadPlan) -> OneOf | None:
    lists = [each for each in plan.where if isinstance(each, OneOf)]
    return max(lists, key=lambda each: len(each.values), default=None)


def _mergeable(plan: ReadPlan) -> bool:
    """Whether Python can merge the rows of several statements into the plan's order."""
    return not plan.level.grouped and all(key.operand.type.kind.traits.sorting for key in plan.order)


def _without(plan: ReadPlan, longest: OneOf, *instead: Predicate) -> tuple[Predicate, ...]:
    return (*(each for each in plan.where if each is not longest), *instead)


def _sorted_keys(reader: Reader, plan: ReadPlan, longest: OneOf, *, counted: bool) -> list[Key]:
    """The keys of the plan's rows, in its order: of all rows if `counted`, else of as many as the page can need."""
    # the page's rows are among this many first rows of each part
    most = None if counted or plan.limit is None else plan.offset + plan.limit
    if longest.negated:
        listed = replace(longest, negated=False)
        unordered = replace(plan, order=())
        excluded = _keys(reader, unordered, longest, _parts(unordered, longest, listed, None, reader.server), None)
        others = (Is(longest.operand, "not_null"),)
        found = _keys(reader, plan, longest, others, None if most is None else most + len(excluded))
        found = {key: values for key, values in found.items() if key not in excluded}
    else:
        found = _keys(reader, plan, longest, _parts(plan, longest, longest, most, reader.server), most)
    if plan.order:
        by_order = cmp_to_key(_comparison(plan.order))
        return sorted(found, key=lambda key: by_order(found[key]))
    return list(found)


def _keys(
    reader: Reader, plan: ReadPlan, longest: OneOf, parts: Iterable[Predicate], most: int | None
) -> dict[Key, tuple[object, ...]]:
    """The keys of the rows that any of the parts finds when it replaces the list, with the values to sort by."""
    found: dict[Key, tuple[object, ...]] = {}
    columns = [plan.level.table.by_name[name] for name in plan.level.table.primary_key]
    width = len(columns)
    for part in parts:
        statement = _key_statement(replace(plan, where=_without(plan, longest, part)), most, reader.server)
        refuse_long(statement)
        for row in reader.session.rows(statement):
            found.setdefault(key_of(columns, row), tuple(row[width:]))
    return found


def _parts(plan: ReadPlan, longest: OneOf, listed: OneOf, most: int | None, server: Server) -> Iterator[OneOf]:
    """The list in parts that each keep the statement short enough."""

    def statement(values: tuple[Value, ...]) -> Sql:
        part = replace(plan, where=_without(plan, longest, replace(listed, values=values)))
        return _key_statement(part, most, server)

    for values in statement_runs(tuple(dict.fromkeys(listed.values)), statement, literal_size):
        yield replace(listed, values=values)


def _key_statement(plan: ReadPlan, most: int | None, server: Server) -> Sql:
    dialect, table, alias = server.dialect, plan.level.table, plan.level.alias
    columns = [table.by_name[name] for name in table.primary_key]
    shown = [key_value(column_of(alias, column), column.type) for column in columns]
    shown.extend(_sort_value(key, dialect) for key in plan.order)
    return server.select(
        sql(
            "{} FROM {}{}{}{}",
            join(",", shown),
            rows_of(plan, dialect),
            where(conditions_of(plan, dialect)),
            order_by(plan.order, dialect) if most is not None else EMPTY,
            limit_clause(most, 0),
        )
    )


def _sort_value(key: OrderKey, dialect: Dialect) -> Sql:
    """A value that Python orders as the server orders the operand."""
    operand = key.operand
    expression = operand_sql(operand, dialect) if key.stored else compared_sql(operand, dialect)
    match operand.type.kind.traits.sorting:
        case "number":
            return sql("{}+0", expression)
        case "double":
            return sql("{}+0e0", expression)
        case "weights":
            return order_weights(expression, operand.type) if has_weights(operand.type) else sql("HEX({})", expression)
        case "bytes":
            return sql("HEX({})", expression)
        case "decimal" | "text" | None:
            return expression


def _comparison(order: tuple[OrderKey, ...]) -> Callable[[tuple[object, ...], tuple[object, ...]], int]:
    def compare(one: tuple[object, ...], other: tuple[object, ...]) -> int:
        for key, left, right in zip(order, one, other, strict=True):
            if left == right:
                continue
            if left is None or right is None:
                return -1 if (left is None) == bool(key.nulls_first) else 1
            sorting = key.operand.type.kind.traits.sorting
            if sorting in ("number", "decimal", "double"):
                smaller = Decimal(str(left)) < Decimal(str(right))
            elif sorting == "weights" and has_weights(key.operand.type):
                compared = compare_weights(str(left), str(right))
                if not compared:
                    continue
                smaller = compared < 0
            else:
                smaller = str(left) < str(right)
            return -1 if smaller != key.descending else 1
        return 0

    return compare


def _rows_by_key(reader: Reader, plan: ReadPlan, longest: OneOf, page: Sequence[Key], *, order_values: bool) -> Rows:
    """The page's rows, in the order of its keys."""
    table, alias = plan.level.table, plan.level.alias
    columns = [table.by_name[name] for name in table.primary_key]
    width = len(columns)
    by_key: dict[Key, bytes] = {}
    values: dict[Key, tuple[object, ...]] = {}
    ordered = replace(plan, order=(*plan.order, *key_order(columns, alias)), limit=None, offset=0)

    def of_keys(keys: tuple[Key, ...]) -> ReadPlan:
        wanted = key_predicate(table, alias, table.primary_key, keys)
        return replace(ordered, where=_without(plan, longest, wanted))

    def statement(keys: tuple[Key, ...]) -> Sql:
        return select_rows(of_keys(keys), reader.server, cells=reader.wants_cells, order_values=True).statement

    for keys in key_runs(page, statement):
        rows = replace(reader, last_resort=True).read(of_keys(keys), order_values=True)
        for encoded, row in zip(rows.encoded, rows.order_values, strict=True):
            key = key_of(columns, row[-width:])
            by_key[key] = encoded
            values[key] = tuple(row[:-width])
    present = [key for key in page if key in by_key]
    return Rows([by_key[key] for key in present], tuple(values[key] for key in present) if order_values else ())
