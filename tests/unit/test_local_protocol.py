"""The protocol of `make serve`: each response is one write, and nothing of it is lost."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from local.protocol import Together
from tests.serving import serving

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Transport(asyncio.Transport):
    """Records what is written at once."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.written.append(data)

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def test_a_head_is_written_with_its_body() -> None:
    transport = Transport()
    together = Together(transport)
    together.write(HEAD)
    assert transport.written == []
    together.write(b"[]")
    together.write(b"more")
    together.write(HEAD)
    together.write(b"HTTP/1.1 in a body")
    assert transport.written == [HEAD + b"[]", b"more", HEAD + b"HTTP/1.1 in a body"]


def test_a_head_without_a_body_is_written_at_the_end() -> None:
    transport = Transport()
    together = Together(transport)
    together.write(HEAD)
    together.flush()
    together.flush()
    assert transport.written == [HEAD]
    together.write(HEAD)
    assert not together.is_closing()
    together.close()
    assert transport.written == [HEAD, HEAD]
    assert together.is_closing()


def test_the_client_learns_at_once_that_it_may_continue() -> None:
    transport = Transport()
    Together(transport).write(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert transport.written == [b"HTTP/1.1 100 Continue\r\n\r\n"]


def test_nothing_is_written_after_the_connection_is_lost() -> None:
    transport = Transport()
    together = Together(transport)
    together.write(HEAD)
    together.forget()
    together.close()
    assert transport.written == []


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving("mysql://nobody@127.0.0.1:1/none") as address:
        yield int(address.rpartition(":")[2])


def exchange(port: int, *parts: bytes) -> bytes:
    """Send the parts, each after something has arrived, and return all that arrives."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        received = b""
        for part in parts:
            client.sendall(part)
            received += client.recv(65536)
        while more := client.recv(65536):
            received += more
    return received


LAST = b"Host: localhost\r\nConnection: close\r\n\r\n"
NEXT = b"Host: localhost\r\n\r\n"


def test_requests_that_are_sent_together_are_answered_in_order(port: int) -> None:
    found = exchange(
        port,
        b"GET /health HTTP/1.1\r\n" + NEXT + b"HEAD /health HTTP/1.1\r\n" + NEXT + b"GET /none HTTP/1.1\r\n" + LAST,
    )
    assert [part.partition(b"\r\n")[0] for part in found.split(b"HTTP/1.1 ")[1:]] == [
        b"200 OK",
        b"200 OK",
        b"404 Not Found",
    ]
    assert found.count(b'{"status":"ok"}') == 1


def test_a_head_request_is_answered_at_once(port: int) -> None:
    found = exchange(port, b"HEAD /health HTTP/1.1\r\n" + NEXT, b"GET /health HTTP/1.1\r\n" + LAST)
    assert found.count(b"HTTP/1.1 200 OK") == 2


def test_what_is_not_http_gets_an_answer(port: int) -> None:
    found = exchange(port, b"\x16\x03\x01 nonsense\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 400 Bad Request")
    assert found.endswith(b"Invalid HTTP request received.")


def test_a_client_that_waits_may_continue(port: int) -> None:
    head = (
        b"POST /rest/v1/x HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
    )
    found = exchange(port, head + LAST, b"{}")
    assert found.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 ")
