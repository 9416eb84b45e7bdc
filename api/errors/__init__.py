"""Every error that the API answers with: functions that put its code, message, details and hint together.

Its codes are those of the catalogue (`api.errors.codes`). `api.database.errno` makes the errors that come from the
database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.errors import codes
from api.errors.error import ApiError, did_you_mean, listing, nearest, shorten

__all__ = ["ApiError", "codes", "did_you_mean", "listing", "nearest", "shorten"]


# -- the request's syntax (1xx) ------------------------------------------------------------------------------------


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
    """PGRST115: the body of a PUT has another key than the address."""
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


# -- the names in it (2xx) -----------------------------------------------------------------------------------------


def no_relationship(
    origin: str, target: str, hint: str | None, schema: str, known: Iterable[str], meant: str | None = None
) -> ApiError:
    """PGRST200: no foreign key joins the two tables. `meant` is a better hint than the nearest name."""
    names = tuple(known)
    using = f" using the hint '{hint}'" if hint else ""
    return ApiError(
        codes.NO_RELATIONSHIP,
        f"Could not find a relationship between '{origin}' and '{target}' in the schema cache",
        f"Searched for a foreign key relationship between '{origin}' and '{target}'{using} in the schema '{schema}', "
        "but no matches were found.",
        meant or did_you_mean(target, names) or (f"'{origin}' is related to: {listing(names)}." if names else None),
    )


def ambiguous_relationship(
    origin: str, target: str, choices: Iterable[Mapping[str, str]], hints: Iterable[str]
) -> ApiError:
    """PGRST201: several foreign keys join the two tables; `details` lists them, the hint says how to choose."""
    return ApiError(
        codes.AMBIGUOUS_RELATIONSHIP,
        f"Could not embed because more than one relationship was found for '{origin}' and '{target}'",
        [dict(choice) for choice in choices],
        f"Try changing '{target}' to one of the following: {', '.join(hints)}. "
        "Find the desired relationship in the 'details' key.",
    )


def unknown_routine(schema: str, name: str, arguments: Iterable[str], hint: str | None) -> ApiError:
    """PGRST202: no stored function or procedure takes these arguments."""
    given = ", ".join(arguments)
    how = f"with parameters {given}" if given else "without parameters"
    return ApiError(
        codes.UNKNOWN_ROUTINE,
        f"Could not find the function {schema}.{name}({given}) in the schema cache",
        f"Searched for the function {schema}.{name} {how}, but no matches were found in the schema cache.",
        hint,
    )


def unknown_payload_column(column: str, table: str, columns: Iterable[str]) -> ApiError:
    """PGRST204: the payload, or its `columns=`, names a column that the table does not have."""
    names = tuple(columns)
    return ApiError(
        codes.UNKNOWN_PAYLOAD_COLUMN,
        f"Could not find the '{column}' column of '{table}' in the schema cache",
        f"Columns of '{table}': {listing(names)}.",
        did_you_mean(column, names),
    )


def unknown_table(schema: str, table: str, tables: Iterable[str]) -> ApiError:
    """PGRST205: no such table or view."""
    near = nearest(table, tables)
    return ApiError(
        codes.UNKNOWN_TABLE,
        f"Could not find the table '{schema}.{table}' in the schema cache",
        hint=f"Perhaps you meant the table '{schema}.{near}'" if near is not None else None,
    )


# -- who sent it (3xx) ---------------------------------------------------------------------------------------------


def no_jwt_secret() -> ApiError:
    """PGRST300: a token was sent, and this server has no key to verify it with."""
    return ApiError(codes.NO_JWT_SECRET, "Server lacks JWT secret", hint="Start the server with JWT_SECRET=...")


def bad_token(message: str, details: str | None = None) -> ApiError:
    """PGRST301: the text is not a token, or its signature is not valid."""
    return ApiError(codes.BAD_TOKEN, message, details, headers=_invalid_token(message))


def no_token() -> ApiError:
    """PGRST302: a caller without a token, and the API has no role for such callers."""
    return ApiError(
        codes.NO_TOKEN,
        "Anonymous access is disabled",
        hint="Send a token in the Authorization header.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def bad_claims(message: str, details: str | None = None) -> ApiError:
    """PGRST303: the token is genuine, but its claims do not allow its use: it has expired, for example."""
    return ApiError(codes.BAD_CLAIMS, message, details, headers=_invalid_token(message))


def unknown_role(role: str) -> ApiError:
    """22023 (401): the token names a role that this API does not have."""
    message = f'role "{shorten(role)}" does not exist'
    return ApiError(codes.UNKNOWN_ROLE, message, headers={"WWW-Authenticate": "Bearer"})


def _invalid_token(message: str) -> Mapping[str, str]:
    return {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{message}"'}


def permission_denied(kind: str, name: str, details: str | None = None, hint: str | None = None) -> ApiError:
    """42501: the role of the request lacks a privilege on a table, column or routine."""
    return ApiError(codes.NO_PRIVILEGE, f"permission denied for {kind} {name}", details, hint)


def as_anonymous(error: ApiError) -> ApiError:
    """The error as a caller without a token gets it: what a token may permit is 401, not 403."""
    if error.error is not codes.NO_PRIVILEGE:
        return error
    headers = {**error.headers, "WWW-Authenticate": "Bearer"}
    return ApiError(codes.ANONYMOUS_PRIVILEGE, error.message, error.details, error.hint, headers)


# -- the state that a write requires -------------------------------------------------------------------------------


def precondition_failed(details: str, tag: str | None = None) -> ApiError:
    """AR412: the row is not as the request's conditions require. `tag`: its current ETag."""
    return ApiError(
        codes.PRECONDITION_FAILED,
        "The row is not in the state that the request requires",
        f"{details} Nothing was written.",
        "Read the row again, and send the write with its new ETag." if tag is not None else None,
        {} if tag is None else {"ETag": tag},
    )


