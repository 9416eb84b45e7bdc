"""What a statement does to its session, as RDS Proxy sees it: whether it pins the session to one database connection
for the rest of its life, and which of the settings that the proxy tracks it changes.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html

Where that page leaves something open the answer here is the stricter one: a SET of GLOBAL or PERSIST scope pins, and
so does `SET SESSION TRANSACTION`, which the page does not list. `LAST_INSERT_ID()` was on the list of functions that
"sometimes" pin until 2023 and is not on it any more: it does not pin here, so it is answered by whichever connection
comes next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

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
_OF_TRANSACTIONS = frozenset({"transaction_isolation", "tx_isolation", "transaction_read_only", "tx_read_only"})
"""`SET @@name`, without a scope, is for the next transaction only:
https://dev.mysql.com/doc/refman/8.4/en/set-transaction.html"""

_EXECUTABLE_COMMENT = re.compile(r"/\*M?!")
_OPAQUE = re.compile(
    r"""(?P<string>'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*") | (?P<name>`(?:[^`]|``)*`)
    | /\*.*?(?:\*/|\Z) | --(?=[\s\x00-\x1f]|\Z)[^\n]* | \#[^\n]*""",
    re.DOTALL | re.VERBOSE,
)
_FEATURES = tuple(
    (re.compile(pattern, re.IGNORECASE), reason)
    for pattern, reason in (
        (r"(?<![@\w])@(?!@)", "user variable"),
        (r"^\s*(?:PREPARE|EXECUTE|DEALLOCATE|DROP\s+PREPARE)\b", "prepared statement"),
        (r"^\s*LOCK\s+TABLES?\b", "LOCK TABLES"),
        (r"^\s*FLUSH\b.*\bWITH\s+READ\s+LOCK\b", "FLUSH TABLES WITH READ LOCK"),
        (r"\bGET_LOCK\s*\(", "GET_LOCK"),
        (r"\bCREATE\s+(?:OR\s+REPLACE\s+)?TEMPORARY\b", "temporary table"),
        (r"\b(?:ROW_COUNT|FOUND_ROWS)\s*\(", "ROW_COUNT or FOUND_ROWS"),
        (r"\bSQL_CALC_FOUND_ROWS\b", "SQL_CALC_FOUND_ROWS"),
    )
)
_ONE_STATEMENT = re.compile(r"^\s*SET\s+STATEMENT\b.*?\bFOR\b", re.IGNORECASE | re.DOTALL)
_SET = re.compile(r"^\s*SET\b(?P<assignments>.*)", re.IGNORECASE | re.DOTALL)
_ONE_ROW = re.compile(r"\s*INSERT\b(?:(?!\)\s*,\s*\().)*\Z", re.IGNORECASE | re.DOTALL)
_USE = re.compile(r"^\s*USE\s+(?:`(?P<quoted>(?:[^`]|``)*)`|(?P<plain>[^\s`]+))\s*$", re.IGNORECASE)
_NAMES = re.compile(r"\s*(?P<what>NAMES|CHARACTER\s+SET|CHARSET)\b\s*(?P<value>.*)", re.IGNORECASE | re.DOTALL)
_VARIABLE = re.compile(
    r"\s*(?P<at>@@)?(?:(?P<scope>SESSION|LOCAL|GLOBAL|PERSIST|PERSIST_ONLY)(?:\s*\.\s*|\s+))?"
    r"(?P<name>\w+|`\w+`)\s*:?=\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_PIECE = re.compile(r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|[(),]|[^'"(),]+""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a statement does to its session, once the database has accepted it.

    `pins`: why it pins; None if it does not. `settings`: the tracked variables that it sets, by name, each as it
    was written. `database`: the one that USE changes to.
    """

    pins: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    database: str | None = None


NOTHING = Effect()


def pinning_reason(text: str) -> str | None:
    """Why a statement pins its session; None if it does not."""
    return effect_of(text).pins


def is_unavoidable(text: str) -> bool:
    """Whether a long text could not have been two: one value is half of a statement's size, or it is a single row.

    >>> is_unavoidable("SELECT 1 FROM t WHERE a = '" + "x" * 17_000 + "'")
    True
    >>> is_unavoidable("INSERT INTO t VALUES (" + "'x'," * 6_000 + "'x')")
    True
    >>> is_unavoidable("INSERT INTO t VALUES " + "('x')," * 3_000)
    False
    """
    literals = (found["string"] for found in _OPAQUE.finditer(text) if found["string"])
    longest = max((len(literal.encode()) for literal in literals), default=0)
    return longest >= LONGEST_BYTES * 0.48 or _ONE_ROW.match(_OPAQUE.sub(_shown_bare, text)) is not None


def effect_of(text: str) -> Effect:
    """Read a statement.

    MariaDB's `SET STATEMENT ... FOR` is judged by what follows it: it does not change the session, and the
    deployed MySQL never sees one.
    """
    if len(text.encode()) > LONGEST_BYTES:
        return Effect(f"text over {LONGEST_BYTES} bytes")
    if any(_EXECUTABLE_COMMENT.match(found[0]) for found in _OPAQUE.finditer(text)):
        return Effect("executable comment")
    bare = _ONE_STATEMENT.sub("", _OPAQUE.sub(_shown_bare, text))
    for pattern, reason in _FEATURES:
        if pattern.search(bare):
            return Effect(reason)
    plain = _OPAQUE.sub(_without_comment, text)
    found = _SET.match(plain) if _SET.match(bare) else None
    if found is not None:
        return _set(found["assignments"])
    used = _USE.match(plain)
    if used is not None:
        return Effect(database=used["plain"] or used["quoted"].replace("``", "`"))
    return NOTHING


def _shown_bare(found: re.Match[str]) -> str:
    """Nothing for a string or a quoted name; a comment parts words as a blank does."""
    return "''" if found["string"] else "``" if found["name"] else " "


def _without_comment(found: re.Match[str]) -> str:
    return found[0] if found["string"] or found["name"] else " "


def _set(assignments: str) -> Effect:
    settings: dict[str, str] = {}
    scope = "session"
    for assignment in _parts(assignments):
        names = _NAMES.match(assignment)
        if names is not None:
            settings["names"] = f"{names['what'].lower()} {_value(names['value'])}"
            continue
        found = _VARIABLE.match(assignment)
        if found is None:
            return Effect(f"SET of what is not tracked: {assignment.strip()}")
        name = found["name"].strip("`").lower()
        if found["scope"]:
            # MySQL's rule: a scope holds for the variables after it that have none
            scope = found["scope"].lower()
        elif found["at"] and name in _OF_TRANSACTIONS:
            return Effect(f"{name} of the next transaction only")
        if scope not in ("session", "local") or name not in _TRACKED:
            return Effect(f"SET of what is not tracked: {assignment.strip()}")
        settings[name] = _value(found["value"])
    return Effect(settings=settings)


def _parts(assignments: str) -> Iterator[str]:
    """The assignments between the commas that are in no string and no parentheses."""
    part, depth = "", 0
    for piece in _PIECE.findall(assignments):
        if piece == "," and not depth:
            yield part
            part = ""
            continue
        depth += {"(": 1, ")": -1}.get(piece, 0)
        part += piece
    yield part


def _value(text: str) -> str:
    """A value in the form that two sessions are compared by."""
    return text.strip().rstrip(";").strip().strip("'\"").lower()
