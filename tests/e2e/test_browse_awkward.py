"""`/browse` in a real browser over names and values that break pages: markup, signs, emoji, keys of every shape, no key."""

from __future__ import annotations

import base64
import json
import struct
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from local.server import Server
from tests.e2e import sites
from tests.e2e.sites import Site, Visit

MARKUP = "<img src=x onerror=alert(1)>"
TAG = "<b onclick=alert(2)>id</b>"
SCRIPT = "</script><script>alert(3)</script>\"'&amp;"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00\x00\xff\x00" * 2))
    + _chunk(b"IEND", b"")
)

SCHEMA = (
    (
        f"CREATE TABLE `{MARKUP}` (`{TAG}` VARCHAR(100) PRIMARY KEY COMMENT '<script>alert(4)</script>',"
        " `a.b,c:(d)` INT, `\"quoted\\ %&#+?` INT, `☃ π` VARCHAR(40)) COMMENT '<svg onload=alert(5)>'"
    ),
    "CREATE TABLE `order line` (`order` INT, `line,no` VARCHAR(20), note VARCHAR(200), PRIMARY KEY (`order`, `line,no`))",
    (
        "CREATE TABLE `part-of` (id INT PRIMARY KEY, o INT, l VARCHAR(20), parent INT,"
        " CONSTRAINT `part/line` FOREIGN KEY (o, l) REFERENCES `order line` (`order`, `line,no`),"
        " CONSTRAINT `part/parent` FOREIGN KEY (parent) REFERENCES `part-of` (id))"
    ),
    "CREATE TABLE keyless (a INT, b VARCHAR(50))",
    f"CREATE TABLE wide (id INT PRIMARY KEY, {', '.join(f'column_number_{number} INT' for number in range(59))})",
    "CREATE TABLE constructor (`__proto__` VARCHAR(20) PRIMARY KEY, `toString` INT, `select` INT, `order` INT, `limit` INT)",
    (
        "CREATE TABLE typed (id BIGINT PRIMARY KEY, amount DECIMAL(40,20), flag TINYINT(1), picture BLOB, raw VARBINARY(40),"
        " day DATE, moment TIMESTAMP NULL, doc JSON, shape GEOMETRY, link TEXT, unseen VARCHAR(60))"
    ),
)
ROWS = (
    f"INSERT INTO `{MARKUP}` VALUES ('{SCRIPT.replace(chr(39), chr(39) * 2)}', 1, 2, '{MARKUP}'), ('..', 3, 4, '👩‍👩‍👧'), ('', 5, 6, NULL)",
    "INSERT INTO `order line` VALUES (1, 'a,b', 'comma'), (1, 'a/b?c#d%', 'signs'), (2, '', 'empty')",
    "INSERT INTO `part-of` VALUES (1, 1, 'a,b', NULL), (2, 1, 'a/b?c#d%', 1), (3, 2, NULL, 1)",
    "INSERT INTO keyless VALUES (1, 'x'), (1, 'x'), (NULL, NULL)",
    "INSERT INTO wide (id, column_number_58) VALUES (1, 58)",
    "INSERT INTO constructor VALUES ('polluted', 1, 2, 3, 4)",
    (
        "INSERT INTO typed VALUES (9223372036854775807, 12345678901234567890.12345678901234567890, 1,"
        f" x'{PNG.hex()}', x'00ff10', '2024-02-29', '2024-01-02 03:04:05', '{{\"<i>\":[1,null,{{\"big\":12345678901234567890}}]}}',"
        " ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 0))'), 'javascript:alert(6)', 'a\u202eb\n'),"
        " (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'https://example.org/?a=<b>', '')"
    ),
)


@pytest.fixture
def site(mysql_server: Server) -> Iterator[Site]:
    with mysql_server.temporary_database() as name:
        mysql_server.execute(*SCHEMA, *ROWS, database=name)
        with sites.site(mysql_server, name, BROWSE="true") as running:
            yield running


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Whatever a name or value turns into a script or an element is an error."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Europe/Zurich")
    found = sites.watched(Visit(context.new_page()))
    found.page.set_default_timeout(10_000)
    found.page.on("dialog", lambda dialog: found.complaints.append(f"dialog: {dialog.message}"))
    yield found
    assert found.complaints == []
    assert found.page.locator("[onerror], [onload], [onclick], main script, img[src=x], main b").count() == 0
    context.close()


def start(visit: Visit, site: Site) -> Page:
    visit.page.goto(f"{site.origin}/browse")
    return visit.page


