"""What a write on a table with row policies must do, as plain SQL in a transaction that is rolled back.

It follows the table in PostgreSQL's documentation of CREATE POLICY. The conditions are those that the test writes itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pymysql
from pymysql.cursors import Cursor

from api.catalog import Table
from local.server import Server
from migrator.policy_tokens import quoted as q
from tests.integration.random_policies import Conditions, create_policy
from tests.integration.random_schema import literal

COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
SCRATCH = "a table for proposed rows"
Row = Mapping[str, object]
Dump = dict[str, list[str]]


@dataclass
class Rules:
    """The policies of a table as statements, and what they mean by command, as SQL for the alias x."""

    statements: list[str]
    using: dict[str, str]
    check: dict[str, str]

    @staticmethod
    def random(conditions: Conditions, table: Table) -> Rules:
        pick, name = conditions.random, q(table.name)
        written = [f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"]
        found: list[tuple[str, bool, str | None, str | None]] = []
        for number in range(pick.randint(1, 5)):
            # rows are found only if both SELECT and the command have a policy
            command = "ALL" if number == 0 and pick.random() < 0.8 else pick.choice(("ALL", *COMMANDS))
            permissive = number == 0 or pick.random() < 0.75
            binds = pick.random() < 0.9
            using = None if command == "INSERT" else _condition(conditions, table)
            checks = command == "INSERT" or (command in ("ALL", "UPDATE") and pick.random() < 0.5)
            check = conditions.condition(table) if checks else None
            role = "" if binds else "somebody_else"
            written.append(
                create_policy(f"p{number}", name, command, permissive, using and using[0], check and check[0], role)
            )
            if binds:
                found.append((command, permissive, using and using[1], check and check[1]))

        def combined(command: str, *, checking: bool) -> str:
            allowed, required = ["FALSE"], ["TRUE"]
            for of, permissive, using, check in found:
                condition = (check or using) if checking else using
                if of in ("ALL", command) and condition is not None:
                    (allowed if permissive else required).append(f"({condition})")
            return f"(({' OR '.join(allowed)}) AND {' AND '.join(required)})"

        return Rules(
            written,
            {command: combined(command, checking=False) for command in COMMANDS},
            {command: combined(command, checking=True) for command in COMMANDS},
        )


def _condition(conditions: Conditions, table: Table) -> tuple[str, str]:
    """Half of them are true, because several must be met before a row is written at all."""
    return ("TRUE", "TRUE") if conditions.random.random() < 0.5 else conditions.condition(table)


@dataclass
class Expected:
    """The statuses of errors that a write must have (none: it succeeds), and all rows if it does.

    `hidden`: whether a proposed row has the key of one that the caller may not read.
    """

    refusals: set[int] = field(default_factory=set)
    stored: Dump = field(default_factory=dict)
    hidden: bool = False


@dataclass
class Model:
    """What a write does to the rows of a table."""

    cursor: Cursor
    table: Table
    rules: Rules
    expected: Expected = field(default_factory=Expected)

    def insert(self, kind: str, rows: Sequence[Row], *, read: bool) -> None:
        """`kind`: insert, merge, ignore. `read`: whether the rows are shown."""
        for row in rows:
            key = self._key(row)
            proposed = [self.rules.check["INSERT"]]
            if read or kind != "insert":
                proposed.append(self.rules.using["SELECT"])
            self._judge([f"INSERT INTO {q(SCRATCH)} ({names(row)}) VALUES ({values(row)})"], proposed)
            exists = self._count(key)
            self.expected.hidden |= exists > self._count(key, self.rules.using["SELECT"])
            if not exists or kind == "insert":
                self._run(f"INSERT INTO {q(self.table.name)} ({names(row)}) VALUES ({values(row)})")
            elif kind == "merge":
                change = {name: value for name, value in row.items() if name not in (self.table.primary_key or ())}
                if not self._count(key, self.rules.using["SELECT"], self.rules.using["UPDATE"]):
                    self.expected.refusals.add(403)
                self._change(key, change)

    def update(self, filter_: str, change: Row) -> None:
        for key in self._found(filter_, "UPDATE"):
            self._change(key, change)

    def delete(self, filter_: str) -> None:
        for key in self._found(filter_, "DELETE"):
            self._run(f"DELETE FROM {q(self.table.name)} WHERE {key}")

    def _found(self, filter_: str, command: str) -> list[str]:
        """Conditions of the keys of the rows that a command finds."""
        keys = self.table.primary_key or ()
        visible = f"{self.rules.using['SELECT']} AND {self.rules.using[command]}"
        self.cursor.execute(
            f"SELECT {','.join(map(q, keys))} FROM {q(self.table.name)} x WHERE ({filter_}) AND {visible}"
        )
        return [self._key(dict(zip(keys, found, strict=True))) for found in self.cursor.fetchall()]

    def _key(self, row: Row) -> str:
        return " AND ".join(f"{q(name)} = {literal(row[name])}" for name in self.table.primary_key or ())

    def _count(self, *conditions: str) -> int:
        self.cursor.execute(f"SELECT COUNT(*) FROM {q(self.table.name)} x WHERE {' AND '.join(conditions)}")
        ((found,),) = self.cursor.fetchall()
        return int(found)

    def _change(self, key: str, change: Row) -> None:
        """Change one row; the result must be visible and pass the check for UPDATE."""
        assignments = ",".join(f"{q(name)} = {literal(value)}" for name, value in change.items())
        changes = [f"UPDATE {q(SCRATCH)} SET {assignments}"] if assignments else []
        self._judge(
            [f"INSERT INTO {q(SCRATCH)} SELECT * FROM {q(self.table.name)} WHERE {key}", *changes],
            [self.rules.check["UPDATE"], self.rules.using["SELECT"]],
        )
        if assignments:
            self._run(f"UPDATE {q(self.table.name)} SET {assignments} WHERE {key}")

    def _judge(self, made: Sequence[str], conditions: Sequence[str]) -> None:
        """Whether a row that these statements make meets the conditions."""
        for statement in (f"DELETE FROM {q(SCRATCH)}", *made):
            self.cursor.execute(statement)
        self.cursor.execute(f"SELECT COUNT(*) FROM {q(SCRATCH)} x WHERE {' AND '.join(conditions)}")
        if self.cursor.fetchall() != ((1,),):
            self.expected.refusals.add(403)

    def _run(self, statement: str) -> None:
        try:
            self.cursor.execute(statement)
        except pymysql.IntegrityError:
            self.expected.refusals.add(409)


def names(row: Row) -> str:
    return ",".join(map(q, row))


def values(row: Row) -> str:
    return ",".join(map(literal, row.values()))


@dataclass
class Reference:
    """One connection to the database for all that a scenario compares with."""

    connection: pymysql.Connection[Cursor]
    tables: Sequence[Table]

    @contextmanager
    def model(self, table: Table, rules: Rules) -> Iterator[Model]:
        """A model of a write on the rows as they are now; whatever it does is rolled back."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {q(SCRATCH)} LIKE {q(table.name)}")
            model = Model(cursor, table, rules)
            yield model
            model.expected.stored = self.dump()
            cursor.execute(f"DROP TEMPORARY TABLE {q(SCRATCH)}")

    def dump(self) -> Dump:
        """All rows by table; what this connection did is then rolled back."""
        found = {}
        with self.connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(f"SELECT * FROM {q(table.name)}")
                found[table.name] = sorted(map(repr, cursor.fetchall()))
        self.connection.rollback()
        return found

    def copy_visible(self, database: str, table: Table, condition: str) -> None:
        """Fill another database with all rows, but only those of the table that meet the condition."""
        with self.connection.cursor() as cursor:
            cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
            for each in self.tables:
                there, shown = f"{q(database)}.{q(each.name)}", condition if each is table else "TRUE"
                cursor.execute(f"DELETE FROM {there}")
                cursor.execute(f"INSERT INTO {there} SELECT * FROM {q(each.name)} x WHERE {shown}")
            cursor.execute("SET FOREIGN_KEY_CHECKS = 1")
            self.connection.commit()


@contextmanager
def reference(server: Server, database: str, tables: Sequence[Table]) -> Iterator[Reference]:
    """What writes to the database are compared with."""
    with closing(server.connect(database, autocommit=False)) as connection:
        yield Reference(connection, tables)
