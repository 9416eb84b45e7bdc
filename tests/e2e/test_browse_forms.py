"""The forms of `/browse` in a real browser: rows inserted, changed and deleted, and files imported."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Request, Route, expect

from local.server import Server
from tests.e2e import sites
from tests.e2e.sites import Site, Visit

SCHEMA = (
    "CREATE TABLE team (code CHAR(2) PRIMARY KEY, name VARCHAR(40) NOT NULL)",
    (
        "CREATE TABLE player (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL COMMENT 'on the shirt',"
        " nick VARCHAR(20) UNIQUE, team_code CHAR(2) NOT NULL, goals INT UNSIGNED, born DATE, seen DATETIME(3),"
        " state ENUM('new','old') NOT NULL DEFAULT 'new', tags SET('a','b','c'), facts JSON,"
        " retired TINYINT(1) NOT NULL DEFAULT 0, notes TEXT, salary DECIMAL(30,10), doubled INT AS (goals * 2),"
        " CONSTRAINT player_team FOREIGN KEY (team_code) REFERENCES team (code),"
        " CONSTRAINT goals_are_few CHECK (goals < 1000))"
    ),
)
FILLED = (
    "DELETE FROM player",
    "DELETE FROM team",
    "INSERT INTO team VALUES ('AA', 'Alphas'), ('BB', 'Betas')",
    (
        "INSERT INTO player (id, name, nick, team_code, goals, seen, tags, facts, notes, salary) VALUES"
        " (1, 'Ada', 'ada', 'AA', 7, '2024-01-02 03:04:05.678', 'a,c', '{\"big\": 12345678901234567890}',"
        " 'one\r\ntwo', 12345678901234567890.0123456789), (2, 'Bo', 'bo', 'AA', NULL, NULL, NULL, NULL, NULL, NULL)"
    ),
)


@pytest.fixture(scope="module")
def empty_site(mariadb_server: Server) -> Iterator[Site]:
    with mariadb_server.temporary_database() as name:
        mariadb_server.execute(*SCHEMA, database=name)
        with sites.site(mariadb_server, name, BROWSE="true", MAX_WRITE_ROWS="50") as running:
            yield running


@pytest.fixture
def site(empty_site: Site) -> Site:
    """As every test finds it."""
    empty_site.server.execute(*FILLED, database=empty_site.database)
    return empty_site


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found = sites.watched(Visit(context.new_page()))
    found.page.set_default_timeout(10_000)
    yield found
    assert found.complaints == []
    context.close()


def show(visit: Visit, site: Site, view: str, rest: str) -> Page:
    visit.page.goto(f"{site.origin}/browse#/{view}/{site.database}/{rest}")
    return visit.page


def edit(visit: Visit, site: Site, rest: str) -> Page:
    page = show(visit, site, "row", rest)
    page.get_by_role("button", name="Edit").click()
    return page


def wire(request: Request) -> tuple[str, str, object]:
    """Method, path below the API's and JSON body of a request."""
    return request.method, request.url.partition("/rest/v1")[2], json.loads(request.post_data or "null")


def stored(site: Site, statement: str) -> tuple[tuple[object, ...], ...]:
    with site.server.connect(site.database) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchall())


def test_a_change_sends_only_what_changed(site: Site, visit: Visit) -> None:
    page = edit(visit, site, "player/1")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_label("name varchar(20)").fill("Adah")
    page.get_by_label("goals int").fill("8")
    page.get_by_label("goals int").fill("7")  # as it was
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("button", name="Save 1 change").click()
    assert wire(sent.value) == ("PATCH", "/player/1", {"name": "Adah"})
    expect(page.get_by_role("heading", name="Adah")).to_be_visible()


