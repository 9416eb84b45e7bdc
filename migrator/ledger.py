"""What has been applied, recorded in the database itself: the table `aurorest_migrations`.

One row per file. The table is in the migrated database, so it is dropped, dumped and restored together with the tables
that the files create. The API does not expose it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.catalog.own_tables import MIGRATIONS as TABLE
from migrator.errors import MigratorError
from migrator.files import Migration

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor

_LOCK_REPORT_SECONDS = 15

_CREATE = f"""CREATE TABLE IF NOT EXISTS `{TABLE}` (
  series VARCHAR(64) NOT NULL COMMENT 'which folder of migrations the file belongs to',
  number BIGINT NOT NULL COMMENT 'the number that the file name begins with',
  name VARCHAR(128) NOT NULL,
  checksum CHAR(64) NOT NULL COMMENT 'SHA-256 of the file',
  statements INT NOT NULL COMMENT 'how many statements the file has',
  applied INT NOT NULL COMMENT 'how many of them are done',
  applied_checksum CHAR(64) NOT NULL COMMENT 'SHA-256 of those',
  running INT NULL COMMENT 'the statement that was sent last, until its outcome is known',
  error TEXT NULL COMMENT 'why the last run stopped in this file',
  started_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  finished_at TIMESTAMP NULL DEFAULT NULL,
  PRIMARY KEY (series, number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='SQL migrations applied by Aurorest'"""

_READ = f"""SELECT number, name, checksum, statements, applied, applied_checksum, running, error,
 finished_at IS NOT NULL FROM `{TABLE}` WHERE series = %s ORDER BY number"""  # noqa: S608 - constants only


_START = f"""INSERT INTO `{TABLE}` (series, number, name, checksum, statements, applied, applied_checksum)
 VALUES (%s, %s, %s, %s, %s, 0, %s) ON DUPLICATE KEY UPDATE
 name = VALUES(name), checksum = VALUES(checksum), statements = VALUES(statements), error = NULL"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger.

    `running` is the number (from 1) of a statement whose outcome is unknown; `finished` is 0 or 1.
    """

    number: int
    name: str
    checksum: str
    statements: int
    applied: int
    applied_checksum: str
    running: int | None
    error: str | None
    finished: int


class Ledger:
    """The rows of one `series` (folder of migrations) in the connection's current database."""

    def __init__(self, connection: Connection[Cursor], series: str) -> None:
        self._connection = connection
        self._series = series

    def create(self) -> None:
        """Create the table if it does not exist."""
        self._run(_CREATE)

    def exists(self) -> bool:
        """Whether any migration was ever started in this database."""
        query = "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s"
        return bool(self._run(query, TABLE))

    def entries(self) -> tuple[Entry, ...]:
        """All rows by ascending number."""
        return tuple(Entry(*row) for row in self._run(_READ, self._series))

    def start(self, migration: Migration) -> None:
        """Record that `migration` begins, or continues with its corrected text."""
        self._run(
            _START,
            self._series, migration.number, migration.name, migration.checksum, len(migration.statements),
            migration.chain(0),
        )  # fmt: skip

    def sending(self, migration: Migration, statement: int) -> None:
        """Record that statement number `statement` is about to be sent: from now on its outcome is unknown."""
        self._update(migration, "running = %s", statement)

    def done(self, migration: Migration, statement: int) -> None:
        """Record that the first `statement` statements are applied."""
        self._update(
            migration, "running = NULL, applied = %s, applied_checksum = %s", statement, migration.chain(statement)
        )

    def failed(self, migration: Migration, error: str) -> None:
        """Record that the last statement certainly had no effect, and why."""
        self._update(migration, "running = NULL, error = %s", error[:10_000])

    def finished(self, migration: Migration) -> None:
        """Record that all of `migration` is applied."""
        self._update(migration, "error = NULL, finished_at = CURRENT_TIMESTAMP")

    def _update(self, migration: Migration, changes: str, *values: object) -> None:
        query = f"UPDATE `{TABLE}` SET {changes} WHERE series = %s AND number = %s"  # noqa: S608 - constants only
        self._run(query, *values, self._series, migration.number)

    def _run(self, query: str, *values: object) -> tuple[tuple[Any, ...], ...]:
        with self._connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return tuple(cursor.fetchall())


@contextmanager
def locked(
    connection: Connection[Cursor],
    database: str,
    wait_seconds: int,
    report: Callable[[str], None] = lambda _line: None,
) -> Iterator[None]:
    """Hold a lock for migrating `database`, so that only one run at a time does, on this machine or any other.

    GET_LOCK belongs to the session. So a run that lost its connection can neither hold the lock nor write, and the
    lock of a run that died ends with its session: the server ends it or, behind RDS Proxy, the proxy does after its
    idle timeout at the latest. GET_LOCK pins the session to one connection of the proxy's pool, which is why the
    migrator opens one short-lived connection for it and closes it. A session may take its own lock again.
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html

    Raises: `MigratorError` (`migration_locked`) when another run still holds it after `wait_seconds`.
    """
    name = "aurorest:" + hashlib.sha256(database.encode()).hexdigest()[:32]
    waited = 0
    while not _take(connection, name, min(_LOCK_REPORT_SECONDS, wait_seconds - waited)):
        waited = min(waited + _LOCK_REPORT_SECONDS, wait_seconds)
        holder = _holder(connection, name)
        if waited >= wait_seconds:
            raise MigratorError(
                "migration_locked",
                f"another run is migrating {database} (database connection {holder})",
                f"waited {wait_seconds} s",
                "Try again when it has ended. If it died, its lock ends with its connection: RDS Proxy closes that "
                "after the idle client timeout; KILL ends it at once.",
            )
        report(f"{database}: waiting for another run (database connection {holder}), {waited} of {wait_seconds} s")
    yield
    # No RELEASE_LOCK when the body raises: the connection may be lost, and closing it releases the lock.
    with connection.cursor() as cursor:
        cursor.execute("SELECT RELEASE_LOCK(%s)", (name,))


def _take(connection: Connection[Cursor], name: str, wait_seconds: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, %s)", (name, wait_seconds))
        return cursor.fetchone() == (1,)


def _holder(connection: Connection[Cursor], name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT IS_USED_LOCK(%s)", (name,))
        (holder,) = cursor.fetchone() or (None,)
        return holder
