"""Upserts on real servers: only duplicates in the target key are merged, any other duplicate is a conflict."""

from __future__ import annotations

import pytest

from local.server import Server
from tests.integration.client import Client

MERGE = "resolution=merge-duplicates"
IGNORE = "resolution=ignore-duplicates"
SHOWN = "return=representation"


def names(store: Client) -> list[tuple[int, str]]:
    return [(row["id"], row["name"]) for row in store.rows("/author?select=id,name&order=id")]


def test_a_new_row_is_inserted_and_an_existing_one_merged(store: Client) -> None:
    rows = [{"id": 2, "name": "Bert"}, {"id": 70, "name": "Zoe"}]
    response = store.send("POST", "/author?select=id,name,rank_number", rows, f"{MERGE}, {SHOWN}")
    assert (response.status, response.headers["Preference-Applied"]) == (201, f"{MERGE}, {SHOWN}")
    assert response.json == [{"id": 2, "name": "Bert", "rank_number": 3}, {"id": 70, "name": "Zoe", "rank_number": 0}]


def test_an_upsert_that_only_merges_has_status_200(store: Client) -> None:
    assert store.send("POST", "/author", {"id": 2, "name": "Bert"}, MERGE).status == 200
    assert store.send("POST", "/author", [{"id": 2, "name": "Bob"}], f"{MERGE}, {SHOWN}").status == 200


def test_columns_that_are_not_sent_keep_their_values(store: Client) -> None:
    store.send("POST", "/author", {"id": 1, "name": "Anna"}, MERGE)
    assert store.rows("/author?select=name,email,rank_number&id=eq.1") == [
        {"name": "Anna", "email": "ann@x.org", "rank_number": 5}
    ]
    rows = [{"id": 1, "name": "Anne", "rank_number": 9}, {"id": 2, "name": "Bea"}]
    assert store.send("POST", "/author", rows, f"{MERGE}, missing=default").status == 200
    assert store.values("/author?select=rank_number&id=in.(1,2)&order=id") == [9, 3]


def test_ignored_duplicates_are_not_changed_and_not_shown(store: Client) -> None:
    rows = [{"id": 2, "name": "Bert"}, {"id": 70, "name": "Zoe"}]
    response = store.send("POST", "/author?select=id,name", rows, f"{IGNORE}, {SHOWN}")
    assert (response.status, response.json) == (201, [{"id": 70, "name": "Zoe"}])
    nothing = store.send("POST", "/author", {"id": 2, "name": "Bert"}, f"{IGNORE}, {SHOWN}")
    assert (nothing.status, nothing.json) == (201, [])
    assert names(store)[1] == (2, "Bob")


def test_ignoring_hides_no_other_error(store: Client) -> None:
    for row, status, code in (
        ({"id": 9, "author_id": 99, "title": "x"}, 409, "23503"),
        ({"id": 9, "author_id": 1, "title": None}, 400, "23502"),
        ({"id": 9, "author_id": 1, "title": "x" * 30}, 400, "22001"),
    ):
        response = store.send("POST", "/book", row, IGNORE)
        assert (response.status, response.json["code"]) == (status, code)


def test_on_conflict_may_name_another_unique_key(store: Client) -> None:
    rows = [{"email": "ann@x.org", "name": "Anna"}, {"email": "new@x.org", "name": "New"}]
    response = store.send("POST", "/author?on_conflict=email&select=name,email,rank_number", rows, f"{MERGE}, {SHOWN}")
    assert response.json == [
        {"name": "Anna", "email": "ann@x.org", "rank_number": 5},
        {"name": "New", "email": "new@x.org", "rank_number": 0},
    ]
    assert store.values("/author?select=id&email=eq.ann@x.org") == [1]


def test_the_primary_key_is_updated_if_another_key_is_the_target(store: Client) -> None:
    store.send("POST", "/author?on_conflict=email", {"id": 44, "email": "ann@x.org", "name": "A"}, MERGE)
    # the books of author 1 refer to it
    assert store.values("/author?select=id&email=eq.ann@x.org") in ([1], [44])


def test_a_duplicate_in_a_key_other_than_the_target_is_a_conflict_and_changes_nothing(store: Client) -> None:
    before = store.rows("/author?order=id")
    rows = [{"id": 2, "name": "changed", "email": "b@x.org"}, {"id": 80, "name": "x", "email": "ann@x.org"}]
    for preference in (MERGE, IGNORE):
        response = store.send("POST", "/author", rows, preference)
        assert (response.status, response.json["code"]) == (409, "23505")
    update = store.send("POST", "/author", {"id": 2, "name": "x", "email": "ANN@x.org"}, MERGE)
    assert (update.status, update.json["code"]) == (409, "23505")
    assert store.rows("/author?order=id") == before


