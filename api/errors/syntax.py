"""Errors in a request's syntax (PGRST1xx)."""

from __future__ import annotations

from collections.abc import Iterable

from api.errors import codes
from api.errors.error import ApiError, did_you_mean, listing, shorten


def parse_failed(what: str, text: str, details: str, hint: str | None = None, column: int | None = None) -> ApiError:
    """PGRST100: the request cannot be parsed; `details` says what was expected, `column` (from 1) where."""
    place = f" (line 1, column {column})" if column is not None else ""
    return ApiError(codes.PARSE_FAILED, f'"failed to parse {what} ({shorten(text)})"{place}', details, hint)


def bad_routine_method(method: str, allowed: Iterable[str]) -> ApiError:
    """PGRST101: routines are called with GET, HEAD or POST."""
    return ApiError(
        codes.BAD_ROUTINE_METHOD, f"Cannot use the {method} method on RPC", headers={"Allow": ",".join(allowed)}
    )


def bad_body(message: str, details: str | None = None, hint: str | None = None) -> ApiError:
    """PGRST102: the body is empty, does not match its media type, or its rows differ in their keys."""
    return ApiError(codes.BAD_BODY, message, details, hint)


def range_not_satisfiable(details: str, total: int | None = None) -> ApiError:
    """PGRST103: the offset lies past a known total, or the limits contradict each other."""
    headers = {"Content-Range": f"*/{total}"} if total is not None else {}
    return ApiError(codes.BAD_RANGE, "Requested range not satisfiable", details, headers=headers)


def bad_put_filters(allowed: Iterable[str], hint: str | None = None) -> ApiError:
    """PGRST105: PUT requires exactly the primary key as filters, with `eq`."""
    message = "Filters must include all and only primary key columns with 'eq' operators"
    return ApiError(codes.BAD_PUT_FILTERS, message, hint=hint, headers={"Allow": ",".join(allowed)})


def unknown_profile(profile: str, exposed: Iterable[str]) -> ApiError:
    """PGRST106: the requested database is not exposed."""
    return ApiError(
        codes.UNKNOWN_PROFILE,
        f"Invalid schema: {profile}",
        hint=f"Only the following schemas are exposed: {listing(exposed)}",
    )


def not_acceptable(wanted: str, offered: Iterable[str]) -> ApiError:
    """PGRST107: none of the media types in the Accept header is available."""
    return ApiError(
        codes.NOT_ACCEPTABLE,
        f"None of these media types are available: {wanted}",
        hint=f"Available: {listing(offered)}",
    )


def not_embedded(name: str, parameter: str, embedded: Iterable[str] = ()) -> ApiError:
    """PGRST108: a filter, order or limit refers to a relation that `select` does not embed."""
    names = tuple(embedded)
    return ApiError(
        codes.NOT_EMBEDDED,
        f"'{name}' is not an embedded resource in this request",
        f"'{parameter}' refers to it." + (f" Embedded resources: {listing(names)}." if names else ""),
        did_you_mean(name, names) or f"Verify that '{name}' is included in the 'select' query parameter.",
    )


def limit_on_put() -> ApiError:
    """PGRST114: PUT writes one row, so it takes neither limit nor offset."""
    return ApiError(codes.LIMIT_ON_PUT, "limit/offset querystring parameters are not allowed for PUT")


def put_payload_differs(column: str) -> ApiError:
    """PGRST115: the key in the body of a PUT differs from the key in the address."""
    return ApiError(
        codes.PUT_PAYLOAD_DIFFERS,
        "Payload values do not match URL in primary key column(s)",
        f"The values of '{column}' differ.",
    )


def not_singular(count: int) -> ApiError:
    """PGRST116: the client asked for a single object, and the result is not exactly one row."""
    return ApiError(
        codes.NOT_SINGULAR, "Cannot coerce the result to a single JSON object", f"The result contains {count} rows"
    )


def unsupported_verb(method: str, allowed: Iterable[str] = ()) -> ApiError:
    """PGRST117: the address does not support this method."""
    methods = ",".join(allowed)
    headers = {"Allow": methods} if methods else {}
    return ApiError(codes.UNSUPPORTED_METHOD, f"Unsupported HTTP method: {method}", headers=headers)


def order_by_to_many(relation: str, table: str) -> ApiError:
    """PGRST118: rows can only be ordered by a to-one relation."""
    return ApiError(
        codes.ORDER_BY_TO_MANY,
        f"A related order on '{relation}' is not possible",
        f"'{table}' and '{relation}' do not form a many-to-one or one-to-one relationship",
    )


def bad_embed_filter(name: str, operator: str) -> ApiError:
    """PGRST120: an embedded relation can only be tested for null."""
    return ApiError(
        codes.BAD_EMBED_FILTER, f"Bad operator on the '{name}' embedded resource: {operator}",
        "Only is null or not is null filters are allowed on embedded resources",
    )  # fmt: skip


def bad_preferences(invalid: Iterable[str]) -> ApiError:
    """PGRST122: `handling=strict`, and the Prefer header has unknown preferences."""
    return ApiError(
        codes.BAD_PREFERENCES,
        "Invalid preferences given with handling=strict",
        f"Invalid preferences: {', '.join(invalid)}",
    )


def unknown_timezone(name: str) -> ApiError:
    """22023: `Prefer: timezone=` names an unknown time zone."""
    return ApiError(
        codes.INVALID_PARAMETER,
        f'invalid value for parameter "TimeZone": "{shorten(name)}"',
        hint="Time zones have names such as Europe/Paris or UTC.",
    )


def no_rows_to_count(routine: str) -> ApiError:
    """PGRST128: `max-affected` counts the rows that a routine returns, and a function returns a value."""
    return ApiError(
        codes.NO_ROWS_TO_COUNT,
        "max-affected requires a procedure, which returns rows",
        f"'{routine}' is a function.",
        "Leave max-affected out of Prefer.",
    )


def too_many_affected(count: int) -> ApiError:
    """PGRST124: more rows would change than `max-affected` allows; nothing was changed."""
    return ApiError(
        codes.TOO_MANY_AFFECTED,
        "Query result exceeds max-affected preference constraint",
        f"The query affects {count} rows",
    )


def invalid_path(path: str, hint: str | None = None) -> ApiError:
    """PGRST125: there is nothing at this address."""
    return ApiError(codes.INVALID_PATH, "Invalid path specified in request URL", f"There is nothing at {path}", hint)


def not_implemented(what: str, hint: str | None = None) -> ApiError:
    """PGRST127: the grammar has it, but MySQL cannot do it."""
    return ApiError(codes.NOT_IMPLEMENTED, "Feature not implemented", what, hint)
