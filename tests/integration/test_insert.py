"""POST of rows, on real servers."""

from __future__ import annotations

import base64
import itertools
import json
import re
from typing import Any

import pytest

from api.statement import MAX_STATEMENT_BYTES
from local.server import Server
from tests.integration.client import Client, client_of

SHOWN = "return=representation"


def test_an_insert_has_status_201_and_no_body(store: Client) -> None:
    response = store.send("POST", "/author", {"name": "Di"})
    assert (response.status, response.body, response.headers["Content-Range"]) == (201, b"", "*/*")
    assert "Location" not in response.headers
    assert "Content-Type" not in response.headers
    assert store.values("/author?select=name&name=eq.Di") == ["Di"]


def test_a_representation_shows_the_row_as_it_is_stored(store: Client) -> None:
    response = store.send("POST", "/book", {"author_id": 2, "title": "New", "price": 9.999, "tags": {"a": [1]}}, SHOWN)
    assert (response.status, response.headers["Preference-Applied"]) == (201, SHOWN)
    (row,) = response.json
    assert row.pop("id") > 3
    assert row == {
        "author_id": 2, "title": "New", "price": 10.00, "gross": 11.00, "tags": {"a": [1]}, "cover": None,
        "published": None, "format": None,
    }  # fmt: skip


def test_a_representation_selects_and_embeds(store: Client) -> None:
    response = store.send(
        "POST",
        "/book?select=title,who:author(name,books:book(title))&who.books.order=title",
        {"author_id": 2, "title": "New"},
        SHOWN,
    )
    assert response.json == [{"title": "New", "who": {"name": "Bob", "books": [{"title": "New"}, {"title": "Three"}]}}]


def test_headers_only_gives_the_location_of_the_row(store: Client) -> None:
    response = store.send("POST", "/author", {"name": "Di"}, "return=headers-only")
    assert response.body == b""
    found = re.fullmatch(r"/rest/v1/author\?id=eq\.(\d+)", response.headers["Location"])
    assert found
    assert store.values(f"/author?select=name&id=eq.{found[1]}") == ["Di"]


def test_the_location_contains_every_column_of_the_key(store: Client) -> None:
    response = store.send("POST", "/seat", {"number": 7, "hall": "a b/c"}, "return=headers-only")
    assert response.headers["Location"] == "/rest/v1/seat?hall=eq.a%20b%2Fc&number=eq.7"


def test_many_rows_are_returned_in_the_order_they_were_sent(store: Client) -> None:
    rows = [{"hall": hall, "number": number} for hall, number in (("z", 2), ("A", 1), ("m", 3), ("a2", 9))]
    response = store.send("POST", "/seat?select=hall,number", rows, SHOWN)
    assert response.json == rows


def test_bulk_rows_with_different_keys_are_refused_and_nothing_is_stored(store: Client) -> None:
    response = store.send("POST", "/author", [{"name": "Di"}, {"name": "Ed", "rank_number": 1}])
    assert (response.status, response.json["code"]) == (400, "PGRST102")
    assert store.values("/author?select=name&order=id") == ["Ann", "Bob", "Cy"]


def test_missing_values_are_null_with_columns_or_defaults_if_preferred(store: Client) -> None:
    rows = [{"id": 900, "word": "a"}, {"id": 901}]
    shown = store.send("POST", "/empty_defaults?columns=id,word", rows, SHOWN)
    assert shown.json == [{"id": 900, "word": "a"}, {"id": 901, "word": None}]
    rows = [{"id": 902, "word": "a"}, {"id": 903}]
    shown = store.send("POST", "/empty_defaults", rows, f"{SHOWN}, missing=default")
    assert shown.json == [{"id": 902, "word": "a"}, {"id": 903, "word": "w"}]
    assert shown.headers["Preference-Applied"] == "missing=default, return=representation"


def test_explicit_and_auto_increment_ids_may_be_mixed(store: Client) -> None:
    rows: list[dict[str, object]] = [
        {"name": "auto 1"},
        {"id": 5000, "name": "own 1"},
        {"name": "auto 2"},
        {"id": 4000, "name": "own 2"},
        {"name": "auto 3"},
    ]
    shown = store.send("POST", "/author?select=id,name", rows, f"{SHOWN},missing=default").json
    assert [row["name"] for row in shown] == [row["name"] for row in rows]
    assert shown[1]["id"] == 5000
    assert shown[3]["id"] == 4000
    stored = {row["name"]: row["id"] for row in store.rows("/author?select=id,name&id=gt.3")}
    assert stored == {row["name"]: row["id"] for row in shown}


