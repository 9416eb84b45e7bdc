"""The catalogue of errors: every code that the API answers with, its HTTP status, and what it means.

The OpenAPI document and the table of docs/reference.md are made from it. Codes are PostgREST's (`PGRST...`,
https://docs.postgrest.org/en/stable/references/errors.html) or SQLSTATEs as PostgreSQL names them
(https://www.postgresql.org/docs/current/errcodes-appendix.html). A code with two statuses has two entries.
"""

from __future__ import annotations

from typing import NamedTuple


class ErrorCode(NamedTuple):
    """An entry of the catalogue."""

    code: str
    status: int
    meaning: str


# -- the request's syntax ------------------------------------------------------------------------------------------

PARSE_FAILED = ErrorCode("PGRST100", 400, "the query string or the address cannot be parsed")
BAD_ROUTINE_METHOD = ErrorCode("PGRST101", 405, "a routine can only be called with GET, HEAD or POST")
BAD_BODY = ErrorCode(
    "PGRST102", 400, "the body is empty, does not match its media type, or its rows differ in their keys"
)
BAD_RANGE = ErrorCode("PGRST103", 416, "the offset is past the known total, or the limits contradict each other")
BAD_PUT_FILTERS = ErrorCode("PGRST105", 405, "PUT requires exactly the primary key as filters, each with `eq`")
UNKNOWN_PROFILE = ErrorCode("PGRST106", 406, "the profile is not an exposed database")
NOT_ACCEPTABLE = ErrorCode("PGRST107", 406, "none of the media types in `Accept` is available")
NOT_EMBEDDED = ErrorCode("PGRST108", 400, "a filter, order or limit refers to a table that `select` does not embed")
LIMIT_ON_PUT = ErrorCode("PGRST114", 400, "PUT takes neither limit nor offset")
PUT_PAYLOAD_DIFFERS = ErrorCode("PGRST115", 400, "the key in the body of a PUT differs from the key in the address")
NO_ROW = ErrorCode("PGRST116", 404, "no row has the key in the address, or one of the keys in the array of a PATCH")
NOT_SINGULAR = ErrorCode("PGRST116", 406, "`Accept` asks for a single row, and the result has none or several")
UNSUPPORTED_METHOD = ErrorCode("PGRST117", 405, "the address does not support this method")
ORDER_BY_TO_MANY = ErrorCode("PGRST118", 400, "rows can only be ordered by a to-one relation")
BAD_EMBED_FILTER = ErrorCode("PGRST120", 400, "an embedded table can only be tested for null")
BAD_RAISED_JSON = ErrorCode("PGRST121", 500, "a `SIGNAL SQLSTATE 'PGRST'` whose message is not the JSON of an error")
BAD_PREFERENCES = ErrorCode("PGRST122", 400, "an unknown preference, with `handling=strict`")
TOO_MANY_AFFECTED = ErrorCode(
    "PGRST124", 400, "more rows would change, or a routine returns more, than `max-affected` allows"
)
INVALID_PATH = ErrorCode("PGRST125", 404, "there is nothing at this address")
NO_ROWS_TO_COUNT = ErrorCode("PGRST128", 400, "`max-affected` with a function, which returns a value and not rows")
NOT_IMPLEMENTED = ErrorCode("PGRST127", 400, "MySQL cannot do this")

# -- the names in it -----------------------------------------------------------------------------------------------

NO_RELATIONSHIP = ErrorCode("PGRST200", 400, "no foreign key joins the two tables")
AMBIGUOUS_RELATIONSHIP = ErrorCode("PGRST201", 300, "several foreign keys join the two tables; `details` lists them")
UNKNOWN_ROUTINE = ErrorCode("PGRST202", 404, "no routine with this name takes these arguments")
UNKNOWN_PAYLOAD_COLUMN = ErrorCode("PGRST204", 400, "the body or `columns` names an unknown column")
UNKNOWN_TABLE = ErrorCode("PGRST205", 404, "no such table or view")

# -- who sent it ---------------------------------------------------------------------------------------------------

NO_JWT_SECRET = ErrorCode("PGRST300", 500, "`make serve` got a token, and has no `JWT_SECRET` to verify it with")
BAD_TOKEN = ErrorCode("PGRST301", 401, "the token is malformed, or its signature is not valid")
NO_TOKEN = ErrorCode("PGRST302", 401, "a token is required")
BAD_CLAIMS = ErrorCode("PGRST303", 401, "the token has expired, is not valid yet, or names no role")
UNKNOWN_ROLE = ErrorCode("22023", 401, "the role that the token names does not exist")

# -- the state that a write requires -------------------------------------------------------------------------------

PRECONDITION_FAILED = ErrorCode(
    "AR412", 412, "the row is not as `If-Match` or `If-None-Match` requires; `ETag` has its current tag"
)

IDEMPOTENCY_IN_PROGRESS = ErrorCode(
    "AR409", 409, "a request with this `Idempotency-Key` is being answered, or was interrupted after it committed"
)
IDEMPOTENCY_MISMATCH = ErrorCode("AR422", 422, "this `Idempotency-Key` belongs to another request")
IDEMPOTENCY_UNAVAILABLE = ErrorCode("AR501", 501, "the database has no table that stores answers by `Idempotency-Key`")

# -- values, rows and statements -----------------------------------------------------------------------------------

