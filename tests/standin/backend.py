"""The database's side of the stand-in: a bounded pool of real connections that sessions share, as the proxy's target
group does.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-connections.html
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pymysql
from pymysql.constants import CLIENT

from api.database.state import GROUP_CONCAT_BYTES, INCREMENT, LOCK_WAIT_SECONDS, SQL_MODE
from tests.standin.pinning import effect_of
from tests.standin.wire import Channel

INITIALISATION = (
    f"SET time_zone = '+00:00', sql_mode = '{SQL_MODE}'",
    f"SET innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}",
    f"SET group_concat_max_len = {GROUP_CONCAT_BYTES}",
    f"SET auto_increment_increment = {INCREMENT}",
)
"""The proxy's initialization query, and what the deployed cluster's parameter group sets."""

CHARSET = "utf8mb4"
BASE: Mapping[str, str] = {
    "names": f"names {CHARSET}",
    **{name: text for statement in INITIALISATION for name, text in effect_of(statement).settings.items()},
}
"""The tracked settings of every new database connection, and of every new session."""

_WATCHED = (
    "time_zone", "sql_mode", "autocommit", "foreign_key_checks", "unique_checks", "sql_safe_updates",
    "character_set_client", "character_set_connection", "character_set_results", "collation_connection",
    "group_concat_max_len", "sql_select_limit", "auto_increment_increment", "innodb_lock_wait_timeout", "insert_id",
)  # fmt: skip


class BorrowTimeout(Exception):
    """No database connection became free in time: the client gets error 9501."""


@dataclass(frozen=True, slots=True)
class Target:
    """A real server, and the user and password of the proxy's secret."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    unix_socket: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings of a proxy and its target group, with its defaults but for the first two. Times in seconds."""

    connections: int = 100
    """As MaxConnectionsPercent of the server's `max_connections` gives."""
    borrow_seconds: float = 5
    idle_connections: int = 50
    idle_client_seconds: float = 1800
    client_life_seconds: float = 24 * 3600
    idle_connection_seconds: float = 300
    connection_life_seconds: float = 24 * 3600


DEFAULTS = Limits()


@dataclass(slots=True, eq=False)
class BackendConnection:
    """One connection to the database server; `settings`: the tracked ones that are in effect on it."""

    driver: Any
    database: str
    channel: Channel
    settings: dict[str, str]
    opened: float
    returned: float
    watched: Mapping[str, object] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    borrowing: Borrowing | None = None

    @property
    def thread(self) -> int:
        """The server's number of it, for KILL."""
        return int(self.driver.thread_id())

    def close(self) -> None:
        """Roll back what is open, so that its locks are gone when this returns, and disconnect."""
        try:
            self.driver.rollback()
            self.driver.close()
        except pymysql.MySQLError:
            self.channel.close()

    def state(self) -> dict[str, object]:
        """The session variables that a routine may change behind the proxy's back."""
        self.driver.query("SELECT " + ", ".join(f"@@session.{name}" for name in _WATCHED))
        (row,) = self.driver._result.rows
        return dict(zip(_WATCHED, row, strict=True))


@dataclass(slots=True)
class Borrowing:
    """When a connection was asked for, was had (None: not in time), and came back (None: it is still out)."""

    asked: float
    began: float | None = None
    ended: float | None = None


@dataclass(slots=True)
class Statistics:
    """What the pool saw."""

    most_open: int = 0
    opened: int = 0
    borrowings: list[Borrowing] = field(default_factory=list)

    @property
    def timeouts(self) -> int:
        """Borrowings that failed, once all are over."""
        return sum(each.began is None for each in self.borrowings)

    @property
    def waits(self) -> list[float]:
        """Seconds before each borrowing that succeeded."""
        return [each.began - each.asked for each in self.borrowings if each.began is not None]


