"""What MySQL's and MariaDB's error numbers mean to a client: one table to SQLSTATE codes and HTTP statuses.

A status below 500 is the request's fault, and the server's own words are passed on, without user, host and row number
(a bulk insert is several statements, so MySQL's row number would mislead). From 500 up the fault is not the
request's: the client gets fixed words, and the server's text goes to the log with the error that is the cause of the
`ApiError`.

Numbers: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and
https://mariadb.com/kb/en/mariadb-error-code-reference/; 9501 is RDS Proxy's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from api.database import raised
from api.errors import ApiError, codes, invalid_value, shorten

RETRY_AFTER_SECONDS = 1
"""`Retry-After` when the database is busy: RDS Proxy's queue moves within a second."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The entry of the error catalogue, with a hint if one helps.

    `message` replaces the server's words; None passes them on.
    """

    error: codes.ErrorCode
    message: str | None = None
    hint: str | None = None
    retry: bool = False


_UNIQUE = Meaning(codes.UNIQUE_VIOLATION)
_REFERENCED = Meaning(codes.FOREIGN_KEY_VIOLATION)
_NOT_NULL = Meaning(codes.NOT_NULL_VIOLATION)
_CHECK = Meaning(codes.CHECK_VIOLATION)
_TOO_LONG = Meaning(codes.TOO_LONG)
_OUT_OF_RANGE = Meaning(codes.OUT_OF_RANGE)
_INVALID_VALUE = Meaning(codes.INVALID_VALUE)
_INVALID_DATE = Meaning(codes.INVALID_DATETIME)
_INVALID_TEXT = Meaning(codes.INVALID_CHARACTER)
_PATTERN = Meaning(
    codes.INVALID_REGULAR_EXPRESSION, hint="Patterns are ICU regular expressions on MySQL and PCRE on MariaDB."
)
_FORBIDDEN = Meaning(
    codes.NO_PRIVILEGE, hint="The account of this request lacks a privilege; an administrator can grant it."
)
_NO_ROUTINE = Meaning(codes.ROUTINE_GONE)
_NOT_WRITABLE = Meaning(
    codes.NOT_SUPPORTED, hint="A view is writable when each of its rows is exactly one row of one table."
)
_GENERATED = Meaning(codes.GENERATED_COLUMN, hint="Leave generated columns out; the database computes them.")
_GROUPING = Meaning(codes.GROUPING_ERROR)
_COLLATION = Meaning(codes.COLLATION_MISMATCH)
_GEOMETRY = Meaning(codes.INVALID_VALUE, hint="A geometry is a GeoJSON object, with longitude before latitude.")
_NO_DISTANCE = Meaning(
    codes.UNDEFINED_FUNCTION, hint="dwithin measures from points; filter other geometries by intersects."
)
_DEFECTIVE = Meaning(
    codes.ROUTINE_FAULT, hint="A routine, trigger or view of the database is at fault; whoever wrote it can mend it."
)
_LOCKED = Meaning(
    codes.LOCK_NOT_AVAILABLE, "Another transaction holds a lock on the same rows for too long", retry=True
)
_DEADLOCK = Meaning(codes.DEADLOCK, "Transactions kept waiting for each other; this one was rolled back", retry=True)
_CONFLICT = Meaning(
    codes.SERIALIZATION_FAILURE, "The data changed while the transaction ran; it was rolled back", retry=True
)
_NO_DEFINER = Meaning(
    codes.ROUTINE_FAULT,
    "The account that defined a view, routine or trigger no longer exists",
    "An administrator can define it again.",
)
_TIMEOUT = Meaning(
    codes.TIMEOUT,
    "The statement took longer than this server allows, and was cancelled",
    "Ask for fewer rows, or filter and order by indexed columns.",
)
_BUSY = Meaning(codes.TOO_MANY_CONNECTIONS, "The database has no free connection", retry=True)
_FULL = Meaning(codes.OUT_OF_MEMORY, "The database is short of memory or disk space", retry=True)
_LOST = Meaning(codes.CONNECTION_FAILURE, "The database cannot be reached at the moment", retry=True)
_STANDBY = Meaning(codes.STANDBY, "The database accepts no writes at the moment", retry=True)
_LOGIN = Meaning(codes.LOGIN_REFUSED, "The database refused this server's login")
_UNSORTABLE = Meaning(
    codes.TOO_LARGE, "The rows hold values that are too long for the database to sort by", "Order by another column."
)
_TOO_LARGE = Meaning(codes.TOO_LARGE, hint="Ask for fewer or smaller rows; the database limits the size of one value.")

LOST_CONNECTION = frozenset(
    {0, 2000, 2002, 2003, 2006, 2012, 2013, 2014, 2026, 2027, 2055, 1053, 1077, 1079, 1080, 1152}
    | {1158, 1159, 1160, 1161, 1184, 1927, 3032, 3169, 4031}
)
"""After these errors the connection is unusable. 0 is PyMySQL's number for a closed connection; 2014 and 2027 mean that
client and server are out of step; with 1053 to 4031 the server closes it (shutdown, kill, idle for too long)."""

NOT_SENT = frozenset({0, 2006})
"""Raised before the whole statement was handed to the network, so that the server cannot run it."""

UNREACHABLE = frozenset({2000, 2002, 2003, 2026})
"""Those of a connection that could not be opened. Another attempt would take as long again."""

ROLLED_BACK = frozenset({1020, 1205, 1213, 1412})
"""The server rolled back the transaction (1205: the statement). The same work may succeed when repeated."""

STANDBY = frozenset({1290, 1836})
"""The server is read-only: the old writer after a failover, to which this connection still leads."""

BUSY = frozenset({1040, 1203, 1226, 9501})
"""No connection was available; nothing ran."""

LOCKED = frozenset({1205, 3572})
"""Another transaction holds a lock: for too long, or at all (NOWAIT)."""

NO_TABLE = frozenset({1142, 1146})
"""The table does not exist, or the account may not know whether it does."""

DATABASE_DENIED = 1044
NO_SAVEPOINT = 1305
DUPLICATE_KEY = 1062
UNKNOWN_VARIABLE = 1193
NO_SUCH_THREAD = 1094

CANCELLED = frozenset({1317, 1969, 3024})
"""The statement was cancelled by its time limit or by an administrator."""


def table() -> Iterator[tuple[Meaning, set[int]]]:
    """The rows of the table: a meaning, and the numbers that have it."""
    yield _UNIQUE, {1022, DUPLICATE_KEY, 1169, 1557, 1586, 1859}
    yield _REFERENCED, {1216, 1217, 1451, 1452, 1761, 1762}
    yield _NOT_NULL, {1048, 1263, 1364, 1423, 1566}
    yield _CHECK, {1526, 3819, 4025}
    yield (
        Meaning(
            codes.VIEW_CHECK_VIOLATION, hint="The row would not be visible in the view that it is written through."
        ),
        {1369},
    )
    yield _TOO_LONG, {1406}
    yield _OUT_OF_RANGE, {1264, 1690, 3048, 3616, 3617}
    yield Meaning(codes.DIVISION_BY_ZERO), {1365}
    yield _INVALID_VALUE, {1265, 1366, 3140, 3141, 3144, 3146, 3147, 3153, 3156, 3157, 3903, 4036, 4037, 4038}
    yield Meaning(codes.INVALID_VALUE, hint="A JSON path has keys and array positions: data->a->0."), {3143, 3149, 4042}
    yield _NO_DISTANCE, {3034, 3704}
    yield _GEOMETRY, {1416, 3033, 3037, 3055, 3070, 3071, 3072, 3073, 3074, 3075, 3076, 3516, 3548, 3643}
    yield _GEOMETRY, {4048, 4049, 4050, 4079}
    yield _INVALID_DATE, {1292, 1411, 1441, 1525}
    yield _INVALID_TEXT, {1300, 1977, 3854, 3988}
    yield _PATTERN, {1139, 3887, *range(3685, 3701)}
    yield Meaning(codes.INVALID_PARAMETER), {1210, 1231, 1298}
    yield _COLLATION, {1253, 1267, 1270, 1271, 3995}
    yield Meaning(codes.UNDEFINED_COLUMN), {1054}
    yield Meaning(codes.AMBIGUOUS_COLUMN), {1052}
    yield Meaning(codes.DUPLICATE_COLUMN), {1110}
    yield Meaning(codes.CARDINALITY_VIOLATION), {1242}
    yield _GROUPING, {1055, 1056, 1111, 1140, 3029}
    yield Meaning(codes.TABLE_GONE), {1051, 1146}
    yield _FORBIDDEN, {1044, 1142, 1143, 1227, 1370, 1410}
    yield _NO_ROUTINE, {1305, 1318, 1582, 1630}
    yield _GENERATED, {1348, 1906, 3105}
    yield _NOT_WRITABLE, {1235, 1288, 1393, 1394, 1395, 1471}
    yield (
        Meaning(codes.UNDEFINED_OBJECT, hint="Full-text operators need a FULLTEXT index on exactly this column."),
        {1191},
    )
    yield Meaning(codes.RAISED), {1643, 1644}
    yield _DEFECTIVE, {1050, 1172, 1312, 1321, 1324, 1325, 1326, 1328, 1329, 1339, 1356, 1362, 1414, 1415, 1424}
    yield _DEFECTIVE, {1442, 1443, 1444, 1445, 1456}
    yield _NO_DEFINER, {1449}
    yield Meaning(codes.READ_ONLY, "A GET request may not change data", "Call it with POST."), {1792}
    yield _TOO_LARGE, {1118, 1153, 1301, 2020}
    yield Meaning(codes.TRANSACTION_ENDED), {1336, 1422}
    yield _LOCKED, {1099, 1205, 1223, 3572}
    yield _DEADLOCK, {1213}
    yield _CONFLICT, {1020, 1412}
    yield _TIMEOUT, set(CANCELLED)
    yield _BUSY, set(BUSY)
    yield _UNSORTABLE, {1038}
    yield _FULL, {3, 1021, 1026, 1037, 1041, 1114, 1206}
    yield _STANDBY, set(STANDBY)
    yield _LOGIN, {1045, 1049, 1130, 1698, 3159, 3118, 4151, 2059, 2061}
    yield _LOST, set(LOST_CONNECTION)


MEANINGS: Mapping[int, Meaning] = MappingProxyType(
    {number: meaning for meaning, numbers in table() for number in numbers}
)
"""Every error number that has a meaning here; any other is `XX000`, 500."""

_RAISED = Meaning(codes.RAISED)
_UNKNOWN = Meaning(codes.INTERNAL_ERROR, "The database refused a statement of this server")


def number(error: BaseException) -> int:
    """The error's number, or -1 if it has none."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else -1


