"""PyMySQL's connection with a faster reader of results: rows without a call for each value, packets as they arrive, and
a limit on the memory of a request's rows.

It uses PyMySQL's internals, which its type stubs leave out.
"""

from __future__ import annotations

import math
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pymysql
from pymysql import connections
from pymysql.constants import CR, FIELD_TYPE, SERVER_STATUS
from pymysql.protocol import FieldDescriptorPacket, MysqlPacket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_READ_AT_ONCE = 65_536
"""Bytes. Python reads 8 KB at once, and waits for the server before each of these reads."""

_ROW_BYTES = 100
"""The memory that a row takes besides its values."""


def keep_first_encoded(connection: Any, keep: bool) -> None:
    """Leave the first column of the results that follow as the bytes that the server sent, or decode it as others."""
    connection.keeps_first_encoded = keep


class ResultTooLarge(Exception):
    """The rows of a request exceed its memory limit. The connection is closed."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows)
        self.rows = rows
        """The rows of the last statement that fitted."""


def grant_room(connection: Any, size: float) -> None:
    """Limit the results of this connection to this many bytes in total, from now on."""
    connection.room = size


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
        driver: DriverConnection = self.connection
        columns = [_column(driver.read_payload(), driver.encoding) for _ in range(self.field_count)]
        self.fields = [field for field, _, _ in columns]
        self.description = tuple([description for _, description, _ in columns])
        self.converters = [converter for _, _, converter in columns]
        self.first_is_binary = self.converters[0][0] is None
        if driver.keeps_first_encoded:
            self.converters[0] = (None, None)
        driver._read_packet()  # ends the descriptions

    def _read_rowdata_packet(self) -> None:
        driver: DriverConnection = self.connection
        (encoding, converter), *others = self.converters
        self._ended = False
        if others or converter is not None:
            self._read_columns(driver)
        else:
            self._read_column(driver, encoding)

    def _read_column(self, driver: DriverConnection, encoding: str | None) -> None:
        """Read rows of one text or binary column."""
        rows: list[tuple[object]] = []
        while not self._ended:
            payloads = driver.read_payloads()
            driver.take_room(payloads, len(rows))
            for payload in payloads:
                first = payload[0]
                if first < _TWO_BYTE_LENGTH and first != _NULL:
                    value = payload[1:]
                elif first == _TWO_BYTE_LENGTH:
                    value = payload[3:]
                elif first == _NULL:
                    rows.append((None,))
                    continue
                elif self._ends(payload, driver):
                    break
                else:
                    long: Any = MysqlPacket(payload, driver.encoding)
                    value = long.read_length_coded_string()
                rows.append((value if encoding is None else value.decode(encoding),))
        self._complete(rows)

    def _read_columns(self, driver: DriverConnection) -> None:
        rows: list[tuple[object, ...]] = []
        converters = self.converters
        while not self._ended:
            payloads = driver.read_payloads()
            driver.take_room(payloads, len(rows))
            for payload in payloads:
                if payload[0] >= _EIGHT_BYTE_LENGTH and self._ends(payload, driver):
                    break
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

    def _ends(self, payload: bytes, driver: DriverConnection) -> bool:
        """Whether this packet ends the rows. Otherwise it is a row that begins with a very long value.

        Raises:
            DriverError: the server could not compute the rows.
        """
        if payload[0] == _EIGHT_BYTE_LENGTH and len(payload) < _LONGEST_END:
            self.warning_count, status = _END(payload, 1)
            self.has_next = status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS
            self._ended = True
        elif payload[0] > _EIGHT_BYTE_LENGTH:
            MysqlPacket(payload, driver.encoding).raise_for_error()
        return self._ended

    def _complete(self, rows: Sequence[tuple[object, ...]]) -> None:
        self.connection = None
        self.affected_rows = len(rows)
        self.rows = tuple(rows)


_NULL, _TWO_BYTE_LENGTH, _EIGHT_BYTE_LENGTH, _LARGEST_PAYLOAD = 0xFB, 0xFC, 0xFE, 0xFFFFFF
_HEADER, _HEADER_BYTES = struct.Struct("<I").unpack_from, 4
"""The size of a payload in three bytes, and the packet's number in one."""
_END, _LONGEST_END = struct.Struct("<HH").unpack_from, 9
"""What ends the rows: the number of warnings and the server's status. A longer packet begins with a long value."""
_WIDTHS = {_TWO_BYTE_LENGTH: 2, 0xFD: 3, _EIGHT_BYTE_LENGTH: 8}
"""https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_dt_integers.html#sect_protocol_basic_dt_int_le"""


