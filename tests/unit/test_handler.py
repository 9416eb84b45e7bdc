"""The Lambda function's entry point answers whatever the process did with the event loop between two events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mangum.handlers.utils import get_server_and_port

from api.handler import Handler, make_handler

HEALTH: dict[str, Any] = json.loads((Path(__file__).parents[1] / "events" / "health.json").read_bytes())


@pytest.fixture
def handler() -> Iterator[Handler]:
    yield make_handler({"AUROREST_DATABASE_URL": "mysql://nobody@127.0.0.1/nothing"})
    asyncio.set_event_loop(None)


def status(handler: Handler) -> int:
    answer = handler(HEALTH, SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 29_000))
    found: int = answer["statusCode"]
    return found


def close_the_current_loop() -> None:
    asyncio.get_event_loop().close()


def unset_it() -> None:
    asyncio.set_event_loop(None)


def set_a_closed_one() -> None:
    other = asyncio.new_event_loop()
    asyncio.set_event_loop(other)
    other.close()


def run_a_coroutine() -> None:
    """On a separate loop, which is closed and unset at the end."""
    asyncio.run(asyncio.sleep(0))


@pytest.mark.parametrize("disturb", [close_the_current_loop, unset_it, set_a_closed_one, run_a_coroutine])
def test_an_event_is_answered_after_someone_disturbed_the_event_loop(
    handler: Handler, disturb: Callable[[], None]
) -> None:
    assert status(handler) == 200
    disturb()
    assert status(handler) == 200


def test_the_first_event_needs_no_event_loop(handler: Handler) -> None:
    unset_it()
    assert status(handler) == 200


def test_events_share_one_event_loop(handler: Handler) -> None:
    handler_loops = set()
    for _ in range(3):
        assert status(handler) == 200
        handler_loops.add(id(asyncio.get_event_loop()))
    assert len(handler_loops) == 1


def test_the_handler_is_made_and_answers_on_one_event_loop() -> None:
    unset_it()
    made = make_handler({"AUROREST_DATABASE_URL": "mysql://nobody@127.0.0.1/nothing"})
    loop = asyncio.get_event_loop()
    assert status(made) == 200
    assert asyncio.get_event_loop() is loop
    unset_it()


def test_an_event_becomes_a_scope_once(handler: Handler, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    def counted(headers: dict[str, Any]) -> tuple[str, int]:
        nonlocal made
        made += 1
        return get_server_and_port(headers)

    monkeypatch.setattr("mangum.handlers.api_gateway.get_server_and_port", counted)
    assert status(handler) == 200
    assert made == 1
