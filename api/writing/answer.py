"""The answer to a write: status, headers and body."""

from __future__ import annotations

import json

from api.catalog import ColumnType
from api.request.query import ApiRequest, Comparison, Field, Row
from api.request.writer import parameter
from api.response.answer import Answer, Headers, content_type, preference_headers, warning_headers
from api.values.encode import encoder
from api.writing.outcome import Outcome


def write_answer(request: ApiRequest, outcome: Outcome) -> Answer:
    """The answer that reports what a POST, PUT, PATCH or DELETE did."""
    headers: Headers = ()
    if outcome.body is not None:
        headers += (content_type(request.media),)
    if request.method != "PUT":
        headers += (("Content-Range", _range(request, outcome.count)),)
    if outcome.location:
        headers += (("Location", _location(request, outcome)),)
    headers += preference_headers(request.preferences) + warning_headers(request.query)
    return Answer(_status(request, outcome), headers, outcome.body or b"")


def _status(request: ApiRequest, outcome: Outcome) -> int:
    match request.method:
        case "POST":
            merged = request.preferences.resolution == "merge-duplicates" and not outcome.inserted
            return 200 if merged else 201
        case "PUT":
            if outcome.body is None:
                return 204
            return 201 if outcome.inserted else 200
        case _:
            return 204 if outcome.body is None else 200


def _range(request: ApiRequest, count: int) -> str:
    """The value of Content-Range: positions for PATCH only, and the number of rows written if a count is requested."""
    rows = f"0-{count - 1}" if request.method == "PATCH" and count else "*"
    return f"{rows}/{'*' if request.preferences.count is None else count}"


def _location(request: ApiRequest, outcome: Outcome) -> str:
    """The new row's address, as a filter on its key."""
    path = request.path.rpartition("/")[0] if isinstance(request.target, Row) else request.path
    pairs = [
        parameter(Comparison(Field(column.name), "eq", _text(column.type, part))) for column, part in outcome.location
    ]
    return f"{path}?{'&'.join(pairs)}"


def _text(type_: ColumnType, part: object) -> str:
    """A key's value as a filter writes it."""
    text = encoder(type_)(part)
    return str(json.loads(text)) if text.startswith('"') else text
