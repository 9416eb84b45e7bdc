"""The example of docs/security.md does what the page says, command by command."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local.server import Server
from migrator.files import parse
from migrator.run import migrate
from migrator.users import Role, make_roles
from tests.integration.client import Client

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
(MIGRATION,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    (command, answer)
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for command, answer in re.findall(r"\$ (curl .*)\n(.*)\n", block)
]


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.temporary_database() as name, closing(server.connect(name)) as connection:
        role = f"auth_{name[-8:]}"
        make_roles(connection, (Role(role, server.password, require_tls=False),), "secret")
        try:
            migrate(connection, name, (parse("0001_todo.sql", MIGRATION.replace("authenticated", role).encode()),))
            with closing(Client(server, name, {"ROLES": role})) as client:
                client.claims = {"role": role}
                yield client
        finally:
            server.execute(f"DROP USER '{role}'@'%'")


def test_the_page_shows_what_happens(client: Client) -> None:
    assert len(COMMANDS) >= 10
    claims = dict(client.claims or {})
    for command, answer in COMMANDS:
        method, address, body = "GET", "", b""
        headers: dict[str, str] = {}
        words = iter(shlex.split(command)[1:])
        for word in words:
            if word == "-X":
                method = next(words)
            elif word == "-d":
                body = next(words).encode()
            elif word == "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            else:
                address = word.removeprefix("$API")
        client.claims = claims | {"sub": headers.pop("Authorization").removeprefix("Bearer $").lower()}
        response = client.request(method, address, headers, body)
        status, _, shown = answer.partition(" ") if answer[0].isdigit() else ("200", "", answer)
        assert response.status == int(status), (command, response.body)
        if shown:
            assert response.json == json.loads(shown), command
