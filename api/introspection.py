"""Read the catalog from `information_schema`: the same statements for MySQL 8.0 and later, and for MariaDB.

Every statement names one database, which lets both servers look tables up instead of opening all there are, and none
sets or pins anything. What the connected user has no right to see is absent. Reading the definition of a view takes
the SHOW VIEW privilege; without it a view has its columns and rows, but no keys and no relationships.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from api.catalog import (
    Catalog,
    Column,
    Dialect,
    ForeignKey,
    Kind,
    Parameter,
    ParameterMode,
    Relationship,
    Routine,
    Schema,
    Table,
    TableKey,
)
from api.column_defaults import column_default
from api.column_types import column_type, member_count
from api.errors import ApiError
from api.members import MOST, members_statement
from api.relationships import relationships
from api.statement import Statement, sql, value, values
from api.view_columns import View, resolve_views
from api.view_definition import read_view

Row = tuple[object, ...]


class Session(Protocol):
    """What runs a statement: integers come as int, all else as str, bytes or None."""

    def rows(self, statement: Statement, /) -> Sequence[Row]:
        """All rows of the result."""
        ...


@dataclass(frozen=True, slots=True)
class _Database:
    """One MySQL database as read; its views are not resolved yet."""

    tables: tuple[Table, ...]
    views: tuple[View, ...]
    routines: dict[str, Routine]


def load_catalog(session: Session, default_schema: str, schemas: tuple[str, ...] = ()) -> Catalog:
    """Read the default database and the further exposed ones.

    Views may stand over tables of databases that are not exposed: those are read too, for the views' keys and
    relationships, and are not part of the catalog.

    Raises: what `session.rows` raises.
    """
    names = _stored_names(session, (default_schema, *schemas))
    version, dialect = _version(_text(session.rows(sql("SELECT VERSION()"))[0][0]))
    read = {name: _read_database(session, name, dialect) for name in names}
    while beneath := _databases_beneath(read.values()) - read.keys() - _SYSTEM_DATABASES:
        read.update((name, _read_database(session, name, dialect)) for name in sorted(beneath))
    tables = [table for database in read.values() for table in database.tables]
    views = resolve_views(tables, [view for database in read.values() for view in database.views], dialect)
    known = {table.key for table in (*tables, *views) if table.schema in names}
    exposed: dict[str, dict[str, Table]] = {name: {} for name in names}
    for table in sorted((*tables, *views), key=lambda table: table.name):
        if table.schema in exposed:
            exposed[table.schema][table.name] = _within(table, known)
    return Catalog(
        schemas={name: Schema(name, exposed[name], read[name].routines) for name in names},
        dialect=dialect,
        version=version,
        relationships=_between(relationships((*tables, *views)), known),
    )


def _stored_names(session: Session, names: tuple[str, ...]) -> tuple[str, ...]:
    """Each database's name as the server writes it, once: in lower case under `lower_case_table_names=1`."""
    rows = session.rows(sql(_SCHEMATA, values(names)))
    stored = {_text(row[0]) for row in rows}
    folded = {name.casefold(): name for name in sorted(stored)}
    return tuple(dict.fromkeys(name if name in stored else folded.get(name.casefold(), name) for name in names))


_SCHEMATA = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN({})"
_SYSTEM_DATABASES = frozenset(("information_schema", "mysql", "performance_schema", "sys"))


def _databases_beneath(databases: Iterable[_Database]) -> set[str]:
    """The databases over whose tables the views stand."""
    definitions = [view.definition for database in databases for view in database.views]
    return {
        source.table.schema for definition in definitions if definition is not None for source in definition.sources
    }


def _within(table: Table, known: set[TableKey]) -> Table:
    """The table without what leads out of the catalog."""
    return replace(
        table,
        foreign_keys=tuple(key for key in table.foreign_keys if key.referenced in known),
        view_columns=tuple(column for column in table.view_columns if column.table in known),
    )


def _between(
    found: Mapping[TableKey, tuple[Relationship, ...]], known: set[TableKey]
) -> dict[TableKey, tuple[Relationship, ...]]:
    """The relationships of the catalog's tables with each other."""
    kept = {
        origin: tuple(
            one for one in several if one.target in known and (one.junction is None or one.junction.table in known)
        )
        for origin, several in found.items()
        if origin in known
    }
    return {origin: several for origin, several in kept.items() if several}


