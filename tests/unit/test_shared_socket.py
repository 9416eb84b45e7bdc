"""The listening socket of `make serve`, which its processes share."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import multiprocessing
import os
import socket
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from local import shared_socket
from local.shared_socket import Loop, OpenConnections, SharedSocket
from tests.serving import serving

CLIENTS = 8


@pytest.fixture
def connections() -> OpenConnections:
    return OpenConnections(2)


@pytest.fixture
def listening(connections: OpenConnections) -> Iterator[SharedSocket]:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        contextlib.closing(SharedSocket(server.detach(), connections)) as shared,
    ):
        yield shared


class Greeting(asyncio.Protocol):
    """Sends a word to everyone who connects."""

    def connection_made(self, transport: asyncio.WriteTransport) -> None:  # type: ignore[override]
        transport.write(b"hello")
        transport.close()


def serve_one(listening: SharedSocket, counted: int, wait: float, running: Connection, stop: Connection) -> None:
    """Serve until a message arrives, with further connections counted."""
    shared_socket.WAIT_SECONDS = wait

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_server(Greeting, sock=listening)
        running.send(os.getpid())
        await loop.run_in_executor(None, stop.recv)

    listening.connections.add(counted)
    loop = Loop()
    loop.run_until_complete(serve())
    loop.close()


def greeted(listening: SharedSocket) -> bytes:
    with socket.create_connection(listening.getsockname(), timeout=30) as client:
        return client.recv(5)


@contextlib.contextmanager
def serving_process(listening: SharedSocket, counted: int, wait: float = shared_socket.WAIT_SECONDS) -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    ours, running = context.Pipe()
    stopping, stop = context.Pipe()
    process = context.Process(target=serve_one, args=(listening, counted, wait, running, stop))
    process.start()
    try:
        assert ours.poll(60)
        yield ours.recv()
    finally:
        stopping.send(None)
        process.join(30)
    assert process.exitcode == 0


def test_a_process_with_the_fewest_connections_is_the_next(listening: SharedSocket) -> None:
    listening.connections.add(3)
    assert listening.connections.has_fewest()
    with serving_process(listening, 2):
        assert not listening.connections.has_fewest()
        listening.connections.add(-1)
        assert listening.connections.has_fewest()
    listening.connections.add(1)
    assert listening.connections.has_fewest()  # a process that has ended does not count


def test_a_busy_process_leaves_its_connections_to_the_others(listening: SharedSocket) -> None:
    listening.connections.add(0)  # this process does not accept
    with serving_process(listening, 5):
        assert greeted(listening) == b"hello"
        assert greeted(listening) == b"hello"


def test_a_process_that_left_a_connection_to_another_takes_the_next_at_once(listening: SharedSocket) -> None:
    listening.connections.add(0)  # this process does not accept
    with (
        serving_process(listening, 1, wait=600),
        socket.create_connection(listening.getsockname(), timeout=0.5) as first,
    ):
        with pytest.raises(TimeoutError):
            first.recv(5)
        listening.connections.add(2)
        first.settimeout(30)
        assert greeted(listening) == b"hello"
        assert first.recv(5) == b"hello"


def test_a_process_that_replaces_another_takes_its_place(listening: SharedSocket) -> None:
    listening.connections.add(1)
    pids = set()
    for _ in range(3):
        with serving_process(listening, 0) as pid:
            pids.add(pid)
            assert greeted(listening) == b"hello"
    assert len(pids) == 3


def test_more_processes_than_places_are_an_error() -> None:
    connections = OpenConnections(0)
    with pytest.raises(RuntimeError, match="more than 0 processes"):
        connections.add(1)


def test_clients_are_spread_evenly_over_the_processes_of_make_serve() -> None:
    with serving("mysql://nobody@127.0.0.1:1/none", processes=2) as address:
        port = int(address.rpartition(":")[2])
        await_processes(port, 2)
        taken: Counter[int] = Counter()
        for _ in range(5):
            with connected(port, CLIENTS):
                taken += open_connections(port)
    # 20 each, except that a process that does not get its turn for some milliseconds misses one
    assert sum(taken.values()) == 5 * CLIENTS
    assert min(taken.values()) >= 15


@contextlib.contextmanager
def connected(port: int, count: int) -> Iterator[None]:
    """Clients that have been answered, and are still connected. In the end, no connection is left."""
    clients = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(count)]
    for client in clients:
        client.connect()
    for client in clients:
        client.request("GET", "/health")
        assert client.getresponse().read() == b'{"status":"ok"}'
    yield
    for client in clients:
        client.close()
    deadline = time.monotonic() + 30
    while open_connections(port):
        assert time.monotonic() < deadline


def await_processes(port: int, count: int) -> None:
    deadline = time.monotonic() + 60
    found = 0
    while found < count:
        assert time.monotonic() < deadline
        with connected(port, CLIENTS):
            found = len(open_connections(port))


def open_connections(port: int) -> Counter[int]:
    """How many connections of the port each process has accepted, by process id."""
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(f":{port:04X}") and fields[3] == "01":  # established
            inodes.add(f"socket:[{fields[9]}]")
    found: Counter[int] = Counter()
    for folder in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):
            found[int(folder.parent.name)] += sum(str(each.readlink()) in inodes for each in folder.iterdir())
    return +found
