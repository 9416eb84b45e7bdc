"""Errors about limits of size, number and time (SQLSTATEs 54xxx and 57014)."""

from __future__ import annotations

from api.errors import codes
from api.errors.error import ApiError


def too_large(message: str, hint: str | None = None) -> ApiError:
    """54000 with 413: something exceeds a limit."""
    return ApiError(codes.TOO_LARGE, message, hint=hint)


def answer_too_large(limit: int) -> ApiError:
    """54000: the written rows exceed the size of an answer; nothing was written."""
    return ApiError(
        codes.TOO_LARGE,
        f"The rows written exceed the limit of {limit} bytes for an answer",
        "Nothing was written.",
        "Write fewer rows at a time, select fewer columns, or send 'Prefer: return=minimal'.",
    )


def memory_exceeded(limit: int) -> ApiError:
    """54000: the rows of a request, those of its embeds included, do not fit into memory; nothing was written."""
    return ApiError(
        codes.TOO_LARGE,
        f"The rows of this request take more than {limit} bytes",
        "The rows of embeds count as well.",
        "Ask for fewer rows with limit=, limit the rows of an embed with embed.limit=, or select fewer columns.",
    )


def too_many_locked(limit: int) -> ApiError:
    """54000: a PATCH or DELETE would have to lock more rows than the limit; nothing was written."""
    return ApiError(
        codes.TOO_LARGE,
        f"The request would lock more than {limit} rows",
        "Nothing was written.",
        "Filter for fewer rows, or add limit= and order=. A request that returns no rows, and whose filters are on the "
        "table's own columns, has no such limit: send 'Prefer: return=minimal'.",
    )


def statement_too_long(limit: int) -> ApiError:
    """54001 with 413: the request requires a statement so long that RDS Proxy would pin its session."""
    return ApiError(
        codes.STATEMENT_TOO_COMPLEX,
        f"The request requires an SQL statement of more than {limit} bytes",
        "Such a statement would keep a database connection for itself.",
        "Use fewer conditions or columns. A list of values for one column (in) may have any length if it stands alone: "
        "on the table's own columns, outside of 'or' and 'not'.",
    )


def time_is_up(seconds: float) -> ApiError:
    """57014: the whole request took too long, though none of its statements did."""
    return ApiError(
        codes.TIMEOUT,
        f"The request took longer than its limit of {seconds:.0f} s",
        "Nothing is stored.",
        "Ask for fewer rows, or write fewer at a time.",
    )


def call_timed_out() -> ApiError:
    """57014: a procedure took too long. Its connection is closed, so the server rolls back its transaction."""
    return ApiError(
        codes.TIMEOUT,
        "The procedure took longer than this server allows",
        "Nothing is stored, unless the procedure commits by itself.",
        "Let it do less at a time.",
    )
