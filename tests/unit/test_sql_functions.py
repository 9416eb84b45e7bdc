"""What the SQL of the API is made of: functions that MySQL 8.0 has, and what only one of the two servers has by name.

The literals of the program are the whole of its SQL (`api.statement`), so that reading them finds every function.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

API = Path(__file__).parents[2] / "api"
# words that a parenthesis may follow
WORDS = frozenset({
    "AGAINST", "AND", "AS", "COLUMNS", "DATETIME", "DECIMAL", "EXISTS", "FROM", "IN", "MATCH",
    "MAX_EXECUTION_TIME", "NOT", "OVER", "REFERENCES", "TIME",
})  # fmt: skip
# in MySQL 8.0.0 and MariaDB 10.6 alike, with one meaning
BOTH = frozenset({
    "AVG", "CAST", "COALESCE", "CONCAT", "CONVERT", "COUNT", "DATE", "ELT", "FIELD", "HEX", "IF", "IFNULL",
    "INSERT", "JSON_CONTAINS", "JSON_EXTRACT", "JSON_QUOTE", "JSON_SET", "JSON_TYPE", "JSON_UNQUOTE",
    "JSON_VALID", "LEFT", "LENGTH", "LOWER", "MAX", "MIN", "NULLIF", "REPLACE", "ROUND", "RTRIM", "SHA2", "SUM",
    "TO_BASE64", "TRIM", "VERSION", "WEIGHT_STRING",
})  # fmt: skip
# of MySQL, and there on every Aurora MySQL of version 3, which began as 8.0.23
SINCE = {
    "REGEXP_LIKE": (8, 0, 4),
    "UUID_TO_BIN": (8, 0, 0),
    "ROW_NUMBER": (8, 0, 2),
    "JSON_OVERLAPS": (8, 0, 17),
    "JSON_TABLE": (8, 0, 4),
}
MARIADB_ONLY = frozenset({"JSON_NORMALIZE", "JSON_EQUALS"})

_CALL = re.compile(r"\b([A-Z][A-Z0-9_]+)\s?\(")


def calls() -> dict[str, set[str]]:
    """Each function's name, and the modules that write it."""
    found: dict[str, set[str]] = {}
    for path in sorted(API.rglob("*.py")):
        if path.parent.name in ("openapi", "docs"):
            continue
        tree = ast.parse(path.read_text())
        documentation = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
                for name in _CALL.findall(node.value):
                    found.setdefault(name, set()).add(str(path.relative_to(API)))
    return found


def test_every_function_is_one_of_mysql_8_0() -> None:
    unknown = {name: where for name, where in calls().items() if name not in WORDS | BOTH | MARIADB_ONLY | set(SINCE)}
    assert unknown == {}


def test_functions_of_mariadb_stand_beside_a_branch_for_it() -> None:
    for name, where in calls().items():
        if name in MARIADB_ONLY:
            for module in where:
                assert "Dialect.M" in (API / module).read_text(), (name, module)


def test_nothing_is_newer_than_the_first_aurora_version_3() -> None:
    assert all(version <= (8, 0, 23) for version in SINCE.values())
