"""What a role's account may do: the catalog with its privileges, and the part of it that the role is shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from api.catalog.cache import Cache
from api.catalog.lazy import Lazy
from api.catalog.records import (
    NO_PRIVILEGES,
    Catalog,
    Column,
    Privilege,
    Relationship,
    Routine,
    Schema,
    Table,
    TableKey,
)


@dataclass(frozen=True, slots=True)
class Privileges:
    """The privileges of one account. What is absent is not granted."""

    columns: Mapping[TableKey, Mapping[str, Privilege]] | None = None
    """SELECT, INSERT and UPDATE by column, those on whole tables and databases included. None: those in the catalog,
    which this account has read itself."""
    deletable: frozenset[TableKey] = frozenset()
    routines: frozenset[TableKey] = frozenset()
    """The routines that may be executed, by database and name."""


def restricted(catalog: Catalog, privileges: Privileges) -> Catalog:
    """The catalog with an account's privileges on each table, column and routine.

    Tables that the account may not use stay, so that a request for one is refused by 42501 and not as unknown. Keys
    that include an unreadable column are left out: no statement of this API could use them.
    """
    schemas = {name: _restricted_schema(schema, privileges) for name, schema in catalog.schemas.items()}
    return replace(catalog, schemas=schemas, cache=Cache())


def _restricted_schema(schema: Schema, privileges: Privileges) -> Schema:
    def routine(name: str) -> Routine:
        executable = TableKey(schema.name, name) in privileges.routines
        return replace(schema.routines[name], executable=executable)

    tables = Lazy(schema.tables, lambda name: _restricted_table(schema.tables[name], privileges))
    return Schema(schema.name, tables, Lazy(schema.routines, routine))


def _restricted_table(table: Table, privileges: Privileges) -> Table:
    columns = table.columns
    if privileges.columns is not None:
        granted = privileges.columns.get(table.key, {})
        columns = tuple(replace(column, privileges=granted.get(column.name, NO_PRIVILEGES)) for column in columns)
    may = Privilege.DELETE if table.key in privileges.deletable else NO_PRIVILEGES
    for column in columns:
        may |= column.privileges
    readable = {column.name for column in columns if Privilege.SELECT in column.privileges}
    return replace(
        table,
        columns=columns,
        privileges=may,
        primary_key=table.primary_key if readable.issuperset(table.primary_key) else (),
        hides_primary_key=not readable.issuperset(table.primary_key),
        unique_keys=_within(table.unique_keys, readable),
        key_names=tuple(each for each in table.key_names if readable.issuperset(each[1])),
        fulltext_indexes=tuple(index for index in table.fulltext_indexes if readable.issuperset(index.columns)),
        foreign_keys=tuple(key for key in table.foreign_keys if readable.issuperset(key.columns)),
    )


def _within(keys: Iterable[tuple[str, ...]], readable: set[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(key for key in keys if readable.issuperset(key))


def shown(catalog: Catalog) -> Catalog:
    """The part of a catalog that documents describe: what its account has a privilege on."""
    schemas = {
        schema.name: Schema(
            schema.name,
            {name: _shown_table(catalog, table) for name, table in schema.tables.items() if table.privileges},
            {name: routine for name, routine in schema.routines.items() if routine.executable},
        )
        for schema in catalog.schemas.values()
    }
    relationships = {
        origin: tuple(one for one in several if _is_usable(catalog, one))
        for origin, several in catalog.relationships.items()
    }
    return replace(catalog, schemas=schemas, relationships=relationships, cache=Cache())


def _shown_table(catalog: Catalog, table: Table) -> Table:
    return replace(
        table,
        columns=tuple(column for column in table.columns if column.privileges),
        foreign_keys=tuple(
            key
            for key in table.foreign_keys
            if key.referenced.schema not in catalog.schemas or catalog.table(key.referenced).privileges
        ),
    )


def _is_usable(catalog: Catalog, relationship: Relationship) -> bool:
    """Whether an embed may read every column that the relationship joins."""
    sides = [
        (relationship.origin, relationship.origin_columns),
        (relationship.target, relationship.target_columns),
    ]
    if relationship.junction is not None:
        junction = relationship.junction
        sides.append((junction.table, (*junction.origin_columns, *junction.target_columns)))
    return all(_are_readable(catalog.table(key), names) for key, names in sides)


def _are_readable(table: Table, names: Iterable[str]) -> bool:
    return all(Privilege.SELECT in table.by_name[name].privileges for name in names)


def may_show(found: Mapping[str, Table] | Mapping[str, Routine], name: str) -> bool:
    """Whether a hint may mention the name: it is a table or routine that the account may use."""
    each = found.get(name)
    return each is not None and bool(each.privileges if isinstance(each, Table) else each.executable)


def denied(table: Table, wanted: Privilege, column: Column | None = None) -> bool:
    """Whether the account lacks a privilege on the table, or on one of its columns."""
    return wanted not in (table.privileges if column is None else column.privileges)
