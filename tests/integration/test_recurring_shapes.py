"""A list's plan is cached with the catalog: equal requests share it, and different ones are not mixed up."""

from __future__ import annotations

from tests.integration.client import Client


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
