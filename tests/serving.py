"""The API over HTTP, for tests that need a real server: the server of `make serve`, on a free port of 127.0.0.1."""

import contextlib
import os
import socket
from collections.abc import Iterator

from local import web_process


@contextlib.contextmanager
def serving(database_url: str, *, processes: int = 1, **settings: str) -> Iterator[str]:
    """Serve the API for the duration of a `with` block, which gets its base URL: `http://127.0.0.1:40123`.

    `settings` are the names of `api.settings` without their prefix: `serving(url, MAX_ROWS="10")`.
    """
    environment = {f"AUROREST_{name}": value for name, value in {"DATABASE_URL": database_url, **settings}.items()}
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with web_process.running(listening, os.environ | environment, processes=processes):
        yield address
