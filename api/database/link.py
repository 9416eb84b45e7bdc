"""The connection to one endpoint, kept between requests, and whether it may be kept after an error."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from api.database import errno
from api.database.connection import (
    DriverError,
    answers,
    connect,
    end,
    is_in_transaction,
    is_mariadb,
    limit,
    was_closed,
)
from api.database.driver import grant_room, keep_first_encoded
from api.errors import ApiError
from api.settings import Address, Settings

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

    from api.database.connection import Connection

IDLE_SECONDS = 5
"""After so much idleness a connection is tested by a ping before it is trusted with a write."""


class Link:
    """The connection to one endpoint: opened on first use, kept between requests, dropped when it is unusable."""

    __slots__ = ("_address", "_connection", "_released", "_settings", "pinned")

    pinned: bool
    """RDS Proxy keeps the database connection for this client alone: it is closed when the request ends."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self._address = address
        self._settings = settings
        self._connection: Connection | None = None
        self._released = (0.0, 0.0)
        self.pinned = False

    def replace_if_dead(self) -> None:
        """Drop the connection if the other end closed it while it was idle; the next use opens a new one.

        For a statement that commits by itself: if it were lost, nobody could say whether it was executed. A frozen
        execution environment may have missed that the connection was closed, so both of its clocks are read.
        """
        if self._connection is None:
            return
        idle = max(now - then for now, then in zip(_clocks(), self._released, strict=True))
        if idle > IDLE_SECONDS:
            limit(self._connection, self._settings.connect_timeout_seconds)
            if not answers(self._connection):
                self.drop()
                return
            limit(self._connection, self._settings.read_timeout_seconds)
        elif was_closed(self._connection):
            self.drop()

    def cursor(self) -> Cursor:
        """Raises: `DriverError` if no connection can be opened."""
        if self._connection is None:
            self._connection = connect(self._address, self._settings)
        return self._connection.cursor()

    def keep_first_encoded(self, keep: bool) -> None:
        """Leave the first column of the results that follow as the bytes that the server sent, or decode it."""
        if self._connection is not None:
            keep_first_encoded(self._connection, keep)

    def grant_room(self, size: float) -> None:
        """Limit the results of one piece of work to this many bytes in total."""
        if self._connection is not None:
            grant_room(self._connection, size)

    @property
    def is_open(self) -> bool:
        """Whether the connection is open."""
        return self._connection is not None

    @property
    def through_proxy(self) -> bool:
        """Whether RDS Proxy stands between this client and the database."""
        return self._address.password is None

    @property
    def in_transaction(self) -> bool:
        """Whether the server reported an open transaction with its last answer."""
        return self._connection is not None and is_in_transaction(self._connection)

    @property
    def is_mariadb(self) -> bool:
        """Whether the server calls itself MariaDB."""
        return self._connection is not None and is_mariadb(self._connection)

    def release(self, error: BaseException | None = None) -> None:
        """End a request. Keep the connection, unless the proxy has pinned it or `error` leaves its state unknown.

        A stored program may have turned autocommit off; later reads would then keep their locks and an old snapshot.
        """
        self._released = _clocks()
        doubtful = self._connection is not None and not self._connection.get_autocommit()
        if self.pinned or doubtful or (error is not None and not is_harmless(error)):
            self.drop(error)

    def drop(self, error: BaseException | None = None) -> None:
        """Close the connection; the next use opens a new one.

        A statement that took too long goes on in the server, with its locks, unless it is ended there. Behind RDS Proxy
        nobody can do that: a SELECT has its own time limit, other statements run to their end.
        """
        connection, self._connection, self.pinned = self._connection, None, False
        if connection is None:
            return
        with suppress(DriverError):
            connection.close()
        if error is not None and errno.timed_out(error) and not self.through_proxy:
            end(connection, self._address, self._settings)

    def limit(self, seconds: float) -> None:
        """Let no statement wait for the server longer than this."""
        if self._connection is not None:
            limit(self._connection, min(seconds, self._settings.read_timeout_seconds))


class RunAgain(Exception):
    """The work must be done differently: it is rolled back, and run again."""


def _clocks() -> tuple[float, float]:
    """The seconds of the clock that the environment's host sets, and of the one that only runs forward."""
    return time.time(), time.monotonic()


def is_harmless(error: BaseException) -> bool:
    """Whether the connection is still usable: the server refused a statement, or the work itself failed."""
    if isinstance(error, DriverError):
        number = errno.number(error)
        return number in errno.MEANINGS and number not in errno.LOST_CONNECTION and number not in errno.STANDBY
    return isinstance(error, ApiError | RunAgain)
