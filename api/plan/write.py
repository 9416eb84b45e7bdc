"""From a request to the plan of a write: columns looked up, values typed, the rules of each method checked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from api import errors
from api.catalog import Catalog, Column, Privilege, Table
from api.catalog.lookup import find_table
from api.catalog.policies import Command
from api.catalog.privileges import denied
from api.plan.identity import conflict_target, counting_column, hidden_key, identity
from api.plan.keys import key_values
from api.plan.located import Located, locate, not_taken
from api.plan.payload import Cell, Computed, Missing, TypedRows, key_default, stored_form, typed_rows
from api.plan.read import plan_read
from api.plan.tree import UNRESTRICTED, ReadPlan, Visible
from api.plan.visible import stored_rows, visible_rows
from api.request.caller import NOBODY, Caller
from api.request.query import (
    ApiRequest,
    Comparison,
    EmbedItem,
    Field,
    Query,
    RoutineCall,
    Row,
)
from api.statement import Sql, Value
from api.values.keys import same_value


@dataclass(frozen=True, slots=True)
class Conflict:
    """What an upsert does with existing rows: `merge` changes them; otherwise they stay as they are."""

    columns: tuple[Column, ...]
    merge: bool
    exclusive: bool = False
    """`If-None-Match: *`: an existing row fails the request. Then nothing is merged."""
    counted: bool = True
    """The answer depends on the number of new rows."""


@dataclass(frozen=True, slots=True)
class InsertPlan:
    """Rows to insert, or with a `conflict` to upsert. The first `sent` columns are the client's; the others are
    defaults, sent so that the key is known."""

    table: Table
    rows: TypedRows
    sent: int
    identity: tuple[Column, ...]
    """Empty if the rows' keys are not known: the written rows are then found by comparing before and after."""
    counting: Column | None
    conflict: Conflict | None = None
    shown: ReadPlan | None = None
    located: bool = False
    """The client asks for the key, with `return=headers-only`."""
    checks: Visible = UNRESTRICTED
    """What the policies require of every row of the payload. All of these policies are for the alias `t`."""
    existing: Visible = UNRESTRICTED
    """What they require of the existing rows that an upsert merges into."""
    merged: Visible = UNRESTRICTED
    """What they require of these rows afterwards."""


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """Rows to change, all in the same way."""

    located: Located
    assignments: tuple[tuple[Column, Cell], ...]
    shown: ReadPlan | None = None
    checks: Visible = UNRESTRICTED
    """What the policies require of the changed rows, for the alias `t`."""


@dataclass(frozen=True, slots=True)
class DeletePlan:
    """Rows to remove."""

    located: Located
    shown: ReadPlan | None = None


WritePlan = InsertPlan | UpdatePlan | DeletePlan


def plan_write(request: ApiRequest, catalog: Catalog, caller: Caller = NOBODY) -> WritePlan:
    """The plan of a POST, PUT, PATCH or DELETE on a table or one of its rows.

    Raises: `ApiError` for unknown names, values that do not fit, and what the method does not allow.
    """
    if isinstance(request.target, RoutineCall):
        raise TypeError("a routine is called, not written")
    table = find_table(catalog, request.profile, request.target.name)
    if denied(table, _NEEDED[request.method]):
        raise errors.permission_denied("table", table.name)
    if request.method == "POST":
        return _plan_insert(request, catalog, table, caller)
    if request.method == "PUT":
        return _plan_put(request, catalog, table, caller)
    located = locate(request, catalog, table, caller)
    # rows with a key are locked in the order of the request, and shown as they were locked
    shown = shown_rows(request, catalog, table, caller, in_order=not identity(table))
    if request.method == "DELETE":
        return DeletePlan(located, shown)
    if request.payload is not None and len(request.payload.rows) > 1:
        raise errors.bad_body(
            "PATCH with a filter takes one object",
            f"The array has {len(request.payload.rows)} objects.",
            "Without a filter, each object of an array changes the row with its key.",
        )
    rows = typed_rows(request, catalog, table)
    assignments = tuple((column, values[0]) for column, values in zip(rows.columns, rows.values, strict=True) if values)
    # checked even if nothing changes that the policies depend on: a trigger may, and the account may not see triggers
    checks = stored_rows(table, "t", caller, Command.UPDATE, read=True)
    return UpdatePlan(located, assignments, shown, checks)


