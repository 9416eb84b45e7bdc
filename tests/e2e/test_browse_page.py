"""`/browse` in a real browser over the sample database: everything that people do with ordinary tables."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from local.server import Server
from tests.e2e import sites
from tests.e2e.conftest import Node
from tests.e2e.packages import BROWSE, FOLDER
from tests.e2e.sites import Site, Visit
from tests.e2e.world import sample_database

ROWS = "table.grid tbody tr"


@pytest.fixture(scope="module")
def site(mysql_server: Server) -> Iterator[Site]:
    with sample_database(mysql_server) as name:
        mysql_server.execute("ANALYZE TABLE cities, countries", database=name)
        with sites.site(mysql_server, name, BROWSE="true") as running:
            yield running


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    found = sites.watched(Visit(context.new_page()))
    found.page.set_default_timeout(10_000)
    yield found
    assert found.complaints == []
    context.close()


def show(visit: Visit, site: Site, address: str) -> Page:
    """Open a view; `{db}` in its address is the database."""
    visit.page.goto(f"{site.origin}/browse#/{address.format(db=site.database)}")
    return visit.page


def column(page: Page, name: str) -> list[str]:
    """What one column of the rows shows."""
    names = page.locator("table.grid thead th").evaluate_all(
        "heads => heads.map(head => head.querySelector('bdi')?.textContent ?? '')"
    )
    return page.locator(f"{ROWS} td:nth-child({names.index(name) + 1})").all_inner_texts()


def settled(page: Page) -> None:
    """Wait until the rows belong to the address."""
    expect(page.locator(".view > .scroll[data-busy=false]")).to_be_visible()


def query(page: Page) -> str:
    return unquote(page.evaluate("location.hash").partition("?")[2])


# -- the page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/browse", "/stage/browse/"])
def test_the_first_page_lists_every_table_and_asks_no_one_else(site: Site, visit: Visit, address: str) -> None:
    visit.page.goto(site.origin + address)
    listed = visit.page.locator("main tbody tr")
    expect(listed).to_have_count(15)
    assert listed.nth(0).inner_text().split("\t")[:2] == ["airports", "table"]
    assert "Airports, airfields and heliports" in listed.nth(0).inner_text()
    assert listed.nth(3).inner_text().split("\t")[:2] == ["continent_statistics", "view"]
    assert {request for request in visit.requests if not request.startswith((site.origin, "data:"))} == set()
    assert not any("openapi" in request for request in visit.requests)
    visit.page.locator("nav a", has_text="continents").click()
    expect(visit.page.locator(ROWS)).to_have_count(7)
    prefix = address.partition("/browse")[0]
    assert f"{site.origin}{prefix}/rest/v1/continents?limit=50" in visit.requests


def test_the_policy_lets_no_foreign_script_and_no_markup_in(site: Site, visit: Visit) -> None:
    page = show(visit, site, "tables")
    expect(page.locator("main tbody tr").first).to_be_visible()
    refused = page.evaluate(
        """() => {
            const attempts = {
                markup: () => { document.body.innerHTML = "<b>x</b>"; },
                worker: () => { new Worker("data:text/javascript,1"); },
                policy: () => { trustedTypes.createPolicy("other", {}); },
            };
            return Object.entries(attempts).filter(([, attempt]) => {
                try { attempt(); return false; } catch { return true; }
            }).map(([name]) => name);
        }"""
    )
    assert refused == ["markup", "worker", "policy"]
    evaluated = (
        "() => new Promise(done => setTimeout(() => { try { done((0, eval)('1')) } catch { done('refused') } }))"
    )
    assert page.evaluate(evaluated) == "refused"
    inline = "() => { const s = document.createElement('style'); s.textContent = 'body{display:none}'; document.head.append(s); return getComputedStyle(document.body).display }"
    assert page.evaluate(inline) == "block"
    visit.complaints.clear()  # the browser's own words about these attempts


def test_it_is_used_by_keyboard_alone(site: Site, visit: Visit) -> None:
    page = show(visit, site, "tables")
    expect(page.locator("nav li").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("curren")
    expect(page.locator("nav li")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="currencies")).to_be_visible()
    page.locator(f"{ROWS} td").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    code = page.evaluate("document.activeElement.innerText")
    assert code == column(page, "code")[1]
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("dl.fields")).to_be_visible()
    assert page.evaluate("location.hash").endswith(f"/currencies/{code}")
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Find a table"


def test_a_phone_has_the_tables_in_a_drawer_and_scrolls_no_page_sideways(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 720}, has_touch=True, is_mobile=True)
    found = sites.watched(Visit(context.new_page()))
    page = show(found, site, "tables")
    page.get_by_role("button", name="Tables").tap()
    page.locator("nav a", has_text="timezones").tap()
    expect(page.locator(ROWS)).to_have_count(50)
    expect(page.locator("nav.sidebar")).not_to_be_in_viewport()
    for address in (
        "rows/{db}/cities",
        "row/{db}/countries/CH",
        "new/{db}/cities",
        "numbers/{db}/cities",
        "diagram",
        "me",
    ):
        show(found, site, address)
        expect(page.locator("main h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, address
    assert found.complaints == []
    context.close()


AXE = (BROWSE / "node_modules" / "axe-core" / "axe.min.js").read_text()
VIEWS = (
    "tables", "rows/{db}/cities?country_code=eq.CH&order=name", "row/{db}/cities/2657896", "new/{db}/airports",
    "import/{db}/currencies", "diagram", "numbers/{db}/countries", "me",
    "numbers/{db}/countries?select=continent_code,first_weekday,value:count()",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_roles_and_contrasts_are_those_that_wcag_asks_for(site: Site, browser: Browser, scheme: str) -> None:
    colors: Literal["light", "dark"] = "light" if scheme == "light" else "dark"
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=colors, bypass_csp=True)
    found = sites.watched(Visit(context.new_page()))
    for address in VIEWS:
        page = show(found, site, address)
        expect(page.locator("main h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
        if address.startswith("rows"):
            for name in ("Code", "Map", "+ Filter", "Columns"):
                page.get_by_role("button", name=name, exact=True).click()
        if address.startswith("row/"):
            page.get_by_role("button", name="Edit", exact=True).click()
        page.evaluate(AXE)
        violations = page.evaluate(
            "axe.run().then(({ violations }) => violations.map(one => [one.id, one.nodes[0].html]))"
        )
        assert violations == [], address
    context.close()


# -- rows --------------------------------------------------------------------------------------------------------------


def test_a_click_on_a_column_orders_by_it_and_a_second_turns_it_round(site: Site, visit: Visit) -> None:
    page = show(visit, site, "rows/{db}/continents")
    head = page.locator("thead button", has_text="name").first
    head.click()
    expect(page.locator("thead th[aria-sort=ascending]")).to_contain_text("name")
    settled(page)
    assert column(page, "name") == sorted(column(page, "name"))
    head.click()
    expect(page.locator("thead th[aria-sort=descending]")).to_contain_text("name")
    settled(page)
    assert query(page) == "order=name.desc"
    assert column(page, "name")[0] == "South America"
    head.click()
    expect(page.locator("thead th[aria-sort]")).to_have_count(0)


def test_the_form_writes_filters_into_the_address_and_chips_take_them_out(site: Site, visit: Visit) -> None:
    page = show(visit, site, "rows/{db}/countries")
    page.get_by_role("button", name="+ Filter").click()
    page.get_by_label("Column", exact=True).select_option("name")
    page.get_by_label("Comparison").select_option(label="contains")
    page.get_by_label("Value", exact=True).fill("land")
    page.keyboard.press("Enter")
    settled(page)
    assert query(page) == "name=ilike.*land*"
    page.get_by_role("button", name="+ Filter").click()
    page.get_by_label("Column", exact=True).select_option("first_weekday")
    page.get_by_label("Value", exact=True).select_option("sunday")
    page.get_by_role("button", name="Apply").click()
    settled(page)
    assert page.get_by_label("Query in the API’s grammar").input_value() == "name=ilike.*land*&first_weekday=eq.sunday"
    expect(page.locator(ROWS)).not_to_have_count(0)
    assert all("land" in name.lower() for name in column(page, "name"))
    assert set(column(page, "first_weekday")) == {"sunday"}
    page.get_by_role("button", name="Remove the filter name=ilike.*land*").click()
    settled(page)
    assert query(page) == "first_weekday=eq.sunday"
    page.locator(".chip button").first.click()
    page.get_by_label("Comparison").select_option(label="is null")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Apply").click()
    settled(page)
    assert query(page) == "first_weekday=is.null"
    assert set(column(page, "first_weekday")) == {"null"}


def test_a_query_written_by_hand_is_shown_by_the_forms_or_as_it_is(site: Site, visit: Visit) -> None:
    page = show(visit, site, "rows/{db}/cities")
    field = page.get_by_label("Query in the API’s grammar")
    field.fill("or=(name.eq.Bern,name.eq.Basel)&country_code=in.(CH,DE)&order=name&names_wrong=eq.1")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("names_wrong")
    page.get_by_role("button", name="Remove the filter names_wrong=eq.1").click()
    settled(page)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert column(page, "name") == ["Basel", "Bern"]
    chips = page.locator(".chip button:first-child").all_text_contents()
    assert chips == ["or=(name.eq.Bern,name.eq.Basel)", "country_code is one of CH, DE"]


def test_pages_follow_one_another_by_key_and_lead_back(site: Site, visit: Visit) -> None:
    page = show(visit, site, "rows/{db}/cities?country_code=eq.CH&order=name.desc&limit=25")
    settled(page)
    seen = [column(page, "name")]
    for number in (2, 3):
        page.get_by_role("link", name="Next ›").click()
        expect(page.locator(".status [role=status]")).to_contain_text(f"{25 * number - 24}–")
        settled(page)
        seen.append(column(page, "name"))
    assert "offset" not in visit.requests[-1]
    names = [name for part in seen for name in part]
    assert len(set(names)) == len(names) == 75
    page.get_by_role("link", name="‹ Previous").click()
    expect(page.locator(".status [role=status]")).to_contain_text("26–50")
    settled(page)
    assert column(page, "name") == seen[1]
    page.reload()
    settled(page)
    assert column(page, "name") == seen[1]
    page.locator("thead button", has_text="population").click()
    settled(page)
    expect(page.locator(".status [role=status]")).to_contain_text("1–25")
    page.get_by_role("button", name="Count", exact=True).click()
    expect(page.locator(".status [role=status]")).to_have_text("1–25 of 95")


def test_columns_are_chosen_and_related_tables_counted_and_named(site: Site, visit: Visit) -> None:
    page = show(visit, site, "rows/{db}/countries?code=in.(CH,LI)&order=code")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="None").click()
    for label in ("name varchar", "cities how many", "continents by"):
        page.get_by_role("button", name="Columns").click() if not page.locator(".column-menu").is_visible() else None
        page.locator(".column-menu label", has_text=re.compile(rf"^\s*{label}")).locator("input").check()
        settled(page)
    expect(page.locator("thead .column-name bdi")).to_have_count(4)
    settled(page)
    assert page.locator("thead .column-name bdi").all_inner_texts() == ["code", "name", "cities", "continents"]
    assert column(page, "cities") == ["95", "1"]
    assert column(page, "continents") == ["Europe", "Europe"]
    page.locator(f"{ROWS}").first.get_by_role("link", name="95").click()
    settled(page)
    assert page.evaluate("location.hash").endswith("/cities?country_code=eq.CH")
    page.locator(ROWS).first.get_by_role("link", name="CH", exact=True).click()
    expect(page.get_by_role("heading", name="Switzerland")).to_be_visible()


def test_the_lines_to_copy_give_the_rows_that_are_shown(site: Site, visit: Visit, node: Node, tmp_path: Path) -> None:
    address = (
        "rows/{db}/cities?select=id,name,country_code&country_code=in.(CH,LI)&name=not.ilike.*a*"
        "&or=(population.gt.20000,name.eq.Vaduz)&order=country_code.desc,name&limit=7"
    )
    page = show(visit, site, address)
    settled(page)
    shown = list(zip(*(column(page, name) for name in ("id", "name", "country_code")), strict=True))
    assert len(shown) == 7
    assert shown[0][2] == "LI" or shown[0][2] == "CH"
    page.get_by_role("button", name="Code", exact=True).click()
    lines = {}
    for language in ("Address", "curl", "supabase-js", "Python"):
        page.get_by_role("button", name=language, exact=True).click()
        lines[language] = page.locator(".code pre").inner_text()
    curl = subprocess.run(["sh", "-c", f"{lines['curl']} -sS"], capture_output=True, text=True, check=True).stdout
    python = tmp_path / "lines.py"
    python.write_text(f"{lines['Python']}\nimport json\nprint(json.dumps(rows))\n")
    by_python = subprocess.run([sys.executable, python], capture_output=True, text=True, check=True).stdout
    script = FOLDER / f".{tmp_path.name}.mjs"  # beside the packages that it imports
    script.write_text(f"{lines['supabase-js']}\nif (error) throw error;\nconsole.log(JSON.stringify(data));\n")
    try:
        by_node = node(str(script), cwd=FOLDER)
    finally:
        script.unlink()
    for text in (curl, by_python, by_node):
        assert [(str(row["id"]), row["name"], row["country_code"]) for row in json.loads(text)] == shown
    assert lines["Address"].startswith(f"{site.origin}/rest/v1/cities?select=id,name,country_code&")


def test_downloads_hold_every_page_with_exact_digits(site: Site, visit: Visit, tmp_path: Path) -> None:
    page = show(visit, site, "rows/{db}/airports?select=icao,name,location&order=icao&icao=like.E*")
    settled(page)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as got:
        page.locator(".choices button", has_text="CSV").last.click()
    got.value.save_as(tmp_path / "all.csv")
    lines = list(csv.DictReader((tmp_path / "all.csv").open(newline="")))
    with site.server.connect(site.database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT icao FROM airports WHERE icao LIKE BINARY 'E%' ORDER BY icao")
        codes = [code for (code,) in cursor.fetchall()]
    assert len(codes) > 1000  # more than one answer holds
    assert [line["icao"] for line in lines] == codes
    show(visit, site, "rows/{db}/countries?select=code,area_km2&code=eq.CH")
    settled(page)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as got:
        page.locator(".choices button", has_text="NDJSON").first.click()
    assert Path(got.value.path()).read_text() == '{"code":"CH","area_km2":41290.00}\n'
    assert got.value.suggested_filename == "countries.ndjson"


def test_places_are_points_on_a_map_that_lead_to_their_rows(site: Site, visit: Visit) -> None:
    page = show(visit, site, "rows/{db}/airports?country_code=eq.CH&limit=100")
    settled(page)
    page.get_by_role("button", name="Map").click()
    airports = page.locator(ROWS).count()
    assert airports > 50
    expect(page.locator(".map .map-point")).to_have_count(airports)
    expect(page.locator(".map .map-land")).to_have_attribute("d", re.compile("^M"))
    show(visit, site, "rows/{db}/cities?name=eq.Bern&country_code=eq.CH")
    settled(page)
    page.get_by_role("button", name="Map").click()
    page.locator(".map a").first.click()
    expect(page.get_by_role("heading", name="Bern")).to_be_visible()


# -- one row -----------------------------------------------------------------------------------------------------------


def test_a_row_shows_its_values_and_everything_related_to_it(site: Site, visit: Visit) -> None:
    page = show(visit, site, "row/{db}/countries/CH")
    expect(page.get_by_role("heading", name="Switzerland")).to_be_visible()
    expect(page.locator("dl a.reference")).to_have_text(re.compile(r"EU\s*Europe"))
    sections = page.locator(".related-table")
    expect(sections.filter(has_text="country_languages").locator("tbody tr").first).to_be_visible()
    found = {text.split("\n")[0].split(" ")[0] for text in sections.locator("h2").all_inner_texts()}
    assert found >= {"airports", "capitals", "cities", "country_languages", "languages", "currencies", "subdivisions"}
    cities = sections.filter(has=page.get_by_role("link", name="cities", exact=True))
    expect(cities.locator(".count")).to_have_text("95")
    languages = sections.filter(has=page.get_by_role("link", name="languages", exact=True))
    expect(languages).to_contain_text("through country_languages")
    expect(languages).to_contain_text("German")
    languages.get_by_role("link", name="languages", exact=True).click()
    settled(page)
    assert "German" in column(page, "name")
    assert "via.country_code=eq.CH" in query(page)


def test_nothing_is_offered_that_cannot_be_done(site: Site, visit: Visit) -> None:
    page = show(visit, site, "rows/{db}/continent_statistics")
    settled(page)
    expect(page.get_by_role("button", name="Download")).to_be_visible()
    expect(page.get_by_role("link", name="Insert row")).to_have_count(0)
    expect(page.get_by_role("link", name="Import")).to_have_count(0)
    page.locator(ROWS).first.locator("a").first.click()
    expect(page.locator("dl.fields")).to_be_visible()
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)


# -- the schema and numbers --------------------------------------------------------------------------------------------


def test_the_schema_is_drawn_searched_and_exported(site: Site, visit: Visit, tmp_path: Path) -> None:
    page = show(visit, site, "diagram")
    expect(page.locator(".entity")).to_have_count(13)
    expect(page.locator(".edge")).to_have_count(17)
    page.get_by_label("Find a table or column").fill("elevation")
    expect(page.locator(".entity:not(.faded)")).to_have_count(1)
    expect(page.locator(".entity:not(.faded)")).to_be_in_viewport()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="SVG").click()
    picture = ElementTree.parse(got.value.path()).getroot()  # noqa: S314 - our own file
    names = {text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"airports", "countries", "country_code"} <= names
    assert {element.tag.partition("}")[2] for element in picture.iter()} <= {
        "svg",
        "g",
        "title",
        "path",
        "rect",
        "text",
        "circle",
    }
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="Mermaid", exact=True).click()
    text = Path(got.value.path()).read_text()
    assert text.startswith("erDiagram\n")
    assert '  "countries" ||--o{ "cities" : "country_code"\n' in text
    assert '  "countries" ||--o| "capitals" : "country_code"\n' in text
    assert "    char code PK" in text
    page.locator(".entity:not(.faded)").click()
    expect(page.get_by_role("heading", name="airports")).to_be_visible()


def test_rows_are_counted_by_a_column_and_lead_to_the_rows(site: Site, visit: Visit) -> None:
    page = show(visit, site, "rows/{db}/countries?population=gt.0")
    page.get_by_role("link", name="Numbers").click()
    page.get_by_label("by", exact=True).select_option("continent_code")
    settled(page)
    with site.server.connect(site.database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT continent_code, COUNT(*) FROM countries WHERE population > 0 GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        counted = [(code, str(number)) for code, number in cursor.fetchall()]
    shown = list(
        zip(column(page, "continent_code"), page.locator(f"{ROWS} td:nth-child(2)").all_inner_texts(), strict=True)
    )
    assert sorted(shown) == sorted(counted)
    assert shown[0] == counted[0]
    widths = page.locator(".bar-cell rect").evaluate_all("all => all.map(one => Number(one.getAttribute('width')))")
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == 100
    assert query(page) == "select=continent_code,value:count()&population=gt.0"
    page.locator(ROWS).first.get_by_role("link").click()
    settled(page)
    assert query(page) == f"population=gt.0&continent_code=eq.{counted[0][0]}"


def test_two_columns_make_a_table_and_sums_keep_their_digits(site: Site, visit: Visit) -> None:
    page = show(visit, site, "numbers/{db}/countries?select=continent_code,value:area_km2.sum()&continent_code=eq.EU")
    settled(page)
    with site.server.connect(site.database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT FORMAT(SUM(area_km2), 2) FROM countries WHERE continent_code = 'EU'")
        ((total,),) = cursor.fetchall()
    assert page.locator(f"{ROWS} td:nth-child(2)").all_inner_texts() == [total]
    page.get_by_label("and", exact=True).select_option("first_weekday")
    page.get_by_label("Show").select_option(label="the number of rows")
    expect(page.locator("table.crossed")).to_be_visible()
    expect(page.locator("table.crossed thead")).to_contain_text("rows by first_weekday")
    heads = page.locator("table.crossed thead th").all_inner_texts()[1:]
    numbers = page.locator("table.crossed tbody td").all_inner_texts()[1:]
    with site.server.connect(site.database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM countries WHERE continent_code = 'EU' AND first_weekday = 'monday'")
        ((mondays,),) = cursor.fetchall()
    assert dict(zip(heads, numbers, strict=True))["monday"] == str(mondays)
