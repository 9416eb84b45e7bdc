"""Concurrent writers, each with its own connection, on real servers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from local.server import Server
from tests.integration.client import Client, Response

T = TypeVar("T")

SHOWN = "return=representation"
MERGE = "resolution=merge-duplicates"
IGNORE = "resolution=ignore-duplicates"
WRITERS = 6


def at_once(store: Client, work: Callable[[Client, int], T]) -> list[T]:
    """The results of several clients that start at the same time."""
    barrier = threading.Barrier(WRITERS)

    def run(number: int) -> T:
        client = Client(store.server, store.database)
        try:
            client.get("/author?limit=1")
            barrier.wait()
            return work(client, number)
        finally:
            client.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(run, range(WRITERS)))


@contextmanager
def other_transaction(server: Server, database: str) -> Iterator[tuple[Callable[[str], None], Callable[[], None]]]:
    """Another client's transaction: `run` sends a statement in it, `commit` ends it."""
    with server.connect(database) as connection, connection.cursor() as cursor:
        connection.begin()
        yield lambda text: (cursor.execute(text), None)[1], connection.commit
        connection.rollback()


def while_blocked(store: Client, work: Callable[[Client], Response], then: Callable[[], Any]) -> Response:
    """The response to a request that waits for a lock until `then` has run."""
    with ThreadPoolExecutor(1) as pool:
        client = Client(store.server, store.database)
        client.get("/author?limit=1")
        answer: Future[Response] = pool.submit(work, client)
        await_lock_wait(store.server, answer)
        then()
        response = answer.result()
        client.close()
        return response


def await_lock_wait(server: Server, answer: Future[Response]) -> None:
    with server.connect() as connection, connection.cursor() as cursor:
        while not answer.done():
            cursor.execute("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")
            (waiting,) = cursor.fetchone() or (0,)
            if int(waiting):
                return
    raise AssertionError(answer.result())


@pytest.mark.parametrize("round_", range(3))
@pytest.mark.parametrize("many", [False, True])
def test_concurrent_upserts_of_one_new_key_store_one_row_without_an_error(
    store: Client, round_: int, many: bool
) -> None:
    def upsert(client: Client, number: int) -> Response:
        row = {"email": f"same{round_}@x.org", "name": f"writer {number}"}
        own = {"email": f"own{number}@x.org", "name": "own"}
        return client.send("POST", "/author?on_conflict=email", [row, own] if many else row, f"{MERGE}, {SHOWN}")

    responses = at_once(store, upsert)
    assert {response.status for response in responses} <= {200, 201}
    if not many:
        assert [response.status for response in responses].count(201) == 1
    for number, response in enumerate(responses):
        assert response.json[0]["name"] == f"writer {number}"
    assert len(store.rows(f"/author?email=eq.same{round_}@x.org")) == 1


def test_concurrent_puts_and_ignored_duplicates_of_one_new_key_store_one_row(store: Client) -> None:
    puts = at_once(store, lambda client, number: client.send("PUT", "/seat/a,1", {"guest": str(number)}, SHOWN))
    assert sorted(response.status for response in puts) == [200] * (WRITERS - 1) + [201]
    ignored = at_once(
        store,
        lambda client, number: client.send(
            "POST", "/seat", [{"hall": "b", "number": 1, "guest": str(number)}], f"{IGNORE}, {SHOWN}"
        ),
    )
    assert {response.status for response in ignored} == {201}
    assert sum(len(response.json) for response in ignored) == 1
    assert len(store.rows("/seat")) == 2


def test_upserts_of_different_new_keys_do_not_block_each_other(store: Client) -> None:
    def upsert(client: Client, number: int) -> list[int]:
        return [
            client.send("POST", "/document", {"id": 1000 + 100 * number + each, "content": "x"}, MERGE).status
            for each in range(20)
        ]

    assert {status for statuses in at_once(store, upsert) for status in statuses} == {201}
    assert len(store.rows("/document?select=id")) == 20 * WRITERS


def test_each_client_sees_exactly_the_rows_it_inserted(store: Client) -> None:
    # AUTO_INCREMENT continues from here, so that no generated id equals an explicit one below
    store.send("POST", "/author", {"id": 100_000, "name": "last"})

    def insert(client: Client, number: int) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []
        for each in range(5):
            rows: list[dict[str, object]] = [{"name": f"{number}-{each}-{row}"} for row in range(4)]
            rows[2]["id"] = 10_000 + 1_000 * number + each
            found = client.send("POST", "/author?select=id,name", rows, f"{SHOWN}, missing=default").json
            assert [row["name"] for row in found] == [row["name"] for row in rows]
            shown += found
        return shown

    shown = [row for rows in at_once(store, insert) for row in rows]
    stored = {row["id"]: row["name"] for row in store.rows("/author?select=id,name&id=gt.3&id=neq.100000")}
    assert stored == {row["id"]: row["name"] for row in shown}
    assert len(shown) == len(stored) == WRITERS * 20


def test_each_client_sees_exactly_its_own_rows_of_a_table_without_a_key(store: Client) -> None:
    rows = [{"sensor": 1, "word": "same"}, {"sensor": 1, "word": "same"}]
    responses = at_once(store, lambda client, _: client.send("POST", "/reading?select=sensor,word", rows, SHOWN))
    assert [response.json for response in responses] == [rows] * WRITERS
    assert len(store.rows("/reading")) == 2 * WRITERS


