"""select, order, limit, offset, columns: how each is parsed."""

from __future__ import annotations

import pytest

from api.errors import ApiError
from api.request.order import parse_order
from api.request.query import EmbedItem, Field, FieldItem, JsonStep, OrderTerm, SelectItem, Star
from api.request.query_string import MOST_ROWS, parse_query
from api.request.scan import AGGREGATES
from api.request.select import parse_select


def column(name: str, **more: str) -> FieldItem:
    return FieldItem(Field(name), **more)


@pytest.mark.parametrize(
    "text, items",
    [
        ("", ()),
        ("*", (Star(),)),
        ("id,name", (column("id"), column("name"))),
        (" id , * ", (column("id"), Star())),
        ("alias:name", (column("name", alias="alias"),)),
        ('"my alias":"my, col"', (column("my, col", alias="my alias"),)),
        ("name::text", (column("name", cast="text"),)),
        ("name::Double Precision", (column("name", cast="double precision"),)),
        ("a:d->x->>1::int", (FieldItem(Field("d", (JsonStep("x", False), JsonStep(1, True))), "a", "int"),)),
        ("d->0,e", (FieldItem(Field("d", (JsonStep(0, False),))), column("e"))),
        ("count()", (FieldItem(None, aggregate="count"),)),
        ("n:count()::text", (FieldItem(None, "n", None, "count", "text"),)),
        ("count", (column("count"),)),
        ("count::text", (column("count", cast="text"),)),
        ("price.sum()", (column("price", aggregate="sum"),)),
        ("t:price::int.avg()::text", (column("price", alias="t", cast="int", aggregate="avg", aggregate_cast="text"),)),
        ("d->n.max()", (FieldItem(Field("d", (JsonStep("n", False),)), aggregate="max"),)),
        ("client(id)", (EmbedItem("client", (column("id"),)),)),
        ("client()", (EmbedItem("client", ()),)),
        ("client( )", (EmbedItem("client", ()),)),
        ("c:client!fk!inner(*)", (EmbedItem("client", (Star(),), "c", "fk", inner=True),)),
        ("client!inner!fk(*)", (EmbedItem("client", (Star(),), None, "fk", inner=True),)),
        ("client!left(*)", (EmbedItem("client", (Star(),)),)),
        ("client!left_fk(*)", (EmbedItem("client", (Star(),), None, "left_fk"),)),
        ('client!"inner"(*)', (EmbedItem("client", (Star(),), None, "inner"),)),
        ("...client(name)", (EmbedItem("client", (column("name"),), spread=True),)),
        ("...client!fk!inner(n:name)", (EmbedItem("client", (column("name", alias="n"),), None, "fk", True, True),)),
        ("*,a(*,b(d->0)),c", (Star(), EmbedItem("a", (Star(), EmbedItem("b", (FieldItem(Field("d", (JsonStep(0, False),))),)))), column("c"))),
        ("größe,你", (column("größe"), column("你"))),
    ],
)  # fmt: skip
def test_a_select_list_is_parsed_as_postgrest_parses_it(text: str, items: tuple[SelectItem, ...]) -> None:
    assert parse_select(text) == items


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_every_aggregate_is_known(aggregate: str) -> None:
    assert parse_select(f"a.{aggregate}()") == (column("a", aggregate=aggregate),)


@pytest.mark.parametrize(
    "text",
    ["id,", ",id", "id,,name", "name!hint", "*!hint", "name::", "a.b", "a.median()", "client(id", "client(id))", "id)",
     "alias:...rel(*)", "rel->x(*)", "rel!a!b(*)", "rel!inner!left(*)", "rel!(*)", ":", "a:", "d->>a->b", "d->>-78xy",
     "d->>--34", "d->", "a b*", "**", "count(id)x", "x.count", "price.sum", "price.sum(1)"],
)  # fmt: skip
def test_a_select_list_with_a_syntax_error_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_select(text)
    assert caught.value.code == "PGRST100"
    assert f"select parameter ({text})" in caught.value.message
    assert str(caught.value.details).startswith("unexpected ")


def test_the_error_for_an_unknown_aggregate_suggests_the_nearest() -> None:
    with pytest.raises(ApiError) as caught:
        parse_select("price.summ()")
    assert caught.value.hint == "Perhaps you meant 'sum'."


def test_embeds_may_nest_a_hundred_levels_and_no_deeper() -> None:
    assert parse_select("a(" * 100 + ")" * 100)
    with pytest.raises(ApiError) as caught:
        parse_select("a(" * 50_000 + "b" + ")" * 50_000)
    assert "at most 100 levels of embedding" in str(caught.value.details)


def test_an_empty_select_at_the_root_means_every_column() -> None:
    assert parse_query("select=").select == (Star(),)
    assert parse_query("").select == (Star(),)


