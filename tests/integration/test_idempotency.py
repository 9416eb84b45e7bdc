"""Idempotency-Key: one write and one answer for every key, however often the request is repeated, on real servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from local.server import Server
from migrator.idempotency import create_idempotency_table
from migrator.users import Role
from tests.accounts import role_accounts
from tests.integration.client import Client, Response

OBJECT = "application/vnd.pgrst.object+json"
SHOWN = "return=representation"
TABLES = (
    "CREATE TABLE note (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, line VARCHAR(100) NOT NULL, seen INT NOT NULL DEFAULT 0)",
    "INSERT INTO note (id, line) VALUES (1, 'a'), (2, 'b')",
    "CREATE TABLE page (id INT NOT NULL PRIMARY KEY, content LONGTEXT NOT NULL)",
    """CREATE FUNCTION add_note(words VARCHAR(100)) RETURNS INT MODIFIES SQL DATA
BEGIN INSERT INTO note (line) VALUES (words); RETURN LAST_INSERT_ID(); END""",
    """CREATE PROCEDURE add_notes(words VARCHAR(100)) MODIFIES SQL DATA
BEGIN INSERT INTO note (line) VALUES (words); SELECT id, line FROM note WHERE line = words ORDER BY id; END""",
    """CREATE PROCEDURE add_and_commit(words VARCHAR(100)) MODIFIES SQL DATA
BEGIN INSERT INTO note (line) VALUES (words); COMMIT; SELECT COUNT(*) AS notes FROM note; END""",
    """CREATE PROCEDURE add_between(words VARCHAR(100)) MODIFIES SQL DATA
BEGIN ROLLBACK; START TRANSACTION; INSERT INTO note (line) VALUES (words); SELECT COUNT(*) AS notes FROM note; END""",
    """CREATE PROCEDURE slow(words VARCHAR(100)) MODIFIES SQL DATA
