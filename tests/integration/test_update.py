"""PATCH of rows, on real servers."""

from __future__ import annotations

import pytest

from api.statement import MAX_STATEMENT_BYTES
from local.server import Server
from tests.integration.client import Client, client_of

SHOWN = "return=representation"
SINGLE = "application/vnd.pgrst.object+json"


def ranks(store: Client) -> list[int]:
    return store.values("/author?select=rank_number&order=id")


def test_matching_rows_are_changed_and_counted(store: Client) -> None:
    response = store.send("PATCH", "/author?rank_number=lt.4", {"rank_number": 7})
    assert (response.status, response.body, response.headers["Content-Range"]) == (204, b"", "0-1/*")
    assert ranks(store) == [5, 7, 7]


def test_unchanged_matching_rows_are_counted_too(store: Client) -> None:
    response = store.send("PATCH", "/author?id=lt.3", {"rank_number": 5}, "count=exact")
    assert response.headers["Content-Range"] == "0-1/2"
    again = store.send("PATCH", "/author?id=lt.3", {"rank_number": 5}, f"{SHOWN}")
    assert len(again.json) == 2


def test_matching_no_rows_is_not_an_error(store: Client) -> None:
    response = store.send("PATCH", "/author?id=eq.99", {"rank_number": 7})
    assert (response.status, response.headers["Content-Range"]) == (204, "*/*")
    shown = store.send("PATCH", "/author?id=eq.99", {"rank_number": 7}, SHOWN)
    assert (shown.status, shown.json) == (200, [])


def test_a_representation_shows_the_changed_rows(store: Client) -> None:
    response = store.send("PATCH", "/author?id=gte.2&select=id,rank_number,book(title)", {"rank_number": 7}, SHOWN)
    assert (response.status, response.headers["Content-Range"]) == (200, "0-1/*")
    assert response.json == [
        {"id": 2, "rank_number": 7, "book": [{"title": "Three"}]},
        {"id": 3, "rank_number": 7, "book": []},
    ]


def test_rows_that_no_longer_match_the_filter_are_shown(store: Client) -> None:
    response = store.send("PATCH", "/author?rank_number=eq.3&select=id,rank_number", {"rank_number": 4}, SHOWN)
    assert response.json == [{"id": 2, "rank_number": 4}]


def test_without_a_filter_nothing_is_changed(store: Client) -> None:
    for address in (
        "/author",
        "/author?select=id",
        "/author?limit=1",
        "/author?order=id&select=*,book(*)&book.id=eq.1",
    ):
        response = store.send("PATCH", address, {"rank_number": 7})
        assert (response.status, response.json["code"]) == (400, "21000"), address
    assert ranks(store) == [5, 3, 1]


def test_an_unknown_filter_changes_nothing(store: Client) -> None:
    for address, code in (
        ("/author?id=equals.1", "PGRST100"),
        ("/author?idd=eq.1", "42703"),
        ("/author?id=eq.1x", "22P02"),
    ):
        response = store.send("PATCH", address, {"rank_number": 7})
        assert (response.status, response.json["code"]) == (400, code)
    assert ranks(store) == [5, 3, 1]


def test_an_empty_update_changes_nothing(store: Client) -> None:
    response = store.send("PATCH", "/author?id=eq.1", {})
    assert (response.status, response.headers["Content-Range"]) == (204, "*/*")
    shown = store.send("PATCH", "/author?id=eq.1", {}, SHOWN)
    assert (shown.status, shown.json) == (200, [])


def test_rows_with_a_changed_primary_key_are_shown(store: Client) -> None:
    response = store.send("PATCH", "/author?id=eq.3", {"id": 33, "name": "Cyr"}, SHOWN)
    assert [(row["id"], row["name"]) for row in response.json] == [(33, "Cyr")]
    store.send("POST", "/seat", [{"hall": "a", "number": 1}, {"hall": "a", "number": 2}])
    moved = store.send("PATCH", "/seat?hall=eq.a&select=hall,number", {"hall": "b"}, SHOWN)
    assert moved.json == [{"hall": "b", "number": 1}, {"hall": "b", "number": 2}]


def test_a_limit_selects_the_first_rows_of_the_order(store: Client) -> None:
    response = store.send("PATCH", "/author?id=gt.0&order=rank_number.asc&limit=1&select=id", {"rank_number": 9}, SHOWN)
    assert response.json == [{"id": 3}]
    store.send("PATCH", "/author?id=gt.0&order=id.desc&limit=1&offset=1", {"rank_number": 8})
    assert ranks(store) == [5, 8, 9]


