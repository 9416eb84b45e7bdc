"""The examples of docs/retries.md do what the page says, command by command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from local.server import Server
from migrator.idempotency import create_idempotency_table
from tests.integration.client import Client
from tests.integration.console import examples, page, statements

PAGE = page("retries.md")
EXAMPLES = examples(PAGE)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.temporary_database() as name:
        server.execute(*statements(PAGE), database=name)
        with closing(server.connect(name)) as connection:
            create_idempotency_table(connection, name)
        with closing(Client(server, name)) as client:
            yield client


def test_the_page_shows_what_happens(client: Client) -> None:
    assert len(EXAMPLES) >= 16
    for example in EXAMPLES:
        response = (
            client.batch(example.body, **example.headers)
            if example.address == "/"
            else client.request(example.method, example.address, example.headers, example.body)
        )
        assert response.status == example.status, (example.command, response.body)
        given = {name.lower(): value for name, value in response.headers.items()}
        assert given.items() >= example.shown_headers.items(), example.command
        if example.shown:
            assert response.json == json.loads(example.shown), example.command
