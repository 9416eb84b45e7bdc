"""Without roles, documents and requests go by the privileges of the one account that the API uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.database import Database
from api.service import Service
from api.settings import Settings
from local.server import Server

STATEMENTS = (
    "CREATE TABLE note (id INT AUTO_INCREMENT PRIMARY KEY, body VARCHAR(20) NOT NULL, secret VARCHAR(20))",
    "CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, body VARCHAR(20))",
    "CREATE TABLE hidden (id INT PRIMARY KEY)",
    "CREATE VIEW notes AS SELECT id, body FROM note",
    "CREATE FUNCTION twice(n INT) RETURNS INT NO SQL RETURN 2 * n",
    "CREATE FUNCTION thrice(n INT) RETURNS INT NO SQL RETURN 3 * n",
    "CREATE PROCEDURE report() READS SQL DATA SELECT 1",
)


class Api:
    def __init__(self, service: Service) -> None:
        self.service = service

    def document(self, query: str = "") -> Any:
        answer = self.service.document(query, {}, "")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def status(self, method: str, path: str, body: bytes = b"") -> int:
        return self.service.rest(method, path, "", {"content-type": "application/json"}, body).status


@pytest.fixture
def api(server: Server, database: str) -> Iterator[Api]:
    """An API whose account may read two tables without one column, insert into the second, and call some routines."""
    server.execute(*STATEMENTS, database=database)
    user = f"limited_{database[-8:]}"
    server.execute(
        f"CREATE USER '{user}'@'%' IDENTIFIED BY 'limited'",
        f"GRANT SELECT (id, body), UPDATE (body) ON `{database}`.note TO '{user}'@'%'",
        f"GRANT SELECT, INSERT, DELETE ON `{database}`.log TO '{user}'@'%'",
        f"GRANT SELECT ON `{database}`.notes TO '{user}'@'%'",
        f"GRANT EXECUTE ON FUNCTION `{database}`.twice TO '{user}'@'%'",
        f"GRANT EXECUTE ON PROCEDURE `{database}`.report TO '{user}'@'%'",
        # There are no row policies; CREATE allows a grant on a table that does not exist.
        f"GRANT SELECT, CREATE ON `{database}`.aurorest_policies TO '{user}'@'%'",
        f"GRANT ALTER ROUTINE ON FUNCTION `{database}`.thrice TO '{user}'@'%'",  # which shows it
        database=database,
    )
    url = server.url(database).replace("mysql://root:p%40ss%2Fword@", f"mysql://{user}:limited@")
    assert user in url
    settings = Settings.from_environment({"AUROREST_DATABASE_URL": url})
    connection = Database(settings)
    yield Api(Service(settings, connection))
    connection.close()
    server.execute(f"DROP USER '{user}'@'%'")


def test_the_documents_list_what_works(api: Api) -> None:
    paths = {path: {*item} - {"parameters"} for path, item in api.document("version=2.0")["paths"].items()}
    assert paths == {
        "/": {"get"},
        "/note": {"get", "patch"},
        "/log": {"get", "post", "delete"},
        "/notes": {"get"},
        "/rpc/twice": {"get", "post"},
        "/rpc/report": {"get", "post"},
    }
    newer = api.document()["paths"]
    assert {path.removeprefix("/rest/v1") for path in newer if path.startswith("/rest/v1/")} == {
        *(path for path in paths if path != "/"),
        "/note/{key}",
        "/log/{key}",
    } | ({"/notes/{key}"} if "/rest/v1/notes/{key}" in newer else set())
    assert list(api.document("version=2.0")["definitions"]["note"]["properties"]) == ["id", "body"]


def test_what_is_listed_works_and_the_rest_is_forbidden(api: Api) -> None:
    assert api.status("GET", "/note") == 200
    assert api.status("POST", "/note", b'{"body": "x"}') == 403
    assert api.status("POST", "/log", b'{"body": "x"}') == 201
    assert api.status("DELETE", "/log/1") == 204
    assert api.status("POST", "/rpc/twice", b'{"n": 2}') == 200
    assert api.status("POST", "/rpc/thrice", b'{"n": 2}') in (403, 404)
    assert api.status("GET", "/hidden") in (403, 404)