def idempotency_in_progress() -> ApiError:
    """AR409: the first request with this key has not been answered yet."""
    return ApiError(
        codes.IDEMPOTENCY_IN_PROGRESS,
        "A request with this Idempotency-Key is being answered",
        hint="Send it again in a moment, to get its answer.",
        headers={"Retry-After": "1"},
    )


def idempotency_interrupted() -> ApiError:
    """AR409: a routine committed by itself, and the connection broke before its answer was stored."""
    return ApiError(
        codes.IDEMPOTENCY_IN_PROGRESS,
        "The first request with this Idempotency-Key was interrupted",
        "It called a routine that commits by itself, so its changes may be stored. The routine is not called again.",
        "Check what it has changed. To call it again, use another key.",
    )


def idempotency_mismatch() -> ApiError:
    """AR422: the key belongs to a different request."""
    return ApiError(
        codes.IDEMPOTENCY_MISMATCH,
        "This Idempotency-Key belongs to another request",
        "The method, the address, the body or a header differs. Nothing was written.",
        "Use a new key for each new request, and the same one only to repeat it.",
    )


def idempotency_unavailable() -> ApiError:
    """AR501: the table for the answers does not exist, or the account may not use it."""
    return ApiError(
        codes.IDEMPOTENCY_UNAVAILABLE,
        "This API cannot store an Idempotency-Key",
        "The table aurorest_idempotency does not exist, or the request's account may not use it. Nothing was written.",
        "The stack's migrator, or `python -m migrator`, creates the table and grants the roles access to it.",
    )


# -- values and rows (SQLSTATE) ------------------------------------------------------------------------------------


def unknown_column(table: str, column: str, columns: Iterable[str], meant: str | None = None) -> ApiError:
    """42703: select, filter or order names a column that the table does not have.

    `meant` is a better hint than the nearest name.
    """
    names = tuple(columns)
    return ApiError(
        codes.UNDEFINED_COLUMN,
        f"column {table}.{column} does not exist",
        f"Columns of '{table}': {listing(names)}.",
        meant or did_you_mean(column, names),
    )


def invalid_value(type_name: str, text: str, column: str | None = None, details: str | None = None) -> ApiError:
    """22P02: not a valid value of the column's type. MySQL would coerce it, and match other rows."""
    place = f" for column '{column}'" if column else ""
    message = f'invalid input syntax for type {type_name}: "{shorten(text)}"{place}'
    return ApiError(codes.INVALID_VALUE, message, details, _null_hint(text))


def invalid_date(type_name: str, text: str, column: str | None = None) -> ApiError:
    """22007: not a valid date or time."""
    place = f" for column '{column}'" if column else ""
    message = f'invalid input syntax for type {type_name}: "{shorten(text)}"{place}'
    return ApiError(codes.INVALID_DATETIME, message, hint=_null_hint(text))


def _null_hint(text: str) -> str | None:
    return "In a filter, null is is.null or not.is.null." if text.lower() == "null" else None


def out_of_range(type_name: str, text: str, column: str | None = None) -> ApiError:
    """22003: a number that the column's type cannot hold."""
    place = f" for column '{column}'" if column else ""
    return ApiError(codes.OUT_OF_RANGE, f'value "{shorten(text)}" is out of range for type {type_name}{place}')


def too_long(type_name: str, text: str, column: str, limit: int, unit: str) -> ApiError:
    """22001: a string or binary value too long for the column; `unit` is characters or bytes."""
    return ApiError(
        codes.TOO_LONG, f"value too long for type {type_name}({limit}) of column '{column}'",
        f'The value "{shorten(text)}" has more than {limit} {unit}.',
    )  # fmt: skip