_NEEDED = {
    "POST": Privilege.INSERT,
    "PUT": Privilege.INSERT,
    "PATCH": Privilege.UPDATE,
    "DELETE": Privilege.SELECT,  # for its filter; whether DELETE itself is granted, the database decides
}


def _plan_insert(request: ApiRequest, catalog: Catalog, table: Table, caller: Caller) -> InsertPlan:
    if not table.insertable:
        raise not_taken("POST", table)
    conflict = None
    if request.preferences.resolution is not None:
        if request.preconditions.none_match is not None:
            raise errors.not_implemented(
                "If-None-Match requires that the row does not exist; resolution= is for rows that may exist.",
                "Send one of the two. Nothing was written.",
            )
        target = conflict_target(table, request.query.on_conflict)
        conflict = Conflict(target, request.preferences.resolution == "merge-duplicates") if target else None
    elif request.preconditions.none_match is not None or request.query.on_conflict is not None:
        target = conflict_target(table, request.query.on_conflict)
        conflict = _exclusive(request, table, target)
    query = replace(request.query, filters=tuple(each for each in request.query.filters if each[0]))
    if len(query.filters) != len(request.query.filters):
        raise errors.parse_failed(
            "filter", request.query.as_sent, "POST does not take filters", "PATCH changes the rows that match a filter."
        )
    return insert_plan(request, catalog, table, typed_rows(request, catalog, table), conflict, caller)


def _exclusive(request: ApiRequest, table: Table, target: tuple[Column, ...]) -> Conflict | None:
    """The rule of `If-None-Match: *` for an existing row; None without this header.

    Raises: `ApiError` PGRST127 for a table without a key.
    """
    if request.preconditions.none_match is None:
        return None
    if not target:
        raise errors.not_implemented(f"'{table.name}' has no primary key, which If-None-Match requires.")
    return Conflict(target, merge=False, exclusive=True)


def insert_plan(
    request: ApiRequest,
    catalog: Catalog,
    table: Table,
    rows: TypedRows,
    conflict: Conflict | None,
    caller: Caller,
    *,
    keyed: bool = False,
) -> InsertPlan:
    """The plan of an insert of rows whose values are typed; `keyed`: their keys are needed."""
    located = request.preferences.returning == "headers-only"
    shown = shown_rows(request, catalog, table, caller, in_order=True)
    checks = stored_rows(table, "t", caller, Command.INSERT, read=shown is not None or located or conflict is not None)
    existing = merged = UNRESTRICTED
    if conflict is not None and conflict.merge:
        existing = visible_rows(table, "t", caller, (Command.SELECT, Command.UPDATE))
        merged = stored_rows(table, "t", caller, Command.UPDATE, read=True)
    counting = counting_column(catalog, table)
    sent = len(rows.columns)
    key: tuple[Column, ...] = ()
    if shown is not None or located or keyed or checks:
        key = identity(table)
        rows, known = _with_defaults(rows, key, counting, catalog)
        key = key if known else ()
    if conflict is not None:
        rows, known = _with_defaults(rows, conflict.columns, counting, catalog)
    return InsertPlan(table, rows, sent, key, counting, conflict, shown, located, checks, existing, merged)


def _with_defaults(
    rows: TypedRows, key: tuple[Column, ...], counting: Column | None, catalog: Catalog
) -> tuple[TypedRows, bool]:
    """The rows with the defaults of key columns written out; False if a default is not known."""
    columns, values = list(rows.columns), list(rows.values)
    known = True
    for column in key:
        if column == counting:
            continue
        if column not in columns:
            columns.append(column)
            values.append((Missing.DEFAULT,) * rows.count)
        position = columns.index(column)
        if Missing.DEFAULT in values[position]:
            default = key_default(column, catalog)
            if default is Missing.DEFAULT:
                known = False
                if position >= len(rows.columns):
                    del columns[position], values[position]
                continue
            values[position] = tuple([default if cell is Missing.DEFAULT else cell for cell in values[position]])
    return TypedRows(tuple(columns), tuple(values), rows.count), known


