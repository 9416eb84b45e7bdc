"""Which rows of the root: `limit=`, `offset=` and the `Range` header, intersected."""

from __future__ import annotations

import re
from collections.abc import Mapping

from api import errors
from api.request.query import Query
from api.request.query_string import MOST_ROWS, row_count

_RANGE = re.compile(r"([0-9]+)-([0-9]*)")


def root_window(query: Query, method: str, headers: Mapping[str, str]) -> tuple[int | None, int]:
    """The root's limit (None: no limit) and offset.

    The header applies to GET only, and only in items: any other unit, or an invalid range, is ignored, as
    https://www.rfc-editor.org/rfc/rfc9110.html#name-range says.

    >>> from api.request.query_string import parse_query
    >>> root_window(parse_query("limit=5&offset=2"), "GET", {"range": "4-20"})
    (3, 4)
    >>> root_window(parse_query("limit=5"), "POST", {"range": "4-20"})
    (5, 0)
    >>> root_window(parse_query(""), "GET", {"range": "9-4"})
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST103: Requested range not satisfiable

    Raises: `ApiError` PGRST103 for an empty range, PGRST114 for a limit on PUT.
    """
    limit = next((count for path, count in query.limits if not path), None)
    offset = next((count for path, count in query.offsets if not path), 0)
    if method == "PUT" and (limit is not None or offset):
        raise errors.limit_on_put()
    if method != "GET" or "range" not in headers or headers.get("range-unit", "items").strip().lower() != "items":
        return limit, offset
    found = _RANGE.fullmatch(headers["range"].strip())
    if found is None or limit == 0:
        return limit, offset
    first = row_count(found[1])
    last = row_count(found[2]) if found[2] else MOST_ROWS
    if last < first:
        raise errors.range_not_satisfiable(
            "The lower boundary must be lower than or equal to the upper boundary in the Range header."
        )
    end = min(last, MOST_ROWS if limit is None else offset + limit - 1)
    offset = max(first, offset)
    if end < offset:
        raise errors.range_not_satisfiable(
            "The Range header and the limit and offset parameters have no row in common."
        )
    return (None if end == MOST_ROWS else end - offset + 1), offset
