"""Lists with filters are planned from the kept plan of the same list without them: the result is the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from api.catalog import Catalog, Dialect, Table
from api.catalog.policies import ClaimPlace, ClaimType, Expression, Piece, Policy, RowColumn
from api.database.literal import statement_text
from api.errors import ApiError
from api.plan import read as planning
from api.plan.read import plan_read
from api.plan.tree import ReadPlan
from api.reading.paging import page_of
from api.reading.selections import fitting_selection, selection_of
from api.request.caller import NOBODY, Caller
from api.sql.read import ALL, Counting
from api.sql.server import Server
from api.statement import EMPTY
from tests.unit.reading import CATALOG, plan, request

LISTS = {
    "customer": [
        "",
        "order=name.desc",
        "limit=3&offset=2",
        "select=id,purchase(id,item(line,product(sku)))&order=id",
        "select=name,boss:customer!boss_id(name),purchase!inner(total)&purchase.limit=2&limit=5",
        "select=id,purchase()&purchase=not.is.null",
        "select=count(),name",
    ],
    "purchase": [
        "select=id,customer(name)&order=customer(name).desc,id&limit=7",
        "select=id,...customer(name),item(*)&item.order=qty.desc",
        "select=status,total.sum()",
    ],
    "product": ["", "select=sku,label(word)&order=active", "order=note"],
    "heap": ["limit=2"],
    "50% `odd`": ["", "order=100%25.desc&limit=1"],
    "names": ["select=full_name&limit=2"],
}
FILTERS = {
    "customer": [
        "id=eq.1", "name=like.*%25s*", "name=eq.a%20mark", "boss_id=is.null", "id=in.(1,2,3)", "data->>a=eq.%25s",
        "or=(id.gt.3,name.eq.it's)", "not.and=(id.lt.3,name.neq.x)", "purchase=is.null", "name=eq.nobody", "id=eq.x",
        "purchase.total=gt.3", f"name=eq.{'x' * 9000}", f"id=in.({','.join(map(str, range(9000)))})",
    ],
    "purchase": ["status=eq.paid", "total=gt.1.50", "placed=gte.2024-01-02", "customer=not.is.null", "id=eq.999999999999"],
    "product": ["note=fts.word", "colours=cs.{red}", "tags=cs.[1]", "active=is.true", "sku=match.^a"],
    "heap": ["n=eq.1", "n=gt.0"],
    "50% `odd`": ["100%25=eq.%25s", "se`lect=eq.2"],
    "names": ["full_name=ilike.a*", "id=neq.2"],
}  # fmt: skip
requests = st.sampled_from([*LISTS]).flatmap(
    lambda name: st.tuples(
        st.just(name), st.sampled_from(LISTS[name]), st.lists(st.sampled_from(FILTERS[name]), max_size=3)
    )
)


def _page_or_code(make: Callable[[], ReadPlan]) -> ReadPlan | str:
    try:
        return page_of(make(), 1000)
    except ApiError as error:
        return error.code


def _protected() -> Catalog:
    """The catalog with policies: `customer`'s own rows, and those of `purchase` by a subquery."""

    def own(name: str, pieces: tuple[Piece, ...], *, has_subquery: bool = False) -> Table:
        policy = Policy("own", True, None, (), Expression("", pieces, has_subquery), None)
        return replace(CATALOG.schemas["shop"].tables[name], policies=(policy,))

    sub = ClaimPlace("claim", "sub", ClaimType.NUMBER)
    customer = own("customer", (RowColumn("boss_id"), " = ", sub))
    purchase = own("purchase", (RowColumn("customer_id"), " IN (SELECT 7 % ", sub, ")"), has_subquery=True)
    tables = {**CATALOG.schemas["shop"].tables, "customer": customer, "purchase": purchase}
    return replace(CATALOG, schemas={"shop": replace(CATALOG.schemas["shop"], tables=tables)})


PROTECTED = _protected()


def _planned(held: Catalog, caller: Caller, query: str, name: str) -> ReadPlan:
    parsed = request(query, name)
    table = held.schemas["shop"].tables[name]
    return plan_read(held, table, parsed.query, parsed.limit, parsed.offset, caller=caller)


