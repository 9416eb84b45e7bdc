"""Events as API Gateway passes them to a Lambda function, made from a recorded one, and the function's context."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

RECORDED = Path(__file__).resolve().parent.parent / "tests" / "events" / "row.json"
CONTEXT = SimpleNamespace(aws_request_id="bench", get_remaining_time_in_millis=lambda: 29_000)


def event(method: str, path: str, query: str = "", *, body: object = None, accept: str | None = None) -> dict[str, Any]:
    """The event of a request below `/rest/v1/`. `body` is JSON, and the answer shows what is written."""
    found: dict[str, Any] = json.loads(RECORDED.read_bytes())
    found["rawPath"] = found["requestContext"]["http"]["path"] = f"/rest/v1/{path}"
    found["requestContext"]["http"]["method"] = method
    found["rawQueryString"] = query
    if accept is not None:
        found["headers"]["accept"] = accept
    if body is not None:
        found["headers"] |= {"content-type": "application/json", "prefer": "return=representation"}
        found["body"] = json.dumps(body)
    return found
