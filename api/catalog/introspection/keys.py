"""The keys of a database's tables: unique and full-text indexes, and foreign keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from api.catalog import Dialect, ForeignKey, FullTextIndex, Table, TableKey
from api.catalog.introspection.session import Session, text
from api.statement import sql, value


@dataclass(slots=True)
class Index:
    """A unique or full-text index, built up column by column as its rows are read."""

    name: str
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


def read_indexes(session: Session, schema: str, dialect: Dialect) -> Mapping[str, list[Index]]:
    """The unique and full-text indexes of each table: the primary key first, then the others by name."""
    statement = sql(_INDEXES_MYSQL if dialect is Dialect.MYSQL else _INDEXES_MARIADB, value(schema))
    found: dict[str, dict[str, Index]] = defaultdict(dict)
    for table, name, _, column, non_unique, prefix, kind, visible in sorted(
        session.rows(statement), key=lambda row: (text(row[0]), row[1] != "PRIMARY", text(row[1]), row[2])
    ):
        index = found[text(table)].setdefault(
            text(name), Index(text(name), int(str(non_unique)) == 0, kind == "FULLTEXT", visible == "YES", [])
        )
        index.columns.append(text(column or ""))
        index.is_plain = index.is_plain and column is not None and prefix is None
    return defaultdict(list, {table: list(indexes.values()) for table, indexes in found.items()})


_FOREIGN_KEYS = (
    "SELECT TABLE_NAME,CONSTRAINT_NAME,ORDINAL_POSITION,COLUMN_NAME,REFERENCED_TABLE_SCHEMA,REFERENCED_TABLE_NAME,"
    "REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE "
    "WHERE TABLE_SCHEMA={} AND REFERENCED_TABLE_NAME IS NOT NULL"
)


def read_foreign_keys(session: Session, schema: str) -> Mapping[str, list[ForeignKey]]:
    """The foreign keys of each table, including those to other databases."""
    pairs: dict[tuple[str, str, TableKey], list[tuple[str, str]]] = defaultdict(list)
    for table, name, _, column, to_schema, to_table, to_column in sorted(
        session.rows(sql(_FOREIGN_KEYS, value(schema))), key=lambda row: (text(row[0]), text(row[1]), row[2])
    ):
        target = TableKey(text(to_schema), text(to_table))
        pairs[text(table), text(name), target].append((text(column), text(to_column)))
    found: dict[str, list[ForeignKey]] = defaultdict(list)
    for (table, name, target), columns in pairs.items():
        here, there = zip(*columns, strict=True)
        found[table].append(ForeignKey(name, here, target, there))
    return found


def with_keys(table: Table, indexes: Iterable[Index], foreign_keys: Iterable[ForeignKey]) -> Table:
    """The table with its keys, except keys that include an invisible column."""
    visible = table.by_name.keys()
    whole = [index for index in indexes if visible >= set(index.columns)]
    unique = [index for index in whole if index.is_unique and index.is_plain]
    return replace(
        table,
        primary_key=next((tuple(index.columns) for index in unique if index.name == "PRIMARY"), ()),
        unique_keys=tuple(tuple(index.columns) for index in unique if index.name != "PRIMARY"),
        key_names=tuple((index.name, tuple(index.columns)) for index in unique),
        fulltext_indexes=tuple(
            FullTextIndex(index.name, tuple(index.columns)) for index in whole if index.is_fulltext and index.is_usable
        ),
        foreign_keys=tuple(key for key in foreign_keys if visible >= set(key.columns)),
    )
