"""CORS headers, as browsers and PostgREST's clients expect them, and the address `/`."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.handler import make_handler

EVENT: dict[str, Any] = json.loads((Path(__file__).parents[1] / "events" / "health.json").read_bytes())
ORIGIN = "https://app.example"


def answer(method: str, path: str, headers: dict[str, str], origins: str = "*") -> Any:
    """The answer to a request that needs no database."""
    handler = make_handler(
        {"AUROREST_DATABASE_URL": "mysql://nobody@127.0.0.1/nothing", "AUROREST_CORS_ORIGINS": origins}
    )
    http = {**EVENT["requestContext"]["http"], "method": method, "path": path}
    context = {**EVENT["requestContext"], "http": http}
    event = {**EVENT, "rawPath": path, "requestContext": context, "headers": {"host": "localhost", **headers}}
    return handler(event, SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 29_000))


def test_every_origin_is_allowed_by_default_without_credentials() -> None:
    headers = answer("GET", "/health", {"origin": ORIGIN})["headers"]
    assert headers["access-control-allow-origin"] == "*"
    assert "content-location" in headers["access-control-expose-headers"].lower()
    assert "access-control-allow-credentials" not in headers


def test_a_configured_origin_may_send_credentials() -> None:
    found = answer("GET", "/health", {"origin": ORIGIN}, f"https://other.example,{ORIGIN}")["headers"]
    assert found["access-control-allow-origin"] == ORIGIN
    assert found["access-control-allow-credentials"] == "true"
    assert "Origin" in found["vary"]


@pytest.mark.parametrize("origins", ["https://other.example", f"{ORIGIN}.evil.example"])
def test_another_origin_is_not_allowed(origins: str) -> None:
    for method in ("GET", "OPTIONS"):
        preflight = {"access-control-request-method": "POST"} if method == "OPTIONS" else {}
        found = answer(method, "/health", {"origin": ORIGIN, **preflight}, origins)
        assert found["statusCode"] == 200
        assert not [
            name
            for name in found["headers"]
            if name in ("access-control-allow-origin", "access-control-allow-credentials")
        ]


def test_a_preflight_names_what_is_allowed() -> None:
    wanted = {"access-control-request-method": "POST", "access-control-request-headers": "Foo,Bar"}
    found = answer("OPTIONS", "/rest/v1/", {"origin": ORIGIN, **wanted})
    assert found["statusCode"] == 200
    assert found["headers"]["access-control-allow-methods"] == "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD"
    assert found["headers"]["access-control-allow-headers"] == (
        "Authorization, Foo, Bar, Accept, Accept-Language, Content-Language"
    )
    assert found["headers"]["access-control-max-age"] == "86400"


@pytest.mark.parametrize("origins, allowed", [("*", "*"), (ORIGIN, None)])
def test_options_without_an_origin_says_whether_all_are_allowed(origins: str, allowed: str | None) -> None:
    headers = answer("OPTIONS", "/rest/v1/", {"accept": "image/png"}, origins)["headers"]
    assert headers["allow"] == "OPTIONS,GET,HEAD,POST"
    assert headers.get("access-control-allow-origin") == allowed


def test_the_root_says_where_everything_is() -> None:
    found = answer("GET", "/", {})
    assert found["statusCode"] == 200
    assert json.loads(found["body"]) == {
        "rest": "/rest/v1/", "tables": "/tables", "openapi": "/openapi.json", "docs": "/docs", "health": "/health",
    }  # fmt: skip