def timed_out(error: BaseException) -> bool:
    """Whether a socket timeout broke the connection: the server was too slow, not unreachable.

    PyMySQL reports both as a lost connection, and raises it while it handles the `TimeoutError`.
    """
    return number(error) in (2006, 2013) and isinstance(error.__context__, TimeoutError)


def is_undecided(error: BaseException) -> bool:
    """Whether a statement that commits by itself may have been executed although it failed: it was sent, and no
    server's refusal that is known here came back."""
    found = number(error)
    if found in LOST_CONNECTION:
        return found not in NOT_SENT
    return found not in MEANINGS and getattr(error, "sqlstate", None) != "45000"


def meaning_of(error: BaseException) -> Meaning:
    """The error's row of the table.

    A routine's SIGNAL may carry any number, but 45000 as its SQLSTATE: "unhandled user-defined exception". The
    SQLSTATEs `PTxyz` and `PGRST` choose the answer (`api.database.raised`).
    """
    if raised.chooses_answer(getattr(error, "sqlstate", None)):
        return _RAISED
    found = MEANINGS.get(number(error))
    if found is _LOST and timed_out(error):
        return _TIMEOUT
    if number(error) == _ENGINE_ERROR and _NO_SPACE in str(error.args[1:]):
        return _FULL
    if found is None or found.error.status >= 500:
        return _RAISED if getattr(error, "sqlstate", None) == "45000" else found or _UNKNOWN
    return found


