"""Relationships between tables: every way that foreign keys connect them, in both directions. Pure.

As in PostgREST, a view that shows the columns of a key stands in for its base table: as origin, target or junction
(https://docs.postgrest.org/en/stable/references/api/resource_embedding.html). Unlike in PostgREST, a relationship is
to-one only if the target is certain to have at most one matching row: a view with a join may repeat the rows of its
base table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Protocol

from api.catalog import Cardinality, ForeignKey, Junction, Relationship, TableKey, ViewColumn

MOST_NAMES = 16
"""The most combinations of names that a view may have for the columns of one key."""


class Keyed(Protocol):
    """The parts of a `Table` that relationships depend on."""

    @property
    def key(self) -> TableKey: ...
    @property
    def primary_key(self) -> tuple[str, ...]: ...
    @property
    def unique_keys(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]: ...
    @property
    def view_columns(self) -> tuple[ViewColumn, ...]: ...


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a foreign key: a table or view, and its columns for that end, in the key's order."""

    table: Keyed
    columns: tuple[str, ...]
    is_unique: bool
    """No two rows have the same values in these columns."""


def relationships(tables: Iterable[Keyed]) -> dict[TableKey, tuple[Relationship, ...]]:
    """All relationships by origin, in a fixed order (see `_order`).

    Foreign keys to tables outside `tables` are ignored.
    """
    by_key = {table.key: table for table in tables}
    views = _views_by_table(by_key)
    found: dict[TableKey, list[Relationship]] = defaultdict(list)
    for table in by_key.values():
        for foreign_key in table.foreign_keys:
            referenced = by_key.get(foreign_key.referenced)
            if referenced is not None:
                for relationship in _direct(table, foreign_key, referenced, views):
                    found[relationship.origin].append(relationship)
    for relationship in _through_junctions(by_key, found):
        found[relationship.origin].append(relationship)
    return {origin: tuple(sorted(found[origin], key=_order)) for origin in sorted(found)}


def _views_by_table(tables: Mapping[TableKey, Keyed]) -> Mapping[TableKey, list[Keyed]]:
    found: dict[TableKey, list[Keyed]] = defaultdict(list)
    for key in sorted(tables):
        for base in sorted({column.table for column in tables[key].view_columns}):
            found[base].append(tables[key])
    return found


def _direct(
    table: Keyed, foreign_key: ForeignKey, referenced: Keyed, views: Mapping[TableKey, list[Keyed]]
) -> Iterable[Relationship]:
    """A foreign key in both directions, between the tables themselves and the views that show its columns."""
    ends = _ends(table, foreign_key.columns, views)
    for origin in ends:
        for target in _ends(referenced, foreign_key.referenced_columns, views):
            yield _relationship(foreign_key.name, origin, target, forwards=True)
            yield _relationship(foreign_key.name, target, origin, forwards=False)


def _ends(table: Keyed, columns: tuple[str, ...], views: Mapping[TableKey, list[Keyed]]) -> list[_End]:
    """The table itself, and the views that show these columns: once for each combination of names that a view has for
    them, of one row of the table."""
    is_unique = _is_unique(table, columns)
    ends = [_End(table, columns, is_unique)]
    for view in views.get(table.key, ()):
        names: dict[tuple[int, str], list[str]] = defaultdict(list)
        for column in view.view_columns:
            if column.table == table.key:
                names[column.source, column.table_column].append(column.column)
        for source in sorted({source for source, _ in names}):
            choices = product(*(names.get((source, column), ()) for column in columns))
            ends += [_End(view, shown, is_unique and _is_unique(view, shown)) for shown in islice(choices, MOST_NAMES)]
    return ends


def _is_unique(table: Keyed, columns: tuple[str, ...]) -> bool:
    keys = (table.primary_key, *table.unique_keys)
    return any(key and set(key) <= set(columns) for key in keys)


def _relationship(name: str, origin: _End, target: _End, *, forwards: bool) -> Relationship:
    if not target.is_unique:
        cardinality = Cardinality.ONE_TO_MANY
    else:
        cardinality = Cardinality.ONE_TO_ONE if origin.is_unique else Cardinality.MANY_TO_ONE
    return Relationship(
        name=name,
        cardinality=cardinality,
        origin=origin.table.key,
        origin_columns=origin.columns,
        target=target.table.key,
        target_columns=target.columns,
        forwards=forwards,
    )


def _through_junctions(
    tables: Mapping[TableKey, Keyed], direct: Mapping[TableKey, Iterable[Relationship]]
) -> list[Relationship]:
    """Many-to-many relationships: a table joins the targets of two foreign keys if a key contains their columns."""
    found: list[Relationship] = []
    for key in sorted(tables):
        table = tables[key]
        references = [one for one in direct.get(key, ()) if one.cardinality is Cardinality.MANY_TO_ONE]
        table_keys = [set(columns) for columns in (table.primary_key, *table.unique_keys)]
        for back in references:
            for forth in references:
                if (back.name, back.origin_columns) == (forth.name, forth.origin_columns):
                    continue
                columns = {*back.origin_columns, *forth.origin_columns}
                if any(columns <= table_key for table_key in table_keys):
                    found.append(_many_to_many(key, back, forth))
    return found


def _many_to_many(junction: TableKey, back: Relationship, forth: Relationship) -> Relationship:
    return Relationship(
        name=forth.name,
        cardinality=Cardinality.MANY_TO_MANY,
        origin=back.target,
        origin_columns=back.target_columns,
        target=forth.target,
        target_columns=forth.target_columns,
        junction=Junction(junction, back.origin_columns, forth.origin_columns, back.name, forth.name),
    )


def _order(relationship: Relationship) -> tuple[object, ...]:
    junction = relationship.junction
    return (
        relationship.target,
        not relationship.cardinality.to_one,
        () if junction is None else (junction.table, junction.origin_constraint, junction.origin_columns),
        relationship.name,
        relationship.origin_columns,
        relationship.target_columns,
    )
