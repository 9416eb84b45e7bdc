"""One function turns a string into SQL, and only these functions call it. Read each of them before you add another."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

API = Path(__file__).parents[2] / "api"
CALLERS = {
    # the name of the table of policies
    "catalog/introspection/policies.py": ["policies_table"],
    # the name of the procedure that lists triggers
    "catalog/introspection/triggers.py": ["read_triggered"],
    # parameters as literals
    "database/literal.py": ["written"],
    # names from the server's catalog, quoted
    "catalog/records.py": ["column_name", "column_of", "routine_name", "table_name"],
    # the planner's aliases
    "sql/conditions.py": ["_found", "table_instance"],
    # the name of the table of stored answers
    "sql/idempotency.py": ["_table"],
    # conditions from the migrations, and the row's columns
    "sql/policies.py": ["_expression"],
    # a variable, numbered here
    "sql/call.py": ["_variable"],
    # aliases, and columns numbered here
    "sql/nested.py": ["column", "page"],
    "sql/read.py": ["select_embedded", "select_keys"],
    # the configured time limit, a number
    "sql/server.py": ["select"],
    # a column's character set and collation, and the expression of its default
    "sql/write.py": ["canonical_literal", "computed"],
}


def called(node: ast.AST) -> str:
    return ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""


def callers(tree: ast.AST, name: str) -> set[str]:
    """The functions that call this name; the caller of a call outside a function is `module`."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {id(node): function.name for function in functions for node in ast.walk(function)}
    return {inside.get(id(node), "module") for node in ast.walk(tree) if called(node) == name}


def found(name: str) -> dict[str, list[str]]:
    """The functions that call this name, by module."""
    trees = {str(path.relative_to(API)): ast.parse(path.read_text()) for path in sorted(API.rglob("*.py"))}
    return {module: sorted(names) for module, tree in trees.items() if (names := callers(tree, name))}


def test_strings_become_sql_only_in_these_functions() -> None:
    assert found("trusted") == CALLERS


@pytest.mark.parametrize("name", ["Sql", "_new", "__new__", "_make", "_replace"])
def test_only_the_statement_module_creates_fragments(name: str) -> None:
    assert found(name).keys() <= {"statement.py"}


def test_only_literals_are_templates() -> None:
    for path in API.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if called(node) == "sql" and isinstance(node, ast.Call):
                assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp), (path, node.lineno)


def test_callers_are_found_in_every_position() -> None:
    source = "A = Sql('x')\nclass C:\n    def f(self):\n        return statement.Sql('y')\n"
    assert callers(ast.parse(source), "Sql") == {"module", "f"}
