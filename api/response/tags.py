"""Entity tags of answers: strong for a single row, weak for everything else; and what a read's conditions make of them.

Equal strong tags mean equal bytes, in whatever format: the digest is that of the body.
"""

from __future__ import annotations

from hashlib import sha256

from api import errors
from api.request.media import ARRAY, CSV, JSON, OBJECT
from api.request.preconditions import ANY, GZIP, Preconditions, Tag, Tags
from api.request.query import ApiRequest, MediaType, Query, RoutineCall, Row, Star
from api.response.answer import Answer, error_answer

_DIGITS = 32
_LONGEST_SHAPE = 1000
_SHOWN = ("Content-Range", "Content-Type", "Link")
"""Headers that are part of a list's representation."""
_FORMATS = {
    "": MediaType(OBJECT),
    "stripped.": MediaType(OBJECT, nulls_stripped=True),
    "csv.": MediaType(CSV),
    "bom.": MediaType(CSV, bom=True),
}


def format_of(tag: Tag) -> MediaType | None:
    """The media type of the row that a strong tag belongs to; None for a tag that is not ours."""
    return _FORMATS.get("".join(f"{mark}." for mark in tag.identity().marks))


def row_tag(body: bytes, media: MediaType, shape: str) -> Tag:
    """The strong tag of one row.

    >>> row_tag(b'{"id":1}', MediaType(OBJECT), "select=id").text
    '037c9214eef74cc3887f3a4f085b4e17?select=id'
    """
    mark = "stripped." if media.nulls_stripped else ""
    if media.name == CSV:
        mark = "bom." if media.bom else "csv."
    return Tag(f"{mark}{_digest(body)}{'?' if shape else ''}{shape}")


def with_tag(request: ApiRequest, answer: Answer) -> Answer:
    """The answer with its ETag, if it is the representation of something.

    A PUT has none: its ETag would be that of the body that the client sent (RFC 9110, section 9.3.4).
    """
    if answer.status not in (200, 201, 206) or request.method in ("OPTIONS", "PUT", "DELETE"):
        return answer
    tag = _strong(request, answer)
    if tag is None and request.method in ("GET", "HEAD"):
        tag = _weak(answer)
    return answer if tag is None else answer.with_headers(("ETag", tag.header))


def _strong(request: ApiRequest, answer: Answer) -> Tag | None:
    single = isinstance(request.target, Row) or request.media.name == OBJECT
    if isinstance(request.target, RoutineCall) or not single or not answer.body:
        return None
    shape = shape_of(request.query)
    if shape is None or request.media.name not in (JSON, OBJECT, ARRAY, CSV):
        return None
    return row_tag(answer.body, request.media, shape)


def _weak(answer: Answer) -> Tag:
    shown = "".join(f"{name}:{value}\n" for name, value in answer.headers if name in _SHOWN)
    return Tag(_digest(f"{answer.status}\n{shown}".encode(), answer.body), weak=True)


def _digest(*parts: bytes) -> str:
    digest = sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:_DIGITS]


def conditional(answer: Answer, preconditions: Preconditions) -> Answer:
    """The answer to a GET or HEAD after its conditions: itself, 304 without a body, or 412."""
    header = answer.header("ETag")
    if header is None:
        return answer
    tag = Tag(header.removeprefix("W/").strip('"'), header.startswith("W/"))
    if preconditions.match is not None and not _matches_strongly(tag, preconditions.match):
        return error_answer(errors.precondition_failed("The response would have another tag.", tag.header))
    if preconditions.none_match is None:
        return answer
    if preconditions.none_match == ANY:
        return Answer(304, (("ETag", tag.header),))
    sent = next((each for each in preconditions.none_match if each.identity().text == tag.text), None)
    if sent is None:
        return answer
    held = tag.header if sent.identity() == sent or tag.weak else f'"{GZIP}{tag.text}"'
    return Answer(304, (("ETag", held),))


def _matches_strongly(tag: Tag, sent: Tags) -> bool:
    return sent == ANY or (not tag.weak and any(not each.weak and each.identity() == tag for each in sent))


def shape_of(query: Query) -> str | None:
    """The parameters that shape a row, as sent; None if they are too long for a tag.

    Commas are percent-encoded, for clients that split a list of tags at each one.
    """
    parts = [
        each.raw.replace(",", "%2C")
        for each in query.parameters
        if each.condition is None
        and each.name not in ("order", "limit", "offset", "columns", "on_conflict", "bom")
        and not (each.name == "select" and query.select == (Star(),))
    ]
    shape = "&".join(parts)
    return shape if len(shape) <= _LONGEST_SHAPE else None
