"""Detect a table that differs from the catalog: the columns' types and the key come with every result.

The catalog is up to a minute old. A statement that returns no rows shows what the table is like now; within a
transaction it also keeps it that way, because a schema change waits for the transaction's end
(https://dev.mysql.com/doc/refman/8.4/en/metadata-locking.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from api import errors
from api.catalog import Column, Dialect, Kind, Table, column_name, table_name
from api.database.results import ResultColumn
from api.plan.operands import has_truth
from api.plan.tree import ReadPlan
from api.statement import Statement, join, sql

_WHOLE = frozenset({1, 2, 3, 8, 9, 13, 16})
_STRINGS = frozenset({15, *range(247, 255)})
_TINY, _VECTOR, _JSON = 1, 242, 245
_OF_KIND = {
    Kind.DECIMAL: frozenset({0, 246}),
    Kind.FLOAT: frozenset({4, 5}),
    Kind.DATE: frozenset({10, 14}),
    Kind.TIME: frozenset({11}),
    Kind.DATETIME: frozenset({7, 12}),
    Kind.TIMESTAMP: frozenset({7, 12}),
    Kind.GEOMETRY: frozenset({255}),
}
"""The protocol's types (https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html). It has one for both
strings and bytes, and a view may return a type that is only similar to the declared one."""
_PRIMARY_KEY = 2


class Described(Protocol):
    """The session that the check requires, such as `api.database.Session`."""

    warnings: int

    def columns(self, statement: Statement) -> Sequence[ResultColumn]:
        """The columns of a SELECT."""
        ...


def check_after_warnings(session: Described, plan: ReadPlan, dialect: Dialect) -> None:
    """`check_tables` for the tables of a plan whose rows were read, if the server has warned of a value.

    Raises: as `check_tables`.
    """
    if session.warnings:
        check_tables(session, tables_of(plan), dialect)


def check_tables(session: Described, tables: Iterable[Table], dialect: Dialect) -> None:
    """Compare the tables with the catalog.

    Raises: `ApiError` 40001 if a column has a type of another family, or the primary key has other columns; the
    driver's error if a column does not exist.
    """
    for table in {each.key: each for each in tables}.values():
        _check(session, table, dialect)


def _check(session: Described, table: Table, dialect: Dialect) -> None:
    columns = table.readable
    if not columns:
        return
    names = join(",", [column_name(column) for column in columns])
    found = session.columns(sql("SELECT {} FROM {} LIMIT 0", names, table_name(table)))
    if not all(_agrees(column, one, table, dialect) for column, one in zip(columns, found, strict=True)):
        raise errors.schema_changed()
    key = {column.name for column, one in zip(columns, found, strict=True) if one.flags & _PRIMARY_KEY}
    if table.primary_key and not table.is_view and key != set(table.primary_key):
        raise errors.schema_changed()


def _agrees(column: Column, found: ResultColumn, table: Table, dialect: Dialect) -> bool:
    kind, code = column.type.kind, found.type_code
    match kind:
        case Kind.BOOLEAN | Kind.INTEGER | Kind.YEAR | Kind.BITS:
            return code in _WHOLE and (code == _TINY or table.is_view or not has_truth(column.type))
        case Kind.TEXT if column.type.character_set is None:
            return code in _STRINGS  # MariaDB's own types, such as UUID
        case Kind.TEXT | Kind.ENUM | Kind.SET:
            return code in _STRINGS and not found.is_binary
        case Kind.BINARY:
            return code == _VECTOR or (code in _STRINGS and found.is_binary)
        case Kind.JSON if dialect is Dialect.MYSQL:
            return code == _JSON
        case Kind.JSON:
            return code in _STRINGS  # an alias of LONGTEXT
        case _:
            return code in _OF_KIND[kind]


def tables_of(plan: ReadPlan) -> Iterator[Table]:
    """Every table that a plan reads."""
    yield plan.level.table
    for each in plan.embeds:
        if each.embed.junction is not None:
            yield each.embed.junction
        yield from tables_of(each.plan)
