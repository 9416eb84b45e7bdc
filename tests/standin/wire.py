"""MySQL's client/server protocol, as far as a proxy needs it: packets, the handshake, and where an answer ends.

https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

COM_QUIT, COM_INIT_DB, COM_QUERY, COM_PING = 0x01, 0x02, 0x03, 0x0E

CONNECT_WITH_DB, TLS, MULTI_STATEMENTS = 1 << 3, 1 << 11, 1 << 16
DEPRECATE_EOF, SESSION_TRACK = 1 << 24, 1 << 23
CAPABILITIES = 0xFFFF_FFFF & ~(DEPRECATE_EOF | SESSION_TRACK | MULTI_STATEMENTS | 1 << 5) & 0x01FF_FFFF
"""What is offered: no compression, no several statements in one text, results that end in EOF packets."""

IN_TRANSACTION, MORE_RESULTS = 0x0001, 0x0008
ERROR = 0xFF
_LONGEST = 0xFF_FFFF


class Closed(Exception):
    """The other side has closed the connection."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a client says about itself."""

    capabilities: int
    user: str
    database: str


class Channel:
    """A socket that speaks packets. `ahead`: read as much as has arrived, where no other protocol can follow."""

    def __init__(self, connection: socket.socket, *, ahead: bool = True) -> None:
        self.socket = connection
        self.sequence = 0
        self._ahead = ahead
        self._arrived = b""

    def read_raw(self) -> tuple[bytes, bytes]:
        """One message: its bytes as they came, headers included, and its payload."""
        raw, payload = b"", b""
        while True:
            header = self._read(4)
            length = int.from_bytes(header[:3], "little")
            self.sequence = (header[3] + 1) % 256
            part = self._read(length)
            raw, payload = raw + header + part, payload + part
            if length < _LONGEST:
                return raw, payload

    def read(self) -> bytes:
        """One message's payload."""
        return self.read_raw()[1]

    def write(self, payload: bytes) -> None:
        """One message, shorter than 16 MB, numbered after the last one read or written."""
        self.write_raw(len(payload).to_bytes(3, "little") + bytes([self.sequence]) + payload)
        self.sequence = (self.sequence + 1) % 256

    def write_raw(self, raw: bytes) -> None:
        """Bytes that are messages already."""
        try:
            self.socket.sendall(raw)
        except OSError as error:
            raise Closed from error

    def cut(self) -> None:
        """End the connection under the thread that uses it, which closes it: the number of a socket that is closed here
        could be another connection's before that thread notices."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End and close the connection."""
        self.cut()
        self.socket.close()

    @property
    def is_quiet(self) -> bool:
        """Whether the other side has neither sent anything nor closed the connection."""
        try:
            return not self._arrived and not select.select([self.socket], [], [], 0)[0]
        except (OSError, ValueError):
            return False

    def _read(self, size: int) -> bytes:
        arrived = self._arrived
        if len(arrived) < size:
            parts, missing = [arrived], size - len(arrived)
            while missing > 0:
                try:
                    part = self.socket.recv(max(missing, 1 << 16) if self._ahead else missing)
                except TimeoutError:
                    raise
                except OSError as error:
                    raise Closed from error
                if not part:
                    raise Closed
                parts.append(part)
                missing -= len(part)
            arrived = b"".join(parts)
        self._arrived = arrived[size:]
        return arrived[:size]


def greeting(version: str, session: int, scramble: bytes, *, tls: bool = True) -> bytes:
    """The first packet of a connection; `scramble` is 20 bytes."""
    capabilities = CAPABILITIES if tls else CAPABILITIES & ~TLS
    return (
        b"\x0a"
        + version.encode()
        + b"\0"
        + struct.pack("<I", session)
        + scramble[:8]
        + b"\0"
        + struct.pack("<HBHH", capabilities & 0xFFFF, 45, 0x0002, capabilities >> 16)
        + bytes([21])
        + bytes(10)
        + scramble[8:]
        + b"\0"
        + b"mysql_native_password\0"
    )


def wants_tls(payload: bytes) -> bool:
    """Whether the client's first packet asks to go on over TLS."""
    return bool(struct.unpack_from("<I", payload)[0] & TLS) and len(payload) == 32


def parse_login(payload: bytes) -> Login:
    """The client's handshake response."""
    capabilities = int(struct.unpack_from("<I", payload)[0])
    end = payload.index(b"\0", 32)
    user = payload[32:end].decode()
    position = end + 1
    length = payload[position]  # one byte even if it is length-encoded: the proxy's answer is at most 250 bytes
    position += 1 + length
    database = ""
    if capabilities & CONNECT_WITH_DB:
        database = payload[position : payload.index(b"\0", position)].decode()
    return Login(capabilities, user, database)


def ask_for_clear_password() -> bytes:
    """The request to authenticate by `mysql_clear_password`: how an IAM token is asked for."""
    return b"\xfemysql_clear_password\0\0"


def ok() -> bytes:
    """Nothing to report, in autocommit mode."""
    return b"\0\0\0\x02\0\0\0"


def refusal(number: int, state: str, message: str) -> bytes:
    """An error packet."""
    return b"\xff" + struct.pack("<H", number) + b"#" + state.encode() + message.encode()


def answer(channel: Channel) -> Iterator[tuple[bytes, int | None]]:
    """The packets of a statement's whole answer, each as raw bytes, with the server's status flags where it tells
    them."""
    while True:
        raw, payload = channel.read_raw()
        if payload[0] == ERROR:
            yield raw, None
            return
        if payload[0] == 0x00:
            status = _ok_status(payload)
            yield raw, status
            if not status & MORE_RESULTS:
                return
            continue
        yield raw, None
        status = 0
        for _ in range(2):  # the columns end in an EOF packet, and so do the rows
            while True:
                raw, payload = channel.read_raw()
                if payload[0] == ERROR:
                    yield raw, None
                    return
                if payload[0] == 0xFE and len(payload) < 9:
                    break
                yield raw, None
            status = int(struct.unpack_from("<H", payload, 3)[0])
            yield raw, status
        if not status & MORE_RESULTS:
            return


def _ok_status(payload: bytes) -> int:
    position = 1
    for _ in range(2):  # affected rows and insert id, length-encoded
        position += {0xFC: 3, 0xFD: 4, 0xFE: 9}.get(payload[position], 1)
    return int(struct.unpack_from("<H", payload, position)[0])