CONNECTION_FAILURE = ErrorCode("08006", 503, "the database cannot be reached")
OUTCOME_UNKNOWN = ErrorCode(
    "08007", 503, "the connection broke during COMMIT or the only statement: the changes may or may not be stored"
)
NOT_SUPPORTED = ErrorCode(
    "0A000",
    400,
    "a view that cannot be written to, written rows that cannot be shown or related, or an unsupported text search",
)
CARDINALITY_VIOLATION = ErrorCode(
    "21000", 400, "PATCH or DELETE without a filter, the same key twice in one write, or a subquery with several rows"
)
TOO_LONG = ErrorCode("22001", 400, "a value is too long for its column")
OUT_OF_RANGE = ErrorCode("22003", 400, "a number is out of range")
INVALID_DATETIME = ErrorCode("22007", 400, "not a valid date or time")
DIVISION_BY_ZERO = ErrorCode("22012", 400, "division by zero")
INVALID_REGULAR_EXPRESSION = ErrorCode("2201B", 400, "not a valid regular expression")
INVALID_CHARACTER = ErrorCode("22021", 400, "characters that cannot be stored")
INVALID_PARAMETER = ErrorCode("22023", 400, "an invalid parameter, such as an unknown time zone")
INVALID_VALUE = ErrorCode("22P02", 400, "not a valid value of the column's type")
NOT_NULL_VIOLATION = ErrorCode("23502", 400, "null or no value for a column that requires one")
FOREIGN_KEY_VIOLATION = ErrorCode("23503", 409, "a foreign key is violated")
UNIQUE_VIOLATION = ErrorCode("23505", 409, "a unique key already has this value")
CHECK_VIOLATION = ErrorCode("23514", 400, "a CHECK constraint is violated")
READ_ONLY = ErrorCode("25006", 405, "a GET request may not change data")
STANDBY = ErrorCode("25006", 503, "the database accepts no writes at the moment (failover)")
LOGIN_REFUSED = ErrorCode("28000", 500, "the database refused the server's login")
TRANSACTION_ENDED = ErrorCode("2D000", 400, "a routine ends the transaction it runs in")
ROUTINE_FAULT = ErrorCode("38000", 400, "a routine, trigger or view of the database is at fault")
SERIALIZATION_FAILURE = ErrorCode("40001", 503, "the data or the schema changed in the meantime; nothing was stored")
DEADLOCK = ErrorCode("40P01", 503, "a deadlock, also after retries; nothing was stored")
NO_PRIVILEGE = ErrorCode("42501", 403, "the role lacks a privilege; `details` may name the column")
ANONYMOUS_PRIVILEGE = ErrorCode("42501", 401, "callers without a token lack a privilege")
SYNTAX_ERROR = ErrorCode("42601", 400, "a full-text query that cannot be parsed")
DUPLICATE_COLUMN = ErrorCode("42701", 400, "a column is named twice")
AMBIGUOUS_COLUMN = ErrorCode("42702", 400, "a column's name is ambiguous")
UNDEFINED_COLUMN = ErrorCode("42703", 400, "an unknown column")
UNDEFINED_OBJECT = ErrorCode("42704", 400, "a cast to an unknown type, or a missing full-text index")
GROUPING_ERROR = ErrorCode("42803", 400, "a column is neither grouped by nor aggregated")
CANNOT_CAST = ErrorCode("42846", 400, "the type cannot be cast to this type")
UNDEFINED_FUNCTION = ErrorCode("42883", 400, "the type does not have this operator or function")
ROUTINE_GONE = ErrorCode("42883", 404, "a routine that no longer exists")
GENERATED_COLUMN = ErrorCode("428C9", 400, "a value for a generated column")
TABLE_GONE = ErrorCode("42P01", 404, "a table that no longer exists")
NO_UNIQUE_KEY = ErrorCode("42P10", 400, "the columns of `on_conflict` are not a unique key")
COLLATION_MISMATCH = ErrorCode("42P21", 400, "collations that cannot be compared")
VIEW_CHECK_VIOLATION = ErrorCode("44000", 400, "the row would not be visible in the view that it is written through")
OUT_OF_MEMORY = ErrorCode("53200", 503, "the database is short of memory or disk space")
TOO_MANY_CONNECTIONS = ErrorCode("53300", 503, "the database has no free connection")
TOO_LARGE = ErrorCode("54000", 413, "the body, the number of rows, the answer or a value is too large")
STATEMENT_TOO_COMPLEX = ErrorCode(
    "54001", 413, "the request has more conditions or columns than fit into an SQL statement of 16,000 bytes"
)
LOCK_NOT_AVAILABLE = ErrorCode("55P03", 503, "the rows were locked for too long; nothing was stored")
TIMEOUT = ErrorCode("57014", 504, "the request or a statement took too long and was cancelled")
RAISED = ErrorCode("P0001", 400, "the database's own code raised an error (`SIGNAL`)")
INTERNAL_ERROR = ErrorCode("XX000", 500, "an unexpected error; `details` has the request id, the log has the rest")

CATALOGUE = tuple(each for each in globals().values() if isinstance(each, ErrorCode))
"""Every entry, in the order of the documentation."""


def chosen(code: str, status: int) -> ErrorCode:
    """The code and status that the database's own code chose with a SIGNAL. They are not in the catalogue."""
    return ErrorCode(code, status, "the database's own code chose it")