def test_the_target_follows_the_columns_collation(store: Client) -> None:
    one = store.send("POST", "/author?on_conflict=email", {"email": "ANN@X.ORG", "name": "one"}, MERGE)
    many = [{"email": "ann@X.org ", "name": "many"}, {"email": "bo@x.org", "name": "bo"}]
    assert one.status == 200
    assert store.send("POST", "/author?on_conflict=email", many, MERGE).status == 201
    assert store.rows("/author?select=id,name&email=eq.ann@x.org") == [{"id": 1, "name": "many"}]


def test_two_rows_with_the_same_key_cannot_be_merged(store: Client) -> None:
    for rows in (
        [{"id": 9, "name": "a"}, {"id": 9, "name": "b"}],
        [{"id": 9, "name": "a"}, {"id": "9", "name": "b"}],
    ):
        response = store.send("POST", "/author", rows, MERGE)
        assert (response.status, response.json["code"]) == (400, "21000")
    same = [{"email": "Q@x.org", "name": "a"}, {"email": "q@X.org", "name": "b"}]
    response = store.send("POST", "/author?on_conflict=email", same, MERGE)
    assert (response.status, response.json["code"]) == (400, "21000")
    assert len(names(store)) == 3


def test_the_first_of_two_rows_with_the_same_key_is_kept_if_duplicates_are_ignored(store: Client) -> None:
    rows = [{"email": "Q@x.org", "name": "a"}, {"email": "q@X.org", "name": "b"}, {"email": None, "name": "c"}]
    response = store.send("POST", "/author?on_conflict=email&select=name", rows, f"{IGNORE}, {SHOWN}")
    assert response.json == [{"name": "a"}, {"name": "c"}]


def test_null_in_the_target_is_never_a_duplicate(store: Client) -> None:
    rows = [{"room": None, "day": "2024-01-01"}, {"room": None, "day": "2024-01-01"}, {"room": "a", "day": None}]
    response = store.send("POST", "/slot?on_conflict=room,day&select=room,day", rows, f"{MERGE}, {SHOWN}")
    assert (response.status, response.json) == (201, rows)


def test_rows_without_the_auto_increment_key_are_inserted(store: Client) -> None:
    rows = [{"id": 1, "name": "Anna"}, {"name": "new 1"}, {"name": "new 2"}]
    response = store.send("POST", "/author?select=id,name", rows, f"{MERGE}, {SHOWN}, missing=default")
    assert [row["name"] for row in response.json] == ["Anna", "new 1", "new 2"]
    assert response.json[0]["id"] == 1
    assert {row["id"]: row["name"] for row in response.json}.items() <= dict(names(store)).items()


def test_a_composite_key_can_be_the_target(store: Client) -> None:
    store.send("POST", "/seat", [{"hall": "a", "number": 1, "guest": "x"}, {"hall": "a", "number": 2, "guest": "y"}])
    rows = [{"hall": "A", "number": 2, "guest": "z"}, {"hall": "b", "number": 1, "guest": "w"}]
    response = store.send("POST", "/seat", rows, f"{MERGE}, {SHOWN}")
    assert response.json == [{"hall": "a", "number": 2, "guest": "z"}, {"hall": "b", "number": 1, "guest": "w"}]
    defaulted = store.send("POST", "/seat", [{"number": 1, "guest": "m"}], f"{MERGE}, {SHOWN}")
    assert defaulted.json == [{"hall": "main", "number": 1, "guest": "m"}]
    again = store.send("POST", "/seat", [{"number": 1, "guest": "n"}], f"{MERGE}, {SHOWN}")
    assert (again.status, again.json) == (200, [{"hall": "main", "number": 1, "guest": "n"}])


@pytest.mark.parametrize(
    "column, stored, same",
    [
        ("starts", "2024-01-02T03:04:05", "2024-01-02 03:04:05.4"),
        ("weight", 1.5, "1.500"),
        ("code", "AAECAw==", "AAECAw=="),
    ],
)
def test_keys_of_every_type_are_found_in_bulk(store: Client, column: str, stored: object, same: object) -> None:
    store.send("POST", "/slot", [{column: stored, "room": "first"}])
    rows = [{column: same, "room": "second"}, {column: None, "room": "other"}]
    response = store.send("POST", f"/slot?on_conflict={column}&select=room", rows, f"{MERGE}, {SHOWN}")
    assert response.status == 201, response.body
    assert sorted(row["room"] for row in response.json) == ["other", "second"]
    assert sorted(store.values("/slot?select=room")) == ["other", "second"]


