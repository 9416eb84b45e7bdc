"""The columns of a database's tables and views: types, defaults, and which ones the server fills."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypedDict

from api.catalog import Column, ColumnType, Dialect, Kind, Privilege
from api.catalog.introspection.column_defaults import column_default
from api.catalog.introspection.column_types import column_type
from api.catalog.introspection.privileges import column_privileges
from api.catalog.introspection.select import Rows, Select, cells_of, first_cell
from api.statement import sql, value

_CELLS = (
    "TABLE_NAME,COLUMN_NAME,EXTRA,ORDINAL_POSITION,IS_NULLABLE,COALESCE(CHARACTER_SET_NAME,''),"
    "COALESCE(COLLATION_NAME,''),PRIVILEGES,{},CHAR_LENGTH(COLUMN_TYPE),CHAR_LENGTH(COLUMN_COMMENT),"
    "COLUMN_TYPE,COLUMN_COMMENT,COLUMN_DEFAULT"
)
"""The lengths tell where the type and the comment end, which may contain any character. Only the default may be
NULL."""
_SRID = {Dialect.MYSQL: sql("COALESCE(SRS_ID,'')"), Dialect.MARIADB: sql("''")}
"""The spatial reference system of a geometry column; MariaDB has none."""
_JSON_CHECK = re.compile(r"\(*json_valid\(`((?:[^`]|``)+)`\)\)*\Z", re.IGNORECASE)


def columns_select(schema: str, dialect: Dialect) -> Select:
    """Select the columns of a database, for `ColumnRows.by_table`."""
    return Select(sql(_CELLS, _SRID[dialect]), sql("information_schema.COLUMNS WHERE TABLE_SCHEMA={}", value(schema)))


def checks_select(schema: str) -> Select:
    """Select MariaDB's CHECK constraints, for `ColumnRows.checks`."""
    source = sql("information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA={}", value(schema))
    return Select(sql("TABLE_NAME,CHECK_CLAUSE"), source)


@dataclass(frozen=True, slots=True)
class ColumnRows:
    """The columns of a database as the server listed them."""

    by_table: Rows
    """Of tables and views."""
    checks: Rows
    """MariaDB's JSON is a text type with a CHECK constraint."""
    dialect: Dialect

    def names(self, table: str) -> frozenset[str]:
        """The names of the visible columns; none for an unknown table."""
        return frozenset([first_cell(row) for row in self.by_table.get(table, ()) if _is_visible(row)])

    def has_visible(self, table: str) -> bool:
        """Whether the table has a column that is visible."""
        return any(map(_is_visible, self.by_table.get(table, ())))

    def has_unreadable_members(self, table: str) -> bool:
        """Whether the table may have an ENUM or SET with a member that the server's data dictionary garbles."""
        return any("?" in row and ("enum(" in row or "set(" in row) for row in self.by_table.get(table, ()))

    def columns(self, table: str) -> tuple[Column, ...]:
        """The visible columns of a table, in its order."""
        rows = (row for row in self.by_table.get(table, ()) if _is_visible(row))
        json = frozenset(self._json_columns(table))
        found = [_column(row, self.dialect, is_json=first_cell(row) in json) for row in rows]
        return tuple(sorted(found, key=lambda column: column.position))

    def _json_columns(self, table: str) -> Iterator[str]:
        for clause in self.checks.get(table, ()):
            match = _JSON_CHECK.match(clause)
            if match is not None:
                yield match[1].replace("``", "`")


def _is_visible(row: str) -> bool:
    return "INVISIBLE" not in row or "INVISIBLE" not in cells_of(row, 3)[1]


def _column(row: str, dialect: Dialect, *, is_json: bool) -> Column:
    name, extra, position, *described, type_length, comment_length, free = cells_of(row, 11)
    comment_starts = int(type_length) + 1
    comment_ends = comment_starts + int(comment_length)
    declared, comment = free[: comment_starts - 1], free[comment_starts:comment_ends]
    default = free[comment_ends + 1 :] if len(free) > comment_ends else None
    attributes = _attributes(declared, default, extra, *described, dialect=dialect, is_json=is_json)
    return Column(name=name, position=int(position), comment=comment, **attributes)


class _Attributes(TypedDict):
    """The fields of a `Column` that do not tell it from others."""

    type: ColumnType
    nullable: bool
    default: str | None
    default_is_expression: bool
    has_default: bool
    generated: bool
    auto_increment: bool
    updates_itself: bool
    privileges: Privilege


@lru_cache(maxsize=4096)  # most columns have the attributes of another one
def _attributes(
    declared: str,
    default: str | None,
    extra: str,
    nullable: str,
    charset: str,
    collation: str,
    granted: str,
    srid: str,
    *,
    dialect: Dialect,
    is_json: bool,
) -> _Attributes:
    type_ = column_type(declared, charset or None, collation or None)
    if is_json and type_.kind is Kind.TEXT:
        type_ = replace(type_, kind=Kind.JSON)
    if srid:
        type_ = replace(type_, srid=int(srid))
    written = column_default(default, extra, type_, dialect)
    generated = "GENERATED" in extra.upper().replace("DEFAULT_GENERATED", "")
    auto_increment = "auto_increment" in extra.lower()
    return {
        "type": type_,
        "nullable": nullable == "YES",
        "default": written.text,
        "default_is_expression": written.is_expression,
        # A NOT NULL ENUM without a default takes its first member, even in strict mode.
        "has_default": (
            nullable == "YES" or written.text is not None or generated or auto_increment or type_.kind is Kind.ENUM
        ),
        "generated": generated,
        "auto_increment": auto_increment,
        "updates_itself": "on update" in extra.lower(),
        "privileges": column_privileges(granted),
    }
