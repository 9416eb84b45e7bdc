"""What a stored program changes in its session never affects the next request, and no literal depends on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of
from tests.quoting import quoted

TABLES = (
    "CREATE TABLE parent (id INT PRIMARY KEY)",
    "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parent (id))",
    "CREATE TABLE moment (id INT PRIMARY KEY, at TIMESTAMP(0) NULL)",
    "CREATE TABLE note (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200))",
    "CREATE TABLE secret (word VARCHAR(40))",
    "INSERT INTO secret VALUES ('hidden')",
)
WELL_BEHAVED = (
    "CREATE FUNCTION tidy() RETURNS INT READS SQL DATA DETERMINISTIC RETURN 1",
    "CREATE PROCEDURE orderly() BEGIN SET @own = 1; SELECT COUNT(*) AS notes FROM note; END",
)
# What a stored program does to its session, on both servers.
CHANGES = {
    "time_zone": "SET time_zone = '+05:00'",
    "foreign_key_checks": "SET foreign_key_checks = 0",
    "unique_checks": "SET unique_checks = 0",
    "backslashes": "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
    "no_mode": "SET sql_mode = ''",
    "temporary_table": "CREATE TEMPORARY TABLE note (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200))",
    "read_only": "SET SESSION TRANSACTION READ ONLY",
    "isolation": "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
    "character_set": "SET character_set_client = latin1",
    "results": "SET character_set_results = latin1",
    "collation": "SET collation_connection = utf8mb4_bin",
    "increment": "SET auto_increment_increment = 7",
    "safe_updates": "SET sql_safe_updates = 1",
    "select_limit": "SET sql_select_limit = 1",
    "clock": "SET timestamp = 1000000000",
    "next_id": "SET insert_id = 4711",
    "lock_wait": "SET innodb_lock_wait_timeout = 1",
    "group_concat": "SET group_concat_max_len = 1024",
    "autocommit": "SET autocommit = 0",
}
ONLY_IN_PROCEDURES = {"read_only", "isolation", "autocommit"}


def routines() -> Iterator[str]:
    for name, change in CHANGES.items():
        yield f"CREATE PROCEDURE p_{name}() READS SQL DATA BEGIN {change}; SELECT 1 AS one; END"
        yield f"CREATE PROCEDURE fails_{name}() BEGIN {change}; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END"
        yield f"CREATE PROCEDURE commits_{name}() BEGIN {change}; COMMIT; END"
        if name not in ONLY_IN_PROCEDURES:
            yield f"CREATE FUNCTION f_{name}() RETURNS INT READS SQL DATA DETERMINISTIC BEGIN {change}; RETURN 1; END"


@pytest.fixture(scope="module")
def changed_database(server: Server) -> Iterator[str]:
    with server.temporary_database() as database:
        server.execute(*TABLES, *routines(), *WELL_BEHAVED, database=database)
        yield database


@pytest.fixture
def client(server: Server, changed_database: str) -> Iterator[Client]:
    server.execute(
        *(f"DELETE FROM {table}" for table in ("child", "parent", "moment", "note")), database=changed_database
    )
    client = Client(server, changed_database)
    yield client
    client.close()


def stored(server: Server, database: str, query: str) -> list[tuple[object, ...]]:
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [tuple(row) for row in cursor.fetchall()]


def assert_nothing_is_left(client: Client) -> None:
    """Later requests store and return what they would on a new connection."""
    moment = client.send("POST", "/moment", {"id": 1, "at": "2024-01-02T03:04:05Z"})
    assert moment.status == 201
    found = stored(client.server, client.database, "SELECT CAST(UNIX_TIMESTAMP(at) AS CHAR) FROM moment")
    assert found == [("1704164645",)]
    assert client.send("POST", "/child", {"id": 1, "parent_id": 99}).status == 409
    text = "é\\' OR 1=1 -- "
    for _ in range(3):
        assert client.send("POST", "/note", {"v": text}).status == 201
    ids = stored(client.server, client.database, "SELECT id, v FROM note ORDER BY id")
    assert [row[1] for row in ids] == [text] * 3
    first = ids[0][0]
    assert isinstance(first, int)
    assert [row[0] for row in ids] == [first, first + 1, first + 2]
    assert first != 4711
    assert len(client.rows("/note")) == 3
    assert client.send("PATCH", "/note?v=like.*OR*", {"v": "x"}).headers["Content-Range"] == "0-2/*"


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_procedure_does_not_affect_later_requests(client: Client, name: str, method: str) -> None:
    called = client.send(method, f"/rpc/p_{name}")
    refused = (method, name) == ("GET", "temporary_table")  # in a read-only transaction
    assert called.status == (405 if refused else 200)
    assert_nothing_is_left(client)


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in ONLY_IN_PROCEDURES])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_function_does_not_affect_later_requests(client: Client, name: str, method: str) -> None:
    called = client.send(method, f"/rpc/f_{name}")
    refused = (method, name) == ("GET", "temporary_table")  # in a read-only transaction
    assert called.status == (405 if refused else 200)
    assert_nothing_is_left(client)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("kind", ["fails", "commits"])
def test_a_procedure_that_fails_or_commits_does_not_affect_later_requests(client: Client, name: str, kind: str) -> None:
    assert client.send("POST", f"/rpc/{kind}_{name}").status in (204, 400)
    assert_nothing_is_left(client)


def test_a_trigger_does_not_affect_later_requests(server: Server) -> None:
    with client_of(
        server,
        *TABLES,
        "CREATE TABLE noisy (id INT PRIMARY KEY)",
        "CREATE TRIGGER zone AFTER INSERT ON noisy FOR EACH ROW SET time_zone = '+05:00'",
    ) as client:
        assert client.send("POST", "/noisy", {"id": 1}).status == 201
        assert_nothing_is_left(client)


def test_a_well_behaved_routine_keeps_the_connection(client: Client) -> None:
    client.rows("/note")
    for call in ("/rpc/tidy", "/rpc/orderly"):
        sent = client.send("POST", call)
        assert sent.status == 200
        assert not any(text.startswith("SET time_zone") for text in client.send("GET", "/note").statements), call


@pytest.mark.parametrize(
    "text",
    ["\\", "\\'", "'", "''", "\\' OR 1=1 -- ", "\0", "\x1a", "a\nb\r\tc", "%s", "é\\😀", "\\\\", 'say "x"', "X'41'", "_utf8mb4"],
)  # fmt: skip
def test_every_string_is_stored_and_found_unchanged(client: Client, text: str) -> None:
    shown = client.send("POST", "/note", {"v": text}, "return=representation").json
    assert [row["v"] for row in shown] == [text]
    assert client.values(f"/note?select=v&v=eq.{_encoded(text)}") == [text]
    assert client.values(f"/note?select=v&v=in.({_encoded(quoted(text))},zzz)") == [text]
    assert client.send("DELETE", f"/note?v=eq.{_encoded(text + 'x')}").headers["Content-Range"] == "*/*"
    assert len(client.rows("/note")) == 1


def _encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())
