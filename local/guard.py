"""Keep other web pages away from the local API, which has no authentication.

A browser lets any page send requests to this machine. So the `Host` must be a served name (a page's own domain may
resolve to 127.0.0.1), an `Origin` must be local or configured, and a body that a plain HTML form can send requires
such an `Origin`.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

_FORMS = frozenset({b"", b"application/x-www-form-urlencoded", b"multipart/form-data", b"text/plain"})
"""What a page may send without a preflight: https://fetch.spec.whatwg.org/#cors-safelisted-request-header"""

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::\d+)?")


class Guard:
    """Refuse requests made by pages from elsewhere."""

    def __init__(self, app: ASGIApp, *, names: Iterable[str], addresses: bool, origins: Iterable[str]) -> None:
        """`names`: host names served besides the local ones. `addresses`: any IP address is a served host. `origins`:
        further origins that may call; `*` is ignored."""
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._is_served = lru_cache(maxsize=64)(self._may_be_called)  # clients send the same one again and again
        self._addresses = addresses
        self._origins = frozenset(origins) - {"*"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        refusal = self._refusal(scope["method"], _first(scope["headers"])) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, message, hint = refusal
        body = json.dumps({"code": "42501", "message": message, "details": None, "hint": hint}).encode()
        headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _refusal(self, method: str, headers: Mapping[bytes, bytes]) -> tuple[int, str, str] | None:
        origin = headers.get(b"origin")
        if not self._is_served(headers.get(b"host", b"").decode("latin-1")):
            return 421, "This host name is not served here", "Use localhost, or start with HOST=name ALLOW_REMOTE=1."
        if origin is not None and not self._is_allowed(origin.decode("latin-1")):
            return 403, "Pages from this origin may not call the local API", "Set AUROREST_CORS_ORIGINS to allow it."
        if method != "POST" or origin is not None:
            return None
        media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        has_body = headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
        if has_body and media in _FORMS:
            return (
                403,
                "A body sent as a form, which is curl's default, or as plain text requires the header Origin here",
                "For JSON send -H 'Content-Type: application/json'; for a form send -H 'Origin: http://localhost'.",
            )
        return None

    def _may_be_called(self, host: str) -> bool:
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


def _first(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers; of those sent several times, the first."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found.setdefault(name, value)
    return found


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
