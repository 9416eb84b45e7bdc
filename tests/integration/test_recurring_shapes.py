"""Plans are cached with the catalog: equal requests share them, rows by key their statement, and different ones are
not mixed up."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from local.server import Server
from tests.integration.client import Client, client_of


def test_the_same_request_sees_new_rows(store: Client) -> None:
    before = store.rows("/author?select=id,name&order=id")
    assert store.send("POST", "/author", {"id": 9, "name": "New"}).status == 201
    assert store.rows("/author?select=id,name&order=id") == [*before, {"id": 9, "name": "New"}]


def test_pages_of_one_shape_are_not_mixed_up(shop: Client) -> None:
    assert shop.values("/customer?select=id&order=id&limit=2") == [1, 2]
    assert shop.values("/customer?select=id&order=id&limit=2&offset=2") == [3, 4]
    assert shop.values("/customer?select=id&order=id&limit=3") == [1, 2, 3]
    assert shop.values("/customer?select=id&order=id.desc&limit=2") == [4, 3]


def test_media_types_of_one_shape_are_not_mixed_up(shop: Client) -> None:
    address = "/profile?select=customer_id,bio&order=customer_id.desc&limit=1"
    stripped = "application/vnd.pgrst.array+json;nulls=stripped"
    assert shop.rows(address) == [{"customer_id": 3, "bio": None}]
    assert shop.rows(address, Accept=stripped) == [{"customer_id": 3}]
    assert shop.get(address, Accept="text/csv").body == b"customer_id,bio\n3,"
    assert shop.rows(address) == [{"customer_id": 3, "bio": None}]


def test_embeds_of_one_shape_differ_by_their_filters_and_limits(shop: Client) -> None:
    address = "/customer?select=id,purchase(id)&id=eq.1&purchase.order=id"
    assert shop.rows(address) == [{"id": 1, "purchase": [{"id": 1}, {"id": 2}]}]
    assert shop.rows(f"{address}&purchase.limit=1") == [{"id": 1, "purchase": [{"id": 1}]}]
    assert shop.rows(f"{address}&purchase.id=gt.1") == [{"id": 1, "purchase": [{"id": 2}]}]


def test_rows_of_one_shape_are_not_mixed_up(shop: Client) -> None:
    assert [shop.get(f"/customer/{key}?select=name").json for key in (1, 2, 3)] == [
        {"name": "Ann"},
        {"name": "Bob"},
        {"name": "Cy"},
    ]


def test_a_list_is_read_by_the_same_statement_each_time(shop: Client) -> None:
    first, second = (shop.get("/item?select=qty,product(name)&order=qty&limit=3").statements for _ in range(2))
    assert first == second
    assert len(first) == 1


KEYS = ("a", "b", "it's", "50% of", r"back\slash", "%s", "ä😀", "comma,", "", "long " * 58, "longer " * 40 + "!")
KEYED = (
    "CREATE TABLE owner (id INT PRIMARY KEY, name VARCHAR(20))",
    (
        "CREATE TABLE thing (name VARCHAR(300) COLLATE utf8mb4_bin PRIMARY KEY, owner_id INT, n INT,"
        " CONSTRAINT thing_owner FOREIGN KEY (owner_id) REFERENCES owner (id))"
    ),
    "CREATE TABLE pair (a INT, b VARCHAR(20), n INT, PRIMARY KEY (a, b))",
    "INSERT INTO owner VALUES (1, 'one'), (2, 'two')",
    "INSERT INTO pair VALUES (1, 'x', 1), (1, 'y', 2), (2, 'x', 3), (2, 'it''s', 4)",
)


@pytest.fixture(scope="module")
def keyed(server: Server) -> Iterator[Client]:
    with client_of(server, *KEYED) as client:
        things = [{"name": key, "owner_id": 1 + n % 2, "n": n} for n, key in enumerate(KEYS)]
        assert client.send("POST", "/thing", things).status == 201
        yield client


@pytest.mark.parametrize("select", ["n", "name,n,owner(name)", "n,owner!inner(thing(n))", "n,owner(thing(name))"])
def test_each_key_has_its_own_row(keyed: Client, select: str) -> None:
    for key in (*KEYS, *KEYS[::-1]):
        by_filter = keyed.rows(f"/thing?name=eq.{quote(key, safe='')}&select={select}")
        if key:
            address = f"/thing/{quote(key, safe='')}?select={select}"
            assert [keyed.get(address).json] == by_filter
        assert len(by_filter) == 1


def test_a_row_of_any_key_is_read_by_one_statement(keyed: Client) -> None:
    texts = [keyed.get(f"/thing/{key}?select=n").statements for key in ("a", "b")]
    assert [len(each) for each in texts] == [1, 1]
    assert texts[1][0] == texts[0][0].replace("'a'", "'b'")


def test_the_parts_of_a_key_keep_their_places(keyed: Client) -> None:
    for address, n in (("1,x", 1), ("1,y", 2), ("2,x", 3), ("2,it's", 4), ("1,x", 1)):
        assert keyed.get(f"/pair/{quote(address, safe=',')}").json["n"] == n
    assert keyed.get("/pair/2,y").status == 404
    assert keyed.get("/pair/1,x", Accept="text/csv").body.endswith(b"1,x,1")
    assert keyed.get("/pair/2,x", Accept="text/csv").body.endswith(b"2,x,3")


def test_written_rows_of_one_shape_are_not_mixed_up(keyed: Client) -> None:
    shown = "return=representation, tx=rollback"
    for name, n in (("new", 7), ("it's new", 8), ("long " * 58 + "new", 9), ("new", 10)):
        response = keyed.send("POST", "/thing?select=name,n", {"name": name, "n": n}, shown)
        assert response.json == [{"name": name, "n": n}]
    for key, n in ((("1", "x"), 11), (("2", "it's"), 12), (("1", "x"), 13)):
        response = keyed.send("PATCH", f"/pair?a=eq.{key[0]}&b=eq.{quote(key[1])}", {"n": n}, shown)
        assert response.json == [{"a": int(key[0]), "b": key[1], "n": n}]


def test_a_filter_of_an_embed_does_not_recur(keyed: Client) -> None:
    for n in (0, 2, 4):
        found = keyed.get(f"/owner/1?select=id,thing(n)&thing.n=eq.{n}").json
        assert found == {"id": 1, "thing": [{"n": n}]}


def test_keys_of_other_columns_are_not_mixed_up(server: Server) -> None:
    table = "CREATE TABLE coded (id INT PRIMARY KEY, code INT NOT NULL UNIQUE, n INT)"
    with client_of(server, table, "INSERT INTO coded VALUES (1, 2, 10), (2, 1, 20)") as client:
        for by, expected in (("id", {"id": 1, "code": 2, "n": 5}), ("code", {"id": 2, "code": 1, "n": 5})) * 2:
            row = {key: expected[key] for key in ("id", "code", "n")}
            prefer = "return=representation, resolution=merge-duplicates, tx=rollback"
            response = client.send("POST", f"/coded?on_conflict={by}", row, prefer)
            assert response.json == [expected], response.statements
