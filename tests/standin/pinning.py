"""Which statements make RDS Proxy pin a session to one database connection for the rest of its life.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html
"""

from __future__ import annotations

import re

LONGEST_BYTES = 16 * 1024

# fmt: off
_TRACKED = frozenset(
    {
        "autocommit", "auto_increment_increment", "character_set_client", "character_set_database",
        "character_set_filesystem", "character_set_connection", "character_set_results",
        "character_set_server", "collation_connection", "collation_database", "collation_server",
        "interactive_timeout", "net_write_timeout", "query_cache_type", "session_track_schema", "sql_mode",
        "time_zone", "transaction_isolation", "tx_isolation", "transaction_read_only", "tx_read_only",
        "wait_timeout",
    }
)
# fmt: on

_EXECUTABLE_COMMENT = re.compile(r"/\*M?!")
_OPAQUE = re.compile(
    r"""'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | `(?:[^`]|``)*` | /\*.*?\*/ | --\s[^\n]* | \#[^\n]*""",
    re.DOTALL | re.VERBOSE,
)
_FEATURES = tuple(
    (re.compile(pattern, re.IGNORECASE), reason)
    for pattern, reason in (
        (r"(?<![@\w])@(?![@\s])", "user variable"),
        (r"^\s*(?:PREPARE|EXECUTE|DEALLOCATE)\b", "prepared statement"),
        (r"^\s*LOCK\s+TABLES?\b", "LOCK TABLES"),
        (r"^\s*FLUSH\s+TABLES\s+WITH\s+READ\s+LOCK", "FLUSH TABLES WITH READ LOCK"),
        (r"\bGET_LOCK\s*\(", "GET_LOCK"),
        (r"\bCREATE\s+TEMPORARY\s+TABLE\b", "temporary table"),
        (r"\b(?:ROW_COUNT|FOUND_ROWS)\s*\(", "ROW_COUNT or FOUND_ROWS"),
        (r"\bSQL_CALC_FOUND_ROWS\b", "SQL_CALC_FOUND_ROWS"),
        (r"^\s*SET\s+(?:SESSION\s+)?TRANSACTION\b", "SET TRANSACTION"),
    )
)
_ONE_STATEMENT = re.compile(r"^\s*SET\s+STATEMENT\b.*?\bFOR\b", re.IGNORECASE | re.DOTALL)
_NAMES = re.compile(r"^\s*SET\s+(?:NAMES|CHARACTER\s+SET|CHARSET)\b", re.IGNORECASE)
_SET = re.compile(r"^\s*SET\b(?P<assignments>.*)", re.IGNORECASE | re.DOTALL)
_VARIABLE = re.compile(r"^\s*(?:@@)?(?:(?:SESSION|LOCAL|GLOBAL)[\s.]+)?(\w+)\s*:?=", re.IGNORECASE)


def pinning_reason(text: str) -> str | None:
    """Why a statement pins its session; None where it does not.

    MariaDB's `SET STATEMENT ... FOR` is judged by what follows it: it changes nothing of the session, and the
    deployed MySQL never sees one.
    """
    if len(text.encode()) > LONGEST_BYTES:
        return f"text over {LONGEST_BYTES} bytes"
    bare = _OPAQUE.sub(lambda found: "/*!" if _EXECUTABLE_COMMENT.match(found[0]) else "''", text)
    if _EXECUTABLE_COMMENT.search(bare):
        return "executable comment"
    bare = _ONE_STATEMENT.sub("", bare)
    for pattern, reason in _FEATURES:
        if pattern.search(bare):
            return reason
    found = _SET.match(bare)
    if found is not None and _NAMES.match(bare) is None:
        return _untracked(found["assignments"])
    return None


def _untracked(assignments: str) -> str | None:
    for assignment in assignments.split(","):
        found = _VARIABLE.match(assignment)
        if found is None or found[1].lower() not in _TRACKED:
            return f"SET of what is not tracked:{assignment}"
    return None
