"""Compare two HTTP APIs that return the same rows, such as `make serve` and another server on the same database.

python -m bench.addresses OURS THEIRS [--connections 1,8] [--requests N] [--rounds N] [--header 'Name: value']

    python -m bench.addresses http://127.0.0.1:8000/rest/v1/purchase/42 http://127.0.0.1:8080/api.php/records/purchase/42

Both addresses get the same number of GET requests alternately, over connections that stay open. The ratio is the time
of the first divided by the time of the second.
"""

from __future__ import annotations

import argparse
import re
import selectors
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from urllib.parse import urlsplit

from bench.measure import Result, pair

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/1\.1 2[0-9]{2} ")
_WAIT_SECONDS = 30


class Client:
    """Open connections to one address, each of which sends the same request again as soon as it is answered."""

    def __init__(self, address: str, connections: int, headers: Sequence[str] = ()) -> None:
        """Raises: `OSError` if nobody listens there; `ValueError` for an address without http."""
        url = urlsplit(address)
        if url.scheme != "http" or url.hostname is None:
            raise ValueError(f"{address} is not an http address")
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        lines = (f"GET {path} HTTP/1.1", f"Host: {url.netloc}", "Accept: application/json", *headers, "", "")
        self._request = "\r\n".join(lines).encode("latin-1")
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

    def get(self, requests: int) -> bytes:
        """Send this number of requests, and return the last response.

        Raises: `ConnectionError` if a response is not a success or does not come, or a connection ends.
        """
        received: dict[int, bytes] = {}
        waiting, last = requests, b""
        idle = list(self._connections)
        while waiting or received:
            while waiting and idle:
                number = idle.pop()
                self._connections[number].sendall(self._request)
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
        return last


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
        raise ConnectionError(f"the response is {head.splitlines()[0].decode('latin-1')}")
    length = _LENGTH.search(head)
    if length is not None:
        return len(body) >= int(length[1])
    if _CHUNKED.search(head) is None:
        raise ConnectionError("the response has no Content-Length and is not chunked")
    return body.endswith(b"\r\n0\r\n\r\n") or body == b"0\r\n\r\n"


def compare(ours: str, theirs: str, connections: int, requests: int, rounds: int, headers: Sequence[str]) -> Result:
    """The time of one address divided by that of the other."""
    with ExitStack() as stack:
        clients = []
        for address in (ours, theirs):
            clients.append(Client(address, connections, headers))
            stack.callback(clients[-1].close)
        sizes = [len(client.get(1).partition(b"\r\n\r\n")[2]) for client in clients]
        measured = pair(lambda: clients[0].get(requests), lambda: clients[1].get(requests), rounds=rounds)
    name = f"{connections} connection{'s' if connections > 1 else ''}: first / second"
    return Result(name, measured.ratio, "", note=f"bodies of {sizes[0]} and {sizes[1]} bytes")


def main() -> None:
    """Compare the two addresses of the arguments."""
    parser = argparse.ArgumentParser(prog="python -m bench.addresses", description="Compare two HTTP APIs.")
    parser.add_argument("ours", help="an address that returns rows, starting with http://")
    parser.add_argument("theirs", help="an address of another API that returns the same rows")
    parser.add_argument("--connections", default="1,8", help="how many are open, separated by commas")
    parser.add_argument("--requests", type=int, default=200, help="in each round")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--header", action="append", default=[], help="for both, such as 'Authorization: Bearer ...'")
    arguments = parser.parse_args()
    for connections in map(int, arguments.connections.split(",")):
        result = compare(
            arguments.ours, arguments.theirs, connections, arguments.requests, arguments.rounds, arguments.header
        )
        print(result.line(), flush=True)


if __name__ == "__main__":
    main()
