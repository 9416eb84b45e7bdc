"""Which BINARY(16) columns store UUIDs: by their default, by their comment, or because they refer to one that does."""

from __future__ import annotations

import re
from collections.abc import Mapping
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


def with_uuids(table: Table, base_tables: Mapping[TableKey, Table]) -> Table:
    """The table with `ColumnType.uuid` of every column that stores UUIDs.

    A foreign key stores those of what it refers to, in `base_tables`. A view's column has the type of its base column.
    """
    orders = {column.name: _stored_order(table, column, base_tables) for column in table.columns}
    if not any(orders.values()):
        return table
    return replace(
        table,
        columns=tuple(
            column if orders[column.name] is None else replace(column, type=replace(column.type, uuid=order))
            for column, order in zip(table.columns, orders.values(), strict=True)
        ),
    )


def _stored_order(table: Table, column: Column, base_tables: Mapping[TableKey, Table]) -> UuidOrder | None:
    """The order of a column's own UUIDs, or else of those that it refers to, directly or through other columns."""
    seen: set[tuple[TableKey, str]] = set()
    waiting = [(table, column)] if _is_candidate(column) else []
    while waiting:
        here, stored = waiting.pop()
        if (here.key, stored.name) in seen:
            continue
        seen.add((here.key, stored.name))
        order = uuid_order(stored)
        if order is not None:
            return order
        for key in here.foreign_keys:
            referenced = base_tables.get(key.referenced)
            if referenced is None or stored.name not in key.columns:
                continue
            target = referenced.by_name.get(key.referenced_columns[key.columns.index(stored.name)])
            if target is not None and _is_candidate(target):
                waiting.append((referenced, target))
    return None
