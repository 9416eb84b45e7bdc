"""The catalog: what a MySQL database says of itself, as the planner asks for it.

Values only. `api.catalog.introspection` fills them from `information_schema`; nothing here touches a database.
Tables refer to each other by `TableKey`; the catalog holds the relationships of foreign keys in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from api.statement import Sql, quote_name


class Kind(Enum):
    """What a column's values are to a client: decides checks, JSON text and OpenAPI type."""

    BOOLEAN = "boolean"  # tinyint(1), bit(1)
    INTEGER = "integer"
    YEAR = "year"
    BITS = "bits"  # bit(n > 1)
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    ENUM = "enum"
    SET = "set"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    TIMESTAMP = "timestamp"
    JSON = "json"
    BINARY = "binary"
    GEOMETRY = "geometry"


class TableKey(NamedTuple):
    """A table's full name."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type. Fields that do not belong to the kind keep their default."""

    kind: Kind
    name: str
    """The type as the server writes it, without attributes: `varchar`, `bigint`, `bit`."""
    declared: str
    """The whole declaration: `bigint unsigned`, `enum('a','b')`, `decimal(10,2)`."""
    unsigned: bool = False
    zerofill: bool = False
    minimum: int | None = None
    """Least value of an integer kind (BOOLEAN and BITS included)."""
    maximum: int | None = None
    precision: int | None = None
    """Digits in all, of DECIMAL."""
    scale: int | None = None
    """Digits after the point, of DECIMAL."""
    fraction_digits: int = 0
    """Digits of the seconds' fraction, of TIME, DATETIME and TIMESTAMP."""
    length: int | None = None
    """Most characters (TEXT kinds), bytes (BINARY) or bits (BITS)."""
    members: tuple[str, ...] = ()
    """The values of an ENUM or SET; empty where they cannot be read (see `api.catalog.introspection.members`)."""
    character_set: str | None = None
    collation: str | None = None
    srid: int | None = None
    """The spatial reference system that a geometry column demands; None: it takes any."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table or view."""

    name: str
    type: ColumnType
    nullable: bool
    position: int
    default: str | None = None
    """The default as the server writes it; `default_is_expression` tells `uuid()` from the text `uuid()`."""
    default_is_expression: bool = False
    has_default: bool = False
    """An INSERT may leave the column out: it has a default, counts up, is generated or nullable."""
    generated: bool = False
    """Computed from other columns: never written."""
    auto_increment: bool = False
    updates_itself: bool = False
    """`ON UPDATE CURRENT_TIMESTAMP`."""
    comment: str = ""
    quoted: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "quoted", quote_name(self.name))


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A constraint of the table that holds it, its columns pairwise with the referenced ones."""

    name: str
    columns: tuple[str, ...]
    referenced: TableKey
    referenced_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """Where a view's column comes from, when it is a plain column of a table (else the view has none for it)."""

    column: str
    table: TableKey
    table_column: str


@dataclass(frozen=True, slots=True)
class Table:
    """A base table or a view."""

    schema: str
    name: str
    is_view: bool
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    """In key order; a view over one keyed table that shows the whole key has that key."""
    unique_keys: tuple[tuple[str, ...], ...] = ()
    """Column sets of the unique indexes but the primary key; expression and prefix indexes are left out."""
    foreign_keys: tuple[ForeignKey, ...] = ()
    fulltext_indexes: tuple[tuple[str, ...], ...] = ()
    comment: str = ""
    rows_estimate: int | None = None
    insertable: bool = True
    updatable: bool = True
    """PATCH and DELETE work: a base table, or a view that MySQL calls updatable."""
    has_triggers: bool = False
    view_columns: tuple[ViewColumn, ...] = ()
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)
    quoted: str = field(init=False, repr=False, compare=False, default="")
    """Qualified by its database, ready for a FROM."""

    def __post_init__(self) -> None:
        self.by_name.update((column.name, column) for column in self.columns)
        object.__setattr__(self, "quoted", f"{quote_name(self.schema)}.{quote_name(self.name)}")

    @property
    def key(self) -> TableKey:
        return TableKey(self.schema, self.name)

    @property
    def methods(self) -> tuple[str, ...]:
        """What can be done with it over HTTP."""
        allowed = ["OPTIONS", "GET", "HEAD"]
        if self.insertable:
            allowed.append("POST")
        if self.insertable and self.updatable and self.primary_key:
            allowed.append("PUT")
        if self.updatable:
            allowed += ["PATCH", "DELETE"]
        return tuple(allowed)


