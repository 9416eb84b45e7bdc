"""Every call in the documentation of PostgREST's and Supabase's clients works with the unmodified clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from local.installation import NAMES
from local.server import Server
from tests.e2e.clients.runs import CALLS, Application, application, versions
from tests.e2e.clients.table import render
from tests.e2e.packages import NODE_MODULES

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "conformance.md"


@pytest.fixture(scope="session")
def applications(mysql_server: Server, mariadb_server: Server) -> Iterator[dict[str, Application]]:
    assert NODE_MODULES.is_dir(), "the JavaScript clients are not installed: python -m tests.e2e.packages"
    with ExitStack() as stack:
        servers = (mysql_server, mariadb_server)
        yield {NAMES[server.kind]: stack.enter_context(application(server)) for server in servers}


@pytest.mark.parametrize("server_name", NAMES.values())
@pytest.mark.parametrize("client,name", CALLS, ids=[f"{client}: {name}" for client, name in CALLS])
def test_the_call_works_as_documented(
    applications: dict[str, Application], server_name: str, client: str, name: str
) -> None:
    failure = applications[server_name].failure(client, name)
    assert failure is None, failure


def test_the_published_page_matches_this_run(applications: dict[str, Application]) -> None:
    results = {
        (client, name): {server: one.failure(client, name) for server, one in applications.items()}
        for client, name in CALLS
    }
    table = render(results, versions(), tuple(applications))
    assert table in PAGE.read_text(), f"{PAGE.name} is out of date; the results of this run are:\n{table}"