def _anew(held: Catalog, caller: Caller, query: str, name: str) -> ReadPlan:
    """The plan without what is kept."""
    with mock.patch.object(planning, "_only_rows_depend", return_value=False):
        return _planned(held, caller, query, name)


callers = st.sampled_from(
    [(CATALOG, NOBODY), (PROTECTED, NOBODY), (PROTECTED, Caller(None, {"sub": 7})), (PROTECTED, Caller(None, {"sub": 8})),
     (PROTECTED, Caller(None, {"sub": 7}, bypasses_row_security=True))]
)  # fmt: skip


@given(
    requests,
    callers,
    st.sampled_from([*Dialect]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, ALL, Counting(9)]),
)
def test_a_list_has_the_plan_and_statement_that_it_has_alone(
    asked: tuple[str, str, list[str]],
    seen: tuple[Catalog, Caller],
    dialect: Dialect,
    cells: bool,
    order_values: bool,
    total: Counting | None,
) -> None:
    name, of_list, filters = asked
    query = "&".join(each for each in (of_list, *filters) if each)
    alone = _page_or_code(lambda: _anew(*seen, query, name))
    kept = _page_or_code(lambda: _planned(*seen, query, name))
    if not isinstance(kept, str) and not isinstance(alone, str):
        assert _without_policies(kept) == _without_policies(alone)
        assert _policies(kept) == _policies(alone)
    else:
        assert kept == alone
    if isinstance(kept, str) or isinstance(alone, str):
        return
    server = Server(dialect, 5000)
    selection, long = selection_of(kept, server, cells, order_values, not cells, total)
    expected = fitting_selection(alone, server, cells=cells, order_values=order_values, nest=not cells, total=total)
    assert long == expected[1]
    assert statement_text(selection.statement) == statement_text(expected[0].statement)
    assert selection.of(EMPTY) == expected[0].of(EMPTY)


def _without_policies(plan: ReadPlan) -> ReadPlan:
    """Policies are compared by identity."""
    embeds = tuple(replace(each, plan=_without_policies(each.plan)) for each in plan.embeds)
    return replace(plan, visible=(), where=() if embeds else plan.where, embeds=embeds)


def _policies(plan: ReadPlan) -> list[object]:
    own: list[object] = [(each.alias, each.rule, each.caller) for each in plan.visible]
    return own + [_policies(each.plan) for each in plan.embeds]


def test_the_rows_of_one_caller_are_never_those_of_another() -> None:
    one, other = (
        page_of(_planned(PROTECTED, Caller(None, {"sub": sub}), "id=gt.1", "customer"), 1000) for sub in (7, 8)
    )
    assert one.kept is other.kept is not one
    assert one.kept.visible == ()
    texts = [
        statement_text(selection_of(each, Server(Dialect.MYSQL, 5000), False, False, True, None)[0].statement)
        for each in (one, other)
    ]
    assert [("`boss_id` = 7" in text, "`boss_id` = 8" in text) for text in texts] == [(True, False), (False, True)]


def test_lists_that_differ_in_their_filters_share_a_plan() -> None:
    one, other = (
        page_of(plan(f"select=id,purchase(id)&{filters}&limit=4"), 1000)
        for filters in ("id=gt.1", "name=like.a*&or=(id.eq.3,boss_id.is.null)")
    )
    assert one.where != other.where
    assert one.kept is other.kept is not one
    assert one.kept.where == ()


def test_a_plan_that_was_changed_otherwise_is_not_the_kept_one() -> None:
    page = page_of(plan("id=gt.1&limit=4"), 1000)
    for changed in (
        replace(page, limit=3),
        replace(page, offset=1),
        replace(page, order=()),
        replace(page, having=page.where),
        replace(page, embeds=plan("select=purchase(id)").embeds),
    ):
        assert changed.kept is changed
    assert replace(page, where=()).kept is page.kept


def test_a_short_query_string_is_parsed_once() -> None:
    query = "select=id,name&id=eq.12345&order=name"
    assert request(query).query is request(query).query
    long = f"{query}&name=eq.{'x' * 500}"
    assert request(long).query is not request(long).query
    assert request(long).query == request(long).query
