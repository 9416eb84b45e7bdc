"""Apply pending migrations over one connection.

MySQL commits at every DDL statement, so a file cannot be rolled back as a whole. Each statement is therefore recorded
separately, and a run after a failure continues at the statement that failed, whose text may have been corrected. A
statement that changes rows commits together with its record, so it runs exactly once. A DDL statement is recorded in
the ledger before it is sent. If a run dies before it sees the answer, the next one sends the statement again and takes
"already exists" as proof that it was applied (DDL is atomic in MySQL).
https://dev.mysql.com/doc/refman/8.4/en/atomic-ddl.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pymysql.err import MySQLError

from migrator.errors import MigratorError, described, errno
from migrator.files import Migration
from migrator.ledger import Entry, Ledger, locked
from migrator.plan import Pending, plan
from migrator.policy_statements import parse_policy_statement
from migrator.row_security import RowSecurity
from migrator.statements import Statement

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor

SERIES = "application"
"""The series of the project's own `migrations/`; another folder applied to the same database needs another name."""

_DEFINES = frozenset({"CREATE", "ALTER", "DROP", "RENAME"})
# A database, table, column, key, constraint, routine, trigger, event or user already exists, or is already gone.
_HAPPENED_ALREADY = frozenset(
    {1007, 1008, 1050, 1051, 1060, 1061, 1068, 1091, 1304, 1305, 1359, 1360, 1396, 1517, 1537, 1539, 1826, 3822, 3940}
)


def migrate(
    connection: Connection[Cursor],
    database: str,
    migrations: tuple[Migration, ...],
    *,
    series: str = SERIES,
    report: Callable[[str], None] = lambda _line: None,
    lock_wait_seconds: int = 10,
) -> tuple[str, ...]:
    """Apply the pending `migrations` to `database` and return the names of the files applied now, in order.

    The connection must be in `database` and in autocommit mode. `report` is called with each line of progress. Session
    settings (SET) of a file are sent again when that file is resumed; the next file must not rely on them.

    Raises: `MigratorError`: `migration_failed` with the file, the statement and MySQL's error; `migration_locked`; or
        an error of `migrator.plan.plan`, before anything is run.
    """
    with locked(connection, database, lock_wait_seconds):
        ledger = Ledger(connection, series)
        entries = ledger.entries() if ledger.exists() else ()
        pending = plan(migrations, entries)
        if not pending:
            report(f"{database}: nothing to apply ({len(migrations)} migrations)")
            return ()
        ledger.create()
        security = RowSecurity(connection, database)
        security.create()
        for position, one in enumerate(pending, 1):
            report(f"{database}: [{position}/{len(pending)}] {_announcement(one)}")
            _apply(connection, ledger, security, one)
        return tuple(one.migration.name for one in pending)


def status(
    connection: Connection[Cursor], migrations: tuple[Migration, ...], *, series: str = SERIES
) -> tuple[str, ...]:
    """One line for each file: applied, half applied (with the error), or pending. Read-only; raises as `plan` does."""
    ledger = Ledger(connection, series)
    entries = ledger.entries() if ledger.exists() else ()
    plan(migrations, entries)
    by_number = {entry.number: entry for entry in entries}
    return tuple(_status(migration, by_number.get(migration.number)) for migration in migrations)


def _status(migration: Migration, entry: Entry | None) -> str:
    if entry is None:
        return f"pending  {migration.name}"
    if entry.finished:
        return f"applied  {migration.name}"
    why = f": {entry.error}" if entry.error else ""
    return f"partial  {migration.name} ({entry.applied} of {len(migration.statements)} statements){why}"


def _announcement(pending: Pending) -> str:
    total = len(pending.migration.statements)
    resumed = f", from statement {pending.first}" if pending.first > 1 else ""
    return f"{pending.migration.name} ({total} statement{'' if total == 1 else 's'}{resumed})"


def _apply(connection: Connection[Cursor], ledger: Ledger, security: RowSecurity, pending: Pending) -> None:
    migration = pending.migration
    ledger.start(migration)
    for number, statement in enumerate(migration.statements, 1):
        if number >= pending.first:
            in_doubt = pending.in_doubt and number == pending.first
            _apply_one(connection, ledger, security, migration, number, in_doubt=in_doubt)
        elif _is_session_setting(statement):
            execute(connection, statement.text)
    security.check_all()
    ledger.finished(migration)


def _apply_one(
    connection: Connection[Cursor],
    ledger: Ledger,
    security: RowSecurity,
    migration: Migration,
    number: int,
    *,
    in_doubt: bool,
) -> None:
    statement = migration.statements[number - 1]
    ledger.sending(migration, number)
    try:
        connection.begin()
        policy = parse_policy_statement(statement.text)
        if policy is None:
            security.refuse_rename(statement.text)
            execute(connection, statement.text)
        else:
            security.apply(policy)
        ledger.done(migration, number)
        connection.commit()
    except MigratorError as error:
        connection.rollback()
        failure = _failure(migration, number, str(error), in_doubt=False)
        ledger.failed(migration, f"statement {number}: {failure.details}")
        raise failure from error
    except MySQLError as error:
        failure = _failure(migration, number, described(error), in_doubt=in_doubt)
        if not connection.open:  # its outcome is unknown, which the ledger already records
            raise failure from error
        connection.rollback()
        if in_doubt and statement.words[0] in _DEFINES and errno(error) in _HAPPENED_ALREADY:
            ledger.done(migration, number)
            return
        ledger.failed(migration, f"statement {number}: {failure.details}")
        raise failure from error


def execute(connection: Connection[Cursor], text: str) -> None:
    """Run one statement unchanged, and read all of its results (a CALL has several)."""
    with connection.cursor() as cursor:
        cursor.execute(text)
        while cursor.nextset():
            pass


def _failure(migration: Migration, number: int, said: str, *, in_doubt: bool) -> MigratorError:
    statement = migration.statements[number - 1]
    first_line = statement.text.partition("\n")[0][:100]
    hint = f"Correct it and run again: the next run continues with this statement ({number - 1} before it are applied)."
    if in_doubt:
        hint += " An earlier run lost its connection here; if the statement took effect after all, replace it by DO 0."
    return MigratorError(
        "migration_failed",
        f"{migration.name}, statement {number} of {len(migration.statements)} (line {statement.line}: {first_line})",
        said,
        hint,
    )


def _is_session_setting(statement: Statement) -> bool:
    return statement.words[:1] == ("SET",) and statement.words[1:2] not in {("GLOBAL",), ("PERSIST",), ("PASSWORD",)}
