"""Every configuration key of the stack: name, type, default, what is allowed, what it is for.

A key parses the text that Pulumi's configuration holds; lists may be written `a,b` or as YAML lists, maps as YAML maps.
The table of docs/configuration.md is held to this list by a test.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Generic, TypeVar

from api.settings import LIMITS

T = TypeVar("T")
Pairs = tuple[tuple[str, str], ...]
Shares = tuple[tuple[str, int], ...]

_PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


@dataclass(frozen=True, slots=True)
class Key(Generic[T]):
    """One key under `aurorest:`. `parse` gives the value, or None for what is not allowed."""

    name: str
    kind: str
    default: T
    allowed: str
    about: str
    parse: Callable[[str], T | None]
    variable: str = ""
    """The function's environment variable that has the value, without its prefix; empty: none."""


def text(name: str, pattern: str, allowed: str, about: str, default: str = "") -> Key[str]:
    """A key that holds text in the shape of a regular expression, matched whole."""
    shape = re.compile(pattern)
    return Key(name, "text", default, allowed, about, lambda value: value if shape.fullmatch(value) else None)


def choice(name: str, default: str, choices: tuple[str, ...], about: str) -> Key[str]:
    """A key that holds one of a few words."""
    allowed = ", ".join(f"`{word}`" for word in choices)
    return Key(name, "word", default, allowed, about, lambda value: value if value in choices else None)


def flag(name: str, default: bool, about: str) -> Key[bool]:
    """A key that is on or off."""
    return Key(name, "flag", default, "`true`, `false`", about, {"true": True, "false": False}.get)


def integer(name: str, default: int, least: int, most: int, about: str) -> Key[int]:
    """A key that holds a whole number within bounds, both included."""

    def parse(value: str) -> int | None:
        return int(value) if re.fullmatch(r"[0-9]{1,12}", value) and least <= int(value) <= most else None

    return Key(name, "whole number", default, f"{least} to {most}", about, parse)


def limit(name: str, variable: str, about: str) -> Key[int]:
    """A key for one of the API's limits, which knows the default and the bounds."""
    return replace(integer(name, *LIMITS[variable], about), variable=variable)


def member(name: str, default: int, members: tuple[int, ...], about: str) -> Key[int]:
    """A key that holds one of a few numbers."""

    def parse(value: str) -> int | None:
        return int(value) if value in map(str, members) else None

    return Key(name, "whole number", default, ", ".join(map(str, members)), about, parse)


def capacity(name: str, default: float, least: float, about: str) -> Key[float]:
    """A key that holds Aurora capacity units, in halves. Less than `least` is read, to be refused with its reason."""

    def parse(value: str) -> float | None:
        if not re.fullmatch(r"[0-9]{1,3}(\.[05])?", value):
            return None
        return float(value) if float(value) <= 256 else None

    return Key(name, "capacity units", default, f"{least:g} to 256 in steps of 0.5", about, parse)


def words(
    name: str,
    default: tuple[str, ...],
    accepts: Callable[[str], bool],
    allowed: str,
    about: str,
    *,
    separator: str = ",",
) -> Key[tuple[str, ...]]:
    """A key that holds a list of different words, each accepted by itself."""

    def parse(value: str) -> tuple[str, ...] | None:
        listed = as_list(value, separator)
        if listed is None or len(set(listed)) != len(listed):
            return None
        return listed if all(accepts(item) for item in listed) else None

    return Key(name, "list", default, allowed, about, parse)


def matching(pattern: str) -> Callable[[str], bool]:
    """What accepts the words that match a regular expression whole."""
    shape = re.compile(pattern)
    return lambda value: shape.fullmatch(value) is not None


def as_list(value: str, separator: str = ",") -> tuple[str, ...] | None:
    """The items of `a,b` or of a JSON array of strings (which is how Pulumi hands a YAML list over), else None.

    >>> as_list('a, b'), as_list('["a", "b"]'), as_list(''), as_list('[1]')
    (('a', 'b'), ('a', 'b'), (), None)
    """
    if not value.lstrip().startswith("["):
        return tuple(item.strip() for item in value.split(separator) if item.strip())
    try:
        loaded = json.loads(value)
    except ValueError:
        return None
    items = tuple(item for item in loaded if isinstance(item, str))
    return items if len(items) == len(loaded) else None


def _object(value: str) -> Mapping[str, object] | None:
    try:
        loaded = json.loads(value or "{}")
    except ValueError:
        return None
    return loaded if isinstance(loaded, dict) else None


def tags(value: str) -> Pairs | None:
    """Tags as sorted pairs; what AWS refuses in a name or value is refused here."""
    loaded = _object(value)
    if loaded is None:
        return None
    pairs = tuple((name, item) for name, item in sorted(loaded.items()) if isinstance(item, str))
    fits = all(
        re.fullmatch(r"[\w .:/=+@-]{1,128}", name) and not name.lower().startswith("aws:") and len(item) <= 256
        for name, item in pairs
    )
    return pairs if fits and len(pairs) == len(loaded) <= 40 else None


def shares(value: str) -> Shares | None:
    """Percentages by application, sorted."""
    loaded = _object(value)
    if loaded is None:
        return None
    shares = tuple((name, item) for name, item in sorted(loaded.items()) if type(item) is int and 1 <= item <= 100)
    return shares if len(shares) == len(loaded) else None


def cidr(value: str) -> str | None:
    """A private IPv4 block (RFC 1918) that a VPC may have and that can be divided.

    >>> cidr("10.1.0.0/16"), cidr("127.0.0.0/16"), cidr("10.1.2.3/16"), cidr("10.0.0.0/8")
    ('10.1.0.0/16', None, None, None)
    """
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError:
        return None
    private = any(network.subnet_of(block) for block in _PRIVATE)
    return str(network) if private and 16 <= network.prefixlen <= 26 else None


def moment(value: str) -> str | None:
    """A point in time with its offset, in UTC as RFC 3339, which is all that the provider accepts
    (https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/verify/validate.go, `ValidUTCTimestamp`).

    >>> moment("2026-11-01T03:00:00Z"), moment("2026-11-01 04:00+01:00"), moment("2026-11-01T03:00:00")
    ('2026-11-01T03:00:00Z', '2026-11-01T03:00:00Z', None)
    """
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    if parsed.tzinfo is None:
        return None
    try:
        return parsed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None


def init_query(value: str) -> str | None:
    """SET statements of session variables, one value each, `;` between; those the API depends on are not to be changed.

    >>> init_query("SET innodb_lock_wait_timeout=5"), init_query("SET time_zone='+02:00'"), init_query("DROP TABLE t")
    ('SET innodb_lock_wait_timeout=5', None, None)
    """
    statements = [part.strip() for part in value.split(";") if part.strip()]
    harmless = all(
        re.fullmatch(
            r"SET\s+(SESSION\s+)?(?!time_zone|sql_mode|sql_auto_is_null|auto_increment_increment)"
            r"[a-z_]+\s*=\s*('[^'@]*'|\w+)",
            part,
            re.IGNORECASE,
        )
        for part in statements
    )
    return "; ".join(statements) if harmless else None
