"""A batch: the requests in its body, and the references by which later ones use what earlier ones answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import cast
from urllib.parse import quote

from api import errors
from api.request.body import Parsed, parse_json
from api.request.media import JSON, media_name

BATCH = "application/vnd.aurorest.batch+json"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
HEADERS = (
    "accept", "accept-profile", "content-profile", "content-type", "idempotency-key", "if-match", "if-none-match",
    "prefer", "range", "range-unit",
)  # fmt: skip
"""The headers that a request of a batch may have. Who sends it, and how the answer travels, belong to the batch."""
_MEMBERS = frozenset({"method", "path", "headers", "body"})
_WITHOUT_BODY = ("GET", "HEAD", "DELETE")
_REFERENCE = re.compile(r"([0-9]{1,6})\.(status|headers\..+|body(?:\..+)?)", re.DOTALL)
_OURS = re.compile(r"[0-9]+(?:\.|\Z)")

_JOINED_HEADERS = {"content-type": JSON, "prefer": "return=minimal"}.items()
"""The only headers of requests that are joined: they ask for nothing that belongs to one row."""

Answered = Callable[[int, Sequence[str]], object]
"""The value at a path (such as `body`, `0`, `id`) in the answer of an earlier request; `KeyError` if there is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch, whose references are not resolved yet."""

    number: int
    method: str
    path: object
    headers: Mapping[str, object]
    body: object
    has_body: bool

    @property
    def may_call(self) -> bool:
        """Whether it may call a routine."""
        start = self.path[0] if isinstance(self.path, list) and self.path else self.path
        return not isinstance(start, str) or start.startswith("/rpc") or "%" in start

    @property
    def joins(self) -> Hashable:
        """Equal for requests that insert a row with the same columns into the same table, and do not show it."""
        path, body = self.path, self.body
        if self.method != "POST" or not isinstance(path, str) or "?" in path or "/" in path[1:]:
            return self.number
        if not isinstance(body, dict) or "$ref" in body or not self.headers.items() <= _JOINED_HEADERS:
            return self.number
        return path, tuple(self.headers), frozenset(body)

    def resolved(self, answered: Answered) -> Resolved:
        """The request with the values that it refers to.

        Raises: `ApiError` PGRST102 for a reference to a value that does not exist, or of the wrong kind.
        """
        headers = {name: self._text(value, answered, f"header '{name}'") for name, value in self.headers.items()}
        path, _, query_string = self._path(answered).partition("?")
        body: bytes | Parsed = b""
        if self.has_body:
            value = self._value(self.body, answered)
            media = media_name(headers.get("content-type", JSON))
            if media == JSON:
                body = Parsed(value)
            elif isinstance(value, str):
                body = value.encode(errors="surrogatepass")
            else:
                raise self._wrong(f"the body of type '{errors.shorten(media)}' must be a string")
        return Resolved(path, query_string, headers, body)

    def _path(self, answered: Answered) -> str:
        if isinstance(self.path, str):
            return self.path
        pieces = cast("list[object]", self.path)
        return "".join(
            [
                piece if isinstance(piece, str) else quote(self._text(piece, answered, "path"), safe="")
                for piece in pieces
            ]
        )

    def _text(self, value: object, answered: Answered, where: str) -> str:
        """A scalar as it is written in a path or header."""
        found = self._value(value, answered)
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, int | float | Decimal):
            return format(found, "f") if isinstance(found, Decimal) else str(found)
        if not isinstance(found, str):
            raise self._wrong(f"the {where} must be a string or number")
        return found

    def _value(self, value: object, answered: Answered) -> object:
        """A value of the body, with what it refers to."""
        if isinstance(value, list):
            return [self._value(each, answered) for each in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref") if len(value) == 1 else None
        if isinstance(reference, str) and _OURS.match(reference):
            return self._referred(reference, answered)
        return {name: self._value(each, answered) for name, each in value.items()}

    def _referred(self, reference: str, answered: Answered) -> object:
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise self._wrong(f"'{errors.shorten(reference)}' does not refer to a value", _REFERENCE_HINT)
        number = int(found[1])
        if number >= self.number:
            raise self._wrong(f"'{errors.shorten(reference)}' refers to a request that does not come before it")
        try:
            return answered(number, found[2].split("."))
        except KeyError:
            raise self._wrong(
                f"'{errors.shorten(reference)}' does not exist in the answer of request {number}",
                "To refer to written rows, send 'Prefer: return=representation' with the write.",
            ) from None

    def _wrong(self, details: str, hint: str | None = None) -> errors.ApiError:
        return _wrong(self.number, details, hint)


def _wrong(number: int, details: str, hint: str | None = None) -> errors.ApiError:
    return errors.bad_body("A request of the batch is not valid", f"Request {number}: {details}.", hint)


@dataclass(frozen=True, slots=True)
class Resolved:
    """One request of a batch, as if it had been sent alone."""

    path: str
    query_string: str
    headers: dict[str, str]
    body: bytes | Parsed


_REFERENCE_HINT = 'For example {"$ref": "0.body.0.id"}: the member id of the first row that request 0 returned.'


def parse_batch(
    headers: Mapping[str, str], query_string: str, body: bytes, max_body_bytes: int, max_requests: int
) -> list[Part]:
    """The requests of a batch. A parameter `apikey` is ignored, since Supabase's addresses have it.

    >>> body = b'[{"method": "GET", "path": "/film"}]'
    >>> [part.path for part in parse_batch({"content-type": BATCH}, "", body, 99, 9)]
    ['/film']

    Raises: `ApiError` PGRST102 for another media type or shape, PGRST100 for parameters, PGRST127 for conditions; 54000
    (413) for a body that is too large, or too many requests.
    """
    media = media_name(headers.get("content-type"))
    if media != BATCH:
        raise errors.bad_body(
            f"Content-Type not acceptable: {errors.shorten(media)}", hint=f"A batch has the Content-Type {BATCH}."
        )
    if any(not each.startswith("apikey=") for each in query_string.split("&") if each):
        raise errors.parse_failed(
            "address", query_string, "a batch takes no parameters", "Each request in it may have parameters."
        )
    for name in ("if-match", "if-none-match"):
        if name in headers:
            raise errors.not_implemented(f"{name.title()} belongs to a request of the batch. Nothing was written.")
    if len(body) > max_body_bytes:
        raise errors.too_large(f"The body exceeds the limit of {max_body_bytes} bytes", "Send several batches.")
    if headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise errors.bad_body("The Content-Encoding is not supported", "Send the body uncompressed.")
    found = parse_json(body)
    if not isinstance(found, list):
        raise errors.bad_body("A batch is an array of requests", hint=_EXAMPLE)
    if len(found) > max_requests:
        message = f"{len(found)} requests exceed the limit of {max_requests} in a batch"
        raise errors.too_large(message, "Send several batches, or many rows in one request.")
    return [_part(number, each) for number, each in enumerate(found)]


_EXAMPLE = 'For example [{"method": "POST", "path": "/orders", "body": {"note": "new"}}].'


def joined(parts: Sequence[Part]) -> Iterator[tuple[Part, int]]:
    """The requests, each with how many it stands for: neighbours that insert one row each into the same table become
    one request that inserts all of these rows.

    >>> parts = [Part(n, "POST", path, {}, {"name": n}, True) for n, path in enumerate(["/film", "/film", "/actor"])]
    >>> [(part.path, part.body, count) for part, count in joined(parts)]
    [('/film', [{'name': 0}, {'name': 1}], 2), ('/actor', {'name': 2}, 1)]
    """
    for _, run in groupby(parts, lambda part: part.joins):
        first, *others = run
        yield replace(first, body=[first.body, *(each.body for each in others)]) if others else first, 1 + len(others)


def _part(number: int, given: object) -> Part:
    if not isinstance(given, dict):
        raise _wrong(number, "it must be an object", _EXAMPLE)
    request = cast("dict[str, object]", given)
    unknown = request.keys() - _MEMBERS
    if unknown:
        raise _wrong(number, f"unknown members: {errors.listing(unknown)}", f"It may have {errors.listing(_MEMBERS)}.")
    method, path, headers = request.get("method"), request.get("path"), request.get("headers", {})
    if not isinstance(method, str) or method not in METHODS:
        raise _wrong(number, f"its method must be one of {', '.join(METHODS)}")
    _check_path(number, path)
    if not isinstance(headers, dict):
        raise _wrong(number, "its headers must be an object")
    lowered = {name.lower(): value for name, value in cast("dict[str, object]", headers).items()}
    others = lowered.keys() - {*HEADERS}
    if others:
        raise _wrong(number, f"these headers cannot be set in a batch: {errors.listing(others)}")
    if "body" in request and method in _WITHOUT_BODY:
        raise _wrong(number, f"{method} takes no body")
    return Part(number, method, path, lowered, request.get("body"), "body" in request)


def _check_path(number: int, path: object) -> None:
    pieces = path if isinstance(path, list) else [path]
    example = 'For example /orders?id=eq.1, or ["/orders/", {"$ref": "0.body.0.id"}].'
    start = pieces[0] if pieces else None
    if not isinstance(start, str) or not all(isinstance(piece, str | dict) for piece in pieces):
        raise _wrong(number, "its path must be a string, or an array of strings and references", example)
    if not start.startswith("/") or (start.partition("?")[0] == "/" and len(pieces) == 1):
        raise _wrong(number, "its path must begin with a slash and name a table, a row or a routine", example)
