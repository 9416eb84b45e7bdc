"""Errors about who sent a request (PGRST3xx), and what they may do."""

from __future__ import annotations

from collections.abc import Mapping

from api.errors import codes
from api.errors.error import ApiError, shorten


def no_jwt_secret() -> ApiError:
    """PGRST300: a token was sent, and this server has no key to verify it with."""
    return ApiError(codes.NO_JWT_SECRET, "Server lacks JWT secret", hint="Start the server with JWT_SECRET=...")


def bad_token(message: str, details: str | None = None) -> ApiError:
    """PGRST301: the text is not a token, or its signature is not valid."""
    return ApiError(codes.BAD_TOKEN, message, details, headers=_invalid_token(message))


def no_token() -> ApiError:
    """PGRST302: a caller without a token, and the API has no role for such callers."""
    return ApiError(
        codes.NO_TOKEN,
        "Anonymous access is disabled",
        hint="Send a token in the Authorization header.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def bad_claims(message: str, details: str | None = None) -> ApiError:
    """PGRST303: the token is genuine, but its claims do not allow its use: it has expired, for example."""
    return ApiError(codes.BAD_CLAIMS, message, details, headers=_invalid_token(message))


def unknown_role(role: str) -> ApiError:
    """22023 (401): the token names a role that this API does not have."""
    message = f'role "{shorten(role)}" does not exist'
    return ApiError(codes.UNKNOWN_ROLE, message, headers={"WWW-Authenticate": "Bearer"})


def _invalid_token(message: str) -> Mapping[str, str]:
    return {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{message}"'}


def permission_denied(kind: str, name: str, details: str | None = None, hint: str | None = None) -> ApiError:
    """42501: the role of the request lacks a privilege on a table, column or routine."""
    return ApiError(codes.NO_PRIVILEGE, f"permission denied for {kind} {name}", details, hint)


def as_anonymous(error: ApiError) -> ApiError:
    """The error as a caller without a token gets it: what a token may permit is 401, not 403."""
    if error.error is not codes.NO_PRIVILEGE:
        return error
    headers = {**error.headers, "WWW-Authenticate": "Bearer"}
    return ApiError(codes.ANONYMOUS_PRIVILEGE, error.message, error.details, error.hint, headers)
