"""The SQL functions that the API uses exist in MySQL 8.0; those that only one server has are used in a branch for it.

All SQL of the program is in its string literals (`api.statement`), so scanning them finds every function.
"""

from __future__ import annotations

import ast
from pathlib import Path

from tests.mysql_8_0 import BOTH, CALL, MARIADB_ONLY, SINCE, WORDS

API = Path(__file__).parents[2] / "api"


def calls() -> dict[str, set[str]]:
    """The name of each function, and the modules that use it."""
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
                for name in CALL.findall(node.value):
                    found.setdefault(name, set()).add(str(path.relative_to(API)))
    return found


def test_every_function_exists_in_mysql_8_0() -> None:
    unknown = {name: where for name, where in calls().items() if name not in WORDS | BOTH | MARIADB_ONLY | set(SINCE)}
    assert unknown == {}


def test_functions_of_mariadb_are_used_in_a_branch_for_it() -> None:
    for name, where in calls().items():
        if name in MARIADB_ONLY:
            for module in where:
                assert "Dialect.M" in (API / module).read_text(), (name, module)


def test_no_function_is_newer_than_the_first_aurora_version_3() -> None:
    assert all(version <= (8, 0, 23) for version in SINCE.values())
