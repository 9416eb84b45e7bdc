"""Read the catalog from `information_schema`, with the same statements for MySQL 8.0 and later and for MariaDB.

Every statement names one database, so that both servers look up its tables instead of opening all tables of the server.
No statement sets or pins anything. Objects that the connected user may not see are missing. Reading the definition of a
view requires the SHOW VIEW privilege; without it, the view has columns and rows, but no keys and no relationships.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from api.catalog import Catalog, Dialect, Relationship, Routine, Schema, Table, TableKey
from api.catalog.introspection.columns import read_columns, with_members
from api.catalog.introspection.keys import read_foreign_keys, read_indexes, with_keys
from api.catalog.introspection.policies import read_policies
from api.catalog.introspection.routines import read_routines
from api.catalog.introspection.session import Session, text
from api.catalog.introspection.triggers import read_triggered
from api.catalog.introspection.uuids import with_uuids
from api.catalog.introspection.view_columns import View, resolve_views
from api.catalog.introspection.view_definition import read_view
from api.catalog.own_tables import TABLES, VIEWS_PREFIX
from api.catalog.relationships import relationships
from api.statement import sql, value, values


@dataclass(frozen=True, slots=True)
class _Database:
    """One MySQL database as read, before its views are resolved."""

    tables: tuple[Table, ...]
    views: tuple[View, ...]
    routines: dict[str, Routine]


def load_catalog(session: Session, default_schema: str, schemas: tuple[str, ...] = ()) -> Catalog:
    """Read the default database and the other exposed ones.

    Views may select from tables of databases that are not exposed. Those databases are read too, to find the views'
    keys and relationships, but they do not become part of the catalog.

    Raises: whatever `session.rows` raises.
    """
    names = _stored_names(session, (default_schema, *schemas))
    version, dialect = _version(text(session.rows(sql("SELECT VERSION()"))[0][0]))
    read = {name: _read_database(session, name, names[0], dialect) for name in names}
    while unread := _databases_of_sources(read.values()) - read.keys() - _SYSTEM_DATABASES:
        read.update((name, _read_database(session, name, names[0], dialect)) for name in sorted(unread))
    base = [table for database in read.values() for table in database.tables]
    views = resolve_views(base, [view for database in read.values() for view in database.views], dialect)
    tables = with_uuids((*base, *views))
    known = {table.key for table in tables if table.schema in names}
    exposed: dict[str, dict[str, Table]] = {name: {} for name in names}
    for table in sorted(tables, key=lambda table: table.name):
        if table.schema in exposed:
            exposed[table.schema][table.name] = _within(table, known)
    for name, found in exposed.items():
        if found:  # an account that sees no table there may not read the policies, either
            found.update(
                (table, replace(found[table], policies=own))
                for table, own in read_policies(session, name, found).items()
            )
    return Catalog(
        schemas={name: Schema(name, exposed[name], read[name].routines) for name in names},
        dialect=dialect,
        version=version,
        relationships=_between(relationships(tables), known),
    )


def _stored_names(session: Session, names: tuple[str, ...]) -> tuple[str, ...]:
    """The databases' names as the server spells them (lower case under `lower_case_table_names=1`), each once."""
    rows = session.rows(sql(_SCHEMATA, values(names)))
    stored = {text(row[0]) for row in rows}
    folded = {name.casefold(): name for name in sorted(stored)}
    return tuple(dict.fromkeys(name if name in stored else folded.get(name.casefold(), name) for name in names))


_SCHEMATA = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN({})"
_SYSTEM_DATABASES = frozenset(("information_schema", "mysql", "performance_schema", "sys"))


def _databases_of_sources(databases: Iterable[_Database]) -> set[str]:
    """The databases of the tables and views that the views select from."""
    definitions = [view.definition for database in databases for view in database.views]
    return {table.schema for definition in definitions if definition is not None for table in definition.tables()}


def _within(table: Table, known: set[TableKey]) -> Table:
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
    found: Mapping[TableKey, tuple[Relationship, ...]], known: set[TableKey]
) -> dict[TableKey, tuple[Relationship, ...]]:
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


def _read_database(session: Session, schema: str, default_schema: str, dialect: Dialect) -> _Database:
    columns = read_columns(session, schema, dialect)
    keys = read_indexes(session, schema, dialect)
    foreign_keys = read_foreign_keys(session, schema)
    triggered = read_triggered(session, schema, default_schema, dialect)
    tables: list[Table] = []
    views: dict[str, Table] = {}
    for name, kind, rows_estimate, comment in session.rows(
        sql(_TABLES, value(schema), values(TABLES), value(len(VIEWS_PREFIX)), value(VIEWS_PREFIX))
    ):
        table = Table(
            schema=schema,
            name=text(name),
            is_view=kind == "VIEW",
            columns=tuple(columns[text(name)]),
            has_triggers=triggered is None or text(name) in triggered,
        )
        if not table.columns:
            continue  # all columns are invisible, or it is a view over a dropped table
        if table.is_view:
            # The comment of a broken view is its error (in MySQL, and in MariaDB for users who may see its definition).
            if comment in ("", "VIEW"):
                views[table.name] = table
            continue
        tables.append(
            replace(
                with_keys(with_members(session, table), keys[table.name], foreign_keys[table.name]),
                comment=text(comment),
                rows_estimate=rows_estimate if isinstance(rows_estimate, int) else None,
            )
        )
    described = [
        View(views[text(name)], read_view(text(definition), schema), is_updatable == "YES", is_hidden=not definition)
        for name, is_updatable, definition in (session.rows(sql(_VIEWS, value(schema))) if views else ())
        if text(name) in views
    ]
    return _Database(tuple(tables), tuple(described), read_routines(session, schema))


_TABLES = (
    "SELECT TABLE_NAME,TABLE_TYPE,TABLE_ROWS,TABLE_COMMENT FROM information_schema.TABLES "
    "WHERE TABLE_SCHEMA={} AND TABLE_TYPE IN('BASE TABLE','VIEW','SYSTEM VERSIONED') "
    "AND TABLE_NAME NOT IN({}) AND LEFT(TABLE_NAME,{})<>{}"
)
"""The tables and views, without Aurorest's own."""
_VIEWS = "SELECT TABLE_NAME,IS_UPDATABLE,VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA={}"
