"""The catalog: what a MySQL database says about itself, how it is read, and how its entries are found."""

from __future__ import annotations

from api.catalog.records import (
    Cardinality,
    Catalog,
    Column,
    ColumnType,
    Dialect,
    ForeignKey,
    Junction,
    Kind,
    Parameter,
    ParameterMode,
    Relationship,
    Routine,
    Schema,
    Table,
    TableKey,
    ViewColumn,
    column_of,
    routine_name,
    table_name,
)

__all__ = [
    "Cardinality",
    "Catalog",
    "Column",
    "ColumnType",
    "Dialect",
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
    "ViewColumn",
    "column_of",
    "routine_name",
    "table_name",
]