def test_a_bulk_upsert_changes_many_rows_with_few_statements(store: Client) -> None:
    rows = [{"id": number, "content": f"old {number}"} for number in range(1, 1001)]
    store.send("POST", "/document", rows)
    rows = [{"id": number, "content": f"it's {number}"} for number in range(500, 1501)]
    response = store.send("POST", "/document", rows, f"{MERGE}, {SHOWN}")
    assert response.json == rows
    assert len(response.statements) < 40
    assert store.values("/document?select=content&id=in.(499,500,1500)&order=id") == [
        "old 499",
        "it's 500",
        "it's 1500",
    ]


def test_an_expression_default_in_the_key_does_not_change_the_existing_rows_key(store: Client) -> None:
    (first,) = store.send("POST", "/token", {"label": "a"}, SHOWN).json
    response = store.send("POST", "/token?on_conflict=label", [{"label": "a"}, {"label": "b"}], f"{MERGE}, {SHOWN}")
    assert response.json[0] == first
    assert response.json[1]["label"] == "b"


def test_on_conflict_needs_a_unique_key(store: Client) -> None:
    for target, code in (("name", "42P10"), ("email,name", "42P10"), ("nam", "42703")):
        response = store.send("POST", f"/author?on_conflict={target}", {"name": "x"}, MERGE)
        assert (response.status, response.json["code"]) == (400, code)


def test_a_table_without_a_key_has_no_duplicates(store: Client) -> None:
    response = store.send("POST", "/reading?select=sensor", [{"sensor": 1}, {"sensor": 1}], f"{MERGE}, {SHOWN}")
    assert (response.status, response.json) == (201, [{"sensor": 1}, {"sensor": 1}])


def test_a_single_object_counts_what_is_written(store: Client) -> None:
    accept = "application/vnd.pgrst.object+json"
    rows = [{"id": 2, "name": "Bert"}, {"id": 70, "name": "Zoe"}]
    response = store.send("POST", "/author", rows, f"{MERGE}, {SHOWN}", Accept=accept)
    assert (response.status, response.json["code"]) == (406, "PGRST116")
    assert names(store)[1:] == [(2, "Bob"), (3, "Cy")]
    one = store.send("POST", "/author?select=name", rows, f"{IGNORE}, {SHOWN}", Accept=accept)
    assert (one.status, one.json) == (201, {"name": "Zoe"})


def test_an_upsert_can_be_rolled_back(store: Client) -> None:
    response = store.send("POST", "/author?select=name", {"id": 2, "name": "Bert"}, f"{MERGE}, {SHOWN}, tx=rollback")
    assert response.json == [{"name": "Bert"}]
    assert names(store)[1] == (2, "Bob")


def test_values_of_every_type_are_merged_in_bulk(store: Client) -> None:
    rows = [
        {"id": 1, "author_id": 1, "title": "a", "price": 1.25, "tags": {"k": [1, None]}, "cover": "AP8n", "published": "2024-02-29", "format": "soft"},
        {"id": 2, "author_id": 2, "title": "it's", "price": None, "tags": "text", "cover": None, "published": None, "format": None},
        {"id": 3, "author_id": 3, "title": "%s", "price": 0, "tags": None, "cover": "", "published": "1000-01-01", "format": "hard"},
    ]  # fmt: skip
    response = store.send(
        "POST", "/book?select=id,author_id,title,price,tags,cover,published,format", rows, f"{MERGE}, {SHOWN}"
    )
    assert (response.status, response.json) == (200, rows)
    places = [{"id": number, "spot": {"type": "Point", "coordinates": [number, 2.5]}} for number in (1, 2, 3)]
    store.send("POST", "/place", [{"id": 1}, {"id": 2}])
    assert store.send("POST", "/place", places, f"{MERGE}, {SHOWN}").json == places


def test_a_generated_id_is_not_mistaken_for_an_explicit_one(store: Client) -> None:
    (last,) = store.send("POST", "/author?select=id", {"name": "last"}, SHOWN).json
    rows = [{"name": "automatic"}, {"id": last["id"] + 1, "name": "brought"}]
    response = store.send("POST", "/author?select=name", rows, f"{MERGE}, {SHOWN}, missing=default")
    assert (response.status, response.json) == (201, [{"name": "automatic"}, {"name": "brought"}])
    assert len(store.rows("/author")) == 6


def test_existing_rows_need_no_value_for_required_columns(store: Client) -> None:
    assert store.send("POST", "/author", {"id": 2, "rank_number": 9}, MERGE).status == 200
    assert store.values("/author?select=name&id=eq.2") == ["Bob"]


@pytest.mark.parametrize("many", [False, True])
def test_the_status_tells_new_rows_from_existing_and_unchanged_ones(store: Client, many: bool) -> None:
    def upsert(guest: str) -> int:
        rows = [{"hall": "a", "number": number, "guest": guest} for number in range(1, 4 if many else 2)]
        return store.send("POST", "/seat", rows if many else rows[0], MERGE).status

    assert [upsert(guest) for guest in ("x", "x", "y")] == [201, 200, 200]
    assert store.values("/seat?select=guest&hall=eq.a&number=eq.1") == ["y"]
    rows = [{"hall": "a", "number": 1, "guest": "z"}, {"hall": "b", "number": 1, "guest": "z"}]
    assert store.send("POST", "/seat", rows, MERGE).status == 201


