"""The keys of a database's tables: unique and full-text indexes, and foreign keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from api.catalog import Dialect, ForeignKey, FullTextIndex, TableKey, ViewColumn
from api.catalog.introspection.select import Select, cells_of
from api.statement import sql, value


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a base table. They are what relationships depend on (`api.catalog.relationships.Keyed`)."""

    key: TableKey
    """The table's full name."""
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    key_names: tuple[tuple[str, tuple[str, ...]], ...]
    fulltext_indexes: tuple[FullTextIndex, ...]
    foreign_keys: tuple[ForeignKey, ...]
    view_columns: tuple[ViewColumn, ...] = ()
    """Only a view has some."""


@dataclass(slots=True)
class _Index:
    """A unique or full-text index, built up column by column as its rows are read."""

    is_unique: bool
    is_fulltext: bool
    is_usable: bool
    columns: list[str]
    is_plain: bool = True
    """Consists of whole columns, without prefixes or expressions."""


_IS_VISIBLE = {Dialect.MYSQL: sql("IS_VISIBLE"), Dialect.MARIADB: sql("IF(IGNORED='YES','NO','YES')")}


def indexes_select(schema: str, dialect: Dialect) -> Select:
    """Select the columns of unique and full-text indexes, for `keys_of`."""
    return Select(
        sql(
            "TABLE_NAME,INDEX_NAME,SEQ_IN_INDEX,COALESCE(COLUMN_NAME,''),NON_UNIQUE,COALESCE(SUB_PART,''),INDEX_TYPE,{}",
            _IS_VISIBLE[dialect],
        ),
        sql(
            "information_schema.STATISTICS WHERE TABLE_SCHEMA={} AND (NON_UNIQUE=0 OR INDEX_TYPE='FULLTEXT')",
            value(schema),
        ),
    )


def foreign_keys_select(schema: str) -> Select:
    """Select the columns of foreign keys, including those to other databases, for `keys_of`."""
    return Select(
        sql(
            "TABLE_NAME,CONSTRAINT_NAME,ORDINAL_POSITION,COLUMN_NAME,REFERENCED_TABLE_SCHEMA,REFERENCED_TABLE_NAME,"
            "REFERENCED_COLUMN_NAME"
        ),
        sql(
            "information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA={} AND REFERENCED_TABLE_NAME IS NOT NULL",
            value(schema),
        ),
    )


def keys_of(key: TableKey, indexes: Iterable[str], foreign_keys: Iterable[str], visible: AbstractSet[str]) -> Keys:
    """A table's keys, except those that include an invisible column: the primary key first, then the others by name."""
    whole = {name: index for name, index in _indexes(indexes).items() if visible >= {*index.columns}}
    unique = {name: tuple(index.columns) for name, index in whole.items() if index.is_unique and index.is_plain}
    return Keys(
        key=key,
        primary_key=unique.get("PRIMARY", ()),
        unique_keys=tuple(columns for name, columns in unique.items() if name != "PRIMARY"),
        key_names=tuple(unique.items()),
        fulltext_indexes=tuple(
            FullTextIndex(name, tuple(index.columns))
            for name, index in whole.items()
            if index.is_fulltext and index.is_usable
        ),
        foreign_keys=tuple(each for each in _foreign_keys(foreign_keys) if visible >= {*each.columns}),
    )


def _indexes(rows: Iterable[str]) -> Mapping[str, _Index]:
    found: dict[str, _Index] = {}
    for name, _, column, non_unique, prefix, kind, visible in sorted(
        (cells_of(row, 7) for row in rows), key=lambda cells: (cells[0] != "PRIMARY", cells[0], int(cells[1]))
    ):
        index = found.setdefault(name, _Index(non_unique == "0", kind == "FULLTEXT", visible == "YES", []))
        index.columns.append(column)
        index.is_plain = index.is_plain and bool(column) and not prefix
    return found


def _foreign_keys(rows: Iterable[str]) -> Iterable[ForeignKey]:
    pairs: dict[tuple[str, TableKey], list[tuple[str, str]]] = {}
    for name, _, column, to_schema, to_table, to_column in sorted(
        (cells_of(row, 6) for row in rows), key=lambda cells: (cells[0], int(cells[1]))
    ):
        pairs.setdefault((name, TableKey(to_schema, to_table)), []).append((column, to_column))
    for (name, target), columns in pairs.items():
        here, there = zip(*columns, strict=True)
        yield ForeignKey(name, here, target, there)
