"""The listening socket of `make serve`, which its processes share."""

from __future__ import annotations

import contextlib
import multiprocessing
import socket
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from local import shared_socket
from local.shared_socket import SharedSocket


@pytest.fixture
def listening() -> Iterator[SharedSocket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        with contextlib.closing(SharedSocket(server.detach())) as shared:
            shared.setblocking(False)
            yield shared


def connect(listening: socket.socket, count: int) -> list[socket.socket]:
    return [socket.create_connection(listening.getsockname()) for _ in range(count)]


def close(*sockets: socket.socket) -> None:
    for each in sockets:
        each.close()


def test_a_process_takes_one_connection_at_a_time(listening: SharedSocket) -> None:
    clients = connect(listening, 2)
    first, _ = listening.accept()
    with pytest.raises(BlockingIOError):
        listening.accept()
    second, _ = listening.accept()
    close(first, second, *clients)


def test_a_process_with_more_connections_waits_longer(listening: SharedSocket, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("local.shared_socket.time.sleep", waited.append)
    clients = connect(listening, 20)
    accepted = []
    for _ in clients:
        accepted.append(listening.accept()[0])
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert waited == sorted(waited)
    assert (waited[0], waited[1], waited[-1]) == (
        0, shared_socket.SECONDS_PER_CONNECTION, shared_socket.LONGEST_SECONDS,
    )  # fmt: skip
    close(*accepted)
    accepted.clear()
    clients += connect(listening, 1)
    close(listening.accept()[0], *clients)
    assert waited[-1] <= shared_socket.SECONDS_PER_CONNECTION  # the closed connections no longer count


def accept_one(listening: SharedSocket, results: Connection) -> None:
    listening.setblocking(True)
    connection, _ = listening.accept()
    connection.sendall(b"accepted")
    connection.close()
    results.send(type(listening).__name__)


def test_a_spawned_process_accepts_from_it(listening: SharedSocket) -> None:
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=accept_one, args=(listening, sending))
    process.start()
    (client,) = connect(listening, 1)
    assert client.recv(8) == b"accepted"
    assert receiving.recv() == "SharedSocket"
    process.join(30)
    assert process.exitcode == 0
    client.close()