class Backend:
    """Where the real server is, and the connections to it: at most this many, for which sessions queue.

    A connection is reused only by sessions with the same tracked settings. Of those that fit, the one that has been
    idle longest is borrowed, so two statements of a session seldom meet on the same one: who relies on the state of
    a session finds out. Nothing resets what the proxy does not know about.
    """

    def __init__(self, target: Target, limits: Limits = DEFAULTS, spare: int = 2) -> None:
        self.target: Target | None = target
        self.limits = limits
        self.statistics = Statistics()
        self.watching = False
        """Compare each connection that comes back with what it was when it was opened."""
        self.left_behind: list[tuple[tuple[str, ...], Mapping[str, object]]] = []
        """Where it differed: the statements since it was borrowed, and the variables that differ."""
        self._spare = spare
        self._idle: deque[BackendConnection] = deque()
        self._borrowed: list[BackendConnection] = []
        self._opening = 0
        self._queue: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._version = ""

    @property
    def open(self) -> int:
        """How many connections there are to the server."""
        return len(self._idle) + len(self._borrowed) + self._opening

    @property
    def waiting(self) -> int:
        """How many sessions wait for a connection."""
        return len(self._queue)

    @property
    def threads(self) -> list[int]:
        """The server's numbers of the connections."""
        with self._lock:
            return [connection.thread for connection in (*self._idle, *self._borrowed)]

    def version(self) -> str:
        """What the server calls itself."""
        if not self._version and self.target is not None:
            connection = self._connect(self.target, "")
            self._version = str(connection.server_version)
            connection.close()
        return self._version

    def warm(self, database: str) -> None:
        """Open connections, within the bound, until there are enough to change between.

        Raises: `pymysql.MySQLError`, for example where there is no such database.
        """
        while True:
            with self._lock:
                ready = sum(connection.database == database for connection in self._idle)
                if ready >= self._spare or self.open >= self.limits.connections or self.target is None:
                    return
                self._opening += 1
            self._add_idle(self._open(database, BASE))

    def borrow(self, database: str, settings: Mapping[str, str]) -> BackendConnection:
        """A connection to this database with these settings, for one session, in the order of asking.

        Raises:
            BorrowTimeout: none became free in time.
            pymysql.MySQLError: the server refused.
        """
        turn = threading.Event()
        with self._lock:
            borrowing = Borrowing(time.monotonic())
            self.statistics.borrowings.append(borrowing)
            self._queue.append(turn)
            if self._queue[0] is turn:
                turn.set()
        try:
            while True:
                left = borrowing.asked + self.limits.borrow_seconds - time.monotonic()
                if not turn.wait(max(left, 0)):
                    raise BorrowTimeout
                with self._lock:
                    turn.clear()
                    found = self._fitting(database, settings)
                    if found is not None or self._make_room():
                        break
        finally:
            with self._lock:
                self._queue.remove(turn)
                self._call_next()
        borrowing.began = time.monotonic()
        connection = found or self._lend(self._open(database, settings))
        connection.borrowing = borrowing
        return connection

    def give_back(self, connection: BackendConnection) -> None:
        """Let others use it."""
        if self.watching:
            self._watch(connection)
        now = time.monotonic()
        self._came_back(connection, now)
        with self._lock:
            lent = connection in self._borrowed  # a failover may have taken it away already
            if lent:
                self._borrowed.remove(connection)
            kept = (
                lent
                and len(self._idle) < self.limits.idle_connections
                and now - connection.opened <= self.limits.connection_life_seconds
            )
            if kept:
                connection.returned = now
                self._idle.append(connection)
            self._call_next()
        if not kept:
            connection.close()

    def discard(self, connection: BackendConnection) -> None:
        """End a connection that was borrowed."""
        connection.close()
        self._came_back(connection, time.monotonic())
        with self._lock:
            if connection in self._borrowed:
                self._borrowed.remove(connection)
            self._call_next()

    def close(self) -> None:
        """Disconnect what is idle."""
        with self._lock:
            idle, self._idle = list(self._idle), deque()
            self._call_next()
        for connection in idle:
            connection.close()

    def fail_over(self, target: Target | None) -> None:
        """Go to another server, or, with None, have none: idle connections end, and what is in flight is cut.

        Sessions stay, and their next statements wait for a server within the borrow timeout.
        """
        with self._lock:
            self.target = target
            lost, self._borrowed = self._borrowed, []
        for connection in lost:
            connection.channel.cut()
        self.close()

    @staticmethod
    def _came_back(connection: BackendConnection, now: float) -> None:
        if connection.borrowing is not None:
            connection.borrowing.ended = now
            connection.borrowing = None

    def _call_next(self) -> None:
        if self._queue:
            self._queue[0].set()

    def _fitting(self, database: str, settings: Mapping[str, str]) -> BackendConnection | None:
        """Take the connection that has been idle longest and fits; those that are too old or dead are dropped."""
        now = time.monotonic()
        limits = self.limits
        for connection in list(self._idle):
            expired = (
                now - connection.returned > limits.idle_connection_seconds
                or now - connection.opened > limits.connection_life_seconds
            )
            if expired or not connection.channel.is_quiet:
                self._idle.remove(connection)
                connection.close()
            elif connection.database == database and connection.settings == settings:
                self._idle.remove(connection)
                self._borrowed.append(connection)
                return connection
        return None

    def _make_room(self) -> bool:
        """Whether another connection may be opened, in the place of an idle one if need be: it counts already."""
        if self.target is None:
            return False
        if self.open >= self.limits.connections:
            if not self._idle:
                return False
            self._idle.popleft().close()
        self._opening += 1
        return True

    def _lend(self, connection: BackendConnection) -> BackendConnection:
        with self._lock:
            self._opening -= 1
            self._borrowed.append(connection)
        return connection

    def _add_idle(self, connection: BackendConnection) -> None:
        with self._lock:
            self._opening -= 1
            self._idle.append(connection)
            self._call_next()

    def _open(self, database: str, settings: Mapping[str, str]) -> BackendConnection:
        """Connect, where the place is counted as `_opening` already; that is taken back where it fails."""
        try:
            target = self.target
            if target is None:
                raise pymysql.OperationalError(2003, "there is no server")
            driver = self._connect(target, database)
            for statement in INITIALISATION:
                driver.query(statement)
            for name, text in settings.items():
                if BASE.get(name) != text:
                    driver.query(f"SET {text}" if name == "names" else f"SET {name} = {_written(text)}")
            now = time.monotonic()
            opened = BackendConnection(driver, database, Channel(driver._sock), dict(settings), now, now)
            opened.watched = opened.state() if self.watching else {}
        except BaseException:
            with self._lock:
                self._opening -= 1
                self._call_next()
            raise
        self.statistics.opened += 1
        self.statistics.most_open = max(self.statistics.most_open, self.open)
        return opened

    @staticmethod
    def _connect(target: Target, database: str) -> Any:
        return pymysql.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password,
            unix_socket=target.unix_socket,
            database=database or None,
            charset=CHARSET,
            client_flag=CLIENT.FOUND_ROWS,
            autocommit=True,
            ssl_disabled=target.unix_socket is not None,
        )

    def _watch(self, connection: BackendConnection) -> None:
        """Note what the statements since the last time have changed; the next ones are compared with that."""
        found = connection.state()
        differing = {name: text for name, text in found.items() if connection.watched.get(name, text) != text}
        tracked = {name for text in connection.statements for name in effect_of(text).settings}
        if differing.keys() - tracked:
            self.left_behind.append((tuple(connection.statements), differing))
        connection.watched = found
        connection.statements.clear()


def _written(text: str) -> str:
    """A setting's value as SET takes it."""
    return text if text.isdigit() or text == "default" or "(" in text else f"'{text}'"
