"""The Prefer header: the first value of each preference wins; unknown ones are ignored or, if strict, refused."""

from __future__ import annotations

import re
from functools import lru_cache

from api import errors
from api.request.query import Preferences
from api.request.zones import time_zone

_CHOICES = {
    "resolution": ("merge-duplicates", "ignore-duplicates"),
    "missing": ("default", "null"),
    "return": ("representation", "minimal", "headers-only"),
    "count": ("exact", "planned", "estimated"),
    "tx": ("commit", "rollback"),
    "handling": ("strict", "lenient"),
    "consistency": ("strong",),
}
_ORDER = (
    "resolution", "missing", "return", "count", "tx", "handling", "timezone", "max-affected", "consistency",
)  # fmt: skip
"""The order in which Preference-Applied names them."""
BATCH = "BATCH"
"""In place of a method: the preferences of the batch itself, as opposed to those of its requests."""
_NOTHING = Preferences()
_NAME = re.compile(r"[\w-]+")
_AFFECTED = re.compile(r"[0-9]{1,18}")


def parse_preferences(header: str | None, method: str, *, routine: bool = False) -> Preferences:
    """The preferences of a request; several Prefer headers come joined by commas.

    `applied` has those that take effect for the method, for the Preference-Applied header.

    >>> parse_preferences("return=minimal, return=representation, wait=5", "POST").applied
    ('return=minimal',)
    >>> parse_preferences("handling=strict, wait=5", "POST")
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST122: Invalid preferences given with handling=strict

    Raises: `ApiError` PGRST122, 22023 for an unknown time zone.
    """
    if not header:
        return _NOTHING
    return _parsed(header, method, routine)


@lru_cache(maxsize=512)
def _parsed(header: str, method: str, routine: bool) -> Preferences:
    given: dict[str, str] = {}
    invalid: list[str] = []
    for part in header.split(","):
        preference = part.strip()
        name, value = _name_and_value(preference)
        if _is_valid(name, value):
            given.setdefault(name, value)
        elif preference:
            invalid.append(preference)
    strict = given.get("handling") == "strict"
    if strict and invalid:
        raise errors.bad_preferences(invalid)
    timezone = None
    if "timezone" in given:
        timezone = time_zone(given["timezone"])
        if timezone is None:
            raise errors.unknown_timezone(given["timezone"])
    if not strict:
        given.pop("max-affected", None)
    affected = given.get("max-affected")
    silent = _without_meaning(method, routine)
    return Preferences(
        returning=given.get("return"),
        count=given.get("count"),
        resolution=given.get("resolution"),
        missing=given.get("missing"),
        transaction=given.get("tx"),
        max_affected=None if affected is None else int(affected),
        timezone=timezone,
        consistency=given.get("consistency"),
        applied=tuple(f"{name}={given[name]}" for name in _ORDER if name in given and name not in silent),
    )


def _name_and_value(preference: str) -> tuple[str, str]:
    """`name=value; parameters` with the value quoted or not; empty strings if the syntax is not valid."""
    name, _, rest = preference.partition("=")
    name, rest = name.rstrip(), rest.lstrip()
    if rest.startswith('"'):
        value, closing, rest = rest[1:].partition('"')
        more = rest.lstrip()
        valid = bool(closing) and (not more or more.startswith(";"))
    else:
        value = rest.partition(";")[0].rstrip()
        valid = '"' not in value
    return (name.lower(), value) if valid and _NAME.fullmatch(name) else ("", "")


def _is_valid(name: str, value: str) -> bool:
    if name == "max-affected":
        return _AFFECTED.fullmatch(value) is not None
    return name == "timezone" or value in _CHOICES.get(name, ())


def _without_meaning(method: str, routine: bool) -> frozenset[str]:
    """The preferences that have no effect for this method, and so are not reported as applied."""
    if routine:
        return frozenset({"resolution", "return", "missing"})
    return {
        "POST": frozenset({"max-affected"}),
        "PATCH": frozenset({"resolution"}),
        "PUT": frozenset({"resolution", "missing", "max-affected"}),
        "DELETE": frozenset({"resolution", "missing"}),
        BATCH: frozenset(_ORDER) - {"tx", "handling"},
    }.get(method, frozenset({"resolution", "return", "missing", "max-affected"}))
