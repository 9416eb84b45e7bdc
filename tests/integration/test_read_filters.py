"""Filters: each operator on each column type, on both servers. The expected values are keys of matching rows."""

from __future__ import annotations

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

# Row 1 has minimum values, row 2 maximum values, row 3 zeros and the like, row 4 only NULL (see types.sql).
COMPARISONS: tuple[tuple[str, list[int]], ...] = (
    ("tiny=eq.-128", [1]),
    ("tiny=neq.-128", [2, 3]),
    ("tiny=gt.0", [2]),
    ("tiny=gte.0", [2, 3]),
    ("tiny=lt.0", [1]),
    ("tiny=lte.0", [1, 3]),
    ("tiny=not.eq.0", [1, 2]),
    ("tiny=in.(-128,127)", [1, 2]),
    ("tiny=not.in.(-128,127)", [3]),
    ("tiny=in.()", []),
    ("tiny=not.in.()", [1, 2, 3, 4]),
    ("tiny=is.null", [4]),
    ("tiny=is.not_null", [1, 2, 3]),
    ("tiny=not.is.null", [1, 2, 3]),
    ("tiny=isdistinct.0", [1, 2, 4]),
    ("tiny=not.isdistinct.1000", []),
    ("tiny=isdistinct.1000", [1, 2, 3, 4]),
    ("tiny=not.isdistinct.0", [3]),
    ("tiny=eq(any).{-128,0}", [1, 3]),
    ("tiny=gt(all).{-128,0}", [2]),
    ("tiny=not.eq(any).{-128,0}", [2]),
    ("flag=eq.true", [1, 3]),
    ("flag=is.true", [1, 3]),
    ("flag=is.false", [2]),
    ("flag=is.unknown", [4]),
    ("flag=not.is.true", [2, 4]),
    ("flag=in.(true,false)", [1, 2, 3]),
    ("small=lt.0", [1]),
    ("medium=eq.8388607", [2]),
    ("whole=eq.-2147483648", [1]),
    ("big=eq.9223372036854775807", [2]),
    ("big=gt.9223372036854775806", [2]),
    ("big=in.(-9223372036854775808,9223372036854775807)", [1, 2]),
    ("ubig=eq.18446744073709551615", [2]),
    ("ubig=lt.18446744073709551615", [1, 3]),
    ("dec_=eq.-12345678901234567890.0123456789", [1]),
    ("dec_=eq.5", [3]),
    ("dec_=eq.0.1", [2]),
    ("dec_=gt.0.09999999999", [2, 3]),
    ("dec_=in.(5.0,0.1)", [2, 3]),
    ("float_=eq.0.1", [1]),
    ("float_=eq.16777216", [2]),
    ("float_=lt.0", [3]),
    ("float_=lte.0.1", [1, 3]),
    ("float_=in.(0.1,-1.5)", [1, 3]),
    ("float_=isdistinct.0.1", [2, 3, 4]),
    ("double_=eq.1e300", [2]),
    ("double_=eq.0.1", [1]),
    ("double_=gt.1e299", [2]),
    ("bit1=eq.true", [1, 3]),
    ("bit1=is.true", [1, 3]),
    ("bit1=in.(false)", [2]),
    ("bit1=isdistinct.true", [2, 4]),
    ("bit12=eq.2730", [1]),
    ("bit12=gt.0", [1, 2]),
    ("bit12=in.(1,0)", [2, 3]),
    ("year_=eq.2024", [3]),
    ("year_=gte.2024", [2, 3]),
    ("tiny=eq.128", []),
    ("tiny=neq.128", [1, 2, 3]),
    ("tiny=lt.128", [1, 2, 3]),
    ("tiny=gt.-1000", [1, 2, 3]),
    ("tiny=in.(128,0)", [3]),
    ("tiny=not.in.(128)", [1, 2, 3]),
    ("tiny=isdistinct.128", [1, 2, 3, 4]),
    ("big=eq.9223372036854775808", []),
    ("big=lt.9223372036854775808", [1, 2, 3]),
    ("big=in.(9223372036854775808,0)", [3]),
    ("big=gt.-1" + "0" * 100, [1, 2, 3]),
    ("big=not.lt.-1" + "0" * 100, [1, 2, 3]),
    ("ubig=gt.-1", [1, 2, 3]),
    ("ubig=eq.-1", []),
    ("ubig=lte.18446744073709551616", [1, 2, 3]),
    ("ubig=in.(-1,18446744073709551616)", []),
    ("ubig=not.in.(-1,1" + "0" * 100 + ")", [1, 2, 3]),
    ("bit12=eq.4096", []),
    ("bit12=gt.-1", [1, 2, 3]),
    ("dec_=lt.1e80", [1, 2, 3]),
    ("dec_=eq.1e80", []),
    ("dec_=gt.5.0" + "0" * 60 + "1", []),
    ("dec_=gt.4.9" + "9" * 60, [3]),
    ("double_=lt.1e999", [1, 2, 3]),
    ("double_=in.(1e999,0.1)", [1]),
    ("double_=not.eq.1e999", [1, 2, 3]),
    ("float_=gte.-1e39", [1, 2, 3]),
    ("year_=eq.24", []),
    ("year_=gt.24", [1, 2, 3]),
    ("year_=lte.1900", []),
    ("year_=neq.1900", [1, 2, 3]),
    ("year_=isdistinct.24", [1, 2, 3, 4]),
    ("year_=not.isdistinct.24", []),
    ("year_=lt.9999", [1, 2, 3]),
    ("year_=in.(24,2024)", [3]),
    ("or=(tiny.eq.300,ubig.gt.-1)", [1, 2, 3]),
    ("not.or=(tiny.eq.300,year_.gt.3000)", [1, 2, 3]),
    ("date_=eq.2024-02-29", [3]),
    ("date_=lt.2024-01-01", [1]),
    ("date_=in.(1000-01-01,9999-12-31)", [1, 2]),
    ("time_=eq.-838:59:59", [1]),
    ("time_=gt.00:00:00", [2]),
    ("time_=lte.00:00:00", [1, 3]),
    ("time3=eq.12:34:56.789", [2]),
    ("time3=eq.-00:00:00.5", [1]),
    ("datetime_=eq.2024-02-29T00:00:00", [3]),
    ("datetime_=eq.2024-02-29 00:00:00", [3]),
    ("datetime6=eq.2024-02-29T12:00:00.123456", [2]),
    ("datetime6=gt.1000-01-01T00:00:00", [1, 2, 3]),
    ("timestamp_=eq.2024-02-29T00:00:00Z", [3]),
    ("timestamp_=eq.2024-02-29T02:00:00%2B02:00", [3]),
    ("timestamp_=eq.2024-02-29 00:00:00", [3]),
    ("timestamp3=lt.2024-01-01T00:00:00Z", [1]),
    ("char_=eq.abc", [1, 2]),
    ("char_=like.abc", [1]),
    ("char_=ilike.ABC", [1, 2]),
    ('varchar_=eq.Straße "x" \\ %25_', [1]),
    ("varchar_=like.*\\\\ \\%25\\_", [1]),
    ("varchar_=like.*%25_", [1, 2, 3]),
    ("varchar_=like.s_r%25", [2]),
    ("varchar_=in.(strasse,null)", [2, 3]),
    ('varchar_=in.("Straße \\"x\\" \\\\ %25_",no)', [1]),
    ("varchar_=eq.null", [3]),
    ("varchar_=neq.null", [1, 2]),
    ("bin_text=eq.b", [3]),
    ("bin_text=gt.B", [2, 3]),
    ("bin_text=ilike.B", [1, 3]),
    ("latin_=eq.é", [1]),
    ("latin_=like.é", [1]),
    ("latin_=eq.ÿ", [2]),
    ("latin_=like.漢*", []),
    ("text_=eq.", [2]),
    ("text_=eq.line%0Abreak", [1]),
    ("text_=match.^line$", []),
    ("text_=match.^line", [1]),
    ("text_=imatch.^LINE", [1]),
    ("longtext_=eq.😀", [1]),
    ("longtext_=like.x*", [2]),
    ("binary_=eq.AAECAw==", [1]),
    ("binary_=eq.AAECAw", [1]),
    ("binary_=in.(AAECAw==,YWJjZA==)", [1, 2]),
    ("binary_=gt.AAECAw==", [2]),
    ("varbinary_=eq._wA=", [1]),
    ("varbinary_=eq.", [3]),
    ("blob_=eq.AA==", [3]),
    ("blob_=isdistinct.AA==", [1, 2, 4]),
    ("enum_=eq.ape", [2]),
    ("enum_=gt.zebra", [2, 3]),
    ("enum_=gte.ape", [2, 3]),
    ("enum_=lt.newt", [1, 2]),
    ("enum_=in.(zebra,newt)", [1, 3]),
    ("enum_=like.*e*", [1, 2, 3]),
    ("set_=eq.x,z", [2]),
    ("set_=eq.{z,x}", [2]),
    ("set_=eq.", [1]),
    ("set_=cs.{x}", [2, 3]),
    ("set_=cs.{x,y}", [3]),
    ("set_=cd.{x,z}", [1, 2]),
    ("set_=ov.{y,z}", [2, 3]),
    ('set_=cs.["x"]', [2, 3]),
    ("set_=not.cs.{x}", [1]),
    ('json_=eq.{"a":[1,2.5,"t",null,true]}', [1]),
    ("json_=eq.[]", [2]),
    ('json_=eq."text"', [3]),
    ('json_=neq."text"', [1, 2]),
    ('json_=in.("[]")', [2]),
    ("json_=isdistinct.[]", [1, 3, 4]),
    ('json_=cs.{"a":[1]}', [1]),
    ('json_=cs."text"', [3]),
    ("json_->a=cs.[2.5]", [1]),
    ("json_->a=cs.{1}", [1]),
    ("json_->a=ov.[7,1]", [1]),
    ('json_=cd.["text","other"]', [2, 3]),
    ("json_->a->0=eq.1", [1]),
    ("json_->a->>0=eq.1", [1]),
    ("json_->a->>2=eq.t", [1]),
    ('json_->a->2=eq."t"', [1]),
    ("json_->a->>-1=eq.true", [1]),
    ("json_->a->>3=is.null", [1, 2, 3, 4]),
    ("json_->a->3=is.null", [2, 3, 4]),
    ("json_->a->1=gt.2", [1]),
    ("json_->a->>2=like.t*", [1]),
    ("point_=is.null", [4]),
    ("point_=not.is.null", [1, 2, 3]),
)