def _version(text: str) -> tuple[tuple[int, ...], Dialect]:
    numbers = re.match(r"\d+(?:\.\d+)*", text)
    version = tuple(int(number) for number in numbers[0].split(".")) if numbers is not None else ()
    return version, Dialect.MARIADB if "mariadb" in text.lower() else Dialect.MYSQL


def _read_database(session: Session, schema: str, dialect: Dialect) -> _Database:
    columns = _read_columns(session, schema, dialect)
    keys = _read_indexes(session, schema, dialect)
    foreign_keys = _read_foreign_keys(session, schema)
    triggered = {_text(row[0]) for row in session.rows(sql(_TRIGGERS, value(schema)))}
    tables: list[Table] = []
    views: dict[str, Table] = {}
    for name, kind, rows_estimate, comment in session.rows(sql(_TABLES, value(schema))):
        table = Table(
            schema=schema,
            name=_text(name),
            is_view=kind == "VIEW",
            columns=tuple(columns[_text(name)]),
            has_triggers=_text(name) in triggered,
        )
        if not table.columns:
            continue  # all invisible, or a view over what is no longer there
        if table.is_view:
            # A broken view has its error here (in MySQL, and in MariaDB for a user who may see its definition).
            if comment in ("", "VIEW"):
                views[table.name] = table
            continue
        tables.append(
            replace(
                _with_keys(_with_members(session, table), keys[table.name], foreign_keys[table.name]),
                comment=_text(comment),
                rows_estimate=rows_estimate if isinstance(rows_estimate, int) else None,
            )
        )
    described = [
        View(views[_text(name)], read_view(_text(definition), schema), is_updatable == "YES", is_hidden=not definition)
        for name, is_updatable, definition in (session.rows(sql(_VIEWS, value(schema))) if views else ())
        if _text(name) in views
    ]
    return _Database(tuple(tables), tuple(described), _read_routines(session, schema))


_TABLES = (
    "SELECT TABLE_NAME,TABLE_TYPE,TABLE_ROWS,TABLE_COMMENT FROM information_schema.TABLES "
    "WHERE TABLE_SCHEMA={} AND TABLE_TYPE IN('BASE TABLE','VIEW','SYSTEM VERSIONED') "
    "AND TABLE_NAME<>'aurorest_migrations'"
)
"""The tables and views, but for the migrator's own records, which no client has business with."""
_TRIGGERS = "SELECT DISTINCT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA={}"
_VIEWS = "SELECT TABLE_NAME,IS_UPDATABLE,VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA={}"
_COLUMNS = (
    "SELECT TABLE_NAME,COLUMN_NAME,ORDINAL_POSITION,COLUMN_DEFAULT,IS_NULLABLE,COLUMN_TYPE,CHARACTER_SET_NAME,"
    "COLLATION_NAME,EXTRA,COLUMN_COMMENT,{} FROM information_schema.COLUMNS WHERE TABLE_SCHEMA={}"
)
_SRID = {Dialect.MYSQL: sql("SRS_ID"), Dialect.MARIADB: sql("NULL")}
"""MariaDB demands none of a geometry."""
_CHECKS = "SELECT TABLE_NAME,CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA={}"
_JSON_CHECK = re.compile(r"\(*json_valid\(`((?:[^`]|``)+)`\)\)*\Z", re.IGNORECASE)


