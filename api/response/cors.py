"""Cross-origin requests: the headers that a browser requires, on every answer and on its preflight."""

from __future__ import annotations

from collections.abc import Mapping

from api.response.answer import Answer, Headers

EXPOSED = (
    "Content-Disposition, Content-Encoding, Content-Location, Content-Profile, Content-Range, Content-Type, ETag, "
    "Idempotency-Replayed, Link, Location, Preference-Applied, Proxy-Status, Range-Unit, Retry-After, Server-Timing, "
    "Warning"
)
"""supabase-js and react-admin read counts and pages from these; a browser hides headers that are not listed."""

_METHODS = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD"
_SIMPLE = ("Accept", "Accept-Language", "Content-Language")
"""Request headers that browsers send without asking: https://fetch.spec.whatwg.org/#cors-safelisted-request-header"""
_PREFLIGHT_SECONDS = "86400"


def cors_headers(origin: str | None, allowed: tuple[str, ...], *, options: bool = False) -> Headers:
    """The CORS headers of an answer to `origin`; none if it is not allowed.

    A request without an origin gets none either, except `OPTIONS` where every origin is allowed, to say so.
    Credentials (cookies, client certificates) are for configured origins only, as browsers refuse them with `*`.
    """
    if "*" in allowed:
        if origin is None:
            return (("Access-Control-Allow-Origin", "*"),) if options else ()
        return (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED))
    if origin is None or origin not in allowed:
        return ()
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
        ("Access-Control-Expose-Headers", EXPOSED),
    )


def preflight(headers: Mapping[str, str], allowed: tuple[str, ...]) -> Answer | None:
    """The answer to a browser's preflight; None if the request is not a preflight."""
    origin, method = headers.get("origin"), headers.get("access-control-request-method")
    if origin is None or method is None:
        return None
    requested = headers.get("access-control-request-headers") or (
        "Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, Range"
    )
    names = [name.strip() for name in requested.split(",")]
    return Answer(
        200,
        (
            *cors_headers(origin, allowed),
            ("Access-Control-Allow-Methods", _METHODS),
            ("Access-Control-Allow-Headers", ", ".join(["Authorization", *names, *_SIMPLE])),
            ("Access-Control-Max-Age", _PREFLIGHT_SECONDS),
        ),
    )