def test_only_one_of_several_conditional_updates_wins(store: Client) -> None:
    def take(client: Client, number: int) -> int:
        taken = client.send("PATCH", "/author?id=eq.1&rank_number=eq.5", {"rank_number": 100 + number}, SHOWN)
        assert taken.status == 200
        return len(taken.json)

    assert sorted(at_once(store, take)) == [0] * (WRITERS - 1) + [1]


def test_every_deleted_row_is_shown_to_one_client(store: Client) -> None:
    store.send("POST", "/document", [{"id": number} for number in range(1, 41)])
    removed = at_once(
        store, lambda client, _: client.send("DELETE", "/document?id=gt.0&order=id&limit=10&select=id", None, SHOWN)
    )
    assert {response.status for response in removed} == {200}
    shown = [row["id"] for response in removed for row in response.json]
    assert sorted(shown) == list(range(1, 41))


def test_writers_in_opposite_order_all_succeed(store: Client) -> None:
    store.send("POST", "/document", [{"id": number} for number in range(1, 21)])

    def change(client: Client, number: int) -> list[int]:
        rows = [{"id": each, "content": str(number)} for each in range(1, 21)]
        rows = rows if number % 2 else rows[::-1]
        return [client.send("POST", "/document", rows, MERGE).status for _ in range(5)]

    assert {status for statuses in at_once(store, change) for status in statuses} == {200}
    assert len(set(store.values("/document?select=content"))) == 1


@pytest.mark.parametrize("prefer", [SHOWN, "return=minimal"])
def test_a_row_that_stopped_matching_while_locked_is_not_changed(store: Client, prefer: str) -> None:
    with other_transaction(store.server, store.database) as (run, commit):
        run("UPDATE author SET rank_number = 100 WHERE id = 1")
        response = while_blocked(
            store, lambda client: client.send("PATCH", "/author?rank_number=eq.5", {"rank_number": 6}, prefer), commit
        )
    assert response.headers["Content-Range"] == "*/*"
    assert store.values("/author?select=rank_number&id=eq.1") == [100]


def test_changes_committed_meanwhile_by_another_transaction_are_shown(store: Client) -> None:
    with other_transaction(store.server, store.database) as (run, commit):
        run("UPDATE author SET name = 'Anna' WHERE id = 1")
        response = while_blocked(
            store,
            lambda client: client.send("PATCH", "/author?id=eq.1&select=name,rank_number", {"rank_number": 5}, SHOWN),
            commit,
        )
    assert response.json == [{"name": "Anna", "rank_number": 5}]


def test_a_row_that_stopped_matching_an_embedded_filter_is_not_changed(store: Client) -> None:
    address = "/author?select=name,rank_number,book!inner(id)&book.id=eq.1"
    with other_transaction(store.server, store.database) as (run, commit):
        run("UPDATE author SET name = 'Anna' WHERE id = 1")
        response = while_blocked(store, lambda client: client.send("PATCH", address, {"rank_number": 5}, SHOWN), commit)
    assert response.json == [{"name": "Anna", "rank_number": 5, "book": [{"id": 1}]}]


@pytest.mark.parametrize("rows", [1, 2])
def test_a_key_that_another_transaction_inserted_meanwhile_is_merged(store: Client, rows: int) -> None:
    sent = [{"email": "new@x.org", "name": "mine"}, {"email": "other@x.org", "name": "second"}][:rows]
    with other_transaction(store.server, store.database) as (run, commit):
        run("INSERT INTO author (name, email, rank_number) VALUES ('theirs', 'new@x.org', 42)")
        response = while_blocked(
            store,
            lambda client: client.send(
                "POST", "/author?on_conflict=email&select=name,rank_number", sent, f"{MERGE}, {SHOWN}"
            ),
            commit,
        )
    assert response.status == (200 if rows == 1 else 201)
    assert response.json == [{"name": "mine", "rank_number": 42}, {"name": "second", "rank_number": 0}][:rows]


def test_a_key_that_another_transaction_inserted_meanwhile_is_ignored(store: Client) -> None:
    sent = [{"email": "new@x.org", "name": "mine"}, {"email": "other@x.org", "name": "second"}]
    with other_transaction(store.server, store.database) as (run, commit):
        run("INSERT INTO author (name, email) VALUES ('theirs', 'new@x.org')")
        response = while_blocked(
            store,
            lambda client: client.send("POST", "/author?on_conflict=email&select=name", sent, f"{IGNORE}, {SHOWN}"),
            commit,
        )
    assert (response.status, response.json) == (201, [{"name": "second"}])
    assert store.values("/author?select=name&email=eq.new@x.org") == ["theirs"]


def test_a_duplicate_inserted_meanwhile_in_another_key_is_a_conflict(store: Client) -> None:
    with other_transaction(store.server, store.database) as (run, commit):
        run("INSERT INTO author (id, name, email) VALUES (50, 'theirs', 'new@x.org')")
        response = while_blocked(
            store,
            lambda client: client.send("POST", "/author", {"id": 51, "name": "m", "email": "new@x.org"}, MERGE),
            commit,
        )
    assert (response.status, response.json["code"]) == (409, "23505")
    assert store.rows("/author?id=eq.51") == []


def test_a_row_deleted_during_the_wait_for_its_lock_is_inserted(store: Client) -> None:
    with other_transaction(store.server, store.database) as (run, commit):
        run("DELETE FROM author WHERE id = 3")
        response = while_blocked(
            store,
            lambda client: client.send(
                "POST", "/author?select=id,name", {"id": 3, "name": "again"}, f"{MERGE}, {SHOWN}"
            ),
            commit,
        )
    assert (response.status, response.json) == (201, [{"id": 3, "name": "again"}])