@pytest.mark.parametrize(
    "text, terms",
    [
        ("id", (OrderTerm(Field("id")),)),
        ("id.asc", (OrderTerm(Field("id")),)),
        ("name.desc.nullsfirst", (OrderTerm(Field("name"), None, True, "first"),)),
        ("name.nullslast", (OrderTerm(Field("name"), None, False, "last"),)),
        ("d->k.desc, id", (OrderTerm(Field("d", (JsonStep("k", False),)), None, True), OrderTerm(Field("id")))),
        ("client(name).desc", (OrderTerm(Field("name"), "client", True),)),
        ("client(d->>k)", (OrderTerm(Field("d", (JsonStep("k", True),)), "client"),)),
        ('"a.desc".asc', (OrderTerm(Field("a.desc")),)),
        ("desc", (OrderTerm(Field("desc")),)),
        ("a , b.desc ", (OrderTerm(Field("a")), OrderTerm(Field("b"), None, True))),
    ],
)
def test_an_order_is_parsed_as_postgrest_parses_it(text: str, terms: tuple[OrderTerm, ...]) -> None:
    assert parse_order(text) == terms


@pytest.mark.parametrize(
    "text, details, column_number",
    [
        ("id.ac", 'unexpected "a" expecting "asc", "desc", "nullsfirst" or "nullslast"', 4),
        ("id.descc", 'unexpected "d" expecting "asc", "desc", "nullsfirst" or "nullslast"', 4),
        ("id.asc.nlsfst", 'unexpected "n" expecting "nullsfirst" or "nullslast"', 8),
        ("id.nullslasttt", 'unexpected "n" expecting "asc", "desc", "nullsfirst" or "nullslast"', 4),
        ("id.asc.nullslast.x", 'unexpected "." expecting "," or end of input', 17),
        ("clients(name,id)", 'unexpected "," expecting ")"', 13),
        ("", "unexpected end of input expecting field name (* or [a..z0..9_$])", 1),
        ("id,", "unexpected end of input expecting field name (* or [a..z0..9_$])", 4),
        ("id;drop", 'unexpected ";" expecting delimiter (.), "," or end of input', 3),
    ],
)
def test_an_order_with_a_syntax_error_is_refused(text: str, details: str, column_number: int) -> None:
    with pytest.raises(ApiError) as caught:
        parse_order(text)
    assert (caught.value.code, caught.value.details) == ("PGRST100", details)
    assert caught.value.message == f'"failed to parse order ({text})" (line 1, column {column_number})'


def test_embeds_have_their_own_order_limit_and_offset() -> None:
    query = parse_query("items.order=qty.desc&items.limit=2&items.product.offset=1&limit=3&offset=4&order=id")
    assert query.orders == ((("items",), (OrderTerm(Field("qty"), None, True),)), ((), (OrderTerm(Field("id")),)))
    assert query.limits == ((("items",), 2), ((), 3))
    assert query.offsets == ((("items", "product"), 1), ((), 4))


def test_repeated_orders_are_joined_and_the_last_limit_is_used() -> None:
    query = parse_query("order=a&limit=9&order=b.desc&limit=3")
    assert query.orders == (((), (OrderTerm(Field("a")), OrderTerm(Field("b"), None, True))),)
    assert query.limits == (((), 3),)


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 5000])
def test_a_limit_larger_than_any_table_is_valid(digits: str) -> None:
    assert parse_query(f"limit={digits}").limits == (((), MOST_ROWS),)


def test_leading_zeros_in_a_limit_are_ignored() -> None:
    assert parse_query("limit=" + "0" * 60 + "7").limits == (((), 7),)


@pytest.mark.parametrize("query", ["offset=-1", "items.offset=-5", "offset= -0"])
def test_a_negative_offset_skips_nothing(query: str) -> None:
    assert [count for _, count in parse_query(query).offsets] == [0]


@pytest.mark.parametrize("query", ["limit=-1", "items.limit=-5"])
def test_a_negative_limit_is_not_satisfiable(query: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_query(query)
    assert (caught.value.status, caught.value.code) == (416, "PGRST103")


@pytest.mark.parametrize("query", ["limit=", "limit=ten", "limit=1.5", "offset=1e3", "limit=١", "limit=--1"])
def test_a_limit_that_is_not_a_number_is_refused(query: str) -> None:
    with pytest.raises(ApiError, match="PGRST100"):
        parse_query(query)


def test_columns_and_on_conflict_are_lists_of_names() -> None:
    query = parse_query('columns="b","a,c", d,b&on_conflict=x,y')
    assert query.columns == ("b", "a,c", "d")
    assert query.on_conflict == ("x", "y")
    assert parse_query("columns=%22b%22%2C%22a%22").columns == ("b", "a")


@pytest.mark.parametrize("query", ["columns=", "columns=a,", "columns=a.b", "on_conflict=", "on_conflict=a;b"])
def test_columns_with_a_syntax_error_are_refused(query: str) -> None:
    with pytest.raises(ApiError, match="PGRST100"):
        parse_query(query)


def test_a_parameter_allowed_once_is_refused_when_repeated() -> None:
    assert parse_query("select=id&select=id").select == (column("id"),)
    with pytest.raises(ApiError, match="select parameter"):
        parse_query("select=id&select=name")


def test_a_routines_arguments_are_kept_as_sent() -> None:
    query = parse_query("a=1&b=eq.2&a=x+y&limit=3&select=z&or=(z.eq.1)&odd@name=%2B&empty=", arguments=True)
    assert query.arguments == (("a", "1"), ("b", "eq.2"), ("a", "x y"), ("odd@name", "+"), ("empty", ""))
    assert query.limits == (((), 3),)
    assert len(query.filters) == 1


def test_empty_parameters_are_ignored() -> None:
    assert parse_query("&&id=eq.1&") == parse_query("id=eq.1")
