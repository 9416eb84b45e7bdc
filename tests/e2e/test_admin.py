"""react-admin's AdminGuesser of ra-supabase, unmodified, lists, shows and edits every table in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Route, expect

from local.server import Server
from tests.e2e import sites
from tests.e2e.conftest import Node
from tests.e2e.sites import Site, Visit
from tests.e2e.world import sample_database

FOLDER = Path(__file__).parent
PAGE = '<!doctype html><meta charset="utf-8"><div id="root"></div><script type="module" src="/app.js"></script>'
EDITED = {"string": "Zz", "integer": "7", "number": "7"}
"""What is typed into a field of each type."""
BOUND = {"notes"}
"""Row policies let the visitor, who has no token, read rows and change none."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, node: Node) -> str:
    """The application, as a bundler builds it."""
    file = tmp_path_factory.mktemp("admin") / "app.js"
    node("admin/build.mjs", str(file), cwd=FOLDER)
    return file.read_text(encoding="utf-8")


@contextmanager
def sakila(server: Server) -> Iterator[str]:
    with server.temporary_database() as name:
        statements = (FOLDER / "sakila.sql").read_text(encoding="utf-8").split(";\n")
        server.execute(*filter(str.strip, statements), database=name)
        yield name


DATABASES = {"world": sample_database, "sakila": sakila}


@pytest.fixture(params=DATABASES)
def site(request: pytest.FixtureRequest, server: Server) -> Iterator[Site]:
    with DATABASES[request.param](server) as database, sites.site(server, database) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, site: Site, bundle: str) -> Iterator[Visit]:
    """A page of the API's origin, whose other addresses are the application's."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/rest/v1/"):
            route.continue_()
        elif path == "/app.js":
            route.fulfill(body=bundle, content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    context = browser.new_context(viewport={"width": 1600, "height": 1200})
    context.route("**/*", answer)
    yield sites.watched(Visit(context.new_page()))
    context.close()


def edited_column(properties: Any) -> str | None:
    """A column outside every key that can be typed into, if there is one."""
    for name, column in properties.items():
        is_plain = "enum" not in column and column.get("format") not in ("bytea", "date")
        is_key = "Key" in column.get("description", "")
        if column.get("type") in EDITED and is_plain and not is_key and "time" not in column["format"]:
            return str(name)
    return None


def test_every_table_is_listed_shown_and_edited(site: Site, visit: Visit) -> None:
    page = visit.page
    document = httpx.get(f"{site.origin}/rest/v1/").json()
    tables = {name: each["properties"] for name, each in document["definitions"].items()}
    page.goto(site.origin)
    expect(page.locator("a[role=menuitem]")).to_have_count(len(tables), timeout=20_000)
    changed: dict[str, str] = {}
    for table, columns in tables.items():
        page.locator(f'a[href="/{table}"]').click()
        row = page.locator("table tbody tr").first
        expect(row).to_be_visible()
        expect(page.locator("table thead th")).to_have_count(len(columns) + 1)
        if not any("<pk/>" in each.get("description", "") for each in columns.values()):
            continue  # there is no address of a single row without a key
        row.locator("td").nth(1).click()
        expect(page.locator(".RaShow-main .RaLabeled-label")).to_have_count(len(columns))
        if "patch" not in document["paths"][f"/{table}"]:
            continue
        page.locator("a[aria-label=Edit]").click()
        expect(page.locator("form")).to_be_visible()
        column = edited_column(columns)
        if column is not None and table not in BOUND:
            page.locator(f'form [name="{column}"]').fill(EDITED[columns[column]["type"]])
            page.locator("button[aria-label=Save]").click()
            expect(page).to_have_url(f"{site.origin}/{table}")
            changed[table] = column
    assert len(changed) >= 9
    expect(page.locator("text=Undo")).to_have_count(0)  # until then, the last change can be undone and is not sent
    assert visit.complaints == []
    with site.server.connect(site.database) as connection, connection.cursor() as cursor:
        for table, column in changed.items():
            text = EDITED[tables[table][column]["type"]]
            cursor.execute(f"SELECT COUNT(*) FROM `{table}` WHERE `{column}` = %s", (text,))
            assert cursor.fetchone() >= (1,), (table, column)