def test_null_in_an_auto_increment_column_is_the_next_number(store: Client) -> None:
    (row,) = store.send("POST", "/author", {"id": None, "name": "Di"}, SHOWN).json
    assert row["id"] > 3


def test_zero_in_an_auto_increment_column_is_refused_because_mysql_would_change_it(store: Client) -> None:
    response = store.send("POST", "/author", {"id": 0, "name": "Di"})
    assert (response.status, response.json["code"]) == (400, "22003")


def test_a_row_can_consist_of_defaults_only(store: Client) -> None:
    (row,) = store.send("POST", "/empty_defaults", {}, SHOWN).json
    assert row["word"] == "w"
    shown = store.send("POST", "/empty_defaults", [{}, {}], SHOWN).json
    assert [row["word"] for row in shown] == ["w", "w"]


def test_an_empty_array_writes_nothing(store: Client) -> None:
    response = store.send("POST", "/author", [], SHOWN)
    assert (response.status, response.json, response.headers["Content-Range"]) == (201, [], "*/*")
    assert len(store.rows("/author")) == 3


def test_an_expression_default_is_evaluated_before_it_is_stored(store: Client) -> None:
    shown = store.send("POST", "/token", [{"label": "a"}, {"label": "b"}], SHOWN).json
    assert [row["label"] for row in shown] == ["a", "b"]
    assert len({row["id"] for row in shown}) == 2
    assert sorted(store.values("/token?select=id")) == sorted(row["id"] for row in shown)
    location = store.send("POST", "/token", {"label": "c"}, "return=headers-only").headers["Location"]
    assert store.values(f"{location.removeprefix('/rest/v1')}&select=label") == ["c"]


def test_a_literal_default_in_the_key_is_used(store: Client) -> None:
    response = store.send("POST", "/seat", {"number": 1, "guest": "Di"}, SHOWN)
    assert response.json == [{"hall": "main", "number": 1, "guest": "Di"}]


def test_a_table_without_a_key_shows_exactly_the_new_rows(store: Client, store_database: str) -> None:
    store.server.execute(
        "INSERT INTO reading (sensor, word, at) VALUES (1, 'a', '2020-01-01'), (1, NULL, '2020-01-01')",
        database=store_database,
    )
    shown = store.send("POST", "/reading", [{"sensor": 1, "word": "a"}, {"sensor": 1, "word": None}], SHOWN).json
    assert [(row["sensor"], row["word"]) for row in shown] == [(1, "a"), (1, None)]
    assert all(not row["at"].startswith("2020") for row in shown)
    same = store.send("POST", "/reading", {"sensor": 2, "word": "b", "at": "2020-01-01T00:00:00"}, SHOWN).json
    again = store.send("POST", "/reading", {"sensor": 2, "word": "b", "at": "2020-01-01T00:00:00"}, SHOWN).json
    assert same == again == [{"sensor": 2, "word": "b", "at": "2020-01-01T00:00:00.000000"}]


def test_what_a_trigger_changes_is_shown(store: Client) -> None:
    shown = store.send("POST", "/stamped", [{"id": "b", "word": "x"}, {"id": "a", "word": "y"}], SHOWN).json
    assert shown == [{"id": "b", "word": "X", "changed": 0}, {"id": "a", "word": "Y", "changed": 0}]


def test_a_key_set_by_a_trigger_is_shown_if_known_and_never_guessed(store: Client) -> None:
    told = store.send("POST", "/numbered", {"word": "told"}, SHOWN)
    if told.status == 201:
        assert [row["word"] for row in told.json] == ["told"]
        assert len(told.json[0]["id"]) == 36
    else:
        assert told.json["code"] == "23502"
    changed = store.send("POST", "/numbered", {"id": "", "word": "x"}, SHOWN)
    assert (changed.status, changed.json["code"]) == (400, "0A000")
    assert store.rows("/numbered?word=eq.x") == []


def test_generated_columns_are_refused_and_named(store: Client) -> None:
    response = store.send("POST", "/book", {"author_id": 1, "title": "x", "gross": 3})
    assert (response.status, response.json["code"]) == (400, "428C9")
    assert "gross" in response.json["message"]


