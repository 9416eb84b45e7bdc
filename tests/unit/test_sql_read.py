"""Requests and the SQL that reads them; tests/unit/sql/ has the tables of cases."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalog import Dialect
from api.sql.read import ALL, Counting, explain_count, select_count, select_embedded, select_keys, select_rows
from api.sql.server import Server
from api.statement import MAX_STATEMENT_BYTES, Statement, size
from tests.quoting import quoted
from tests.unit.reading import CATALOG, catalog, plan
from tests.unit.sql_cases import Case, cases

MYSQL = Server(Dialect.MYSQL)


def rows_of(query: str, table: str = "customer") -> Statement:
    return select_rows(plan(query, table), MYSQL).statement


@pytest.mark.parametrize("case", cases("reads"), ids=str)
def test_a_request_becomes_this_statement(case: Case) -> None:
    case.check(rows_of(case.query, case.table))


@pytest.mark.parametrize("case", cases("reads_mariadb"), ids=str)
def test_a_request_to_mariadb_becomes_this_statement(case: Case) -> None:
    held = catalog(Dialect.MARIADB)
    case.check(select_rows(plan(case.query, case.table, held), Server(Dialect.MARIADB, 1500)).statement)


@pytest.mark.parametrize("case", cases("embeds"), ids=str)
def test_embedded_rows_are_selected_by_key(case: Case) -> None:
    selection = select_embedded(plan(case.query, case.table).embeds[0], case.keys, MYSQL)
    case.check(selection.statement)
    assert selection.key_width == 1


@pytest.mark.parametrize("case", cases("nested"), ids=str)
def test_embeds_are_part_of_the_statement_of_a_list(case: Case) -> None:
    case.check(select_rows(plan(case.query, case.table), MYSQL, nest=True).statement)


@pytest.mark.parametrize("case", cases("nested_mariadb"), ids=str)
def test_embeds_are_part_of_the_statement_of_a_list_on_mariadb(case: Case) -> None:
    held = catalog(Dialect.MARIADB)
    case.check(select_rows(plan(case.query, case.table, held), Server(Dialect.MARIADB), nest=True).statement)


def test_the_total_is_a_column_of_the_rows() -> None:
    selection = select_rows(plan("select=id&id=gt.1&order=id&limit=3"), MYSQL, order_values=True, total=ALL)
    assert selection.statement.text == (
        "SELECT CONCAT(%s,t.`id`+0,%s),t.`id`,(SELECT COUNT(*) FROM `shop`.`customer` t WHERE t.`id` > %s) "
        "FROM `shop`.`customer` t WHERE t.`id` > %s ORDER BY t.`id` LIMIT %s"
    )
    assert (selection.order_values, selection.counted) == (1, True)


@pytest.mark.parametrize("case", cases("counts"), ids=str)
def test_a_count_leaves_out_columns_and_order(case: Case) -> None:
    case.check(select_count(plan(case.query, case.table), MYSQL))


def test_a_count_may_be_limited() -> None:
    statement = select_count(plan("id=gt.1"), MYSQL, Counting(at_most=10))
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