class Cardinality(Enum):
    """How many rows of the target one row of the origin has."""

    MANY_TO_ONE = "many-to-one"
    ONE_TO_ONE = "one-to-one"
    ONE_TO_MANY = "one-to-many"
    MANY_TO_MANY = "many-to-many"

    @property
    def to_one(self) -> bool:
        return self in (Cardinality.MANY_TO_ONE, Cardinality.ONE_TO_ONE)


@dataclass(frozen=True, slots=True)
class Junction:
    """The table in the middle of a many-to-many relationship, its columns pairwise with origin's and target's."""

    table: TableKey
    origin_columns: tuple[str, ...]
    target_columns: tuple[str, ...]
    origin_constraint: str
    target_constraint: str


@dataclass(frozen=True, slots=True)
class Relationship:
    """A way from one table to another. Without junction: origin_columns[i] = target_columns[i] joins the rows."""

    name: str
    """The constraint (for a junction: the one that leads to the target)."""
    cardinality: Cardinality
    origin: TableKey
    origin_columns: tuple[str, ...]
    target: TableKey
    target_columns: tuple[str, ...]
    junction: Junction | None = None


class ParameterMode(Enum):
    """Direction of a routine's parameter."""

    IN = "IN"
    OUT = "OUT"
    INOUT = "INOUT"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A routine's parameter."""

    name: str
    type: ColumnType
    mode: ParameterMode
    quoted: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "quoted", quote_name(self.name))


@dataclass(frozen=True, slots=True)
class Routine:
    """A stored function (with the type of what it returns) or procedure."""

    schema: str
    name: str
    parameters: tuple[Parameter, ...]
    returns: ColumnType | None
    """None: a procedure."""
    reads_only: bool
    """Declared NO SQL or READS SQL DATA: GET may call it."""
    comment: str = ""
    quoted: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "quoted", f"{quote_name(self.schema)}.{quote_name(self.name)}")


class Dialect(Enum):
    """Which server answers. Aurora is MYSQL."""

    MYSQL = "mysql"
    MARIADB = "mariadb"


@dataclass(frozen=True, slots=True)
class Schema:
    """One exposed MySQL database."""

    name: str
    tables: dict[str, Table]
    routines: dict[str, Routine]


@dataclass(frozen=True)
class Catalog:
    """Everything the configuration exposes. `schemas` starts with the default database."""

    schemas: dict[str, Schema]
    dialect: Dialect
    version: tuple[int, ...]
    relationships: dict[TableKey, tuple[Relationship, ...]]
    """By origin; foreign keys forwards and backwards, junctions, and those of views through their tables."""
    levels: dict[object, object] = field(default_factory=dict, repr=False, compare=False)
    """What `api.plan` resolved before: it depends on this catalog alone."""

    @property
    def default_schema(self) -> str:
        return next(iter(self.schemas))

    def table(self, key: TableKey) -> Table:
        """A table that another entry of the catalog names."""
        return self.schemas[key.schema].tables[key.name]


def table_name(table: Table) -> Sql:
    """The table as a FROM writes it."""
    return Sql(table.quoted)


def routine_name(routine: Routine) -> Sql:
    """The routine as a CALL writes it."""
    return Sql(routine.quoted)


def column_of(alias: str, column: Column) -> Sql:
    """The column of the table instance `alias` (one of the planner's own names)."""
    return Sql(f"{alias}.{column.quoted}")
