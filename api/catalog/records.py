"""The catalog's records: the schema of a MySQL database in the form that the planner needs.

Plain values. `api.catalog.introspection` fills them from `information_schema`; nothing here performs I/O.
Tables refer to each other by `TableKey`; the catalog lists every relationship in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from typing import NamedTuple

from api.catalog.cache import Cache
from api.catalog.kinds import Kind
from api.catalog.policies import Policy, Unreadable
from api.statement import Sql, quote_name, trusted


class Privilege(Flag):
    """What the account of a request may do with a table or a column. DELETE is a table's alone."""

    SELECT = auto()
    INSERT = auto()
    UPDATE = auto()
    DELETE = auto()


ALL_PRIVILEGES = Privilege.SELECT | Privilege.INSERT | Privilege.UPDATE | Privilege.DELETE
NO_PRIVILEGES = Privilege(0)
_MAY_SELECT = Privilege.SELECT.value
"""A plain number, because it is tested for every column, and an operation on an enumeration takes 1 us."""


class TableKey(NamedTuple):
    """A table's full name."""

    schema: str
    name: str


class UuidOrder(Enum):
    """The order of a UUID's bytes in BINARY(16)."""

    PLAIN = "plain"
    """As they are written: `UUID_TO_BIN(uuid)`."""
    SWAPPED = "swapped"
    """The high part of the time first: `UUID_TO_BIN(uuid, 1)`."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type. Fields that do not apply to the kind keep their defaults."""

    kind: Kind
    name: str
    """The type as the server writes it, without attributes: `varchar`, `bigint`, `bit`."""
    declared: str
    """The full declaration: `bigint unsigned`, `enum('a','b')`, `decimal(10,2)`."""
    unsigned: bool = False
    zerofill: bool = False
    minimum: int | None = None
    """Smallest value of an integer kind (including BOOLEAN and BITS)."""
    maximum: int | None = None
    precision: int | None = None
    """Total digits of a DECIMAL."""
    scale: int | None = None
    """Digits after the decimal point of a DECIMAL."""
    fraction_digits: int = 0
    """Fractional-second digits of a TIME, DATETIME or TIMESTAMP."""
    length: int | None = None
    """Maximum length: in characters (CHAR, VARCHAR), bytes (the TEXT types, BINARY kinds) or bits (BIT)."""
    members: tuple[str, ...] = ()
    """The values of an ENUM or SET; empty if they cannot be read (see `api.catalog.introspection.members`)."""
    character_set: str | None = None
    collation: str | None = None
    srid: int | None = None
    """The spatial reference system that a geometry column requires; None if it accepts any."""
    uuid: UuidOrder | None = None
    """The values of a BINARY(16) are UUIDs, with their bytes in this order."""

    @property
    def shown(self) -> str:
        """The full declaration, as documents show it: JSON is `json` on MariaDB too, which declares it as LONGTEXT."""
        return "json" if self.kind is Kind.JSON else self.declared


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table or view."""

    name: str
    type: ColumnType
    nullable: bool
    position: int
    default: str | None = None
    """The default as the server writes it. `default_is_expression` tells `uuid()` from `'uuid()'`."""
    default_is_expression: bool = False
    has_default: bool = False
    """An INSERT may omit the column: it is nullable, generated, AUTO_INCREMENT, an ENUM, or has a DEFAULT."""
    generated: bool = False
    """Computed from other columns, so it cannot be written."""
    auto_increment: bool = False
    updates_itself: bool = False
    """`ON UPDATE CURRENT_TIMESTAMP`."""
    comment: str = ""
    privileges: Privilege = ALL_PRIVILEGES
    quoted: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quoted", quote_name(self.name))


class FullTextIndex(NamedTuple):
    """A FULLTEXT index. A search has to name all of its columns."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key of the table that declares it: `columns[i]` references `referenced_columns[i]`."""

    name: str
    columns: tuple[str, ...]
    referenced: TableKey
    referenced_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """The base-table column that a view's column shows. A column computed by an expression has no `ViewColumn`."""

    column: str
    table: TableKey
    table_column: str
    source: int = field(default=0, compare=False)
    """Columns with the same number come from one row, should the view join the table more than once."""


@dataclass(frozen=True, slots=True)
class Table:
    """A base table or a view."""

    schema: str
    name: str
    is_view: bool
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    """In key order. A view has its base table's key if it shows all of it and repeats none of the table's rows."""
    unique_keys: tuple[tuple[str, ...], ...] = ()
    """The columns of each unique index except the primary key; indexes on expressions or prefixes are left out."""
    key_names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The name of each unique index of a base table, `PRIMARY` included, with its columns."""
    foreign_keys: tuple[ForeignKey, ...] = ()
    fulltext_indexes: tuple[FullTextIndex, ...] = ()
    comment: str = ""
    rows_estimate: int | None = None
    insertable: bool = True
    updatable: bool = True
    """PATCH and DELETE work: a base table, or a view that MySQL can update."""
    has_triggers: bool = False
    view_columns: tuple[ViewColumn, ...] = ()
    privileges: Privilege = ALL_PRIVILEGES
    """Those on the table or on at least one of its columns."""
    hides_primary_key: bool = False
    """The primary key is left out, because the account of the request may not read all of it."""
    policies: tuple[Policy, ...] | Unreadable | None = None
    """None: row security is not enabled. Enabled without policies, nobody sees a row. `Unreadable`: requests for rows
    are refused, unless no policy binds the caller."""
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)
    readable: tuple[Column, ...] = field(init=False, repr=False, compare=False)
    """The columns that `*` means: those that may be selected."""
    quoted: str = field(init=False, repr=False, compare=False)
    """Qualified with its database, ready for a FROM clause."""

    def __post_init__(self) -> None:
        self.by_name.update((column.name, column) for column in self.columns)
        object.__setattr__(self, "quoted", f"{quote_name(self.schema)}.{quote_name(self.name)}")
        readable = [each for each in self.columns if each.privileges._value_ & _MAY_SELECT]
        object.__setattr__(self, "readable", tuple(readable))

    @property
    def key(self) -> TableKey:
        return TableKey(self.schema, self.name)

    @property
    def named(self) -> tuple[str, ...]:
        """The columns that an error may list: those with a privilege."""
        return tuple(column.name for column in self.columns if column.privileges)

    def is_searchable(self, column: str) -> bool:
        """A full-text filter may name the column: it has its own index, or is part of only one."""
        found = [index.columns for index in self.fulltext_indexes if column in index.columns]
        return len(found) == 1 or (column,) in found

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods that the table allows. PATCH and DELETE find their rows by a filter, which reads."""
        may = self.privileges
        allowed = ["OPTIONS"]
        if Privilege.SELECT in may:
            allowed += ["GET", "HEAD"]
        if self.insertable and Privilege.INSERT in may:
            allowed.append("POST")
        changes = self.updatable and Privilege.SELECT in may
        if changes and self.insertable and self.primary_key and Privilege.INSERT | Privilege.UPDATE in may:
            allowed.append("PUT")
        if changes and Privilege.UPDATE in may:
            allowed.append("PATCH")
        if changes and Privilege.DELETE in may:
            allowed.append("DELETE")
        return tuple(allowed)


