"""What a view inherits from its base tables: the origins of its columns, its keys, and whether it can be written to.

`information_schema` has only the names and types of a view's columns. Defaults, generated columns and keys are those of
the base tables, which are found here through the view's definition, even through several levels of views. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from api.catalog import Column, ColumnType, Dialect, Kind, Table, TableKey, ViewColumn
from api.catalog.introspection.view_definition import Reference, Source, ViewDefinition

_SUBQUERY = ""
"""The database of subqueries: no real one has this name."""
_COMPUTED = ColumnType(kind=Kind.TEXT, name="text", declared="text")
"""The type of a subquery's column as long as its origin is unknown."""


@dataclass(frozen=True, slots=True)
class View:
    """A view as the server describes it."""

    table: Table
    definition: ViewDefinition | None
    """None if it is too complex to parse, or if the user lacks the SHOW VIEW privilege."""
    is_updatable: bool
    """The server's flag, which is also set for some views that cannot be updated (over derived tables or joins)."""
    is_hidden: bool = False
    """The user may not see the definition."""


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A view, and the origin of each column by position, also for tables that the view joins more than once."""

    table: Table
    origins: tuple[ViewColumn | None, ...]


class ViewResolver:
    """Gives views what they inherit from `tables`, the base tables, each when it is asked for."""

    def __init__(self, tables: Mapping[TableKey, Table], views: Mapping[TableKey, View], dialect: Dialect) -> None:
        self.tables = tables
        self.views = views
        self.dialect = dialect
        self.resolved: dict[TableKey, _Resolved] = {}

    def table(self, key: TableKey) -> Table:
        """One of the views."""
        return self.view(self.views[key]).table

    def view(self, view: View) -> _Resolved:
        key = view.table.key
        if key not in self.resolved:
            # until its sources are resolved, it may depend on any table
            plain = replace(
                view.table, insertable=view.is_updatable, updatable=view.is_updatable, has_triggers=view.is_updatable
            )
            # set before the sources are resolved, to stop the recursion if broken views form a cycle
            self.resolved[key] = _Resolved(plain, (None,) * len(plain.columns))
            definition = view.definition
            if definition is not None and len(definition.items) == len(plain.columns):
                self.resolved[key] = self.traced(plain, definition)
            elif not view.is_hidden:
                unwritable = replace(plain, insertable=False, updatable=False)
                self.resolved[key] = _Resolved(unwritable, (None,) * len(plain.columns))
        return self.resolved[key]

    def source(self, source: Source) -> Table | None:
        """A table or view in a FROM clause, or a subquery as if it were a view; None if the user may not see it, or if
        it is too complex."""
        if source.table is None:
            return None if source.derived is None else self.subquery(source.derived)
        if source.table in self.views:
            return self.view(self.views[source.table]).table
        return self.tables.get(source.table)

    def subquery(self, definition: ViewDefinition) -> Table:
        key = TableKey(_SUBQUERY, f"subquery {len(self.resolved)}")
        columns = tuple(
            Column(name, _COMPUTED, nullable=True, position=position)
            for position, name in enumerate(definition.names, 1)
        )
        plain = Table(*key, is_view=True, columns=columns, insertable=False, updatable=False)
        self.resolved[key] = _Resolved(plain, (None,) * len(columns))  # gives it its number
        self.resolved[key] = self.traced(plain, definition)
        return self.resolved[key].table

    def traced(self, table: Table, definition: ViewDefinition) -> _Resolved:
        sources = tuple(self.source(source) for source in definition.sources)
        origins = _numbered(definition, tuple(self.origin(item, sources) for item in definition.items))
        columns = tuple(
            self.column(column, item, origin, sources)
            for column, item, origin in zip(table.columns, definition.items, origins, strict=True)
        )
        primary_key, unique_keys = _keys(columns, definition, sources)
        updatable = table.updatable and self.is_over_one_writable(definition, sources)
        return _Resolved(
            replace(
                table,
                columns=columns,
                primary_key=primary_key,
                unique_keys=unique_keys,
                updatable=updatable,
                insertable=updatable and self.is_insertable(definition, origins, sources),
                has_triggers=updatable and any(source is None or source.has_triggers for source in sources),
                view_columns=tuple(
                    replace(origin, column=column.name)
                    for column, origin in zip(columns, origins, strict=True)
                    if origin is not None
                ),
            ),
            origins,
        )

    def origin(self, item: Reference | None, sources: tuple[Table | None, ...]) -> ViewColumn | None:
        """The base-table column that an item shows. Its `column` is not yet the name of the view's column."""
        source = None if item is None else sources[item.source]
        if item is None or source is None:
            return None
        column = _named(source, item.column)
        if column is None:
            return None
        if not source.is_view:
            return ViewColumn(column.name, source.key, column.name)
        origins = self.resolved[source.key].origins
        return next((o for c, o in zip(source.columns, origins, strict=True) if c is column), None)

    def column(
        self, column: Column, item: Reference | None, origin: ViewColumn | None, sources: tuple[Table | None, ...]
    ) -> Column:
        """The view's column, with the type, the default and the other properties of its base column."""
        if item is None:
            return replace(column, generated=True, has_default=True)
        source = sources[item.source]
        if source is None:
            return column
        below = _named(source, item.column)
        if below is None:
            return column
        if origin is None and source.schema == _SUBQUERY:  # whose columns have no types
            return replace(column, generated=True, has_default=True)
        base = below if origin is None else self.tables[origin.table].by_name[origin.table_column]
        return replace(
            column,
            type=base.type,
            default=base.default,
            default_is_expression=base.default_is_expression,
            has_default=base.has_default,
            generated=base.generated or below.generated,
            auto_increment=base.auto_increment,
            updates_itself=base.updates_itself,
            comment=column.comment or below.comment,
        )

    def is_over_one_writable(self, definition: ViewDefinition, sources: tuple[Table | None, ...]) -> bool:
        """Conditions that the server's flag ignores (https://dev.mysql.com/doc/refman/8.4/en/view-updatability.html)."""
        if self.dialect is Dialect.MYSQL and definition.selects_subquery:
            return False
        if len(sources) != 1 or definition.groups is not None or definition.sources[0].table is None:
            return False
        return sources[0] is None or sources[0].updatable

    def is_insertable(
        self, definition: ViewDefinition, origins: tuple[ViewColumn | None, ...], sources: tuple[Table | None, ...]
    ) -> bool:
        """MySQL's rules for inserting: no column shown twice, no computed column, every required column included.

        MariaDB allows computed columns, as long as an insert omits them.
        """
        shown = [(origin.table, origin.table_column) for origin in origins if origin is not None]
        is_visible = sources[0] is not None
        if self.dialect is Dialect.MYSQL and (None in definition.items or (is_visible and None in origins)):
            return False
        plain = [item.column for item in definition.items if item is not None]
        if len(set(plain)) < len(plain) or len(set(shown)) < len(shown):
            return False
        if not shown:
            return not is_visible
        base = self.tables[shown[0][0]]
        return all(column.has_default or (base.key, column.name) in shown for column in base.columns)


