"""Which columns identify the rows of a table, so that a write can find them again."""

from __future__ import annotations

from api import errors
from api.catalog import Catalog, Column, Privilege, Table
from api.catalog.privileges import denied


def hidden_key(table: Table) -> errors.ApiError:
    """42501: the request addresses rows by a primary key that the role may not read."""
    return errors.permission_denied("table", table.name, "The role may not read the primary key.")


def identity(table: Table) -> tuple[Column, ...]:
    """The columns that identify a row: the primary key, or a unique key without NULL; empty if there is neither."""
    for key in (table.primary_key, *table.unique_keys):
        columns = tuple(table.by_name[name] for name in key)
        required = key == table.primary_key or not any(column.nullable for column in columns)
        if columns and required and all(column.type.kind.traits.exact for column in columns):
            return columns
    return ()


def stored_column(catalog: Catalog, table: Table, column: Column) -> Column:
    """The base table's column behind a view's column; the column itself if it is not a view's."""
    for shown in table.view_columns:
        if shown.column == column.name:
            origin = catalog.table(shown.table)
            return stored_column(catalog, origin, origin.by_name[shown.table_column])
    return column


def counting_column(catalog: Catalog, table: Table) -> Column | None:
    """The table's AUTO_INCREMENT column, or the view's column for it."""
    for column in table.columns:
        if column.auto_increment or (table.is_view and stored_column(catalog, table, column).auto_increment):
            return column
    return None


def has_triggers(catalog: Catalog, table: Table) -> bool:
    """Whether a write may store something other than what was sent; a view has the triggers of its tables."""
    return table.has_triggers or any(catalog.table(each.table).has_triggers for each in table.view_columns)


def conflict_target(table: Table, names: tuple[str, ...] | None) -> tuple[Column, ...]:
    """The key whose duplicates an upsert resolves: the primary key, or the one of `on_conflict`.

    Raises: `ApiError` 42703 for an unknown column, 42P10 for columns that are not a unique key, 42501 for
    columns that the role may not read.
    """
    if names is None:
        if table.hides_primary_key:
            raise hidden_key(table)
        return tuple(table.by_name[name] for name in table.primary_key)
    for name in names:
        if name not in table.by_name:
            raise errors.unknown_column(table.name, name, table.named)
        if denied(table, Privilege.SELECT, table.by_name[name]):
            raise errors.permission_denied("table", table.name, f"The role may not read column '{name}'.")
    keys = [key for key in (table.primary_key, *table.unique_keys) if key]
    found = next((key for key in keys if set(key) == set(names)), None)
    if found is None:
        raise errors.no_unique_key(table.name, names, keys)
    return tuple(table.by_name[name] for name in found)
