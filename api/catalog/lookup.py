"""Look up the database and the table that a request names."""

from __future__ import annotations

from functools import partial

from api import errors
from api.catalog import Catalog, Relationship, Schema, Table
from api.catalog.privileges import may_show

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
        near = errors.nearest(name, schema.tables, partial(may_show, schema.tables))
        raise errors.unknown_table(schema.name, name, near, is_routine=may_show(schema.routines, name))
    return table


def is_reference(relationship: Relationship) -> bool:
    """Whether a row of the origin references at most one row of the target: the origin has the foreign key, itself or
    as a view that shows its columns."""
    return relationship.forwards and relationship.cardinality.to_one