def test_filters_of_an_inner_embed_select_the_rows(store: Client) -> None:
    address = "/author?select=id,book!inner(title)&book.price=gt.10"
    response = store.send("PATCH", address, {"rank_number": 9}, SHOWN)
    assert response.json == [{"id": 1, "book": [{"title": "Two"}]}]
    silent = store.send("PATCH", "/book?select=id,author!inner(id)&author.name=eq.Ann", {"price": 3})
    assert (silent.status, silent.headers["Content-Range"]) == (204, "0-1/*")
    assert store.values("/book?select=price&order=id") == [3.00, 3.00, None]
    without = store.send("PATCH", "/author?select=id,book()&book=is.null", {"rank_number": 0}, SHOWN)
    assert without.json == [{"id": 3}]


def test_a_row_that_leaves_its_inner_embed_is_still_shown(store: Client) -> None:
    address = "/book?select=title,author!inner(name)&author.name=eq.Bob"
    response = store.send("PATCH", address, {"author_id": 3}, SHOWN)
    assert [row["title"] for row in response.json] == ["Three"]


def test_more_rows_than_the_client_allows_are_rolled_back(store: Client) -> None:
    response = store.send("PATCH", "/author?id=lt.3", {"rank_number": 9}, "handling=strict, max-affected=1")
    assert (response.status, response.json["code"]) == (400, "PGRST124")
    assert ranks(store) == [5, 3, 1]
    allowed = store.send("PATCH", "/author?id=lt.3", {"rank_number": 9}, "handling=strict, max-affected=2")
    assert allowed.status == 204
    lenient = store.send("PATCH", "/author?id=lt.3", {"rank_number": 8}, "max-affected=1")
    assert lenient.status == 204


def test_if_one_row_is_requested_two_are_rolled_back(store: Client) -> None:
    for prefer in (SHOWN, None):
        response = store.send("PATCH", "/author?id=lt.3", {"rank_number": 9}, prefer, Accept=SINGLE)
        assert (response.status, response.json["code"]) == (406, "PGRST116")
        assert ranks(store) == [5, 3, 1]
    one = store.send("PATCH", "/author?id=eq.2&select=rank_number", {"rank_number": 9}, SHOWN, Accept=SINGLE)
    assert (one.status, one.json) == (200, {"rank_number": 9})


def test_one_row_can_be_addressed_by_its_key(store: Client) -> None:
    assert store.send("PATCH", "/author/2", {"rank_number": 9}).status == 204
    shown = store.send("PATCH", "/author/2?select=id,rank_number", {"rank_number": 4}, SHOWN)
    assert (shown.status, shown.json) == (200, {"id": 2, "rank_number": 4})
    for prefer in (SHOWN, None):
        absent = store.send("PATCH", "/author/99", {"rank_number": 9}, prefer)
        assert (absent.status, absent.json["code"]) == (404, "PGRST116")
    condition = store.send("PATCH", "/author/2?rank_number=eq.9", {"rank_number": 1})
    assert condition.status == 404
    assert ranks(store) == [5, 4, 1]


def test_columns_limits_the_written_keys_and_defaults_can_be_set(store: Client) -> None:
    store.send("PATCH", "/author?id=eq.1&columns=rank_number", {"rank_number": 9, "name": "x", "nothing": 1})
    assert store.rows("/author?select=name,rank_number&id=eq.1") == [{"name": "Ann", "rank_number": 9}]
    store.send("PATCH", "/author?id=eq.1&columns=rank_number", {}, "missing=default")
    assert ranks(store)[0] == 0


@pytest.mark.parametrize(
    "body, status, code",
    [
        ({"colour": 1}, 400, "PGRST204"),
        ({"gross": 1}, 400, "428C9"),
        ({"title": None}, 400, "23502"),
        ({"price": "x"}, 400, "22P02"),
        ({"author_id": 99}, 409, "23503"),
        ({"id": 3}, 409, "23505"),
        ([{"price": 1}, {"price": 2}], 400, "PGRST102"),
    ],
)
def test_a_value_that_cannot_be_stored_changes_nothing(store: Client, body: object, status: int, code: str) -> None:
    before = store.rows("/book?order=id")
    response = store.send("PATCH", "/book?id=lt.3", body)
    assert (response.status, response.json["code"]) == (status, code)
    assert store.rows("/book?order=id") == before


def test_what_a_trigger_changes_is_shown(store: Client) -> None:
    store.send("POST", "/stamped", [{"id": "a"}, {"id": "b"}])
    shown = store.send("PATCH", "/stamped?id=in.(a,b)&select=id,changed", {"word": "w"}, SHOWN)
    assert shown.json == [{"id": "a", "changed": 1}, {"id": "b", "changed": 1}]


