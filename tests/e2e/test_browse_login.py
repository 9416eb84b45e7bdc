"""Who `/browse` is for the API: a pasted token, and a login at hosted pages that keep to RFC 6749 and 7636."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from local.server import Server
from tests.e2e import sites
from tests.e2e.sites import Site, Visit
from tests.e2e.tokens import unsigned

CLIENT = "client of browse"


@dataclass
class HostedPages:
    """Stands for Cognito's hosted pages: `/oauth2/authorize` logs in at once, `/oauth2/token` checks the proof."""

    access_token: str
    refuses: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    origin: str = ""

    def authorize(self, query: dict[str, str]) -> str:
        self.asked.append(query)
        assert (query["response_type"], query["client_id"], query["code_challenge_method"]) == ("code", CLIENT, "S256")
        answer = {"error": "access_denied"} if self.refuses else {"code": "the code"}
        return f"{query['redirect_uri']}?{urlencode(answer | {'state': query['state']})}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, str]]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        expected = {
            "grant_type": "authorization_code",
            "client_id": CLIENT,
            "code": "the code",
            "redirect_uri": self.asked[-1]["redirect_uri"],
        }
        proven = challenge.rstrip("=") == self.asked[-1]["code_challenge"]
        if not proven or {name: form[name] for name in expected} != expected:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": self.access_token, "token_type": "Bearer"}


@pytest.fixture
def hosted() -> Iterator[HostedPages]:
    pages = HostedPages(unsigned(sub="42", email="ada@example.org", role="authenticated"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            assert parts.path == "/oauth2/authorize"
            self.send_response(302)
            self.send_header("Location", pages.authorize({k: v[0] for k, v in parse_qs(parts.query).items()}))
            self.end_headers()

        def do_POST(self) -> None:
            assert self.path == "/oauth2/token"
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, body = pages.token({name: values[0] for name, values in parse_qs(sent).items()})
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    pages.origin = f"http://127.0.0.1:{server.server_port}"
    yield pages
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(mysql_server: Server, hosted: HostedPages) -> Iterator[Site]:
    with mysql_server.temporary_database() as name:
        mysql_server.execute("CREATE TABLE a (id INT PRIMARY KEY)", "CREATE VIEW b AS SELECT 1 AS one", database=name)
        login = f"{hosted.origin}?{urlencode({'client_id': CLIENT})}"
        with sites.site(mysql_server, name, BROWSE="true", BROWSE_LOGIN=login) as running:
            yield running


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context()
    found = sites.watched(Visit(context.new_page()))
    found.page.set_default_timeout(10_000)
    yield found
    assert found.complaints == []
    context.close()


def test_a_pasted_token_is_shown_and_sent_with_every_request_of_this_tab_alone(site: Site, visit: Visit) -> None:
    page = visit.page
    sent: list[tuple[str, str | None]] = []
    page.on("request", lambda request: sent.append((request.url, request.headers.get("authorization"))))
    page.goto(f"{site.origin}/browse#/me")
    expect(page.locator("main")).to_contain_text("without a token")
    page.get_by_label("or paste a token").fill("not a token")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("alert")).to_contain_text("not a JSON Web Token")
    pasted = unsigned(sub="<b>7</b>", exp=4_102_444_800, nested={"a": [1, None]})
    page.get_by_label("or paste a token").fill(f"Bearer {pasted}\n")
    expect(page.locator(".compact tbody tr")).to_have_count(2)  # the last requests without it are answered
    sent.clear()
    page.get_by_role("button", name="Use it").click()
    expect(page.locator(".json").first).to_contain_text('"sub": "<b>7</b>"')
    expect(page.locator("main")).to_contain_text("It is valid until")
    expect(page.locator("nav .sidebar-foot")).to_contain_text("<b>7</b>")
    page.locator(".table-list a").first.click()
    expect(page.locator(".empty")).to_be_visible()
    api = [bearer for url, bearer in sent if "/tables" in url or "/rest/" in url]
    assert len(api) > 3
    assert set(api) == {f"Bearer {pasted}"}
    page.get_by_role("button", name="Code", exact=True).click()
    assert pasted not in page.locator(".code pre").inner_text()
    assert '-H "Authorization: Bearer $TOKEN"' in page.locator(".code pre").inner_text()
    assert page.evaluate("localStorage.length") == 0
    page.goto(f"{site.origin}/browse#/me")
    page.get_by_role("button", name="Forget the token").click()
    expect(page.locator("main")).to_contain_text("without a token")


def test_what_may_be_done_is_listed_for_each_table(site: Site, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{site.origin}/browse#/me")
    rows = page.locator(".compact tbody tr")
    expect(rows).to_have_count(2)
    assert [row.split() for row in rows.all_text_contents()] == [
        ["a✓", "yes✓", "yes✓", "yes✓", "yes"],
        ["b✓", "yes–", "no–", "no–", "no"],
    ]


def test_a_login_comes_back_to_where_it_began_with_a_token(site: Site, visit: Visit, hosted: HostedPages) -> None:
    page = visit.page
    page.goto(f"{site.origin}/browse#/me")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".json").first).to_contain_text("ada@example.org")
    expect(page.locator("nav .sidebar-foot")).to_contain_text("ada@example.org")
    assert page.url == f"{site.origin}/browse#/me"
    assert hosted.asked[0]["redirect_uri"] == f"{site.origin}/browse"
    assert page.evaluate("sessionStorage.getItem('aurorest.token')") == hosted.access_token


def test_a_login_that_fails_says_so(site: Site, visit: Visit, hosted: HostedPages) -> None:
    hosted.refuses = True
    page = visit.page
    page.goto(f"{site.origin}/browse#/me")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("access_denied")
    expect(page.locator("main")).to_contain_text("without a token")


def test_a_login_that_this_page_did_not_begin_is_ignored(site: Site, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{site.origin}/browse?code=stolen&state=guessed#/me")
    expect(page.locator("main")).to_contain_text("without a token")
    page.evaluate(
        "sessionStorage.setItem('aurorest.login', JSON.stringify({state: 'mine', verifier: 'v', hash: '#/me'}))"
    )
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("not started from this page")
    assert page.evaluate("sessionStorage.getItem('aurorest.token')") is None
