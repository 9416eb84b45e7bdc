"""Read plans: names looked up, values converted, embeds resolved, orders made total."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from api.catalog import FullTextIndex, TableKey
from api.errors import ApiError
from api.plan.levels import ColumnItem, EmbedOutput
from api.plan.read import plan_read, total_order, unique_order
from api.plan.tree import Compare, Exists, Group, OneOf, joined
from api.request.query_string import parse_query
from tests.unit.reading import CATALOG, catalog, plan


def order_of(query: str, table: str = "customer") -> list[str]:
    read = plan(query, table)
    return [
        ("-" if key.descending else "") + f"{key.operand.alias}.{key.operand.column.name}"
        for key in total_order(read.level, read.order)
    ]


@pytest.mark.parametrize(
    "table, query, order",
    [
        ("customer", "", ["t.id"]),
        ("customer", "order=name", ["t.name", "t.id"]),
        ("customer", "order=name.desc", ["-t.name", "-t.id"]),
        ("customer", "order=id.desc,name", ["-t.id", "t.name"]),
        ("item", "", ["t.purchase_id", "t.line"]),
        ("item", "order=line.desc", ["-t.line", "-t.purchase_id"]),
        ("item", "order=qty.desc,line", ["-t.qty", "t.line", "t.purchase_id"]),
        ("heap", "", []),
        ("heap", "order=n.desc", ["-t.n"]),
        ("names", "order=full_name", ["t.full_name", "t.id"]),
        ("purchase", "select=customer(name)&order=customer(name).desc", ["-e1.name", "-t.id"]),
        ("purchase", "select=status,count()", ["t.status"]),
        ("purchase", "select=status,customer_id,count()&order=customer_id.desc", ["-t.customer_id", "-t.status"]),
        ("purchase", "select=item(line),count()", ["t.id"]),
        ("purchase", "select=count()", []),
    ],
)
def test_an_order_is_extended_to_a_total_order(table: str, query: str, order: list[str]) -> None:
    assert order_of(query, table) == order


@pytest.mark.parametrize(
    "table, query, width",
    [
        ("customer", "order=id", 1),
        ("customer", "order=id,name", 1),
        ("customer", "order=boss_id,id", 2),
        ("customer", "order=name", None),
        ("customer", "order=data->a,id", None),
        ("item", "order=line,purchase_id,qty", 2),
        ("item", "order=line", None),
        ("purchase", "select=customer(name)&order=customer(name),id", None),
        ("purchase", "select=id,count()&order=id", None),
        ("heap", "order=n", None),
    ],
)
def test_a_position_in_an_order_needs_only_the_shortest_unique_prefix(
    table: str, query: str, width: int | None
) -> None:
    found = unique_order(plan(query, table))
    assert (None if found is None else len(found)) == width


def test_nulls_come_last_when_ascending_and_first_when_descending() -> None:
    nulls = {
        "boss_id": False,
        "boss_id.desc": True,
        "boss_id.nullsfirst": True,
        "boss_id.desc.nullslast": False,
        "id": None,
        "data->a": False,
    }
    for term, first in nulls.items():
        assert plan(f"order={term}").order[0].nulls_first is first, term


def test_values_are_typed_by_their_columns() -> None:
    read = plan("total=eq.5.50&id=in.(1,2)&status=gt.new&placed=lt.2024-01-02T03:04:05Z", "purchase")
    compared = [each.values if isinstance(each, OneOf) else getattr(each, "value", None) for each in read.where]
    assert compared == [Decimal("5.50"), (1, 2), "new", "2024-01-02 03:04:05"]


def test_any_of_values_becomes_a_list_and_any_of_patterns_a_tree() -> None:
    (one,) = plan("name=eq(any).{a,b}").where
    assert isinstance(one, OneOf)
    assert (one.values, one.negated) == (("a", "b"), False)
    (other,) = plan("name=not.like(all).{a*,b*}").where
    assert isinstance(other, Group)
    assert (other.connective, other.negated) == ("and", True)
    assert [each.value for each in other.operands if isinstance(each, Compare)] == ["a%", "b%"]


def test_parameters_apply_to_the_embed_they_name() -> None:
    read = plan("select=id,p:purchase(id,item(line))&p.total=gt.1&p.item.limit=2&p.order=total&p.item.offset=1&limit=9")
    (purchases,) = read.embeds
    (items,) = purchases.plan.embeds
    assert (read.limit, purchases.plan.limit, items.plan.limit, items.plan.offset) == (9, None, 2, 1)
    assert len(purchases.plan.where) == 1
    assert [key.operand.column.name for key in purchases.plan.order] == ["total", "id"]
    assert [key.operand.column.name for key in items.plan.order] == ["purchase_id", "line"]


def test_to_one_embeds_are_joined_and_others_are_read_by_key() -> None:
    read = plan("select=boss_id(name),purchase(id)")
    assert [joined(each) for each in read.embeds] == [True, False]
    with_rows = plan("select=customer(purchase(id))", "purchase")
    assert not with_rows.embeds[0].embed.inline
    ordered = plan("select=customer(purchase(id))&order=customer(name)", "purchase")
    assert joined(ordered.embeds[0])


def test_an_inner_embed_that_is_not_joined_becomes_an_exists_condition() -> None:
    (exists,) = plan("select=purchase!inner(id)").where
    assert isinstance(exists, Exists)
    assert plan("select=boss_id!inner(id)").where == ()


def test_an_empty_embed_is_not_shown() -> None:
    assert plan("select=id,purchase(item())").level.items == plan("select=id").level.items
    shown = plan("select=id,purchase(id,item())").level.items[1]
    assert isinstance(shown, EmbedOutput)
    assert [item.name for item in shown.embed.level.items] == ["id"]


def test_a_spread_embed_puts_its_columns_into_its_parent() -> None:
    items = plan("select=id,...customer(name,up:boss_id)", "purchase").level.items
    assert [item.name for item in items] == ["id", "name", "up"]
    assert isinstance(items[1], ColumnItem)
    assert (items[1].operand.alias, items[1].operand.outer) == ("e1", True)


def test_a_shape_is_resolved_once_per_catalog() -> None:
    assert plan("select=id,purchase(id)&id=eq.1").level is plan("select=id,purchase(id)&limit=2").level
    assert len(CATALOG.cache) > 0


@pytest.mark.parametrize(
    "table, query, choices",
    [
        ("customer", "select=customer(id)", "one-to-many"),
        ("customer", "select=boss_id(id)", "many-to-one"),
        ("customer", "select=customer_boss(id)", "many-to-one"),
        ("customer", "select=purchase_customer(id)", "one-to-many"),
        ("purchase", "select=customer(id)", "many-to-one"),
        ("purchase", "select=customer_id(id)", "many-to-one"),
        ("purchase", "select=names(id)", "many-to-one"),
        ("names", "select=purchase(id)", "one-to-many"),
        ("product", "select=label(id)", "many-to-many"),
        ("product", "select=label!product_label(id)", "many-to-many"),
        ("label", "select=product(sku)", "many-to-many"),
    ],
)
def test_a_relation_is_found_by_table_constraint_or_column(table: str, query: str, choices: str) -> None:
    assert plan(query, table).embeds[0].embed.relationship.cardinality.value == choices


@pytest.mark.parametrize(
    "query, code",
    [
        ("select=purchase(id),purchase(total)", "PGRST100"),
        ("select=" + ",".join(f"a{n}:purchase(id)" for n in range(51)), "PGRST100"),
        ("purchase.id=eq.1", "PGRST108"),
        ("select=purchase(id)&purchase.item.qty=eq.1", "PGRST108"),
        ("select=purchase(id)&order=purchase(id)", "PGRST118"),
        ("select=purchase(id)&purchase=eq.1", "PGRST120"),
        ("select=label(id)", "PGRST200"),
        ("select=purchase!nope(id)", "PGRST200"),
        ("select=nope", "42703"),
        ("nope=eq.1", "42703"),
        ("order=nope", "42703"),
        ("id=eq.x", "22P02"),
        ("id=like.x", "42883"),
        ("id=is.true", "42883"),
        ("id=cs.{1}", "42883"),
        ("id->a=eq.1", "42883"),
        ("name=fts.x", "42883"),
        ("select=name.sum()", "42883"),
        ("select=id::money", "42704"),
        ("select=name,count()&order=id", "42803"),
        ("select=...purchase(count())", "PGRST127"),
    ],
)
def test_requests_that_cannot_be_planned_are_refused(query: str, code: str) -> None:
    with pytest.raises(ApiError) as refused:
        plan(query)
    assert refused.value.code == code


ANOTHER = catalog()
"""A catalog keeps the shapes of its tables by name, so a table that differs needs a separate one."""
NOTED = replace(
    ANOTHER.table(TableKey("shop", "product")),
    fulltext_indexes=(FullTextIndex("words", ("note", "sku")), FullTextIndex("others", ("note", "sku", "tags"))),
)


@pytest.mark.parametrize(
    "query, message, details, hint",
    [
        (
            "purchase.id=eq.1",
            "'purchase' is not an embedded resource in this request",
            "'purchase (a filter)' refers to it.",
            "Verify that 'purchase' is included in the 'select' query parameter.",
        ),
        (
            "sku=within.(1,2,3,4)",
            "operator 'within' does not exist for 'sku' (varchar(20))",
            "It requires a column of type geometry.",
            None,
        ),
        (
            "order=words",
            "an order by 'words' requires a search of it",
            "The relevance of a row is how well it matches a full-text search.",
            "Add a filter such as words=wfts.word",
        ),
        (
            "note=fts.x",
            "several FULLTEXT indexes of 'product' contain 'note'",
            "They are: others, words.",
            "Name one of them: words=fts.word",
        ),
        ("tags=cs.x", 'invalid input syntax for type json: "x"', 'Write ["a"], {"k":1} or {a,b}.', None),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_do(query: str, message: str, details: str, hint: str | None) -> None:
    with pytest.raises(ApiError) as refused:
        plan_read(ANOTHER, NOTED, parse_query(query), None, 0)
    assert (refused.value.message, refused.value.details, refused.value.hint) == (message, details, hint)