def test_a_table_without_a_key_shows_exactly_the_changed_rows(store: Client) -> None:
    rows = [{"sensor": s, "word": w} for s, w in ((1, "a"), (1, "b"), (2, "x"), (None, "x"), (None, None))]
    store.send("POST", "/reading", rows)
    shown = store.send("PATCH", "/reading?sensor=eq.1&select=sensor,word", {"word": "x"}, SHOWN)
    assert (shown.status, shown.json) == (200, [{"sensor": 1, "word": "x"}] * 2)
    again = store.send("PATCH", "/reading?sensor=is.null&select=sensor,word", {"word": "x"}, SHOWN)
    assert again.json == [{"sensor": None, "word": "x"}] * 2
    moved = store.send("PATCH", "/reading?sensor=eq.1&select=sensor,word", {"sensor": 2}, SHOWN)
    assert moved.json == [{"sensor": 2, "word": "x"}] * 2
    few = store.send("PATCH", "/reading?sensor=eq.2&order=word&limit=1", {"word": "y"})
    assert (few.status, few.headers["Content-Range"]) == (204, "0-0/*")
    assert sorted(store.values("/reading?select=word")) == ["x", "x", "x", "x", "y"]
    most = store.send("PATCH", "/reading?sensor=eq.2", {"word": "z"}, "handling=strict, max-affected=2")
    assert (most.status, most.json["code"]) == (400, "PGRST124")
    assert "z" not in store.values("/reading?select=word")


@pytest.mark.parametrize(
    "declared, sent",
    [
        ("FLOAT", 0.1), ("DOUBLE", 0.1), ("DECIMAL(9,2)", 1.005), ("TIME", "10:00:00.6"), ("DATETIME", "2024-01-02T03:04:05.6"),
        ("TIMESTAMP", "2024-01-02T03:04:05.6"), ("SET('a','b')", ["b", "a"]), ("CHAR(5) COLLATE utf8mb4_bin", "a "),
        ("VARCHAR(5) COLLATE utf8mb4_bin", "a "), ("CHAR(5) CHARACTER SET utf8mb4 COLLATE {nopad}", "a "), ("BINARY(4)", "YQ=="), ("JSON", {"b": 1, "a": 2.50}), ("BIT(9)", 5),
        ("TINYINT(1)", True), ("YEAR", 2024),
    ],
)  # fmt: skip
def test_the_changed_rows_of_a_table_without_a_key_are_shown_whatever_form_the_server_stores(
    server: Server, declared: str, sent: object
) -> None:
    declared = declared.format(nopad="utf8mb4_0900_bin" if server.kind == "mysql" else "utf8mb4_nopad_bin")
    table = f"CREATE TABLE heap (n INT, v {declared} NULL)"
    with client_of(server, table, "INSERT INTO heap (n) VALUES (1), (1), (2)") as client:
        shown = client.send("PATCH", "/heap?n=eq.1", {"v": sent}, SHOWN)
        stored = client.rows("/heap?n=eq.1")
        assert (shown.status, shown.json) == (200, stored)
        assert len(stored) == 2
        assert all(row["v"] is not None for row in stored)
        assert client.rows("/heap?n=eq.2") == [{"n": 2, "v": None}]


def test_rows_are_changed_through_a_view(store: Client) -> None:
    shown = store.send("PATCH", "/cheap_book?id=gt.0&select=id,title", {"title": "Uno"}, SHOWN)
    assert shown.json == [{"id": 1, "title": "Uno"}]
    hidden = store.send("PATCH", "/cheap_book?id=eq.1", {"price": 50}, SHOWN)
    assert (hidden.status, hidden.json) == (200, [])
    assert store.values("/book?select=price&id=eq.1") == [50.00]
    grouped = store.send("PATCH", "/author_totals?author_id=eq.1", {"books": 1})
    assert (grouped.status, grouped.json["code"]) == (405, "PGRST117")


def test_many_rows_are_changed_by_statements_that_do_not_pin(store: Client) -> None:
    rows = [{"id": 10**9 + number, "content": "old"} for number in range(3000)]
    store.send("POST", "/document", rows)
    wanted = ",".join(str(row["id"]) for row in rows)
    response = store.send("PATCH", f"/document?id=in.({wanted})", {"content": "new"})
    assert (response.status, response.headers["Content-Range"]) == (204, "0-2999/*")
    assert all(len(text.encode()) <= MAX_STATEMENT_BYTES for text in response.statements)
    assert store.rows("/document?select=content,count()") == [{"content": "new", "count": 3000}]
    shown = store.send("PATCH", "/document?id=gt.0&select=id", {"content": "newer"}, SHOWN)
    assert [row["id"] for row in shown.json] == [row["id"] for row in rows]


def test_a_filter_on_a_string_column_is_not_compared_as_a_number(store: Client) -> None:
    """MySQL would match every row: 'Ann' equals 0."""
    response = store.send("PATCH", "/author?name=eq.0", {"rank_number": 9})
    assert response.headers["Content-Range"] == "*/*"
    assert ranks(store) == [5, 3, 1]
