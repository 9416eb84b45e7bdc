"""The catalog: a database's schema as records, how it is read from the server, and how names are looked up in it."""

from __future__ import annotations

from api.catalog.cache import Cache, CacheKey
from api.catalog.kinds import Family, Kind, Traits
from api.catalog.records import (
    Cardinality,
    Catalog,
    Column,
    ColumnType,
    Dialect,
    ForeignKey,
    Junction,
    Parameter,
    ParameterMode,
    Relationship,
    Routine,
    Schema,
    Table,
    TableKey,
    ViewColumn,
    column_name,
    column_of,
    routine_name,
    table_name,
)

__all__ = [
    "Cache",
    "CacheKey",
    "Cardinality",
    "Catalog",
    "Column",
    "ColumnType",
    "Dialect",
    "Family",
    "ForeignKey",
    "Junction",
    "Kind",
    "Parameter",
    "ParameterMode",
    "Relationship",
    "Routine",
    "Schema",
    "Table",
    "TableKey",
    "Traits",
    "ViewColumn",
    "column_name",
    "column_of",
    "routine_name",
    "table_name",
]
