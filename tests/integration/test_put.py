"""PUT of one row, on real servers."""

from __future__ import annotations

import pytest

from tests.integration.client import Client

SHOWN = "return=representation"


def test_a_new_row_is_created_and_an_old_one_replaced(store: Client) -> None:
    created = store.send("PUT", "/seat?hall=eq.a&number=eq.1", {"hall": "a", "number": 1, "guest": "x"}, SHOWN)
    assert (created.status, created.json) == (201, [{"hall": "a", "number": 1, "guest": "x"}])
    replaced = store.send("PUT", "/seat?hall=eq.a&number=eq.1", {"hall": "a", "number": 1, "guest": "y"}, SHOWN)
    assert (replaced.status, replaced.json) == (200, [{"hall": "a", "number": 1, "guest": "y"}])
    silent = store.send("PUT", "/seat?number=eq.1&hall=eq.a", [{"hall": "a", "number": 1, "guest": "z"}])
    assert (silent.status, silent.body) == (204, b"")
    assert store.rows("/seat") == [{"hall": "a", "number": 1, "guest": "z"}]


def test_with_a_row_address_the_body_may_leave_out_the_key(store: Client) -> None:
    created = store.send("PUT", "/seat/a,1", {"guest": "x"}, SHOWN)
    assert (created.status, created.json) == (201, {"hall": "a", "number": 1, "guest": "x"})
    replaced = store.send("PUT", "/seat/a,1", {"hall": "a", "number": 1, "guest": "y"}, SHOWN)
    assert (replaced.status, replaced.json) == (200, {"hall": "a", "number": 1, "guest": "y"})


@pytest.mark.parametrize(
    "query",
    ["", "?hall=eq.a", "?hall=eq.a&number=gt.1", "?hall=eq.a&number=eq.1&guest=eq.x", "?or=(number.eq.1,hall.eq.a)",
     "?hall=eq.a&number=not.eq.1", "?hall=in.(a)&number=eq.1"],
)  # fmt: skip
def test_the_filters_must_be_exactly_the_primary_key(store: Client, query: str) -> None:
    response = store.send("PUT", f"/seat{query}", {"hall": "a", "number": 1})
    assert (response.status, response.json["code"]) == (405, "PGRST105")


@pytest.mark.parametrize("cut", ["limit=1", "offset=1", "limit=1&offset=1"])
def test_a_limit_or_an_offset_is_refused(store: Client, cut: str) -> None:
    for address in ("/seat?hall=eq.a&number=eq.1&", "/seat/a,1?"):
        response = store.send("PUT", f"{address}{cut}", {"hall": "a", "number": 1})
        assert (response.status, response.json["code"]) == (400, "PGRST114")
    assert store.rows("/seat") == []


@pytest.mark.parametrize("body", [{"hall": "a", "number": 2}, {"hall": "b", "number": 1}, {"guest": "x"}])
def test_the_body_must_have_the_key_of_the_address(store: Client, body: object) -> None:
    response = store.send("PUT", "/seat?hall=eq.a&number=eq.1", body)
    assert (response.status, response.json["code"]) == (400, "PGRST115")
    assert store.rows("/seat") == []


def test_only_one_row_is_accepted(store: Client) -> None:
    rows = [{"hall": "a", "number": 1}, {"hall": "a", "number": 1}]
    for body in (rows, []):
        response = store.send("PUT", "/seat?hall=eq.a&number=eq.1", body)
        assert (response.status, response.json["code"]) == (400, "PGRST102")


def test_a_duplicate_in_another_key_is_a_conflict(store: Client) -> None:
    response = store.send("PUT", "/author?id=eq.2", {"id": 2, "name": "Bob", "email": "ann@x.org"})
    assert (response.status, response.json["code"]) == (409, "23505")


def test_put_on_a_table_without_a_key_is_refused(store: Client) -> None:
    response = store.send("PUT", "/reading?sensor=eq.1", {"sensor": 1})
    assert (response.status, response.json["code"]) == (405, "PGRST105")