def open_table(visit: Visit, site: Site, name: str) -> Page:
    page = start(visit, site)
    page.locator("nav a", has=page.get_by_text(name, exact=True)).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(page.locator(".view > .scroll[data-busy=false]")).to_be_visible()
    return page


def cells(page: Page, row: int) -> list[str]:
    return page.locator("table.grid tbody tr").nth(row).locator("td").all_inner_texts()[1:]


def test_markup_in_names_comments_and_values_stays_text(site: Site, visit: Visit) -> None:
    page = open_table(visit, site, MARKUP)
    expect(page.locator("main")).to_contain_text("<svg onload=alert(5)>")
    heads = page.locator("thead bdi").all_inner_texts()
    assert heads == [TAG, "a.b,c:(d)", '"quoted\\ %&#+?', "☃ π"]
    assert "<script>alert(4)</script>" in str(page.locator("thead th").nth(1).get_attribute("title"))
    assert [cells(page, row)[0] for row in range(3)] == ["empty", "..", SCRIPT]
    assert cells(page, 2)[3] == MARKUP
    page.get_by_label("Open row 3").click()
    expect(page.locator("main")).to_contain_text(SCRIPT)
    expect(page.get_by_role("heading", name=MARKUP)).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    expect(page.locator(f'[id="field-{TAG}"]')).to_have_value(SCRIPT)


@pytest.mark.parametrize("row", [0, 1], ids=["empty", "dots"])
def test_keys_that_addresses_swallow_still_lead_to_their_row(site: Site, visit: Visit, row: int) -> None:
    page = open_table(visit, site, MARKUP)
    expected = cells(page, row)[1]
    page.get_by_label(f"Open row {row + 1}").click()
    expect(page.locator("dl.fields .field").nth(1).locator("dd")).to_have_text(expected)
    page.reload()
    expect(page.locator("dl.fields .field").nth(1).locator("dd")).to_have_text(expected)


def test_columns_with_signs_are_ordered_filtered_and_counted(site: Site, visit: Visit) -> None:
    page = open_table(visit, site, MARKUP)
    for position, name in enumerate(("a.b,c:(d)", '"quoted\\ %&#+?'), start=1):
        head = page.locator("thead button").nth(position)
        head.click()
        expect(page.locator("thead th[aria-sort=ascending]")).to_contain_text(name)
        head.click()
        expect(page.locator("thead th[aria-sort=descending]")).to_contain_text(name)
        expect(page.locator(".view > .scroll[data-busy=false]")).to_be_visible()
        assert cells(page, 0)[0] == "empty"
        page.get_by_role("button", name="+ Filter").click()
        page.get_by_label("Column", exact=True).select_option(name)
        page.get_by_label("Comparison").select_option(label="<")
        page.get_by_label("Value", exact=True).fill("5")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator("table.grid tbody tr")).to_have_count(2)
        page.get_by_role("button", name="Remove the filter").click()
        expect(page.locator("table.grid tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Numbers").click()
    page.get_by_label("by", exact=True).select_option("☃ π")
    expect(page.locator(".bars tbody tr")).to_have_count(3)
    page.locator(".bars tbody").get_by_role("link", name=MARKUP).click()
    expect(page.locator("table.grid tbody tr")).to_have_count(1)
    assert cells(page, 0)[0] == SCRIPT


def test_a_composite_key_with_every_sign_is_read_changed_and_followed(site: Site, visit: Visit) -> None:
    page = open_table(visit, site, "order line")
    assert [cells(page, row)[:2] for row in range(3)] == [["1", "a,b"], ["1", "a/b?c#d%"], ["2", "empty"]]
    for row, note in enumerate(("comma", "signs", "empty"), start=1):
        page.get_by_label(f"Open row {row}").click()
        expect(page.locator("dl.fields")).to_contain_text(note)
        page.go_back()
    page.get_by_label("Open row 2").click()
    section = page.locator(".related-table", has_text="part-of")
    expect(section.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Edit").click()
    page.locator("#field-note").fill("changed")
    page.get_by_role("button", name="Save 1 change").click()
    expect(page.locator("dl.fields")).to_contain_text("changed")
    section.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="2", exact=True)).to_be_visible()
    page.locator("dl.fields a.reference").first.click()
    expect(page.locator("dl.fields")).to_contain_text("changed")


