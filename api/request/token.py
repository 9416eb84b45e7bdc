"""The claims of a caller, from the event of an HTTP API or from the text of a verified token."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import NoReturn, cast

from api import errors
from api.request.caller import NOBODY, Caller

Claims = Mapping[str, object]

_MAX_EXPONENT = 400
_NOT_DECODED = "JWT could not be decoded"
_IDENTITY = ("accountId", "callerId", "cognitoIdentity", "principalOrgId", "userArn", "userId")
"""What is kept of an IAM identity. Its access key is not."""


def claims_of_event(event: Mapping[str, object]) -> Claims | None:
    """The claims of the caller that API Gateway (or a function URL) has authenticated; None for an anonymous caller.

    `requestContext.authorizer` is written by AWS, never by the client, so it alone decides whether there is a caller.
    Its claims are strings. Their types come from the payload of the token in the Authorization header, which is trusted
    only because it has the same text in every claim that is a string:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html

    Raises: `ApiError` PGRST301 if the header has another token than the one that API Gateway verified.
    """
    authorizer = _object(_object(event.get("requestContext")).get("authorizer"))
    if "jwt" in authorizer:
        verified = _object(_object(authorizer["jwt"]).get("claims"))
        claims = payload_of(bearer(_authorization(event)) or _authorization(event))
        if not _agree(claims, verified):
            raise errors.bad_token(_NOT_DECODED, "The token is not the one that API Gateway verified.")
        return claims
    if "iam" in authorizer:
        identity = _object(authorizer["iam"])
        kept = {name: identity[name] for name in _IDENTITY if identity.get(name) is not None}
        return MappingProxyType({"sub": identity.get("userArn"), "iam": kept})
    return None


def bearer(authorization: str) -> str | None:
    """The token of an Authorization header; None if the header has another scheme.

    >>> bearer("bearer abc")
    'abc'
    """
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def payload_of(token: str) -> Claims:
    """The claims of a token, without verifying it. Numbers are int or Decimal.

    Raises: `ApiError` PGRST301.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise errors.bad_token(f"Expected 3 parts in JWT; got {len(parts)}")
    try:
        text = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode()
        claims: object = json.loads(text, parse_float=_exact, parse_constant=_no_constant)
    except (ValueError, RecursionError, InvalidOperation, binascii.Error):
        raise errors.bad_token(_NOT_DECODED, "Its payload is not base64url-encoded JSON.") from None
    if not isinstance(claims, dict):
        raise errors.bad_token(_NOT_DECODED, "Its payload is not a JSON object.")
    return MappingProxyType(cast("dict[str, object]", claims))


def caller_of(
    claims: Claims | None,
    *,
    roles: tuple[str, ...],
    role_claim: str,
    default_role: str | None,
    anonymous_role: str | None,
    bypass_row_security: tuple[str, ...] = (),
) -> Caller:
    """The caller with these claims; None are those of an anonymous caller.

    Raises: `ApiError` PGRST302 for an anonymous caller without a role, 22023 (401) for a role that is not in `roles`,
    PGRST303 for a token without a role.
    """
    if not roles:
        return NOBODY if claims is None else Caller(None, claims)
    if claims is None:
        if anonymous_role is None:
            raise errors.no_token()
        return Caller(anonymous_role, bypasses_row_security=anonymous_role in bypass_row_security)
    role = Caller(None, claims).claim(role_claim)
    if role is None:
        role = default_role
    if role is None:
        raise errors.bad_claims("The token names no role", f"Its claim {role_claim} is absent.")
    if not isinstance(role, str) or role not in roles:
        raise errors.unknown_role(role if isinstance(role, str) else json.dumps(role, default=str))
    return Caller(role, claims, role in bypass_row_security)


def _agree(claims: Claims, verified: Mapping[str, object]) -> bool:
    texts = {name: text for name, text in claims.items() if isinstance(text, str)}
    return claims.keys() >= verified.keys() and all(verified.get(name) == text for name, text in texts.items())


def _authorization(event: Mapping[str, object]) -> str:
    headers = _object(event.get("headers"))
    found = next((text for name, text in headers.items() if name.lower() == "authorization"), "")
    return found if isinstance(found, str) else ""


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _exact(digits: str) -> Decimal:
    number = Decimal(digits)
    if number and abs(number.adjusted()) > _MAX_EXPONENT:
        raise ValueError(digits)
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
