"""Row security as the migrator keeps it: the table `aurorest_policies` of the migrated database.

It has a row for each table with row security enabled, and one for each policy. The API reads it with the catalog and
never exposes it. Each condition is checked by the server when it is stored, and again after every migration, because
an ALTER TABLE may change what it means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymysql.err import MySQLError

from api.catalog.own_tables import POLICIES as TABLE
from api.catalog.policies import ClaimPlace, ClaimType, Command, Expression, RowColumn
from migrator.errors import MigratorError, described
from migrator.policy_expression import Columns, columns_read, parse_expression
from migrator.policy_statements import (
    AlterPolicy,
    CreatePolicy,
    DropPolicy,
    PolicyStatement,
    SetRowSecurity,
    TableName,
    check_clauses,
)
from migrator.policy_tokens import quoted
from migrator.policy_views import grant_views, make_views, view_of

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor

_CREATE = f"""CREATE TABLE IF NOT EXISTS `{TABLE}` (
  table_name VARCHAR(64) NOT NULL,
  policy_name VARCHAR(64) NOT NULL COMMENT 'empty: the row says that row security is enabled on the table',
  permissive TINYINT(1) NOT NULL DEFAULT 1,
  command VARCHAR(6) NULL COMMENT 'NULL: ALL',
  roles TEXT NULL COMMENT 'JSON array; empty: PUBLIC',
  using_source TEXT NULL COMMENT 'as written in the migration',
  using_pieces TEXT NULL COMMENT 'JSON: what the API reads',
  check_source TEXT NULL,
  check_pieces TEXT NULL,
  PRIMARY KEY (table_name, policy_name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='Row policies of Aurorest'"""
_INSERT = f"""INSERT INTO `{TABLE}` (table_name, policy_name, permissive, command, roles,
 using_source, using_pieces, check_source, check_pieces) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""  # noqa: S608
_COLUMNS = """SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE FROM information_schema.COLUMNS
 WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s"""
_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year", "bit"})
_RENAMES = re.compile(
    r"(?:RENAME\s+TABLE|ALTER\s+TABLE\b.*\bRENAME\b(?!\s+(?:COLUMN|INDEX|KEY)\b))", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class RowSecurity:
    """The policies of the database that the connection is in."""

    connection: Connection[Cursor]
    database: str

    def create(self) -> None:
        """Create the table if it does not exist."""
        self._run(_CREATE)

    def apply(self, statement: PolicyStatement) -> None:
        """Do what the statement says, within the transaction of the connection.

        Raises: `MigratorError` for what cannot be done; the driver's errors for a condition that the server refuses.
        """
        if isinstance(statement, DropPolicy) and statement.if_exists and not self._stored_names(statement.table):
            return
        table = self._stored_name(statement.table)
        match statement:
            case SetRowSecurity(enabled=True):
                self._run(f"INSERT IGNORE INTO `{TABLE}` (table_name, policy_name) VALUES (%s, '')", table)  # noqa: S608
            case SetRowSecurity():
                self._run(f"DELETE FROM `{TABLE}` WHERE table_name = %s AND policy_name = ''", table)  # noqa: S608
            case CreatePolicy():
                self._insert(table, statement)
            case AlterPolicy():
                self._alter(table, statement)
            case DropPolicy():
                removed = self._run(
                    f"DELETE FROM `{TABLE}` WHERE table_name = %s AND policy_name = %s", table, statement.name  # noqa: S608
                )  # fmt: skip
                if not removed and not statement.if_exists:
                    raise self._missing(table, statement.name)

    def refuse_rename(self, text: str) -> None:
        """Refuse to rename a table with row security: its policies would stay behind, and all rows would be visible.

        Raises: `MigratorError` (`policy_rename`).
        """
        if not _RENAMES.match(text):
            return
        for (table,) in self._rows(f"SELECT DISTINCT table_name FROM `{TABLE}`"):  # noqa: S608
            if re.search(rf"(?<!\w){re.escape(table)}(?!\w)", text, re.IGNORECASE):
                raise MigratorError(
                    "policy_rename",
                    f"{table} has row security or policies, which would not follow it to another name",
                    hint=f"DROP POLICY ... ON {table} and ALTER TABLE {table} DISABLE ROW LEVEL SECURITY first; "
                    "create the policies again under the new name in the same file.",
                )

    def check_all(self) -> None:
        """Check every policy against the tables as they are now, forget those of tables that were dropped, and let the
        subqueries of the others read views.

        Raises: `MigratorError` (`policy_broken`) for a policy that a migration has broken.
        """
        known: dict[str, bool] = {}
        read: dict[str, set[str]] = {}
        checked: list[tuple[str, str, tuple[str | None, str | None]]] = []
        named: set[str] = set()
        for table, name, roles, using, check in self._rows(
            f"SELECT table_name, policy_name, roles, using_source, check_source FROM `{TABLE}`"  # noqa: S608
        ):
            if table not in known:
                known[table] = self._columns(self.database, table) is not None
                if not known[table]:
                    self._run(f"DELETE FROM `{TABLE}` WHERE table_name = %s", table)  # noqa: S608
            if not known[table] or not name:
                continue
            try:
                for source in (using, check):
                    self._pieces(table, source)
                    for name_read, columns in self._columns_read(table, source).items():
                        read.setdefault(name_read, set()).update(columns)
            except (MigratorError, MySQLError) as error:
                said = str(error) if isinstance(error, MigratorError) else described(error)
                raise MigratorError(
                    "policy_broken",
                    f"the policy {name} on {table} no longer works with the tables",
                    said,
                    "Add DROP POLICY or ALTER POLICY at the end of the migration.",
                ) from error
            checked.append((table, name, (using, check)))
            named.update(json.loads(roles))
        has_views = self._make_views(read, named)
        for table, name, sources in checked:
            self._run(
                f"UPDATE `{TABLE}` SET using_pieces = %s, check_pieces = %s"  # noqa: S608
                " WHERE table_name = %s AND policy_name = %s",
                *[self._stored_pieces(table, source, has_views) for source in sources], table, name,
            )  # fmt: skip

    def _columns_read(self, table: str, source: str | None) -> dict[str, frozenset[str]]:
        return {} if source is None else columns_read(source, self.database, table, self._columns)

    def _make_views(self, read: dict[str, set[str]], roles: set[str]) -> bool:
        try:
            make_views(self.connection, read)
            grant_views(self.connection, sorted(roles))
        except MySQLError:
            return False  # the account may not make views: subqueries read the tables with the role's privileges
        return True

    def _stored_pieces(self, table: str, source: str | None, has_views: bool) -> str | None:
        """The condition to store, with the views where they can stand for the tables: not for a partition or an index
        of a table, or its columns after the name of the database."""
        if has_views:
            with suppress(MySQLError):
                return self._pieces(table, source, view_of)
        return self._pieces(table, source)

    def _insert(self, table: str, policy: CreatePolicy) -> None:
        if self._exists(table, policy.name):
            raise MigratorError("policy_exists", f"policy {policy.name!r} for table {table!r} already exists")
        self._run(
            _INSERT, table, policy.name, policy.permissive, policy.command.value if policy.command else None,
            json.dumps(policy.roles), policy.using, self._pieces(table, policy.using),
            policy.check, self._pieces(table, policy.check),
        )  # fmt: skip

    def _alter(self, table: str, change: AlterPolicy) -> None:
        found = self._rows(
            f"SELECT command FROM `{TABLE}` WHERE table_name = %s AND policy_name = %s", table, change.name  # noqa: S608
        )  # fmt: skip
        if not found:
            raise self._missing(table, change.name)
        command = found[0][0]
        check_clauses(Command(command) if command else None, change.using, change.check)
        if change.new_name is not None and change.new_name != change.name and self._exists(table, change.new_name):
            raise MigratorError("policy_exists", f"policy {change.new_name!r} for table {table!r} already exists")
        changes: dict[str, object] = {}
        if change.new_name is not None:
            changes["policy_name"] = change.new_name
        if change.roles is not None:
            changes["roles"] = json.dumps(change.roles)
        for column, source in (("using", change.using), ("check", change.check)):
            if source is not None:
                changes[f"{column}_source"] = source
                changes[f"{column}_pieces"] = self._pieces(table, source)
        assignments = ", ".join(f"{column} = %s" for column in changes)
        self._run(
            f"UPDATE `{TABLE}` SET {assignments} WHERE table_name = %s AND policy_name = %s",  # noqa: S608
            *changes.values(), table, change.name,
        )  # fmt: skip

    def _exists(self, table: str, name: str) -> bool:
        return bool(
            self._rows(f"SELECT 1 FROM `{TABLE}` WHERE table_name = %s AND policy_name = %s", table, name)  # noqa: S608
        )

    def _missing(self, table: str, name: str) -> MigratorError:
        rows = self._rows(f"SELECT policy_name FROM `{TABLE}` WHERE table_name = %s", table)  # noqa: S608
        names = [row[0] for row in rows if row[0]]
        return MigratorError(
            "policy_missing",
            f"policy {name!r} for table {table!r} does not exist",
            hint=f"Its policies: {', '.join(names)}" if names else "The table has no policies.",
        )

    def _pieces(self, table: str, source: str | None, read_as: Callable[[str], str] = lambda name: name) -> str | None:
        """The condition as it is stored, after the server has accepted it."""
        if source is None:
            return None
        expression = parse_expression(source, self.database, table, self._columns, read_as)
        name = f"{quoted(self.database)}.{quoted(table)}"
        # a second instance of the table, so that a column without a table's name is ambiguous in a subquery
        self._rows(f"EXPLAIN SELECT 1 FROM {name} e0, {name} e0j WHERE ({_written(expression)})")  # noqa: S608
        return expression.stored()

    def _stored_name(self, table: TableName) -> str:
        if table.database is not None and table.database != self.database:
            raise MigratorError(
                "policy_table",
                f"{table.database}.{table.name} is in another database than the migrations ({self.database})",
                hint="Apply the policies of a database with migrations for that database.",
            )
        found = self._stored_names(table)
        if not found:
            raise MigratorError("policy_table", f"table {self.database}.{table.name} does not exist")
        return found[0]

    def _stored_names(self, table: TableName) -> list[str]:
        """The table's name as the server spells it, if the table exists."""
        query = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s"
        return [str(name) for (name,) in self._rows(query, self.database, table.name)]

    def _columns(self, database: str, table: str) -> Columns | None:
        found = self._rows(_COLUMNS, database, table)
        return {
            str(name).lower(): (str(name), _type(str(kind), str(declared))) for name, kind, declared in found
        } or None

    def _rows(self, query: str, *values: object) -> tuple[tuple[Any, ...], ...]:
        """The query's rows. Without values, a `%` in it stands for itself."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return tuple(cursor.fetchall())

    def _run(self, query: str, *values: object) -> int:
        with self.connection.cursor() as cursor:
            return cursor.execute(query, values or None)


def _written(expression: Expression) -> str:
    """The condition for a caller without claims."""
    return "".join(
        f"e0.{quoted(piece.name)}"
        if isinstance(piece, RowColumn)
        else "NULL"
        if isinstance(piece, ClaimPlace)
        else piece
        for piece in expression.pieces
    )


def _type(kind: str, declared: str) -> ClaimType:
    if declared.lower().startswith(("tinyint(1)", "bit(1)")):
        return ClaimType.BOOLEAN
    if kind.lower() in _NUMBERS:
        return ClaimType.NUMBER
    if kind.lower() in ("date", "datetime", "timestamp"):
        return ClaimType.DATETIME
    return ClaimType.TIME if kind.lower() == "time" else ClaimType.TEXT
