"""Requests and the SQL that reads them: texts and parameters, as they leave for MySQL (and where MariaDB differs)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalog import Dialect
from api.sql.read import explain_count, select_count, select_embedded, select_keys, select_rows
from api.sql.server import Server
from api.statement import MAX_STATEMENT_BYTES, Statement, size
from tests.unit.reading import CATALOG, catalog, plan

MYSQL = Server(Dialect.MYSQL)

READS: tuple[tuple[str, str, str, tuple[Any, ...]], ...] = (
    (
        "customer",
        "",
        "SELECT CONCAT(%s,t.`id`,%s,JSON_QUOTE(t.`name`),%s,IFNULL(t.`boss_id`,'null'),%s,IFNULL(t.`data`,'null'),%s) FROM `shop`.`customer` t",
        ('{"id":', ',"name":', ',"boss_id":', ',"data":', "}"),
    ),
    (
        "customer",
        "select=id&limit=3&offset=2",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t LIMIT %s OFFSET %s",
        ('{"id":', "}", 3, 2),
    ),
    (
        "customer",
        "select=id&offset=2",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t LIMIT %s OFFSET %s",
        ('{"id":', "}", 18446744073709551615, 2),
    ),
    (
        "customer",
        "name=eq.x&id=gt.3&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE t.`name` = %s AND t.`id` > %s",
        ('{"id":', "}", "x", 3),
    ),
    (
        "customer",
        "id=not.in.(1,2)&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE NOT (t.`id` IN (%s,%s))",
        ('{"id":', "}", 1, 2),
    ),
    (
        "customer",
        "id=in.()&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE FALSE",
        ('{"id":', "}"),
    ),
    (
        "customer",
        "or=(id.eq.1,not.and(name.like.a*,id.is.null))&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE (t.`id` = %s OR NOT (((t.`name` LIKE %s AND CONVERT(t.`name` USING utf8mb4) COLLATE utf8mb4_bin LIKE %s) AND FALSE)))",
        ('{"id":', "}", 1, "a%", "a%"),
    ),
    (
        "customer",
        "boss_id=is.null&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE t.`boss_id` IS NULL",
        ('{"id":', "}"),
    ),
    (
        "customer",
        "name=like(any).{a*,b*}&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE ((t.`name` LIKE %s AND CONVERT(t.`name` USING utf8mb4) COLLATE utf8mb4_bin LIKE %s) OR (t.`name` LIKE %s AND CONVERT(t.`name` USING utf8mb4) COLLATE utf8mb4_bin LIKE %s))",
        ('{"id":', "}", "a%", "a%", "b%", "b%"),
    ),
    (
        "customer",
        "name=ilike.A*&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE LOWER(CONVERT(t.`name` USING utf8mb4) COLLATE utf8mb4_bin) LIKE LOWER(%s)",
        ('{"id":', "}", "A%"),
    ),
    (
        "customer",
        "name=match.^a&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE REGEXP_LIKE(CONVERT(t.`name` USING utf8mb4) COLLATE utf8mb4_bin,%s,'c')",
        ('{"id":', "}", "^a"),
    ),
    (
        "customer",
        "name=isdistinct.x&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE NOT (t.`name` <=> %s)",
        ('{"id":', "}", "x"),
    ),
    (
        "customer",
        "data->a->>b=eq.x&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE JSON_UNQUOTE(NULLIF(JSON_EXTRACT(t.`data`,%s),CAST('null' AS JSON))) = %s",
        ('{"id":', "}", '$."a"."b"', "x"),
    ),
    (
        "customer",
        "data->a=gt.1&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE JSON_EXTRACT(t.`data`,%s) > CAST(%s AS JSON)",
        ('{"id":', "}", '$."a"', "1"),
    ),
    (
        "customer",
        "select=data->a,t:data->>b",
        "SELECT CONCAT(%s,IFNULL(JSON_EXTRACT(t.`data`,%s),'null'),%s,IFNULL(JSON_QUOTE(JSON_UNQUOTE(NULLIF(JSON_EXTRACT(t.`data`,%s),CAST('null' AS JSON)))),'null'),%s) FROM `shop`.`customer` t",
        ('{"a":', '$."a"', ',"t":', '$."b"', "}"),
    ),
    (
        "customer",
        "select=id,boss:boss_id(name)",
        "SELECT CONCAT(%s,t.`id`,%s,IF(e1.`id` IS NULL,'null',CONCAT(%s,JSON_QUOTE(e1.`name`),%s)),%s) FROM `shop`.`customer` t LEFT JOIN `shop`.`customer` e1 ON t.`boss_id` = e1.`id`",
        ('{"id":', ',"boss":', '{"name":', "}", "}"),
    ),
    (
        "customer",
        "select=id,purchase(id)",
        "SELECT CONCAT(%s,t.`id`,%s),t.`id`,%s FROM `shop`.`customer` t",
        ('{"id":', ',"purchase":', "}"),
    ),
    (
        "customer",
        "select=id,purchase!inner(id)&purchase.total=gt.5",
        "SELECT CONCAT(%s,t.`id`,%s),t.`id`,%s FROM `shop`.`customer` t WHERE EXISTS (SELECT 1 FROM `shop`.`purchase` e1 WHERE t.`id` = e1.`customer_id` AND e1.`total` > %s)",
        ('{"id":', ',"purchase":', "}", Decimal(5)),
    ),
    (
        "customer",
        "select=id&order=boss_id.desc,name",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t ORDER BY t.`boss_id` IS NULL DESC,t.`boss_id` DESC,t.`name`",
        ('{"id":', "}"),
    ),
    (
        "customer",
        "select=id&order=boss_id.nullsfirst",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t ORDER BY t.`boss_id`",
        ('{"id":', "}"),
    ),
    (
        "purchase",
        "status=gt.new&select=id",
        "SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`purchase` t WHERE t.`status`+0 > %s",
        ('{"id":', "}", 1),
    ),
    (
        "purchase",
        "select=status,total.sum()&order=status",
        "SELECT CONCAT(%s,IFNULL(JSON_QUOTE(t.`status`),'null'),%s,IFNULL(SUM(t.`total`),'null'),%s) FROM `shop`.`purchase` t GROUP BY t.`status` ORDER BY t.`status` IS NULL,t.`status`",
        ('{"status":', ',"sum":', "}"),
    ),
    (
        "purchase",
        "select=customer(name),count()",
        "SELECT CONCAT(%s,MAX(IF(e1.`id` IS NULL,'null',CONCAT(%s,JSON_QUOTE(e1.`name`),%s))),%s,IFNULL(COUNT(*),'null'),%s) FROM `shop`.`purchase` t LEFT JOIN `shop`.`customer` e1 ON t.`customer_id` = e1.`id` GROUP BY t.`customer_id`",
        ('{"customer":', '{"name":', "}", ',"count":', "}"),
    ),
    (
        "purchase",
        "select=id,...customer(name)",
        "SELECT CONCAT(%s,t.`id`,%s,IFNULL(JSON_QUOTE(e1.`name`),'null'),%s) FROM `shop`.`purchase` t LEFT JOIN `shop`.`customer` e1 ON t.`customer_id` = e1.`id`",
        ('{"id":', ',"name":', "}"),
    ),
    (
        "purchase",
        "select=id,customer(name)&order=customer(name).desc",
        "SELECT CONCAT(%s,t.`id`,%s,IF(e1.`id` IS NULL,'null',CONCAT(%s,JSON_QUOTE(e1.`name`),%s)),%s) FROM `shop`.`purchase` t LEFT JOIN `shop`.`customer` e1 ON t.`customer_id` = e1.`id` ORDER BY e1.`name` IS NULL DESC,e1.`name` DESC",
        ('{"id":', ',"customer":', '{"name":', "}", "}"),
    ),
    (
        "purchase",
        "select=total::text,placed::date",
        "SELECT CONCAT(%s,IFNULL(JSON_QUOTE(CONCAT(t.`total`)),'null'),%s,IFNULL(CONCAT('\"',DATE(t.`placed`),'\"'),'null'),%s) FROM `shop`.`purchase` t",
        ('{"total":', ',"placed":', "}"),
    ),
    (
        "product",
        "note=fts.cat&select=sku",
        "SELECT CONCAT(%s,JSON_QUOTE(t.`sku`),%s) FROM `shop`.`product` t WHERE MATCH (t.`note`) AGAINST (%s IN BOOLEAN MODE)",
        ('{"sku":', "}", "cat"),
    ),
    (
        "product",
        "note=not.fts.cat&select=sku",
        "SELECT CONCAT(%s,JSON_QUOTE(t.`sku`),%s) FROM `shop`.`product` t WHERE NOT ((MATCH (t.`note`) AGAINST (%s IN BOOLEAN MODE) OR IF(t.`note` IS NULL,NULL,FALSE)))",
        ('{"sku":', "}", "cat"),
    ),
    (
        "product",
        "colours=cs.{red}&select=sku",
        "SELECT CONCAT(%s,JSON_QUOTE(t.`sku`),%s) FROM `shop`.`product` t WHERE (t.`colours`+0 & %s) = %s",
        ('{"sku":', "}", 1, 1),
    ),
    (
        "product",
        'tags=cs.["x"]&select=sku',
        "SELECT CONCAT(%s,JSON_QUOTE(t.`sku`),%s) FROM `shop`.`product` t WHERE JSON_CONTAINS(t.`tags`,%s)",
        ('{"sku":', "}", '["x"]'),
    ),
    (
        "product",
        "active=is.true&select=sku",
        "SELECT CONCAT(%s,JSON_QUOTE(t.`sku`),%s) FROM `shop`.`product` t WHERE t.`active` IS TRUE",
        ('{"sku":', "}"),
    ),
    (
        "product",
        "select=sku,label(word)&label=is.null",
        "SELECT CONCAT(%s,JSON_QUOTE(t.`sku`),%s),t.`sku`,WEIGHT_STRING(RTRIM(t.`sku`)),%s FROM `shop`.`product` t WHERE NOT (EXISTS (SELECT 1 FROM `shop`.`product_label` e1j, `shop`.`label` e1 WHERE t.`sku` = e1j.`sku` AND e1j.`label_id` = e1.`id`))",
        ('{"sku":', ',"label":', "}"),
    ),
    (
        "50% `odd`",
        '"100%25"=eq.%25s',
        "SELECT CONCAT(%s,t.`se``lect`,%s,JSON_QUOTE(t.`100%%`),%s) FROM `shop`.`50%% ``odd``` t WHERE t.`100%%` = %s",
        ('{"se`lect":', ',"100%":', "}", "%s"),
    ),
)
MARIADB: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    (
        "select=id&name=match.^a",
        "SET STATEMENT max_statement_time=1.5 FOR SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE CONVERT(t.`name` USING utf8mb4) COLLATE utf8mb4_bin REGEXP CONCAT('(?-i)',%s)",
        ('{"id":', "}", "^a"),
    ),
    (
        "select=id&name=imatch.^a",
        "SET STATEMENT max_statement_time=1.5 FOR SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE CONVERT(t.`name` USING utf8mb4) COLLATE utf8mb4_bin REGEXP CONCAT('(?i)',%s)",
        ('{"id":', "}", "^a"),
    ),
    (
        "select=id&data->a=eq.1",
        "SET STATEMENT max_statement_time=1.5 FOR SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE JSON_NORMALIZE(JSON_EXTRACT(t.`data`,%s)) = JSON_NORMALIZE(%s)",
        ('{"id":', "}", '$."a"', "1"),
    ),
    (
        "select=id&data->>a=eq.x",
        "SET STATEMENT max_statement_time=1.5 FOR SELECT CONCAT(%s,t.`id`,%s) FROM `shop`.`customer` t WHERE JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(t.`data`,%s)),'null')) = %s",
        ('{"id":', "}", '$."a"', "x"),
    ),
)
EMBEDS: tuple[tuple[str, str, tuple[tuple[Any, ...], ...], str, tuple[Any, ...]], ...] = (
    (
        "customer",
        "select=id,purchase(id)",
        ((1,), (2,)),
        "SELECT e1.`customer_id`,CONCAT(%s,e1.`id`,%s) FROM `shop`.`purchase` e1 WHERE e1.`customer_id` IN (%s,%s) ORDER BY e1.`id`",
        ('{"id":', "}", 1, 2),
    ),
    (
        "customer",
        "select=id,purchase(id)&purchase.order=total.desc&purchase.limit=2&purchase.offset=1",
        ((1,),),
        "SELECT k0,c0 FROM (SELECT e1.`customer_id` k0,CONCAT(%s,e1.`id`,%s) c0,ROW_NUMBER() OVER (PARTITION BY e1.`customer_id` ORDER BY e1.`total` DESC,e1.`id` DESC) n FROM `shop`.`purchase` e1 WHERE e1.`customer_id` IN (%s)) e1w WHERE n>%s AND n<=%s ORDER BY n",
        ('{"id":', "}", 1, 1, 3),
    ),
    (
        "customer",
        "select=id,purchase(total.sum())",
        ((1,),),
        "SELECT e1.`customer_id`,CONCAT(%s,IFNULL(SUM(e1.`total`),'null'),%s) FROM `shop`.`purchase` e1 WHERE e1.`customer_id` IN (%s) GROUP BY e1.`customer_id`",
        ('{"sum":', "}", 1),
    ),
    (
        "customer",
        "select=id,purchase(status,count())&purchase.limit=1",
        ((1,),),
        "SELECT k0,c0 FROM (SELECT e1.`customer_id` k0,CONCAT(%s,IFNULL(JSON_QUOTE(e1.`status`),'null'),%s,IFNULL(COUNT(*),'null'),%s) c0,ROW_NUMBER() OVER (PARTITION BY e1.`customer_id` ORDER BY e1.`status`) n FROM `shop`.`purchase` e1 WHERE e1.`customer_id` IN (%s) GROUP BY e1.`customer_id`,e1.`status`) e1w WHERE n>%s AND n<=%s ORDER BY n",
        ('{"status":', ',"count":', "}", 1, 0, 1),
    ),
    (
        "product",
        "select=sku,label(word)",
        (("a",), ("b",)),
        "SELECT WEIGHT_STRING(RTRIM(e1j.`sku`)),CONCAT(%s,JSON_QUOTE(e1.`word`),%s) FROM `shop`.`product_label` e1j, `shop`.`label` e1 WHERE e1j.`sku` IN (%s,%s) AND e1j.`label_id` = e1.`id` ORDER BY e1.`id`",
        ('{"word":', "}", "a", "b"),
    ),
    (
        "item",
        "select=product(label(word))",
        (("a",),),
        "SELECT WEIGHT_STRING(RTRIM(e1.`sku`)),%s,e1.`sku`,WEIGHT_STRING(RTRIM(e1.`sku`)),%s FROM `shop`.`product` e1 WHERE e1.`sku` IN (%s) ORDER BY e1.`sku`",
        ('{"label":', "}", "a"),
    ),
    (
        "purchase",
        "select=item(line)",
        ((7,),),
        "SELECT e1.`purchase_id`,CONCAT(%s,e1.`line`,%s) FROM `shop`.`item` e1 WHERE e1.`purchase_id` IN (%s) ORDER BY e1.`purchase_id`,e1.`line`",
        ('{"line":', "}", 7),
    ),
)
COUNTS: tuple[tuple[str, str, str, tuple[Any, ...]], ...] = (
    ("customer", "name=eq.x", "SELECT COUNT(*) FROM `shop`.`customer` t WHERE t.`name` = %s", ("x",)),
    (
        "customer",
        "select=id,purchase!inner(id),boss_id(name)",
        "SELECT COUNT(*) FROM `shop`.`customer` t WHERE EXISTS (SELECT 1 FROM `shop`.`purchase` e1 WHERE t.`id` = e1.`customer_id`)",
        (),
    ),
    (
        "purchase",
        "select=customer!inner(name)&customer.name=eq.x",
        "SELECT COUNT(*) FROM `shop`.`purchase` t JOIN `shop`.`customer` e1 ON t.`customer_id` = e1.`id` AND e1.`name` = %s",
        ("x",),
    ),
    (
        "purchase",
        "select=status,count()",
        "SELECT COUNT(*) FROM (SELECT COUNT(*) FROM `shop`.`purchase` t GROUP BY t.`status`) g",
        (),
    ),
)


def rows_of(query: str, table: str = "customer") -> Statement:
    return select_rows(plan(query, table), MYSQL).statement


@pytest.mark.parametrize(
    "table, query, text, parameters", READS, ids=[f"{table}?{query}" for table, query, *_ in READS]
)
def test_a_request_becomes_this_statement(table: str, query: str, text: str, parameters: tuple[Any, ...]) -> None:
    statement = rows_of(query, table)
    assert statement.text == text
    assert statement.parameters == parameters
    assert statement.text.replace("%%", "").count("%s") == len(parameters)


@pytest.mark.parametrize("query, text, parameters", MARIADB, ids=[query for query, *_ in MARIADB])
def test_a_request_to_mariadb_becomes_this_statement(query: str, text: str, parameters: tuple[Any, ...]) -> None:
    held = catalog(Dialect.MARIADB)
    statement = select_rows(plan(query, "customer", held), Server(Dialect.MARIADB, 1500)).statement
    assert (statement.text, statement.parameters) == (text, parameters)


@pytest.mark.parametrize(
    "table, query, keys, text, parameters", EMBEDS, ids=[f"{table}?{query}" for table, query, *_ in EMBEDS]
)
def test_embedded_rows_are_selected_by_key(
    table: str, query: str, keys: tuple[tuple[Any, ...], ...], text: str, parameters: tuple[Any, ...]
) -> None:
    selection = select_embedded(plan(query, table).embeds[0], keys, MYSQL)
    assert (selection.statement.text, selection.statement.parameters) == (text, parameters)
    assert selection.key_width == 1


@pytest.mark.parametrize(
    "table, query, text, parameters", COUNTS, ids=[f"{table}?{query}" for table, query, *_ in COUNTS]
)
def test_a_count_leaves_out_columns_and_order(table: str, query: str, text: str, parameters: tuple[Any, ...]) -> None:
    statement = select_count(plan(query, table), MYSQL)
    assert (statement.text, statement.parameters) == (text, parameters)


def test_a_count_may_be_limited() -> None:
    statement = select_count(plan("id=gt.1"), MYSQL, at_most=10)
    assert statement.text == "SELECT COUNT(*) FROM (SELECT 1 FROM `shop`.`customer` t WHERE t.`id` > %s LIMIT %s) g"
    assert statement.parameters == (1, 10)


def test_an_estimate_uses_an_explain_format_of_every_version() -> None:
    text = "SELECT 1 FROM `shop`.`customer` t WHERE t.`id` > %s"
    assert explain_count(plan("id=gt.1"), MYSQL).text == f"EXPLAIN FORMAT=TRADITIONAL {text}"
    assert explain_count(plan("id=gt.1"), Server(Dialect.MARIADB)).text == f"EXPLAIN EXTENDED {text}"


def test_only_the_root_tables_rows_are_locked() -> None:
    table = CATALOG.schemas["shop"].tables["purchase"]
    wanted = plan("select=id,customer!inner(id)&customer.name=eq.x&limit=2&order=id", "purchase")
    columns = (table.by_name["id"],)
    rows = "FROM `shop`.`purchase` t JOIN `shop`.`customer` e1 ON t.`customer_id` = e1.`id` AND e1.`name` = %s"
    assert select_keys(wanted, columns, MYSQL, for_update=True).text == (
        f"SELECT t.`id` {rows} ORDER BY t.`id` LIMIT %s FOR UPDATE OF t"
    )
    assert select_keys(wanted, columns, Server(Dialect.MARIADB), for_update=True).text.endswith("LIMIT %s FOR UPDATE")
    assert select_keys(wanted, columns, MYSQL, for_update=False).text.endswith("LIMIT %s")


def test_every_select_has_its_time_limit() -> None:
    timed = Server(Dialect.MYSQL, 1500)
    hint = "SELECT /*+ MAX_EXECUTION_TIME(1500) */ "
    assert select_rows(plan(""), timed).statement.text.startswith(hint)
    assert select_count(plan(""), timed).text.startswith(hint)
    embed = plan("select=purchase(id)&purchase.limit=1").embeds[0]
    assert select_embedded(embed, ((1,),), timed).statement.text.startswith(hint)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


@given(one=TEXTS, other=TEXTS)
def test_values_never_change_the_text_of_a_statement(one: str, other: str) -> None:
    def quoted(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    def statement(text: str) -> Statement:

        tree = quote(f"(name.eq.{quoted(text)},name.like.{quoted(text)},data->>a.gt.{quoted(text)})", safe="")
        listed = quote(f"in.({quoted(text)},{quoted(text)})", safe="")
        value = quote(text, safe="")
        return rows_of(f"or={tree}&name={listed}&name=eq.{value}&name=match.{value}&data->>b=isdistinct.{value}")

    assert statement(one).text == statement(other).text
    assert statement(one).parameters.count(one) >= 6
    assert len(statement(one).parameters) == len(statement(other).parameters)


@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=50))
def test_the_size_of_a_statement_is_known_before_it_is_sent(numbers: list[int]) -> None:
    statement = rows_of(f"select=id&id=in.({','.join(map(str, numbers))})")
    final = statement.text % tuple(map(repr, statement.parameters))
    assert len(final.encode()) <= size(statement) <= len(final.encode()) + 4 * len(statement.parameters) + 8
    assert size(statement) < MAX_STATEMENT_BYTES