_ENGINE_ERROR = 1030
_NO_SPACE = "error 28"
"""What a storage engine returns on a full disk: ENOSPC."""


def for_log(error: BaseException) -> str:
    """A driver's error for the log: its class, number and message, without quoted parts, which may contain data.

    `infra.metrics` counts the lines with 9501.
    """
    text = str(error.args[-1]) if error.args else ""
    state = getattr(error, "sqlstate", None)
    if state is not None:  # the server's message; the driver's own messages quote only host names
        text = _QUOTED.sub(r"\g<1>...\g<1>", text)
    return f"{type(error).__name__}({number(error)}, {shorten(text, 500)!r}{f', {state}' if state else ''})"


def translate(error: BaseException) -> ApiError:
    """The error that a client gets for an error of the driver. Raise it `from` that one, which only the log shows."""
    meaning = meaning_of(error)
    state = getattr(error, "sqlstate", None)
    if state is not None and raised.chooses_answer(state):
        return raised.answer(state, str(error.args[1]))
    text = _clean(str(error.args[1])) if len(error.args) > 1 else ""
    if meaning.error != codes.RAISED:
        text = _DATABASE.sub(r"\1 \2", text)
    refused = _refused_cast(text)
    if refused is not None:
        return refused
    message, details = meaning.message, None
    if meaning is _UNIQUE:
        message, details = _duplicate(error, text)
    elif meaning is _REFERENCED:
        message, details = _foreign_key(text)
    elif meaning is _FORBIDDEN:
        message, details = _denied(text)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if meaning.retry else {}
    return ApiError(meaning.error, message or text, details, meaning.hint, headers)


