"""Reads whose `in` list would make the statement longer than RDS Proxy lets pass without pinning the session.

The list is cut into several statements that fetch the key and the order's values only; Python merges them into the
order that the server would have given, takes the page, and the page's rows are read by key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cmp_to_key

from api.catalog import Dialect, Kind, column_of
from api.plan.operands import Operand
from api.plan.read import key_predicate
from api.plan.tree import Is, OneOf, OrderKey, Predicate, ReadPlan
from api.reading.rows import Reader, Rows, StatementTooLong, chunks
from api.sql.conditions import all_of, rows_of, where
from api.sql.json_text import plain
from api.sql.operators import compared_sql
from api.sql.read import limit_clause, order_by
from api.sql.server import Server
from api.statement import MAX_STATEMENT_BYTES, Sql, join, size, sql
from api.values.keys import Key, key_of

_NUMBERS = frozenset({Kind.INTEGER, Kind.YEAR, Kind.BITS, Kind.BOOLEAN, Kind.ENUM, Kind.SET})


def read_long(reader: Reader, plan: ReadPlan, *, order_values: bool, counted: bool) -> tuple[Rows, int | None]:
    """The plan's rows; where its list had to be cut and `counted`, also how many rows there are without the limit.

    A plan that cannot be cut (no key, the list within an `or`) is sent as it is: the session is closed after it.
    """
    try:
        return reader.read(plan, order_values=order_values), None
    except StatementTooLong:
        pass
    longest = _longest_list(plan)
    if longest is None or not plan.level.table.primary_key or not _mergeable(plan):
        return replace(reader, allow_long=True).read(plan, order_values=order_values), None
    keys = _sorted_keys(reader, plan, longest, counted=counted)
    page = keys[plan.offset :] if plan.limit is None else keys[plan.offset : plan.offset + plan.limit]
    rows = _rows_by_key(reader, plan, longest, page, order_values=order_values)
    return rows, len(keys) if counted else None


def _longest_list(plan: ReadPlan) -> OneOf | None:
    lists = [each for each in plan.where if isinstance(each, OneOf)]
    return max(lists, key=lambda each: len(each.values), default=None)


def _mergeable(plan: ReadPlan) -> bool:
    """Python can put the rows of several statements into the plan's order."""
    unordered = (Kind.JSON, Kind.GEOMETRY)
    return not plan.level.grouped and not any(key.operand.type.kind in unordered for key in plan.order)


def _without(plan: ReadPlan, longest: OneOf, *instead: Predicate) -> tuple[Predicate, ...]:
    return (*(each for each in plan.where if each is not longest), *instead)


def _sorted_keys(reader: Reader, plan: ReadPlan, longest: OneOf, *, counted: bool) -> list[Key]:
    """The keys of all rows of the plan (without `counted`: of as many as the page can need), in its order."""
    # a page of the whole is made of the same many first rows of each part
    most = None if counted or plan.limit is None else plan.offset + plan.limit
    if longest.negated:
        listed = replace(longest, negated=False)
        excluded = _keys(reader, replace(plan, order=()), longest, _parts(plan, longest, listed, reader.server), None)
        others = (Is(longest.operand, "not_null"),)
        found = _keys(reader, plan, longest, others, None if most is None else most + len(excluded))
        found = {key: values for key, values in found.items() if key not in excluded}
    else:
        found = _keys(reader, plan, longest, _parts(plan, longest, longest, reader.server), most)
    if plan.order:
        by_order = cmp_to_key(_comparison(plan.order))
        return sorted(found, key=lambda key: by_order(found[key]))
    return list(found)


def _keys(
    reader: Reader, plan: ReadPlan, longest: OneOf, parts: Iterable[Predicate], most: int | None
) -> dict[Key, tuple[object, ...]]:
    """The keys of the rows that one of the parts finds in the place of the list, with what they are sorted by."""
    found: dict[Key, tuple[object, ...]] = {}
    width = len(plan.level.table.primary_key)
    for part in parts:
        statement = _key_statement(replace(plan, where=_without(plan, longest, part)), most, reader.server)
        for row in reader.session.rows(statement):
            key: Key = tuple(row[:width])  # type: ignore[arg-type]
            found.setdefault(key, tuple(row[width:]))
    return found


