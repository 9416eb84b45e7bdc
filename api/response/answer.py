"""Turn rows into an answer: status, headers and body.

The only failures left are the client's own conditions: a single object, and an answer within the size limit.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from api import errors
from api.errors import ApiError
from api.request.preconditions import GZIP
from api.request.query import Comparison, MediaType, Preferences, Query
from api.response.csv_text import csv_line

Headers = tuple[tuple[str, str], ...]

_LEAST_COMPRESSED_BYTES = 1400
"""A body that fits into one network packet arrives no sooner when compressed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: what goes back to the client."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header, whose name is in the letters that answers use."""
        return next((value for each, value in self.headers if each == name), None)

    def with_headers(self, *headers: tuple[str, str]) -> Answer:
        """The answer with further headers."""
        return Answer(self.status, self.headers + headers, self.body) if headers else self


def content_type(media: MediaType) -> tuple[str, str]:
    """The Content-Type header of a media type. That of a plan says whose plan it is, and with which options."""
    name = f"{media.name};nulls=stripped" if media.nulls_stripped else media.name
    if media.plan_for is not None:
        name += f'; for="{media.plan_for}"'
    if media.plan_options:
        name += f"; options={'|'.join(media.plan_options)}"
    return ("Content-Type", f"{name}; charset=utf-8")


def json_array(rows: Sequence[bytes]) -> bytes:
    """Rows as a JSON array.

    >>> json_array([b"{}"]), json_array([b"1", b"2", b"3"]), json_array([])
    (b'[{}]', b'[1,2,3]', b'[]')
    """
    if not rows:
        return b"[]"
    parts = [*rows]  # with the brackets in them, the answer is copied once only
    parts[0] = b"[" + parts[0]
    parts[-1] += b"]"
    return b",".join(parts)


def single_object(rows: Sequence[bytes]) -> bytes:
    """The only row, for a client that asks for a single object.

    Raises: `ApiError` PGRST116 unless there is exactly one.
    """
    if len(rows) != 1:
        raise errors.not_singular(len(rows))
    return rows[0]


def csv_lines(names: Sequence[str], lines: Sequence[bytes]) -> bytes:
    """CSV from a header line and rows that are already lines. As in PostgREST, the last row has no line break."""
    text = b"".join([csv_line(names).encode(), *lines])
    return text[:-1] if lines else text


def preference_headers(preferences: Preferences) -> Headers:
    """The `Preference-Applied` header, if any preference was applied."""
    return (("Preference-Applied", ", ".join(preferences.applied)),) if preferences.applied else ()


def content_location(path: str, query: Query) -> tuple[str, str]:
    """The Content-Location of a read: its address with the parameters in alphabetical order, as in PostgREST."""
    parameters = "&".join(sorted(parameter.raw for parameter in query.parameters))
    return ("Content-Location", f"{path}?{parameters}" if parameters else path)


def warning_headers(query: Query) -> Headers:
    """`Warning`, where parameters name a table that has an alias, or compare with the text `null` or with quotes."""
    aliases = tuple(
        ("Warning", f"299 - \"'{table}' has the alias '{alias}': use the alias in filters, order and limit\"")
        for table, alias in query.renamed
    )
    return aliases + tuple(
        ("Warning", f'299 - "{text}"')
        for _, each in query.filters
        if isinstance(each, Comparison) and (text := _unexpected_comparison(each)) is not None
    )


def _unexpected_comparison(comparison: Comparison) -> str | None:
    """What a comparison does that its author may not expect; None for others."""
    operator, values = comparison.operator, comparison.value
    if values == "null" and operator in ("eq", "neq"):
        return f"{operator}.null compares with the text 'null': null is is.null or not.is.null"
    for each in (values,) if isinstance(values, str) else values:
        if operator in ("eq", "neq", "in", "like", "ilike") and len(each) > 1 and each[0] == each[-1] in ("'", '"'):
            return f"The quotes of {operator} are part of the value: leave them out"
    return None


def error_answer(error: ApiError) -> Answer:
    """An error as an answer, always with the same four keys."""
    body = json.dumps(error.body(), ensure_ascii=False).encode(errors="backslashreplace")
    headers = (
        ("Content-Type", "application/json; charset=utf-8"),
        ("Proxy-Status", f"Aurorest; error={error.code}"),
        *error.headers.items(),
    )
    return Answer(error.status, headers, body)


def compress(answer: Answer, accept_encoding: str) -> Answer:
    """Gzip the body if the client accepts it and it becomes at least a quarter smaller."""
    if len(answer.body) < _LEAST_COMPRESSED_BYTES or not accepts_gzip(accept_encoding):
        return answer
    if any(name.lower() == "content-encoding" for name, _ in answer.headers):
        return answer
    packed = gzip.compress(answer.body, compresslevel=1, mtime=0)
    if len(packed) * 4 > len(answer.body) * 3:  # Lambda returns it in base64, a third larger
        return answer
    headers = (*map(_of_compressed, answer.headers), ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(answer, headers=headers, body=packed)


def _of_compressed(header: tuple[str, str]) -> tuple[str, str]:
    """The header of the compressed answer, whose strong tag is another: its bytes are."""
    name, value = header
    return (name, f'"{GZIP}{value[1:]}') if name == "ETag" and value.startswith('"') else header


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header accepts gzip."""
    for element in accept_encoding.lower().split(","):
        name, _, parameter = element.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return parameter.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def sent_bytes(text: str) -> int:
    """The bytes that a string takes in a Lambda response, whose body is itself a JSON string: quotes and backslashes
    double, and up to Python 3.11 Lambda's runtime client escapes everything but ASCII.

    >>> sent_bytes('{"a":1}'), sent_bytes("\u00e9")
    (9, 6)
    """
    return len(json.dumps(text)) - 2


def rows_within(rows: Sequence[bytes], max_bytes: int) -> int:
    """How many of the rows, from the first on, fit into `max_bytes` of a response. Zero only if there are no rows.

    Raises: `ApiError` 54000 (413) if the first row alone does not fit.

    >>> rows_within([b"{}", b"{}", b"{}"], 6)
    2
    """
    if sum(map(len, rows)) * 6 + len(rows) < max_bytes:  # 6 bytes: the escape of a control character
        return len(rows)
    used = 0
    for count, row in enumerate(rows):
        used += sent_bytes(row.decode()) + 1
        if used > max_bytes:
            if count == 0:
                raise errors.too_large(f"A row exceeds the limit of {max_bytes} bytes", "Select fewer columns.")
            return count
    return len(rows)
