"""Errors of the database's own code that choose their answer, with the SQLSTATEs that PostgREST reserves for it.

    SIGNAL SQLSTATE 'PT402' SET MESSAGE_TEXT = 'Payment required'

answers with the status 402. Of a SIGNAL, MySQL sends only MESSAGE_TEXT, which has at most 128 characters, so details
and hint are in it too, as JSON: {"message": "...", "details": "...", "hint": "..."}. With the SQLSTATE
`PGRST`, the JSON also has the `code`, the `status` and the `headers` of the answer. PostgREST's form of both:
https://docs.postgrest.org/en/stable/references/errors.html#custom-errors
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

from api.errors import ApiError, codes

STATUSES = range(400, 600)
"""The statuses of errors."""

_STATE = re.compile(r"PT[0-9A-Z]{3}")
_PGRST = "PGRST"
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def chooses_answer(state: str | None) -> bool:
    """Whether an SQLSTATE chooses the status of the answer."""
    return state is not None and (state == _PGRST or _STATE.fullmatch(state) is not None)


def answer(state: str, text: str) -> ApiError:
    """The error that a SIGNAL with such an SQLSTATE chooses; a status that is not an error's is 500."""
    content = _object(text)
    if state == _PGRST:
        return _own_code(content) if content is not None else _unreadable(text)
    digits = state[2:]
    status = int(digits) if digits.isdecimal() and int(digits) in STATUSES else 500
    if content is None or not isinstance(content.get("message"), str):
        content = {"message": text}
    message, details, hint = (content.get(name) for name in ("message", "details", "hint"))
    return ApiError(codes.chosen(state, status), str(message), details, _text(hint))


def _own_code(content: Mapping[str, object]) -> ApiError:
    code, message, status = content.get("code"), content.get("message"), content.get("status", 400)
    headers = content.get("headers", {})
    if not (isinstance(code, str) and isinstance(message, str) and status in STATUSES and isinstance(headers, dict)):
        return _unreadable(json.dumps(content, ensure_ascii=False))
    if not all(_HEADER.fullmatch(name) and isinstance(value, str) for name, value in headers.items()):
        return _unreadable(json.dumps(content, ensure_ascii=False))
    chosen = codes.chosen(code, int(cast("int", status)))
    return ApiError(chosen, message, content.get("details"), _text(content.get("hint")), headers)


def _unreadable(text: str) -> ApiError:
    return ApiError(
        codes.BAD_RAISED_JSON,
        "Could not parse JSON in the \"SIGNAL SQLSTATE 'PGRST'\" error",
        f"Invalid JSON value for MESSAGE_TEXT: '{text}'",
        "MESSAGE_TEXT must be a JSON object with 'code' and 'message', and optionally 'details', 'hint', 'status' "
        "(400 to 599) and 'headers'. MySQL cuts it after 128 characters.",
    )


def _object(text: str) -> Mapping[str, object] | None:
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
