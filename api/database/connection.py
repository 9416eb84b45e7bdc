"""Open connections to the database: through RDS Proxy with a signed token over verified TLS, or locally with a
password.

Through the proxy nothing is ever sent that pins the session to one database connection: PyMySQL's own `SET NAMES` is
tracked by the proxy, autocommit is on already, and `sql_mode` and `time_zone` are set by the proxy's initialisation
query (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html).

This is the only module that imports pymysql.
"""

from __future__ import annotations

import logging
import math
import select
import ssl
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import pymysql
from pymysql import connections
from pymysql.constants import CLIENT, CR, FIELD_TYPE, SERVER_STATUS
from pymysql.protocol import FieldDescriptorPacket, MysqlPacket

from api.database import errno
from api.database.state import DIRECT_SESSION
from api.database.token import TokenError, authentication_token
from api.settings import Address, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pymysql.connections import Connection as PyMySQLConnection
    from pymysql.cursors import Cursor

    Connection: TypeAlias = PyMySQLConnection[Cursor]

logger = logging.getLogger("aurorest")

_ROW_BYTES = 100
"""The memory that a row takes besides its values."""

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


class ResultTooLarge(Exception):
    """The rows of a request exceed its memory limit. The connection is closed."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows)
        self.rows = rows
        """The rows of the last statement that fitted."""


def grant_room(connection: Any, size: float) -> None:
    """Limit the results of this connection to this many bytes in total, from now on."""
    connection.room = size


def _connect(address: Address, settings: Settings) -> Connection:
    through_proxy = address.password is None
    verified = through_proxy or bool(settings.tls_ca)
    opened: Connection = _Connection(
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


_READ_AT_ONCE = 65_536
"""Bytes. Python reads 8 KB at once, and waits for the server before each of these reads."""


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
    """Limit the wait for each part of an answer."""
    connection._read_timeout = connection._write_timeout = seconds
    connection._sock.settimeout(seconds)


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


_INTEGERS = (
    FIELD_TYPE.TINY,
    FIELD_TYPE.SHORT,
    FIELD_TYPE.INT24,
    FIELD_TYPE.LONG,
    FIELD_TYPE.LONGLONG,
    FIELD_TYPE.YEAR,
)

_Decoder: TypeAlias = "Callable[[str], Any]"

DECODERS: dict[int, _Decoder] = dict.fromkeys(_INTEGERS, int)
"""Columns of any other type stay text. Nothing is encoded by the driver: `api.database.literal` does that."""


_DriverResult: Any = connections.MySQLResult
_DriverConnection: Any = connections.Connection
"""Typed as Any: the code below uses PyMySQL's internals, which its type stubs leave out."""


@lru_cache(maxsize=256)
def _column(packet: bytes, encoding: str) -> tuple[Any, tuple[object, ...], tuple[str | None, _Decoder | None]]:
    """A column of a result from its description by the server: parsed, as DB-API has it, and how its values are
    decoded. Recurring statements have the same columns."""
    field: Any = FieldDescriptorPacket(packet, encoding)
    decoded_as: str | None = "ascii"
    if field.type_code == FIELD_TYPE.JSON:
        decoded_as = encoding
    elif field.type_code in connections.TEXT_TYPES:
        decoded_as = None if field.charsetnr == BINARY else encoding
    return field, field.description(), (decoded_as, DECODERS.get(field.type_code))


BINARY = 63
"""The number of the character set `binary`."""