def outcome_unknown() -> ApiError:
    """08007: the connection broke after the COMMIT, or the only statement, was sent, so nobody can say whether the
    changes are stored.

    No `Retry-After`: to repeat the request blindly might store them twice.
    """
    return ApiError(
        codes.OUTCOME_UNKNOWN,
        "The connection to the database broke while the changes were being committed",
        "They may or may not be stored: all of them, or none.",
        "Read the rows before you repeat the request.",
    )


def time_is_up(seconds: float) -> ApiError:
    """57014: the whole request took too long, though none of its statements did."""
    return ApiError(
        codes.TIMEOUT,
        f"The request took longer than the {seconds:.0f} s that it has",
        "Nothing is stored.",
        "Ask for fewer rows, or write fewer at a time.",
    )


def call_timed_out() -> ApiError:
    """57014: a procedure took too long. Its connection is closed, so the server rolls back its transaction."""
    return ApiError(
        codes.TIMEOUT,
        "The procedure took longer than this server allows",
        "Nothing is stored, unless the procedure commits by itself.",
        "Let it do less at a time.",
    )


def not_utf8() -> ApiError:
    """22021: a string contains half of a surrogate pair, which no character set can store."""
    return ApiError(
        codes.INVALID_CHARACTER, "A text of the request holds characters that cannot be stored (lone surrogates)"
    )


