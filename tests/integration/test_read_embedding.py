"""Embedding: every form of relationship, join, hint and spread, and filters, orders and limits of embedded rows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.client import Client

PURCHASES = {1: [1, 2], 2: [3], 3: [], 4: [4]}

SHAPES: tuple[tuple[str, Any], ...] = (
    # many to one, through columns that may be NULL
    (
        "/purchase?select=id,billing:address!billing_id(city),shipping:address!purchase_shipping(city)",
        [
            {"id": 1, "billing": {"city": "Basel"}, "shipping": {"city": "Ghent"}},
            {"id": 2, "billing": {"city": "Basel"}, "shipping": None},
            {"id": 3, "billing": None, "shipping": {"city": "Århus"}},
            {"id": 4, "billing": {"city": "Århus"}, "shipping": {"city": "Århus"}},
        ],
    ),
    (
        "/purchase?select=id,billing_id(city),purchase_shipping(city)&id=eq.1",
        [{"id": 1, "billing_id": {"city": "Basel"}, "purchase_shipping": {"city": "Ghent"}}],
    ),
    # one to one, both ways
    (
        "/customer?select=id,profile(bio)&id=in.(1,2,3)",
        [
            {"id": 1, "profile": {"bio": 'likes "quotes" and \\'}},
            {"id": 2, "profile": None},
            {"id": 3, "profile": {"bio": None}},
        ],
    ),
    ("/profile?select=customer(name)", [{"customer": {"name": "Ann"}}, {"customer": {"name": "Cy"}}]),
    # one to many, by name, constraint and column
    ("/customer?select=id,purchase(id)&id=eq.1", [{"id": 1, "purchase": [{"id": 1}, {"id": 2}]}]),
    ("/customer?select=id,purchase_customer(id)&id=eq.3", [{"id": 3, "purchase_customer": []}]),
    ("/customer?select=id,purchase!customer_id(id)&id=eq.2", [{"id": 2, "purchase": [{"id": 3}]}]),
    (
        "/address?select=city,b:purchase!billing_id(id),s:purchase!purchase_shipping(id)&id=eq.3",
        [{"city": "Århus", "b": [{"id": 4}], "s": [{"id": 3}, {"id": 4}]}],
    ),
    # many to many, by name and junction; keys of several columns; text keys equal by collation
    (
        "/product?select=sku,label(word)&sku=lt.C",
        [
            {"sku": "A-1", "label": [{"word": "organic"}, {"word": "local"}]},
            {"sku": "b-2", "label": [{"word": "local"}]},
        ],
    ),
    ("/label?select=product!product_label(sku)&word=eq.local", [{"product": [{"sku": "A-1"}, {"sku": "b-2"}]}]),
    (
        "/room?select=number,person(*)&building=eq.A",
        [
            {"number": 1, "person": [{"first": "Jo", "last": "Ek"}, {"first": "Mi", "last": "Ek"}]},
            {"number": 2, "person": []},
        ],
    ),
    ("/person?select=room(seats)&first=eq.Jo&last=eq.Ek", [{"room": [{"seats": 10}, {"seats": 30}]}]),
    (
        "/person?select=last,booking(day,room(seats))&first=eq.Jo",
        [
            {
                "last": "Ek",
                "booking": [
                    {"day": "2024-01-01", "room": {"seats": 10}},
                    {"day": "2024-01-03", "room": {"seats": 30}},
                ],
            },
            {"last": "Lu", "booking": []},
        ],
    ),
    # to itself: the table's name means the rows that refer to this one, the column's name the row referred to
    ("/customer?select=customer(id)&id=eq.1", [{"customer": [{"id": 2}, {"id": 3}]}]),
    ("/customer?select=referrer_id(id)&id=eq.4", [{"referrer_id": {"id": 2}}]),
    ("/customer?select=up:referrer_id(id)&id=eq.1", [{"up": None}]),
    ("/customer?select=r:customer!referrer_id(id)&id=eq.2", [{"r": [{"id": 4}]}]),
    ("/customer?select=referrer_id(referrer_id(name),purchase(id))&id=eq.4",
     [{"referrer_id": {"referrer_id": {"name": "Ann"}, "purchase": [{"id": 3}]}}]),
    ("/customer?select=f:customer!friend(id)&id=eq.1", [{"f": [{"id": 2}, {"id": 3}]}]),
    ("/customer?select=f:customer!friend_customer(id)&id=eq.2", [{"f": [{"id": 1}]}]),
    # keys of other types, and one that is unique but not primary
    ("/visit?select=id,customer(code)&id=in.(1,3,4)",
     [{"id": 1, "customer": {"code": "AU"}}, {"id": 3, "customer": {"code": "be"}}, {"id": 4, "customer": None}]),
    ("/customer?select=code,visit(id)&id=in.(1,2)",
     [{"code": "AU", "visit": [{"id": 1}, {"id": 2}]}, {"code": "be", "visit": [{"id": 3}]}]),
    ("/account?select=owner,transfer(id)",
     [{"owner": "x", "transfer": [{"id": 1}]}, {"owner": "y", "transfer": [{"id": 2}, {"id": 3}]}]),
    ("/transfer?select=id,account(owner)&id=gt.1", [{"id": 2, "account": {"owner": "y"}}, {"id": 3, "account": {"owner": "y"}}]),
    ("/device?select=name,measurement(id)",
     [{"name": "odd", "measurement": [{"id": 1}, {"id": 3}]}, {"name": "quoted", "measurement": [{"id": 2}]}]),
    ("/calendar?select=feast,measurement(id,device(name))&day=eq.2024-01-02",
     [{"feast": None, "measurement": [{"id": 3, "device": {"name": "odd"}}]}]),
    ("/keyless?select=word,customer(id)&word=in.(b,c)",
     [{"word": "b", "customer": {"id": 1}}, {"word": "c", "customer": None}]),
    # another database
    ("/branch?select=id,region(name)",
     [{"id": 1, "region": {"name": "North"}}, {"id": 2, "region": {"name": "South"}}, {"id": 3, "region": None}]),
    # views in place of their tables, at either end
    ("/customer_names?select=full_name,purchase(id)&id=eq.1",
     [{"full_name": "Ann", "purchase": [{"id": 1}, {"id": 2}]}]),
    ("/purchase?select=customer_names(full_name)&id=eq.3", [{"customer_names": {"full_name": "Bob"}}]),
    ("/purchase_detail?select=id,item(line),customer(id)&id=eq.1",
     [{"id": 1, "item": [{"line": 1}, {"line": 2}], "customer": {"id": 1}}]),
    ("/customer_totals?select=total,customer(name)&customer_id=eq.1", [{"total": 35.5, "customer": {"name": "Ann"}}]),
    # names that must be quoted
    ('/order?select=select,"50% of.all"(id)&select=eq.1'.replace("&select=", '&"select"='),
     [{"select": 1, "50% of.all": [{"id": 1}, {"id": 2}]}]),
    ('/50% of.all?select=id,order("50%25")&id=in.(2,3)'.replace("/50% ", "/50%25 "),
     [{"id": 2, "order": {"50%": "100%"}}, {"id": 3, "order": None}]),
    ('/50%25 of.all?select=o:"100%25 `sure`"(select)&id=eq.1', [{"o": {"select": 1}}]),
    # four levels
    ("/customer?select=purchase(item(line,product(name,label(word))))&id=eq.1",
     [{"purchase": [
         {"item": [{"line": 1, "product": {"name": "apple", "label": [{"word": "organic"}, {"word": "local"}]}},
                   {"line": 2, "product": {"name": "cheese", "label": []}}]},
         {"item": [{"line": 1, "product": {"name": "bread", "label": [{"word": "local"}]}}]},
     ]}]),
    # an empty embed is not shown
    ("/customer?select=id,purchase()&id=eq.1", [{"id": 1}]),
    ("/customer?select=id,purchase(item())&id=eq.1", [{"id": 1}]),
    # the same relationship twice, under two names
    ("/customer?select=a:purchase(id),b:purchase(total)&id=eq.2&a.id=eq.9", [{"a": [], "b": [{"total": 12.25}]}]),
    # spreads
    ("/purchase?select=id,...customer(name,code)&id=eq.3", [{"id": 3, "name": "Bob", "code": "be"}]),
    ("/purchase?select=...billing_id(town:city),id&id=in.(1,3)", [{"town": "Basel", "id": 1}, {"town": None, "id": 3}]),
    ("/customer?select=id,...purchase(id,status)&id=in.(1,3)".replace("id,...", "key:id,..."),
     [{"key": 1, "id": [1, 2], "status": ["sent", "new"]}, {"key": 3, "id": [], "status": []}]),
    ("/purchase?select=...customer(name,...profile(bio))&id=eq.3", [{"name": "Bob", "bio": None}]),
    ("/purchase?select=...customer(name,purchase(id))&id=eq.2", [{"name": "Ann", "purchase": [{"id": 1}, {"id": 2}]}]),
    ("/purchase?select=id,...item(line,...product(name,...label(word)))&id=in.(1,3)",
     [{"id": 1, "line": [1, 2], "name": ["apple", "cheese"], "word": [["organic", "local"], []]},
      {"id": 3, "line": [1, 2], "name": ["apple", None], "word": [["organic", "local"], None]}]),
    ("/profile?select=bio,...customer(purchase(id))&customer_id=eq.3", [{"bio": None, "purchase": []}]),
    ("/visit?select=id,...customer(visit(id))&id=eq.4", [{"id": 4, "visit": None}]),
)  # fmt: skip


@pytest.mark.parametrize("address, rows", SHAPES, ids=[address for address, _ in SHAPES])
def test_related_rows_are_embedded(shop: Client, address: str, rows: Any) -> None:
    assert shop.rows(address) == rows


def embedded(rows: Any, name: str, key: str = "id") -> dict[Any, list[Any]]:
    return {row["id"]: [each[key] for each in row[name]] for row in rows}


WITHIN: tuple[tuple[str, dict[int, list[int]]], ...] = (
    ("purchase.total=gt.10", {1: [1], 2: [3], 3: [], 4: []}),
    ("purchase.order=id.desc", {1: [2, 1], 2: [3], 3: [], 4: [4]}),
    ("purchase.limit=1", {1: [1], 2: [3], 3: [], 4: [4]}),
    ("purchase.limit=0", {1: [], 2: [], 3: [], 4: []}),
    ("purchase.offset=1", {1: [2], 2: [], 3: [], 4: []}),
    ("purchase.order=total&purchase.limit=1", {1: [2], 2: [3], 3: [], 4: [4]}),
    ("purchase.order=total.desc&purchase.offset=1&purchase.limit=5", {1: [2], 2: [], 3: [], 4: []}),
    ("purchase.or=(total.lt.1,total.gt.20)", {1: [1], 2: [], 3: [], 4: [4]}),
    ("purchase.not.and=(total.gt.1,status.eq.sent)", {1: [2], 2: [3], 3: [], 4: [4]}),
    ("purchase.order=status.nullsfirst", PURCHASES | {1: [2, 1]}),
    ("id=eq.1&purchase.status=is.null", {1: []}),
)


@pytest.mark.parametrize("parameters, found", WITHIN, ids=[parameters for parameters, _ in WITHIN])
def test_parameters_of_an_embed_apply_to_its_rows(shop: Client, parameters: str, found: dict[int, list[int]]) -> None:
    assert embedded(shop.rows(f"/customer?select=id,purchase(id)&{parameters}"), "purchase") == found


def test_parameters_reach_embeds_of_embeds(shop: Client) -> None:
    address = "/customer?select=id,purchase(id,item(line,product(sku)))&id=eq.1"
    filtered = shop.rows(f"{address}&purchase.item.qty=gt.1&purchase.item.product.sku=eq.a-1&purchase.order=id")
    assert filtered == [
        {
            "id": 1,
            "purchase": [
                {"id": 1, "item": [{"line": 1, "product": {"sku": "A-1"}}, {"line": 2, "product": None}]},
                {"id": 2, "item": []},
            ],
        }
    ]
    limited = shop.rows(f"{address}&purchase.item.limit=1&purchase.item.order=line.desc")
    assert [[item["line"] for item in each["item"]] for each in limited[0]["purchase"]] == [[2], [1]]


ROOTS: tuple[tuple[str, list[Any]], ...] = (
    # inner joins keep rows with at least one match
    ("/customer?select=id,purchase!inner(id)", [1, 2, 4]),
    ("/customer?select=id,purchase!inner(id)&purchase.total=gt.10", [1, 2]),
    ("/customer?select=id,purchase!inner()&purchase.total=gt.10", [1, 2]),
    ("/customer?select=id,purchase!left(id)&purchase.total=gt.10", [1, 2, 3, 4]),
    ("/customer?select=id,purchase!inner(item!inner(line))&purchase.item.qty=gt.3", [1, 2]),
    ("/customer?select=id,purchase!inner(item!inner(product!inner(name)))&purchase.item.product.name=eq.cheese", [1]),
    ("/customer?select=id,purchase(item!inner(line))&purchase.item.qty=gt.3", [1, 2, 3, 4]),
    ("/customer?select=id,profile!inner(bio)", [1, 3]),
    ("/customer?select=id,profile!inner(bio)&profile.bio=not.is.null", [1]),
    ("/customer?select=id,...profile!inner(bio)", [1, 3]),
    ("/customer?select=id,...purchase!inner(total)", [1, 2, 4]),
    ("/customer?select=id,referrer_id!inner(name)&referrer_id.name=eq.Ann", [2, 3]),
    ("/purchase?select=id,item!inner(product!inner(label!inner(word)))&item.product.label.word=eq.organic", [1, 3]),
    ("/customer?select=id,purchase!inner(id)&purchase.limit=0", []),
    ("/customer?select=id,purchase!customer_id!inner(id)", [1, 2, 4]),
    ("/customer?select=id,f:customer!friend!inner(id)&f.id=eq.4", [2]),
    # semi and anti joins
    ("/customer?select=id,purchase(id)&purchase=not.is.null", [1, 2, 4]),
    ("/customer?select=id,purchase(id)&purchase=is.not_null", [1, 2, 4]),
    ("/customer?select=id,purchase(id)&purchase=is.null", [3]),
    ("/customer?select=id,purchase()&purchase=is.null&purchase.total=gt.10", [3, 4]),
    ("/customer?select=id,p:purchase()&p=is.null", [3]),
    ("/customer?select=id,profile(*)&profile=is.null", [2, 4]),
    ("/customer?select=id,profile(*)&profile=not.is.null&profile.bio=is.null", [3]),
    ("/customer?select=id,referrer_id()&referrer_id=is.null", [1]),
    ("/customer?select=id,up:referrer_id()&up=is.null", [1]),
    ("/product?select=id:sku,label()&label=is.null", ["C-3", "D-4"]),
    ("/customer?select=id,purchase(),profile()&or=(purchase.is.null,profile.is.null)", [2, 3, 4]),
    ("/customer?select=id,purchase(),profile()&or=(and(purchase.not.is.null,profile.not.is.null),id.eq.4)", [1, 4]),
    ("/purchase?select=id,item(product())&item=not.is.null&item.product=is.null", [3]),
    # the same relation tested several times, at several levels, and where it always has a row
    ("/customer?select=id,purchase()&or=(purchase.is.null,and(purchase.not.is.null,id.gt.1))", [2, 3, 4]),
    ("/customer?select=id,purchase()&purchase=is.null&purchase=not.is.null", []),
    ("/customer?select=id,purchase()&purchase=not.is.null&purchase=not.is.null&id=lt.4", [1, 2]),
    (
        (
            "/customer?select=id,purchase(),profile()&or=(and(purchase.is.null,profile.not.is.null),"
            "and(purchase.not.is.null,profile.is.null),not.and(profile.is.null,score.gt.1))"
        ),
        [1, 2, 3, 4],
    ),
    (
        (
            "/customer?select=id,purchase(),profile()&not.or=(and(purchase.is.null,profile.not.is.null),"
            "and(purchase.not.is.null,profile.is.null,score.gt.1))"
        ),
        [1],
    ),
    (
        (
            "/purchase?select=id,item(product())&or=(item.is.null,and(item.not.is.null,id.gt.1))"
            "&item.or=(product.is.null,and(product.not.is.null,qty.gt.3))"
        ),
        [2, 3, 4],
    ),
    ("/purchase?select=id,customer(referrer_id())&customer.referrer_id=is.null&customer=not.is.null", [1, 2]),
    ("/customer?select=id,profile!inner(bio)&profile=not.is.null", [1, 3]),
    ("/customer?select=id,profile!inner(bio)&profile=is.null", []),
    ("/customer?select=id,purchase!inner()&or=(purchase.is.null,id.eq.4)", [4]),
    # orders by related tables
    ("/purchase?select=id,customer(name)&order=customer(code).desc,id", [4, 3, 1, 2]),
    ("/purchase?select=id,billing:billing_id()&order=billing(city).desc,id", [3, 1, 2, 4]),
    ("/purchase?select=id,billing:billing_id(city)&order=billing(city).nullsfirst,id.desc", [3, 4, 2, 1]),
    ("/purchase?select=id,...customer(name)&order=customer(id).desc,id.desc", [4, 3, 2, 1]),
    ("/customer?select=id,profile(bio)&order=profile(customer_id).desc.nullslast,id", [3, 1, 2, 4]),
    ("/customer?select=id,referrer_id(purchase(id))&order=referrer_id(name).desc,id", [1, 4, 2, 3]),
    ("/purchase?select=id,customer!inner(purchase(id))&order=customer(code).desc,id", [4, 3, 1, 2]),
    ("/purchase?select=id,customer(data)&order=customer(data->>s).nullslast,id", [3, 1, 2, 4]),
    # a filter on a to-one embed keeps the parent row
    ("/purchase?select=id,customer(name)&customer.name=eq.Bob", [1, 2, 3, 4]),
    ("/purchase?select=id,customer!inner(name)&customer.name=eq.Bob", [3]),
    ("/purchase?select=id,customer!inner()&customer.or=(name.eq.Bob,code.eq.DK)", [3, 4]),
)


@pytest.mark.parametrize("address, keys", ROOTS, ids=[address for address, _ in ROOTS])
def test_embeds_select_and_order_their_parent_rows(shop: Client, address: str, keys: list[Any]) -> None:
    plain = "order=" not in address
    rows = shop.rows(f"{address}&order=id" if plain and "id:sku" not in address else address)
    assert [row["id"] for row in rows] == keys
    if plain:
        total = len(keys)
        counted = shop.get(f"{address}&limit=1", Prefer="count=exact").headers["Content-Range"]
        assert counted.endswith(f"/{total}")


def test_a_to_one_embed_that_its_filter_excludes_is_null(shop: Client) -> None:
    rows = shop.rows("/purchase?select=id,customer(name)&customer.name=eq.Bob&order=id")
    assert [row["customer"] for row in rows] == [None, None, {"name": "Bob"}, None]
    assert shop.rows("/purchase?select=customer(name)&customer.limit=0&id=eq.1") == [{"customer": None}]
    assert shop.rows("/purchase?select=customer!inner(name)&customer.limit=0&id=eq.1") == []
    assert shop.rows("/purchase?select=customer(name)&customer.limit=1&id=eq.1") == [{"customer": {"name": "Ann"}}]


def test_embedded_null_strings_and_binary_values_are_kept(shop: Client) -> None:
    rows = shop.rows("/measurement?select=id,device(*)&id=eq.2")
    assert rows == [{"id": 2, "device": {"id": "JyJcJQ==", "name": "quoted"}}]


@pytest.mark.parametrize(
    "address",
    [
        "/customer?select=id,profile(bio),referrer_id(name)",
        "/purchase?select=id,customer(name,profile(bio)),item(line)",
        "/customer?select=id,purchase(id,item(line,product(name)))",
        "/customer?select=id,purchase(id,item(line,product(name,label(word))))",
        "/product?select=sku,label(word),item(qty)&item.limit=1",
        "/product?select=sku,label(word)&label.order=word.desc&label.limit=1&label.offset=1&limit=2",
        "/customer?select=id,purchase!inner()",
        "/customer?select=id,purchase!inner(id,item(line))&purchase.item.qty=gt.1&limit=2",
        "/purchase?select=id,customer!inner(name,purchase(id)),item(line)&order=customer(name)&limit=2",
        "/customer?select=id,purchase(id)&id=eq.99",
        "/customer?select=id,...purchase(total,item(qty))",
        "/purchase?select=id,...customer(name,purchase(id))",
        "/customer?select=id,purchase(count(),total.sum())",
        "/customer?select=referrer_id,count(),referrals:customer!referrer_id(id)",
    ],
)
def test_embeds_of_any_depth_are_read_in_one_statement(shop: Client, address: str) -> None:
    assert len(shop.get(address).statements) == 1


def test_the_cells_of_embeds_are_read_in_one_statement(shop: Client) -> None:
    response = shop.get("/customer?select=id,purchase(id,item(line)),profile(bio)&limit=1", Accept="text/csv")
    assert len(response.statements) == 1


@pytest.mark.parametrize(
    "address, statements",
    [
        # a spread inside a spread
        ("/customer?select=id,...purchase(total,...item(qty))", 3),
        ("/customer?select=id,purchase(id,...item(qty,...product(sku,...label(word))))", 4),
    ],
)
def test_other_embeds_take_a_statement_each(shop: Client, address: str, statements: int) -> None:
    assert len(shop.get(address).statements) == statements


def test_embeds_without_their_nulls_take_a_statement_each(shop: Client) -> None:
    accept = "application/vnd.pgrst.array+json;nulls=stripped"
    assert len(shop.get("/customer?select=id,purchase(id,item(line))", Accept=accept).statements) == 3