def test_a_table_related_to_itself_shows_both_directions(site: Site, visit: Visit) -> None:
    page = open_table(visit, site, "part-of")
    page.get_by_label("Open row 1").click()
    section = page.locator(".related-table", has_text="parent")
    expect(section.locator("tbody tr")).to_have_count(2)
    section.locator("tbody a").first.click()
    expect(page.locator("dl.fields .field", has_text="parent").locator("a")).to_have_text("1")
    page.locator("nav a", has_text="part-of").click()
    page.get_by_role("button", name="Columns").click()
    related = page.locator(".column-menu fieldset").last.locator("label")
    for position in range(related.count()):
        related.nth(position).locator("input").check()
        expect(page.locator(".view > .scroll[data-busy=false]")).to_be_visible()
        expect(page.locator("thead bdi")).to_have_count(5 + position)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_without_a_key_a_row_is_shown_whole_and_not_offered_to_be_changed(site: Site, visit: Visit) -> None:
    page = open_table(visit, site, "keyless")
    expect(page.locator("table.grid tbody tr")).to_have_count(3)
    page.get_by_label("Show all of row 1").click()
    expect(page.get_by_role("dialog")).to_contain_text("cannot be changed")
    expect(page.get_by_role("dialog").get_by_role("button")).to_have_text(["Close"])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Insert row").click()
    page.locator("#field-b").fill("temporary")
    page.get_by_role("button", name="Insert").click()
    expect(page.locator("table.grid tbody tr")).to_have_count(4)


def test_sixty_columns_scroll_beside_their_row_numbers_and_are_chosen_by_search(site: Site, visit: Visit) -> None:
    page = open_table(visit, site, "wide")
    expect(page.locator("thead th")).to_have_count(61)
    page.locator("tbody td").first.focus()
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.innerText") == "58"
    expect(page.locator("tbody .gutter").first).to_be_in_viewport()
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="None").click()
    expect(page.locator("thead th")).to_have_count(2)
    page.get_by_label("Find a column").fill("58")
    page.locator(".column-menu label", has_text="column_number_58").locator("input").check()
    expect(page.locator("thead th")).to_have_count(3)
    expect(page.get_by_role("button", name="Columns 2/60")).to_be_visible()


def test_names_that_javascript_knows_are_names_like_any_other(site: Site, visit: Visit) -> None:
    page = open_table(visit, site, "constructor")
    assert cells(page, 0) == ["polluted", "1", "2", "3", "4"]
    page.locator("thead button").nth(3).click()
    expect(page.locator("thead th[aria-sort=ascending]")).to_contain_text("order")
    page.get_by_label("Open row 1").click()
    page.get_by_role("button", name="Edit").click()
    page.locator("#field-select").fill("7")
    page.get_by_role("button", name="Save 1 change").click()
    expect(page.locator("dl.fields .field").nth(2).locator("dd")).to_have_text("7")
    assert page.evaluate("({}).polluted") is None


def test_every_type_is_shown_as_what_it_is_with_all_its_digits(site: Site, visit: Visit) -> None:
    page = open_table(visit, site, "typed")
    shown = cells(page, 1)
    assert shown[:3] == ["9223372036854775807", "12345678901234567890.12345678901234567890", "✓ true"]
    assert shown[4:8] == [
        "00 ff 10 · 3 B",
        "2024-02-29",
        "2024-01-02 03:04:05 UTC",
        '{"<i>":[1,null,{"big":12345678901234567890}]}',
    ]
    assert shown[8:] == ["Polygon, 4 points", "javascript:alert(6)", "a·b↵"]
    assert str(page.locator("time").first.get_attribute("title")).endswith("here")
    picture = page.locator("tbody img.thumbnail")
    assert picture.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [2, 2]
    page.get_by_role("button", name="Map").click()
    expect(page.locator(".map .map-area")).to_have_count(1)
    page.get_by_label("Open row 2").click()
    expect(page.locator("dl.fields")).to_contain_text("12345678901234567890.12345678901234567890")
    expect(page.locator("dl.fields .map-area")).to_have_count(1)
    assert page.locator("dl.fields a[href^=javascript]").count() == 0
    expect(page.locator(".json-name").first).to_have_text('"<i>"')
    with page.expect_download() as got:
        page.get_by_role("button", name="Save 3 B").click()
    assert Path(got.value.path()).read_bytes() == b"\x00\xff\x10"
    page.go_back()
    page.get_by_label("Open row 1").click()
    link = page.get_by_role("link", name="https://example.org/?a=<b>")
    assert (link.get_attribute("rel"), link.get_attribute("target")) == ("noopener noreferrer", "_blank")