_QUOTED = re.compile(r"(['\"`]).*\1", re.DOTALL)
_ROW = re.compile(r" at row \d+$")
_USER = re.compile(r" (?:to|for) user '[^']*'@'[^']*'")
_DATABASE = re.compile(
    r"\b(function|procedure|routine|table|trigger|view) (?:(['`])[^'`.]+(?:`\.`|\.)|[^\s'`.]+\.)", re.IGNORECASE
)
"""A database's name in front of an object's. It may be hidden from the client."""
_DUPLICATE = re.compile(r"^Duplicate entry '(?P<value>.*)' for key '(?P<key>[^']*)'$", re.DOTALL)
_CAST = re.compile(r"^Incorrect string value: '@(?P<type>[a-z ]+):(?P<text>.*)' for function uuid_to_bin$", re.DOTALL)
_CAST_FAILED = re.compile(
    r"^Invalid JSON text in argument 1 to function cast_as_json: |"
    r"^Syntax error in JSON text in argument 1 to function 'JSON_TABLE' at position [12]$"
)
_CAST_HINT = "Filter such rows out, or select the column without the cast."
_DENIED = re.compile(
    r"\bdenied\b.*? (?:in|for) (?P<kind>table|routine) (?:'(?P<name>.+)'|`(?P<quoted>(?:[^`]|``)+)`)\Z", re.DOTALL
)
_CONSTRAINT = re.compile(
    r"\((?:`(?P<schema>(?:[^`]|``)*)`\.)?`(?P<table>(?:[^`]|``)*)`, CONSTRAINT `(?P<name>(?:[^`]|``)*)` "
    r"FOREIGN KEY \((?P<columns>.*?)\) REFERENCES (?:`(?:[^`]|``)*`\.)?`(?P<target>(?:[^`]|``)*)`"
)


def _clean(text: str) -> str:
    return shorten(_USER.sub("", _ROW.sub("", text)), 500)


def _refused_cast(text: str) -> ApiError | None:
    """The error of a cast. `api.sql.casts` makes the server raise it for a string that is not a value of the type."""
    found = _CAST.match(text)
    if found is None:
        message = "Some row's text cannot be cast to this type"
        return ApiError(codes.INVALID_VALUE, message, hint=_CAST_HINT) if _CAST_FAILED.match(text) else None
    refused = invalid_value(found["type"], found["text"])
    return ApiError(refused.error, refused.message, hint=_CAST_HINT)


class Duplicate(NamedTuple):
    """What the server says about a duplicate: the table (not on MariaDB), the key, and the values as one text."""

    table: str | None
    key: str
    values: str


def duplicate_of(error: BaseException) -> Duplicate | None:
    """What a driver's error says about a duplicate; None for any other error."""
    found = _DUPLICATE.match(str(error.args[1])) if len(error.args) > 1 else None
    if found is None:
        return None
    table, _, key = found["key"].rpartition(".")
    return Duplicate(table or None, key, found["value"])


def _duplicate(error: BaseException, text: str) -> tuple[str, str | None]:
    """The message and details of a duplicate, where the key's columns are unknown."""
    found = duplicate_of(error)
    if found is None:
        return text, None
    message = f'duplicate key value violates unique constraint "{found.key}"'
    return message, f'The key "{found.key}" already has the value {shorten(found.values)}.'


def _denied(text: str) -> tuple[str, str | None]:
    """In PostgreSQL's words; the server's own, which name the privilege and the column, are the details."""
    found = _DENIED.search(text)
    if found is None:
        return text, None
    name = found["name"] or found["quoted"].replace("``", "`")
    return f"permission denied for {found['kind']} {name}", text


def _foreign_key(text: str) -> tuple[str, str | None]:
    found = _CONSTRAINT.search(text)
    if found is None:
        return text, None
    table, name, target = (found[group].replace("``", "`") for group in ("table", "name", "target"))
    columns = found["columns"].replace("`", "")
    if "parent row" in text:
        message = f'update or delete on table "{target}" violates foreign key constraint "{name}" on table "{table}"'
        return message, f'The row is still referenced from table "{table}" ({columns}).'
    message = f'insert or update on table "{table}" violates foreign key constraint "{name}"'
    return message, f'The key ({columns}) is not present in table "{target}".'
