"""`/browse` and the files that it loads. Pure but for reading those files.

The page works below any prefix (the stage of an API Gateway, say): all its addresses are relative. Its policy lets in
only this origin, and text can never become a script or HTML (`require-trusted-types-for`).
`static/` is built from the folder `browse` at the top of the repository by `make browse`; a test rebuilds it.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from api.response.answer import Answer, Headers
from api.settings import Settings

_STATIC = Path(__file__).parent / "static"

_FILES = {
    "browse.js": "text/javascript; charset=utf-8",
    "layout.js": "text/javascript; charset=utf-8",
    "browse.css": "text/css; charset=utf-8",
    "land.json": "application/json",
    "LICENSES.txt": "text/plain; charset=utf-8",
}

_PAGE = """\
<!doctype html>
<html lang="en" {data}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{files}browse.css?{version}">
<script type="module" src="{files}browse.js?{version}"></script>
</head>
<body>
<div id="app"></div>
<noscript>This page shows the database by JavaScript, which is switched off.</noscript>
</body>
</html>
"""


def browse_answer(path: str, settings: Settings) -> Answer | None:
    """The answer for `path`, which is what follows `/browse` in the URL; None if there is no such file."""
    if path in ("", "/"):
        return _page("browse/" if path == "" else "", settings)
    name = path.removeprefix("/")
    content_type = _FILES.get(name)
    if content_type is None:
        return None
    headers = (("Content-Type", content_type), ("Cache-Control", "public, max-age=86400"), *_security(None))
    return Answer(200, headers, _stored(name))


def _page(files: str, settings: Settings) -> Answer:
    """`files` leads from the page to its files."""
    login = urlsplit(settings.browse_login)
    origin = f"{login.scheme}://{login.netloc}" if settings.browse_login else None
    data = {
        "database": settings.writer.database,
        "max-write-rows": str(settings.max_write_rows),
        "max-body-bytes": str(settings.max_body_bytes),
    }
    if origin is not None:
        data |= {"login-origin": origin, "login-client": parse_qs(login.query)["client_id"][0]}
    attributes = " ".join(f'data-{name}="{escape(value)}"' for name, value in data.items())
    body = _PAGE.format(data=attributes, title=escape(settings.writer.database), files=files, version=_version())
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-cache"), *_security(origin))
    return Answer(200, headers, body.encode())


def _security(login: str | None) -> Headers:
    """`login` is the one other origin that the page may ask: where a login's code becomes a token."""
    policy = (
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{f' {login}' if login else ''}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types aurorest-browse"
    )
    return (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    )


@cache
def _version() -> str:
    """Changes with the files, so that a browser keeps none that is older than the page."""
    digest = sha256()
    for name in sorted(_FILES):
        digest.update(_stored(name))
    return digest.hexdigest()[:12]


@cache
def _stored(name: str) -> bytes:
    return (_STATIC / name).read_bytes()
