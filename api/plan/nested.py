"""POST of rows that contain rows of related tables, under the names by which `select` embeds those tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from api import errors
from api.catalog import Catalog, Column, Privilege, Relationship, Table
from api.catalog.lookup import find_table, is_reference
from api.catalog.privileges import denied
from api.plan.identity import has_triggers
from api.plan.located import not_taken
from api.plan.payload import Cell, Missing, TypedRows, sent_names, typed_columns
from api.plan.relations import find_relationship
from api.plan.shape import MAX_EMBEDS
from api.plan.write import InsertPlan, insert_plan
from api.request.body import rows_of
from api.request.caller import NOBODY, Caller
from api.request.query import ApiRequest, EmbedItem, Payload, Query, Relation, SelectItem


@dataclass(frozen=True, slots=True)
class NestedRows:
    """The rows of one table at one place of the body, and the rows related to them."""

    insert: InsertPlan
    """A value that comes from a related row is `Missing.RELATED`, unless the client sent one."""
    has_triggers: bool
    before: tuple[Related, ...] = ()
    """Rows that these rows refer to."""
    after: tuple[Related, ...] = ()
    """Rows that refer to these rows, directly or through a junction."""


@dataclass(frozen=True, slots=True)
class Related:
    """Rows related to other rows. Columns match pairwise."""

    rows: NestedRows
    owners: tuple[int, ...]
    """For each of the rows, the number of the row that contains it in the body."""
    owner_columns: tuple[Column, ...]
    columns: tuple[Column, ...]
    """Of these rows; with a junction, the ones that it refers to."""
    junction: JunctionRows | None = None


@dataclass(frozen=True, slots=True)
class JunctionRows:
    """A junction's rows, one for each of the related rows."""

    rows: NestedRows
    to_owner: tuple[Column, ...]
    to_related: tuple[Column, ...]


def plan_nested(request: ApiRequest, catalog: Catalog, most_rows: int, caller: Caller = NOBODY) -> NestedRows | None:
    """The plan of a POST whose rows contain rows; None if none does.

    Raises: `ApiError` as for the insert of each table; PGRST201 for an ambiguous relation; PGRST102 for a value that is
    not an object or array, as the relation requires; 54000 (413) for more than `most_rows` rows in total.
    """
    payload = request.payload
    if request.method != "POST" or not isinstance(request.target, Relation) or payload is None or payload.from_texts:
        return None
    table = find_table(catalog, request.profile, request.target.name)
    names = [name for name in sent_names(request, payload) if name not in table.by_name]
    if not any(_contains_rows(payload, name) for name in names):
        return None
    if request.preconditions.none_match is not None:
        raise errors.not_implemented("If-None-Match belongs to one row, and the body has nested rows.")
    if request.preferences.resolution is not None:
        raise errors.not_implemented(
            "An upsert does not take nested rows.", "Send the rows of each table separately, in one batch."
        )
    return _Planner(request, catalog, caller, most_rows, len(payload.rows)).root(table, payload)


def _contains_rows(payload: Payload, name: str) -> bool:
    return any(isinstance(row.get(name), dict | list) for row in payload.rows)


