"""`/docs` and the files that it loads. Its only I/O is reading those files.

The page works below any prefix (such as an API Gateway stage) because all its URLs are relative. Its content security
policy allows only this origin: no script is inline, and nothing is loaded from a CDN. FastAPI's helper for the page
writes an inline script, which this policy forbids.
It shows the document as OpenAPI 3.0: with 300 tables, Swagger UI takes 470 MB and 16 s to resolve that of 3.1. The page
parses it as JSON, which takes 95 MB of heap instead of 115 with Swagger UI's YAML parser.
Swagger UI is stored compressed in `static/`; `VERSION` and a test pin its bytes.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from api.response.answer import Answer, Headers, accepts_gzip

VERSION = "5.35.0"
"""The version of swagger-ui-dist."""

_STATIC = Path(__file__).parent / "static"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY: Headers = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
"""Swagger UI sets style attributes, which require 'unsafe-inline' for styles."""

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{files}swagger-ui.css?{version}">
<link rel="stylesheet" href="{files}page.css?{version}">
</head>
<body>
<div id="swagger-ui" data-document="{document}"></div>
<script src="{files}swagger-ui-bundle.js?{version}"></script>
<script src="{files}page.js?{version}"></script>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class _File:
    content_type: str
    is_packed: bool = False
    """Stored as `{name}.gz`."""


_FILES = {
    "swagger-ui.css": _File("text/css; charset=utf-8", is_packed=True),
    "swagger-ui-bundle.js": _File("text/javascript; charset=utf-8", is_packed=True),
    "page.css": _File("text/css; charset=utf-8"),
    "page.js": _File("text/javascript; charset=utf-8"),
    "swagger-ui.LICENSE.txt": _File("text/plain; charset=utf-8"),
    "swagger-ui.NOTICE.txt": _File("text/plain; charset=utf-8"),
    "swagger-ui-bundle.js.LICENSE.txt": _File("text/plain; charset=utf-8"),
}


def docs_answer(path: str, title: str, accept_encoding: str) -> Answer | None:
    """The answer for `path`, which is what follows `/docs` in the URL; None if there is no such file.

    `title` is the database's name. Compressed files are sent as stored to clients that accept gzip.
    """
    if path in ("", "/"):
        return _page(title, "docs/" if path == "" else "", f"{'' if path == '' else '../'}openapi.json?version=3.0")
    name = path.removeprefix("/")
    file = _FILES.get(name)
    return None if file is None else _asset(name, file, accept_encoding)


def _page(title: str, files: str, document: str) -> Answer:
    body = _PAGE.format(title=escape(f"{title} API"), files=files, document=document, version=VERSION)
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-cache"), *SECURITY)
    return Answer(200, headers, body.encode())


def _asset(name: str, file: _File, accept_encoding: str) -> Answer:
    headers: Headers = (
        ("Content-Type", file.content_type),
        ("Cache-Control", "public, max-age=86400"),
        ("Vary", "Accept-Encoding"),
        *SECURITY,
    )
    if not file.is_packed:
        return Answer(200, headers, _stored(name))
    packed = _stored(f"{name}.gz")
    if accepts_gzip(accept_encoding):
        return Answer(200, (*headers, ("Content-Encoding", "gzip")), packed)
    return Answer(200, headers, gzip.decompress(packed))


@cache
def _stored(name: str) -> bytes:
    return (_STATIC / name).read_bytes()
