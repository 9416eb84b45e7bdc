"""Pages from elsewhere cannot use the local API."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from local.guard import Guard


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def status(method: str = "GET", *, remote: bool = False, **headers: str) -> int:
    guard = Guard(application, names=("mymachine",), addresses=remote, origins=("*", "https://app.example"))
    given = {"host": "localhost:8000", **{name.replace("_", "-"): text for name, text in headers.items()}}
    raw = [(name.encode(), text.encode()) for name, text in given.items()]
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    asyncio.run(guard({"type": "http", "method": method, "headers": raw}, receive, send))
    return int(sent[0]["status"])


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "shop.localhost:1", "mymachine:8000"]
)
def test_local_host_names_are_served(host: str) -> None:
    assert status(host=host) == 200


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:8000", "localhost.evil.example", "10.0.0.7", "localhost:80@evil", "[::1"]
)
def test_other_host_names_are_refused(host: str) -> None:
    assert status(host=host) == 421


def test_an_ip_address_is_served_if_other_machines_may_call() -> None:
    assert status(host="10.0.0.7:8000", remote=True) == 200
    assert status(host="evil.example", remote=True) == 421


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1", "https://app.example"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_local_and_configured_origins_may_call(method: str, origin: str) -> None:
    assert status(method, origin=origin) == 200


@pytest.mark.parametrize(
    "origin", ["null", "https://evil.example", "file://", "http://localhost.evil.example", "http://["]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_other_origins_may_not_call(method: str, origin: str) -> None:
    assert status(method, origin=origin) == 403


@pytest.mark.parametrize(
    "media", ["application/x-www-form-urlencoded", "text/plain;charset=UTF-8", "multipart/form-data"]
)
def test_a_body_that_a_form_can_send_needs_an_origin(media: str) -> None:
    assert status("POST", content_type=media, content_length="3") == 403
    assert status("POST", content_type=media, content_length="3", origin="http://localhost:8000") == 200


def test_a_body_without_a_content_type_needs_an_origin_and_an_empty_one_does_not() -> None:
    assert status("POST", content_length="3") == 403
    assert status("POST", transfer_encoding="chunked") == 403
    assert status("POST", content_length="0") == 200
    assert status("POST", content_type="application/json", content_length="3") == 200