def _numbered(definition: ViewDefinition, origins: tuple[ViewColumn | None, ...]) -> tuple[ViewColumn | None, ...]:
    """The origins, numbered by the rows that they come from: those of each source, and of each source's sources."""
    numbers: dict[tuple[int, int], int] = {}
    return tuple(
        None
        if item is None or origin is None
        else replace(origin, source=numbers.setdefault((item.source, origin.source), len(numbers)))
        for item, origin in zip(definition.items, origins, strict=True)
    )


def _keys(
    columns: tuple[Column, ...], definition: ViewDefinition, sources: tuple[Table | None, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The view's primary and unique keys.

    A source is preserved if each of its rows appears in at most one row of the view: its row then determines the row of
    every other source, through equalities with their keys. A key of a preserved source is a key of the view if the view
    shows all its columns.
    """
    shown: dict[tuple[int, str], str] = {}
    for column, item in zip(columns, definition.items, strict=True):
        source = None if item is None else sources[item.source]
        below = None if item is None or source is None else _named(source, item.column)
        if item is not None and below is not None:
            shown.setdefault((item.source, below.name), column.name)
    primary_key: tuple[str, ...] = ()
    unique_keys: list[tuple[str, ...]] = []
    for index, source in enumerate(sources):
        if source is None or definition.sources[index].nullable:
            continue
        determined = _determined(index, definition, sources)
        for key in _table_keys(source):
            if any((index, name) not in shown for name in key):
                continue
            if not _is_preserved(index, key, determined, definition, sources):
                continue
            names = tuple(shown[index, name] for name in key)
            if not primary_key and key == source.primary_key:
                primary_key = names
            elif names not in unique_keys:
                unique_keys.append(names)
    group = _shown_group(definition, sources, shown)
    if group and group != primary_key and group not in unique_keys:
        unique_keys.append(group)
    return primary_key, tuple(unique_keys)


def _is_preserved(
    root: int,
    key: tuple[str, ...],
    determined: frozenset[int],
    definition: ViewDefinition,
    sources: tuple[Table | None, ...],
) -> bool:
    if definition.groups is None:
        return len(determined) == len(sources)
    grouped = _group_columns(definition, sources)
    if grouped is None:
        return False
    return {(root, name) for name in key} <= grouped and all(source in determined for source, _ in grouped)


def _group_columns(definition: ViewDefinition, sources: tuple[Table | None, ...]) -> frozenset[tuple[int, str]] | None:
    """The columns in the GROUP BY; None if one of its items is an expression."""
    found: set[tuple[int, str]] = set()
    for group in definition.groups or ():
        source = None if group is None else sources[group.source]
        column = None if group is None or source is None else _named(source, group.column)
        if group is None or column is None:
            return None
        found.add((group.source, column.name))
    return frozenset(found)


def _shown_group(
    definition: ViewDefinition, sources: tuple[Table | None, ...], shown: Mapping[tuple[int, str], str]
) -> tuple[str, ...]:
    """The view's names of its GROUP BY columns, which are a unique key; empty unless it shows all of them."""
    grouped = _group_columns(definition, sources) if definition.groups else None
    if not grouped or not grouped <= shown.keys():
        return ()
    return tuple(name for place, name in shown.items() if place in grouped)


def _determined(root: int, definition: ViewDefinition, sources: tuple[Table | None, ...]) -> frozenset[int]:
    """The sources that have at most one row for each row of `root`."""
    determined = {root}
    grew = True
    while grew:
        grew = False
        for index, source in enumerate(sources):
            if source is None or index in determined:
                continue
            fixed = {
                column.name
                for equality in definition.equalities
                if equality.left.source == index
                and index in equality.scope
                and (equality.right is None or equality.right.source in determined)
                and (column := _named(source, equality.left.column)) is not None
                and _singles_out(column, equality.right, sources)
            }
            if any(fixed.issuperset(key) for key in _table_keys(source)):
                determined.add(index)
                grew = True
    return frozenset(determined)


def _singles_out(column: Column, other: Reference | None, sources: tuple[Table | None, ...]) -> bool:
    """Whether at most one value of the column equals the other side, which is not certain if either is converted."""
    if other is None:
        return column.type.kind is Kind.INTEGER
    source = sources[other.source]
    beside = None if source is None else _named(source, other.column)
    return (
        beside is not None and beside.type.kind is column.type.kind and beside.type.collation == column.type.collation
    )


def _table_keys(table: Table) -> tuple[tuple[str, ...], ...]:
    return ((table.primary_key,) if table.primary_key else ()) + table.unique_keys


def _named(table: Table, name: str) -> Column | None:
    """The column with this name in any case: a definition may spell it differently (names are case-insensitive)."""
    found = table.by_name.get(name)
    if found is not None:
        return found
    folded = name.casefold()
    return next((column for column in table.columns if column.name.casefold() == folded), None)