@pytest.mark.parametrize(
    "row, status, code",
    [
        ({"author_id": 1, "title": "x", "colour": 1}, 400, "PGRST204"),
        ({"author_id": "x", "title": "x"}, 400, "22P02"),
        ({"author_id": 1, "title": "x" * 21}, 400, "22001"),
        ({"author_id": 1, "title": "x", "price": 123456}, 400, "22003"),
        ({"author_id": 1, "title": "x", "published": "2024-02-30"}, 400, "22007"),
        ({"author_id": 1, "title": "x", "format": "thin"}, 400, "22P02"),
        ({"author_id": 1, "title": None}, 400, "23502"),
        ({"author_id": 1}, 400, "23502"),
        ({"author_id": 99, "title": "x"}, 409, "23503"),
        ({"id": 1, "author_id": 1, "title": "x"}, 409, "23505"),
    ],
)
def test_a_value_that_cannot_be_stored_is_an_error_and_nothing_is_stored(
    store: Client, row: dict[str, object], status: int, code: str
) -> None:
    rows = [{"author_id": 1, "title": "good"}, row]
    response = store.send("POST", "/book", rows, "missing=default")
    assert (response.status, response.json["code"]) == (status, code)
    assert store.values("/book?select=title&order=id") == ["One", "Two", "Three"]


def test_a_check_constraint_violation_is_a_client_error(store: Client) -> None:
    response = store.send("POST", "/author", {"name": "x", "rank_number": -1})
    assert (response.status, response.json["code"]) == (400, "23514")


def test_columns_limits_the_written_keys(store: Client) -> None:
    response = store.send(
        "POST", '/author?columns="name"&select=name,rank_number', {"name": "Di", "rank_number": 4, "x": 1}, SHOWN
    )
    assert response.json == [{"name": "Di", "rank_number": 0}]
    unknown = store.send("POST", "/author?columns=nam", {"name": "Di"})
    assert (unknown.status, unknown.json["code"]) == (400, "PGRST204")
    assert "name" in unknown.json["hint"]


def test_csv_may_contain_the_word_null_and_json(store: Client) -> None:
    body = 'author_id,title,price,tags\n1,"a, ""b""",NULL,"{""k"": [1, 2]}"\n2,,7.5,NULL\n'
    response = store.request(
        "POST", "/book?select=author_id,title,price,tags", {"Content-Type": "text/csv", "Prefer": SHOWN}, body.encode()
    )
    assert response.json == [
        {"author_id": 1, "title": 'a, "b"', "price": None, "tags": {"k": [1, 2]}},
        {"author_id": 2, "title": "", "price": 7.5, "tags": None},
    ]


def test_a_representation_as_csv(store: Client) -> None:
    response = store.send(
        "POST", "/seat", [{"hall": "b", "number": 1}, {"hall": "a", "number": 2}], SHOWN, Accept="text/csv"
    )
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sorted(response.body.decode().splitlines()[1:]) == ["a,2,", "b,1,"]


def test_a_single_object_is_shown_without_its_array(store: Client) -> None:
    accept = "application/vnd.pgrst.object+json"
    response = store.send("POST", "/seat?select=number", {"number": 5}, SHOWN, Accept=accept)
    assert (response.status, response.json) == (201, {"number": 5})
    assert response.headers["Content-Type"].startswith(accept)


def test_several_rows_are_rolled_back_if_one_was_requested(store: Client) -> None:
    accept = "application/vnd.pgrst.object+json"
    response = store.send("POST", "/seat", [{"number": 5}, {"number": 6}], SHOWN, Accept=accept)
    assert (response.status, response.json["code"]) == (406, "PGRST116")
    assert store.rows("/seat") == []


def test_nulls_can_be_stripped(store: Client) -> None:
    accept = "application/vnd.pgrst.array+json;nulls=stripped"
    assert store.send("POST", "/seat", {"number": 5}, SHOWN, Accept=accept).json == [{"hall": "main", "number": 5}]


def test_a_count_is_returned_when_requested(store: Client) -> None:
    response = store.send("POST", "/seat", [{"number": 5}, {"number": 6}], "count=exact")
    assert response.headers["Content-Range"] == "*/2"


def test_a_view_over_one_table_accepts_rows(store: Client) -> None:
    response = store.send("POST", "/cheap_book?select=title,price", {"author_id": 1, "title": "Low", "price": 2}, SHOWN)
    assert response.json == [{"title": "Low", "price": 2.00}]
    location = store.send(
        "POST", "/cheap_book", {"author_id": 1, "title": "Loc", "price": 2}, "return=headers-only"
    ).headers["Location"]
    assert store.values(f"{location.removeprefix('/rest/v1')}&select=title") == ["Loc"]


