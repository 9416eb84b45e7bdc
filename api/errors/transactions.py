"""Errors about transactions that did not run as planned (SQLSTATEs)."""

from __future__ import annotations

from api.errors import codes
from api.errors.error import ApiError


def schema_changed() -> ApiError:
    """40001: a table is not as the catalog says. The request is first repeated with a new catalog."""
    return ApiError(
        codes.SERIALIZATION_FAILURE,
        "The schema of the database changed during the request",
        "Nothing was written.",
        "Repeat the request.",
        {"Retry-After": "1"},
        stale=True,
    )


def transaction_ended() -> ApiError:
    """2D000: a procedure of a batch committed or rolled back, so the batch is no longer one transaction."""
    return ApiError(
        codes.TRANSACTION_ENDED,
        "A procedure ended the transaction of the batch",
        "Everything before that may be stored; everything after it is undone.",
        "Call such a procedure with a separate request.",
    )


def session_changed() -> ApiError:
    """38000: a stored program of a batch changed its session, in which later requests would do something else."""
    return ApiError(
        codes.ROUTINE_FAULT,
        "A routine or trigger of an earlier request changed the session",
        "It set a session variable or created a temporary table, and later requests would use it. Nothing was stored.",
        "Let the routine restore the session, or call it with a separate request.",
    )


def outcome_unknown() -> ApiError:
    """08007: the connection broke after the COMMIT, or the only statement, was sent, so nobody can say whether the
    changes are stored.

    No `Retry-After`: to repeat the request blindly might store them twice.
    """
    return ApiError(
        codes.OUTCOME_UNKNOWN,
        "The connection to the database broke while the changes were being committed",
        "They may or may not be stored: all of them, or none.",
        "Read the rows before you repeat the request.",
    )
