"""The body: JSON, CSV or a form becomes rows. Numbers stay exact; nothing is coerced or dropped."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import sys
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, NoReturn, cast
from urllib.parse import parse_qsl

from api import errors
from api.request.media import CSV, JSON, LINES, NDJSON, media_name
from api.request.query import Payload

FORM = "application/x-www-form-urlencoded"
MAX_DEPTH = 100
"""MySQL's own limit: https://dev.mysql.com/doc/refman/8.4/en/json.html#json-creation"""
MAX_EXPONENT = 400
"""Larger than any number type allows, and small enough that writing out all digits is cheap."""

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


class Parsed(NamedTuple):
    """A body of JSON that is parsed already, with exact numbers."""

    value: object


class _Refused(ValueError):
    """JSON that Python's parser would accept."""


def parse_rows(content_type: str | None, body: bytes | Parsed, max_rows: int) -> Payload:
    """The rows to write.

    >>> parse_rows(None, b'{"a": 1.10}', 9).rows
    ({'a': Decimal('1.10')},)
    >>> parse_rows("text/csv", b"a,b\\n1,NULL\\n", 9)
    Payload(rows=({'a': '1', 'b': None},), is_array=True, keys=('a', 'b'), uniform=True, from_texts=True)
    >>> parse_rows(None, b"", 9)
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST102: Empty or invalid json

    Raises: `ApiError` PGRST102; 22003 for a number beyond every type; 54000 (413) for more than `max_rows` rows.
    """
    media = media_name(content_type) or JSON
    if isinstance(body, Parsed):
        payload = rows_of(body.value)
    elif media == JSON:
        payload = rows_of(parse_json(body))
    elif media == CSV:
        payload = _csv(_text(body))
    elif media in LINES:
        payload = _lines(body)
    elif media == FORM:
        payload = _form(_text(body))
    else:
        raise _unacceptable(media, (JSON, CSV, NDJSON, FORM))
    if len(payload.rows) > max_rows:
        message = f"{len(payload.rows)} rows exceed the limit of {max_rows}"
        raise errors.too_large(message, "Send the rows in several requests.")
    return payload


_JSON_ROWS = re.compile(r'\s*(?:\{\s*["}]|\[\s*[\[{\]])')
"""How an object or an array of them begins."""


def parse_arguments(content_type: str | None, body: bytes | Parsed) -> Payload:
    """The arguments of a routine by name: an object, or an array of one. An empty body means no arguments.

    >>> parse_arguments("application/json", b"").rows
    ({},)

    Raises: `ApiError` PGRST102, 22003.
    """
    if isinstance(body, Parsed):
        value = body.value
    elif not body.strip():
        return Payload(({},), False, ())
    else:
        media = media_name(content_type) or JSON
        if media == FORM:
            return _form(_text(body))
        if media != JSON:
            raise _unacceptable(media, (JSON, FORM))
        value = parse_json(body)
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if not isinstance(value, dict):
        raise errors.bad_body(
            "The arguments of a routine must be one JSON object",
            f"The body is an array of {len(value)}." if isinstance(value, list) else f"The body is {_kind(value)}.",
            "Call the routine once for each object." if isinstance(value, list) and value else None,
        )
    return rows_of(value)


def _unacceptable(media: str, allowed: tuple[str, ...]) -> errors.ApiError:
    return errors.bad_body(
        f"Content-Type not acceptable: {errors.shorten(media)}", hint=f"Send {' or '.join(allowed)}."
    )


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise errors.bad_body("The body is not valid UTF-8", f"Byte {error.start}: {error.reason}.") from None


