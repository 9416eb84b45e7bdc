"""Cross-origin requests: the headers that a browser requires, on every answer and on its preflight."""

from __future__ import annotations

from collections.abc import Mapping

from api.response.answer import Answer, Headers

EXPOSED = (
    "Content-Disposition, Content-Encoding, Content-Location, Content-Range, Content-Type, ETag, Link, Location, "
    "Preference-Applied, Proxy-Status, Range-Unit, Retry-After, Server-Timing"
)
"""supabase-js and react-admin read counts and pages from these; a browser hides headers that are not listed."""

_METHODS = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD"
_PREFLIGHT_SECONDS = "86400"


def cors_headers(origin: str | None, allowed: tuple[str, ...]) -> Headers:
    """The CORS headers of an answer to `origin`; none if there is no origin or it is not allowed."""
    if origin is None:
        return ()
    if "*" in allowed:
        return (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED))
    if origin not in allowed:
        return ()
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Vary", "Origin"),
        ("Access-Control-Expose-Headers", EXPOSED),
    )


def preflight(headers: Mapping[str, str], allowed: tuple[str, ...]) -> Answer | None:
    """The answer to a browser's preflight; None if the request is not a preflight."""
    origin, method = headers.get("origin"), headers.get("access-control-request-method")
    if origin is None or method is None:
        return None
    wanted = headers.get("access-control-request-headers") or (
        "authorization, content-type, if-match, if-none-match, prefer, range"
    )
    return Answer(
        200,
        (
            *cors_headers(origin, allowed),
            ("Access-Control-Allow-Methods", _METHODS),
            ("Access-Control-Allow-Headers", wanted),
            ("Access-Control-Max-Age", _PREFLIGHT_SECONDS),
        ),
    )