@pytest.mark.parametrize("condition, keys", COMPARISONS, ids=[condition for condition, _ in COMPARISONS])
def test_a_filter_finds_these_rows(shop: Client, condition: str, keys: list[int]) -> None:
    assert shop.values(f"/types?select=id&order=id&{condition}") == keys


TREES: tuple[tuple[str, list[int]], ...] = (
    ("or=(id.eq.1,id.eq.3)", [1, 3]),
    ("or=(id.eq.1,and(id.gt.1,name.eq.Cy))", [1, 3]),
    ("and=(id.gt.1,id.lt.4)", [2, 3]),
    ("not.or=(id.eq.1,id.eq.3)", [2, 4]),
    ("not.and=(id.gt.1,id.lt.4)", [1, 4]),
    ("or=(id.eq.1,not.and(name.eq.Ann,id.gt.1))", [1, 2, 3]),
    ("or=(born.is.null,born.gt.1999-01-01)", [3, 4]),
    ("or=(name.not.eq.Ann,id.in.(1,2))", [1, 2, 3]),
    ('or=(name.in.("Ann","B,b"),code.eq."CH")', [1, 3, 4]),
    ("or=(name.like(any).{A*,C*},id.eq.2)", [1, 2, 3]),
    ("id=gt.1&or=(id.eq.1,id.eq.3)&or=(name.eq.Cy,name.eq.Ann)", [3]),
    ("or=(data->>a.eq.1,data->b->c->0.is.null)", [1, 2, 3, 4]),
    ("and=(data->>a.eq.1,data->b->c->0.not.is.null)", [1]),
    ("or=(and(id.gt.0),and(or(id.lt.0)))", [1, 2, 3, 4]),
    ("or=(purchase.is.null,id.eq.1)", [1, 3]),
    ("and=(purchase.not.is.null,id.gt.1)", [2, 4]),
    ("not.or=(purchase.is.null,id.eq.1)", [2, 4]),
)


