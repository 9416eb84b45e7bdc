"""PATCH with an array: each element has the key of the row that it changes, and the new values of that row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from api import errors
from api.catalog import Catalog, Column, Privilege, Table
from api.catalog.lookup import find_table
from api.catalog.policies import Command
from api.catalog.privileges import denied
from api.plan.identity import hidden_key, identity
from api.plan.located import is_filtered, not_taken
from api.plan.payload import TypedRows, sent_names, typed_columns
from api.plan.read import plan_read
from api.plan.tree import Predicate, ReadPlan, Visible
from api.plan.visible import has_subquery, stored_rows, visible_rows
from api.plan.write import shown_rows
from api.request.caller import NOBODY, Caller
from api.request.query import ApiRequest, Payload, Relation
from api.statement import quote_name
from api.values.keys import Key


@dataclass(frozen=True, slots=True)
class BulkUpdatePlan:
    """Rows to change, each in its own way."""

    table: Table
    identity: tuple[Column, ...]
    keys: tuple[Key, ...]
    """One for each row of the payload."""
    values: TypedRows
    """What is written to these rows."""
    rows: ReadPlan
    """The rows that the caller may change."""
    direct: tuple[Predicate, ...] | None
    """The same restriction without the plan's aliases; None if it involves other tables."""
    shown: ReadPlan | None
    checks: Visible
    """What the policies require of the changed rows, for the alias `t`."""


def is_bulk_update(request: ApiRequest) -> bool:
    """Whether a request changes each row to its own values: a PATCH of an array without a filter."""
    return (
        request.method == "PATCH"
        and isinstance(request.target, Relation)
        and request.payload is not None
        and request.payload.is_array
        and not is_filtered(request.query)
    )


def plan_bulk_update(request: ApiRequest, catalog: Catalog, caller: Caller = NOBODY) -> BulkUpdatePlan:
    """The plan of a PATCH for which `is_bulk_update` is true.

    Raises: `ApiError` for unknown names, values that do not fit, and rows without their key.
    """
    if not isinstance(request.target, Relation) or request.payload is None:
        raise TypeError("not an update of several rows")
    payload = request.payload
    table = find_table(catalog, request.profile, request.target.name)
    if denied(table, Privilege.UPDATE):
        raise errors.permission_denied("table", table.name)
    if not table.updatable:
        raise not_taken("PATCH", table)
    if request.limit is not None or request.offset:
        raise errors.parse_failed(
            "limit", request.query.as_sent, "a PATCH with an array changes every row of the array", "Send fewer rows."
        )
    key = identity(table)
    if table.hides_primary_key:
        raise hidden_key(table)
    if not key:
        raise errors.not_implemented(
            f"'{table.name}' has no key by which to find the rows of the array.", "Send one object, and a filter."
        )
    keys = _keys(request, payload, catalog, table, key)
    key_names = {column.name for column in key}
    names = tuple(name for name in sent_names(request, payload) if name not in key_names)
    values = typed_columns(request, payload, catalog, table, names, Privilege.UPDATE)
    commands = (Command.SELECT, Command.UPDATE)
    rows = plan_read(catalog, table, request.query, None, 0, request.preferences.timezone, caller, commands)
    direct: tuple[Predicate, ...] | None = None
    if not any(each.embed.inner for each in rows.embeds) and not has_subquery(rows.visible):
        direct = visible_rows(table, quote_name(table.name), caller, commands)
    checks = stored_rows(table, "t", caller, Command.UPDATE, read=True)
    shown = shown_rows(request, catalog, table, caller, in_order=True)
    return BulkUpdatePlan(table, key, keys, values, replace(rows, order=()), direct, shown, checks)


def _keys(
    request: ApiRequest, payload: Payload, catalog: Catalog, table: Table, key: tuple[Column, ...]
) -> tuple[Key, ...]:
    """Each row's key.

    Raises: `ApiError` PGRST102 for a row without it.
    """
    names = tuple(column.name for column in key)
    for name in names:
        given = [row.get(name) for row in payload.rows]
        if None in given:
            raise errors.bad_body(
                "Each row of a PATCH must have its key",
                f"Element {given.index(None)} of the array has no value for '{name}'.",
                "To change all rows that match a filter in the same way, send one object and the filter.",
            )
    typed = typed_columns(request, payload, catalog, table, names, Privilege.SELECT)
    return cast("tuple[Key, ...]", tuple(zip(*typed.values, strict=True)))  # no type of a key is written as SQL
