"""Connect to a database that may not answer yet, for as long as the function's time allows.

`pulumi up` does not wait until the proxy's target is available (the provider only registers it), and secrets and
permissions take a while to spread, so the first connections of a new stack fail:
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/proxy_target.go
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymysql.converters import encoders
from pymysql.err import MySQLError

from api.database import connection as api_connection
from migrator.errors import MigratorError, described, errno

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor

    from api.settings import Address, Settings

HANDSHAKE_SECONDS = 20
"""The longest wait for a reply while connecting; the proxy may make a client wait for a database connection."""

SETTLING_SECONDS = 300
"""How long a refused login may be due to a secret or a permission that has not propagated yet."""

_LONGEST_PAUSE_SECONDS = 15
_NOT_YET = frozenset({1040, 1105, 2003, 2006, 2013, 9501})
"""Too many connections, the proxy's unknown error, unreachable or timed out, lost in the handshake (twice), and no
database connection to borrow. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.troubleshooting.html
"""
_ACCESS_DENIED = 1045


def connect(address: Address, settings: Settings) -> Connection[Cursor]:
    """Connect as the API does, but allow values to be passed with a statement, which the API's connections refuse."""
    connection = api_connection.connect(address, settings)
    connection.encoders = dict(encoders)
    return connection


@dataclass(frozen=True, slots=True)
class Deadline:
    """The time at which a run must have ended."""

    end: float
    clock: Callable[[], float] = time.monotonic

    def seconds(self) -> int:
        """Whole seconds left; at least 1, because a time limit of 0 would mean none."""
        return max(1, int(self.end - self.clock()))


def connect_patiently(
    connect: Callable[[], Connection[Cursor]],
    deadline: Deadline,
    host: str,
    report: Callable[[str], None] = lambda _line: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Connection[Cursor]:
    """Connect, and retry until shortly before the deadline; report each failed attempt.

    Raises: `MigratorError` (`database_unreachable`) when the time is over; the driver's error, at once, if a retry
        could not succeed.
    """
    started, attempt = deadline.clock(), 0
    while True:
        attempt += 1
        try:
            return connect()
        except MySQLError as error:
            waited = deadline.clock() - started
            if not _may_pass(error, waited):
                raise
            pause = min(2 ** (attempt - 1), _LONGEST_PAUSE_SECONDS)
            if deadline.seconds() <= pause + HANDSHAKE_SECONDS:
                raise _unreachable(host, waited, attempt, error) from error
            report(f"attempt {attempt} to connect to {host}: {described(error)}; next in {pause} s")
            sleep(pause)


def limit_statements(connection: Connection[Cursor], seconds: int) -> None:
    """Allow a statement to take `seconds`. PyMySQL reads these fields before every packet, and has no other way to
    change the limits of an open connection."""
    connection._read_timeout = connection._write_timeout = seconds  # type: ignore[attr-defined]


def _may_pass(error: MySQLError, waited: float) -> bool:
    number = errno(error)
    return number in _NOT_YET or (number == _ACCESS_DENIED and waited < SETTLING_SECONDS)


def _unreachable(host: str, waited: float, attempts: int, error: MySQLError) -> MigratorError:
    proxy = host.partition(".")[0]
    return MigratorError(
        "database_unreachable",
        f"no connection to {host} in {waited:.0f} s ({attempts} attempts)",
        described(error),
        f"`aws rds describe-db-proxy-targets --db-proxy-name {proxy}` must show the state AVAILABLE; with UNAVAILABLE, "
        "its reason and the proxy's log name the cause. Then run `pulumi up` again.",
    )
