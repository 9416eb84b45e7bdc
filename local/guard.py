"""Keep other web pages away from the local API, which has no authentication.

A browser lets any page send requests to this machine. So the `Host` must be a served name (a page's own domain may
resolve to 127.0.0.1), an `Origin` must be local or configured, and a body that a plain HTML form can send requires
such an `Origin`.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_FORMS = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
"""What a page may send without a preflight: https://fetch.spec.whatwg.org/#cors-safelisted-request-header"""

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::\d+)?")


class Guard:
    """Refuse requests made by pages from elsewhere."""

    def __init__(self, app: ASGIApp, *, names: Iterable[str], addresses: bool, origins: Iterable[str]) -> None:
        """`names`: host names served besides the local ones. `addresses`: any IP address is a served host. `origins`:
        further origins that may call; `*` is ignored."""
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._addresses = addresses
        self._origins = frozenset(origins) - {"*"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        refusal = self._refusal(scope["method"], Headers(scope=scope)) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, message, hint = refusal
        body = json.dumps({"code": "42501", "message": message, "details": None, "hint": hint}).encode()
        headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _refusal(self, method: str, headers: Headers) -> tuple[int, str, str] | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_served(host):
            return 421, "This host name is not served here", "Use localhost, or start with HOST=name ALLOW_REMOTE=1."
        if origin is not None and not self._is_allowed(origin):
            return 403, "Pages from this origin may not call the local API", "Set AUROREST_CORS_ORIGINS to allow it."
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        if method == "POST" and has_body and media in _FORMS and origin is None:
            return (
                403,
                "A body sent as a form, which is curl's default, or as plain text requires the header Origin here",
                "For JSON send -H 'Content-Type: application/json'; for a form send -H 'Origin: http://localhost'.",
            )
        return None

    def _is_served(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found[1].strip("[]").lower()
        return _is_local(name) or name in self._names or (self._addresses and _is_address(name))

    def _is_allowed(self, origin: str) -> bool:
        if origin in self._origins:
            return True
        try:
            parts = urlsplit(origin)
            return parts.scheme in ("http", "https") and self._is_served(parts.netloc)
        except ValueError:
            return False


def _is_local(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
