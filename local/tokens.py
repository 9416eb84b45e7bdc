"""Tokens of `make serve`: HS256, verified with the secret that `make token` signs with.

On AWS, API Gateway verifies tokens; the API never does. So this stands in for it, and hands on what it verified in the
scope of the request, where no header can get.
https://docs.postgrest.org/en/stable/references/auth.html
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import jwt
from jwt.types import Options
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.app import IDENTIFY
from api.request.token import Claims, bearer, payload_of

SECRET_VARIABLE = "AUROREST_JWT_SECRET"  # noqa: S105 - a name
SHORTEST_SECRET = 32
"""As in PostgREST; RFC 7518 (section 3.2) requires a key of at least the hash's size for HS256."""
LEEWAY_SECONDS = 30
LIFETIME_SECONDS = 3600

_ALGORITHM = "HS256"


class TokenError(Exception):
    """The secret or the options of `make token` cannot be used; the text is the one line to print."""


class Tokens:
    """Verifies the token of each request when the application asks who sent it."""

    def __init__(self, app: ASGIApp, *, secret: str | None) -> None:
        """`secret`: None refuses every token."""
        self._app = app
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http":
            scope[IDENTIFY] = lambda: caller_claims(Headers(scope=scope), self._secret)
        await self._app(scope, receive, send)


def caller_claims(headers: Mapping[str, str], secret: str | None) -> Claims | None:
    """The claims of the request's token; None for a caller without one.

    supabase-js sends its API key as the token of a caller who is not signed in. A key that is not itself a token makes
    the caller anonymous, as on Supabase.

    Raises: `ApiError` PGRST300, PGRST301, PGRST303.
    """
    token = bearer(headers.get("authorization", ""))
    if token is None or (token == headers.get("apikey") and token.count(".") != 2):
        return None
    if secret is None:
        raise errors.no_jwt_secret()
    return verified(token, secret)


def verified(token: str, secret: str) -> Claims:
    """The claims of a token whose signature and times are right.

    Raises: `ApiError` PGRST301 for what is not a token of this secret, PGRST303 for one that may not be used now.
    """
    claims = payload_of(token)
    try:
        jwt.decode(token, secret, algorithms=[_ALGORITHM], options=_options(verify_times=False))
    except jwt.InvalidAlgorithmError:
        raise errors.bad_token("Wrong or unsupported encoding algorithm") from None
    except jwt.InvalidTokenError:
        raise errors.bad_token("JWT cryptographic operation failed") from None
    try:
        options = _options(verify_times=True)
        jwt.decode(token, secret, algorithms=[_ALGORITHM], options=options, leeway=LEEWAY_SECONDS)
    except jwt.ExpiredSignatureError:
        raise errors.bad_claims("JWT expired") from None
    except (jwt.ImmatureSignatureError, jwt.InvalidIssuedAtError):
        raise errors.bad_claims("JWT not yet valid") from None
    except jwt.InvalidTokenError as error:
        raise errors.bad_claims("Parsing claims failed", str(error)) from None
    return claims


def _options(*, verify_times: bool) -> Options:
    return {
        "verify_signature": True,
        "verify_aud": False,
        "verify_sub": False,
        "verify_jti": False,
        "verify_exp": verify_times,
        "verify_nbf": verify_times,
        "verify_iat": verify_times,
    }


def given_secret(environment: Mapping[str, str]) -> str | None:
    """The secret of `make serve JWT_SECRET=...` or of the settings; None if there is none.

    Raises: `TokenError` for one that could be guessed.
    """
    secret = environment.get("JWT_SECRET") or environment.get(SECRET_VARIABLE)
    if secret:
        check_secret(secret)
    return secret or None


def check_secret(secret: str) -> None:
    """Raises: `TokenError` for a secret that could be guessed."""
    if len(secret) < SHORTEST_SECRET:
        raise TokenError(f"JWT_SECRET has {len(secret)} characters; it must have at least {SHORTEST_SECRET}")


def kept_secret(folder: Path) -> str:
    """The secret of the embedded server's tokens, made once and kept beside its data."""
    path = folder / "jwt-secret"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(SHORTEST_SECRET))
    return path.read_text()


def signed(claims: Mapping[str, object], secret: str, lifetime_seconds: int = LIFETIME_SECONDS) -> str:
    """A token with these claims, valid from now on.

    Raises: `TokenError` for a secret that is too short.
    """
    check_secret(secret)
    now = int(time.time())
    return jwt.encode({"iat": now, "exp": now + lifetime_seconds, **claims}, secret, _ALGORITHM)


def main(arguments: list[str] | None = None) -> int:
    """`make token`. Gives the exit status: 0, or 1 for options that make no token."""
    options = _parser().parse_args(arguments)
    try:
        claims = _claims(options.claims)
        for name in ("role", "sub"):
            if getattr(options, name):
                claims[name] = getattr(options, name)
        secret = given_secret(os.environ) or kept_secret(Path(options.folder))
        print(signed(claims, secret, _lifetime(options.lifetime)))
    except TokenError as error:
        print(f"make token: {error}", file=sys.stderr)
        return 1
    return 0


def _claims(text: str) -> dict[str, object]:
    try:
        claims = json.loads(text or "{}")
    except ValueError as error:
        raise TokenError(f"CLAIMS is not JSON: {error}") from None
    if not isinstance(claims, dict):
        raise TokenError("CLAIMS must be a JSON object")
    return claims


def _lifetime(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**9):
        raise TokenError(f"SECONDS is {text!r}; allowed: a whole number above 0")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make token",
        description="Print a token for make serve, signed with JWT_SECRET or the embedded server's own secret.",
    )
    parser.add_argument("--role", default="", help="the claim role (ROLE=...)")
    parser.add_argument("--sub", default="", help="the claim sub, who the caller is (SUB=...)")
    parser.add_argument("--claims", default="", help="further claims, a JSON object (CLAIMS=...)")
    parser.add_argument(
        "--seconds", dest="lifetime", default=str(LIFETIME_SECONDS), help="how long it is valid (default: %(default)s)"
    )
    parser.add_argument("--folder", default=".aurorest", help="where the embedded server's data is")
    return parser


if __name__ == "__main__":
    sys.exit(main())
