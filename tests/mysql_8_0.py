"""The functions and the syntax that the API's statements may use: those of MySQL 8.0, as in Aurora MySQL 3."""

from __future__ import annotations

import re

# Words that a parenthesis may follow
WORDS = frozenset({
    "AGAINST", "ALL", "AND", "AS", "BY", "CASE", "CHAR", "COLUMNS", "DATETIME", "DECIMAL", "DISTINCT", "ELSE", "EXISTS",
    "FROM", "HAVING", "IN", "INTO", "JOIN", "LIKE", "LIMIT", "MATCH", "MAX_EXECUTION_TIME", "NOT", "ON", "OR", "OVER",
    "REFERENCES", "REGEXP", "SELECT", "SET", "THEN", "TIME", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WITH",
})  # fmt: skip
# In both MySQL 8.0.0 and MariaDB 10.6, with the same meaning
BOTH = frozenset({
    "ABS", "AVG", "CAST", "BIT_COUNT", "CHAR_LENGTH", "COALESCE", "COERCIBILITY", "COLLATION", "CONCAT", "CONCAT_WS", "CONVERT", "COUNT", "CURRENT_USER", "DATE", "DATE_FORMAT", "ELT", "FIELD", "FIND_IN_SET", "GROUP_CONCAT", "HEX", "IF", "IFNULL",
    "INSERT", "JSON_CONTAINS", "JSON_EXTRACT", "JSON_QUOTE", "JSON_SET", "JSON_TYPE", "JSON_UNQUOTE",
    "JSON_VALID", "LEFT", "LENGTH", "LOWER", "MAX", "MIN", "NULLIF", "REPLACE", "ROUND", "RTRIM", "SHA2", "SUBSTRING", "SUM",
    "SYSDATE", "TO_BASE64", "TRIM", "UNIX_TIMESTAMP", "UTC_TIMESTAMP", "VERSION", "WEIGHT_STRING",
})  # fmt: skip
# Only in MySQL, and in every Aurora MySQL version 3, which started with 8.0.23
SINCE = {
    "REGEXP_LIKE": (8, 0, 4),
    "UUID_TO_BIN": (8, 0, 0),
    "ROW_NUMBER": (8, 0, 2),
    "JSON_OVERLAPS": (8, 0, 17),
    "JSON_TABLE": (8, 0, 4),
    "ST_SRID": (8, 0, 0),
}
# Sent only by tests, through the API's own sessions.
OF_TESTS = frozenset({"CONNECTION_ID", "REPEAT", "SLEEP"})
MARIADB_ONLY = frozenset({"JSON_NORMALIZE", "JSON_EQUALS"})

CALL = re.compile(r"\b([A-Z][A-Z0-9_]+)\s?\(")

# Literals and quoted names, which may contain anything.
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`", re.DOTALL)
# Only in MySQL after 8.0.23, or only in MariaDB.
_NEWER = re.compile(r"\b(?:RETURNING|INTERSECT|EXCEPT|QUALIFY|SET STATEMENT|MINUS)\b")


def unknown_syntax(text: str, *, mariadb: bool) -> str | None:
    """What MySQL 8.0 would not understand in a statement; None: nothing. MariaDB's own words are let pass there.

    >>> unknown_syntax("SELECT CONCAT(`RETURNING`,'EXCEPT(') FROM t", mariadb=False)
    >>> unknown_syntax("INSERT INTO t VALUES (1) RETURNING id", mariadb=False)
    'RETURNING'
    >>> unknown_syntax("SELECT JSON_NORMALIZE(a)", mariadb=False), unknown_syntax("SELECT JSON_NORMALIZE(a)", mariadb=True)
    ('JSON_NORMALIZE', None)
    """
    bare = _QUOTED.sub("''", text)
    known = WORDS | BOTH | SINCE.keys() | OF_TESTS | (MARIADB_ONLY if mariadb else frozenset())
    unknown: str | None = next((name for name in CALL.findall(bare) if name not in known), None)
    if unknown is not None:
        return unknown
    newer = _NEWER.search(bare)
    return None if newer is None or (mariadb and newer[0] == "SET STATEMENT") else str(newer[0])
