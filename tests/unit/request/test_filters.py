"""Filters and logic trees: what each means, and which errors a wrong one gets."""

from __future__ import annotations

import pytest

from api.errors import ApiError
from api.request.operators import FULL_TEXT, OPERATORS, QUANTIFIABLE, RANGE_OPERATORS
from api.request.query import Comparison, Condition, Field, JsonStep, Logic
from api.request.query_string import parse_filter, parse_query


def condition(query: str) -> Condition:
    ((path, found),) = parse_query(query).filters
    assert path == ()
    return found


def compare(name: str, operator: str, value: str | tuple[str, ...], **more: object) -> Comparison:
    return Comparison(Field(name), operator, value, **more)  # type: ignore[arg-type]


def refusal(query: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        parse_query(query)
    return caught.value


@pytest.mark.parametrize("operator", [name for name in OPERATORS if name not in ("in", "is")])
def test_at_the_top_level_every_operator_takes_the_whole_value(operator: str) -> None:
    assert condition(f"a={operator}.x,(y).z") == compare("a", operator, "x,(y).z")
    assert condition(f"a=not.{operator}.") == compare("a", operator, "", negated=True)


def test_the_operators_are_the_documented_ones() -> None:
    named = "eq neq gt gte lt lte like ilike match imatch in is isdistinct fts plfts phfts wfts cs cd ov within intersects dwithin"
    assert set(named.split()) == OPERATORS.keys()


@pytest.mark.parametrize(
    "query, expected",
    [
        ("a=eq.", compare("a", "eq", "")),
        ("a=eq.1.5", compare("a", "eq", "1.5")),
        ('a=eq."quoted"', compare("a", "eq", '"quoted"')),
        ("a=eq.eq.eq", compare("a", "eq", "eq.eq")),
        ("a=eq.a+b%2Bc", compare("a", "eq", "a b+c")),
        ("a=eq.%E4%BD%A0%F0%9F%98%80", compare("a", "eq", "你😀")),
        ("a=eq.你", compare("a", "eq", "你")),
        ("a=eq.x%00y", compare("a", "eq", "x\0y")),
        ("a=eq.x%0Ay", compare("a", "eq", "x\ny")),
        ("a=eq.a%26b%3Dc", compare("a", "eq", "a&b=c")),
        ("a=eq.a=b", compare("a", "eq", "a=b")),
        ("a=eq.100%", compare("a", "eq", "100%")),
        ("a=not.is.null", compare("a", "is", "null", negated=True)),
        ("a=is.NULL", compare("a", "is", "null")),
        ("a=is.not_null", compare("a", "is", "not_null")),
        ("a=is.unknown", compare("a", "is", "unknown")),
        ("a=in.(1,2,3)", compare("a", "in", ("1", "2", "3"))),
        ("a=in.()", compare("a", "in", ())),
        ("a=in.( )", compare("a", "in", ())),
        ('a=in.("")', compare("a", "in", ("",))),
        ("a=in.(,)", compare("a", "in", ("", ""))),
        ('a=in.("a,b","c)d","e\\"f","g\\\\h")', compare("a", "in", ("a,b", "c)d", 'e"f', "g\\h"))),
        ('a=in.("a,b",c"d,3)', compare("a", "in", ("a,b", 'c"d', "3"))),
        ('a=in.("a"b,c)', compare("a", "in", ('"a"b', "c"))),
        ('a=in.("a)', compare("a", "in", ('"a',))),
        ("a=in.(a b, c)", compare("a", "in", ("a b", " c"))),
        ("a=not.in.(x)", compare("a", "in", ("x",), negated=True)),
        ("a=eq(any).{1,2}", compare("a", "eq", ("1", "2"), quantifier="any")),
        ("a=not.like(all).{a*,*b}", compare("a", "like", ("a*", "*b"), quantifier="all", negated=True)),
        ('a=like(all).{"a,b%",c%}', compare("a", "like", ("a,b%", "c%"), quantifier="all")),
        ('a=eq(any).{"a\\"b","{}","",  d }', compare("a", "eq", ('a"b', "{}", "", "d"), quantifier="any")),
        ('a=eq(any).{"null"}', compare("a", "eq", ("null",), quantifier="any")),
        ("a=eq(any).{}", compare("a", "eq", (), quantifier="any")),
        ("a=wfts(english).fat+cat", compare("a", "wfts", "fat cat", language="english")),
        ("a=fts.cat%26dog", compare("a", "fts", "cat&dog")),
        ("a=phfts(pt_br).x", compare("a", "phfts", "x", language="pt_br")),
        ("a=cs.{a,b}", compare("a", "cs", "{a,b}")),
        ('a=cd.{"a":1}', compare("a", "cd", '{"a":1}')),
        ('a=ov.["a"]', compare("a", "ov", '["a"]')),
        ("my%20col=eq.1", compare("my col", "eq", "1")),
        ("my+col=eq.1", compare("my col", "eq", "1")),
        ("my-col=eq.1", compare("my-col", "eq", "1")),
        ('"a.b"=eq.1', compare("a.b", "eq", "1")),
        ("%22limit%22=eq.1", compare("limit", "eq", "1")),
        ('"a\\"b"=eq.1', compare('a"b', "eq", "1")),
        ("größe=eq.1", compare("größe", "eq", "1")),
        ("and_more=eq.1", compare("and_more", "eq", "1")),
        ("not=eq.1", compare("not", "eq", "1")),
    ],
)
def test_a_parameter_is_parsed_as_postgrest_parses_it(query: str, expected: Comparison) -> None:
    assert condition(query) == expected


@pytest.mark.parametrize(
    "name, field",
    [
        ("data->a->>b", Field("data", (JsonStep("a", False), JsonStep("b", True)))),
        ("data->0", Field("data", (JsonStep(0, False),))),
        ("data->-1->x", Field("data", (JsonStep(-1, False), JsonStep("x", False)))),
        ("data->>78xy", Field("data", (JsonStep("78xy", True),))),
        ("data->!@#$%25^%26*_a", Field("data", (JsonStep("!@#$%^&*_a", False),))),
        ('data->"a.b c"', Field("data", (JsonStep("a.b c", False),))),
        ("data->'a b'", Field("data", (JsonStep("'a b'", False),))),
        ("data->a-b", Field("data", (JsonStep("a-b", False),))),
        ('"my data"->>k', Field("my data", (JsonStep("k", True),))),
    ],
)
def test_a_filter_may_have_a_json_path(name: str, field: Field) -> None:
    assert condition(f"{name}=eq.1") == Comparison(field, "eq", "1")


@pytest.mark.parametrize(
    "query, path, expected",
    [
        ("items.qty=gt.2", ("items",), compare("qty", "gt", "2")),
        ("a.b.c=eq.1", ("a", "b"), compare("c", "eq", "1")),
        ('"a.b".c=eq.1', ("a.b",), compare("c", "eq", "1")),
        ("a.d->x=eq.1", ("a",), Comparison(Field("d", (JsonStep("x", False),)), "eq", "1")),
        ("a.b.or=(x.eq.1)", ("a", "b"), Logic("or", (compare("x", "eq", "1"),))),
        ("a.not.and=(x.eq.1)", ("a",), Logic("and", (compare("x", "eq", "1"),), negated=True)),
        ("not.or=(x.eq.1)", (), Logic("or", (compare("x", "eq", "1"),), negated=True)),
    ],
)
def test_a_filter_applies_to_the_embed_in_its_name(query: str, path: tuple[str, ...], expected: Condition) -> None:
    assert parse_query(query).filters == ((path, expected),)


A1, B2, C3 = compare("a", "eq", "1"), compare("b", "gt", "2"), compare("c", "is", "null", negated=True)


@pytest.mark.parametrize(
    "text, operands",
    [
        ("(a.eq.1,and(b.gt.2,c.not.is.null))", (A1, Logic("and", (B2, C3)))),
        ("(not.or(a.eq.1,b.gt.2),c.not.is.null)", (Logic("or", (A1, B2), negated=True), C3)),
        ("( a.eq.1, and ( b.gt.2, c.not.is.null ) )", (A1, Logic("and", (B2, C3)))),
        ("(a.in.(1,2),a.eq.1)", (compare("a", "in", ("1", "2")), A1)),
        ('(a.in.("x)",y),a.eq.1)', (compare("a", "in", ("x)", "y")), A1)),
        ("(a.in.(),a.eq.1)", (compare("a", "in", ()), A1)),
        ("(a.in.( 1, 2 ) , a.eq.1)", (compare("a", "in", (" 1", " 2 ")), A1)),
        ('(a.eq."x,(y)",a.eq.1)', (compare("a", "eq", "x,(y)"), A1)),
        ('(a.eq."q\\"\\\\",a.eq.1)', (compare("a", "eq", 'q"\\'), A1)),
        ('(a.eq.x"y,a.eq.1)', (compare("a", "eq", 'x"y'), A1)),
        ('(a.eq."x"y,a.eq.1)', (compare("a", "eq", '"x"y'), A1)),
        ("(a.eq.,a.eq.1)", (compare("a", "eq", ""), A1)),
        ("(a.eq.1.5,a.eq.1)", (compare("a", "eq", "1.5"), A1)),
        ("(a.cs.{1,2,3},a.eq.1)", (compare("a", "cs", "{1,2,3}"), A1)),
        ('(a.cs.["x",{"y":[1,2]}],a.eq.1)', (compare("a", "cs", '["x",{"y":[1,2]}]'), A1)),
        ('(a.cd.{"x":{"y)":1},"z":2},a.eq.1)', (compare("a", "cd", '{"x":{"y)":1},"z":2}'), A1)),
        ('(a.cd."{\\"x\\":1}",a.eq.1)', (compare("a", "cd", '{"x":1}'), A1)),
        ("(a.isdistinct.{1,2},a.eq.1)", (compare("a", "isdistinct", "{1,2}"), A1)),
        ("(a.eq.[x,a.eq.1)", (compare("a", "eq", "[x"), A1)),
        ("(a.eq(any).{1,2},a.eq.1)", (compare("a", "eq", ("1", "2"), quantifier="any"), A1)),
        ('(a.like(all).{"x,}",y},a.eq.1)', (compare("a", "like", ("x,}", "y"), quantifier="all"), A1)),
        (
            "(a.not.plfts(german).Art Spass, a.eq.1)",
            (compare("a", "plfts", "Art Spass", language="german", negated=True), A1),
        ),
        ("(a.is.null , a.eq.1)", (compare("a", "is", "null"), A1)),
        ('("a.b".eq.1,a.eq.1)', (compare("a.b", "eq", "1"), A1)),
        ("(and.eq.1,or.eq.2)", (compare("and", "eq", "1"), compare("or", "eq", "2"))),
        ("(and_x.eq.1)", (compare("and_x", "eq", "1"),)),
        ("(d->>k.eq.1)", (Comparison(Field("d", (JsonStep("k", True),)), "eq", "1"),)),
        ("(你.eq.好)", (compare("你", "eq", "好"),)),
    ],
)
def test_a_logic_tree_is_parsed_as_postgrest_parses_it(text: str, operands: tuple[Condition, ...]) -> None:
    assert condition(f"or={text}") == Logic("or", operands)


@pytest.mark.parametrize(
    "query, column, details",
    [
        ("a=noop.0", 1, 'unexpected "n" expecting "not" or operator (eq, gt, ...)'),
        ("a=val", 1, 'unexpected "v" expecting "not" or operator (eq, gt, ...)'),
        ("a=", 1, 'unexpected end of input expecting "not" or operator (eq, gt, ...)'),
        ("a", 1, 'unexpected end of input expecting "not" or operator (eq, gt, ...)'),
        ("a=not.foo.1", 5, 'unexpected "f" expecting operator (eq, gt, ...)'),
        ("a=eq", 3, "unexpected end of input expecting delimiter (.)"),
        ("a=EQ.1", 1, 'unexpected "E" expecting "not" or operator (eq, gt, ...)'),
        ("a=eq().1", 4, 'unexpected ")" expecting any or all, as in eq(any).{1,2}'),
        ("a=eq(some).{1}", 4, 'unexpected "s" expecting any or all, as in eq(any).{1,2}'),
        ("a=neq(any).{1}", 4, 'unexpected "(" expecting delimiter (.)'),
        ("a=is(any).null", 3, 'unexpected "(" expecting delimiter (.)'),
        ("a=fts().x", 5, 'unexpected ")" expecting a language, as in fts(english).cat'),
        ("a=is.nil", 4, 'unexpected "n" expecting isVal: (null, not_null, true, false, unknown)'),
        ("a=is.nullx", 8, 'unexpected "x" expecting end of input'),
        ("a=in.1,2", 4, 'unexpected "1" expecting "("'),
        ("a=in.(1,2", 8, 'unexpected end of input expecting "," or ")"'),
        ("a=in.(1,2)x", 9, 'unexpected "x" expecting end of input'),
        ("a=eq(any).1", 9, 'unexpected "1" expecting values in braces: {a,b}'),
        ("a=eq(any).{1,,2}", 12, 'unexpected "," expecting a value'),
        ("a=eq(any).{null}", 10, 'unexpected "n" expecting a value'),
        ("or=()", 4, 'unexpected ")" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)'),
        ("or=a.eq.1", 3, 'unexpected "a" expecting "("'),
        ("or=(id.in.1,2)", 10, 'unexpected "1" expecting "("'),
        ("or=(a.eq.1)x", 11, 'unexpected "x" expecting end of input'),
        ("or=(a.eq.1", 10, 'unexpected end of input expecting "," or ")"'),
        ("or=(a.eqq.1)", 6, 'unexpected "e" expecting "not" or operator (eq, gt, ...)'),
        ("or=(a)", 5, 'unexpected ")" expecting delimiter (.)'),
        ("or=(not.a.eq.1)", 8, 'unexpected "a" expecting "not" or operator (eq, gt, ...)'),
    ],
)  # fmt: skip
def test_a_syntax_error_says_where_and_what_was_expected(query: str, column: int, details: str) -> None:
    refused = refusal(query)
    assert (refused.code, refused.status, refused.details) == ("PGRST100", 400, details)
    assert refused.message.endswith(f"(line 1, column {column})")


def test_the_message_quotes_what_was_sent() -> None:
    assert refusal("id=eqq.1").message == '"failed to parse filter (eqq.1)" (line 1, column 1)'
    assert refusal("or=(id.eqq.1)").message.startswith('"failed to parse logic tree ((id.eqq.1))"')


def test_the_error_for_an_unknown_operator_lists_the_known_ones_and_the_nearest() -> None:
    hint = refusal("id=eqq.1").hint
    assert hint is not None
    assert hint.startswith("Perhaps you meant id=eq.1. Operators: cd, cs, dwithin, eq, fts, gt, gte")


def test_a_misspelt_parameter_gets_a_suggestion() -> None:
    assert str(refusal("limits=3").hint).startswith("Perhaps you meant the parameter 'limit', or limits=eq.3.")
    assert str(refusal("selct=*").hint).startswith("Perhaps you meant the parameter 'select', or selct=eq.*.")


@pytest.mark.parametrize("operator", RANGE_OPERATORS)
def test_range_operators_are_refused_as_not_implemented(operator: str) -> None:
    for query in (f"a={operator}.[1,2]", f"a=not.{operator}.x", f"or=(a.{operator}.x)"):
        assert refusal(query).code == "PGRST127"


@pytest.mark.parametrize("operator", sorted(OPERATORS.keys() - {*QUANTIFIABLE, *FULL_TEXT}))
def test_other_operators_do_not_take_a_quantifier(operator: str) -> None:
    assert refusal(f"a={operator}(any).{{1}}").code == "PGRST100"


@pytest.mark.parametrize(
    "query", ["my@col=eq.1", "a..b=eq.1", ".a=eq.1", "a.=eq.1", "=eq.1", "d->=eq.1", "d->a.b=eq.1", "d->>a->b=eq.1",
              "d->-x=eq.1", "d->99999999999=eq.1", "data->a.or=(x.eq.1)", "a@b.limit=1", "a@b.or=(x.eq.1)", '"a=eq.1'],
)  # fmt: skip
def test_a_name_with_a_syntax_error_is_refused(query: str) -> None:
    assert refusal(query).code == "PGRST100"


def test_logic_trees_may_nest_a_hundred_levels_and_no_deeper() -> None:
    assert isinstance(condition("or=" + "(and" * 99 + "(a.eq.1)" + ")" * 99), Logic)
    refused = refusal("or=" + "(and" * 100_000 + "(a.eq.1)" + ")" * 100_000)
    assert "at most 100 levels of and/or" in str(refused.details)
    assert len(refused.message) < 300


def test_a_single_decoded_parameter_can_be_parsed() -> None:
    assert parse_filter("items.qty", "gt.2") == (("items",), compare("qty", "gt", "2"))
    assert parse_filter("or", "(a.eq.1)") == ((), Logic("or", (A1,)))
    for name in ("limit", "select", "x.order"):
        with pytest.raises(ApiError, match="PGRST100"):
            parse_filter(name, "eq.1")