def test_every_kind_of_value_is_changed_by_its_own_field_and_keeps_its_digits(site: Site, visit: Visit) -> None:
    page = edit(visit, site, "player/1")
    page.get_by_label("salary decimal(30,10)").fill("99999999999999999999.0123456789")
    page.get_by_label("born date").fill("1815-12-10")
    page.get_by_label("seen datetime(3)").fill("2024-02-03 04:05:06.789")
    page.get_by_label("state enum").select_option("old")
    page.locator(".members label", has_text="b").locator("input").check()
    page.get_by_label("retired tinyint(1)").select_option("true")
    page.get_by_label("facts json").fill('{"big": 98765432109876543210, "list": [1.50]}')
    page.get_by_label("notes text").press("Control+End")
    page.get_by_label("notes text").press("!")
    page.locator(".field", has=page.get_by_label("goals int")).get_by_role("button", name="null").click()
    page.get_by_role("button", name="Save 9 changes").click()
    expect(page.locator("dl.fields")).to_be_visible()
    columns = "salary, born, seen, state, tags, retired, facts, notes, goals"
    (row,) = stored(site, f"SELECT {columns} FROM player WHERE id = 1")
    assert [str(value) for value in row] == [
        "99999999999999999999.0123456789", "1815-12-10", "2024-02-03 04:05:06.789000", "old", "a,b,c", "1",
        '{"big": 98765432109876543210, "list": [1.50]}'.replace(": ", ":").replace(", ", ","), "one\r\ntwo!", "None",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "label, value, message",
    [
        ("name varchar(20)", "x" * 21, "too long"),
        ("nick varchar(20)", "bo", "already exists"),
        ("team_code char(2)", "XX", "not present"),
        ("goals int", "many", "invalid input"),
        ("goals int", "-1", "out of range"),
        ("goals int", "1000", "goals_are_few"),
        ("facts json", "{", "not JSON"),
        ("seen datetime(3)", "yesterday", "invalid input"),
    ],
)
def test_an_error_is_shown_beside_its_field(site: Site, visit: Visit, label: str, value: str, message: str) -> None:
    page = edit(visit, site, "player/1")
    page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Save 1 change").click()
    wrong = page.locator(".field[data-invalid=true]")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text(label.partition(" ")[0])
    expect(wrong).to_contain_text(message)
    expect(page.get_by_label(label)).to_have_value(value)
    expect(page.get_by_label(label)).to_be_focused()
    assert stored(site, "SELECT COUNT(*) FROM player WHERE name = 'Ada' AND nick = 'ada' AND goals = 7") == ((1,),)


def test_a_tag_is_sent_back_and_a_conflict_explained(site: Site, visit: Visit) -> None:
    def tagged(route: Route) -> None:
        if route.request.method == "PATCH":
            route.fulfill(status=412, json={"code": "X", "message": "changed", "details": None, "hint": None})
            return
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "etag": '"v1"'})

    visit.page.route("**/rest/v1/player/1", tagged)
    page = edit(visit, site, "player/1")
    page.get_by_label("name varchar(20)").fill("Eve")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("button", name="Save 1 change").click()
    assert sent.value.headers["if-match"] == '"v1"'
    expect(page.get_by_role("alert")).to_contain_text("Somebody has changed this row")
    expect(page.get_by_label("name varchar(20)")).to_have_value("Eve")


def test_a_row_is_inserted_with_its_defaults_and_deleted(site: Site, visit: Visit) -> None:
    page = show(visit, site, "rows", "player")
    page.get_by_role("link", name="Insert row").click()
    expect(page.locator("#field-doubled")).to_have_count(0)
    page.locator("#field-team_code").fill("BB")
    page.get_by_role("button", name="Insert").click()
    expect(page.locator(".field[data-invalid=true]")).to_contain_text("on the shirt")
    page.locator("#field-name").fill("Cy")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Insert").click()
    assert wire(sent.value) == ("POST", "/player", {"name": "Cy", "team_code": "BB"})
    expect(page.get_by_role("heading", name="Cy")).to_be_visible()
    assert stored(site, "SELECT state, retired FROM player WHERE name = 'Cy'") == (("new", 0),)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="player")).to_be_visible()
    assert stored(site, "SELECT COUNT(*) FROM player WHERE name = 'Cy'") == ((0,),)


def test_a_row_that_others_need_says_why_it_stays(site: Site, visit: Visit) -> None:
    page = show(visit, site, "row", "team/AA")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("still referenced")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Alphas")).to_be_visible()


def test_a_key_that_changes_moves_the_page_along(site: Site, visit: Visit) -> None:
    page = edit(visit, site, "team/BB")
    page.get_by_label("code char(2)").fill("B,")
    page.get_by_role("button", name="Save 1 change").click()
    expect(page.get_by_role("button", name="Edit")).to_be_visible()
    assert page.evaluate("location.hash").endswith("/team/B%2C")
    page.reload()
    expect(page.get_by_role("heading", name="Betas")).to_be_visible()