BEGIN INSERT INTO note (line) VALUES (words); SELECT SLEEP(2); END""",
)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.temporary_database() as database:
        server.execute(*TABLES, database=database)
        create(server, database)
        with closing(Client(server, database)) as client:
            yield client


def create(server: Server, database: str, *roles: Role) -> None:
    with closing(server.connect(database)) as connection:
        create_idempotency_table(connection, database, roles)


def keyed(
    client: Client, key: str, method: str, address: str, body: object = None, prefer: str = "", **more: str
) -> Response:
    return client.send(method, address, body, prefer, Idempotency_Key=key, **more)


def lines(client: Client) -> list[str]:
    return client.values("/note?select=line&order=id")


def is_replayed(response: Response) -> bool:
    return response.headers.get("Idempotency-Replayed") == "true"


def answered(response: Response) -> tuple[object, ...]:
    """What must be the same in a repeated answer."""
    own = {
        name: value for name, value in response.headers.items() if name not in ("Server-Timing", "Idempotency-Replayed")
    }
    return response.status, own, response.body


WRITES = (
    ("POST", "/note", {"line": "c"}, ""),
    ("POST", "/note?select=id,line", [{"line": "c"}, {"line": "ü\u2028"}], SHOWN),
    ("POST", "/note", {"line": "c"}, "return=headers-only"),
    ("POST", "/note", {"id": 1, "line": "c"}, f"resolution=merge-duplicates, {SHOWN}"),
    ("PATCH", "/note/1", {"line": "c"}, SHOWN),
    ("PATCH", "/note?id=gt.0", {"line": "c"}, "count=exact"),
    ("PATCH", "/note", [{"id": 1, "seen": 5}, {"id": 2, "seen": 6}], SHOWN),
    ("PUT", "/note/7", {"line": "c"}, SHOWN),
    ("PUT", "/note?id=eq.2", {"id": 2, "line": "c"}, ""),
    ("DELETE", "/note/1", None, SHOWN),
    ("DELETE", "/note?id=gt.0", None, ""),
    ("POST", "/rpc/add_note", {"words": "c"}, ""),
    ("POST", "/rpc/add_notes", {"words": "c"}, ""),
    ("POST", "/rpc/add_and_commit", {"words": "c"}, ""),
    ("POST", "/rpc/add_between", {"words": "c"}, ""),
)


@pytest.mark.parametrize("method, address, body, prefer", WRITES)
def test_a_repeated_request_gets_the_first_answer_and_writes_nothing(
    client: Client, method: str, address: str, body: object, prefer: str
) -> None:
    first = keyed(client, "k1", method, address, body, prefer)
    assert first.status in (200, 201, 204), first.body
    assert not is_replayed(first)
    stored = client.rows("/note?order=id")
    for key in ("k1", '"k1"'):
        again = keyed(client, key, method, address, body, prefer)
        assert is_replayed(again)
        assert answered(again) == answered(first)
    assert client.rows("/note?order=id") == stored


def test_another_request_under_the_same_key_is_422(client: Client) -> None:
    assert keyed(client, "k1", "POST", "/note", {"line": "c"}).status == 201
    for method, address, body, more in (
        ("POST", "/note", {"line": "d"}, {}),
        ("POST", "/note?select=id", {"line": "c"}, {}),
        ("PUT", "/note/1", {"line": "c"}, {}),
        ("POST", "/rpc/add_note", {"words": "c"}, {}),
        ("POST", "/note", {"line": "c"}, {"Accept": "text/csv"}),
        ("POST", "/note", {"line": "c"}, {"If_None_Match": "*"}),
    ):
        response = keyed(client, "k1", method, address, body, **more)
        assert (response.status, response.json["code"]) == (422, "AR422"), (method, address)
        assert "Idempotency-Replayed" not in response.headers
    assert lines(client) == ["a", "b", "c"]


def test_a_refused_request_stores_nothing_and_may_be_repeated(client: Client) -> None:
    for _ in range(2):
        refused = keyed(client, "k1", "POST", "/note", {"id": 1, "line": "c"})
        assert (refused.status, refused.json["code"], is_replayed(refused)) == (409, "23505", False)
    assert keyed(client, "k1", "POST", "/note", {"line": "c"}).status == 201
    assert keyed(client, "k2", "POST", "/note", {"line": "d"}, "tx=rollback").status == 201
    assert keyed(client, "k2", "POST", "/note", {"line": "d"}).status == 201
    assert lines(client) == ["a", "b", "c", "d"]


def test_if_match_is_not_compared_again_when_the_answer_is_repeated(client: Client) -> None:
    tag = client.get("/note/1").headers["ETag"]
    first = keyed(client, "k1", "PATCH", "/note/1", {"line": "c"}, If_Match=tag)
    again = keyed(client, "k1", "PATCH", "/note/1", {"line": "c"}, If_Match=tag)
    assert (first.status, again.status, is_replayed(again)) == (204, 204, True)
    assert keyed(client, "k2", "PATCH", "/note/1", {"line": "d"}, If_Match=tag).status == 412


def test_a_long_answer_is_stored_in_parts_that_pin_nothing(client: Client) -> None:
    rows = [{"line": f"{number * 7919 % 100_003:x}" * 10} for number in range(1, 2000)]
    first = keyed(client, "k1", "POST", "/note", rows, SHOWN)
    again = keyed(client, "k1", "POST", "/note", rows, SHOWN)
    assert len(first.body) > 100_000
    assert is_replayed(again)
    assert answered(again) == answered(first)


def test_a_compressed_answer_is_repeated_in_the_form_that_the_client_accepts(client: Client) -> None:
    rows = [{"line": "x" * 100}] * 50
    first = keyed(client, "k1", "POST", "/note", rows, SHOWN, Accept_Encoding="gzip")
    assert first.headers["Content-Encoding"] == "gzip"
    assert keyed(client, "k1", "POST", "/note", rows, SHOWN, Accept_Encoding="gzip").body == first.body
    assert keyed(client, "k1", "POST", "/note", rows, SHOWN).json[0]["line"] == "x" * 100


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_takes_no_key(client: Client, method: str) -> None:
    assert keyed(client, "k1", method, "/note").status == 400
    assert keyed(client, "k1", "OPTIONS", "/note").status == 200


@pytest.mark.parametrize("key", ["", '""', '"a', "a b", "a,b", "x" * 256, "\u00fc"])
def test_what_cannot_be_a_key_is_refused(client: Client, key: str) -> None:
    response = keyed(client, key, "POST", "/note", {"line": "c"})
    assert (response.status, response.json["code"]) == (400, "PGRST100")
    assert lines(client) == ["a", "b"]


def test_a_database_without_the_table_says_so(client: Client) -> None:
    client.server.execute("DROP TABLE aurorest_idempotency", database=client.database)
    response = keyed(client, "k1", "POST", "/note", {"line": "c"})
    assert (response.status, response.json["code"]) == (501, "AR501")
    assert "python -m migrator" in response.json["hint"]
    assert lines(client) == ["a", "b"]
    assert client.send("POST", "/note", {"line": "c"}).status == 201


def test_the_table_is_not_exposed(client: Client) -> None:
    assert client.error("/aurorest_idempotency") == (404, "PGRST205")


def test_a_request_without_a_key_costs_nothing(client: Client) -> None:
    client.send("POST", "/note", {"line": "c"})
    without = client.send("POST", "/note", {"line": "c"}).statements
    assert not [text for text in without if "aurorest" in text]
    with_key = keyed(client, "k1", "POST", "/note", {"line": "c"}).statements
    assert len(with_key) == len(without) + 7, (without, with_key)


def test_a_request_of_a_batch_has_its_own_key(client: Client) -> None:
    keyed_part = {"method": "POST", "path": "/note", "headers": {"Idempotency-Key": "k1"}, "body": {"line": "c"}}
    other = {"method": "POST", "path": "/note", "body": {"line": "d"}}
    for replayed in (None, "true"):
        response = client.batch([other, keyed_part, other])
        assert response.status == 200, response.body
        assert response.json[1]["headers"].get("Idempotency-Replayed") == replayed
    assert lines(client) == ["a", "b", "d", "c", "d", "d", "d"]


def test_a_write_that_starts_over_keeps_its_key(client: Client) -> None:
    """A statement with this row would be too long if it had its values twice, so the row is looked for instead."""
    page = {"content": "x" * 9000}
    first = keyed(client, "k1", "PUT", "/page/1", page, SHOWN)
    assert any("ROLLBACK TO SAVEPOINT" in text for text in first.statements)
    again = keyed(client, "k1", "PUT", "/page/1", page, SHOWN)
    assert is_replayed(again)
    assert answered(again) == answered(first)


# -- batches -------------------------------------------------------------------------------------------------------


def insert(line: str, **headers: str) -> dict[str, object]:
    return {"method": "POST", "path": "/note", "headers": headers, "body": {"line": line}}


def test_a_repeated_batch_gets_the_first_answer_and_writes_nothing(client: Client) -> None:
    parts = [
        insert("c", Prefer=SHOWN),
        {"method": "PATCH", "path": ["/note/", {"$ref": "0.body.0.id"}], "body": {"seen": 1}},
        {"method": "POST", "path": "/rpc/add_notes", "body": {"words": "d"}},
        {"method": "GET", "path": "/note?select=line,seen&order=id"},
    ]
    first = client.batch(parts, Idempotency_Key="k1")
    assert [each["status"] for each in first.json] == [201, 204, 200, 200]
    assert not is_replayed(first)
    for key in ("k1", '"k1"'):
        again = client.batch(parts, Idempotency_Key=key, Accept_Encoding="identity")
        assert is_replayed(again)
        assert answered(again) == answered(first)
    assert lines(client) == ["a", "b", "c", "d"]
    assert not is_replayed(client.batch(parts, Idempotency_Key="k2"))
    assert lines(client) == ["a", "b", "c", "d", "c", "d"]


def test_another_batch_under_the_same_key_is_422(client: Client) -> None:
    assert client.batch([insert("c")], Idempotency_Key="k1").status == 200
    for other in (
        client.batch([insert("d")], Idempotency_Key="k1"),
        client.batch([insert("c")], "tx=rollback", Idempotency_Key="k1"),
        keyed(client, "k1", "POST", "/note", {"line": "c"}),
        client.batch([insert("d"), insert("c", **{"Idempotency-Key": "k1"})]),
        client.batch([insert("d"), insert("c", **{"Idempotency-Key": "k2"})], Idempotency_Key="k2"),
    ):
        assert (other.status, other.json["code"]) == (422, "AR422")
    assert lines(client) == ["a", "b", "c"]


def test_a_batch_that_fails_or_is_rehearsed_stores_nothing_and_may_be_repeated(client: Client) -> None:
    taken = {"method": "POST", "path": "/note", "body": {"id": 1, "line": "d"}}
    for _ in range(2):
        refused = client.batch([insert("c"), taken], Idempotency_Key="k1")
        assert (refused.status, refused.json["code"], refused.json["request"]) == (409, "23505", 1)
        assert client.batch([insert("c")], "tx=rollback", Idempotency_Key="k1").status == 200
    assert (lines(client), kept(client)) == (["a", "b"], 0)
    assert not is_replayed(client.batch([insert("c")], Idempotency_Key="k1"))
    assert lines(client) == ["a", "b", "c"]


def test_a_batch_and_its_requests_each_have_their_key(client: Client) -> None:
    parts = [insert("c", **{"Idempotency-Key": "inner"}), insert("d")]
    client.batch(parts, Idempotency_Key="outer")
    assert is_replayed(client.batch(parts, Idempotency_Key="outer"))
    assert is_replayed(client.send("POST", "/note", {"line": "c"}, Idempotency_Key="inner")) is False
    assert lines(client) == ["a", "b", "c", "d"]


def test_a_batch_that_starts_over_keeps_its_key(client: Client) -> None:
    """A row that a statement could not hold twice is looked for instead, after the whole batch is undone."""
    page = {"method": "PUT", "path": "/page/1", "headers": {"Prefer": SHOWN}, "body": {"content": "x" * 9000}}
    parts = [insert("c"), page]
    first = client.batch(parts, Idempotency_Key="k1")
    assert first.statements.count("ROLLBACK") == 1
    assert is_replayed(client.batch(parts, Idempotency_Key="k1"))
    assert lines(client) == ["a", "b", "c"]


def test_a_batch_that_a_procedure_committed_is_not_run_again(client: Client) -> None:
    parts = [insert("c"), {"method": "POST", "path": "/rpc/add_and_commit", "body": {"words": "d"}}]
    ended = client.batch(parts, Idempotency_Key="k1")
    assert (ended.json["code"], ended.json["request"]) == ("2D000", 1)
    again = client.batch(parts, Idempotency_Key="k1")
    assert (again.status, again.json["code"]) == (409, "AR409")
    assert "commits by itself" in again.json["details"]
    assert lines(client) == ["a", "b", "c", "d"]


def test_keys_of_batches_are_refused_as_those_of_requests(client: Client) -> None:
    for key in ("", "a b", "x" * 256):
        assert client.batch([insert("c")], Idempotency_Key=key).json["code"] == "PGRST100"
    client.server.execute("DROP TABLE aurorest_idempotency", database=client.database)
    response = client.batch([insert("c")], Idempotency_Key="k1")
    assert (response.status, response.json["code"]) == (501, "AR501")
    assert "request" not in response.json
    assert lines(client) == ["a", "b"]


def test_a_batch_with_a_key_sends_four_more_statements(client: Client) -> None:
    parts = [insert("c"), {"method": "GET", "path": "/note?select=line"}]
    client.batch(parts)
    without = client.batch(parts).statements
    with_key = client.batch(parts, Idempotency_Key="k1").statements
    assert not [text for text in without if "aurorest_idempotency" in text]
    assert len(with_key) == len(without) + 4, (without, with_key)


# -- age -----------------------------------------------------------------------------------------------------------


def grow_old(client: Client, hours: int) -> None:
    client.server.execute(
        f"UPDATE aurorest_idempotency SET created_at = created_at - INTERVAL {hours} HOUR", database=client.database
    )


def kept(client: Client) -> int:
    with closing(client.server.connect(client.database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(DISTINCT id) FROM aurorest_idempotency")
        return int(cursor.fetchall()[0][0])


def test_an_answer_is_kept_for_24_hours_and_then_removed_in_passing(client: Client) -> None:
    for number in range(3):
        keyed(client, f"k{number}", "POST", "/note", {"line": "c"})
    grow_old(client, 23)
    assert is_replayed(keyed(client, "k0", "POST", "/note", {"line": "c"}))
    grow_old(client, 1)
    assert not is_replayed(keyed(client, "k0", "POST", "/note", {"line": "d"}))
    assert kept(client) == 1
    assert is_replayed(keyed(client, "k0", "POST", "/note", {"line": "d"}))
    assert lines(client) == ["a", "b", "c", "c", "c", "d"]


def test_the_time_is_configurable(client: Client) -> None:
    with closing(Client(client.server, client.database, {"IDEMPOTENCY_HOURS": "2"})) as brief:
        keyed(brief, "k1", "POST", "/note", {"line": "c"})
        grow_old(brief, 3)
        assert not is_replayed(keyed(brief, "k1", "POST", "/note", {"line": "c"}))


# -- callers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def roles(server: Server) -> Iterator[Client]:
    with server.temporary_database() as database:
        names = [f"{name}_{database[-6:]}" for name in ("one", "two")]
        with role_accounts(server, *names) as made:
            server.execute(*TABLES, *(f"GRANT SELECT, INSERT ON note TO {name}" for name in names), database=database)
            create(server, database, *made)
            with closing(Client(server, database, {"ROLES": ",".join(names)})) as client:
                yield client


def test_each_caller_has_its_own_keys(roles: Client) -> None:
    one, two = roles.environment["ROLES"].split(",")
    for claims in ({"role": one, "sub": "1"}, {"role": one, "sub": "2"}, {"role": one}, {"role": two, "sub": "1"}):
        roles.claims = claims
        first = keyed(roles, "k1", "POST", "/note", {"line": json.dumps(claims)})
        again = keyed(roles, "k1", "POST", "/note", {"line": json.dumps(claims)})
        assert (first.status, is_replayed(first)) == (201, False), first.body
        assert (again.status, is_replayed(again)) == (201, True)
    assert len(lines(roles)) == 6


def test_a_role_without_the_privilege_gets_the_same_clear_error(roles: Client) -> None:
    one, _ = roles.environment["ROLES"].split(",")
    roles.server.execute(f"REVOKE SELECT, INSERT, DELETE ON aurorest_idempotency FROM {one}", database=roles.database)
    roles.claims = {"role": one}
    response = keyed(roles, "k1", "POST", "/note", {"line": "c"})
    assert (response.status, response.json["code"]) == (501, "AR501")


def kept_now(client: Client) -> int:
    """The keys that are stored or claimed, whether their transaction has been committed or not."""
    with closing(client.server.connect(client.database)) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")
        cursor.execute("SELECT COUNT(*) FROM aurorest_idempotency")
        return int(cursor.fetchall()[0][0])


# -- at the same time ----------------------------------------------------------------------------------------------


def test_a_key_under_way_is_409_at_once(client: Client) -> None:
    with closing(Client(client.server, client.database)) as other, ThreadPoolExecutor(1) as pool:
        other.get("/note")
        first = pool.submit(keyed, other, "k1", "POST", "/rpc/slow", {"words": "c"})
        while not kept_now(client):
            assert not first.done()
        response = keyed(client, "k1", "POST", "/rpc/slow", {"words": "c"})
        assert (response.status, response.json["code"]) == (409, "AR409")
        assert response.headers["Retry-After"] == "1"
        assert not first.done()
        assert first.result().status == 200
    assert is_replayed(keyed(client, "k1", "POST", "/rpc/slow", {"words": "c"}))
    assert lines(client) == ["a", "b", "c"]


def test_a_key_of_a_batch_under_way_is_409_at_once(client: Client) -> None:
    parts = [insert("c"), {"method": "POST", "path": "/rpc/slow", "body": {"words": "d"}}]
    with closing(Client(client.server, client.database)) as other, ThreadPoolExecutor(1) as pool:
        other.get("/note")
        first = pool.submit(other.batch, parts, Idempotency_Key="k1")
        while not kept_now(client):
            assert not first.done()
        response = client.batch(parts, Idempotency_Key="k1")
        assert (response.status, response.json["code"]) == (409, "AR409")
        assert response.headers["Retry-After"] == "1"
        assert "request" not in response.json
        assert not first.done()
        assert first.result().status == 200
    assert is_replayed(client.batch(parts, Idempotency_Key="k1"))
    assert lines(client) == ["a", "b", "c", "d"]


def test_many_requests_at_once_write_once_for_each_key(client: Client) -> None:
    workers, keys = 8, 6
    barrier = threading.Barrier(workers)

    def run(_: int) -> list[bytes]:
        with closing(Client(client.server, client.database)) as own:
            own.get("/note?limit=1")
            bodies = []
            for number in range(keys):
                barrier.wait()
                while (response := keyed(own, f"k{number}", "POST", "/note", {"line": "c"}, SHOWN)).status != 201:
                    assert response.json["code"] in ("AR409", "40P01"), response.body
                bodies.append(response.body)
            return bodies

    with ThreadPoolExecutor(workers) as pool:
        results = list(pool.map(run, range(workers)))
    assert all(each == results[0] for each in results)
    assert len(lines(client)) == 2 + keys


def test_different_keys_do_not_wait_for_each_other(client: Client) -> None:
    with closing(client.server.connect(client.database)) as connection, connection.cursor() as cursor:
        connection.begin()
        for number in range(20):
            cursor.execute(
                "INSERT INTO aurorest_idempotency (id, part, fingerprint, created_at)"
                " VALUES (UNHEX(SHA2(%s, 256)), 0, '', UTC_TIMESTAMP())",
                (f"other {number}",),
            )
        for number in range(20):
            assert keyed(client, f"k{number}", "POST", "/note", {"line": "c"}).status == 201
        connection.rollback()
    assert len(lines(client)) == 22


def test_an_interrupted_routine_that_commits_by_itself_is_not_run_again(client: Client) -> None:
    assert keyed(client, "k1", "POST", "/rpc/add_and_commit", {"words": "c"}).status == 200
    client.server.execute("DELETE FROM aurorest_idempotency WHERE part > 0", database=client.database)
    response = keyed(client, "k1", "POST", "/rpc/add_and_commit", {"words": "c"})
    assert (response.status, response.json["code"]) == (409, "AR409")
    assert "commits by itself" in response.json["details"]
    assert lines(client) == ["a", "b", "c"]
