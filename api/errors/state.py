"""Errors about the state that a write requires: preconditions and Idempotency-Keys."""

from __future__ import annotations

from api.errors import codes
from api.errors.error import ApiError


def precondition_failed(details: str, tag: str | None = None) -> ApiError:
    """AR412: the row is not as the request's conditions require. `tag`: its current ETag."""
    return ApiError(
        codes.PRECONDITION_FAILED,
        "The row is not in the state that the request requires",
        f"{details} Nothing was written.",
        "Read the row again, and send the write with its new ETag." if tag is not None else None,
        {} if tag is None else {"ETag": tag},
    )


def idempotency_in_progress() -> ApiError:
    """AR409: the first request with this key has not been answered yet."""
    return ApiError(
        codes.IDEMPOTENCY_IN_PROGRESS,
        "A request with this Idempotency-Key is being answered",
        hint="Send it again in a moment, to get its answer.",
        headers={"Retry-After": "1"},
    )


def idempotency_interrupted() -> ApiError:
    """AR409: a routine committed by itself, and the connection broke before its answer was stored."""
    return ApiError(
        codes.IDEMPOTENCY_IN_PROGRESS,
        "The first request with this Idempotency-Key was interrupted",
        "It called a routine that commits by itself, so its changes may be stored. The routine is not called again.",
        "Check what it has changed. To call it again, use another key.",
    )


def idempotency_mismatch() -> ApiError:
    """AR422: the key belongs to a different request."""
    return ApiError(
        codes.IDEMPOTENCY_MISMATCH,
        "This Idempotency-Key belongs to another request",
        "The method, the address, the body or a header differs. Nothing was written.",
        "Use a new key for each new request, and the same one only to repeat it.",
    )


def idempotency_unavailable() -> ApiError:
    """AR501: the table for the answers does not exist, or the account may not use it."""
    return ApiError(
        codes.IDEMPOTENCY_UNAVAILABLE,
        "This API cannot store an Idempotency-Key",
        "The table aurorest_idempotency does not exist, or the request's account may not use it. Nothing was written.",
        "The stack's migrator, or `python -m migrator`, creates the table and grants the roles access to it.",
    )
