"""Random schemas with rows: keys of every shape, relationships of every cardinality, columns that may be NULL."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from migrator.policy_tokens import quoted as q

TYPES = ("INT", "VARCHAR(20)", "TINYINT(1)", "DATE", "DECIMAL(8,2)", "JSON", "ENUM('new','paid')", "DATETIME(3)")
WORDS = ("Ann", "ann", "new", "N", "red", "'", "x\\", "é", "", "a, b")
ODD = ("select", "a b", "50%", "Üb", "o'k", "x`y", "key", "count")
"""Names that must be quoted."""


@dataclass
class Column:
    name: str
    declared: str
    nullable: bool

    @property
    def sql(self) -> str:
        return f"{q(self.name)} {self.declared} {'NULL' if self.nullable else 'NOT NULL'}"


@dataclass
class Key:
    """A foreign key: columns, and those of the other table in the same order."""

    columns: tuple[str, ...]
    table: Table
    referenced: tuple[str, ...]
    unique: bool


@dataclass
class Table:
    name: str
    key: tuple[str, ...]
    columns: list[Column]
    keys: list[Key] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)

    def sql(self) -> str:
        parts = [column.sql for column in self.columns]
        if self.key:
            parts.append(f"PRIMARY KEY ({','.join(map(q, self.key))})")
        for number, each in enumerate(self.keys):
            columns = ",".join(map(q, each.columns))
            if each.unique:
                parts.append(f"UNIQUE KEY u{number} ({columns})")
            parts.append(
                f"CONSTRAINT {q(f'{self.name}_{number}')} FOREIGN KEY ({columns})"
                f" REFERENCES {q(each.table.name)} ({','.join(map(q, each.referenced))})"
            )
        return f"CREATE TABLE {q(self.name)} ({','.join(parts)}) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"


@dataclass
class Schema:
    """A schema from a generator: tables that refer to earlier ones or to themselves, and a few rows of each."""

    random: random.Random
    tables: list[Table] = field(default_factory=list)

    def statements(self) -> Iterator[str]:
        for number in range(self.random.randint(3, 6)):
            self.tables.append(self._table(number))
        for table in self.tables:
            yield table.sql()
        for table in self.tables:
            self._fill(table)
            names = ",".join(q(column.name) for column in table.columns)
            for row in table.rows:
                yield (
                    f"INSERT INTO {q(table.name)} ({names})"
                    f" VALUES ({','.join(literal(row[column.name]) for column in table.columns)})"
                )

    def _table(self, number: int) -> Table:
        pick = self.random
        keyed = [table for table in self.tables if table.key]
        if len(keyed) >= 2 and pick.random() < 0.3:
            return self._junction(number, *pick.sample(keyed, 2))
        shape = pick.choice(("number", "number", "word", "pair", "none"))
        name = (
            f"keyless{number}"
            if shape == "none"
            else pick.choice((f"t{number}", f"t{number}", f"{pick.choice(ODD)}{number}"))
        )
        own = {
            "number": [Column("id", "INT", False)],
            "word": [Column("code", "VARCHAR(20)", False)],
            "pair": [Column("a", "INT", False), Column("b", "VARCHAR(10)", False)],
            "none": [],
        }[shape]
        table = Table(name, tuple(column.name for column in own), own)
        for other in range(pick.randint(1, 4)):
            column = pick.choice((f"c{other}", f"c{other}", f"{pick.choice(ODD)}{other}"))
            table.columns.append(Column(column, pick.choice(TYPES), pick.random() < 0.5))
        candidates = [*keyed, *([table] if table.key else [])]
        for _ in range(pick.choice((0, 1, 1, 2)) if candidates else 0):
            self._refer(table, pick.choice(candidates))
        return table

    def _refer(self, table: Table, to: Table) -> None:
        """Add a foreign key with columns for it; one to the table itself may be NULL, so that there can be a first row."""
        nullable = to is table or self.random.random() < 0.5
        position = len(table.keys)
        columns = []
        for name in to.key:
            declared = next(column.declared for column in to.columns if column.name == name)
            columns.append(Column(f"{name}_{position}", declared, nullable))
        table.columns += columns
        unique = self.random.random() < 0.25
        table.keys.append(Key(tuple(column.name for column in columns), to, to.key, unique))

    def _junction(self, number: int, one: Table, other: Table) -> Table:
        table = Table(f"j{number}", (), [])
        for each in (one, other):
            self._refer(table, each)
            for column in table.columns:
                column.nullable = False
            table.keys[-1].unique = False
        table.key = tuple(column.name for column in table.columns)
        return table

    def _fill(self, table: Table) -> None:
        pick = self.random
        for _ in range(pick.choice((0, 3, 6, 8))):
            row = {column.name: self.value(column) for column in table.columns}
            for key in table.keys:
                others = key.table.rows
                nullable = all(column.nullable for column in table.columns if column.name in key.columns)
                found = pick.choice(others) if others and (not nullable or pick.random() < 0.8) else None
                if found is None and not nullable:
                    return
                for column, there in zip(key.columns, key.referenced, strict=True):
                    row[column] = None if found is None else found[there]
            if self._is_new(table, row):
                table.rows.append(row)

    def _is_new(self, table: Table, row: dict[str, object]) -> bool:
        """No other row has the same key, as the collation compares it."""
        uniques = [table.key, *(key.columns for key in table.keys if key.unique)]
        return not any(
            columns
            and compared(row, columns) is not None
            and compared(row, columns) in [compared(each, columns) for each in table.rows]
            for columns in uniques
        )

    def value(self, column: Column) -> object:
        """A random value of the column."""
        pick = self.random
        if column.nullable and pick.random() < 0.3:
            return None
        match column.declared.partition("(")[0]:
            case "INT":
                return pick.randint(-1, 9)
            case "VARCHAR":
                return pick.choice(WORDS)
            case "TINYINT":
                return pick.randint(0, 1)
            case "DATE":
                return f"2024-0{pick.randint(1, 9)}-01"
            case "DATETIME":
                return f"2024-0{pick.randint(1, 9)}-01 10:00:00.{pick.randint(0, 999):03}"
            case "DECIMAL":
                return f"{pick.randint(-500, 500) / 100:.2f}"
            case "ENUM":
                return pick.choice(("new", "paid"))
            case _:
                return json.dumps(pick.choice((1, [1, 2], {"a": pick.randint(0, 3)}, "x", None)))


def compared(row: Mapping[str, object], columns: tuple[str, ...]) -> tuple[str, ...] | None:
    """Values of a row so that equal ones are equal to the collation, too. None: one of them is NULL."""
    values = [row[column] for column in columns]
    return None if None in values else tuple(str(value).lower().replace("é", "e").rstrip() for value in values)


def literal(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"
