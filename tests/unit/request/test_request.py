"""Whole requests: path, method, profile and body; the only exception ever raised is `ApiError`."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import ApiError
from api.request.query import (
    ApiRequest,
    Comparison,
    Field,
    Logic,
    MediaType,
    Preferences,
    Query,
    Relation,
    RoutineCall,
    Row,
)
from api.request.query_string import parse_query
from api.request.request import parse_request, parse_target
from tests.quoting import quoted


def request(
    method: str,
    path: str,
    query: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> ApiRequest:
    return parse_request(method, path, query, headers or {}, body, max_body_bytes=1000, max_write_rows=10)


def refused(
    method: str, path: str, query: bytes | str = b"", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> ApiError:
    with pytest.raises(ApiError) as caught:
        request(method, path, query, headers, body)
    return caught.value


@pytest.mark.parametrize(
    "path, target",
    [
        ("/film", Relation("film")),
        ("/my%20film", Relation("my film")),
        ("/a+b", Relation("a+b")),
        ("/a%2Fb", Relation("a/b")),
        ("/rpc", Relation("rpc")),
        ("/rpc/add", RoutineCall("add")),
        ("/film/1", Row("film", ("1",))),
        ("/film/a,b", Row("film", ("a", "b"))),
        ("/film/a%2Cb,c", Row("film", ("a,b", "c"))),
        ('/film/"a,b",c', Row("film", ("a,b", "c"))),
        ("/film/%22a,b%22,c", Row("film", ("a,b", "c"))),
        ("/film/%22a%5C%22b%22", Row("film", ('a"b',))),
        ("/film/%22%22", Row("film", ("",))),
        ("/film/a%22b", Row("film", ('a"b',))),
        ("/film/,", Row("film", ("", ""))),
        ("/film/a+b%20c.d", Row("film", ("a+b c.d",))),
        ("/film/%E4%BD%A0", Row("film", ("你",))),
        ("/film/a%2Fb", Row("film", ("a/b",))),
        ("/film/", Relation("film")),
        ("/film/a/", Row("film", ("a",))),
        ("/rpc/add/", RoutineCall("add")),
    ],
)
def test_a_path_names_a_relation_a_row_or_a_routine(path: str, target: object) -> None:
    assert parse_target(path) == target


@pytest.mark.parametrize("path", ["", "/", "//", "/film//", "/a/b/c", "/rpc/a/b", "//film"])
def test_any_other_path_is_not_found(path: str) -> None:
    assert (refused("GET", path).status, refused("GET", path).code) == (404, "PGRST125")


@pytest.mark.parametrize("path", ["/%FF", "/film/%ff", "/film/%ED%A0%80", "/rpc/%C3", "/\ud800"])
def test_a_path_that_is_not_utf_8_is_refused(path: str) -> None:
    assert refused("GET", path).code == "PGRST100"


@pytest.mark.parametrize("query", [b"\xff", b"a=eq.%FF", b"%C3=eq.1", b"a=eq.%ED%A0%80", "a=eq.\ud800"])
def test_a_query_string_that_is_not_utf_8_is_refused(query: bytes | str) -> None:
    assert refused("GET", "/film", query).code == "PGRST100"


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("POST", "/film/1", "OPTIONS,GET,HEAD,PUT,PATCH,DELETE"),
        ("TRACE", "/film", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"),
        ("get", "/film", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"),
    ],
)
def test_a_method_that_a_path_does_not_support_is_refused(method: str, path: str, allowed: str) -> None:
    error = refused(method, path)
    assert (error.status, error.code, error.headers) == (405, "PGRST117", {"Allow": allowed})


def test_a_method_that_no_routine_supports_is_refused() -> None:
    error = refused("PATCH", "/rpc/add")
    assert (error.status, error.code, error.headers) == (405, "PGRST101", {"Allow": "OPTIONS,GET,HEAD,POST"})


def test_every_part_of_a_read_is_parsed() -> None:
    headers = {
        "accept": "text/csv",
        "prefer": "count=exact",
        "accept-profile": "public",
        "content-profile": "other",
        "range": "2-3",
    }
    assert request("GET", "/film", b"id=gt.1&offset=1", headers) == ApiRequest(
        method="GET",
        target=Relation("film"),
        query=Query(filters=(((), Comparison(Field("id"), "gt", "1")),), offsets=(((), 1),)),
        media=MediaType("text/csv"),
        preferences=Preferences(count="exact", applied=("count=exact",)),
        profile="public",
        limit=2,
        offset=2,
        path="/film",
    )


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_a_write_uses_content_profile_only(method: str) -> None:
    headers = {"accept-profile": "a", "content-profile": "b"}
    assert request(method, "/film", b"id=eq.1", headers, b"{}").profile == "b"
    assert request(method, "/film", b"id=eq.1", {"accept-profile": "a"}, b"{}").profile is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_body_that_the_method_does_not_use_is_ignored(method: str) -> None:
    headers = {"content-type": "application/json"}
    assert request(method, "/film", b"id=eq.1", headers, b"{}").payload is None
    assert request(method, "/film", b"id=eq.1", headers, b"x" * 5000).payload is None


def test_a_body_larger_than_allowed_is_refused() -> None:
    error = refused("POST", "/film", b"", None, b" " * 1001)
    assert (error.status, error.code) == (413, "54000")


def test_patch_of_a_row_takes_one_object() -> None:
    assert request("PATCH", "/film", b"id=eq.1", None, b'[{"a":1}]').payload is not None
    assert refused("PATCH", "/film/1", b"", None, b'[{"a":1},{"a":2}]').code == "PGRST102"


def test_a_get_of_a_routine_keeps_its_arguments_and_a_post_filters_its_result() -> None:
    assert request("GET", "/rpc/add", b"a=1&b=eq.2").query.arguments == (("a", "1"), ("b", "eq.2"))
    posted = request("POST", "/rpc/add", b"b=eq.2", None, b'{"a":1}')
    assert posted.query.filters == (((), Comparison(Field("b"), "eq", "2")),)
    assert posted.payload is not None
    assert posted.payload.rows == ({"a": 1},)
    assert refused("POST", "/rpc/add", b"b=2").code == "PGRST100"


@pytest.mark.parametrize(
    "method, path, query, headers, body",
    [
        ("POST", "/film", b"columns=%22b%22%2C%22a%22", {"prefer": "return=representation", "content-type": "application/json", "accept-profile": "public", "content-profile": "public"}, b'{"a":1,"b":2}'),
        ("DELETE", "/film", b"id=eq.1", {"content-type": "application/json", "prefer": "return=representation"}, b"{}"),
        ("GET", "/film", b"select=%2A&title=in.%28%22a%2Cb%22%2Cc%22d%2C3%29", {"accept": "*/*", "content-type": "application/json"}, b""),
        ("GET", "/film", b"select=*%2Cr%28*%29&r.or=%28a.eq.1%2Cb.is.null%29&offset=0&limit=10", {"accept": "application/json"}, b""),
        ("GET", "/film", b"title=like%28all%29.%7Ba%25%2Cb%25%7D&tags=cs.%7Ba%2Cb%7D&meta=cd.%7B%22a%22%3A1%7D&text=wfts%28english%29.fat+cat", {}, b""),
        ("PATCH", "/film", b"id=eq.1", {"prefer": "handling=strict,max-affected=1,tx=rollback"}, b'{"a":1}'),
        ("HEAD", "/film", b"select=*", {"prefer": "count=exact"}, b""),
        ("POST", "/film", b"on_conflict=id&select=*", {"prefer": "resolution=merge-duplicates,return=representation,missing=default"}, b'[{"id":1}]'),
    ],
)  # fmt: skip
def test_what_the_clients_send_parses(
    method: str, path: str, query: bytes, headers: Mapping[str, str], body: bytes
) -> None:
    assert request(method, path, query, headers, body).method == method


texts = st.text(st.characters(exclude_categories=["Cs"]))


def comparisons(query: str) -> list[Comparison]:
    found: list[Comparison] = []
    for _, condition in parse_query(query).filters:
        operands = condition.operands if isinstance(condition, Logic) else (condition,)
        found += [operand for operand in operands if isinstance(operand, Comparison)]
    return found


@given(texts)
def test_a_plain_filter_keeps_any_value(value: str) -> None:
    for encoded in (quote_plus(value, safe=""), quote(value, safe="")):
        assert comparisons(f"a=eq.{encoded}") == [Comparison(Field("a"), "eq", value)]


@given(st.lists(texts, min_size=1))
def test_a_quoted_list_keeps_any_values(values: list[str]) -> None:
    listed = quote_plus("in.(" + ",".join(map(quoted, values)) + ")")
    assert comparisons(f"a={listed}") == [Comparison(Field("a"), "in", tuple(values))]


@given(st.lists(texts))
def test_quoted_braces_keep_any_values(values: list[str]) -> None:
    braces = quote_plus("eq(any).{" + ",".join(map(quoted, values)) + "}")
    assert comparisons(f"a={braces}") == [Comparison(Field("a"), "eq", tuple(values), quantifier="any")]


@given(st.lists(texts, min_size=1, max_size=4))
def test_a_logic_tree_keeps_any_values(values: list[str]) -> None:
    tree = ",".join(f"{quoted(value) or 'x'}.eq.{quoted(value)}" for value in values if value)
    expected = [Comparison(Field(value), "eq", value) for value in values if value]
    if expected:
        assert comparisons("or=" + quote_plus(f"({tree})")) == expected


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\\')), min_size=1))
def test_values_quoted_only_where_needed_are_kept(values: list[str]) -> None:
    listed = ",".join(
        f'"{value}"' if any(mark in value for mark in ",()") or not value.strip() else value for value in values
    )
    assert comparisons("a=" + quote_plus(f"in.({listed})")) == [Comparison(Field("a"), "in", tuple(values))]


@given(texts.filter(bool), texts)
def test_a_path_keeps_any_key(name: str, value: str) -> None:
    assert parse_target(f"/t{quote(name, safe='')}") == Relation("t" + name)
    assert parse_target("/t/" + quote(quoted(value), safe="") + ",x") == Row("t", (value, "x"))


words = st.lists(
    st.sampled_from([
        "a", "eq", "in", "is", "not", "and", "or", "cs", "like", "any", "fts", "null", "select", "order", "limit", "count",
        ".", ",", "(", ")", "{", "}", "[", "]", '"', "\\", "->", "->>", ":", "::", "!", "...", "*", "-", "=", "&", " ", "1", "%22", "+", "%",
    ]), max_size=40,
).map("".join)  # fmt: skip


KNOWN_CODES = {
    "PGRST100", "PGRST101", "PGRST102", "PGRST103", "PGRST107", "PGRST114", "PGRST117", "PGRST122", "PGRST125", "PGRST127", "22003",
    "22023", "54000",
}  # fmt: skip


def outcome_of(method: str, path: str, query: bytes, headers: Mapping[str, str], body: bytes) -> ApiRequest | ApiError:
    try:
        return request(method, path, query, headers, body)
    except ApiError as error:
        return error


@given(
    st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE"]),
    st.one_of(st.binary(max_size=200), words.map(str.encode), words.map(lambda text: b"or=(" + text.encode() + b")"),
              words.map(lambda text: b"select=" + text.encode()), words.map(lambda text: b"order=" + text.encode()),
              words.map(lambda text: b"a=" + text.encode())),
    st.one_of(st.text(max_size=50), words).map(lambda text: "/" + text),
    st.dictionaries(st.sampled_from(["accept", "prefer", "range", "content-type", "accept-profile"]), st.text(max_size=60)),
    st.one_of(st.binary(max_size=100), words.map(str.encode)),
)  # fmt: skip
def test_any_bytes_parse_or_raise_an_api_error(
    method: str, query: bytes, path: str, headers: dict[str, str], body: bytes
) -> None:
    for address in (path, "/film", "/rpc/add"):
        outcome = outcome_of(method, address, query, headers, body)
        if isinstance(outcome, ApiError):
            assert 400 <= outcome.status < 500
            assert outcome.code in KNOWN_CODES
        else:
            assert outcome == request(method, address, query, headers, body)


@given(st.sampled_from(["application/json", "text/csv", "application/x-www-form-urlencoded"]), st.binary(max_size=200))
def test_any_body_parses_or_raises_an_api_error(media: str, body: bytes) -> None:
    for address in ("/film", "/rpc/add"):
        outcome = outcome_of("POST", address, b"", {"content-type": media}, body)
        assert isinstance(outcome, ApiRequest) or outcome.code in ("PGRST102", "22003", "54000")


def test_a_compressed_body_is_refused_with_its_encoding_named() -> None:
    with pytest.raises(ApiError) as refused:
        parse_request("POST", "/film", b"", {"content-encoding": "gzip"}, b"{}", max_body_bytes=9, max_write_rows=9)
    assert (refused.value.status, refused.value.code) == (400, "PGRST102")
    assert "gzip" in refused.value.message
