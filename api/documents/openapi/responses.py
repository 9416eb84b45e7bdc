"""The responses of the operations: errors by status, and rows with their headers."""

from __future__ import annotations

from itertools import groupby

from api.errors.codes import CATALOGUE, ErrorCode
from api.request.media import CSV, GEOJSON, JSON, NDJSON, OBJECT

Json = dict[str, object]


READ_ERRORS = (400, 401, 403, 404, 406, 416)
WRITE_ERRORS = (400, 401, 403, 404, 409, 412, 422)
CALL_ERRORS = (400, 401, 403, 404, 409, 422)
"""The errors that a client is likely to handle. `default` lists all of them, which keeps the document small."""
LISTED = frozenset((*READ_ERRORS, *WRITE_ERRORS, *CALL_ERRORS, 503))


TITLES = {
    300: "Ambiguous",
    400: "Refused",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Precondition failed",
    413: "Too large",
    416: "Range not satisfiable",
    422: "Unprocessable",
    500: "Server error",
    501: "Not available",
    503: "Busy or unreachable, see `Retry-After`",
    504: "Timed out",
}

_HEADERS = {409: "Retry-After", 412: "ETag", 503: "Retry-After"}
"""The header that tells a client how to continue after an error."""

_ERROR: Json = {"$ref": "#/components/schemas/Error"}


def header_components() -> dict[str, Json]:
    """The headers of answers, as components."""
    described = {
        "Content-Range": "The positions of the rows and, if a count is requested, the total: `0-9/57`, `0-9/*`, `*/*`.",
        "Preference-Applied": "The preferences that were applied.",
        "Location": "The address of the inserted row, with `return=headers-only`.",
        "Link": 'The address of the next page, with `rel="next"`, if there may be more rows.',
        "ETag": "The tag of what was read: strong for one row, weak for a list.",
        "Idempotency-Replayed": "`true`: this is the answer to an earlier request with the same `Idempotency-Key`.",
        "Retry-After": "How many seconds to wait before trying again.",
    }
    return {
        name: {"description": text, "schema": {"type": "integer" if name == "Retry-After" else "string"}}
        for name, text in described.items()
    }


def _headers(*names: str) -> Json:
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}


def error_components() -> dict[str, Json]:
    """A response for each error status, with its codes, and one for all errors.

    The latter has the meanings of the codes that no operation lists by their status.
    """
    components: dict[str, Json] = {}
    every = ["All errors:", ""]
    for status, group in groupby(sorted(CATALOGUE, key=_status), _status):
        entries = tuple(group)
        meanings = [f"- `{entry.code}`: {entry.meaning}" for entry in entries]
        every.append(f"- {status} {TITLES[status]}: {', '.join(f'`{entry.code}`' for entry in entries)}")
        if status not in LISTED:
            every += [f"    {line}" for line in meanings]
            continue
        answer = content("\n".join([TITLES[status], "", *meanings]), _ERROR)
        components[f"Error{status}"] = answer | (_headers(_HEADERS[status]) if status in _HEADERS else {})
    return {"Error": content("\n".join(every), _ERROR)} | components


def _status(entry: ErrorCode) -> int:
    return entry.status


def unchanged_component() -> Json:
    """The response to a read of something that the client has already."""
    return nothing("Unchanged: `If-None-Match` has its tag.", "ETag")


def unchanged() -> Json:
    """A reference to that response."""
    return {"304": {"$ref": "#/components/responses/Unchanged"}}


def inserted_component() -> Json:
    """The response to an insert. It names no content: it has none by default, which generated clients would parse."""
    described = "Inserted. With `return=representation` the body is the rows, in the form of 200."
    return nothing(described, "Content-Range", "Location", "Preference-Applied", "Idempotency-Replayed")


def done_component() -> Json:
    """The response to a write that returns no rows."""
    return nothing("Done.", "Content-Range", "Preference-Applied", "Idempotency-Replayed")


def errors(statuses: tuple[int, ...]) -> Json:
    """References to the errors of these statuses, and as `default` to all errors."""
    named: Json = {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in statuses}
    return named | {"default": {"$ref": "#/components/responses/Error"}}


def rows_component(row: str, *, has_geometry: bool = False) -> Json:
    """A response with rows of the component schema `row`; `has_geometry`: also as GeoJSON."""
    item = {"$ref": f"#/components/schemas/{row}"}
    rows = {"schema": {"type": "array", "items": item}}
    return {
        "description": "The rows; 206 if there are more.",
        "content": {
            JSON: rows,
            OBJECT: {"schema": item},
            "application/vnd.pgrst.array+json;nulls=stripped": rows,
            CSV: {"schema": {"type": "string"}},
            NDJSON: {"schema": {"type": "string"}},
        }
        | ({GEOJSON: {"schema": {"$ref": "#/components/schemas/FeatureCollection"}}} if has_geometry else {}),
    } | _headers("Content-Range", "Preference-Applied", "Link", "ETag")


def row_component(row: str) -> Json:
    """A response with one row of the component schema `row`."""
    item = {"schema": {"$ref": f"#/components/schemas/{row}"}}
    return {"description": "The row.", "content": {JSON: item, OBJECT: item}} | _headers("Preference-Applied", "ETag")


def nothing(description: str, *headers: str) -> Json:
    """A response without a body."""
    return {"description": description} | (_headers(*headers) if headers else {})


def content(description: str, schema: Json, *headers: str) -> Json:
    """A JSON response."""
    return nothing(description, *headers) | {"content": {JSON: {"schema": schema}}}
