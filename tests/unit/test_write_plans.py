"""Plans of writes and calls, without a database: what a request means, and which errors a wrong one gets."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from api.catalog import (
    Catalog,
    Column,
    ColumnType,
    Dialect,
    Kind,
    Parameter,
    ParameterMode,
    Routine,
    Schema,
    Table,
)
from api.errors import ApiError
from api.plan.call import plan_call
from api.plan.payload import Computed, Missing
from api.plan.tree import Compare, KeyIn
from api.plan.write import DeletePlan, InsertPlan, UpdatePlan, WritePlan, plan_write
from api.request.request import parse_request
from api.sql.write import delete_keys, delete_where, insert_head, keys_sql, update_keys, update_where
from api.statement import MAX_STATEMENT_BYTES, Sql
from api.writing.cases import case_updates

INT = ColumnType(Kind.INTEGER, "int", "int", minimum=-(2**31), maximum=2**31 - 1)
TEXT = ColumnType(Kind.TEXT, "varchar", "varchar(20)", length=20, character_set="utf8mb4", collation="utf8mb4_bin")
PRICE = ColumnType(Kind.DECIMAL, "decimal", "decimal(6,2)", precision=6, scale=2)
COLUMNS = (
    Column("id", INT, nullable=False, position=1, has_default=True, auto_increment=True),
    Column("code", TEXT, nullable=True, position=2, has_default=True),
    Column("price", PRICE, nullable=True, position=3, has_default=True),
    Column("gross", PRICE, nullable=True, position=4, generated=True),
)
ITEM = Table("shop", "item", is_view=False, columns=COLUMNS, primary_key=("id",), unique_keys=(("code",),))
TOKEN = Table(
    "shop",
    "token",
    is_view=False,
    columns=(
        Column("id", TEXT, nullable=False, position=1, default="uuid()", default_is_expression=True, has_default=True),
        Column("hall", TEXT, nullable=False, position=2, default="main", has_default=True),
    ),
    primary_key=("id", "hall"),
)
LOG = Table("shop", "log", is_view=False, columns=(Column("word", TEXT, nullable=True, position=1, has_default=True),))
TOTALS = Table("shop", "totals", is_view=True, columns=COLUMNS[:1], insertable=False, updatable=False)
ADD = Routine(
    "shop",
    "add",
    (Parameter("b", INT, ParameterMode.IN), Parameter("a", INT, ParameterMode.IN)),
    INT,
    reads_only=True,
)
CATALOG = Catalog(
    {"shop": Schema("shop", {table.name: table for table in (ITEM, TOKEN, LOG, TOTALS)}, {"add": ADD})},
    Dialect.MYSQL,
    (8, 4),
    {},
)


def plan(method: str, address: str, body: object = None, prefer: str = "") -> WritePlan:
    path, _, query = address.partition("?")
    headers = {"prefer": prefer}
    sent = b"" if body is None else json.dumps(body).encode()
    request = parse_request(method, path, query, headers, sent, max_body_bytes=10**6, max_write_rows=100)
    return plan_write(request, CATALOG)


def inserted(address: str, body: object, prefer: str = "", method: str = "POST") -> InsertPlan:
    found = plan(method, address, body, prefer)
    assert isinstance(found, InsertPlan)
    return found


def refused(method: str, address: str, body: object = None, prefer: str = "") -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        plan(method, address, body, prefer)
    return caught.value.status, caught.value.code


def test_rows_are_converted_column_by_column() -> None:
    found = inserted("/item", [{"price": "1.5", "id": "7"}, {"price": None, "id": None}])
    assert [column.name for column in found.rows.columns] == ["price", "id"]
    assert found.rows.values == ((Decimal("1.50"), None), (7, None))
    assert found.rows.count == 2


def test_equal_requests_have_equal_plans() -> None:
    one, other = (inserted("/item?select=id", {"code": "a"}, "return=representation") for _ in range(2))
    assert one == other


def test_a_missing_value_becomes_the_default_or_null() -> None:
    rows = [{"code": "a"}, {"price": 1}]
    assert inserted("/item", rows, "missing=default").rows.values == (
        ("a", Missing.DEFAULT),
        (Missing.DEFAULT, Decimal("1.00")),
    )
    assert inserted("/item?columns=code,price", rows).rows.values == (("a", None), (None, Decimal("1.00")))


def test_key_defaults_are_sent_only_if_the_key_is_needed() -> None:
    silent = inserted("/token", {})
    assert silent.rows.columns == ()
    shown = inserted("/token", [{}, {"hall": "x"}], "return=representation, missing=default")
    assert [column.name for column in shown.rows.columns] == ["hall", "id"]
    assert shown.rows.values == (("main", "x"), (Computed("uuid()"), Computed("uuid()")))
    assert (shown.sent, shown.identity) == (1, (TOKEN.by_name["id"], TOKEN.by_name["hall"]))


def test_a_table_without_a_key_has_no_identity() -> None:
    assert inserted("/log", {"word": "a"}, "return=representation").identity == ()


def test_an_upsert_resolves_the_primary_key_or_the_one_named() -> None:
    merged = inserted("/item", {"id": 1}, "resolution=merge-duplicates").conflict
    assert merged is not None
    assert (merged.merge, [column.name for column in merged.columns]) == (True, ["id"])
    ignored = inserted("/item?on_conflict=code", {"id": 1}, "resolution=ignore-duplicates").conflict
    assert ignored is not None
    assert (ignored.merge, [column.name for column in ignored.columns]) == (False, ["code"])
    assert inserted("/log", {"word": "a"}, "resolution=merge-duplicates").conflict is None


def test_a_put_is_an_upsert_of_the_row_it_names() -> None:
    found = inserted("/item?id=eq.7", {"id": 7, "code": "x"}, method="PUT")
    assert found.conflict is not None
    assert found.rows.values == ((7,), ("x",))
    by_address = inserted("/item/7", {"code": "x"}, method="PUT")
    assert by_address.rows.values == (("x",), (7,))


def test_an_update_has_a_direct_condition_if_it_uses_only_its_own_table() -> None:
    found = plan("PATCH", "/item?price=gt.1.5&order=id&limit=3", {"code": "a"})
    assert isinstance(found, UpdatePlan)
    assert found.assignments == ((ITEM.by_name["code"], "a"),)
    assert found.located.limited
    assert found.located.direct is not None
    (condition,) = found.located.direct
    assert isinstance(condition, Compare)
    assert (condition.operand.alias, condition.value) == ("`item`", Decimal("1.5"))


def test_a_row_address_becomes_a_key_condition() -> None:
    found = plan("DELETE", "/item/7")
    assert isinstance(found, DeletePlan)
    condition = found.located.rows.where[0]
    assert isinstance(condition, KeyIn)
    assert condition.keys == ((7,),)


@pytest.mark.parametrize(
    "method, address, body, error",
    [
        ("PATCH", "/item", {"code": "a"}, (400, "21000")),
        ("DELETE", "/item?limit=1", None, (400, "21000")),
        ("DELETE", "/item?nope=eq.1", None, (400, "42703")),
        ("DELETE", "/none?id=eq.1", None, (404, "PGRST205")),
        ("DELETE", "/log/7", None, (404, "PGRST125")),
        ("POST", "/item", {"cod": "a"}, (400, "PGRST204")),
        ("POST", "/item", {"gross": 1}, (400, "428C9")),
        ("POST", "/item", {"id": 0}, (400, "22003")),
        ("POST", "/item", {"id": "x"}, (400, "22P02")),
        ("POST", "/item?on_conflict=price", {"id": 1}, (400, "42P10")),
        ("POST", "/item?id=eq.1", {"id": 1}, (400, "PGRST100")),
        ("POST", "/item?select=nope", {"id": 1}, (400, "42703")),
        ("POST", "/totals", {"id": 1}, (405, "PGRST117")),
        ("PATCH", "/totals?id=eq.1", {"id": 1}, (405, "PGRST117")),
        ("PUT", "/log?word=eq.1", {"word": "1"}, (405, "PGRST105")),
        ("PUT", "/item?id=gt.1", {"id": 1}, (405, "PGRST105")),
        ("PUT", "/item?id=eq.1&limit=1", {"id": 1}, (400, "PGRST114")),
        ("PUT", "/item?id=eq.1", {"id": 2}, (400, "PGRST115")),
        ("PUT", "/item?id=eq.1", [{"id": 1}, {"id": 1}], (400, "PGRST102")),
    ],
)
def test_requests_that_cannot_be_planned_are_refused(
    method: str, address: str, body: object, error: tuple[int, str]
) -> None:
    assert refused(method, address, body) == error


@pytest.mark.parametrize(
    "method, address, body, details, hint",
    [
        (
            "POST", "/item", {"id": 0},
            "MySQL would store the next number instead.",
            "Leave the column out, or send null, for the next number.",
        ),
        (
            "DELETE", "/log/7", None,
            "There is nothing at /log/7",
            "'log' has no primary key: use a filter instead, /log?column=eq.value",
        ),
    ],
)  # fmt: skip
def test_an_error_says_what_to_do(method: str, address: str, body: object, details: str, hint: str) -> None:
    with pytest.raises(ApiError) as caught:
        plan(method, address, body)
    assert (caught.value.details, caught.value.hint) == (details, hint)


def test_arguments_follow_the_order_of_the_parameters() -> None:
    request = parse_request("GET", "/rpc/add", "a=1&b=2", {}, b"", max_body_bytes=9, max_write_rows=9)
    assert plan_call(request, CATALOG, out_parameters=True).arguments == (2, 1)


@pytest.mark.parametrize("query", ["a=1", "a=1&b=2&c=3", "a=1&b=2&a=3x"])
def test_another_set_of_arguments_is_refused(query: str) -> None:
    request = parse_request("GET", "/rpc/add", query, {}, b"", max_body_bytes=9, max_write_rows=9)
    with pytest.raises(ApiError):
        plan_call(request, CATALOG, out_parameters=True)


def test_rows_with_different_keys_require_columns_or_defaults() -> None:
    body = [{"code": "a"}, {"code": "b"}, {"price": 2}]
    for prefer in ("", "missing=null"):
        with pytest.raises(ApiError) as caught:
            plan("POST", "/item", body, prefer)
        assert (caught.value.code, caught.value.message) == ("PGRST102", "All object keys must match")
        assert caught.value.details == "Element 2 of the array differs from the first in: code, price."
    assert inserted("/item?columns=code,price", body).rows.values == (("a", "b", None), (None, None, 2))
    assert inserted("/item", body, "missing=default").rows.values[1] == (Missing.DEFAULT, Missing.DEFAULT, 2)


@pytest.mark.parametrize("rows", [26, 50, 51, 1000])
def test_branches_for_integers_are_in_groups_that_the_server_finds_quickly(rows: int) -> None:
    id_, code, price = (ITEM.by_name[name] for name in ("id", "code", "price"))
    changes = [((-(10**8) - number,), (f"Å{number}", number)) for number in range(rows)]
    statements = list(case_updates(ITEM, (code, price), (id_,), changes, Dialect.MYSQL))
    assert sum(count for count, _ in statements) == rows
    for count, text in statements:
        assert len(text.encode()) <= MAX_STATEMENT_BYTES
        groups = re.findall(r" WHEN `id`<=(-\d+) THEN CASE `id`((?: WHEN -\d+ THEN [^ ]+)+) END", text)
        assert len(groups) == 2 * -(-count // 25)
        for last, branches in groups:
            found = re.findall(r" WHEN (-\d+) THEN", branches)
            assert len(found) <= 25
            assert found[-1] == last
            assert found == sorted(found, key=int)


def test_statements_contain_column_names_and_never_a_value() -> None:
    identity = (ITEM.by_name["id"],)
    code, price = ITEM.by_name["code"], ITEM.by_name["price"]
    assert insert_head(ITEM, (code, price)).text == "INSERT INTO `shop`.`item` (`code`,`price`) VALUES "
    assert update_keys(ITEM, ((code, "x"), (price, Missing.DEFAULT)), identity, ((1,), (2,))) == Sql(
        "UPDATE `shop`.`item` SET `code`=%s,`price`=DEFAULT WHERE `id` IN (%s,%s)", ("x", 1, 2)
    )
    assert delete_keys(ITEM, identity, ((1,),)) == Sql("DELETE FROM `shop`.`item` WHERE `id`=%s", (1,))
    assert keys_sql((code, price), (("a", 1), ("b", 2))) == Sql(
        "(`code`,`price`) IN ((%s,%s),(%s,%s))", ("a", 1, "b", 2)
    )
    assert list(case_updates(ITEM, (code,), identity, (((1,), ("a",)), ((2,), ("b",))), Dialect.MYSQL)) == [
        (2, "UPDATE `shop`.`item` SET `code`=CASE `id` WHEN 1 THEN 'a' WHEN 2 THEN 'b' END WHERE `id` IN (1,2)")
    ]
    assert list(case_updates(ITEM, (code,), identity, (((2,), ("b",)), ((1,), ("a",))), Dialect.MYSQL)) == [
        (2, "UPDATE `shop`.`item` SET `code`=CASE `id` WHEN 1 THEN 'a' WHEN 2 THEN 'b' END WHERE `id` IN (1,2)")
    ]
    assert list(case_updates(ITEM, (price,), (code, *identity), ((("a", 1), (None,)),), Dialect.MYSQL)) == [
        (1, "UPDATE `shop`.`item` SET `price`=NULL WHERE (`code`,`id`) IN (('a',1))")
    ]
    found = plan("DELETE", "/item?code=eq.x")
    assert isinstance(found, DeletePlan)
    assert found.located.direct is not None
    assert delete_where(ITEM, found.located.direct, Dialect.MYSQL) == Sql(
        "DELETE FROM `shop`.`item` WHERE `item`.`code` = %s AND COLLATION(`item`.`code`)=%s", ("x", "utf8mb4_bin")
    )
    limited = plan("PATCH", "/item?code=eq.x&order=price.desc&limit=2", {"price": 1})
    assert isinstance(limited, UpdatePlan)
    assert limited.located.direct is not None
    text = update_where(ITEM, limited.assignments, limited.located.direct, Dialect.MYSQL, limited.located.rows).text
    assert text.startswith(
        "UPDATE `shop`.`item` SET `price`=%s WHERE `item`.`code` = %s AND COLLATION(`item`.`code`)=%s ORDER BY "
    )
    assert text.endswith(" LIMIT %s")
