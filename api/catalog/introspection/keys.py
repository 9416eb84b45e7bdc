"""The keys of a database's tables: unique and full-text indexes, and foreign keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from api.catalog import Dialect, ForeignKey, FullTextIndex, TableKey, ViewColumn
from api.catalog.introspection.session import Row, Session, by_name, text
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


_INDEXES_MYSQL = (
    "SELECT TABLE_NAME,INDEX_NAME,SEQ_IN_INDEX,COLUMN_NAME,NON_UNIQUE,SUB_PART,INDEX_TYPE,IS_VISIBLE "
    "FROM information_schema.STATISTICS WHERE TABLE_SCHEMA={} AND (NON_UNIQUE=0 OR INDEX_TYPE='FULLTEXT')"
)
_INDEXES_MARIADB = (
    "SELECT TABLE_NAME,INDEX_NAME,SEQ_IN_INDEX,COLUMN_NAME,NON_UNIQUE,SUB_PART,INDEX_TYPE,"
    "IF(IGNORED='YES','NO','YES') FROM information_schema.STATISTICS "
    "WHERE TABLE_SCHEMA={} AND (NON_UNIQUE=0 OR INDEX_TYPE='FULLTEXT')"
)
_FOREIGN_KEYS = (
    "SELECT TABLE_NAME,CONSTRAINT_NAME,ORDINAL_POSITION,COLUMN_NAME,REFERENCED_TABLE_SCHEMA,REFERENCED_TABLE_NAME,"
    "REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE "
    "WHERE TABLE_SCHEMA={} AND REFERENCED_TABLE_NAME IS NOT NULL"
)


def read_indexes(session: Session, schema: str, dialect: Dialect) -> Mapping[str, Sequence[Row]]:
    """The columns of each table's unique and full-text indexes, for `keys_of`."""
    return by_name(session.rows(sql(_INDEXES_MYSQL if dialect is Dialect.MYSQL else _INDEXES_MARIADB, value(schema))))


def read_foreign_keys(session: Session, schema: str) -> Mapping[str, Sequence[Row]]:
    """The columns of each table's foreign keys, including those to other databases, for `keys_of`."""
    return by_name(session.rows(sql(_FOREIGN_KEYS, value(schema))))


def keys_of(key: TableKey, indexes: Iterable[Row], foreign_keys: Iterable[Row], visible: AbstractSet[str]) -> Keys:
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


def _indexes(rows: Iterable[Row]) -> Mapping[str, _Index]:
    found: dict[str, _Index] = {}
    for _, name, _, column, non_unique, prefix, kind, visible in sorted(
        rows, key=lambda row: (row[1] != "PRIMARY", text(row[1]), row[2])
    ):
        index = found.setdefault(
            text(name), _Index(int(str(non_unique)) == 0, kind == "FULLTEXT", visible == "YES", [])
        )
        index.columns.append(text(column or ""))
        index.is_plain = index.is_plain and column is not None and prefix is None
    return found


def _foreign_keys(rows: Iterable[Row]) -> Iterable[ForeignKey]:
    pairs: dict[tuple[str, TableKey], list[tuple[str, str]]] = {}
    for _, name, _, column, to_schema, to_table, to_column in sorted(rows, key=lambda row: (text(row[1]), row[2])):
        target = TableKey(text(to_schema), text(to_table))
        pairs.setdefault((text(name), target), []).append((text(column), text(to_column)))
    for (name, target), columns in pairs.items():
        here, there = zip(*columns, strict=True)
        yield ForeignKey(name, here, target, there)
