"""An account that may not read the policies, or whether there are any, shows no rows and says why."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from api.database import Database
from api.response.answer import Answer
from api.service import Service
from api.settings import Settings
from local.server import Server
from migrator.files import parse
from migrator.run import migrate

TABLES = (
    "CREATE TABLE team (id INT PRIMARY KEY)",
    "CREATE TABLE note (id INT PRIMARY KEY, team_id INT NULL, CONSTRAINT note_team FOREIGN KEY (team_id) REFERENCES team (id))",
    "INSERT INTO team VALUES (1)",
    "INSERT INTO note VALUES (1, 1), (2, NULL)",
    "CREATE FUNCTION two() RETURNS INT NO SQL RETURN 2",
)
ACCOUNT = "'shortsighted'@'%', 'shortsighted'@'localhost'"
POLICIES = "ALTER TABLE note ENABLE ROW LEVEL SECURITY; CREATE POLICY first ON note USING (id = 1);"


@pytest.fixture
def shortsighted(server: Server) -> Iterator[str]:
    """A database, and an account that may use two of its tables."""
    server.execute(*(f"CREATE USER {account} IDENTIFIED BY 'secret'" for account in ACCOUNT.split(", ")))
    try:
        with server.temporary_database() as name:
            server.execute(*TABLES, database=name)
            for table in ("note", "team"):
                server.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{name}`.{table} TO {ACCOUNT}")
            server.execute(f"GRANT EXECUTE ON FUNCTION `{name}`.two TO {ACCOUNT}")
            yield name
    finally:
        server.execute(f"DROP USER {ACCOUNT}")


def service_of(server: Server, name: str, **environment: str) -> Service:
    login, _, address = server.url(name).partition("@")
    url = f"{login.partition('//')[0]}//shortsighted:secret@{address}"
    settings = Settings.from_environment(
        {"AUROREST_DATABASE_URL": url, **{f"AUROREST_{key}": text for key, text in environment.items()}}
    )
    return Service(settings, Database(settings))


@pytest.fixture
def service(server: Server, shortsighted: str) -> Iterator[Service]:
    found = service_of(server, shortsighted)
    yield found
    found.accounts.close()


def send(service: Service, method: str, address: str, body: object = None) -> Answer:
    path, _, query = address.partition("?")
    return service.rest(method, path, query, {}, b"" if body is None else json.dumps(body).encode())


def migrated(server: Server, name: str, text: str) -> None:
    with closing(server.connect(name)) as connection:
        migrate(connection, name, (parse("0001_policies.sql", text.encode()),))


def stored(server: Server, name: str) -> Any:
    with server.connect(name) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM note ORDER BY id")
        return cursor.fetchall()


REQUESTS = (
    ("GET", "/note", None),
    ("HEAD", "/note", None),
    ("GET", "/note/1", None),
    ("GET", "/team?select=id,note(id)", None),
    ("GET", "/note?select=count()", None),
    ("POST", "/note", {"id": 3}),
    ("PUT", "/note/1", {"id": 1, "team_id": None}),
    ("PATCH", "/note?id=eq.1", {"team_id": None}),
    ("DELETE", "/note?id=eq.1", None),
)


@pytest.mark.parametrize("protected", [False, True])
@pytest.mark.parametrize("method, address, body", REQUESTS)
def test_no_row_is_read_or_written(
    server: Server, shortsighted: str, service: Service, protected: bool, method: str, address: str, body: object
) -> None:
    if protected:
        migrated(server, shortsighted, POLICIES)
    before = stored(server, shortsighted)
    answer = send(service, method, address, body)
    assert answer.status == 403
    if method != "HEAD":
        refusal = json.loads(answer.body)
        assert refusal["code"] == "42501"
        assert "Run the migrator once" in refusal["hint"]
    assert stored(server, shortsighted) == before


def test_what_needs_no_policies_works(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "aurorest"):
        listed = json.loads(service.tables().body)
    assert "may not read the row policies" in caplog.text
    assert {each["name"]: (each["row_security"], each["rows_estimate"]) for each in listed} == {
        "note": (True, None),
        "team": (True, None),
    }
    assert send(service, "GET", "/rpc/two").body == b"2"


def test_rows_are_shown_as_soon_as_the_policies_can_be_read(
    server: Server, shortsighted: str, service: Service
) -> None:
    assert send(service, "GET", "/note").status == 403
    migrated(server, shortsighted, POLICIES)
    assert send(service, "GET", "/note").status == 403
    server.execute(f"GRANT SELECT ON `{shortsighted}`.aurorest_policies TO {ACCOUNT}")
    assert json.loads(send(service, "GET", "/note?select=id").body) == [{"id": 1}]


def test_one_readable_column_of_the_policies_is_not_enough(server: Server, shortsighted: str, service: Service) -> None:
    migrated(server, shortsighted, POLICIES)
    server.execute(f"GRANT SELECT (table_name) ON `{shortsighted}`.aurorest_policies TO {ACCOUNT}")
    assert send(service, "GET", "/note").status == 403