def _read_columns(session: Session, schema: str, dialect: Dialect) -> Mapping[str, list[Column]]:
    """The visible columns of each table, in table order."""
    json_columns: set[tuple[str, str]] = set()
    if dialect is Dialect.MARIADB:  # its JSON is a text type with a CHECK
        for table, clause in session.rows(sql(_CHECKS, value(schema))):
            match = _JSON_CHECK.match(_text(clause))
            if match is not None:
                json_columns.add((_text(table), match[1].replace("``", "`")))
    found: dict[str, list[Column]] = defaultdict(list)
    for table, name, position, default, nullable, declared, charset, collation, extra, comment, srid in sorted(
        session.rows(sql(_COLUMNS, _SRID[dialect], value(schema))), key=lambda row: (_text(row[0]), row[2])
    ):
        attributes = _text(extra)
        if "INVISIBLE" in attributes.upper():
            continue
        type_ = column_type(_text(declared), _text_or_none(charset), _text_or_none(collation))
        if (table, name) in json_columns and type_.kind is Kind.TEXT:
            type_ = replace(type_, kind=Kind.JSON)
        if srid is not None:
            type_ = replace(type_, srid=int(str(srid)))
        written = column_default(_text_or_none(default), attributes, type_, dialect)
        generated = "GENERATED" in attributes.upper().replace("DEFAULT_GENERATED", "")
        auto_increment = "auto_increment" in attributes.lower()
        # A NOT NULL ENUM without default takes its first member, also in strict mode.
        left_out = (
            nullable == "YES" or written.text is not None or generated or auto_increment or type_.kind is Kind.ENUM
        )
        found[_text(table)].append(
            Column(
                name=_text(name),
                type=type_,
                nullable=nullable == "YES",
                position=int(str(position)),
                default=written.text,
                default_is_expression=written.is_expression,
                has_default=left_out,
                generated=generated,
                auto_increment=auto_increment,
                updates_itself="on update" in attributes.lower(),
                comment=_text(comment),
            )
        )
    return found


def _with_members(session: Session, table: Table) -> Table:
    """The table with the members of those ENUM and SET columns whose description is illegible."""
    columns = tuple(_with_own_members(session, table, column) for column in table.columns)
    return table if columns == table.columns else replace(table, columns=columns)


def _with_own_members(session: Session, table: Table, column: Column) -> Column:
    type_ = column.type
    if type_.kind not in (Kind.ENUM, Kind.SET) or type_.members or member_count(type_.declared) > MOST:
        return column
    try:
        rows = session.rows(members_statement(table, column, member_count(type_.declared)))
    except ApiError:  # no right to read the column: then nobody needs to compare it either
        return column
    members = tuple(_text(row[0]) for row in rows)
    # MariaDB keeps the SET of such a query in a single byte: beyond the eighth member it gives empty texts.
    if type_.kind is Kind.SET and "" in members:
        return column
    return replace(column, type=replace(type_, members=members))


@dataclass(slots=True)
class _Index:
    name: str
    is_unique: bool
    is_fulltext: bool
    is_usable: bool
    columns: list[str]
    is_plain: bool = True
    """Of whole columns, without prefixes and expressions."""


_INDEXES_MYSQL = (
    "SELECT TABLE_NAME,INDEX_NAME,SEQ_IN_INDEX,COLUMN_NAME,NON_UNIQUE,SUB_PART,INDEX_TYPE,IS_VISIBLE "
    "FROM information_schema.STATISTICS WHERE TABLE_SCHEMA={} AND (NON_UNIQUE=0 OR INDEX_TYPE='FULLTEXT')"
)
_INDEXES_MARIADB = (
    "SELECT TABLE_NAME,INDEX_NAME,SEQ_IN_INDEX,COLUMN_NAME,NON_UNIQUE,SUB_PART,INDEX_TYPE,"
    "IF(IGNORED='YES','NO','YES') FROM information_schema.STATISTICS "
    "WHERE TABLE_SCHEMA={} AND (NON_UNIQUE=0 OR INDEX_TYPE='FULLTEXT')"
)


def _read_indexes(session: Session, schema: str, dialect: Dialect) -> Mapping[str, list[_Index]]:
    """The unique and full-text indexes of each table, the primary key first and the others by name."""
    statement = sql(_INDEXES_MYSQL if dialect is Dialect.MYSQL else _INDEXES_MARIADB, value(schema))
    found: dict[str, dict[str, _Index]] = defaultdict(dict)
    for table, name, _, column, non_unique, prefix, kind, visible in sorted(
        session.rows(statement), key=lambda row: (_text(row[0]), row[1] != "PRIMARY", _text(row[1]), row[2])
    ):
        index = found[_text(table)].setdefault(
            _text(name), _Index(_text(name), int(str(non_unique)) == 0, kind == "FULLTEXT", visible == "YES", [])
        )
        index.columns.append(_text(column or ""))
        index.is_plain = index.is_plain and column is not None and prefix is None
    return defaultdict(list, {table: list(indexes.values()) for table, indexes in found.items()})


