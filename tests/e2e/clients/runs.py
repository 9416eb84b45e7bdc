"""Run the calls of every client against the application, each on freshly reset tables."""

from __future__ import annotations

import json
import os
import re
import subprocess
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql
from postgrest import SyncPostgrestClient

from local.server import Server
from tests.e2e.clients import python_calls
from tests.e2e.packages import NODE, NODE_MODULES
from tests.e2e.world import sample_database
from tests.serving import serving

FOLDER = Path(__file__).parent

SCRIPTS = {
    "postgrest-js": "supabase.mjs",
    "supabase-js": "supabase.mjs",
    "ra-data-postgrest": "react_admin.mjs",
}
"""The JavaScript clients, and the file with their calls."""

PACKAGES = {
    "postgrest-js": "@supabase/postgrest-js",
    "supabase-js": "@supabase/supabase-js",
    "ra-data-postgrest": "@raphiniert/ra-data-postgrest",
}


def calls_of(client: str) -> list[str]:
    """The titles of a client's calls, in the order of the file."""
    if client == "postgrest-py":
        return list(python_calls.CALLS)
    return re.findall(r'^  "([^"]+)": async', (FOLDER / SCRIPTS[client]).read_text(), re.MULTILINE)


CALLS = tuple((client, name) for client in ("postgrest-py", *SCRIPTS) for name in calls_of(client))
"""Every documented call of every client."""


def _statements(name: str) -> list[str]:
    text = re.sub(r"^--.*\n", "", (FOLDER / name).read_text(), flags=re.MULTILINE)
    return [statement for statement in text.split(";\n") if statement.strip()]


RESET = _statements("reset.sql")


@dataclass
class Application:
    """The API over the tables of the documentation, with the sample database `world` as a second schema."""

    address: str
    connection: pymysql.Connection[Any]
    python: SyncPostgrestClient
    results: dict[tuple[str, str], str | None] = field(default_factory=dict)
    scripts: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def failure(self, client: str, name: str) -> str | None:
        """What went wrong in a call, or None. Each call is made once."""
        if (client, name) not in self.results:
            self._reset()
            self.results[client, name] = (
                self._in_python(name) if client == "postgrest-py" else self._in_javascript(client, name)
            )
        return self.results[client, name]

    def _reset(self) -> None:
        self.connection.begin()
        with self.connection.cursor() as cursor:
            for statement in RESET:
                cursor.execute(statement)
        self.connection.commit()

    def _in_python(self, name: str) -> str | None:
        try:
            python_calls.CALLS[name](self.python)
        except BaseException as error:  # noqa: BLE001 - any exception is a result
            return "".join(traceback.format_exception(error))
        return None

    def _in_javascript(self, client: str, name: str) -> str | None:
        script = self.scripts.get(client)
        if script is None:
            command: list[str | Path] = [NODE, FOLDER / "run.mjs", f"./{SCRIPTS[client]}", client, self.address]
            script = self.scripts[client] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"NODE_ENV": "test"}
            )
        assert script.stdin is not None
        assert script.stdout is not None
        script.stdin.write(name + "\n")
        script.stdin.flush()
        answered = script.stdout.readline()
        failure: str | None = json.loads(answered) if answered else "Node.js ended"
        return failure

    def close(self) -> None:
        """Stop what was started."""
        for script in self.scripts.values():
            script.communicate()


@contextmanager
def application(server: Server) -> Iterator[Application]:
    """Start the API on this server, with its databases filled."""
    with ExitStack() as stack:
        world = stack.enter_context(sample_database(server, "world"))
        database = stack.enter_context(server.temporary_database())
        server.execute(*_statements("documentation.sql"), database=database)
        address = stack.enter_context(
            serving(server.url(database), SCHEMAS=world, PLAN="true", CORS_ORIGINS="https://admin.example")
        )
        connection = stack.enter_context(closing(server.connect(database)))
        python = stack.enter_context(SyncPostgrestClient(f"{address}/rest/v1"))
        yield stack.enter_context(closing(Application(address, connection, python)))


def versions() -> dict[str, str]:
    """The version of every client."""
    from importlib.metadata import version

    found = {"postgrest-py": version("postgrest")}
    for client, package in PACKAGES.items():
        found[client] = json.loads((NODE_MODULES / package / "package.json").read_text())["version"]
    return found
