"""Read the catalog from `information_schema`, with the same statements for MySQL 8.0 and later and for MariaDB.

A statement for each database reads everything about it. It names that database, so that both servers look up its
tables instead of opening all tables of the server.
No statement sets or pins anything. Objects that the connected user may not see are missing. Reading the definition of a
view requires the SHOW VIEW privilege; without it, the view has columns and rows, but no keys and no relationships.

The rows are read at once, so the catalog is the schema of one moment. Tables are made of them when they are first used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from api.catalog import Catalog, Dialect, Relationship, Schema, Table, TableKey
from api.catalog.introspection.columns import ColumnRows, checks_select, columns_select
from api.catalog.introspection.keys import foreign_keys_select, indexes_select
from api.catalog.introspection.members import with_members
from api.catalog.introspection.policies import read_policies
from api.catalog.introspection.routines import parameters_select, routines, routines_select
from api.catalog.introspection.select import Select, cells_of, read_rows
from api.catalog.introspection.session import Session, text
from api.catalog.introspection.tables import Database, TableRow, TableSource, ViewRow
from api.catalog.introspection.triggers import read_triggered, triggers_selects
from api.catalog.lazy import Lazy, LazyWhole
from api.catalog.own_tables import TABLES, VIEWS_PREFIX
from api.catalog.policies import Policy, Unreadable
from api.statement import sql, value, values


def load_catalog(session: Session, default_schema: str, schemas: tuple[str, ...] = ()) -> Catalog:
    """Read the default database and the other exposed ones.

    Views may select from tables of databases that are not exposed. Those databases are read too, to find the views'
    keys and relationships, but they do not become part of the catalog.

    Raises: whatever `session.rows` raises.
    """
    wanted = (default_schema, *schemas)
    schemata = session.rows(sql(_SCHEMATA, values(wanted)))
    existing = {text(name): bool(is_wanted) for name, is_wanted, _ in schemata}
    names = _stored_names((name for name, is_wanted in existing.items() if is_wanted), wanted)
    version, dialect = _version(text(schemata[0][2]))  # there is at least information_schema itself
    read = {name: _read_database(session, name, names[0], dialect) for name in names}
    while unread := _databases_of_sources(read.values(), existing) - read.keys() - _SYSTEM_DATABASES:
        read.update((name, _read_database(session, name, names[0], dialect)) for name in sorted(unread))
    source = TableSource(read, dialect)
    exposed = {name: sorted((*read[name].tables, *read[name].views)) for name in names}
    known = frozenset(TableKey(name, table) for name, tables in exposed.items() for table in tables)
    # An account that sees no table of a database may not read its policies, either.
    policies = {name: read_policies(session, name, tables) if tables else {} for name, tables in exposed.items()}
    return Catalog(
        schemas={
            name: Schema(name, _tables(source, name, tables, known, policies[name]), read[name].routines)
            for name, tables in exposed.items()
        },
        dialect=dialect,
        version=version,
        relationships=LazyWhole(lambda: _between(source.relationships(), known)),
    )


def _tables(
    source: TableSource,
    schema: str,
    names: Iterable[str],
    known: frozenset[TableKey],
    policies: Mapping[str, tuple[Policy, ...] | Unreadable],
) -> Mapping[str, Table]:
    """The tables and views of an exposed database, with their policies."""

    def table(name: str) -> Table:
        found = _within(source.table(TableKey(schema, name)), known)
        return replace(found, policies=policies[name]) if name in policies else found

    return Lazy(names, table)


def _stored_names(found: Iterable[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """The databases' names as the server spells them (lower case under `lower_case_table_names=1`), each once."""
    stored = frozenset(found)
    folded = {name.casefold(): name for name in sorted(stored)}
    return tuple(dict.fromkeys(name if name in stored else folded.get(name.casefold(), name) for name in names))


_SCHEMATA = "SELECT SCHEMA_NAME,SCHEMA_NAME IN({}),VERSION() FROM information_schema.SCHEMATA"
_SYSTEM_DATABASES = frozenset(("information_schema", "mysql", "performance_schema", "sys"))


