"""The application on a free port, in a thread: for tests with a browser."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import uvicorn
from playwright.sync_api import ConsoleMessage, Page
from starlette.applications import Starlette
from starlette.routing import Mount

from api.app import create_app
from api.database import Database
from api.settings import Settings
from local.server import Server


@dataclass
class Site:
    """The application, also under `/stage`, as with the stage of an API Gateway."""

    origin: str
    database: str
    server: Server


@contextlib.contextmanager
def site(server: Server, database: str, **settings: str) -> Iterator[Site]:
    """Serve one database. `settings` are the names of `api.settings` without their prefix: `BROWSE="true"`."""
    environment = {f"AUROREST_{name}": value for name, value in settings.items()}
    read = Settings.from_environment({"AUROREST_DATABASE_URL": server.url(database), **environment})
    connection = Database(read)
    app = create_app(read, connection)
    routes = [Mount("/stage", app=app), Mount("/", app=app)]
    program = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=program.run)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not program.started:
            assert thread.is_alive(), "the server did not start"
            assert time.monotonic() < deadline, "the server did not start in 30 seconds"
            time.sleep(0.05)
        port = program.servers[0].sockets[0].getsockname()[1]
        yield Site(f"http://127.0.0.1:{port}", database, server)
    finally:
        program.should_exit = True
        thread.join()
        connection.close()


@dataclass
class Visit:
    """A page, with what it asked for and what went wrong in it (that an answer was 400 or above is not wrong)."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def _is_complaint(said: ConsoleMessage) -> bool:
    return said.type == "error" and not said.text.startswith("Failed to load resource: the server responded")


AnyVisit = TypeVar("AnyVisit", bound=Visit)


def watched(visit: AnyVisit) -> AnyVisit:
    """The visit, which from now on notes what happens."""
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("console", lambda said: visit.complaints.append(said.text) if _is_complaint(said) else None)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    return visit
