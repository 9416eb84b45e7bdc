"""The columns of a database's tables and views: types, defaults, and which ones the server fills."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

from api.catalog import Column, ColumnType, Dialect, Kind, Privilege, Table
from api.catalog.introspection.column_defaults import column_default
from api.catalog.introspection.column_types import column_type, member_count
from api.catalog.introspection.members import MAX_MEMBERS, members_statement
from api.catalog.introspection.privileges import column_privileges
from api.catalog.introspection.session import Session, text, text_or_none
from api.errors import ApiError
from api.statement import sql, value

_COLUMNS = (
    "SELECT TABLE_NAME,COLUMN_NAME,ORDINAL_POSITION,COLUMN_COMMENT,COLUMN_DEFAULT,IS_NULLABLE,COLUMN_TYPE,"
    "CHARACTER_SET_NAME,COLLATION_NAME,EXTRA,PRIVILEGES,{} FROM information_schema.COLUMNS WHERE TABLE_SCHEMA={}"
)
_SRID = {Dialect.MYSQL: sql("SRS_ID"), Dialect.MARIADB: sql("NULL")}
"""The spatial reference system of a geometry column; MariaDB has none."""
_CHECKS = "SELECT TABLE_NAME,CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA={}"
_JSON_CHECK = re.compile(r"\(*json_valid\(`((?:[^`]|``)+)`\)\)*\Z", re.IGNORECASE)


def read_columns(session: Session, schema: str, dialect: Dialect) -> Mapping[str, list[Column]]:
    """The visible columns of each table, by the table's name, in table order."""
    json_columns: set[tuple[str, str]] = set()
    if dialect is Dialect.MARIADB:  # whose JSON is a text type with a CHECK constraint
        for table, clause in session.rows(sql(_CHECKS, value(schema))):
            match = _JSON_CHECK.match(text(clause))
            if match is not None:
                json_columns.add((text(table), match[1].replace("``", "`")))
    known: dict[tuple[object, ...], _Attributes | None] = {}  # most columns have the attributes of another one
    found: dict[str, list[Column]] = defaultdict(list)
    for table, name, position, comment, *cells in sorted(
        session.rows(sql(_COLUMNS, _SRID[dialect], value(schema))), key=lambda row: (text(row[0]), row[2])
    ):
        is_json = (table, name) in json_columns
        described = (*cells, is_json)
        if described not in known:
            known[described] = _attributes(cells, dialect, is_json=is_json)
        attributes = known[described]
        if attributes is not None:
            found[text(table)].append(
                Column(name=text(name), position=int(str(position)), comment=text(comment), **attributes)
            )
    return found


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


def _attributes(cells: Sequence[object], dialect: Dialect, *, is_json: bool) -> _Attributes | None:
    """The attributes that `_COLUMNS` lists after the comment; None for an invisible column."""
    default, nullable, declared, charset, collation, extra, granted, srid = cells
    attributes = text(extra)
    if "INVISIBLE" in attributes.upper():
        return None
    type_ = column_type(text(declared), text_or_none(charset), text_or_none(collation))
    if is_json and type_.kind is Kind.TEXT:
        type_ = replace(type_, kind=Kind.JSON)
    if srid is not None:
        type_ = replace(type_, srid=int(str(srid)))
    written = column_default(text_or_none(default), attributes, type_, dialect)
    generated = "GENERATED" in attributes.upper().replace("DEFAULT_GENERATED", "")
    auto_increment = "auto_increment" in attributes.lower()
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
        "updates_itself": "on update" in attributes.lower(),
        "privileges": column_privileges(text(granted)),
    }


def with_members(session: Session, table: Table) -> Table:
    """The table, with ENUM and SET members read from the columns themselves where the data dictionary garbles them."""
    columns = tuple(_with_own_members(session, table, column) for column in table.columns)
    return table if columns == table.columns else replace(table, columns=columns)


def _with_own_members(session: Session, table: Table, column: Column) -> Column:
    type_ = column.type
    if not type_.kind.traits.members or type_.members or member_count(type_.declared) > MAX_MEMBERS:
        return column
    try:
        rows = session.rows(members_statement(table, column, member_count(type_.declared)))
    except ApiError:  # the user may not read the column, so its members are not needed
        return column
    members = tuple(text(row[0]) for row in rows)
    # MariaDB computes this query's SET in a single byte, so every member after the eighth comes back empty.
    if type_.kind is Kind.SET and "" in members:
        return column
    return replace(column, type=replace(type_, members=members))
