"""Claims of a caller as values for SQL, of the type of what they are compared with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from api import errors
from api.catalog.policies import ClaimPlace, ClaimType
from api.request.caller import Caller
from api.statement import Value, literal_size

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_MOST_DIGITS = 65
"""Of a DECIMAL. MySQL reads a longer literal as a DOUBLE, which equals other numbers, too."""
_LONGEST = 4000
"""Bytes of a claim as a literal: a statement may contain several, and 16 KB would pin the session of RDS Proxy."""
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?)?", re.ASCII)
_TIME = re.compile(r"-?\d{2,3}:[0-5]\d:[0-5]\d(?:\.\d{1,6})?", re.ASCII)


def claim_value(caller: Caller, place: ClaimPlace) -> Value:
    """The value of a claim where a policy uses it; None for a claim that is absent or not of the place's type.

    Raises: `ApiError` PGRST303 for a claim that would make a statement too long.
    """
    if place.source == "claim":
        found = caller.claim(place.path)
    elif place.source == "role":
        return caller.role
    else:
        found = caller.claims
    value = None if found is None else _AS[place.type](found)
    if isinstance(value, str) and len(value) > _LONGEST // 4 and literal_size(value) > _LONGEST:
        raise errors.bad_claims(f"The claim {place.path or place.source} is too long for a row policy")
    return value


def _text(claim: object) -> str | None:
    match claim:
        case str():
            text = claim
        case bool():
            text = "true" if claim else "false"
        case int() | Decimal() | float():
            text = _digits(claim)
        case _:
            return _json(claim)
    return text if _is_utf8(text) else None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _digits(number: float | Decimal) -> str:
    if isinstance(number, Decimal):
        exponent = number.as_tuple().exponent
        return f"{number:f}" if isinstance(exponent, int) and -_MOST_DIGITS <= exponent <= 0 else str(number)
    return str(number)


def _json(claim: object) -> str:
    """A claim as JSON, whose numbers keep their digits."""
    match claim:
        case Mapping():
            return "{" + ",".join([f"{json.dumps(str(key))}:{_json(value)}" for key, value in claim.items()]) + "}"
        case list() | tuple():
            return "[" + ",".join([_json(value) for value in claim]) + "]"
        case Decimal():
            return str(claim)
        case _:
            return json.dumps(claim)


def _number(claim: object) -> int | Decimal | None:
    if isinstance(claim, bool) or not isinstance(claim, str | int | Decimal | float):
        return None
    text = claim if isinstance(claim, str) else _digits(claim)
    if text == "-0" or len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None
    return Decimal(text) if "." in text else int(text)


def _boolean(claim: object) -> bool | None:
    return (
        {True: True, False: False, "true": True, "false": False}.get(claim) if isinstance(claim, bool | str) else None
    )


def _datetime(claim: object) -> str | None:
    if not isinstance(claim, str) or not _DATETIME.fullmatch(claim):
        return None
    try:
        datetime.fromisoformat(claim.ljust(26, "0") if "." in claim else claim)
    except ValueError:
        return None
    return claim.replace("T", " ")


def _time(claim: object) -> str | None:
    return claim if isinstance(claim, str) and _TIME.fullmatch(claim) else None


_AS: Mapping[ClaimType, Callable[[object], Value]] = {
    ClaimType.TEXT: _text,
    ClaimType.NUMBER: _number,
    ClaimType.BOOLEAN: _boolean,
    ClaimType.DATETIME: _datetime,
    ClaimType.TIME: _time,
}
