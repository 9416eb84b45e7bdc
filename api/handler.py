"""The Lambda function's entry point: `api.handler.handler` takes an HTTP API event (payload 2.0) and gives its answer.

What is made here lives as long as the execution environment, so one connection and one catalog serve all its requests.
Nothing connects yet: what SnapStart stores has no connection, no token and no credentials in it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NoReturn

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def make_handler(environment: Mapping[str, str]) -> Handler:
    """The application as a function of an event and its context.

    Where a setting is missing or wrong, it is a function that fails with that on every event: an import that fails
    would be repeated by Lambda before each event, and its time paid for.
    """
    from pydantic import BaseModel

    # FastAPI defines a model for each part of an OpenAPI document, and this API needs none of them: their validators,
    # a sixth of a cold start, are built on first use.
    BaseModel.model_config["defer_build"] = True

    from mangum import Mangum

    from api.app import create_app
    from api.database import Database
    from api.settings import Settings, SettingsError

    try:
        settings = Settings.from_environment(environment)
    except SettingsError as error:
        return _failing(error)
    # Lambda's own formatter makes JSON of the records (the function's logging configuration).
    logging.getLogger("aurorest").setLevel(settings.log_level)
    # With a lifespan, Mangum would run start-up and shutdown around every event; the application has neither.
    serve = Mangum(create_app(settings, Database(settings)), lifespan="off")

    def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
        # Mangum runs the application on the thread's current loop, which someone else may have closed or replaced.
        asyncio.set_event_loop(_event_loop())
        return serve(event, context)  # type: ignore[arg-type]

    return handle


@cache
def _event_loop() -> asyncio.AbstractEventLoop:
    """The loop of this process. It is never closed."""
    return asyncio.new_event_loop()


def _failing(error: Exception) -> Handler:
    def fail(_event: dict[str, Any], _context: object) -> NoReturn:
        raise error

    return fail


# Imports make many objects and no garbage: looking for it takes a sixth of their time. What they made stays for good,
# so later searches need not look at it either (https://docs.python.org/3/library/gc.html#gc.freeze).
gc.disable()
try:
    handler = make_handler(os.environ)
finally:
    gc.freeze()
    gc.enable()
