"""DELETE of rows, on real servers."""

from __future__ import annotations

import pytest

from api.statement import MAX_STATEMENT_BYTES
from local.server import Server
from tests.integration.client import Client

SHOWN = "return=representation"


def titles(store: Client) -> list[str]:
    return store.values("/book?select=title&order=id")


def test_matching_rows_are_deleted(store: Client) -> None:
    response = store.send("DELETE", "/book?price=gt.1", {})
    assert (response.status, response.body, response.headers["Content-Range"]) == (204, b"", "*/*")
    assert titles(store) == ["Three"]


def test_a_representation_shows_the_deleted_rows(store: Client) -> None:
    response = store.send(
        "DELETE", "/book?author_id=eq.1&select=title,author(name)&order=id.desc", None, f"{SHOWN}, count=exact"
    )
    assert (response.status, response.headers["Content-Range"]) == (200, "*/2")
    assert response.json == [{"title": "Two", "author": {"name": "Ann"}}, {"title": "One", "author": {"name": "Ann"}}]
    assert titles(store) == ["Three"]


def test_without_a_filter_nothing_is_deleted(store: Client) -> None:
    for address in ("/book", "/book?limit=1", "/book?select=id,author(id)&author.id=eq.1"):
        response = store.send("DELETE", address)
        assert (response.status, response.json["code"]) == (400, "21000")
    assert len(titles(store)) == 3


def test_matching_no_rows_is_not_an_error(store: Client) -> None:
    assert store.send("DELETE", "/book?id=eq.99").status == 204
    shown = store.send("DELETE", "/book?id=eq.99", None, SHOWN)
    assert (shown.status, shown.json) == (200, [])
    empty = store.send("DELETE", "/book?id=in.()", None, SHOWN)
    assert (empty.status, empty.json) == (200, [])


def test_one_row_can_be_addressed_by_its_key(store: Client) -> None:
    shown = store.send("DELETE", "/book/2?select=title", None, SHOWN)
    assert (shown.status, shown.json) == (200, {"title": "Two"})
    assert store.send("DELETE", "/book/1").status == 204
    for prefer in (SHOWN, None):
        absent = store.send("DELETE", "/book/1", None, prefer)
        assert (absent.status, absent.json["code"]) == (404, "PGRST116")
    assert titles(store) == ["Three"]


def test_a_row_that_others_refer_to_is_not_deleted(store: Client) -> None:
    for prefer in (SHOWN, None):
        response = store.send("DELETE", "/author?id=gt.0", None, prefer)
        assert (response.status, response.json["code"]) == (409, "23503")
    assert store.values("/author?select=id&order=id") == [1, 2, 3]


def test_a_limit_selects_the_first_rows_of_the_order(store: Client) -> None:
    store.send("DELETE", "/book?id=gt.0&order=id.desc&limit=1")
    assert titles(store) == ["One", "Two"]
    shown = store.send("DELETE", "/book?id=gt.0&order=id&limit=1&select=id", None, SHOWN)
    assert shown.json == [{"id": 1}]


def test_filters_of_an_inner_embed_select_the_rows(store: Client) -> None:
    store.send("DELETE", "/book?select=id,author!inner(id)&author.name=eq.Ann")
    assert titles(store) == ["Three"]


def test_the_number_of_affected_rows_can_be_limited(store: Client) -> None:
    most = store.send("DELETE", "/book?id=gt.0", None, "handling=strict, max-affected=2")
    assert (most.status, most.json["code"]) == (400, "PGRST124")
    single = store.send("DELETE", "/book?id=gt.0", None, SHOWN, Accept="application/vnd.pgrst.object+json")
    assert (single.status, single.json["code"]) == (406, "PGRST116")
    assert len(titles(store)) == 3


def test_a_table_without_a_key_shows_exactly_the_deleted_rows(store: Client) -> None:
    rows = [{"sensor": s, "word": w} for s, w in ((1, "a"), (1, "a"), (2, "x"))]
    store.send("POST", "/reading", rows)
    few = store.send("DELETE", "/reading?sensor=eq.1&limit=1")
    assert few.status == 204
    shown = store.send("DELETE", "/reading?sensor=eq.1&select=sensor,word", None, SHOWN)
    assert (shown.status, shown.json) == (200, [{"sensor": 1, "word": "a"}])
    assert store.rows("/reading?select=sensor") == [{"sensor": 2}]
    refused = store.send("DELETE", "/reading?sensor=eq.2&limit=1", None, SHOWN)
    assert (refused.status, refused.json["code"]) == (400, "PGRST127")