class _Result(_DriverResult):  # type: ignore[misc]
    """A result that reads rows without a call for each value, and those of one text column with the fewest steps."""

    connection: Any

    def _get_descriptions(self) -> None:
        driver: _Connection = self.connection
        columns = [_column(driver.read_payload(), driver.encoding) for _ in range(self.field_count)]
        self.fields = [field for field, _, _ in columns]
        self.description = tuple([description for _, description, _ in columns])
        self.converters = [converter for _, _, converter in columns]
        driver._read_packet()  # ends the descriptions

    def _read_rowdata_packet(self) -> None:
        (encoding, converter), *others = self.converters
        driver: _Connection = self.connection
        if others or converter is not None or encoding is None:
            self._read_columns(driver)
            return
        rows: list[tuple[str | None]] = []
        while True:
            payload = driver.read_payload()
            driver.room -= len(payload) + _ROW_BYTES
            if driver.room < 0:
                driver.refuse_more(len(rows))
            first = payload[0]
            if first < _TWO_BYTE_LENGTH and first != _NULL:
                rows.append((payload[1:].decode(encoding),))
            elif first == _TWO_BYTE_LENGTH:
                rows.append((payload[3:].decode(encoding),))
            elif first == _NULL:
                rows.append((None,))
            else:
                packet = MysqlPacket(payload, driver.encoding)
                if packet.is_error_packet():
                    packet.raise_for_error()
                if self._check_packet_is_eof(packet):
                    break
                long: Any = packet
                rows.append((long.read_length_coded_string().decode(encoding),))
        self._complete(rows)

    def _read_columns(self, driver: _Connection) -> None:
        rows: list[tuple[object, ...]] = []
        converters = self.converters
        while True:
            payload = driver.read_payload()
            if payload[0] >= _EIGHT_BYTE_LENGTH:  # the end, an error, or a value of more than 16 MB
                packet: Any = MysqlPacket(payload, driver.encoding)
                if packet.is_error_packet():
                    packet.raise_for_error()
                if self._check_packet_is_eof(packet):
                    break
            driver.room -= len(payload) + _ROW_BYTES
            if driver.room < 0:
                driver.refuse_more(len(rows))
            row: list[object] = []
            start = 0
            for encoding, converter in converters:
                length = payload[start]
                start += 1
                if length == _NULL:
                    row.append(None)
                    continue
                if length > _NULL:
                    width = _WIDTHS[length]
                    length = int.from_bytes(payload[start : start + width], "little")
                    start += width
                value: Any = payload[start : start + length]
                start += length
                if encoding is not None:
                    value = value.decode(encoding)
                row.append(value if converter is None else converter(value))
            rows.append(tuple(row))
        self._complete(rows)

    def _complete(self, rows: Sequence[tuple[object, ...]]) -> None:
        self.connection = None
        self.affected_rows = len(rows)
        self.rows = tuple(rows)


_NULL, _TWO_BYTE_LENGTH, _EIGHT_BYTE_LENGTH, _LARGEST_PAYLOAD = 0xFB, 0xFC, 0xFE, 0xFFFFFF
_WIDTHS = {_TWO_BYTE_LENGTH: 2, 0xFD: 3, _EIGHT_BYTE_LENGTH: 8}
"""https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_dt_integers.html#sect_protocol_basic_dt_int_le"""


class _Connection(_DriverConnection):  # type: ignore[misc]
    """PyMySQL's connection, reading results by `_Result`."""

    _next_seq_id: int
    room: float = math.inf
    """The bytes of rows that may still be read."""

    def connect(self, sock: Any = None) -> None:
        super().connect(sock)
        self._rfile = self._sock.makefile("rb", _READ_AT_ONCE)

    def refuse_more(self, rows: int) -> NoReturn:
        """Stop reading a result that is too large. The connection cannot be used afterwards.

        Raises: `ResultTooLarge`.
        """
        self._force_close()
        raise ResultTooLarge(rows)

    def read_payload(self) -> bytes:
        """One packet's payload.

        Raises:
            DriverError: 2013, as PyMySQL's own reading does.
        """
        read, payload = self._rfile.read, b""
        try:
            while True:
                header = read(4)
                size = int.from_bytes(header[:3], "little")
                part = read(size) if len(header) == 4 else b""
                if len(header) < 4 or len(part) < size or header[3] != self._next_seq_id:
                    raise OSError("the result ended early")
                self._next_seq_id = (self._next_seq_id + 1) % 256
                if size < _LARGEST_PAYLOAD:
                    return payload + part if payload else part
                payload += part
        except OSError as error:
            self._force_close()
            message = f"Lost connection to MySQL server during query ({error})"
            raise pymysql.OperationalError(CR.CR_SERVER_LOST, message) from error

    def _read_query_result(self, unbuffered: bool = False) -> int:
        if unbuffered:
            return int(super()._read_query_result(unbuffered))
        self._result = None
        result = _Result(self)
        result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return int(result.affected_rows)
