"""The examples of docs/writes.md do what the page says, command by command."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from local.server import Server
from tests.integration.client import Client

PAGE = (Path(__file__).parents[2] / "docs" / "writes.md").read_text()
(TABLES,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    tuple(example.strip().rsplit("\n", 1))
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for example in block.split("$ ")[1:]
]


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.temporary_database() as name:
        server.execute(*[text for text in TABLES.split(";\n") if text.strip()], database=name)
        with closing(Client(server, name)) as client:
            yield client


def shows(found: Any, expected: Any) -> bool:
    """Whether the page shows what was found; it may leave out headers, and the member itself."""
    if isinstance(expected, list) and isinstance(found, list):
        return len(found) == len(expected) and all(map(shows, found, expected))
    if isinstance(expected, dict) and "status" in expected:
        headers = found["headers"].items() >= expected.get("headers", {}).items()
        return headers and (found["status"], found["body"]) == (expected["status"], expected["body"])
    return bool(found == expected)


def test_the_page_shows_what_happens(client: Client) -> None:
    assert len(COMMANDS) >= 8
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
        if address == "/":
            response = client.batch(body, headers.get("Prefer"), Content_Type=headers["Content-Type"])
        else:
            response = client.request(method, address, headers, body)
        status, _, shown = answer.partition(" ") if answer[0].isdigit() else ("200", "", answer)
        assert response.status == int(status), (command, response.body)
        if shown:
            assert shows(response.json, json.loads(shown)), (command, response.body)