@pytest.mark.parametrize("rows", [{}, [{}, {}]])
def test_a_view_accepts_rows_of_defaults(server: Server, rows: Any) -> None:
    with client_of(
        server,
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL DEFAULT 3, g INT AS (n + 1))",
        "CREATE VIEW shown AS SELECT g, n, id FROM t",
        "CREATE TABLE strict (id INT NOT NULL, n INT)",
        "CREATE VIEW required AS SELECT id, n FROM strict",
    ) as client:
        assert client.send("POST", "/shown", rows).status == 201
        stored = client.rows("/t?order=id")
        assert stored == [{"id": number + 1, "n": 3, "g": 4} for number in range(2 if isinstance(rows, list) else 1)]
        refused = client.send("POST", "/required", rows)
        assert (refused.status, refused.json["code"]) == (400, "23502")


def test_a_grouped_view_does_not_accept_rows(store: Client) -> None:
    response = store.send("POST", "/author_totals", {"author_id": 1})
    assert (response.status, response.json["code"], response.headers["Allow"]) == (405, "PGRST117", "OPTIONS,GET,HEAD")


def test_bytes_bits_decimals_and_geometries_are_stored_as_they_were_sent(store: Client) -> None:
    cover = base64.b64encode(bytes(range(256))).decode()
    assert store.send("POST", "/book?select=cover", {"author_id": 1, "title": "c", "cover": cover}, SHOWN).json == [
        {"cover": cover}
    ]
    body = b'{"value": 12345678901234567.125, "flag": true, "mask": 19}'
    response = store.request("POST", "/amount", {"Prefer": SHOWN}, body)
    assert response.body == b'[{"value":12345678901234567.125,"flag":true,"mask":19}]'
    spot = {"type": "Point", "coordinates": [1.5, 2.5]}
    assert store.send("POST", "/place", {"id": 1, "spot": spot}, SHOWN).json == [{"id": 1, "spot": spot}]


def test_columns_with_any_name_can_be_written(store: Client) -> None:
    row = {"key %": 1, "va`l": "100%"}
    assert store.send("POST", "/odd%20%25s%20name", row, SHOWN).json == [row]


def test_strings_of_every_kind_are_stored_unchanged(store: Client) -> None:
    texts = ["it's", 'a "quote"', "back\\slash", "%s %% %", "new\nline\r\t\0end", "😀 ☃ é", "'; DROP TABLE author; -- "]
    rows = [{"id": number, "content": text} for number, text in enumerate(texts, 1)]
    assert store.send("POST", "/document", rows, SHOWN).json == rows


def test_a_bulk_insert_is_split_into_statements_that_do_not_pin(store: Client) -> None:
    rows = [{"id": number, "content": f"é{number:>60}"} for number in range(1, 1501)]
    response = store.send("POST", "/document?select=id,content", rows, SHOWN)
    assert response.status == 201
    assert response.json == rows
    inserts = [text for text in response.statements if text.startswith("INSERT")]
    assert len(inserts) == 7
    assert all(len(text.encode()) <= MAX_STATEMENT_BYTES for text in response.statements)
    assert [text for text in response.statements if not text.startswith(("INSERT", "SELECT", "SET STATEMENT"))] == [
        "BEGIN",
        "COMMIT",
    ]


def test_auto_increment_ids_of_many_statements_are_returned_in_order(store: Client) -> None:
    names = [f"{number:>30}" for number in range(1500)]
    shown = store.send("POST", "/author?select=id,name", [{"name": name} for name in names], SHOWN).json
    assert [row["name"] for row in shown] == names
    assert len({row["id"] for row in shown}) == 1500


def test_a_value_longer_than_a_statement_is_stored_and_the_connection_then_closed(
    server: Server, store_database: str, store: Client
) -> None:
    client = Client(server, store_database, may_pin=True)
    text = "x" * 40_000
    response = client.send("POST", "/document", {"id": 1, "content": text}, SHOWN)
    assert response.json == [{"id": 1, "content": text}]
    connections = client._database._writer
    assert not connections.is_open
    assert client.rows("/document?select=id") == [{"id": 1}]
    client.close()


def test_more_rows_than_the_limit_are_refused(server: Server, store_database: str, store: Client) -> None:
    client = Client(server, store_database, {"MAX_WRITE_ROWS": "2"})
    response = client.send("POST", "/seat", [{"number": number} for number in range(3)])
    assert (response.status, response.json["code"]) == (413, "54000")
    client.close()


