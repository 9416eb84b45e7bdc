"""The local web server: the application in a few uvicorn processes, on a socket that is already bound.

One process answers one request at a time, as a Lambda execution environment does; more processes answer more at once.
`local.serve` runs it as `python -m local.web FILE_DESCRIPTOR PROCESSES`, with the settings in the environment.
"""

import argparse
import asyncio
import functools
import os
import socket
import time
from typing import cast

import uvicorn
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.database import Database
from api.settings import Settings
from local.examples import USER_AGENT
from local.guard import Guard
from local.protocol import Protocol
from local.shared_socket import OpenConnections, SharedSocket
from local.tokens import SECRET_VARIABLE, Tokens

HOST_VARIABLE = "AUROREST_LOCAL_HOST"
REMOTE_VARIABLE = "AUROREST_LOCAL_REMOTE"
REQUESTS_VARIABLE = "AUROREST_LOCAL_REQUESTS"
"""`yes` prints a line for each request."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"uvicorn": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
    "root": {"handlers": ["console"], "level": os.environ.get("AUROREST_LOG_LEVEL") or "INFO"},
}


class RequestLine:
    """Print a line for each request: time, method, target, status and duration.

    The example calls that `make serve` makes itself are left out.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log the response."""
        if scope["type"] != "http" or Headers(scope=scope).get("user-agent") == USER_AGENT:
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 500

        async def watching(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, watching)
        finally:
            query = scope["query_string"].decode("latin-1")
            target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
            duration_ms = (time.perf_counter() - start) * 1000
            print(f"{time.strftime('%H:%M:%S')} {scope['method']} {target} {status} {duration_ms:.1f} ms", flush=True)


def application() -> ASGIApp:
    """The application of one process."""
    settings = Settings.from_environment(os.environ)
    secret = os.environ.get(SECRET_VARIABLE) or None
    app: ASGIApp = create_app(settings, Database(settings))
    if secret is not None or settings.roles:
        app = Tokens(app, secret=secret)
    guarded = Guard(
        app,
        names=filter(None, [os.environ.get(HOST_VARIABLE), socket.gethostname()]),
        addresses=os.environ.get(REMOTE_VARIABLE) == "yes",
        origins=settings.cors_origins,
    )
    return RequestLine(guarded) if os.environ.get(REQUESTS_VARIABLE) == "yes" else guarded


def main(file_descriptor: int, processes: int) -> None:
    """Serve until a signal ends the process."""
    connections = OpenConnections(processes)
    protocol = functools.partial(Protocol, open_connections=connections)
    config = uvicorn.Config(
        "local.web:application",
        factory=True,
        http=cast("type[asyncio.Protocol]", protocol),
        loop="local.shared_socket:Loop",
        workers=processes,
        log_config=LOGGING,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    Multiprocess(config, sockets=[SharedSocket(file_descriptor, connections)]).run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file_descriptor", type=int, help="of the bound socket")
    parser.add_argument("processes", type=int)
    options = parser.parse_args()
    main(options.file_descriptor, options.processes)
