"""`/browse`: the page's addresses and headers, its settings, and that requests for rows do not pay for it."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from api.documents.browse import browse_answer
from api.documents.pages import Pages
from api.errors import ApiError
from api.response.answer import Answer
from api.settings import Settings, SettingsError

STATIC = Path(__file__).parents[2] / "api" / "documents" / "browse" / "static"
FILES = sorted(path.name for path in STATIC.iterdir())
ENVIRONMENT = {"AUROREST_DATABASE_URL": "mysql://me@localhost/shop"}
SETTINGS = Settings.from_environment(ENVIRONMENT | {"AUROREST_BROWSE": "true"})
LOGIN = "https://shop.auth.eu-central-1.amazoncognito.com?client_id=a%26b"


def answer(path: str, settings: Settings = SETTINGS) -> Answer:
    found = browse_answer(path, settings)
    assert found is not None
    return found


def directives(found: Answer) -> dict[str, str]:
    policy = dict(found.headers)["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


class Attributes(HTMLParser):
    def __init__(self, page: Answer) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.data: dict[str, str | None] = {}
        self.text = ""
        self.feed(page.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag == "html":
            self.data = {name: value for name, value in attrs if name.startswith("data-")}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("path, files", [("", "browse/"), ("/", "")])
def test_the_page_loads_only_its_own_files_by_relative_addresses(path: str, files: str) -> None:
    found = Attributes(answer(path)).addresses
    assert [address.partition("?")[0] for address in found] == ["data:,", f"{files}browse.css", f"{files}browse.js"]
    assert found[1].partition("?")[2] == found[2].partition("?")[2] != ""


def test_the_page_holds_the_settings_as_attributes_and_a_harmless_name() -> None:
    settings = replace(SETTINGS, writer=replace(SETTINGS.writer, database='a <b> "c" & {d}'), max_write_rows=7)
    found = Attributes(answer("", settings))
    expected = {"data-database": 'a <b> "c" & {d}', "data-max-write-rows": "7", "data-max-body-bytes": "6000000"}
    assert found.data == expected
    assert found.text.strip().startswith('a <b> "c" & {d}\n')


def test_a_login_is_part_of_the_page_and_the_one_origin_that_it_may_ask() -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"AUROREST_BROWSE_LOGIN": LOGIN})
    origin = "https://shop.auth.eu-central-1.amazoncognito.com"
    data = Attributes(answer("", settings)).data
    assert (data["data-login-origin"], data["data-login-client"]) == (origin, "a&b")
    assert directives(answer("", settings))["connect-src"] == f"'self' {origin}"


@pytest.mark.parametrize("path", ["", "/", *(f"/{name}" for name in FILES)])
def test_every_answer_lets_in_this_origin_alone(path: str) -> None:
    found = directives(answer(path))
    for name in ("default-src", "base-uri", "form-action", "frame-ancestors"):
        assert found[name] == "'none'"
    for name in ("script-src", "style-src", "connect-src", "worker-src"):
        assert found[name] == "'self'"
    assert found["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in str(found)
    assert dict(answer(path).headers)["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_as_it_is(name: str) -> None:
    assert answer(f"/{name}").body == (STATIC / name).read_bytes()


@pytest.mark.parametrize("path", ["/missing.js", "/../page.py", "//browse.js", "/browse.js/"])
def test_nothing_else_is_served(path: str) -> None:
    assert browse_answer(path, SETTINGS) is None


def test_the_page_is_off_until_the_settings_switch_it_on() -> None:
    off = Settings.from_environment(ENVIRONMENT)
    for path in ("", "/browse.js"):
        with pytest.raises(ApiError) as refused:
            Pages(off).browse(path)
        assert (refused.value.status, refused.value.code) == (404, "PGRST125")
        assert Pages(SETTINGS).browse(path).status == 200


@pytest.mark.parametrize(
    "login",
    [
        "shop.example",
        "http://shop.example?client_id=a",
        "https://shop.example",
        "https://shop.example?client_id=",
        "https://shop.example/login?client_id=a",
        "https://shop.example?client_id=a&scope=b",
        "https://a; script-src *?client_id=a",
        "https://user@shop.example?client_id=a",
        "https://[?client_id=a",
    ],
)
def test_a_login_that_is_not_an_origin_with_a_client_is_refused(login: str) -> None:
    with pytest.raises(SettingsError, match=r"AUROREST_BROWSE_LOGIN .* allowed: https://HOST\?client_id=ID"):
        Settings.from_environment(ENVIRONMENT | {"AUROREST_BROWSE_LOGIN": login})


def test_the_whole_page_is_small_for_the_wire_and_for_the_archive() -> None:
    bodies = [path.read_bytes() for path in STATIC.iterdir()]
    assert sum(len(gzip.compress(body, 1)) for body in bodies) < 200_000
    assert sum(len(zlib.compress(body)) for body in bodies) < 200_000


def test_an_application_that_answers_no_page_has_not_imported_it() -> None:
    program = "import sys, api.app; sys.exit('api.documents.browse' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
