"""The columns of a database's tables and views: types, defaults, and which ones the server fills.

The server returns the cells of a column as one string. A large schema has tens of thousands of columns, of which few
are ever needed, and the driver reads a row of one cell in a third of the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypedDict

from api.catalog import Column, ColumnType, Dialect, Kind, Privilege
from api.catalog.introspection.column_defaults import column_default
from api.catalog.introspection.column_types import column_type
from api.catalog.introspection.privileges import column_privileges
from api.catalog.introspection.session import Session, text
from api.statement import sql, value

_COLUMNS = (
    "SELECT CONCAT_WS(CHAR(0 USING utf8mb4),TABLE_NAME,COLUMN_NAME,EXTRA,ORDINAL_POSITION,IS_NULLABLE,"
    "COALESCE(CHARACTER_SET_NAME,''),COALESCE(COLLATION_NAME,''),PRIVILEGES,{},CHAR_LENGTH(COLUMN_TYPE),"
    "CHAR_LENGTH(COLUMN_COMMENT),COLUMN_TYPE,COLUMN_COMMENT,COLUMN_DEFAULT) "
    "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA={}"
)
"""No name contains the separator. What may contain it comes last, after its length. CONCAT_WS leaves out a NULL, which
only the default can be."""
_SEPARATOR = "\0"
_SRID = {Dialect.MYSQL: sql("COALESCE(SRS_ID,'')"), Dialect.MARIADB: sql("''")}
"""The spatial reference system of a geometry column; MariaDB has none."""
_CHECKS = "SELECT TABLE_NAME,CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA={}"
_JSON_CHECK = re.compile(r"\(*json_valid\(`((?:[^`]|``)+)`\)\)*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ColumnRows:
    """The columns of a database as the server listed them."""

    by_table: Mapping[str, Sequence[str]]
    """The cells of each column, by the name of its table or view, in no certain order."""
    json: frozenset[tuple[str, str]]
    """The columns, with their tables, that MariaDB checks to be JSON."""
    dialect: Dialect

    def names(self, table: str) -> frozenset[str]:
        """The names of the visible columns; none for an unknown table."""
        return frozenset([_name(row) for row in self.by_table.get(table, ()) if _is_visible(row)])

    def has_visible(self, table: str) -> bool:
        """Whether the table has a column that is visible."""
        return any(map(_is_visible, self.by_table.get(table, ())))

    def has_unreadable_members(self, table: str) -> bool:
        """Whether the table may have an ENUM or SET with a member that the server's data dictionary garbles."""
        return any("?" in row and ("enum(" in row or "set(" in row) for row in self.by_table.get(table, ()))

    def columns(self, table: str) -> tuple[Column, ...]:
        """The visible columns of a table, in its order."""
        rows = (row for row in self.by_table.get(table, ()) if _is_visible(row))
        found = [_column(row, self.dialect, is_json=(table, _name(row)) in self.json) for row in rows]
        return tuple(sorted(found, key=lambda column: column.position))


def read_columns(session: Session, schema: str, dialect: Dialect) -> ColumnRows:
    """The columns of a database's tables and views."""
    by_table: dict[str, list[str]] = {}
    for row in session.rows(sql(_COLUMNS, _SRID[dialect], value(schema))):
        table, _, cells = text(row[0]).partition(_SEPARATOR)
        by_table.setdefault(table, []).append(cells)
    json = frozenset(_json_columns(session, schema)) if dialect is Dialect.MARIADB else frozenset[tuple[str, str]]()
    return ColumnRows(by_table, json, dialect)


def _json_columns(session: Session, schema: str) -> Iterable[tuple[str, str]]:
    """MariaDB's JSON is a text type with a CHECK constraint."""
    for table, clause in session.rows(sql(_CHECKS, value(schema))):
        match = _JSON_CHECK.match(text(clause))
        if match is not None:
            yield text(table), match[1].replace("``", "`")


def _name(row: str) -> str:
    return row[: row.index(_SEPARATOR)]


def _is_visible(row: str) -> bool:
    return "INVISIBLE" not in row or "INVISIBLE" not in row.split(_SEPARATOR, 2)[1]


def _column(row: str, dialect: Dialect, *, is_json: bool) -> Column:
    name, extra, position, *described, type_length, comment_length, free = row.split(_SEPARATOR, 10)
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
