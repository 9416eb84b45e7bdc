"""Which BINARY(16) columns store UUIDs: by their default, by their comment, or because they refer to one that does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from api.catalog import Column, Table, TableKey, UuidOrder

_DEFAULT = re.compile(r"\(*uuid_to_bin\(uuid\(\)(?:,(?P<swap>\w+))?\)\)*|\(*unhex\(replace\(uuid\(\),'-',''\)\)\)*")
_COMMENT = re.compile(r"@uuid\b(?P<swap>\(swap\))?")


def uuid_order(column: Column) -> UuidOrder | None:
    """The order of the bytes of a column's UUIDs; None if nothing says that it stores them.

    The default decides, such as `(uuid_to_bin(uuid(), true))`, or else the comment: `@uuid` or `@uuid(swap)`.
    """
    if not _is_candidate(column):
        return None
    written = re.sub(r"_utf8mb4|\s", "", (column.default or "").lower()) if column.default_is_expression else ""
    by_default = _DEFAULT.fullmatch(written)
    if by_default is not None:
        return UuidOrder.PLAIN if by_default["swap"] in (None, "0", "false") else UuidOrder.SWAPPED
    by_comment = _COMMENT.search(column.comment)
    if by_comment is not None:
        return UuidOrder.PLAIN if by_comment["swap"] is None else UuidOrder.SWAPPED
    return None


def _is_candidate(column: Column) -> bool:
    return column.type.name == "binary" and column.type.length == 16


def with_uuids(tables: Iterable[Table]) -> list[Table]:
    """The tables with `ColumnType.uuid` of every column that stores UUIDs.

    A foreign key stores those of what it refers to, and a view's column shows those of its table.
    """
    found = {table.key: table for table in tables}
    orders = {
        (table.key, column.name): order
        for table in found.values()
        for column in table.columns
        if (order := uuid_order(column)) is not None
    }
    references = _references(found.values()) if orders else {}
    waiting = list(orders)
    while waiting:
        target = waiting.pop()
        for source in references.get(target, ()):
            table, name = source
            if source not in orders and _is_candidate(found[table].by_name[name]):
                orders[source] = orders[target]
                waiting.append(source)
    return [_with_orders(table, orders) for table in found.values()]


_ColumnKey = tuple[TableKey, str]


def _references(tables: Iterable[Table]) -> dict[_ColumnKey, list[_ColumnKey]]:
    """The columns that show or refer to each column."""
    found: dict[_ColumnKey, list[_ColumnKey]] = {}
    for table in tables:
        for shown in table.view_columns:
            found.setdefault((shown.table, shown.table_column), []).append((table.key, shown.column))
        for key in table.foreign_keys:
            for column, target in zip(key.columns, key.referenced_columns, strict=True):
                found.setdefault((key.referenced, target), []).append((table.key, column))
    return found


def _with_orders(table: Table, orders: dict[_ColumnKey, UuidOrder]) -> Table:
    if not any((table.key, column.name) in orders for column in table.columns):
        return table
    typed = [(column, orders.get((table.key, column.name))) for column in table.columns]
    return replace(table, columns=tuple(replace(each, type=replace(each.type, uuid=order)) for each, order in typed))
