"""Look up the database and the table that a request names."""

from __future__ import annotations

from collections.abc import Sequence

from api import errors
from api.catalog import Cardinality, Catalog, Relationship, Schema, Table, TableKey
from api.catalog.privileges import names_shown

PUBLIC = "public"
"""The name that Supabase clients use for the default database."""


def find_schema(catalog: Catalog, profile: str | None) -> Schema:
    """The exposed database that a profile names; the default one for None and `public`.

    Raises: `ApiError` PGRST106 for a database that is not exposed.
    """
    if profile is None or (profile == PUBLIC and PUBLIC not in catalog.schemas):
        return catalog.schemas[catalog.default_schema]
    schema = catalog.schemas.get(profile)
    if schema is None:
        raise errors.unknown_profile(profile, catalog.schemas)
    return schema


def find_table(catalog: Catalog, profile: str | None, name: str) -> Table:
    """The table or view with this name.

    Raises: `ApiError` PGRST106 for a database that is not exposed, PGRST205 for an unknown table.
    """
    schema = find_schema(catalog, profile)
    table = schema.tables.get(name)
    if table is None:
        raise errors.unknown_table(schema.name, name, names_shown(schema.tables))
    return table


def is_reference(catalog: Catalog, relationship: Relationship) -> bool:
    """Whether a row of the origin references at most one row of the target: the origin has the foreign key, itself or
    as a view that shows its columns."""
    if relationship.junction is not None or relationship.cardinality is not Cardinality.ONE_TO_ONE:
        return relationship.cardinality is Cardinality.MANY_TO_ONE
    origin = catalog.table(relationship.origin)
    if not origin.is_view:
        return _has_foreign_key(origin, relationship.name, relationship.origin_columns)
    shown = {(each.table, each.column): each.table_column for each in origin.view_columns}
    bases = {each.table for each in origin.view_columns if _exists(catalog, each.table)}
    return any(
        _has_foreign_key(
            catalog.table(key), relationship.name, [shown.get((key, each)) for each in relationship.origin_columns]
        )
        for key in bases
    )


def _exists(catalog: Catalog, key: TableKey) -> bool:
    return key.schema in catalog.schemas and key.name in catalog.schemas[key.schema].tables


def _has_foreign_key(table: Table, name: str, columns: Sequence[str | None]) -> bool:
    return any((each.name, list(each.columns)) == (name, list(columns)) for each in table.foreign_keys)
