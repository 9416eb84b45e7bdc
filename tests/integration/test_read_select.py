"""`select` with columns, aliases, casts, JSON paths and aggregates; and the order of rows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.client import Client

SHOWN: tuple[tuple[str, Any], ...] = (
    ("/customer?select=id&id=eq.1", [{"id": 1}]),
    ("/customer?select=name,id&id=eq.1", [{"name": "Ann", "id": 1}]),
    ("/customer?select=key:id,id&id=eq.1", [{"key": 1, "id": 1}]),
    ("/customer?select= id , name &id=eq.1", [{"id": 1, "name": "Ann"}]),
    ("/address?select=*,town:city&id=eq.1", [{"id": 1, "city": "Basel", "town": "Basel"}]),
    ("/address?select=&id=eq.1", [{"id": 1, "city": "Basel"}]),
    ('/order?select="50%25","back`tick","e.f","a,b","(par)","☃","->","a:b","dq\\"uote",with space&"select"=eq.1',
     [{"50%": "100%", "back`tick": "`x`", "e.f": 3, "a,b": 4, "(par)": 5, "☃": "😀", "->": 7, "a:b": 8,
       'dq"uote': 6, "with space": 2}]),
    ('/order?select="%25s \\"x\\"":"select"&"select"=eq.1', [{'%s "x"': 1}]),
    # JSON paths
    ("/customer?select=data->a&id=eq.1", [{"a": 1}]),
    ("/customer?select=data->>a&id=eq.1", [{"a": "1"}]),
    ("/customer?select=data->b->c->1,data->b->c->-1,x:data->b->c->9&id=eq.1".replace("c->1,", "c->1,z:"),
     [{"c": 20, "z": 30, "x": None}]),
    ("/customer?select=data->n,t:data->>n&id=eq.1", [{"n": None, "t": None}]),
    ("/customer?select=data->0,t:data->>1,last:data->-1->three&id=eq.3", [{"data": 1, "t": "two", "last": 3}]),
    ("/customer?select=data->s,data->>s::text&id=eq.1".replace(",data->>s", ",t:data->>s"), [{"s": "x", "t": "x"}]),
    ('/order?select=v:UPPER->"k.1"->"😀 \\"q\\""&"select"=eq.1', [{"v": 7}]),
    # casts
    ("/types?select=whole::text,dec_::text,date_::text,flag::text,enum_::text&id=eq.3",
     [{"whole": "0", "dec_": "5.0000000000", "date_": "2024-02-29", "flag": "true", "enum_": "newt"}]),
    ("/types?select=dec_::int,double_::int,text_::bool,varchar_::text&id=eq.3",
     [{"dec_": 5, "double_": -2, "text_": True, "varchar_": "null"}]),
    ("/types?select=datetime_::date,t:datetime_::time,date_::timestamp&id=eq.3",
     [{"datetime_": "2024-02-29", "t": "00:00:00", "date_": "2024-02-29T00:00:00"}]),
    ("/customer?select=data->>a::int&id=eq.2", [{"a": 2}]),
    ("/customer?select=id::text,name::text&id=eq.2", [{"id": "2", "name": "Bob"}]),
    ("/types?select=whole::text,point_::text,json_::text&id=eq.4", [{"whole": None, "point_": None, "json_": None}]),
    # aggregates
    ("/purchase?select=count()", [{"count": 4}]),
    ("/purchase?select=n:count()", [{"n": 4}]),
    ("/purchase?select=status.count()", [{"count": 3}]),
    ("/purchase?select=total.sum(),total.avg(),total.min(),total.max()",
     [{"sum": 47.75, "avg": 11.9375, "min": 0.0, "max": 30.0}]),
    ("/purchase?select=total.sum()::text,id.max()::text&id=lt.3", [{"sum": "35.50", "max": "2"}]),
    ("/purchase?select=total::int.sum()", [{"sum": 48}]),
    ("/purchase?select=count()&id=gt.99", [{"count": 0}]),
    ("/purchase?select=total.sum()&id=gt.99", [{"sum": None}]),
    ("/purchase?select=customer_id,total.sum()&order=customer_id",
     [{"customer_id": 1, "sum": 35.5}, {"customer_id": 2, "sum": 12.25}, {"customer_id": 4, "sum": 0.0}]),
    ("/purchase?select=customer_id,count()&customer_id=gt.99", []),
    ("/purchase?select=day:placed::date,count()&order=placed::date".replace("&order=placed::date", "&order=placed"),
     [{"day": "2024-01-01", "count": 1}, {"day": "2024-02-01", "count": 1}, {"day": "2024-03-01", "count": 2}]),
    ("/customer?select=name,count()&order=name", [{"name": "Ann", "count": 2}, {"name": "Bob", "count": 1}, {"name": "Cy", "count": 1}]),
    ("/customer?select=data->>s,count()&data->>s=not.is.null&order=data->>s", [{"s": "Y", "count": 1}, {"s": "x", "count": 1}]),
    ("/customer?select=k:data->a,id.sum()&id=lt.3&order=data->a", [{"k": 1, "sum": 1}, {"k": 2, "sum": 2}]),
    ("/types?select=flag,count()&order=flag.nullsfirst",
     [{"flag": None, "count": 1}, {"flag": False, "count": 1}, {"flag": True, "count": 2}]),
    ("/types?select=max:datetime6.max(),min:time3.min(),text:varchar_.min(),e:enum_.max()",
     [{"max": "2024-02-29T12:00:00.123456", "min": "-00:00:00.500", "text": "null", "e": "zebra"}]),
    ("/types?select=big.sum(),double_.max()&id=gt.2", [{"sum": 0, "max": -1.5}]),
    # aggregates and embeds
    ("/purchase?select=customer(name),total.sum()&order=customer(name)".replace("&order=customer(name)", "&id=lt.3"),
     [{"customer": {"name": "Ann"}, "sum": 35.5}]),
    ("/purchase?select=...customer(name),total.sum()", [{"name": "Ann", "sum": 35.5}, {"name": "Bob", "sum": 12.25}]),
    ("/item?select=...product(price.sum(),name)&order=product(name)".replace("&order=product(name)", "&sku=eq.a-1"),
     [{"sum": 3.0, "name": "apple"}]),
    ("/item?select=qty.sum(),...product(max:price.max())", [{"sum": 16, "max": 12.0}]),
    ("/customer?select=id,purchase(total.sum(),count())",
     [{"id": 1, "purchase": [{"sum": 35.5, "count": 2}]}, {"id": 2, "purchase": [{"sum": 12.25, "count": 1}]},
      {"id": 3, "purchase": [{"sum": None, "count": 0}]}, {"id": 4, "purchase": [{"sum": 0.0, "count": 1}]}]),
    ("/customer?select=id,purchase(status,count())&id=in.(1,3)",
     [{"id": 1, "purchase": [{"status": "new", "count": 1}, {"status": "sent", "count": 1}]}, {"id": 3, "purchase": []}]),
    ("/customer?select=id,purchase(status,count())&id=eq.1&purchase.order=status.desc&purchase.limit=1",
     [{"id": 1, "purchase": [{"status": "sent", "count": 1}]}]),
    ("/product?select=sku,item(qty.sum())&order=sku",
     [{"sku": "A-1", "item": [{"sum": 12}]}, {"sku": "b-2", "item": [{"sum": 1}]}, {"sku": "C-3", "item": [{"sum": 2}]},
      {"sku": "D-4", "item": [{"sum": None}]}]),
    ("/item?select=line,product(price.sum())&purchase_id=eq.3",
     [{"line": 1, "product": {"sum": 1.5}}, {"line": 2, "product": None}]),
    ("/purchase?select=id,customer(name,purchase(count()))&id=eq.2", [{"id": 2, "customer": {"name": "Ann", "purchase": [{"count": 2}]}}]),
    ("/customer?select=id,purchase(item(qty.sum()))&id=eq.1", [{"id": 1, "purchase": [{"item": [{"sum": 6}]}, {"item": [{"sum": 1}]}]}]),
    ("/purchase?select=customer_id,item(line),count()&customer_id=eq.2",
     [{"customer_id": 2, "item": [{"line": 1}, {"line": 2}], "count": 1}]),
    ("/label?select=word,product(count())&order=id",
     [{"word": "organic", "product": [{"count": 1}]}, {"word": "local", "product": [{"count": 2}]},
      {"word": "unused", "product": [{"count": 0}]}]),
)  # fmt: skip


@pytest.mark.parametrize("address, rows", SHOWN, ids=[address for address, _ in SHOWN])
def test_a_select_shows_these_rows(shop: Client, address: str, rows: Any) -> None:
    found = shop.rows(address)
    assert found == rows
    assert [list(row) for row in found] == [list(row) for row in rows]


def test_every_type_has_its_json_form(shop: Client) -> None:
    least, greatest, _, nothing = shop.rows("/types?order=id")
    assert least == {
        "id": 1, "tiny": -128, "flag": True, "small": -32768, "medium": -8388608, "whole": -2147483648,
        "big": -9223372036854775808, "ubig": 0, "dec_": -12345678901234567890.0123456789, "float_": 0.1,
        "double_": 0.1, "bit1": True, "bit12": 2730, "year_": 1901, "date_": "1000-01-01", "time_": "-838:59:59",
        "time3": "-00:00:00.500", "datetime_": "1000-01-01T00:00:00", "datetime6": "1000-01-01T00:00:00.000001",
        "timestamp_": "1970-01-02T00:00:01+00:00", "timestamp3": "1970-01-02T00:00:01.500+00:00", "char_": "abc",
        "varchar_": 'Straße "x" \\ %_', "bin_text": "B", "latin_": "é", "text_": "line\nbreak", "longtext_": "😀",
        "binary_": "AAECAw==", "varbinary_": "/wA=", "blob_": "", "enum_": "zebra", "set_": [],
        "json_": {"a": [1, 2.5, "t", None, True]}, "point_": {"type": "Point", "coordinates": [1.5, -2.0]},
    }  # fmt: skip
    assert (greatest["ubig"], greatest["float_"], greatest["double_"]) == (18446744073709551615, 16777216, 1e300)
    assert (greatest["set_"], greatest["blob_"]) == (["x", "z"], "YmJi" * 33 + "Yg==")
    assert set(nothing.values()) == {4, None}
    assert b'"dec_":-12345678901234567890.0123456789,' in shop.get("/types?id=eq.1").body


ORDERS: tuple[tuple[str, list[int]], ...] = (
    ("/customer?order=id.desc", [4, 3, 2, 1]),
    ("/customer?order=name,id.desc", [4, 1, 2, 3]),
    ("/customer?order=score,id", [3, 1, 4, 2]),
    ("/customer?order=score.desc,id", [2, 1, 4, 3]),
    ("/customer?order=score.desc.nullslast,id", [1, 4, 3, 2]),
    ("/customer?order=score.nullsfirst,id", [2, 3, 1, 4]),
    ("/customer?order=score.asc.nullsfirst,id.asc", [2, 3, 1, 4]),
    ("/customer?order=data->>s.desc.nullslast,id", [1, 2, 3, 4]),
    ("/customer?order=data->a.nullsfirst,id.desc", [4, 3, 1, 2]),
    ("/customer?order=data->b->c->0.desc.nullslast,id.desc", [1, 4, 3, 2]),
    ("/types?order=enum_", [1, 2, 3, 4]),
    ("/types?order=set_.desc.nullslast", [3, 2, 1, 4]),
    ("/types?order=bit12,id", [3, 2, 1, 4]),
    ("/types?order=time_.desc.nullslast", [2, 3, 1, 4]),
    ("/types?order=float_.desc.nullslast", [2, 1, 3, 4]),
    ("/types?order=binary_.desc.nullslast", [2, 1, 3, 4]),
    ("/types?order=dec_.desc.nullslast", [3, 2, 1, 4]),
    ("/customer?", [1, 2, 3, 4]),
    ("/customer?order=name.desc", [3, 2, 4, 1]),
)


@pytest.mark.parametrize("address, keys", ORDERS, ids=[address for address, _ in ORDERS])
def test_rows_come_in_this_order(shop: Client, address: str, keys: list[int]) -> None:
    assert shop.values(f"{address}&select=id") == keys


def test_strings_grouped_with_a_number_as_text_are_unchanged(shop: Client) -> None:
    rows = shop.rows("/purchase?select=count(),address!purchase_shipping!inner(city,id::text)&billing_id=eq.3")
    assert rows == [{"count": 1, "address": {"city": "Århus", "id": "3"}}]


def test_rows_of_a_view_can_be_grouped_with_conditions_on_embeds(shop: Client) -> None:
    """Each of these once lost or duplicated rows on MariaDB."""
    keyless = [{"word": "b"}, {"word": "a"}, {"word": "a"}]
    assert shop.rows(
        "/customer_names?select=id,full_name,n:count(),s:id.sum(),keyless!inner(word)&id=isdistinct.0"
    ) == [{"id": 1, "full_name": "Ann", "n": 1, "s": 1, "keyless": keyless}]
    embedded = "customer_names(full_name,n:count(),s:id.max(),keyless!inner(word))"
    assert shop.rows(f"/purchase_detail?select=id,{embedded}&id=in.(1,3)") == [
        {"id": 1, "customer_names": {"full_name": "Ann", "n": 1, "s": 1, "keyless": keyless}},
        {"id": 3, "customer_names": None},
    ]
    detail = "d:purchase_detail(total,c:name::text,n:count(),s:customer_id.count(),e:customer_names(*))"
    rows = shop.rows(
        f"/item?select={detail}&d.e=is.null&d.id=lt.2&d.not.and=(id.isdistinct.2,customer_id.isdistinct.1)"
    )
    assert [row["d"] for row in rows] == [None] * 5


def test_grouped_rows_can_be_paged(shop: Client) -> None:
    rows = shop.pages("/purchase?select=status,customer_id,count()&limit=1")
    assert rows == shop.rows("/purchase?select=status,customer_id,count()")
    assert len(rows) == 4
