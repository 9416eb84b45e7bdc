"""The Lambda entry point: `api.handler.handler` takes an HTTP API event (payload 2.0) and returns the response.

Everything created here lives as long as the execution environment, so all its requests share one connection and one
catalog. Nothing connects at import time: a SnapStart snapshot contains no connection, token or credentials.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from mangum.handlers import HTTPGateway
from mangum.types import Scope

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def make_handler(environment: Mapping[str, str]) -> Handler:
    """Build the application as a function of an event and its context.

    If a setting is missing or invalid, the returned function raises the `SettingsError` on every event. Raising it here
    would cost more: Lambda repeats a failed import before each event and bills for it.
    """
    from pydantic import BaseModel

    # FastAPI defines a model for each part of an OpenAPI document, and this API uses none of them. Building their
    # validators takes a sixth of a cold start, so it is deferred to their first use.
    BaseModel.model_config["defer_build"] = True

    from mangum import Mangum

    from api.app import create_app
    from api.database import Database
    from api.database.token import load_signer
    from api.settings import Settings, SettingsError

    try:
        settings = Settings.from_environment(environment)
        app = create_app(settings, Database(settings))
    except SettingsError as error:
        return _failing(error)
    if settings.writer.password is None:
        # three quarters of the first request's CPU time; SnapStart's snapshot contains what is imported here
        load_signer()
    # Lambda formats the records as JSON (the function's logging configuration).
    logging.getLogger("aurorest").setLevel(settings.log_level)
    # Mangum makes another event loop if the thread has none when it is constructed.
    asyncio.set_event_loop(_event_loop())
    # With a lifespan, Mangum would run startup and shutdown around every event; the application has neither.
    serve = Mangum(app, lifespan="off", text_mime_types=[*_TEXT_TYPES], custom_handlers=[_HttpApi])

    def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
        # Mangum runs the application on the thread's current event loop, which other code may have replaced or unset.
        asyncio.set_event_loop(_event_loop())
        return serve(event, context)  # type: ignore[arg-type]

    return handle


class _HttpApi(HTTPGateway):
    """Mangum's adapter of an HTTP API event. Mangum itself makes the scope of each event twice."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._scope = super().scope

    @property
    def scope(self) -> Scope:
        return self._scope


_TEXT_TYPES = ("text/", "json", "javascript", "vnd.pgrst.plan+text")
"""Parts of the content types whose body is UTF-8. Any other body is sent in base64, which makes it a third larger than
what the limit for an answer was checked against."""

_loop: asyncio.AbstractEventLoop | None = None


def _event_loop() -> asyncio.AbstractEventLoop:
    """The handler's own event loop; a new one if other code closed it."""
    global _loop
    if _loop is None or _loop.is_closed():
        _loop = asyncio.new_event_loop()
    return _loop


def _failing(error: Exception) -> Handler:
    def fail(_event: dict[str, Any], _context: object) -> NoReturn:
        raise error

    return fail


# Imports allocate many objects and no garbage, and garbage collection takes a sixth of their time. The objects stay for
# good, so later collections need not scan them either (https://docs.python.org/3/library/gc.html#gc.freeze).
gc.disable()
try:
    handler = make_handler(os.environ)
finally:
    gc.freeze()
    gc.enable()