def test_a_representation_too_large_to_return_rolls_the_write_back(
    server: Server, store_database: str, store: Client
) -> None:
    client = Client(server, store_database, {"MAX_RESPONSE_BYTES": "2000"})
    rows = [{"id": number, "content": "x" * 500} for number in range(5)]
    response = client.send("POST", "/document", rows, SHOWN)
    assert (response.status, response.json["code"]) == (413, "54000")
    assert client.rows("/document") == []
    client.close()


def test_filters_on_a_post_are_refused_not_ignored(store: Client) -> None:
    response = store.send("POST", "/author?id=eq.1", {"name": "x"})
    assert (response.status, response.json["code"]) == (400, "PGRST100")


def test_auto_increment_ids_are_known_whatever_the_servers_step(server: Server, store: Client) -> None:
    server.execute("SET GLOBAL auto_increment_increment = 7")
    try:
        client = Client(server, store.database)
        shown = client.send("POST", "/author?select=id,name", [{"name": "a"}, {"name": "b"}, {"name": "c"}], SHOWN).json
        client.close()
    finally:
        server.execute("SET GLOBAL auto_increment_increment = 1")
    assert [row["name"] for row in shown] == ["a", "b", "c"]
    assert [later["id"] - first["id"] for first, later in itertools.pairwise(shown)] == [1, 1]


def test_the_body_must_be_rows(store: Client) -> None:
    for body in (b"", b"1", b'"x"', b"[1]", b"{"):
        response = store.request("POST", "/author", {}, body)
        assert (response.status, response.json["code"]) == (400, "PGRST102")
    assert len(json.loads(store.get("/author").body)) == 3


def test_keys_are_found_in_their_stored_form(store: Client) -> None:
    shown = store.send("POST", "/padded", [{"code": "ab  ", "bytes": "AQ=="}, {"code": "cd ", "bytes": "Ag=="}], SHOWN)
    assert shown.json == [{"code": "ab", "bytes": "AQAAAA=="}, {"code": "cd", "bytes": "AgAAAA=="}]
    again = store.send("POST", "/padded", {"code": "ab   ", "bytes": "AQA="}, f"{SHOWN}, resolution=merge-duplicates")
    assert (again.status, again.json) == (200, shown.json[:1])


def test_an_invalid_select_is_an_error_even_if_no_rows_are_returned(store: Client) -> None:
    response = store.send("POST", "/author?select=nam", {"name": "x"})
    assert (response.status, response.json["code"]) == (400, "42703")
    assert len(store.rows("/author")) == 3


def test_a_limit_returns_part_of_the_written_rows(store: Client) -> None:
    rows = [{"number": number} for number in (1, 2, 3)]
    response = store.send("POST", "/seat?select=number&limit=1&offset=1", rows, SHOWN)
    assert (response.status, response.json) == (201, [{"number": 2}])
    assert len(store.rows("/seat")) == 3


def test_a_write_that_waits_longer_than_the_server_allows_is_rolled_back(server: Server, store: Client) -> None:
    client = Client(server, store.database, {"READ_TIMEOUT_SECONDS": "1"})
    client.get("/author?limit=1")
    with server.connect(store.database) as connection, connection.cursor() as cursor:
        connection.begin()
        cursor.execute("UPDATE author SET rank_number = 50 WHERE id = 1")
        response = client.send("PATCH", "/author?id=eq.1", {"rank_number": 60})
        connection.commit()
    assert (response.status, response.json["code"]) in ((503, "08007"), (503, "55P03"))
    assert client.values("/author?select=rank_number&id=eq.1") == [50]
    client.close()


def test_content_profile_selects_the_database(server: Server, store: Client, database: str) -> None:
    server.execute(
        "CREATE TABLE author (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, word VARCHAR(9))", database=database
    )
    client = Client(server, store.database, {"SCHEMAS": database})
    shown = client.send("POST", "/author?select=word", {"word": "there"}, SHOWN, Content_Profile=database)
    assert shown.json == [{"word": "there"}]
    assert client.send("PATCH", "/author?id=gt.0", {"word": "new"}, Content_Profile=database).status == 204
    assert client.values("/author?select=word", Accept_Profile=database) == ["new"]
    assert len(client.rows("/author", Accept_Profile="public")) == 3
    unknown = client.send("POST", "/author", {"word": "x"}, Content_Profile="nowhere")
    assert (unknown.status, unknown.json["code"]) == (406, "PGRST106")
    client.close()