def test_a_foreign_key_field_suggests_rows_by_name(site: Site, visit: Visit) -> None:
    page = show(visit, site, "new", "player")
    page.locator("#field-team_code").fill("beta")
    option = page.locator("datalist option")
    expect(option).to_have_count(1)
    assert (option.get_attribute("value"), option.text_content()) == ("BB", "Betas")


def test_a_file_is_previewed_mapped_and_stored(site: Site, visit: Visit) -> None:
    page = show(visit, site, "import", "player")
    text = (
        'Name,TEAM CODE,ignored,goals,tags,facts\r\n"One, and\r\nmore",AA,x,2,"a,b","{""n"": 1.10}"\r\n'
        'Two ""quoted"",BB,y,,,NULL\r\n'.replace('Two ""quoted""', '"Two ""quoted"""')
    )
    file: FilePayload = {"name": "players.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    page.get_by_label("CSV file").set_input_files(file)
    expect(page.locator(".preview tbody tr")).to_have_count(2)
    assert page.locator(".preview .gutter").all_inner_texts()[1:] == ["2", "4"]
    chosen = page.locator(".preview select").evaluate_all("all => all.map(one => one.selectedOptions[0].text)")
    assert chosen == ["→ name", "→ team_code", "skip", "→ goals", "→ tags", "→ facts"]
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.locator(".done")).to_contain_text("2 rows stored.")
    found = stored(site, "SELECT name, team_code, goals, tags, facts FROM player WHERE id > 2 ORDER BY id")
    assert found == (
        ("One, and\r\nmore", "AA", 2, "a,b", '{"n":1.10}'),
        ('Two "quoted"', "BB", None, None, None),
    )


@pytest.mark.parametrize(
    "bad, words",
    [
        ("again,P1,AA", "already exists"),
        (f"{'x' * 21},q,AA", "too long"),
        ("x,q,XX", "not present"),
        ("NULL,q,AA", "null value"),
    ],
)
def test_the_first_wrong_line_is_named_and_nothing_is_stored(site: Site, visit: Visit, bad: str, words: str) -> None:
    lines = ["name,nick,team_code", *(f"Player {number},P{number},AA" for number in range(40))]
    lines[29] = bad
    lines[35] = f"{'y' * 30},too,AA"
    page = show(visit, site, "import", "player")
    page.get_by_text("or paste it").click()
    page.get_by_label("CSV", exact=True).fill("\n".join(lines))
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Import 40 rows").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 30:", timeout=20_000)
    expect(page.get_by_role("alert")).to_contain_text(words)
    assert stored(site, "SELECT COUNT(*) FROM player") == ((2,),)


@pytest.mark.parametrize(
    "text, words",
    [
        ("name,team_code\nOne,AA,b", "Line 2 has 3 values"),
        ('name,team_code\nOne,"a', "Line 2 is not CSV"),
        ("name,team_code\n", "no rows"),
        ("name,goals\nOne,1", "Every row needs a value for “team_code”"),
        ("name,name,team_code\nOne,1,AA", "column of the file"),
    ],
)
def test_a_file_that_cannot_fit_is_refused_before_anything_is_sent(
    site: Site, visit: Visit, text: str, words: str
) -> None:
    page = show(visit, site, "import", "player")
    page.get_by_text("or paste it").click()
    page.get_by_label("CSV", exact=True).fill(text)
    page.get_by_role("button", name="Preview").click()
    if words == "column of the file":
        page.get_by_label("Target of name").nth(1).select_option("name")
        words = "Two columns of the file go to “name”"
    expect(page.get_by_role("alert")).to_contain_text(words)
    assert not any("/rest/v1/player" in request and "import" not in request for request in visit.requests)


def test_a_file_with_more_rows_than_one_request_takes_is_refused_as_a_whole(site: Site, visit: Visit) -> None:
    page = show(visit, site, "import", "team")
    page.get_by_text("or paste it").click()
    page.get_by_label("CSV", exact=True).fill("\n".join(["code,name", *(f"{number:02},x" for number in range(51))]))
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Import 51 rows").click()
    expect(page.get_by_role("alert")).to_contain_text("at most 50")
    assert stored(site, "SELECT COUNT(*) FROM team") == ((2,),)
