"""Parse: from what a client sent to an `ApiRequest`, by syntax alone.

Tables, columns and routines may not exist, and values may not fit their columns: planning checks that. Parsing makes
sure that every part of the request is understood or refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache

from api import errors
from api.request.aliases import with_aliases
from api.request.body import Parsed, parse_arguments, parse_rows
from api.request.idempotency import parse_idempotency
from api.request.media import CSV, JSON, is_plan, negotiate
from api.request.preconditions import NO_PRECONDITIONS, parse_preconditions
from api.request.preferences import parse_preferences
from api.request.query import ApiRequest, MediaType, Preferences, Query, Relation, RoutineCall, Row
from api.request.query_string import decoded, parse_filter, parse_query
from api.request.ranges import root_window
from api.request.scan import unescape

__all__ = ["as_download", "parse_filter", "parse_request", "parse_target"]

CSV_SUFFIX = ".csv"

RELATION_METHODS = ("OPTIONS", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ROW_METHODS = ("OPTIONS", "GET", "HEAD", "PUT", "PATCH", "DELETE")
ROUTINE_METHODS = ("OPTIONS", "GET", "HEAD", "POST")
_READS = frozenset({"OPTIONS", "GET", "HEAD"})
_KEY_PART = re.compile(r'"((?:[^"\\]|\\.)*)"(?=,|$)|([^,]*)', re.DOTALL)


def parse_request(
    method: str,
    path: str,
    query_string: bytes | str,
    headers: Mapping[str, str],
    body: bytes | Parsed,
    *,
    max_body_bytes: int,
    max_write_rows: int,
    plan: bool = False,
    prefix: str = "",
) -> ApiRequest:
    """Parse a request.

    `path` is percent-encoded and relative to the API's root: `/table`, `/table/key` or `/rpc/routine`. `headers` have
    lower-case names, repeated ones joined by commas. `plan`: the media type of execution plans is available. `prefix`:
    what precedes the path in the URL, for Link and Location headers.
    The body of a GET, HEAD or DELETE is ignored. OPTIONS has no body to negotiate, so its `Accept` is ignored.

    >>> request = parse_request("GET", "/film", b"id=eq.1", {}, b"", max_body_bytes=9, max_write_rows=9)
    >>> request.target, request.media.name
    (Relation(name='film'), 'application/json')

    Raises: `ApiError` with a PGRST1xx code, 22003 or 54000 (413).
    """
    target = parse_target(path)
    _check_method(method, target)
    routine = isinstance(target, RoutineCall)
    reading = method in _READS
    query = _query(_utf8(query_string), arguments=routine and reading)
    limit, offset = root_window(query, method, headers)
    preferences, media, refusal = _wishes(method, headers, routine=routine, plan=plan)
    preconditions = parse_preconditions(method, headers, routine=routine)
    idempotency = parse_idempotency(method, path, query_string, headers, lambda: _content(body))
    if is_plan(media) and not reading and (preconditions != NO_PRECONDITIONS or idempotency is not None):
        raise errors.not_implemented(
            "An execution plan has no conditions, because nothing is written.",
            "Leave out If-Match, If-None-Match and Idempotency-Key.",
        )
    payload = None
    if not reading and method != "DELETE":
        if not isinstance(body, Parsed) and len(body) > max_body_bytes:
            raise errors.too_large(
                f"The body exceeds the limit of {max_body_bytes} bytes", "Send the rows in several requests."
            )
        if headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
            raise errors.bad_body(
                f"Content-Encoding '{headers['content-encoding']}' is not supported", "Send the body uncompressed."
            )
        if routine:
            payload = parse_arguments(headers.get("content-type"), body)
        else:
            payload = parse_rows(headers.get("content-type"), body, max_write_rows)
            if method == "PATCH" and isinstance(target, Row) and len(payload.rows) > 1:
                raise errors.bad_body(
                    "PATCH takes one object",
                    f"The array has {len(payload.rows)} objects, and the address is that of one row.",
                )
    if query.bom and media.name != CSV and refusal is None and not _names_csv(target):
        raise errors.parse_failed(
            "bom parameter", "true", "a byte order mark is only for CSV", "Ask for /table.csv, or Accept: text/csv."
        )
    profile = headers.get("accept-profile" if reading else "content-profile")
    return ApiRequest(
        method=method,
        target=target,
        query=query,
        media=replace(media, bom=True) if query.bom else media,
        preferences=preferences,
        refusal=refusal,
        profile=(profile.strip() or None) if profile else None,
        limit=limit,
        offset=offset,
        payload=payload,
        path=prefix + path.removesuffix("/"),
        preconditions=preconditions,
        idempotency=idempotency,
    )


def _query(query_string: str, *, arguments: bool) -> Query:
    parse = _recurring_query if len(query_string) <= _LONGEST_KEPT else _recurring_query.__wrapped__
    return parse(query_string, arguments)


@lru_cache(maxsize=256)
def _recurring_query(query_string: str, arguments: bool) -> Query:
    return with_aliases(parse_query(query_string, arguments=arguments))


_LONGEST_KEPT = 500
"""Characters of a query string whose parsed form is kept for the next request: a few megabytes in all."""


def _content(body: bytes | Parsed) -> bytes:
    return repr(body.value).encode() if isinstance(body, Parsed) else body


def _wishes(
    method: str, headers: Mapping[str, str], *, routine: bool, plan: bool
) -> tuple[Preferences, MediaType, errors.ApiError | None]:
    """The preferences, the media type, and the error of the first that cannot be met. A 404 is reported first."""
    preferences, media, refusal = Preferences(), MediaType(JSON), None
    try:
        preferences = parse_preferences(headers.get("prefer"), method, routine=routine)
        if method != "OPTIONS":
            media = negotiate(headers.get("accept"), plan=plan)
    except errors.ApiError as error:
        refusal = error
    return preferences, media, refusal


def _names_csv(target: Relation | Row | RoutineCall) -> bool:
    return isinstance(target, Relation) and target.name.endswith(CSV_SUFFIX)


def as_download(request: ApiRequest, tables: Collection[str]) -> ApiRequest:
    """The request that reads `/cities.csv` as CSV of the table `cities`, unless a table has that very name.

    Such an address needs no `Accept`.
    """
    target = request.target
    if isinstance(target, Relation) and _names_csv(target) and target.name not in tables and request.method in _READS:
        name = target.name.removesuffix(CSV_SUFFIX)
        if name in tables:
            media = MediaType(CSV, bom=request.query.bom)
            refusal = request.refusal
            if refusal is not None and refusal.error is errors.codes.NOT_ACCEPTABLE:
                refusal = None
            return replace(request, target=Relation(name), media=media, download=target.name, refusal=refusal)
    return request


def parse_target(path: str) -> Relation | Row | RoutineCall:
    """The table, row or routine that an address names; a slash at its end is ignored. A comma in a key is sent as
    `%2C`, or the value is quoted.

    >>> parse_target("/film/1%2C2,%22a,b%22")
    Row(name='film', key=('1,2', 'a,b'))
    >>> parse_target("/rpc/add%20all")
    RoutineCall(name='add all')
    >>> parse_target("/a/b/c")
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST125: Invalid path specified in request URL

    Raises: `ApiError` PGRST125, PGRST100 for bytes that are not valid UTF-8.
    """
    parts = _utf8(path).removeprefix("/").removesuffix("/").split("/")
    if "" in parts or len(parts) > 2:
        raise errors.invalid_path(errors.shorten(path))
    name = decoded(parts[0])
    if len(parts) == 1:
        return Relation(name)
    if name == "rpc":
        return RoutineCall(decoded(parts[1]))
    return Row(name, _key(parts[1]))


def _key(text: str) -> tuple[str, ...]:
    """The values of a key: split first, then decoded; a quote may be percent-encoded."""
    if "%" not in text and '"' not in text:
        return tuple(text.split(","))
    text = text.replace("%22", '"').replace("%5C", "\\").replace("%5c", "\\")
    values: list[str] = []
    position = 0
    while True:
        found = _KEY_PART.match(text, position)
        quoted, plain = found.groups() if found else (None, "")
        values.append(decoded(unescape(quoted) if quoted is not None else plain))
        position = found.end() + 1 if found else position + 1
        if position > len(text):
            return tuple(values)


def _check_method(method: str, target: Relation | Row | RoutineCall) -> None:
    allowed: tuple[str, ...] = RELATION_METHODS
    if isinstance(target, Row):
        allowed = ROW_METHODS
    elif isinstance(target, RoutineCall):
        allowed = ROUTINE_METHODS
        if method not in allowed:
            raise errors.bad_routine_method(errors.shorten(method), allowed)
    if method not in allowed:
        raise errors.unsupported_verb(errors.shorten(method), allowed)


def _utf8(sent: bytes | str) -> str:
    try:
        if isinstance(sent, bytes):
            return sent.decode()
        if not sent.isascii():
            sent.encode()
    except UnicodeError:
        raise errors.parse_failed("address", repr(sent[:100]), "it is not valid UTF-8") from None
    return sent