def _plan_put(request: ApiRequest, catalog: Catalog, table: Table, caller: Caller) -> InsertPlan:
    if table.hides_primary_key:
        raise hidden_key(table)
    if not (table.insertable and table.updatable):
        raise not_taken("PUT", table)
    if not table.primary_key:
        raise errors.bad_put_filters(
            table.methods, f"'{table.name}' has no primary key. POST with on_conflict= updates rows by a unique key."
        )
    if isinstance(request.target, Row):
        key = key_values(table, request.target, of_new_row=True)
        if request.query.filters:
            raise errors.bad_put_filters(table.methods)
    else:
        key = _put_filters(request, table)
    if request.payload is None or len(request.payload.rows) != 1:
        raise errors.bad_body("PUT takes one object", "An address by key names one row.")
    rows = typed_rows(request, catalog, table)
    columns, values = list(rows.columns), list(rows.values)
    for name, found in zip(table.primary_key, key, strict=True):
        column = table.by_name[name]
        wanted = stored_form(column, found, catalog.dialect)
        if column in columns:
            sent = values[columns.index(column)][0]
            if isinstance(sent, Sql | Missing | Computed) or same_value(column, sent) != same_value(column, wanted):
                raise errors.put_payload_differs(name)
        elif isinstance(request.target, Row):
            columns.append(column)
            values.append((wanted,))
        else:
            raise errors.put_payload_differs(name)
    complete = TypedRows(tuple(columns), tuple(values), 1)
    exclusive = request.preconditions.none_match is not None
    counted = exclusive or request.preferences.returning in ("representation", "headers-only")
    target = tuple(table.by_name[name] for name in table.primary_key)
    conflict = Conflict(target, not exclusive, exclusive, counted)
    return insert_plan(request, catalog, table, complete, conflict, caller)


def _put_filters(request: ApiRequest, table: Table) -> tuple[Value, ...]:
    """The key in the filters of a PUT.

    Raises: `ApiError` PGRST105 unless they are exactly the primary key's columns with `eq`.
    """
    found: dict[str, str] = {}
    hint = f"Address the row by its key: ?{'&'.join(f'{name}=eq.value' for name in table.primary_key)}"
    for path, condition in request.query.filters:
        if (
            path
            or not isinstance(condition, Comparison)
            or condition.operator != "eq"
            or condition.negated
            or condition.quantifier is not None
            or type(condition.field) is not Field
            or condition.field.path
            or not isinstance(condition.value, str)
            or condition.field.name in found
        ):
            raise errors.bad_put_filters(table.methods, hint)
        found[condition.field.name] = condition.value
    if set(found) != set(table.primary_key):
        raise errors.bad_put_filters(table.methods, hint)
    key = tuple(found[name] for name in table.primary_key)
    return key_values(table, Row(table.name, key), of_new_row=True)


def shown_rows(
    request: ApiRequest, catalog: Catalog, table: Table, caller: Caller, *, in_order: bool
) -> ReadPlan | None:
    """The plan of the rows that a write returns: all written rows, even if the filter no longer matches.

    `in_order`: in the order that the request asks for.
    """
    query = request.query
    if request.preferences.returning != "representation":
        if request.method in ("POST", "PUT") and query.select != Query().select:
            plan_read(catalog, table, replace(query, filters=()), None, 0)  # unknown names are still an error
        return None
    select = tuple(replace(item, inner=False) if isinstance(item, EmbedItem) else item for item in query.select)
    filters = tuple((path, condition) for path, condition in query.filters if path)
    orders = tuple((path, terms) for path, terms in query.orders if path or in_order)
    wanted = replace(query, select=select, filters=filters, orders=orders)
    shown = plan_read(catalog, table, wanted, None, 0, request.preferences.timezone, caller)
    ordered = any(not path for path, _ in orders)
    return shown if ordered or not shown.order else replace(shown, order=())