@pytest.mark.parametrize("condition, keys", TREES, ids=[condition for condition, _ in TREES])
def test_a_logic_tree_finds_these_rows(shop: Client, condition: str, keys: list[int]) -> None:
    assert shop.values(f"/customer?select=id,purchase()&order=id&{condition}") == keys


ODD_NAMES: tuple[tuple[str, list[int]], ...] = (
    ('"50%25"=eq.100%25', [1]),
    ('"50%25"=eq.a%25s', [2]),
    ('"50%25"=like.100\\%25', [1]),
    ('"back`tick"=eq.`x`', [1]),
    ("with space=eq.2", [1]),
    ("with+space=eq.2", [1]),
    ('"e.f"=eq.3', [1]),
    ('"a,b"=eq.4', [1]),
    ('"(par)"=eq.5', [1]),
    ('"☃"=eq.😀', [1]),
    ('"dq\\"uote"=eq.6', [1]),
    ('"->"=eq.7', [1]),
    ('"a:b"=eq.8', [1]),
    ("not=eq.9", [1]),
    ('"limit"=eq.10', [1]),
    ('"select"=eq.2', [2]),
    ('or=("a,b".eq.4,"(par)".is.null)', [1, 2]),
    ('or=("select".eq.2,not.gt.8)', [1, 2]),
    ('UPPER->"k.1"->>"😀 \\"q\\""=eq.7', [1]),
)