def test_decimal_bit_and_binary_keys_find_their_rows(store: Client) -> None:
    store.request("POST", "/amount", {}, b'[{"value": 12345678901234567.125}, {"value": 12345678901234567.126}]')
    shown = store.send("DELETE", "/amount?value=gt.12345678901234567.125&select=value", None, SHOWN)
    assert shown.body == b'[{"value":12345678901234567.126}]'
    assert store.get("/amount?select=value").body == b'[{"value":12345678901234567.125}]'


def test_rows_are_deleted_through_a_view(store: Client) -> None:
    shown = store.send("DELETE", "/cheap_book?id=gt.0&select=title", None, SHOWN)
    assert shown.json == [{"title": "One"}]
    assert titles(store) == ["Two", "Three"]


def test_many_rows_are_deleted_by_statements_that_do_not_pin(store: Client) -> None:
    rows = [{"id": 10**9 + number} for number in range(4000)]
    store.send("POST", "/document", rows)
    wanted = ",".join(str(row["id"]) for row in rows[:3500])
    response = store.send("DELETE", f"/document?id=in.({wanted})&select=id", None, SHOWN)
    assert response.json == rows[:3500]
    assert all(len(text.encode()) <= MAX_STATEMENT_BYTES for text in response.statements)
    assert store.rows("/document?select=count()") == [{"count": 500}]


LOCKING = (
    ("PATCH", "/author?id=in.(1,2,3)", {"email": None}, SHOWN),
    ("DELETE", "/book?id=in.(1,2,3)", None, SHOWN),
    ("DELETE", "/book?id=gt.0", None, "handling=strict, max-affected=3"),
    ("PATCH", "/book?select=author!inner()&author.id=lt.9", {"price": 1}, None),
    ("DELETE", "/book?id=gt.0&limit=3&order=id", None, None),
)


@pytest.mark.parametrize("method, address, body, prefer", LOCKING)
def test_more_rows_than_may_be_locked_are_refused(
    server: Server, store_database: str, store: Client, method: str, address: str, body: object, prefer: str | None
) -> None:
    few = Client(server, store_database, {"MAX_LOCKED_ROWS": "2"})
    refused = few.send(method, address, body, prefer)
    assert (refused.status, refused.json["code"]) == (413, "54000")
    assert "2 rows" in refused.json["message"]
    locking = [text for text in refused.statements if "FOR UPDATE" in text]
    assert locking
    assert all(" LIMIT 3" in text for text in locking)  # one more is enough to refuse
    assert len(titles(store)) == 3
    assert store.values("/author?select=email&id=eq.1") == ["ann@x.org"]
    assert store.values("/book?select=price&id=eq.1") == [5]
    few.close()
    enough = Client(server, store_database, {"MAX_LOCKED_ROWS": "3"})
    assert enough.send(method, address, body, prefer).status in (200, 204)
    enough.close()


def test_the_rows_of_a_list_in_several_statements_are_counted_together(
    server: Server, store_database: str, store: Client
) -> None:
    server.execute(
        "INSERT INTO author (id, name, rank_number) VALUES (8001, 'x', 8001), (8002, 'y', 8002)",
        database=store_database,
    )
    address = f"/author?id=in.({','.join(map(str, range(1, 8003)))})&email=is.null"
    for most, status in ((3, 413), (4, 200)):
        client = Client(server, store_database, {"MAX_LOCKED_ROWS": str(most)})
        response = client.send("PATCH", address, {"name": "z"}, SHOWN)
        assert response.status == status
        assert sum("FOR UPDATE" in text for text in response.statements) > 1
        client.close()


def test_a_request_that_locks_no_rows_one_by_one_has_no_limit(
    server: Server, store_database: str, store: Client
) -> None:
    client = Client(server, store_database, {"MAX_LOCKED_ROWS": "1"})
    assert client.send("DELETE", "/book?id=gt.0").status == 204
    assert titles(store) == []
    client.close()