def null_value(column: str) -> ApiError:
    """23502: null for a column that requires a value."""
    return ApiError(codes.NOT_NULL_VIOLATION, f"null value in column '{column}' violates not-null constraint")


def generated_column(column: str) -> ApiError:
    """428C9: a value for a column that the database computes."""
    return ApiError(
        codes.GENERATED_COLUMN,
        f"cannot write a value into column '{column}'",
        f"Column '{column}' is a generated column.",
        "Leave generated columns out; the database computes them.",
    )


def unknown_type(name: str, allowed: Iterable[str]) -> ApiError:
    """42704: a cast to an unknown type."""
    return ApiError(codes.UNDEFINED_OBJECT, f'type "{name}" does not exist', f"Casts: {listing(allowed)}.")


def cannot_cast(type_name: str, target: str) -> ApiError:
    """42846: the type cannot be cast to the other one."""
    return ApiError(codes.CANNOT_CAST, f"cannot cast type {type_name} to {target}")


def undefined_operation(message: str, details: str | None = None, hint: str | None = None) -> ApiError:
    """42883: the type does not have this operator or function."""
    return ApiError(codes.UNDEFINED_FUNCTION, message, details, hint)


def grouping_required(what: str) -> ApiError:
    """42803: a filter or an order by an aggregate, on rows that are not grouped."""
    return ApiError(
        codes.GROUPING_ERROR,
        f"cannot {what}: the rows are not grouped",
        "Aggregates are computed over groups of rows, and only an aggregate in select groups them.",
        "Add an aggregate to select: select=category,count()",
    )


def not_grouped_by(column: str, purpose: str) -> ApiError:
    """42803: a column is used beside aggregates, and the rows are not grouped by it."""
    return ApiError(
        codes.GROUPING_ERROR,
        f"column '{column}' must appear in the select to {purpose}",
        "A group of rows has only aggregates and the columns that it is grouped by.",
        f"Use an aggregate, such as {column}.max(), or select the column.",
    )


def no_geometry(table: str) -> ApiError:
    """22023: GeoJSON is requested of rows without a geometry."""
    return ApiError(
        codes.INVALID_PARAMETER,
        "geometry column is missing",
        f"GeoJSON features need a geometry, and none of the columns selected from '{table}' is one.",
        "Select a geometry column, or ask for application/json.",
    )


def no_unique_key(table: str, columns: Iterable[str], keys: Iterable[tuple[str, ...]]) -> ApiError:
    """42P10: the columns of `on_conflict` are not a unique key."""
    known = " or ".join(",".join(key) for key in keys)
    return ApiError(
        codes.NO_UNIQUE_KEY,
        "there is no unique or exclusion constraint matching the ON CONFLICT specification",
        f"The columns {','.join(columns)} are not a unique key of '{table}'.",
        f"on_conflict can be: {known}." if known else None,
    )


def conflicts_with_itself() -> ApiError:
    """21000: two rows of one upsert have the same key."""
    return ApiError(
        codes.CARDINALITY_VIOLATION,
        "ON CONFLICT DO UPDATE command cannot affect row a second time",
        "Several rows of the payload have the same key.",
        "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
    )


def unreadable_policies(database: str, table: str) -> ApiError:
    """42501: the account that reads the catalog cannot tell which rows are hidden, so it must not show any."""
    return ApiError(
        codes.NO_PRIVILEGE,
        f"permission denied for table {table}",
        f"The API's account may not read the row policies of '{database}', so it shows no rows.",
        f"Run the migrator once, then GRANT SELECT ON `{database}`.`{table}` to the account.",
    )


def violates_policy(table: str, *, using: bool = False) -> ApiError:
    """42501: a row that would be stored is not allowed by the policies of its table; `using`: an upsert would change
    a row that they hide."""
    which = " (USING expression)" if using else ""
    return ApiError(codes.NO_PRIVILEGE, f'new row violates row-level security policy{which} for table "{table}"')


def cannot_check(table: str, details: str) -> ApiError:
    """0A000: the policies of a table apply to the rows to be stored, and these cannot be checked for certain."""
    return ApiError(codes.NOT_SUPPORTED, f"The row-level security policies of '{table}' cannot be checked", details)


def schema_changed() -> ApiError:
    """40001: a table is not as the catalog says. The request is first repeated with a new catalog."""
    return ApiError(
        codes.SERIALIZATION_FAILURE,
        "The schema of the database changed during the request",
        "Nothing was written.",
        "Repeat the request.",
        {"Retry-After": "1"},
        stale=True,
    )


def cannot_show(table: str) -> ApiError:
    """0A000: the client asked for the written rows, and they cannot be identified for certain."""
    return ApiError(
        codes.NOT_SUPPORTED,
        f"The rows written to '{table}' cannot be returned",
        "The table has no key to read them by, or a trigger changes it. Nothing was written.",
        "Send 'Prefer: return=minimal'.",
        stale=True,
    )