@pytest.mark.parametrize("condition, keys", ODD_NAMES, ids=[condition for condition, _ in ODD_NAMES])
def test_names_may_contain_the_characters_of_the_grammar_and_of_sql(
    shop: Client, condition: str, keys: list[int]
) -> None:
    assert shop.values(f"/order?select=select&{condition}") == keys


SEARCHES: tuple[tuple[str, list[str]], ...] = (
    ("description=fts.apple", ["A-1"]),
    ("description=fts.apple|cheese", ["A-1", "C-3"]),
    ("description=fts.fresh%26bread", ["b-2"]),
    ("description=fts.(red|blue)%26!cheese", ["A-1"]),
    ("description=fts.gard:*", ["A-1"]),
    ("description=fts(english).apple", ["A-1"]),
    ("description=plfts.crisp apple", ["A-1"]),
    ("description=plfts.apple crisp", ["A-1"]),
    ("description=phfts.crisp red", ["A-1"]),
    ("description=phfts.red crisp", []),
    ('description=wfts."red apple"', ["A-1"]),
    ("description=wfts.apple or cheese", ["A-1", "C-3"]),
    ("description=wfts.fresh -apple", ["b-2"]),
    ("description=not.fts.apple", ["b-2", "C-3"]),
    ("not.or=(description.fts.apple,sku.eq.C-3)", ["b-2"]),
    ("not.and=(description.not.fts.apple,sku.neq.A-1)", ["A-1"]),
    ('description=plfts.@ " ( %2B', []),
    ("or=(description.fts.apple,sku.eq.D-4)", ["A-1", "D-4"]),
)


@pytest.mark.parametrize("condition, keys", SEARCHES, ids=[condition for condition, _ in SEARCHES])
def test_full_text_search_has_four_dialects(shop: Client, condition: str, keys: list[str]) -> None:
    assert shop.values(f"/product?select=sku&order=sku&{condition}") == keys


