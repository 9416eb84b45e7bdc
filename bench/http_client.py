"""Send the same HTTP request again and again over connections that stay open, with a number that differs each time."""

from __future__ import annotations

import re
import selectors
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/1\.1 2[0-9]{2} ")
_NO_CONTENT = re.compile(rb"HTTP/1\.1 204 ")
_WAIT_SECONDS = 30
NUMBER = "{n}"


class Client:
    """Open connections to one address, each of which sends the next request as soon as the one before is answered."""

    def __init__(
        self,
        address: str,
        connections: int,
        headers: Sequence[str] = (),
        *,
        method: str = "GET",
        body: str = "",
        numbers: Iterator[int] | None = None,
    ) -> None:
        """`{n}` in the address and in the body becomes the next of `numbers`, which are 1, 2, 3 and so on.

        Raises: `OSError` if nobody listens there; `ValueError` for an address without http.
        """
        url = urlsplit(address)
        if url.scheme != "http" or url.hostname is None:
            raise ValueError(f"{address} is not an http address")
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        lines = [f"{method} {path} HTTP/1.1", f"Host: {url.netloc}", "Accept: application/json", *headers]
        self._head, self._body = "\r\n".join(lines), body
        self._numbers = count(1) if numbers is None else numbers
        self._selector = selectors.DefaultSelector()
        self._connections: dict[int, socket.socket] = {}
        with ExitStack() as stack:
            for _ in range(connections):
                found = stack.enter_context(socket.create_connection((url.hostname, url.port or 80), _WAIT_SECONDS))
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._selector.register(found, selectors.EVENT_READ)
                self._connections[found.fileno()] = found
            self._open = stack.pop_all()

    def close(self) -> None:
        """Close the connections."""
        self._selector.close()
        self._open.close()

    def send(self, requests: int) -> bytes:
        """Send this number of requests, and return the body of the last response.

        Raises: `ConnectionError` if a response is not a success or does not come, or a connection ends.
        """
        received: dict[int, bytes] = {}
        waiting, last = requests, b""
        idle = list(self._connections)
        while waiting or received:
            while waiting and idle:
                number = idle.pop()
                self._connections[number].sendall(self._request())
                received[number] = b""
                waiting -= 1
            ready = self._selector.select(_WAIT_SECONDS)
            if not ready:
                raise ConnectionError(f"no answer within {_WAIT_SECONDS} seconds")
            for key, _ in ready:
                response = received.pop(key.fd, b"") + _receive(self._connections[key.fd])
                if is_complete(response):
                    last = response
                    idle.append(key.fd)
                else:
                    received[key.fd] = response
        return body_of(last)

    def _request(self) -> bytes:
        number = str(next(self._numbers))
        head, body = self._head.replace(NUMBER, number), self._body.replace(NUMBER, number).encode()
        if body:
            head += f"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        return f"{head}\r\n\r\n".encode("latin-1") + body


def _receive(connection: socket.socket) -> bytes:
    found = connection.recv(1 << 20)
    if not found:
        raise ConnectionError("the connection was closed")
    return found


def is_complete(response: bytes) -> bool:
    """Whether all of a response has arrived.

    >>> is_complete(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n[")
    False

    Raises: `ConnectionError` for a status other than 2xx, or a body whose end is not announced.
    """
    head, separator, body = response.partition(b"\r\n\r\n")
    if not separator:
        return False
    if not _STATUS.match(head):
        raise ConnectionError(f"the response is {head.splitlines()[0].decode('latin-1')}: {_shortened(body)}")
    if _NO_CONTENT.match(head):
        return True
    length = _LENGTH.search(head)
    if length is not None:
        return len(body) >= int(length[1])
    if _CHUNKED.search(head) is None:
        raise ConnectionError("the response has no Content-Length and is not chunked")
    return body.endswith(b"\r\n0\r\n\r\n") or body == b"0\r\n\r\n"


def body_of(response: bytes) -> bytes:
    """The body of a complete response, without the lengths of its chunks.

    >>> body_of(b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n1\\r\\n[\\r\\n1\\r\\n]\\r\\n0\\r\\n\\r\\n")
    b'[]'
    """
    head, _, body = response.partition(b"\r\n\r\n")
    if _CHUNKED.search(head) is None:
        return body
    parts = []
    while body:
        length, _, rest = body.partition(b"\r\n")
        size = int(length.partition(b";")[0], 16)
        parts.append(rest[:size])
        body = rest[size + 2 :]
    return b"".join(parts)


def _shortened(body: bytes) -> str:
    return body[:200].decode(errors="replace")
