"""Rows become an answer: status, headers and body, with nothing left that may fail but the client's own wishes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from api import errors
from api.errors import ApiError
from api.request.media import CSV, OBJECT
from api.request.query import MediaType, Preferences
from api.response.csv_text import Member, csv_line, csv_row

Headers = tuple[tuple[str, str], ...]

_WORTH_COMPRESSING_BYTES = 1400
"""A body within one network packet does not get there sooner when it is smaller."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def with_headers(self, *headers: tuple[str, str]) -> Answer:
        return replace(self, headers=self.headers + headers)


def content_type(media: MediaType) -> tuple[str, str]:
    """The Content-Type header of a media type."""
    name = f"{media.name};nulls=stripped" if media.nulls_stripped else media.name
    return ("Content-Type", f"{name}; charset=utf-8")


def json_array(texts: Sequence[str]) -> bytes:
    """Rows as a JSON array. Each text is encoded for itself: most are ASCII, which costs a copy, and one that is not
    does not widen all of them."""
    return b"[" + b",".join([text.encode() for text in texts]) + b"]"


def single_object(texts: Sequence[str]) -> bytes:
    """The one row, when a single object was asked for.

    Raises: `ApiError` PGRST116 unless there is exactly one.
    """
    if len(texts) != 1:
        raise errors.not_singular(len(texts))
    return texts[0].encode()


def json_body(texts: Sequence[str], media: MediaType) -> bytes:
    """Rows as the JSON that the media type asks for.

    Raises: `ApiError` PGRST116.
    """
    return single_object(texts) if media.name == OBJECT else json_array(texts)


def csv_body(names: Sequence[str], rows: Sequence[Sequence[Member]]) -> bytes:
    """Rows as CSV with a header line."""
    return csv_lines(names, [csv_row(row) for row in rows])


def csv_lines(names: Sequence[str], lines: Sequence[str]) -> bytes:
    """CSV of a header line and rows that are lines already; nothing ends the last of them, as in PostgREST."""
    text = "".join([csv_line(names), *lines])
    return (text[:-1] if lines else text).encode()


def is_csv(media: MediaType) -> bool:
    """CSV was asked for."""
    return media.name == CSV


def preference_headers(preferences: Preferences) -> Headers:
    """`Preference-Applied`, where any was."""
    return (("Preference-Applied", ", ".join(preferences.applied)),) if preferences.applied else ()


def error_answer(error: ApiError) -> Answer:
    """An error as an answer: always the four keys."""
    body = json.dumps(error.body(), ensure_ascii=False).encode(errors="backslashreplace")
    headers = (
        ("Content-Type", "application/json; charset=utf-8"),
        ("Proxy-Status", f"Aurorest; error={error.code}"),
        *error.headers.items(),
    )
    return Answer(error.status, headers, body)


def compress(answer: Answer, accept_encoding: str) -> Answer:
    """Gzip, when the client takes it and it pays."""
    if len(answer.body) < _WORTH_COMPRESSING_BYTES or not takes_gzip(accept_encoding):
        return answer
    if any(name.lower() == "content-encoding" for name, _ in answer.headers):
        return answer
    packed = gzip.compress(answer.body, compresslevel=1, mtime=0)
    if len(packed) * 4 > len(answer.body) * 3:  # base64 on the way out of Lambda would eat the gain
        return answer
    headers = (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(answer, headers=headers, body=packed)


def takes_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header lets us answer with gzip."""
    for element in accept_encoding.lower().split(","):
        name, _, parameter = element.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return parameter.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def sent_bytes(text: str) -> int:
    """What a text costs in a Lambda response, where the body is a JSON string itself: quotes and backslashes double,
    and up to Python 3.11 Lambda's runtime client escapes everything but ASCII.

    >>> sent_bytes('{"a":1}'), sent_bytes("\u00e9")
    (9, 6)
    """
    return len(json.dumps(text)) - 2


def rows_within(texts: Sequence[str], most_bytes: int) -> int:
    """How many rows from the first fit into so many bytes of a response; at least one.

    Raises: `ApiError` 54000 (413): the first alone does not fit.

    >>> rows_within(["{}", "{}", "{}"], 6)
    2
    """
    if sum(map(len, texts)) * 12 < most_bytes:  # even if every character took the two escapes of an emoji
        return len(texts)
    used = 0
    for count, text in enumerate(texts):
        used += sent_bytes(text) + 1
        if used > most_bytes:
            if count == 0:
                raise errors.too_large("A row of the answer, in bytes,", most_bytes, "Select fewer of its columns.")
            return count
    return len(texts)