@dataclass(slots=True)
class _Planner:
    request: ApiRequest
    catalog: Catalog
    caller: Caller
    most_rows: int
    count: int
    places: int = 0

    def root(self, table: Table, payload: Payload) -> NestedRows:
        names = sent_names(self.request, payload)
        return self.rows(self.request, table, payload, names, self.request.query.select, (), keyed=False)

    def below(
        self,
        table: Table,
        rows: list[dict[str, object]],
        select: tuple[SelectItem, ...],
        given: tuple[Column, ...],
        *,
        keyed: bool,
    ) -> NestedRows:
        """Rows at a lower level, whose columns `given` have values of related rows; `keyed`: others need their keys."""
        self.places += 1
        self.count += len(rows)
        if self.places > MAX_EMBEDS:
            raise errors.bad_body(f"The rows contain rows in more than {MAX_EMBEDS} places")
        if self.count > self.most_rows:
            message = f"{self.count} rows, including nested ones, exceed the limit of {self.most_rows}"
            raise errors.too_large(message, "Send the rows in several requests.")
        preferences = replace(self.request.preferences, returning=None)
        request = replace(self.request, query=Query(), preferences=preferences)
        payload = rows_of(rows)
        return self.rows(request, table, payload, payload.keys, select, given, keyed=keyed)

    def rows(
        self,
        request: ApiRequest,
        table: Table,
        payload: Payload,
        names: tuple[str, ...],
        select: tuple[SelectItem, ...],
        given: tuple[Column, ...],
        *,
        keyed: bool,
    ) -> NestedRows:
        if denied(table, Privilege.INSERT):
            raise errors.permission_denied("table", table.name)
        if not table.insertable:
            raise not_taken("POST", table)
        plain = tuple(name for name in names if name in table.by_name)
        typed = typed_columns(request, payload, self.catalog, table, plain, Privilege.INSERT)
        typed = _with_related(table, typed, given, range(typed.count))
        before: list[Related] = []
        after: list[Related] = []
        for name in names:
            if name in table.by_name:
                continue
            item = _item(name, select)
            relationship = self.relationship(table, payload, name, item)
            forwards = is_reference(relationship)
            found = _collected(name, payload, to_one=relationship.cardinality.to_one)
            if not found:
                continue
            related = self.related(relationship, found, item.select, forwards=forwards)
            if forwards:
                typed = _with_related(table, typed, related.owner_columns, related.owners)
                before.append(related)
            else:
                after.append(related)
        insert = insert_plan(request, self.catalog, table, typed, None, self.caller, keyed=keyed or bool(after))
        return NestedRows(insert, has_triggers(self.catalog, table), tuple(before), tuple(after))

    def related(
        self,
        relationship: Relationship,
        found: Sequence[tuple[int, dict[str, object]]],
        select: tuple[SelectItem, ...],
        *,
        forwards: bool,
    ) -> Related:
        origin, target = self.catalog.table(relationship.origin), self.catalog.table(relationship.target)
        owners = tuple(owner for owner, _ in found)
        own = tuple(origin.by_name[name] for name in relationship.origin_columns)
        columns = tuple(target.by_name[name] for name in relationship.target_columns)
        direct = not forwards and relationship.junction is None
        rows = self.below(target, [row for _, row in found], select, columns if direct else (), keyed=not direct)
        junction = self.junction(relationship, len(found))
        return Related(rows, owners, own, columns, junction)

    def junction(self, relationship: Relationship, count: int) -> JunctionRows | None:
        if relationship.junction is None:
            return None
        table = self.catalog.table(relationship.junction.table)
        to_owner = tuple(table.by_name[name] for name in relationship.junction.origin_columns)
        to_related = tuple(table.by_name[name] for name in relationship.junction.target_columns)
        self.count -= count  # the client did not send them
        rows = self.below(table, [{}] * count, (), (*to_owner, *to_related), keyed=False)
        return JunctionRows(rows, to_owner, to_related)

    def relationship(self, table: Table, payload: Payload, name: str, item: EmbedItem) -> Relationship:
        """The relationship that a key of the rows names.

        Raises: `ApiError` PGRST204 if there is none, PGRST201 if there are several.
        """
        if _contains_rows(payload, name):
            try:
                return find_relationship(self.catalog, table, item)
            except errors.ApiError as error:
                if error.code != errors.codes.NO_RELATIONSHIP.code:
                    raise
        raise errors.unknown_payload_column(name, table.name, table.named)


def _item(name: str, select: tuple[SelectItem, ...]) -> EmbedItem:
    """The embed that a key of a row means: the one that `select` shows under this name, or `relation!hint`."""
    for item in select:
        if isinstance(item, EmbedItem) and item.name == name and not item.spread:
            return item
    relation, _, hint = name.partition("!")
    return EmbedItem(relation, (), hint=hint or None)


def _collected(name: str, payload: Payload, *, to_one: bool) -> list[tuple[int, dict[str, object]]]:
    """The related rows under a key of the rows, each with the number of the row that contains it.

    Raises: `ApiError` PGRST102 unless they are objects, or arrays of objects.
    """
    found: list[tuple[int, dict[str, object]]] = []
    for number, row in enumerate(payload.rows):
        value = row.get(name)
        if value is None:
            continue
        if not isinstance(value, dict if to_one else list):
            wanted = "one object: each row has at most one related row" if to_one else "an array of objects"
            raise errors.bad_body(f"'{name}' must be {wanted}", f"In element {number} it is a different value.")
        for each in [value] if isinstance(value, dict) else cast("list[object]", value):
            if not isinstance(each, dict):
                raise errors.bad_body(
                    f"'{name}' must be an array of objects", f"In element {number} it is a different value."
                )
            found.append((number, cast("dict[str, object]", each)))
    return found


def _with_related(table: Table, rows: TypedRows, given: tuple[Column, ...], numbers: Sequence[int]) -> TypedRows:
    """The rows with these columns, whose values come from related rows for the rows of these numbers."""
    if not given:
        return rows
    columns, values = list(rows.columns), list(rows.values)
    for column in given:
        if denied(table, Privilege.INSERT, column):
            details = f"The role may not insert column '{column.name}', which refers to the related rows."
            raise errors.permission_denied("table", table.name, details)
        if column.generated:
            raise errors.generated_column(column.name)
        if column not in columns:
            columns.append(column)
            values.append((Missing.DEFAULT,) * rows.count)
        position = columns.index(column)
        cells: list[Cell] = list(values[position])
        for number in numbers:
            if cells[number] is None or cells[number] is Missing.DEFAULT:
                cells[number] = Missing.RELATED
        values[position] = tuple(cells)
    return TypedRows(tuple(columns), tuple(values), rows.count)