class DriverConnection(_DriverConnection):  # type: ignore[misc]
    """PyMySQL's connection, reading results by `_Result`."""

    _next_seq_id: int
    _current_timeout: float | None
    room: float = math.inf
    """The bytes of rows that may still be read."""
    keeps_first_encoded = False
    """The first column of a result is not decoded."""

    def connect(self, sock: Any = None) -> None:
        super().connect(sock)
        self._rfile = self._sock.makefile("rb", _READ_AT_ONCE)

    def _read_packet(self, packet_type: Any = MysqlPacket) -> Any:
        """A packet, parsed; as PyMySQL's own method, with fewer steps."""
        if self._current_timeout != self._read_timeout:
            self._sock.settimeout(self._read_timeout)
            self._current_timeout = self._read_timeout
        packet = packet_type(self.read_payload(), self.encoding)
        if packet.is_error_packet():
            packet.raise_for_error()
        return packet

    def take_room(self, payloads: Sequence[bytes], before: int) -> None:
        """Count rows, of which each is a payload, against the limit. `before`: how many came before them.

        Raises: `ResultTooLarge`. The connection cannot be used afterwards.
        """
        self.room -= sum(map(len, payloads)) + _ROW_BYTES * len(payloads)
        if self.room >= 0:
            return
        fitting, room = before + len(payloads), self.room
        for payload in reversed(payloads):
            if room >= 0:
                break
            fitting -= 1
            room += len(payload) + _ROW_BYTES
        self._force_close()
        raise ResultTooLarge(fitting)

    def read_payloads(self) -> list[bytes]:
        """The payloads of the packets that have arrived, or else of the next one. Only the last can end a result.

        Raises:
            DriverError: 2013, as PyMySQL's own reading does.
        """
        try:
            arrived = self._rfile.peek()
        except OSError as error:
            raise self._lost(error) from error
        payloads: list[bytes] = []
        end, number, start, there = 0, self._next_seq_id, _HEADER_BYTES, len(arrived)
        while start < there:
            (header,) = _HEADER(arrived, end)
            size = header & _LARGEST_PAYLOAD
            after = start + size
            if after > there or header >> 24 != number or size in (0, _LARGEST_PAYLOAD):
                break
            payloads.append(arrived[start:after])
            number = (number + 1) % 256
            end, start = after, after + _HEADER_BYTES
            if payloads[-1][0] >= _EIGHT_BYTE_LENGTH:
                break
        if not payloads:
            return [self.read_payload()]
        self._rfile.read(end)
        self._next_seq_id = number
        return payloads

    def read_payload(self) -> bytes:
        """One packet's payload.

        Raises:
            DriverError: 2013, as PyMySQL's own reading does.
        """
        read, payload = self._rfile.read, b""
        try:
            while True:
                header = read(_HEADER_BYTES)
                size = int.from_bytes(header[:3], "little")
                part = read(size) if len(header) == _HEADER_BYTES else b""
                if len(header) < _HEADER_BYTES or len(part) < size or header[3] != self._next_seq_id:
                    raise OSError("the result ended early")
                self._next_seq_id = (self._next_seq_id + 1) % 256
                if size < _LARGEST_PAYLOAD:
                    return payload + part if payload else part
                payload += part
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, error: OSError) -> pymysql.OperationalError:
        self._force_close()
        return pymysql.OperationalError(CR.CR_SERVER_LOST, f"Lost connection to MySQL server during query ({error})")

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