BAD_VALUES: tuple[tuple[str, str], ...] = (
    ("tiny=eq.1abc", "22P02"),
    ("latin_=eq.漢", "22P02"),
    ("tiny=eq.", "22P02"),
    ("tiny=eq.1.5", "22P02"),
    ("tiny=in.(1,x)", "22P02"),
    ("tiny=eq(any).{1,x}", "22P02"),
    ("flag=eq.2", "22P02"),
    ("flag=eq.maybe", "22P02"),
    ("dec_=eq.x", "22P02"),
    ("dec_=eq.NaN", "22P02"),
    ("float_=eq.x", "22P02"),
    ("date_=eq.2023-02-29", "22007"),
    ("date_=eq.today", "22007"),
    ("time_=eq.25h", "22007"),
    ("datetime_=eq.2024-02-30T00:00:00", "22007"),
    ("timestamp_=eq.noon", "22007"),
    ("binary_=eq.*", "22P02"),
    ("enum_=eq.lion", "22P02"),
    ("set_=cs.{q}", "22P02"),
    ("json_=eq.{", "22P02"),
    ("json_->a=eq.{", "22P02"),
    ("json_=cs.{1,", "22P02"),
    ("point_=eq.x", "42883"),
    ("whole=like.1*", "42883"),
    ("whole=cs.{1}", "42883"),
    ("whole=is.true", "42883"),
    ("whole->a=eq.1", "42883"),
    ("text_=fts.x", "42883"),
    ("varchar_=match.(", "2201B"),
)


@pytest.mark.parametrize("condition, code", BAD_VALUES, ids=[condition for condition, _ in BAD_VALUES])
def test_an_invalid_value_for_the_columns_type_is_refused(shop: Client, condition: str, code: str) -> None:
    assert shop.error(f"/types?{condition}") == (400, code)


def test_a_timestamp_without_offset_is_in_the_preferred_zone(shop: Client) -> None:
    found = shop.values("/types?select=id&timestamp_=eq.2024-02-29T01:00:00", Prefer="timezone=Europe/Paris")
    assert found == [3]


def test_a_string_key_is_compared_by_its_collation(shop: Client) -> None:
    assert shop.values("/product?select=sku&sku=eq.a-1") == ["A-1"]
    assert shop.values("/product?select=sku&sku=in.(a-1,B-2)") == ["A-1", "b-2"]
    assert shop.values("/product?select=sku&sku=like.a*") == []


def test_no_row_has_a_key_out_of_range(shop: Client) -> None:
    assert shop.error("/types/99999999999") == (404, "PGRST116")
    assert shop.get("/types?id=eq.99999999999").json == []


@pytest.mark.parametrize(
    "query, ids",
    [
        ("list->-1=eq.3", [1, 2]),
        ("list->-1=gt.1", [1, 2]),
        ("list->-1=isdistinct.3", [3, 4]),
        ("list->>-1=eq.3", [1, 2]),
        ("list->-2=eq.3", [3]),
        ("list->-1=not.is.null&order=list->-1,id.desc", [3, 2, 1]),
    ],
)
def test_an_element_counted_from_the_end_is_that_of_each_row(server: Server, query: str, ids: list[int]) -> None:
    table = "CREATE TABLE note (id INT PRIMARY KEY, list JSON NOT NULL)"
    rows = "INSERT INTO note VALUES (1, '[1,2,3]'), (2, '[3]'), (3, '[3,1]'), (4, '[]')"
    with client_of(server, table, rows) as client:
        assert client.values(f"/note?select=id&{query}") == ids


def test_an_element_counted_from_the_end_is_shown_beside_embeds(server: Server) -> None:
    with client_of(
        server,
        "CREATE TABLE owner (id INT PRIMARY KEY)",
        "CREATE TABLE note (id INT PRIMARY KEY, list JSON NOT NULL, owner_id INT NOT NULL, FOREIGN KEY (owner_id) REFERENCES owner (id))",
        "CREATE TABLE part (id INT PRIMARY KEY, note_id INT NOT NULL, FOREIGN KEY (note_id) REFERENCES note (id))",
        "INSERT INTO owner VALUES (1)",
        "INSERT INTO note VALUES (1, '[1,2,3]', 1), (2, '[4]', 1), (3, '[3,1]', 1), (4, '[]', 1)",
    ) as client:
        rows = client.rows("/note?select=last:list->-1,part(id),owner!inner()&order=id&limit=4")
        assert rows == [{"last": last, "part": []} for last in (3, 4, 1, None)]
