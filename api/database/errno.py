"""What MySQL's and MariaDB's error numbers mean: one table to SQLSTATE codes and HTTP statuses.

Numbers: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and
https://mariadb.com/kb/en/mariadb-error-code-reference/; 9501 is RDS Proxy's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from api.database import raised
from api.errors import codes


@dataclass(frozen=True, slots=True)
class Meaning:
    """The entry of the error catalogue, with a hint if one helps.

    `message` replaces the server's words; None passes them on.
    """

    error: codes.ErrorCode
    message: str | None = None
    hint: str | None = None
    retry: bool = False


_PATTERN = Meaning(
    codes.INVALID_REGULAR_EXPRESSION, hint="Patterns are ICU regular expressions on MySQL and PCRE on MariaDB."
)
_FORBIDDEN = Meaning(
    codes.NO_PRIVILEGE, hint="The account of this request lacks a privilege; an administrator can grant it."
)
_NOT_WRITABLE = Meaning(
    codes.NOT_SUPPORTED, hint="A view is writable when each of its rows is exactly one row of one table."
)
_GENERATED = Meaning(codes.GENERATED_COLUMN, hint="Leave generated columns out; the database computes them.")
_GEOMETRY = Meaning(codes.INVALID_VALUE, hint="A geometry is a GeoJSON object, with longitude before latitude.")
_NO_DISTANCE = Meaning(
    codes.UNDEFINED_FUNCTION, hint="dwithin measures from points; filter other geometries by intersects."
)
_DEFECTIVE = Meaning(
    codes.ROUTINE_FAULT, hint="A routine, trigger or view of the database is at fault. Its author can fix it."
)
_LOCKED = Meaning(codes.LOCK_NOT_AVAILABLE, "Another transaction has locked the same rows for too long", retry=True)
_DEADLOCK = Meaning(codes.DEADLOCK, "Transactions were waiting for each other, so this one was rolled back", retry=True)
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
    codes.TOO_LARGE, "Some values are too long for the database to sort by", "Order by another column."
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
    yield Meaning(codes.UNIQUE_VIOLATION), {1022, DUPLICATE_KEY, 1169, 1557, 1586, 1859}
    yield Meaning(codes.FOREIGN_KEY_VIOLATION), {1216, 1217, 1451, 1452, 1761, 1762}
    yield Meaning(codes.NOT_NULL_VIOLATION), {1048, 1263, 1364, 1423, 1566}
    yield Meaning(codes.CHECK_VIOLATION), {1526, 3819, 4025}
    yield (
        Meaning(
            codes.VIEW_CHECK_VIOLATION, hint="The row would not be visible in the view that it is written through."
        ),
        {1369},
    )
    yield Meaning(codes.TOO_LONG), {1406}
    yield Meaning(codes.OUT_OF_RANGE), {1264, 1690, 3048, 3616, 3617}
    yield Meaning(codes.DIVISION_BY_ZERO), {1365}
    yield (
        Meaning(codes.INVALID_VALUE),
        {1265, 1366, 3140, 3141, 3144, 3146, 3147, 3153, 3156, 3157, 3903, 4036, 4037, 4038},
    )
    yield Meaning(codes.INVALID_VALUE, hint="A JSON path has keys and array positions: data->a->0."), {3143, 3149, 4042}
    yield _NO_DISTANCE, {3034, 3704}
    yield _GEOMETRY, {1416, 3033, 3037, 3055, 3070, 3071, 3072, 3073, 3074, 3075, 3076, 3516, 3548, 3643}
    yield _GEOMETRY, {4048, 4049, 4050, 4079}
    yield Meaning(codes.INVALID_DATETIME), {1292, 1411, 1441, 1525}
    yield Meaning(codes.INVALID_CHARACTER), {1300, 1977, 3854, 3988}
    yield _PATTERN, {1139, 3887, *range(3685, 3701)}
    yield Meaning(codes.INVALID_PARAMETER), {1210, 1231, 1298}
    yield Meaning(codes.COLLATION_MISMATCH), {1253, 1267, 1270, 1271, 3995}
    yield Meaning(codes.UNDEFINED_COLUMN), {1054}
    yield Meaning(codes.AMBIGUOUS_COLUMN), {1052}
    yield Meaning(codes.DUPLICATE_COLUMN), {1110}
    yield Meaning(codes.CARDINALITY_VIOLATION), {1242}
    yield Meaning(codes.GROUPING_ERROR), {1055, 1056, 1111, 1140, 3029}
    yield Meaning(codes.TABLE_GONE), {1051, 1146}
    yield _FORBIDDEN, {1044, 1142, 1143, 1227, 1370, 1410}
    yield Meaning(codes.ROUTINE_GONE), {1305, 1318, 1582, 1630}
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
