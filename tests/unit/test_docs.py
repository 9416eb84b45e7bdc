"""The files of the documentation page and how they are served."""

from __future__ import annotations

import gzip
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from api.documents.docs import docs_answer
from api.documents.docs.page import VERSION
from api.response.answer import Answer

STATIC = Path(__file__).parents[2] / "api" / "documents" / "docs" / "static"

# SHA-256 of the files in the npm package swagger-ui-dist.
PINNED = {
    "5.35.0": {
        "swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
        "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    }
}


def answer(path: str, accept_encoding: str = "gzip") -> Answer:
    found = docs_answer(path, "shop", accept_encoding)
    assert found is not None
    return found


def header(found: Answer, name: str) -> str | None:
    return dict(found.headers).get(name)


@pytest.mark.parametrize("name", PINNED[VERSION])
def test_swagger_ui_is_the_published_package_byte_for_byte(name: str) -> None:
    packed, plain = answer(f"/{name}"), answer(f"/{name}", "identity")
    assert header(packed, "Content-Encoding") == "gzip"
    assert header(plain, "Content-Encoding") is None
    assert gzip.decompress(packed.body) == plain.body
    assert sha256(plain.body).hexdigest() == PINNED[VERSION][name]


def test_the_files_are_small_enough_for_the_archive_and_carry_their_licences() -> None:
    sizes = {path.name: path.stat().st_size for path in STATIC.iterdir()}
    assert sum(sizes.values()) < 600_000
    assert max(sizes.values()) < 500_000
    assert {"swagger-ui.LICENSE.txt", "swagger-ui.NOTICE.txt", "swagger-ui-bundle.js.LICENSE.txt"} <= sizes.keys()


class Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "data-document")]
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag in ("script", "link"):
            assert any(name in ("src", "href") for name, _ in attrs)


@pytest.mark.parametrize(
    "path, files, document", [("", "docs/", "openapi.json?version=3.0"), ("/", "", "../openapi.json?version=3.0")]
)
def test_the_page_links_only_to_its_own_files_by_relative_urls(path: str, files: str, document: str) -> None:
    page = answer(path)
    parser = Addresses()
    parser.feed(page.body.decode())
    assert parser.found == [
        "data:,",
        f"{files}swagger-ui.css?{VERSION}",
        f"{files}page.css?{VERSION}",
        document,
        f"{files}swagger-ui-bundle.js?{VERSION}",
        f"{files}page.js?{VERSION}",
    ]
    for address in parser.found:
        if address.startswith(files) and "?" in address and address != document:
            assert answer("/" + address.removeprefix(files).partition("?")[0]).status == 200


def test_the_title_is_the_escaped_database_name() -> None:
    found = docs_answer("", "a <b> & {c}", "")
    assert found is not None
    assert b"<title>a &lt;b&gt; &amp; {c} API</title>" in found.body


@pytest.mark.parametrize("path", ["", "/", "/page.js", "/page.css", "/swagger-ui.css", "/swagger-ui-bundle.js"])
def test_every_response_allows_only_this_origin(path: str) -> None:
    policy = header(answer(path), "Content-Security-Policy") or ""
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    assert header(answer(path), "X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize(
    "path", ["/missing.js", "/../page.py", "//page.js", "/page.js/", "/swagger-ui.css.gz", "page.py"]
)
def test_nothing_else_is_served(path: str) -> None:
    assert docs_answer(path, "shop", "gzip") is None
