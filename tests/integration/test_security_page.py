"""The example of docs/security.md does what the page says, command by command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from local.server import Server
from migrator.files import parse
from migrator.run import migrate
from tests.accounts import role_accounts
from tests.integration.client import Client
from tests.integration.console import blocks, examples, page

PAGE = page("security.md")
(MIGRATION,) = blocks(PAGE, "sql")
EXAMPLES = examples(PAGE)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.temporary_database() as name, closing(server.connect(name)) as connection:
        role = f"auth_{name[-8:]}"
        with role_accounts(server, role):
            migrate(connection, name, (parse("0001_todo.sql", MIGRATION.replace("authenticated", role).encode()),))
            with closing(Client(server, name, {"ROLES": role})) as client:
                client.claims = {"role": role}
                yield client


def test_the_page_shows_what_happens(client: Client) -> None:
    assert len(EXAMPLES) >= 10
    claims = dict(client.claims or {})
    for example in EXAMPLES:
        headers = dict(example.headers)
        client.claims = claims | {"sub": headers.pop("Authorization").removeprefix("Bearer $").lower()}
        response = client.request(example.method, example.address, headers, example.body)
        assert response.status == example.status, (example.command, response.body)
        if example.shown:
            assert response.json == json.loads(example.shown), example.command
