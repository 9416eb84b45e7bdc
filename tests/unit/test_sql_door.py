"""The way from a string to SQL: one function, and these callers of it. Read each of them before adding another."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

API = Path(__file__).parents[2] / "api"
CALLERS = {
    # names from the server's own catalog, quoted
    "catalog/records.py": ["column_name", "column_of", "routine_name", "table_name"],
    # the planner's aliases
    "sql/conditions.py": ["table_instance"],
    # aliases, and columns numbered here
    "sql/read.py": ["select_embedded", "select_keys"],
    # the time limit of the configuration, a number
    "sql/server.py": ["select"],
    # a column's character set and collation, and the expression of its default
    "sql/write.py": ["canonical_literal", "computed"],
}


def called(node: ast.AST) -> str:
    return ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""


def callers(tree: ast.AST, name: str) -> set[str]:
    """The functions that call the name; a call outside of any has the caller `module`."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {id(node): function.name for function in functions for node in ast.walk(function)}
    return {inside.get(id(node), "module") for node in ast.walk(tree) if called(node) == name}


def found(name: str) -> dict[str, list[str]]:
    """The functions that call the name, by module."""
    trees = {str(path.relative_to(API)): ast.parse(path.read_text()) for path in sorted(API.rglob("*.py"))}
    return {module: sorted(names) for module, tree in trees.items() if (names := callers(tree, name))}


def test_strings_become_sql_in_these_places_only() -> None:
    assert found("trusted") == CALLERS


@pytest.mark.parametrize("name", ["Sql", "_new", "__new__", "_make", "_replace"])
def test_fragments_are_made_by_the_functions_of_the_statement_module_only(name: str) -> None:
    assert found(name).keys() <= {"statement.py"}


def test_literals_alone_are_templates() -> None:
    for path in API.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if called(node) == "sql" and isinstance(node, ast.Call):
                assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp), (path, node.lineno)


def test_a_caller_is_found_wherever_it_stands() -> None:
    source = "A = Sql('x')\nclass C:\n    def f(self):\n        return statement.Sql('y')\n"
    assert callers(ast.parse(source), "Sql") == {"module", "f"}