def parse_json(body: bytes) -> object:
    """JSON with exact numbers.

    Raises: `ApiError` PGRST102; 22003 for a number beyond every type.
    """
    text = _text(body)
    try:
        value: object = json.loads(text, parse_float=_exact, parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep() from None
    except _Refused as error:
        raise errors.bad_body("Empty or invalid json", str(error)) from None
    except json.JSONDecodeError as error:
        raise errors.bad_body(
            "Empty or invalid json", f"{error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except ValueError:
        raise errors.out_of_range("numeric", "an integer of thousands of digits") from None
    if _SURROGATE_ESCAPE.search(body):
        _check_strings(value)
    rows = len(value) if isinstance(value, list) else 0
    if body.count(b"{") + body.count(b"[") > rows + 1:
        _check_depth(value)
    return value


def _exact(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise errors.out_of_range("numeric", digits) from None
    if abs(number.adjusted()) > MAX_EXPONENT and number:
        raise errors.out_of_range("numeric", digits)
    return number


def _no_constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is not a valid JSON number.")


def _too_deep() -> errors.ApiError:
    return errors.bad_body("The JSON is nested too deeply", f"MySQL stores at most {MAX_DEPTH} levels.")


def _check_strings(value: object) -> None:
    """Refuse half of a surrogate pair, which MySQL cannot store. Without recursion."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            if _SURROGATE.search(current):
                raise errors.bad_body("Empty or invalid json", "A \\u escape is half of a surrogate pair.")
        elif isinstance(current, dict):
            waiting += [*current, *current.values()]
        elif isinstance(current, list):
            waiting += current


def _check_depth(value: object) -> None:
    """Refuse more levels than MySQL stores. All arrays and objects of a level are looked at together."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        inside = [each.values() if type(each) is dict else each for each in level]
        level = [each for members in inside for each in members if type(each) is dict or type(each) is list]
        if not level:
            return
    raise _too_deep()


def rows_of(value: object) -> Payload:
    """A JSON object, or an array of them, as rows.

    Raises: `ApiError` PGRST102 for anything else.
    """
    if isinstance(value, dict):
        return Payload((value,), False, tuple(value))
    if not isinstance(value, list):
        raise errors.bad_body("The body must be a JSON object or an array of objects", f"It is {_kind(value)}.")
    for position, row in enumerate(value):
        if not isinstance(row, dict):
            raise errors.bad_body("All object keys must match", f"Element {position} of the array is {_kind(row)}.")
    rows = tuple(cast("list[dict[str, object]]", value))
    if not rows:
        return Payload((), True, ())
    first = rows[0].keys()
    if all(row.keys() == first for row in rows):
        return Payload(rows, True, tuple(first))
    return Payload(rows, True, tuple(dict.fromkeys(key for row in rows for key in row)), uniform=False)


def _lines(body: bytes) -> Payload:
    """One JSON object on each line; empty lines are skipped."""
    rows: list[object] = []
    for number, line in enumerate(body.removeprefix(codecs.BOM_UTF8).splitlines(), 1):
        if line.strip():
            try:
                rows.append(parse_json(line))
            except errors.ApiError as refusal:
                refusal.details = f"Line {number}: {refusal.details or 'it is not valid.'}"
                raise
            if not isinstance(rows[-1], dict):
                raise errors.bad_body("Each line must be a JSON object", f"Line {number} is {_kind(rows[-1])}.")
    return rows_of(rows)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    return "an object" if isinstance(value, dict) else "an array" if isinstance(value, list) else "a number"


def _csv(text: str) -> Payload:
    """A header line, then rows. The word NULL is null; every other value is a string."""
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise errors.bad_body("Invalid CSV", f"{error}.") from None
    if not lines:
        raise errors.bad_body("Empty CSV", "The first line must name the columns.")
    header = tuple(lines[0])
    if "" in header or len(set(header)) != len(header):
        raise errors.bad_body("Invalid CSV", "A column name in the header line is missing or repeated.")
    for number, line in enumerate(lines):
        if len(line) != len(header):
            raise errors.bad_body(
                "All lines must have same number of fields",
                f"Row {number} has {len(line)} fields, the header has {len(header)}.",
            )
    rows = tuple(
        dict(zip(header, [None if value == "NULL" else value for value in line], strict=True)) for line in lines[1:]
    )
    return Payload(cast("tuple[dict[str, object], ...]", rows), True, header, from_texts=True)


def _form(text: str) -> Payload:
    """`a=1&b=x`: one row of strings.

    JSON is refused: curl sends it as a form unless it is given a content type.
    """
    if _JSON_ROWS.match(text):
        raise errors.bad_body(
            "The body is JSON, but was sent as a form",
            f"Content-Type is {FORM}, which is curl's default.",
            "Send -H 'Content-Type: application/json'.",
        )
    try:
        row: dict[str, object] = dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise errors.bad_body("Invalid form", f"{error}.") from None
    return Payload((row,), False, tuple(row), from_texts=True)
