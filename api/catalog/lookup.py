"""What a request names by its profile and address, found in the catalog."""

from __future__ import annotations

from api import errors
from api.catalog import Catalog, Schema, Table

PUBLIC = "public"
"""What Supabase's clients call the default database."""


def find_schema(catalog: Catalog, profile: str | None) -> Schema:
    """The exposed database of a profile; none, and `public`, is the default one.

    Raises: `ApiError` PGRST106.
    """
    if profile is None or (profile == PUBLIC and PUBLIC not in catalog.schemas):
        return catalog.schemas[catalog.default_schema]
    schema = catalog.schemas.get(profile)
    if schema is None:
        raise errors.unknown_profile(profile, catalog.schemas)
    return schema


def find_table(catalog: Catalog, profile: str | None, name: str) -> Table:
    """The table or view of this name.

    Raises: `ApiError` PGRST106, PGRST205.
    """
    schema = find_schema(catalog, profile)
    table = schema.tables.get(name)
    if table is None:
        raise errors.unknown_table(schema.name, name, schema.tables)
    return table
