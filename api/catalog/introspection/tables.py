"""Tables, views and relationships made from the rows that were read, each when it is first needed. Pure.

What only views and embeds need is imported on first use, to keep it out of cold starts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from api.catalog import Column, Dialect, ForeignKey, Relationship, Routine, Table, TableKey
from api.catalog.introspection.columns import ColumnRows
from api.catalog.introspection.keys import Keys, keys_of
from api.catalog.introspection.select import Rows
from api.catalog.introspection.uuids import with_uuids
from api.catalog.lazy import Lazy

if TYPE_CHECKING:
    from api.catalog.introspection.view_columns import View, ViewResolver
    from api.catalog.introspection.view_definition import ViewDefinition
    from api.catalog.relationships import Keyed

_QUALIFIER = re.compile(r"`((?:[^`]|``)+)`\s*\.")


@dataclass(frozen=True)
class ViewRow:
    """What the server says about a view, beside its columns."""

    schema: str
    text: str
    """Its SELECT; empty if the user lacks the SHOW VIEW privilege."""
    is_updatable: bool

    @cached_property
    def definition(self) -> ViewDefinition | None:
        """The text, parsed."""
        from api.catalog.introspection.view_definition import read_view

        return read_view(self.text, self.schema)

    def qualifiers(self) -> frozenset[str]:
        """The quoted names that precede a dot in the text: of databases, tables and aliases.

        >>> sorted(ViewRow("d", "select `t`.`a` AS `b` from `d``b`.`t`", is_updatable=True).qualifiers())
        ['d`b', 't']
        """
        return frozenset(name.replace("``", "`") for name in _QUALIFIER.findall(self.text))


@dataclass(frozen=True, slots=True)
class TableRow:
    """What the server says about a base table, beside its columns and keys."""

    comment: str
    rows_estimate: int | None


@dataclass(frozen=True, slots=True)
class Database:
    """One MySQL database as the server described it."""

    name: str
    tables: Mapping[str, TableRow]
    views: Mapping[str, ViewRow]
    columns: ColumnRows
    columns_with_members: Mapping[str, tuple[Column, ...]]
    """The columns of tables whose ENUM and SET members had to be read from the columns themselves."""
    indexes: Rows
    foreign_keys: Rows
    triggered: frozenset[str] | None
    """The tables that have triggers; None if that is unknown."""
    routines: Mapping[str, Routine]

    def keys(self, table: str) -> Keys:
        """The keys of a base table."""
        return keys_of(
            TableKey(self.name, table),
            self.indexes.get(table, ()),
            self.foreign_keys.get(table, ()),
            self.columns.names(table),
        )

    def base_table(self, name: str, keys: Keys) -> Table:
        """A base table, before it is known which of its columns store UUIDs."""
        row = self.tables[name]
        columns = self.columns_with_members.get(name)
        return Table(
            schema=self.name,
            name=name,
            is_view=False,
            columns=self.columns.columns(name) if columns is None else columns,
            primary_key=keys.primary_key,
            unique_keys=keys.unique_keys,
            key_names=keys.key_names,
            foreign_keys=keys.foreign_keys,
            fulltext_indexes=keys.fulltext_indexes,
            comment=row.comment,
            rows_estimate=row.rows_estimate,
            has_triggers=self.triggered is None or name in self.triggered,
        )

    def view(self, name: str) -> View:
        """A view, before it has anything from its base tables."""
        from api.catalog.introspection.view_columns import View

        row = self.views[name]
        return View(
            Table(self.name, name, is_view=True, columns=self.columns.columns(name)),
            row.definition,
            row.is_updatable,
            is_hidden=not row.text,
        )


class TableSource:
    """The tables and views of some databases, and the relationships between them."""

    def __init__(self, databases: Mapping[str, Database], dialect: Dialect) -> None:
        self.databases = databases
        untyped = Lazy(
            (TableKey(each.name, name) for each in databases.values() for name in each.tables),
            lambda key: databases[key.schema].base_table(key.name, self._keys(key)),
        )
        self.base_tables = Lazy(untyped, lambda key: with_uuids(untyped[key], untyped))
        self.views = Lazy(
            (TableKey(each.name, name) for each in databases.values() for name in each.views),
            lambda key: databases[key.schema].view(key.name),
        )
        self._dialect = dialect

    @cached_property
    def _resolver(self) -> ViewResolver:
        from api.catalog.introspection.view_columns import ViewResolver

        return ViewResolver(self.base_tables, self.views, self._dialect)

    def table(self, key: TableKey) -> Table:
        """A table or view."""
        if key in self.views:
            return with_uuids(self._resolver.table(key), self.base_tables)
        return self.base_tables[key]

    def relationships(self) -> Mapping[TableKey, tuple[Relationship, ...]]:
        """All relationships by origin. They need the keys of those tables that have foreign keys or are referenced."""
        from api.catalog.relationships import relationships

        declaring = {TableKey(each.name, name) for each in self.databases.values() for name in each.foreign_keys}
        ends: dict[TableKey, Keyed] = {key: self._keys(key) for key in declaring if key in self.base_tables}
        for key in {foreign_key.referenced for end in ends.values() for foreign_key in end.foreign_keys}:
            if key in self.base_tables and key not in ends:
                ends[key] = self._keys(key)
        views = [self._resolver.table(key) for key in self.views] if ends else ()
        return relationships([*(ends[key] for key in sorted(ends)), *views])

    def _keys(self, key: TableKey) -> Keys:
        """The keys of a base table, except foreign keys to an invisible column."""
        keys = self.databases[key.schema].keys(key.name)
        return replace(keys, foreign_keys=tuple(each for each in keys.foreign_keys if self._is_visible(each)))

    def _is_visible(self, key: ForeignKey) -> bool:
        database = self.databases.get(key.referenced.schema)
        if database is None or key.referenced.name not in database.tables:
            return True
        return database.columns.names(key.referenced.name) >= {*key.referenced_columns}
