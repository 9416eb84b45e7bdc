"""Open connections to the database: through RDS Proxy with a signed token over verified TLS, or locally with a
password.

Through the proxy nothing is ever sent that pins the session to one database connection: PyMySQL's own `SET NAMES` is
tracked by the proxy, autocommit is on already, and `sql_mode` and `time_zone` are set by the proxy's initialisation
query (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html).

This module and `api.database.driver` are the only ones that import pymysql.
"""

from __future__ import annotations

import logging
import select
import ssl
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import pymysql
from pymysql.constants import CLIENT, CR, SERVER_STATUS

from api.database import errno
from api.database.driver import DECODERS, DriverConnection
from api.database.state import DIRECT_SESSION
from api.database.token import TokenError, authentication_token
from api.settings import Address, Settings

if TYPE_CHECKING:
    from pymysql.connections import Connection as PyMySQLConnection
    from pymysql.cursors import Cursor

    Connection: TypeAlias = PyMySQLConnection[Cursor]

logger = logging.getLogger("aurorest")

DriverError = pymysql.MySQLError
"""What the driver raises; `api.database.errno` knows what its numbers mean."""


def connect(address: Address, settings: Settings) -> Connection:
    """Open a connection in autocommit mode that decodes integers to `int`, binary columns to `bytes`, all else to
    `str`.

    An address without a password is RDS Proxy's: a fresh token, TLS with the host's name verified. PyMySQL's connect
    timeout ends with TCP, so the read and write timeouts limit the handshake.

    Raises:
        DriverError: unreachable, certificate not trusted, login refused, no credentials to sign with.
    """
    try:
        return _connect(address, settings)
    except pymysql.OperationalError as error:
        if address.is_role and errno.number(error) == errno.DATABASE_DENIED:
            return _connect(replace(address, database=""), settings)
        if errno.timed_out(error):
            raise pymysql.OperationalError(CR.CR_CONN_HOST_ERROR, "the handshake timed out") from error
        raise


def _connect(address: Address, settings: Settings) -> Connection:
    through_proxy = address.password is None
    verified = through_proxy or bool(settings.tls_ca)
    opened: Connection = DriverConnection(
        host=address.host,
        port=address.port,
        user=address.user,
        password=_token(address, settings.region) if address.password is None else address.password,
        database=address.database,
        unix_socket=address.unix_socket,
        ssl=tls(settings.tls_ca) if verified else None,
        ssl_disabled=address.unix_socket is not None,
        auth_plugin_map=None if verified else {"mysql_clear_password": _Refused},
        charset="utf8mb4",
        conv=DECODERS,
        client_flag=CLIENT.FOUND_ROWS,
        autocommit=True,
        init_command=None if through_proxy else DIRECT_SESSION,
        connect_timeout=settings.connect_timeout_seconds,
        read_timeout=settings.read_timeout_seconds,
        write_timeout=settings.write_timeout_seconds,
    )
    return opened


def is_in_transaction(connection: Any) -> bool:
    """Whether the server reported an open transaction with its last answer."""
    return bool(connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)


def is_mariadb(connection: Any) -> bool:
    """Whether the server calls itself MariaDB."""
    return "MariaDB" in connection.server_version


def was_closed(connection: Any) -> bool:
    """Whether the server has closed the connection: no answer is awaited, yet the socket is readable."""
    waiting = select.poll()
    waiting.register(connection._sock, select.POLLIN)
    return bool(waiting.poll(0))


def answers(connection: Connection) -> bool:
    """Whether the other end answers a ping."""
    try:
        connection.ping(reconnect=False)
    except pymysql.MySQLError:
        return False
    return True


def limit(connection: Any, seconds: float) -> None:
    """Limit the wait for each part of an answer, from the next statement on."""
    connection._read_timeout = connection._write_timeout = seconds


def end(connection: Any, address: Address, settings: Settings) -> None:
    """Stop what a closed connection left running in the server, and roll back its transaction. Failures are logged."""
    quick = replace(settings, connect_timeout_seconds=1, read_timeout_seconds=1, write_timeout_seconds=1)
    try:
        other = connect(address, quick)
        try:
            other.query(f"KILL {int(connection.thread_id())}")
        finally:
            other.close()
    except pymysql.MySQLError as error:
        if errno.number(error) != errno.NO_SUCH_THREAD:
            logger.warning("a statement that took too long could not be ended: %r", error)


@lru_cache(maxsize=4)
def tls(authorities: str) -> ssl.SSLContext:
    """A context that requires a trusted certificate for the host's name. `authorities`: a PEM file, or "" for
    certifi's roots.

    Reading the roots takes longer than the handshake, so the context lives as long as the execution environment.
    """
    import certifi

    context = ssl.create_default_context(cafile=authorities or certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # since Python 3.13, strict checks refuse Amazon's own database roots for formal flaws
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _token(address: Address, region: str) -> str:
    try:
        return authentication_token(address.host, address.port, region, address.user)
    except TokenError as error:
        raise pymysql.OperationalError(CR.CR_AUTH_PLUGIN_ERR, str(error)) from error


class _Refused:
    """Never sends a password in clear text without verified TLS, even if the server asks for it."""

    def __init__(self, connection: object) -> None:
        del connection

    def authenticate(self, packet: object) -> NoReturn:
        del packet
        raise pymysql.OperationalError(CR.CR_AUTH_PLUGIN_ERR, "the server asks for the password in clear text")