def _databases_of_sources(databases: Iterable[Database], existing: Iterable[str]) -> set[str]:
    """The other databases of the tables and views that the views select from. A view that names none is not parsed."""
    folded = {name.casefold() for name in existing}
    found: set[str] = set()
    for database in databases:
        others = folded - {database.name.casefold()}
        for view in database.views.values():
            if not others.isdisjoint(name.casefold() for name in view.qualifiers()) and view.definition is not None:
                found |= {table.schema for table in view.definition.tables()}
    return found


def _within(table: Table, known: frozenset[TableKey]) -> Table:
    """The table without its references to tables outside the catalog."""
    if known.issuperset(key.referenced for key in table.foreign_keys) and known.issuperset(
        column.table for column in table.view_columns
    ):
        return table
    return replace(
        table,
        foreign_keys=tuple(key for key in table.foreign_keys if key.referenced in known),
        view_columns=tuple(column for column in table.view_columns if column.table in known),
    )


def _between(
    found: Mapping[TableKey, tuple[Relationship, ...]], known: frozenset[TableKey]
) -> Mapping[TableKey, tuple[Relationship, ...]]:
    """Only the relationships between tables of the catalog."""
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


def _read_database(session: Session, schema: str, default_schema: str, dialect: Dialect) -> Database:
    selects = {
        "columns": columns_select(schema, dialect),
        "indexes": indexes_select(schema, dialect),
        "foreign keys": foreign_keys_select(schema),
        "tables": _tables_select(schema),
        "views": _views_select(schema),
        "routines": routines_select(schema),
        "parameters": parameters_select(schema),
        **triggers_selects(schema),
    }
    if dialect is Dialect.MARIADB:
        selects["checks"] = checks_select(schema)
    rows = read_rows(session, selects)
    columns = ColumnRows(rows["columns"], rows.get("checks", {}), dialect)
    tables: dict[str, TableRow] = {}
    views: dict[str, ViewRow] = {}
    for name, described in rows["tables"].items():
        kind, rows_estimate, comment = cells_of(described[0], 3)
        if not columns.has_visible(name):
            continue  # all columns are invisible, or it is a view over a dropped table
        if kind != "VIEW":
            tables[name] = TableRow(comment, int(rows_estimate) if rows_estimate else None)
        # The comment of a broken view is its error (in MySQL, and in MariaDB for users who may see its definition).
        elif comment in ("", "VIEW") and name in rows["views"]:
            is_updatable, definition = cells_of(rows["views"][name][0], 2)
            views[name] = ViewRow(schema, definition, is_updatable == "YES")
    return Database(
        name=schema,
        tables=tables,
        views=views,
        columns=columns,
        columns_with_members={
            name: with_members(session, Table(schema, name, is_view=False, columns=columns.columns(name))).columns
            for name in tables
            if columns.has_unreadable_members(name)
        },
        indexes=rows["indexes"],
        foreign_keys=rows["foreign keys"],
        triggered=read_triggered(session, schema, default_schema, dialect, rows),
        routines=routines(schema, rows["routines"], rows["parameters"]),
    )


def _tables_select(schema: str) -> Select:
    """Select the tables and views, without Aurorest's own."""
    return Select(
        sql("TABLE_NAME,TABLE_TYPE,COALESCE(TABLE_ROWS,''),TABLE_COMMENT"),
        sql(
            "information_schema.TABLES WHERE TABLE_SCHEMA={} AND TABLE_TYPE IN('BASE TABLE','VIEW','SYSTEM VERSIONED') "
            "AND TABLE_NAME NOT IN({}) AND LEFT(TABLE_NAME,{})<>{}",
            value(schema),
            values(TABLES),
            value(len(VIEWS_PREFIX)),
            value(VIEWS_PREFIX),
        ),
    )


def _views_select(schema: str) -> Select:
    return Select(
        sql("TABLE_NAME,IS_UPDATABLE,COALESCE(VIEW_DEFINITION,'')"),
        sql("information_schema.VIEWS WHERE TABLE_SCHEMA={}", value(schema)),
    )
