"""A row's key in its address: the primary key's values, in key order."""

from __future__ import annotations

from api import errors
from api.catalog import Table
from api.plan.identity import hidden_key
from api.request.query import Row
from api.statement import Value
from api.values.filters import filter_value, stored_value
from api.values.numbers import Beyond


def key_values(table: Table, target: Row, *, of_new_row: bool = False) -> tuple[Value, ...]:
    """The key's values, typed; `of_new_row`: as the table stores them.

    Raises: `ApiError` PGRST125 for a table without a key, PGRST100 for the wrong number of values, 42501 for a key that
    the role may not read, 22P02 and similar for values that do not fit, PGRST116 (404) for a number that no row has.
    """
    if table.hides_primary_key:
        raise hidden_key(table)
    if not table.primary_key:
        error = errors.invalid_path(f"/{target.name}/{','.join(target.key)}")
        error.hint = f"'{table.name}' has no primary key: use a filter instead, /{target.name}?column=eq.value"
        raise error
    key = target.key
    if len(table.primary_key) == 1:
        key = (",".join(key),)  # a comma is part of the value
    if len(key) != len(table.primary_key):
        raise errors.parse_failed(
            "row key",
            ",".join(key),
            f"The key of '{table.name}' has {len(table.primary_key)} columns: {', '.join(table.primary_key)}.",
        )
    columns = [table.by_name[name] for name in table.primary_key]
    if of_new_row:
        return tuple(stored_value(column, text) for column, text in zip(columns, key, strict=True))
    values: list[Value] = []
    for column, text in zip(columns, key, strict=True):
        found = filter_value(column, text)
        if isinstance(found, Beyond):
            raise errors.no_row(table.name, ",".join(key))
        values.append(found)
    return tuple(values)
