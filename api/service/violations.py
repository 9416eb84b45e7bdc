"""Errors about duplicates, with the columns of the key and their values: the database says only the key's name."""

from __future__ import annotations

from dataclasses import replace

from api.catalog import Catalog, Kind, Table
from api.catalog.lookup import find_schema
from api.database.translate import Duplicate, duplicate_of
from api.errors import ApiError, codes, shorten
from api.request.query import ApiRequest, RoutineCall


def with_columns(error: ApiError, request: ApiRequest, catalog: Catalog) -> ApiError:
    """The error with `Key (a, b)=(1, 2) already exists.` in its details, if it is a duplicate of a key whose columns
    are known."""
    if error.error is not codes.UNIQUE_VIOLATION or error.__cause__ is None:
        return error
    duplicate = duplicate_of(error.__cause__)
    if duplicate is None:
        return error
    for table in _tables(duplicate, request, catalog):
        columns = dict(table.key_names).get(duplicate.key)
        if columns is not None:
            values = _values(table, columns, duplicate, request)
            shown = f"=({', '.join(values)})" if values else ""
            return replace(error, details=f"Key ({', '.join(columns)}){shown} already exists.")
    return error


def _tables(duplicate: Duplicate, request: ApiRequest, catalog: Catalog) -> tuple[Table, ...]:
    """The tables that can have the duplicate; MariaDB does not name it."""
    schema = find_schema(catalog, request.profile)
    if duplicate.table is not None:
        named = schema.tables.get(duplicate.table)
        return () if named is None else (named,)
    if isinstance(request.target, RoutineCall):
        return ()
    target = schema.tables.get(request.target.name)
    if target is None:
        return ()
    bases = {column.table: catalog.table(column.table) for column in target.view_columns}
    found = tuple(bases.values()) if target.is_view else (target,)
    return () if any(table.has_triggers for table in found) else found  # a trigger may write to any table


def _values(table: Table, columns: tuple[str, ...], duplicate: Duplicate, request: ApiRequest) -> tuple[str, ...]:
    """The values of the key: of the only row of the payload, else the server's text if it has as many parts.

    The server's text of bytes is unreadable and incomplete.
    """
    is_binary = any(table.by_name[column].type.kind is Kind.BINARY for column in columns)
    if len(columns) == 1 and not is_binary:
        return (shorten(duplicate.values),)
    rows = request.payload.rows if request.payload is not None else ()
    if len(rows) == 1 and all(column in rows[0] for column in columns):
        return tuple(shorten(str(rows[0][column])) for column in columns)
    parts = duplicate.values.split("-")
    return tuple(map(shorten, parts)) if len(parts) == len(columns) and not is_binary else ()