class Cardinality(Enum):
    """How many rows of the origin relate to how many rows of the target."""

    MANY_TO_ONE = "many-to-one"
    ONE_TO_ONE = "one-to-one"
    ONE_TO_MANY = "one-to-many"
    MANY_TO_MANY = "many-to-many"

    @property
    def to_one(self) -> bool:
        return self in (Cardinality.MANY_TO_ONE, Cardinality.ONE_TO_ONE)


@dataclass(frozen=True, slots=True)
class Junction:
    """The middle table of a many-to-many relationship. Its columns match the origin's and the target's pairwise."""

    table: TableKey
    origin_columns: tuple[str, ...]
    target_columns: tuple[str, ...]
    origin_constraint: str
    target_constraint: str


@dataclass(frozen=True, slots=True)
class Relationship:
    """A way to join one table to another. Without a junction, rows match if origin_columns[i] = target_columns[i]."""

    name: str
    """The foreign key's name; with a junction, that of the foreign key to the target."""
    cardinality: Cardinality
    origin: TableKey
    origin_columns: tuple[str, ...]
    target: TableKey
    target_columns: tuple[str, ...]
    junction: Junction | None = None
    forwards: bool = field(default=False, compare=False)
    """The origin has the foreign key, and the target the columns that it references; not with a junction."""


class ParameterMode(Enum):
    """The direction of a routine's parameter."""

    IN = "IN"
    OUT = "OUT"
    INOUT = "INOUT"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A routine's parameter."""

    name: str
    type: ColumnType
    mode: ParameterMode
    quoted: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quoted", quote_name(self.name))


@dataclass(frozen=True, slots=True)
class Routine:
    """A stored function or procedure."""

    schema: str
    name: str
    parameters: tuple[Parameter, ...]
    returns: ColumnType | None
    """The type of a function's value; None for a procedure."""
    reads_only: bool
    """Declared NO SQL or READS SQL DATA, so GET may call it."""
    comment: str = ""
    executable: bool = True
    """The account of the request has the EXECUTE privilege."""
    quoted: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quoted", f"{quote_name(self.schema)}.{quote_name(self.name)}")

    @property
    def taken(self) -> tuple[Parameter, ...]:
        """The parameters that a call gives a value."""
        return tuple(each for each in self.parameters if each.mode is not ParameterMode.OUT)

    @property
    def returned(self) -> tuple[Parameter, ...]:
        """The parameters whose value a call returns."""
        return tuple(each for each in self.parameters if each.mode is not ParameterMode.IN)

    @property
    def kind(self) -> str:
        return "procedure" if self.returns is None else "function"


class Dialect(Enum):
    """The kind of server. Aurora is MYSQL."""

    MYSQL = "mysql"
    MARIADB = "mariadb"


@dataclass(frozen=True, slots=True)
class Schema:
    """One exposed MySQL database."""

    name: str
    tables: Mapping[str, Table]
    routines: Mapping[str, Routine]


@dataclass(frozen=True)
class Catalog:
    """The schema of every exposed database. `schemas` starts with the default one."""

    schemas: dict[str, Schema]
    dialect: Dialect
    version: tuple[int, ...]
    relationships: Mapping[TableKey, tuple[Relationship, ...]]
    """By origin: foreign keys in both directions, junctions, and the same for views through their base tables."""
    cache: Cache = field(default_factory=Cache, repr=False, compare=False)
    """What `api.plan` has resolved, which depends only on this catalog."""

    @property
    def default_schema(self) -> str:
        return next(iter(self.schemas))

    def table(self, key: TableKey) -> Table:
        """The table that a key of this catalog refers to."""
        return self.schemas[key.schema].tables[key.name]


def table_name(table: Table) -> Sql:
    """The table's name, ready for a FROM clause."""
    return trusted(table.quoted)


def routine_name(routine: Routine) -> Sql:
    """The routine's name, ready for a CALL."""
    return trusted(routine.quoted)


def column_of(alias: str, column: Column) -> Sql:
    """The column, qualified with a table alias that the planner chose."""
    return trusted(f"{alias}.{column.quoted}")


def column_name(column: Column) -> Sql:
    """The column's name, for a statement without aliases."""
    return trusted(column.quoted)
