"""The database's side of the stand-in: a pool of real connections that sessions share, as the proxy's target group
does."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pymysql
from pymysql.constants import CLIENT

from api.database.state import LOCK_WAIT_SECONDS, SQL_MODE
from tests.standin.wire import Channel

INITIALISATION = (
    f"SET time_zone = '+00:00', sql_mode = '{SQL_MODE}'",
    f"SET innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}",
)
"""The proxy's initialisation query, and what the deployed cluster's parameter group sets."""


@dataclass(slots=True)
class BackendConnection:
    """One connection to the database server."""

    driver: Any
    database: str
    channel: Channel

    def close(self) -> None:
        """Roll back what is open, so that its locks are gone when this returns, and disconnect."""
        try:
            self.driver.rollback()
            self.driver.close()
        except pymysql.MySQLError:
            self.channel.close()


@dataclass(slots=True)
class Backend:
    """Where the real server is, and the idle connections to it.

    A borrowed connection is the one that has been idle longest, so two statements of a session seldom meet on the
    same one: who relies on the state of a session finds out.
    """

    host: str
    port: int
    user: str
    password: str
    unix_socket: str | None = None
    idle: deque[BackendConnection] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)
    spare: int = 2

    def version(self) -> str:
        """What the server calls itself."""
        connection = self.borrow("")
        try:
            return str(connection.driver.server_version)
        finally:
            self.give_back(connection)

    def warm(self, database: str) -> None:
        """Open connections until there are enough to change between.

        Raises: `pymysql.MySQLError`, for example where there is no such database.
        """
        with self.lock:
            missing = self.spare - sum(connection.database == database for connection in self.idle)
        for _ in range(missing):
            opened = self._open(database)
            with self.lock:
                self.idle.append(opened)

    def borrow(self, database: str) -> BackendConnection:
        """A connection to this database."""
        with self.lock:
            for connection in self.idle:
                if connection.database == database:
                    self.idle.remove(connection)
                    return connection
        return self._open(database)

    def give_back(self, connection: BackendConnection) -> None:
        """Let others use it."""
        with self.lock:
            self.idle.append(connection)

    def close(self) -> None:
        """Disconnect."""
        with self.lock:
            while self.idle:
                self.idle.pop().close()

    def _open(self, database: str) -> BackendConnection:
        driver: Any = pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            unix_socket=self.unix_socket,
            database=database or None,
            charset="utf8mb4",
            client_flag=CLIENT.FOUND_ROWS,
            autocommit=True,
            ssl_disabled=self.unix_socket is not None,
        )
        for statement in INITIALISATION:
            driver.query(statement)
        return BackendConnection(driver, database, Channel(driver._sock))