def test_a_bulk_upsert_of_several_statements_counts_new_rows_exactly(store: Client) -> None:
    rows = [{"id": number, "content": "x" * 90} for number in range(1, 501)]
    assert store.send("POST", "/document", rows, MERGE).status == 201
    assert store.send("POST", "/document", rows, MERGE).status == 200
    more = [*rows, {"id": 501, "content": "y" * 12_000}]
    assert store.send("POST", "/document", more, MERGE).status == 201
    assert store.send("POST", "/document", more, MERGE).status == 200
    ignored = store.send("POST", "/document", [*more, {"id": 502, "content": "z"}], f"{IGNORE}, count=exact")
    assert (ignored.status, ignored.headers["Content-Range"]) == (201, "*/1")
    assert len(store.rows("/document?select=id")) == 502


def test_ignored_duplicates_of_one_statement_are_left_as_they_are(store: Client) -> None:
    store.send("POST", "/seat", {"hall": "a", "number": 1, "guest": "x"})
    rows = [{"hall": "A", "number": 1, "guest": "y"}, {"hall": "b", "number": 1, "guest": "y"}]
    response = store.send("POST", "/seat", rows, f"{IGNORE}, count=exact")
    assert (response.status, response.headers["Content-Range"]) == (201, "*/1")
    assert store.rows("/seat?select=hall,guest&order=hall") == [
        {"hall": "a", "guest": "x"},
        {"hall": "b", "guest": "y"},
    ]


def test_a_check_that_only_the_merged_row_meets_does_not_prevent_the_merge(server: Server, database: str) -> None:
    """The server's own statement would check the new row by itself."""
    server.execute(
        "CREATE TABLE span (id INT PRIMARY KEY, low INT NOT NULL DEFAULT 0, high INT NOT NULL DEFAULT 0, "
        "CHECK (low <= high))",
        "INSERT INTO span VALUES (1, 0, 100)",
        database=database,
    )
    client = Client(server, database)
    assert client.send("POST", "/span", {"id": 1, "low": 50}, MERGE).status == 200
    many = [{"id": 2, "low": 0}, {"id": 1, "low": 60}]
    assert client.send("POST", "/span", many, f"{MERGE}, {SHOWN}").status == 201
    assert client.rows("/span?select=id,low,high") == [
        {"id": 1, "low": 60, "high": 100},
        {"id": 2, "low": 0, "high": 0},
    ]
    client.close()


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    "declared, first, second",
    [
        ("YEAR", 0, 2000), ("BIT(8)", 5, 53), ("BIGINT UNSIGNED", 0, 2**64 - 1), ("DECIMAL(30,2)", 0, 12345678901234567.25),
        ("BINARY(3)", "AAAA", "/wAB"), ("VARCHAR(9) COLLATE utf8mb4_bin", "é\\'", "Z"), ("DATE", "2024-01-02", "2025-01-02"),
        ("DATETIME(3)", "2024-01-02T03:04:05.125", "2024-01-02T03:04:05"), ("ENUM('1','0')", "0", "1"), ("CHAR(2)", "", "b"),
    ],
)  # fmt: skip
def test_a_key_of_any_type_is_stored_as_it_was_sent(
    server: Server, database: str, declared: str, first: object, second: object, many: bool
) -> None:
    """The first key of a statement also carries the condition that the statement may be used."""
    server.execute(f"CREATE TABLE t (k {declared} NOT NULL PRIMARY KEY, v INT NULL)", database=database)
    client = Client(server, database)
    for value, status in ((1, 201), (2, 200)):
        for rows in [[first, second]] if many else [[first], [second]]:
            body = [{"k": key, "v": value} for key in rows]
            assert client.send("POST", "/t", body, MERGE).status == status
    by_insert = client.send("POST", "/t?select=k", [{"k": first}], "resolution=ignore-duplicates,count=exact")
    assert by_insert.headers["Content-Range"] == "*/0"
    assert [row["v"] for row in client.rows("/t?order=k")] == [2, 2]
    client.send("DELETE", "/t?k=not.is.null")
    assert client.send("POST", "/t", [{"k": first}, {"k": second}], None).status == 201
    plain = client.values("/t?select=k&order=k")
    client.send("DELETE", "/t?k=not.is.null")
    assert client.send("POST", "/t", [{"k": first}, {"k": second}], MERGE).status == 201
    assert client.values("/t?select=k&order=k") == plain
    client.close()
