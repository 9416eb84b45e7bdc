"""Stored functions and procedures by name, on real servers."""

from __future__ import annotations

import pytest

from tests.integration.client import Client


def authors(store: Client) -> list[str]:
    return store.values("/author?select=name&order=id")


def test_a_function_returns_its_bare_value(store: Client) -> None:
    response = store.send("POST", "/rpc/add_up", {"a": 2, "b": "3"})
    assert (response.status, response.body) == (200, b"5")
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert store.get("/rpc/add_up?b=-3&a=2").body == b"-1"


@pytest.mark.parametrize(
    "call, body",
    [
        ("half?x=1.25", b"0.625"),
        ("half?x=2", b"1.000"),
        ("is_even?x=2", b"true"),
        ("is_even?x=3", b"false"),
        ("single?x=0.1", b"0.1"),
        ("single?x=16777217", b"16777216"),
    ],
)
def test_a_value_is_typed_by_the_catalog(store: Client, call: str, body: bytes) -> None:
    response = store.get(f"/rpc/{call}")
    assert (response.status, float(response.body) if body[:1].isdigit() else response.body) == (
        200, float(body) if body[:1].isdigit() else body,
    )  # fmt: skip


def test_null_and_json(store: Client) -> None:
    assert store.send("POST", "/rpc/add_up", {"a": None, "b": 1}).body == b"null"
    found = store.send("POST", "/rpc/as_json", {"x": 'a"b'}).json
    assert found in ({"x": 'a"b'}, '{"x": "a\\"b"}')


def test_a_form_and_a_single_object_are_accepted(store: Client) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert store.request("POST", "/rpc/add_up", form, b"a=1&b=2").body == b"3"
    assert store.send("POST", "/rpc/add_up", {"a": 1, "b": 2}, Accept="application/vnd.pgrst.object+json").body == b"3"
    assert store.send("POST", "/rpc/add_up", {"a": 1, "b": 2}, Accept="text/csv").body == b"add_up\n3"


@pytest.mark.parametrize("arguments", [{}, {"a": 1}, {"a": 1, "b": 2, "c": 3}, {"A": 1, "b": 2}])
def test_another_set_of_arguments_is_not_found(store: Client, arguments: dict[str, object]) -> None:
    response = store.send("POST", "/rpc/add_up", arguments)
    assert (response.status, response.json["code"]) == (404, "PGRST202")
    assert "add_up(a, b)" in response.json["hint"]


def test_the_error_for_an_unknown_routine_suggests_the_nearest(store: Client) -> None:
    for response in (store.send("POST", "/rpc/add_upp", {"a": 1}), store.get("/rpc/add_upp?a=1")):
        assert (response.status, response.json["code"]) == (404, "PGRST202")
        assert "add_up" in response.json["hint"]


def test_arguments_are_typed(store: Client) -> None:
    for response in (store.send("POST", "/rpc/add_up", {"a": "x", "b": 2}), store.get("/rpc/add_up?a=1.5&b=2")):
        assert (response.status, response.json["code"]) == (400, "22P02")


def test_a_procedure_returns_its_result_as_rows(store: Client) -> None:
    response = store.send("POST", "/rpc/authors_above", {"least": 2})
    assert (response.status, response.headers["Content-Range"]) == (200, "0-1/*")
    assert [row["name"] for row in response.json] == ["Ann", "Bob"]
    row = response.json[0]
    assert (row["id"], row["rank_number"], row["weighted"], row["email"]) == (1, 5, 7.5, "ann@x.org")
    assert row["made"].endswith("+00:00")
    assert store.rows("/rpc/authors_above?least=99") == []


def test_the_booleans_of_a_result_are_those_of_a_table(store: Client) -> None:
    rows: list[dict[str, object]] = [
        {"done": True, "wide": 1, "flag": True, "mask": 1},
        {"done": False, "wide": 0, "flag": False, "mask": 0},
        {"done": None, "wide": None, "flag": None, "mask": None},
    ]
    assert store.rows("/flagged?select=done,wide,flag,mask&order=id") == rows
    found = store.rows("/rpc/flags")
    assert [list(map(repr, row.values())) for row in found] == [list(map(repr, row.values())) for row in rows]
    for condition in ("done=is.true", "done=eq.true", "flag=is.true", "flag=eq.true"):
        assert store.values(f"/rpc/flags?select=mask&{condition}") == [1]


def test_the_values_of_a_result_get_their_types_from_the_protocol(store: Client) -> None:
    response = store.send("POST", "/rpc/typed")
    assert response.body.decode() == (
        '[{"i":1,"d":2.50,"f":1.5,"t":"x","day":"2024-01-02","nothing":null,'
        '"moment":"2024-01-02T03:04:05.000","bytes":"AP8="}]'
    )