def test_binary_values_come_from_files(site: Site, visit: Visit) -> None:
    page = start(visit, site)
    page.goto(f"{site.origin}/browse#/row/{site.database}/typed/2")
    page.get_by_role("button", name="Edit").click()
    page.locator("#field-picture").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("button", name="Save 1 change").click()
    assert json.loads(sent.value.post_data or "") == {"picture": base64.b64encode(PNG).decode()}
    expect(page.locator("img.picture")).to_be_visible()


def test_the_diagram_of_awkward_names_is_a_well_formed_file(site: Site, visit: Visit) -> None:
    page = start(visit, site)
    page.get_by_role("link", name="Diagram").first.click()
    expect(page.locator(".entity")).to_have_count(len(SCHEMA))
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="SVG").click()
    picture = ElementTree.fromstring(Path(got.value.path()).read_text())  # noqa: S314 - our own file
    assert MARKUP in {text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")}
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="Mermaid", exact=True).click()
    text = Path(got.value.path()).read_text()
    assert '  "order line" |o--o{ "part-of" : "o, l"\n' in text
    assert "    int line_no" not in text
    assert '    varchar line_no PK "line,no"\n' in text


def test_tables_of_two_databases_are_kept_apart(mysql_server: Server, browser: Browser) -> None:
    with mysql_server.temporary_database() as second, mysql_server.temporary_database() as first:
        mysql_server.execute(
            "CREATE TABLE same (id INT PRIMARY KEY, note VARCHAR(20))",
            "INSERT INTO same VALUES (1, 'first')",
            database=second,
        )
        mysql_server.execute(
            "CREATE TABLE same (id INT PRIMARY KEY, note VARCHAR(20))",
            "INSERT INTO same VALUES (1, 'here')",
            f"CREATE TABLE points (id INT PRIMARY KEY, there INT, FOREIGN KEY (there) REFERENCES `{second}`.same (id))",
            "INSERT INTO points VALUES (7, 1)",
            database=first,
        )
        with sites.site(mysql_server, first, BROWSE="true", SCHEMAS=second) as running:
            context = browser.new_context()
            found = sites.watched(Visit(context.new_page()))
            page = start(found, running)
            expect(page.locator("nav h2")).to_have_text([first, second])
            page.locator("nav a", has_text="points").click()
            page.locator("tbody a.reference").click()
            expect(page.locator("dl.fields")).to_contain_text("first")
            page.get_by_role("button", name="Edit").click()
            page.locator("#field-note").fill("second")
            page.get_by_role("button", name="Save 1 change").click()
            expect(page.locator("dl.fields")).to_contain_text("second")
            page.locator("nav a", has_text="same").last.click()
            expect(page.locator("table.grid tbody")).to_contain_text("second")
            page.get_by_role("button", name="Code").click()
            expect(page.locator(".code pre")).to_contain_text(f"-H 'Accept-Profile: {second}'")
            page.locator("nav a", has_text="same").first.click()
            expect(page.locator("table.grid tbody")).to_contain_text("here")
            assert found.complaints == []
            context.close()


def test_three_hundred_tables_show_the_first_rows_by_four_requests(mysql_server: Server, browser: Browser) -> None:
    with mysql_server.temporary_database() as name:
        tables = [
            f"CREATE TABLE t{number} (id INT PRIMARY KEY, name VARCHAR(20), up INT,"
            + (f" FOREIGN KEY (up) REFERENCES t{number // 3} (id))" if number else " other INT)")
            for number in range(300)
        ]
        mysql_server.execute(*tables, "INSERT INTO t0 VALUES (1, 'one', NULL, NULL)", database=name)
        with sites.site(mysql_server, name, BROWSE="true") as running:
            context = browser.new_context()
            found = sites.watched(Visit(context.new_page()))
            page = found.page
            page.goto(f"{running.origin}/browse#/rows/{name}/t0")
            expect(page.locator("table.grid tbody tr")).to_have_count(1)
            expect(page.locator("nav li")).to_have_count(300)
            asked = [
                url.partition(running.origin)[2]
                for url in found.requests
                if "/browse" not in url and "data:" not in url
            ]
            assert sorted(asked) == ["/rest/v1/t0", "/rest/v1/t0?limit=50", "/tables", "/tables/t0"]
            page.get_by_role("link", name="Diagram").click()
            expect(page.locator(".entity")).to_have_count(300, timeout=30_000)
            expect(page.locator(".edge")).to_have_count(299)
            assert found.complaints == []
            context.close()
