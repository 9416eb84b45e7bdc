"""If-Match and If-None-Match (RFC 9110, section 13), and the entity tags that they list.

A strong tag is `"digest"` with what else decides the bytes: marks before it (`csv.`, `stripped.`, `gzip.`), and behind
a `?` the parameters that shape the row (`select`, and those of embeds). So a write can compute the tag that a client
sends, whatever the client selected when it read the row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from api import errors

_TAG = re.compile(r'[ \t]*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)')
GZIP = "gzip."
"""The mark of a compressed answer."""
MOST_TAGS = 8
"""How many tags a write compares: each one may require another statement."""


class Tag(NamedTuple):
    """An entity tag, without its quotes."""

    text: str
    weak: bool = False

    @property
    def header(self) -> str:
        """The tag as a header has it."""
        return f'W/"{self.text}"' if self.weak else f'"{self.text}"'

    @property
    def marks(self) -> tuple[str, ...]:
        """What precedes the digest."""
        return tuple(self.text.partition("?")[0].split(".")[:-1])

    @property
    def shape(self) -> str:
        """The parameters that shape the row, percent-encoded."""
        return self.text.partition("?")[2]

    def identity(self) -> Tag:
        """The tag of the same answer without compression."""
        return Tag(self.text.removeprefix(GZIP), self.weak)


Tags = tuple[Tag, ...]
ANY: Tags = ()
"""`*`."""


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What a request requires of the current state. None: nothing."""

    match: Tags | None = None
    """The row exists, and has one of these tags; or any, for `ANY`."""
    none_match: Tags | None = None
    """For a write always `ANY`: the row does not exist."""


NO_PRECONDITIONS = Preconditions()

_UNSUPPORTED = ("if-unmodified-since", "if-range")
_READS = ("GET", "HEAD")


def parse_preconditions(method: str, headers: Mapping[str, str], *, routine: bool = False) -> Preconditions:
    """The conditions of a request.

    >>> parse_preconditions("PATCH", {"if-match": '"a", W/"b"'}).match
    (Tag(text='a', weak=False), Tag(text='b', weak=True))
    >>> parse_preconditions("POST", {"if-match": "*"})
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST127: Feature not implemented

    Raises: `ApiError` PGRST127 for a condition that this request cannot have, PGRST100 for one that cannot be parsed.
    """
    if method == "OPTIONS":
        return NO_PRECONDITIONS
    for name in _UNSUPPORTED:
        if name in headers:
            raise _refused(name, method, "The date of a row's last change is unknown: use If-Match with an ETag.")
    match, none_match = headers.get("if-match"), headers.get("if-none-match")
    if match is None and none_match is None:
        return NO_PRECONDITIONS
    found = Preconditions(_tags("If-Match", match), _tags("If-None-Match", none_match))
    if method not in _READS:
        _check_write(method, found, routine)
    return found


def _check_write(method: str, found: Preconditions, routine: bool) -> None:
    if found.match is not None and (routine or method not in ("PATCH", "PUT", "DELETE")):
        raise _refused("if-match", method, "PATCH, PUT and DELETE of a row take If-Match.")
    if found.none_match is not None and (routine or method not in ("PUT", "POST") or found.none_match != ANY):
        raise _refused("if-none-match", method, "PUT and POST of a row take 'If-None-Match: *'.")
    if found.match is not None and found.none_match is not None:
        raise _refused("if-none-match", "request with If-Match", "A row cannot both exist and not exist.")
    if found.match is not None and len(found.match) > MOST_TAGS:
        raise errors.parse_failed("If-Match", "", f"more than {MOST_TAGS} tags in one write")


def _refused(name: str, method: str, hint: str) -> errors.ApiError:
    return errors.not_implemented(f"A {method} cannot have the header {name.title()}. Nothing was written.", hint)


def _tags(name: str, text: str | None) -> Tags | None:
    if text is None:
        return None
    if text.strip() == "*":
        return ANY
    tags: list[Tag] = []
    position = 0
    while position < len(text):
        found = _TAG.match(text, position)
        if found is None:
            break
        tags.append(Tag(found[2], found[1] is not None))
        position = found.end()
    if position < len(text) or not tags:
        raise errors.parse_failed(name, text, 'expecting * or entity tags in quotes: "a", W/"b"')
    return tuple(tags)
