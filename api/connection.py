"""How a connection to the database is opened: through RDS Proxy by a signed token over verified TLS, or locally by a
password.

Through the proxy nothing is ever sent that pins the session to one database connection: PyMySQL's own `SET NAMES` is
tracked by the proxy, autocommit is on already, and `sql_mode` and `time_zone` are set by the proxy's initialisation
query (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html).

This is the only module that imports pymysql.
"""

from __future__ import annotations

import math
import ssl
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import pymysql
from pymysql.constants import CLIENT, CR, FIELD_TYPE

from api import errno
from api.settings import Address, Settings
from api.token import TokenError, authentication_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymysql.connections import Connection as PyMySQLConnection
    from pymysql.cursors import Cursor

    Connection: TypeAlias = PyMySQLConnection[Cursor]

DriverError = pymysql.MySQLError
"""What the driver raises; `api.errno` knows what its numbers mean."""

SQL_MODE = (
    "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY"
)
"""The mode that the API relies on; the proxy's initialisation query and the cluster's parameter group set the same."""

LOCK_WAIT_SECONDS = 4
"""How long a statement waits for a row lock: two waits, with a retry between them, fit into the default read
timeout."""

DIRECT_SESSION = f"SET time_zone = '+00:00', sql_mode = '{SQL_MODE}', innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}"
"""Sent on a direct connection only: no proxy is there to configure the session, and none that this could pin."""


def connect(address: Address, settings: Settings) -> Connection:
    """Open a connection in autocommit mode that decodes integers to `int`, binary columns to `bytes`, all else to
    `str`.

    An address without a password is RDS Proxy's: a fresh token, TLS with the host's name verified. PyMySQL's connect
    timeout ends with TCP, so the handshake is held to the read and write timeouts.

    Raises:
        DriverError: unreachable, certificate not trusted, login refused, no credentials to sign with.
    """
    through_proxy = address.password is None
    verified = through_proxy or bool(settings.tls_ca)
    try:
        return pymysql.connect(
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
            conv=CONVERSIONS,
            client_flag=CLIENT.FOUND_ROWS,
            autocommit=True,
            init_command=None if through_proxy else DIRECT_SESSION,
            connect_timeout=settings.connect_timeout_seconds,
            read_timeout=settings.read_timeout_seconds,
            write_timeout=settings.write_timeout_seconds,
        )
    except pymysql.OperationalError as error:
        if errno.timed_out(error):
            raise pymysql.OperationalError(CR.CR_CONN_HOST_ERROR, "the handshake timed out") from error
        raise


@lru_cache(maxsize=4)
def tls(authorities: str) -> ssl.SSLContext:
    """A context that demands a trusted certificate for the host's name. `authorities`: a PEM file, or "" for
    certifi's roots.

    Reading the roots takes longer than the handshake, so the context lives as long as the execution environment.
    """
    import certifi

    context = ssl.create_default_context(cafile=authorities or certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Python 3.13 began to refuse authorities for formal flaws that Amazon's own database roots have.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _token(address: Address, region: str) -> str:
    try:
        return authentication_token(address.host, address.port, region, address.user)
    except TokenError as error:
        raise pymysql.OperationalError(CR.CR_AUTH_PLUGIN_ERR, str(error)) from error


class _Refused:
    """Without verified TLS a password never leaves in clear text, whoever asks for it."""

    def __init__(self, connection: object) -> None:
        del connection

    def authenticate(self, packet: object) -> NoReturn:
        del packet
        raise pymysql.OperationalError(CR.CR_AUTH_PLUGIN_ERR, "the server asks for the password in clear text")


def _integer(value: int, _mapping: object = None) -> str:
    return str(int(value))


def _null(_value: None, _mapping: object = None) -> str:
    return "NULL"


def _float(value: float, _mapping: object = None) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no SQL number")
    text = repr(value)
    return text if "e" in text else text + "e0"


def _decimal(value: Decimal, _mapping: object = None) -> str:
    """All digits written out: with an exponent MySQL would read a DOUBLE."""
    if not value.is_finite():
        raise ValueError(f"{value} is no SQL number")
    return format(value, "f")


_INTEGERS = (
    FIELD_TYPE.TINY,
    FIELD_TYPE.SHORT,
    FIELD_TYPE.INT24,
    FIELD_TYPE.LONG,
    FIELD_TYPE.LONGLONG,
    FIELD_TYPE.YEAR,
)

CONVERSIONS: dict[int | type[Any], Callable[..., Any]] = {
    type(None): _null,
    bool: _integer,
    int: _integer,
    float: _float,
    Decimal: _decimal,
    **dict.fromkeys(_INTEGERS, int),
}
"""Values of any other type are refused by PyMySQL (it writes str and bytes itself), columns of any other type stay
text."""
