"""Which tables have triggers, as the least privileged account knows it, and the session check that depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from api.catalog import Table
from local.server import Server
from migrator.trigger_list import make_trigger_list
from tests.integration.client import Client
from tests.integration.introspecting import catalog_of

STATEMENTS = (
    "CREATE TABLE watched (id INT PRIMARY KEY, n INT)",
    "CREATE TABLE quiet (id INT PRIMARY KEY, n INT)",
    "CREATE TRIGGER unsafe BEFORE INSERT ON watched FOR EACH ROW SET SESSION time_zone = '+05:00'",
    "CREATE VIEW shown AS SELECT id, n FROM watched",
    "CREATE VIEW calm AS SELECT id, n FROM quiet",
    "CREATE PROCEDURE own() READS SQL DATA SELECT 1 AS one",
)


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """A database with an account that has what the migrator grants to the API's account."""
    with server.temporary_database() as name:
        server.execute(*STATEMENTS, database=name)
        server.execute(
            "CREATE USER least IDENTIFIED BY 'Little-1'",
            f"GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, SHOW VIEW ON `{name}`.* TO least",
        )
        yield name
        server.execute("DROP USER least")


def listed(server: Server, database: str) -> None:
    with closing(server.connect(database)) as connection:
        make_trigger_list(connection)


def tables(server: Server, database: str, **account: str) -> dict[str, Table]:
    return dict(catalog_of(server, database, **account).schemas[database].tables)


LEAST = {"user": "least", "password": "Little-1"}
ALL = {"watched": True, "quiet": True, "shown": True, "calm": True}
TRUE = {"watched": True, "quiet": False, "shown": True, "calm": False}


def triggered(server: Server, database: str, **account: str) -> dict[str, bool]:
    return {name: table.has_triggers for name, table in tables(server, database, **account).items()}


def test_an_account_that_cannot_see_triggers_takes_every_table_to_have_some(server: Server, database: str) -> None:
    assert triggered(server, database, **LEAST) == (ALL if server.kind == "mysql" else TRUE)
    assert triggered(server, database) == TRUE


def test_the_migrators_list_tells_the_least_privileged_account(server: Server, database: str) -> None:
    for _ in range(2):
        listed(server, database)
    assert triggered(server, database, **LEAST) == TRUE
    server.execute("CREATE TRIGGER later AFTER DELETE ON quiet FOR EACH ROW DO 1", database=database)
    assert triggered(server, database, **LEAST) == ALL
    assert set(catalog_of(server, database, **LEAST).schemas[database].routines) == {"own"}


def test_the_list_is_about_another_exposed_database_too(server: Server, database: str) -> None:
    listed(server, database)
    with server.temporary_database() as other:
        server.execute(*STATEMENTS[:3], database=other)
        server.execute(f"GRANT SELECT, INSERT, SHOW VIEW ON `{other}`.* TO least")
        found = catalog_of(server, database, other, **LEAST).schemas[other].tables
        assert {name: table.has_triggers for name, table in found.items()} == {"watched": True, "quiet": False}


def test_a_list_whose_owner_is_gone_is_not_used(server: Server, database: str) -> None:
    server.execute(
        "CREATE DEFINER = nobody PROCEDURE aurorest_triggers(IN wanted VARCHAR(64)) READS SQL DATA SELECT 1",
        database=database,
    )
    assert triggered(server, database, **LEAST) == (ALL if server.kind == "mysql" else TRUE)


def test_an_account_that_may_not_make_routines_migrates_without_the_list(server: Server, database: str) -> None:
    lines: list[str] = []
    with closing(server.connect(database, **LEAST)) as connection:
        make_trigger_list(connection, lines.append)
    assert "no list of triggers" in lines[0]


@pytest.mark.parametrize("with_list", [False, True])
def test_a_session_that_an_unseen_trigger_changed_is_given_up(server: Server, database: str, with_list: bool) -> None:
    if with_list:
        listed(server, database)
    login, _, address = server.url(database).partition("@")
    url = f"{login.partition('//')[0]}//least:Little-1@{address}"
    with closing(Client(_Account(url), database)) as client:  # type: ignore[arg-type]

        def kept() -> bool:
            return client.service.accounts.of(None).database._writer.is_open

        assert client.send("POST", "/watched", {"id": 1, "n": 0}).status == 201
        assert not kept()
        assert client.send("POST", "/shown", {"id": 2, "n": 0}).status == 201
        assert not kept()
        quiet = client.send("POST", "/quiet", {"id": 1, "n": 0})
        assert kept()
        checked = any("@@session" in text for text in quiet.statements)
        assert checked == (server.kind == "mysql" and not with_list)


class _Account:
    """What `Client` uses of a server: the address, here with another account."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self, database: str) -> str:
        del database
        return self._url
