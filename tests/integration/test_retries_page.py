"""The examples of docs/retries.md do what the page says, command by command."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local.server import Server
from migrator.idempotency import create_idempotency_table
from tests.integration.client import Client

PAGE = (Path(__file__).parents[2] / "docs" / "retries.md").read_text()
TABLES = [text for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL) for text in block.split(";\n") if text]
COMMANDS = [
    (command, answer.splitlines())
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for command, answer in re.findall(r"\$ (curl .*)\n((?:[^$].*\n)*)", block)
]


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.temporary_database() as name:
        server.execute(*TABLES, database=name)
        with closing(server.connect(name)) as connection:
            create_idempotency_table(connection, name)
        with closing(Client(server, name)) as client:
            yield client


def test_the_page_shows_what_happens(client: Client) -> None:
    assert len(COMMANDS) >= 14
    for command, shown in COMMANDS:
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
            elif word != "-i":
                address = word.removeprefix("$API")
        response = client.request(method, address, headers, body)
        assert shown, command
        status = re.match(r"(?:HTTP/2 )?(\d{3})\b", shown[0])
        assert response.status == (int(status[1]) if status else 200), (command, response.body)
        given = {name.lower(): value for name, value in response.headers.items()}
        for line in (each.removeprefix(f"{response.status} ") for each in shown):
            if line[0] in "[{":
                assert response.json == json.loads(line), command
            elif ": " in line:
                name, _, value = line.partition(": ")
                assert given[name] == value, command
