"""Connections to `make serve` are spread over its processes."""

import socket
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from local.server import Server
from tests.serving import serving

CONNECTIONS = 16
PROCESSES = 2


def test_each_process_gets_its_share_of_the_connections(server: Server, database: str) -> None:
    with serving(server.url(database), processes=PROCESSES) as address:
        port = urlsplit(address).port
        assert port
        deadline = time.monotonic() + 30
        while len(counts := _share(port)) < PROCESSES and time.monotonic() < deadline:
            time.sleep(0.1)  # the first process answers while the others start
        assert sum(counts.values()) == CONNECTIONS
        assert len(counts) == PROCESSES
        assert min(counts.values()) >= CONNECTIONS // PROCESSES // 2, counts


def _share(port: int) -> Counter[str]:
    """Open connections at the same time, and count those of each process."""
    opened = _open_together(port)
    try:
        for connection in opened:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(16).startswith(b"HTTP/1.1 200")
        return _connections_by_process(port)
    finally:
        for connection in opened:
            connection.close()


def _open_together(port: int) -> list[socket.socket]:
    opened: list[socket.socket] = []
    threads = [
        threading.Thread(target=lambda: opened.append(socket.create_connection(("127.0.0.1", port))))
        for _ in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return opened


def _connections_by_process(port: int) -> Counter[str]:
    """How many accepted connections of a server's port each process has open."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = "01"
    inodes = {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == established}
    counts: Counter[str] = Counter()
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            names = [str(entry.readlink()) for entry in folder.iterdir()]
        except OSError:  # the process has ended, or is another user's
            continue
        counts[folder.parent.name] += sum(name.removeprefix("socket:[").removesuffix("]") in inodes for name in names)
    return +counts
