"""The examples of docs/writes.md do what the page says, command by command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.server import Server
from tests.integration.client import Client, client_of
from tests.integration.console import examples, page, statements

PAGE = page("writes.md")
EXAMPLES = examples(PAGE)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with client_of(server, *statements(PAGE)) as client:
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
    assert len(EXAMPLES) >= 8
    for example in EXAMPLES:
        if example.address == "/":
            response = client.batch(
                example.body, example.headers.get("Prefer"), Content_Type=example.headers["Content-Type"]
            )
        else:
            response = client.request(example.method, example.address, example.headers, example.body)
        assert response.status == example.status, (example.command, response.body)
        if example.shown:
            assert shows(response.json, json.loads(example.shown)), (example.command, response.body)