def transaction_ended() -> ApiError:
    """2D000: a procedure of a batch committed or rolled back, so the batch is no longer one transaction."""
    return ApiError(
        codes.TRANSACTION_ENDED,
        "A procedure ended the transaction of the batch",
        "Everything before that may be stored; everything after it is undone.",
        "Call such a procedure with a separate request.",
    )


def session_changed() -> ApiError:
    """38000: a stored program of a batch changed its session, in which later requests would do something else."""
    return ApiError(
        codes.ROUTINE_FAULT,
        "A routine or trigger of an earlier request changed the session",
        "It set a session variable or created a temporary table, and later requests would use it. Nothing was stored.",
        "Let the routine restore the session, or call it with a separate request.",
    )


def cannot_relate(table: str) -> ApiError:
    """0A000: rows refer to new rows whose keys are not known for certain."""
    return ApiError(
        codes.NOT_SUPPORTED,
        f"Rows cannot be related to the rows inserted into '{table}'",
        "The table has no key that is known before the insert, or a trigger changes it. Nothing was written.",
        "Insert the rows of each table in a separate request.",
        stale=True,
    )


def answer_too_large(limit: int) -> ApiError:
    """54000: the written rows exceed the size of an answer; nothing was written."""
    return ApiError(
        codes.TOO_LARGE,
        f"The rows written exceed the limit of {limit} bytes for an answer",
        "Nothing was written.",
        "Write fewer rows at a time, select fewer columns, or send 'Prefer: return=minimal'.",
    )


def missing_filter(method: str) -> ApiError:
    """21000: PATCH or DELETE without a filter would change every row."""
    return ApiError(
        codes.CARDINALITY_VIOLATION,
        f"{method} requires a filter",
        hint="Add a filter such as ?id=eq.1. To change every row, use a filter that is always true.",
    )


def no_row(table: str, key: str) -> ApiError:
    """PGRST116 with 404: no row of the table has the key in the address."""
    return ApiError(codes.NO_ROW, f"No row of '{table}' has the key {key}", "The result contains 0 rows")


def no_rows(table: str, columns: Iterable[str], keys: Iterable[tuple[object, ...]], count: int) -> ApiError:
    """PGRST116 with 404: some of the rows to change do not exist; `keys` are the first of them."""
    shown = [f"({', '.join(shorten(str(part)) for part in key)})" for key in keys]
    more = f" and {count - len(shown)} more" if count > len(shown) else ""
    return ApiError(
        codes.NO_ROW,
        f"{count} of the rows to change do not exist in '{table}'",
        f"No row has the key ({', '.join(columns)}) = {', '.join(shown)}{more}. Nothing was changed.",
        "Leave these rows out, or insert them with POST and 'Prefer: resolution=merge-duplicates'.",
    )


def same_row_twice(table: str) -> ApiError:
    """21000: two rows of one PATCH have the same key."""
    return ApiError(
        codes.CARDINALITY_VIOLATION,
        f"A row of '{table}' cannot be changed twice by one request",
        "Several rows of the payload have the same key. Nothing was changed.",
        "Send each key once.",
    )


def memory_exceeded(limit: int) -> ApiError:
    """54000: the rows of a request, those of its embeds included, do not fit into memory; nothing was written."""
    return ApiError(
        codes.TOO_LARGE,
        f"The rows of this request take more than {limit} bytes",
        "The rows of embeds count as well.",
        "Ask for fewer rows with limit=, limit the rows of an embed with embed.limit=, or select fewer columns.",
    )


def too_many_locked(limit: int) -> ApiError:
    """54000: a PATCH or DELETE would have to lock more rows than the limit; nothing was written."""
    return ApiError(
        codes.TOO_LARGE,
        f"The request would lock more than {limit} rows",
        "Nothing was written.",
        "Filter for fewer rows, or add limit= and order=. A request that returns no rows, and whose filters are on the "
        "table's own columns, has no such limit: send 'Prefer: return=minimal'.",
    )


def too_large(message: str, hint: str | None = None) -> ApiError:
    """54000 with 413: something exceeds a limit."""
    return ApiError(codes.TOO_LARGE, message, hint=hint)


def statement_too_long(limit: int) -> ApiError:
    """54001 with 413: the request requires a statement so long that RDS Proxy would pin its session."""
    return ApiError(
        codes.STATEMENT_TOO_COMPLEX,
        f"The request requires an SQL statement of more than {limit} bytes",
        "Such a statement would keep a database connection for itself.",
        "Use fewer conditions or columns. A list of values for one column (in) may have any length if it stands alone: "
        "on the table's own columns, outside of 'or' and 'not'.",
    )