def _parts(plan: ReadPlan, longest: OneOf, listed: OneOf, server: Server) -> Iterator[OneOf]:
    """The list in parts, each of which leaves the statement short."""
    fixed = size(_key_statement(replace(plan, where=_without(plan, longest)), None, server))
    values = [(value,) for value in dict.fromkeys(listed.values)]
    for chunk in chunks(values, max(MAX_STATEMENT_BYTES - fixed - 256, MAX_STATEMENT_BYTES // 8)):
        yield replace(listed, values=tuple(key[0] for key in chunk))


def _key_statement(plan: ReadPlan, most: int | None, server: Server) -> Sql:
    dialect, table, alias = server.dialect, plan.level.table, plan.level.alias
    columns = [table.by_name[name] for name in table.primary_key]
    shown = [plain(column_of(alias, column), column.type) for column in columns]
    shown.extend(_sort_value(key.operand, dialect) for key in plan.order)
    return server.select(
        sql(
            "{} FROM {}{}{}{}",
            join(",", shown),
            rows_of(plan, dialect),
            where(all_of(plan.where, dialect)),
            order_by(plan.order, dialect) if most is not None else Sql(""),
            limit_clause(most, 0),
        )
    )


def _sort_value(operand: Operand, dialect: Dialect) -> Sql:
    """A value that Python compares as the server compares the operand."""
    expression, kind = compared_sql(operand, dialect), operand.type.kind
    if kind in _NUMBERS or kind is Kind.TIME:
        return sql("{}+0", expression)
    if kind is Kind.FLOAT:
        return sql("{}+0e0", expression)
    if kind is Kind.TEXT:
        return sql("HEX(WEIGHT_STRING({}))", expression)
    return sql("HEX({})", expression) if kind is Kind.BINARY else expression


def _comparison(order: tuple[OrderKey, ...]) -> Callable[[tuple[object, ...], tuple[object, ...]], int]:
    def compare(one: tuple[object, ...], other: tuple[object, ...]) -> int:
        for key, left, right in zip(order, one, other, strict=True):
            if left == right:
                continue
            if left is None or right is None:
                return -1 if (left is None) == bool(key.nulls_first) else 1
            if key.operand.type.kind in (Kind.DECIMAL, Kind.TIME, Kind.FLOAT, *_NUMBERS):
                smaller = Decimal(str(left)) < Decimal(str(right))
            else:
                smaller = str(left) < str(right)
            return -1 if smaller != key.descending else 1
        return 0

    return compare


def _rows_by_key(reader: Reader, plan: ReadPlan, longest: OneOf, page: Sequence[Key], *, order_values: bool) -> Rows:
    """The page's rows, in the order of its keys."""
    table, alias = plan.level.table, plan.level.alias
    columns = [table.by_name[name] for name in table.primary_key]
    by_key = tuple(OrderKey(Operand(alias, column)) for column in columns)
    width = len(by_key)
    texts: dict[Key, str] = {}
    values: dict[Key, tuple[object, ...]] = {}
    ordered = replace(plan, order=(*plan.order, *by_key), limit=None, offset=0)
    for chunk in chunks([key_of(columns, key) for key in page], MAX_STATEMENT_BYTES // 3):
        wanted = key_predicate(table, alias, table.primary_key, chunk)
        rows = replace(reader, allow_long=True).read(
            replace(ordered, where=_without(plan, longest, wanted)), order_values=True
        )
        for text, row in zip(rows.texts, rows.order_values, strict=True):
            key: Key = tuple(row[-width:])  # type: ignore[arg-type]
            texts[key] = text
            values[key] = tuple(row[:-width])
    present = [key for key in page if key in texts]
    return Rows([texts[key] for key in present], tuple(values[key] for key in present) if order_values else ())