@pytest.mark.parametrize(
    "query, names",
    [
        ("order=name.desc", ["Cy", "Bob", "Ann"]),
        ("order=rank_number", ["Cy", "Bob", "Ann"]),
        ("order=email.asc.nullsfirst,id.desc", ["Cy", "Bob", "Ann"]),
        ("order=email", ["Ann", "Bob", "Cy"]),
        ("limit=1&offset=1", ["Bob"]),
        ("rank_number=gte.3", ["Ann", "Bob"]),
        (f"rank_number=gt.-1{'0' * 80}", ["Ann", "Bob", "Cy"]),
        ("rank_number=in.(99999999999999999999,5)", ["Ann"]),
        ("weighted=lt.4.51", ["Bob", "Cy"]),
        ("name=in.(Ann,Cy)", ["Ann", "Cy"]),
        ("name=not.eq.Ann", ["Bob", "Cy"]),
        ("name=like.*n*", ["Ann"]),
        ("name=ilike.a*", ["Ann"]),
        ("name=match.^[BC]", ["Bob", "Cy"]),
        ("email=is.null", ["Bob", "Cy"]),
        ("email=neq.x", ["Ann"]),
        ("email=isdistinct.x", ["Ann", "Bob", "Cy"]),
        ("or=(name.eq.Ann,rank_number.eq.1)", ["Ann", "Cy"]),
        ("not.and=(name.eq.Ann,rank_number.eq.5)", ["Bob", "Cy"]),
        ("name=like(any).{A*,B*}", ["Ann", "Bob"]),
        ("made=gt.2001-01-01", ["Ann", "Bob", "Cy"]),
    ],
)
def test_the_reading_grammar_applies_to_a_result(store: Client, query: str, names: list[str]) -> None:
    assert store.values(f"/rpc/authors_above?least=-1&select=name&{query}") == names
    shown = store.send("POST", f"/rpc/authors_above?select=name&{query}", {"least": -1})
    assert [row["name"] for row in shown.json] == names


def test_select_renames_and_a_single_object_is_one_row(store: Client) -> None:
    assert store.rows("/rpc/authors_above?least=4&select=who:name,id") == [{"who": "Ann", "id": 1}]
    accept = "application/vnd.pgrst.object+json"
    assert store.get("/rpc/authors_above?least=4&select=id", Accept=accept).json == {"id": 1}
    assert store.error("/rpc/authors_above?least=0", Accept=accept) == (406, "PGRST116")
    assert store.get("/rpc/authors_above?least=2&select=name,id", Accept="text/csv").body == b"name,id\nAnn,1\nBob,2"


@pytest.mark.parametrize(
    "query, error",
    [
        ("select=nam", (400, "42703")),
        ("order=nam", (400, "42703")),
        ("nam=eq.1", (400, "42703")),
        ("id=eq.x", (400, "22P02")),
        ("id=fts.x", (400, "PGRST127")),
        ("select=id::text", (400, "PGRST127")),
        ("select=book(id)", (400, "PGRST127")),
        ("nam=1", (404, "PGRST202")),
    ],
)
def test_a_column_that_the_result_lacks_is_an_error(store: Client, query: str, error: tuple[int, str]) -> None:
    assert store.error(f"/rpc/authors_above?least=0&{query}") == error


def test_the_rows_of_a_result_can_be_counted(store: Client) -> None:
    response = store.get("/rpc/authors_above?least=-1&limit=2", Prefer="count=exact")
    assert (response.status, response.headers["Content-Range"]) == (206, "0-1/3")


def test_a_procedure_without_a_result_returns_no_content(store: Client) -> None:
    response = store.send("POST", "/rpc/add_author", {"who": "Di", "place": 4})
    assert (response.status, response.body) == (204, b"")
    assert authors(store) == ["Ann", "Bob", "Cy", "Di"]


@pytest.mark.parametrize("query", ["name=eq.Di", "or=(name.eq.Di,rank_number.eq.4)"])
def test_a_filter_on_a_missing_result_names_the_column_and_undoes_the_call(store: Client, query: str) -> None:
    refused = store.send("POST", f"/rpc/add_author?{query}", {"who": "Di", "place": 4})
    assert (refused.status, refused.json["code"]) == (400, "42703")
    assert refused.json["message"] == "column result.name does not exist"
    assert refused.json["details"] == "The procedure has no result set."
    assert store.rows("/author?name=eq.Di") == []


def test_a_function_may_write_by_post(store: Client) -> None:
    number = store.send("POST", "/rpc/next_author", {"who": "Di"}).json
    assert store.values(f"/author?select=name&id=eq.{number}") == ["Di"]


def test_get_calls_only_routines_that_read(store: Client) -> None:
    for call in ("add_author?who=x&place=1", "next_author?who=x"):
        response = store.get(f"/rpc/{call}")
        assert (response.status, response.json["code"], response.headers["Allow"]) == (405, "25006", "OPTIONS,POST")
    assert len(authors(store)) == 3


def test_a_routine_that_only_claims_to_read_cannot_write_by_get(store: Client) -> None:
    response = store.get("/rpc/liar?who=x")
    assert (response.status, response.json["code"]) == (405, "25006")
    assert len(authors(store)) == 3
    assert response.statements[0] == "START TRANSACTION READ ONLY"


def test_a_signal_is_a_client_error_and_rolls_everything_back(store: Client) -> None:
    response = store.send("POST", "/rpc/refuses", {"reason": "not today"})
    assert (response.status, response.json["code"], response.json["message"]) == (400, "P0001", "not today")
    assert len(authors(store)) == 3


def test_a_function_does_not_accept_filters(store: Client) -> None:
    assert store.error("/rpc/add_up?a=1&b=2&c=eq.1") == (400, "PGRST127")
    assert store.error("/rpc/add_up?a=1&b=2&order=c") == (400, "PGRST127")


def test_a_call_can_be_rolled_back(store: Client) -> None:
    assert store.send("POST", "/rpc/add_author", {"who": "Di", "place": 4}, "tx=rollback").status == 204
    assert len(authors(store)) == 3


def test_head_has_no_body(store: Client) -> None:
    response = store.request("HEAD", "/rpc/add_up?a=1&b=2")
    assert (response.status, response.body) == (200, b"")
