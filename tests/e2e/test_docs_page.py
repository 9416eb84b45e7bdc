"""`/docs` in a real browser, served by the application on a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from api.catalog import Catalog, Column, Dialect, Schema, Table
from api.catalog.introspection.column_types import column_type
from api.documents.openapi import Options, as_3_0, document
from local.server import Server
from local.tokens import signed
from tests.accounts import role_accounts
from tests.e2e import sites
from tests.e2e.sites import Site, Visit
from tests.serving import serving

SCHEMA = (
    (
        "CREATE TABLE customer (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL COMMENT 'on the invoice', "
        "state ENUM('new','old') NOT NULL DEFAULT 'new', born DATE) COMMENT 'who buys'"
    ),
    "CREATE TABLE `50% of {a}` (id INT PRIMARY KEY, customer_id INT, FOREIGN KEY (customer_id) REFERENCES customer (id))",
    "CREATE VIEW `order` AS SELECT id, name FROM customer",
    "CREATE FUNCTION doubled(n INT) RETURNS INT NO SQL RETURN 2 * n",
    "INSERT INTO customer (id, name, born) VALUES (1, 'Ada', '1815-12-10'), (2, 'Grace', NULL)",
    "INSERT INTO `50% of {a}` VALUES (7, 2)",
)


@dataclass
class DocsVisit(Visit):
    """A visit to `/docs`."""

    def operation(self, tag: str, operation: str) -> str:
        """Open an operation and return the selector of its block."""
        section = self.page.locator(f'.opblock-tag-section:has(h3[data-tag="{tag}"])')
        block = f'[id$="-{operation}"]'
        section.locator("h3").click()
        self.page.locator(f"{block} .opblock-summary-control").click()
        expect(self.page.locator(f"{block} .execute")).to_be_visible()
        return block

    def execute(self, block: str) -> tuple[str, str]:
        """Press the button and return the status and the body."""
        self.page.locator(f"{block} .execute").click()
        answer = self.page.locator(f"{block} .live-responses-table")
        expect(answer.locator(".response-col_status").last).to_be_visible()
        return answer.locator(".response-col_status").last.inner_text(), answer.locator("pre").first.inner_text()


@pytest.fixture
def site(mysql_server: Server) -> Iterator[Site]:
    with mysql_server.temporary_database() as database:
        mysql_server.execute(*SCHEMA, database=database)
        with sites.site(mysql_server, database) as running:
            yield running


@pytest.fixture
def visit(browser: Browser) -> Iterator[DocsVisit]:
    context = browser.new_context()
    yield sites.watched(DocsVisit(context.new_page()))
    context.close()


@pytest.mark.parametrize("address", ["/docs", "/stage/docs/"])
def test_the_page_shows_every_table_and_sends_requests_to_no_other_host(
    site: Site, visit: DocsVisit, address: str
) -> None:
    visit.page.goto(site.origin + address)
    expect(visit.page.locator("h3[data-tag='customer']")).to_be_visible()
    tags = visit.page.locator(".opblock-tag").evaluate_all("tags => tags.map(tag => tag.dataset.tag)")
    assert tags == ["(introspection)", "50% of {a}", "customer", "order", "(rpc)"]
    assert visit.page.title() == f"{site.database} API"
    assert {request for request in visit.requests if not request.startswith((site.origin, "data:"))} == set()
    block = visit.operation("customer", "list_customer")
    status, body = visit.execute(block)
    assert status.startswith("200")
    assert '"Ada"' in body
    prefix = address.partition("/docs")[0]
    assert visit.requests[-1] == f"{site.origin}{prefix}/rest/v1/customer"
    assert visit.complaints == []


@pytest.mark.parametrize("scheme, background", [("light", "rgba(0, 0, 0, 0)"), ("dark", "rgb(28, 32, 34)")])
def test_the_page_is_dark_where_the_system_is(site: Site, visit: DocsVisit, scheme: Any, background: str) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.goto(f"{site.origin}/docs")
    expect(visit.page.locator("h3[data-tag='customer']")).to_be_visible()
    assert visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == background


def test_an_operation_accepts_filters_and_shows_matching_rows(site: Site, visit: DocsVisit) -> None:
    visit.page.goto(f"{site.origin}/docs")
    block = visit.operation("customer", "list_customer")
    visit.page.get_by_placeholder("name", exact=True).fill("eq.Grace")
    visit.page.get_by_placeholder("select", exact=True).fill('name,"50% of {a}"(id)')
    status, body = visit.execute(block)
    assert status.startswith("200")
    assert "Ada" not in body
    assert '"id": 7' in body
    assert visit.complaints == []


def test_a_table_with_an_odd_name_can_be_queried(site: Site, visit: DocsVisit) -> None:
    visit.page.goto(f"{site.origin}/docs")
    block = visit.operation("50% of {a}", "list_50__of__a_")
    status, body = visit.execute(block)
    assert (status.partition("\n")[0], '"customer_id": 2' in body) == ("200", True)


def test_the_sample_body_of_an_insert_is_accepted_unchanged(site: Site, visit: DocsVisit) -> None:
    visit.page.goto(f"{site.origin}/docs")
    block = visit.operation("customer", "insert_customer")
    status, _ = visit.execute(block)
    assert status.partition("\n")[0] == "201"
    with site.server.connect(site.database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name, state FROM customer WHERE id > 2")
        assert cursor.fetchall() == (("text", "new"),)


def test_a_function_can_be_called(site: Site, visit: DocsVisit) -> None:
    visit.page.goto(f"{site.origin}/docs")
    block = visit.operation("(rpc)", "read_doubled")
    visit.page.get_by_placeholder("n", exact=True).fill("21")
    assert visit.execute(block) == ("200", "42")


def test_a_document_that_is_not_json_is_an_error_on_the_page(site: Site, visit: DocsVisit) -> None:
    visit.page.route(
        "**/openapi.json*", lambda route: route.fulfill(body="{: not a document", content_type="text/plain")
    )
    visit.page.goto(f"{site.origin}/docs")
    expect(visit.page.locator(".errors-wrapper")).to_contain_text("Parser error")


COLUMNS = (
    "int", "varchar(80)", "enum('new','paid','sent','closed')", "decimal(12,2)", "text", "date", "datetime",
    "timestamp", "tinyint(1)", "json", "char(8)", "bigint",
)  # fmt: skip


def large_document() -> str:
    """The 3.0.3 document of 300 tables of 12 columns."""
    columns = tuple(
        Column(f"column_{number}", column_type(declared), position=number, nullable=number > 6)
        for number, declared in enumerate(COLUMNS)
    )
    tables = [
        Table(
            "shop", f"table_{number:03d}", is_view=False, columns=columns, primary_key=("column_0",), comment="a table"
        )
        for number in range(300)
    ]
    catalog = Catalog({"shop": Schema("shop", {each.name: each for each in tables}, {})}, Dialect.MYSQL, (8, 4), {})
    return json.dumps(as_3_0(document(catalog, Options())))


def test_the_page_of_300_tables_fits_130_megabytes(site: Site, visit: DocsVisit) -> None:
    text = large_document()
    assert len(text) > 4_000_000
    visit.page.route("**/openapi.json*", lambda route: route.fulfill(body=text, content_type="application/json"))
    browser = visit.page.context.new_cdp_session(visit.page)
    browser.send("Performance.enable")
    visit.page.goto(f"{site.origin}/docs")
    expect(visit.page.locator("h3[data-tag='table_000']")).to_be_visible()
    browser.send("HeapProfiler.collectGarbage")
    measured = {each["name"]: each["value"] for each in browser.send("Performance.getMetrics")["metrics"]}
    assert measured["JSHeapUsedSize"] < 130e6
    assert measured["Nodes"] < 10_000  # tables outside the window are not drawn
    visit.page.locator("h3[data-tag='table_000']").click()
    visit.page.locator('[id$="-list_table_000"] .opblock-summary-control').click()
    expect(visit.page.locator('[id$="-list_table_000"] .execute')).to_be_visible()
    assert visit.complaints == []


SECRET = "a-secret-of-the-tests-that-is-long-enough"
ROLES = ("guest", "clerk")


@pytest.fixture
def guarded(mysql_server: Server) -> Iterator[str]:
    """The address of a local server with roles: a guest may read one table, a clerk two."""
    with mysql_server.temporary_database() as database, role_accounts(mysql_server, *ROLES):
        mysql_server.execute(
            "CREATE TABLE notice (id INT PRIMARY KEY)",
            "CREATE TABLE invoice (id INT PRIMARY KEY)",
            "INSERT INTO invoice VALUES (7)",
            "GRANT SELECT ON notice TO guest, clerk",
            "GRANT SELECT ON invoice TO clerk",
            database=database,
        )
        with serving(
            mysql_server.url(database), ROLES=",".join(ROLES), ANONYMOUS_ROLE="guest", JWT_SECRET=SECRET
        ) as address:
            yield address


def test_a_token_shows_what_its_role_may_do(guarded: str, visit: DocsVisit) -> None:
    page = visit.page
    page.goto(f"{guarded}/docs")
    expect(page.locator("h3[data-tag='notice']")).to_be_visible()
    expect(page.locator("h3[data-tag='invoice']")).to_have_count(0)

    page.locator(".btn.authorize").first.click()
    page.locator(".auth-container input").fill(signed({"role": "clerk", "sub": "42"}, SECRET))
    page.locator(".auth-btn-wrapper .authorize").click()
    expect(page.locator("h3[data-tag='invoice']")).to_be_visible()
    page.locator(".btn-done").click()
    status, body = visit.execute(visit.operation("invoice", "list_invoice"))
    assert status.startswith("200")
    assert '"id": 7' in body

    page.locator(".btn.authorize").first.click()
    page.locator(".auth-btn-wrapper button", has_text="Logout").click()
    expect(page.locator("h3[data-tag='invoice']")).to_have_count(0)
    assert visit.complaints == []