_FOREIGN_KEYS = (
    "SELECT TABLE_NAME,CONSTRAINT_NAME,ORDINAL_POSITION,COLUMN_NAME,REFERENCED_TABLE_SCHEMA,REFERENCED_TABLE_NAME,"
    "REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE "
    "WHERE TABLE_SCHEMA={} AND REFERENCED_TABLE_NAME IS NOT NULL"
)


def _read_foreign_keys(session: Session, schema: str) -> Mapping[str, list[ForeignKey]]:
    pairs: dict[tuple[str, str, TableKey], list[tuple[str, str]]] = defaultdict(list)
    for table, name, _, column, to_schema, to_table, to_column in sorted(
        session.rows(sql(_FOREIGN_KEYS, value(schema))), key=lambda row: (_text(row[0]), _text(row[1]), row[2])
    ):
        target = TableKey(_text(to_schema), _text(to_table))
        pairs[_text(table), _text(name), target].append((_text(column), _text(to_column)))
    found: dict[str, list[ForeignKey]] = defaultdict(list)
    for (table, name, target), columns in pairs.items():
        here, there = zip(*columns, strict=True)
        found[table].append(ForeignKey(name, here, target, there))
    return found


def _with_keys(table: Table, indexes: Iterable[_Index], foreign_keys: Iterable[ForeignKey]) -> Table:
    """The table with its keys; one with a column that is not visible is passed over."""
    visible = table.by_name.keys()
    whole = [index for index in indexes if visible >= set(index.columns)]
    unique = [index for index in whole if index.is_unique and index.is_plain]
    return replace(
        table,
        primary_key=next((tuple(index.columns) for index in unique if index.name == "PRIMARY"), ()),
        unique_keys=tuple(tuple(index.columns) for index in unique if index.name != "PRIMARY"),
        fulltext_indexes=tuple(tuple(index.columns) for index in whole if index.is_fulltext and index.is_usable),
        foreign_keys=tuple(key for key in foreign_keys if visible >= set(key.columns)),
    )


_ROUTINES = (
    "SELECT SPECIFIC_NAME,ROUTINE_TYPE,SQL_DATA_ACCESS,ROUTINE_COMMENT FROM information_schema.ROUTINES "
    "WHERE ROUTINE_SCHEMA={} AND ROUTINE_TYPE IN('FUNCTION','PROCEDURE')"
)
_PARAMETERS = (
    "SELECT SPECIFIC_NAME,ROUTINE_TYPE,ORDINAL_POSITION,PARAMETER_MODE,PARAMETER_NAME,DTD_IDENTIFIER,"
    "CHARACTER_SET_NAME,COLLATION_NAME FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA={}"
)


def _read_routines(session: Session, schema: str) -> dict[str, Routine]:
    """The routines by name; where a function and a procedure share one, the function."""
    routines = sorted(session.rows(sql(_ROUTINES, value(schema))), key=lambda row: (_text(row[0]), _text(row[1])))
    parameters = session.rows(sql(_PARAMETERS, value(schema))) if routines else ()
    declared: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(parameters, key=lambda row: int(str(row[2]))):
        declared[_text(row[0]), _text(row[1])].append(row)
    found: dict[str, Routine] = {}
    for name, kind, access, comment in routines:
        rows = declared[_text(name), _text(kind)]
        types = [column_type(_text(row[5]), _text_or_none(row[6]), _text_or_none(row[7])) for row in rows]
        found.setdefault(
            _text(name),
            Routine(
                schema=schema,
                name=_text(name),
                parameters=tuple(
                    Parameter(_text(row[4]), type_, ParameterMode(_text(row[3] or "IN")))
                    for row, type_ in zip(rows, types, strict=True)
                    if row[4] is not None
                ),
                returns=next((type_ for row, type_ in zip(rows, types, strict=True) if row[4] is None), None),
                reads_only=access in ("NO SQL", "READS SQL DATA"),
                comment=_text(comment),
            ),
        )
    return found


def _text(cell: object) -> str:
    return cell.decode() if isinstance(cell, bytes) else str(cell)


def _text_or_none(cell: object) -> str | None:
    return None if cell is None else _text(cell)
