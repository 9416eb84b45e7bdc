"""A TCP forwarder that delays what it passes on, in a separate process: a network between the API and the database.

python -m bench.forwarder SOCKET MILLISECONDS forwards connections to that socket, half of the delay each way. It prints
the port of 127.0.0.1 that it listens on, and ends when its input does.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from local.server import Server

HOST = "127.0.0.1"
_CHUNK = 1 << 16
_WAKE_SECONDS = 0.0002
"""How long before its time a thread wakes up to send: the system wakes it up later than asked."""


@contextlib.contextmanager
def forwarding(path: Path, milliseconds: float) -> Iterator[int]:
    """The port of a forwarder to a Unix socket, for the duration of a `with` block; a round trip takes this many
    milliseconds longer."""
    command = [sys.executable, "-m", "bench.forwarder", str(path), str(milliseconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(10)


def url_through(server: Server, database: str, port: int | None) -> str:
    """The URL of a database, through the forwarder at this port; None: without one."""
    return server.url(database) if port is None else replace(server, port=port).url(database)


def _serve(path: str, seconds: float) -> None:
    listener = socket.create_server((HOST, 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = socket.socket(socket.AF_UNIX)
        server.connect(path)
        for one, other in ((client, server), (server, client)):
            due: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
            threading.Thread(target=_receive, args=(one, due, seconds), daemon=True).start()
            threading.Thread(target=_send, args=(other, due), daemon=True).start()


def _receive(source: socket.socket, due: queue.SimpleQueue[tuple[float, bytes]], seconds: float) -> None:
    """Read until the end, which is passed on as an empty chunk."""
    chunk = b"-"
    while chunk:
        try:
            chunk = source.recv(_CHUNK)
        except OSError:
            chunk = b""
        due.put((time.perf_counter() + seconds, chunk))


def _send(target: socket.socket, due: queue.SimpleQueue[tuple[float, bytes]]) -> None:
    while True:
        moment, chunk = due.get()
        wait = moment - time.perf_counter() - _WAKE_SECONDS
        if wait > 0:
            time.sleep(wait)
        while time.perf_counter() < moment:
            pass
        try:
            if not chunk:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(chunk)
        except OSError:
            return


if __name__ == "__main__":
    threading.Thread(target=_serve, args=(sys.argv[1], float(sys.argv[2]) / 2000), daemon=True).start()
    sys.stdin.read()
