"""Many execution environments over few database connections, at a size for every run; `make load` is the full one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.installation import Kind
from local.server import Options, Server, start_either
from tests.certificates import Authority
from tests.conftest import PASSWORD
from tests.load.calls import fill
from tests.load.environment import Task
from tests.load.run import run, stored_in
from tests.secrecy import secrets_in
from tests.standin.backend import Limits
from tests.standin.session import CREDENTIALS, stand_in

ENVIRONMENTS, CONNECTIONS, CALLS = 12, 3, 45
MAX_CONNECTIONS = 10  # the fewest that MariaDB takes


@pytest.fixture
def filled(server: Server, database: str) -> str:
    fill(server, database)
    return database


def test_many_environments_over_few_connections(server: Server, authority: Authority, filled: str) -> None:
    """No error but the deliberate ones, nothing lost or doubled, nothing pins but single values over 16 KB."""
    with stand_in(server, authority.issue("localhost"), Limits(connections=CONNECTIONS)) as proxied:
        report = run(Task(ENVIRONMENTS, "", calls=CALLS), proxied.environment(filled), server)
        statistics = proxied.proxy.backend.statistics
        assert report.unforeseen == []
        assert report.calls == ENVIRONMENTS * CALLS
        assert statistics.most_open == CONNECTIONS
        assert statistics.timeouts == 0
        assert len(proxied.proxy.all_pinning) == report.pinning
        # a connection that a long value has pinned is given up
        assert len(proxied.proxy.logins) == ENVIRONMENTS + report.pinning
        assert not secrets_in(report.logs, *CREDENTIALS.values(), PASSWORD)
    purchases, counted = stored_in(server, filled)
    assert purchases == {number: count for number, count in report.stored.items() if count}
    assert counted == report.counted


@pytest.fixture(scope="module", params=["mysql", "mariadb"])
def small_server(
    request: pytest.FixtureRequest, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One that admits few connections."""
    kind: Kind = request.param
    options = Options(port=0, password=PASSWORD, durable=False, further=(f"--max-connections={MAX_CONNECTIONS}",))
    running = start_either(kind, Path(tmp_path_factory.mktemp("small")), options)
    try:
        yield running
    finally:
        running.stop()


def test_without_the_proxy_they_exhaust_the_servers_connections(small_server: Server, authority: Authority) -> None:
    task = Task(MAX_CONNECTIONS + 6, "", connect_only=True)
    with small_server.temporary_database() as database:
        fill(small_server, database)
        direct = run(task, {"AUROREST_DATABASE_URL": small_server.url(database)}, small_server)
        # one more may come in as an administrator, and one connection watches
        assert 5 <= direct.codes["53300"] == len(direct.unforeseen) <= 7
        with stand_in(small_server, authority.issue("localhost"), Limits(connections=3)) as proxied:
            through = run(task, proxied.environment(database), small_server)
        assert through.unforeseen == []
