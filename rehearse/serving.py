"""How a plugin serves: on a free port, printed as its first line, until the engine interrupts it or ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent import futures

import grpc


def serve(add_to: Callable[[grpc.Server], None]) -> None:
    """Serve what `add_to` adds to the server."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
    add_to(server)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.stop(None))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    engine = os.getppid()
    while server.wait_for_termination(timeout=1) and os.getppid() == engine:
        pass
    server.stop(None)
