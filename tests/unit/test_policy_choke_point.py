"""No statement reads a table without the policies of its plan: where conditions and names of tables become SQL."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

API = Path(__file__).parents[2] / "api"

NAMES_TABLES = {
    # the instances of a plan, whose conditions come from `conditions_of`
    "sql/conditions.py": {"table_instance", "rows_of", "related_rows"},
    "sql/read.py": {"_keyed_rows"},
    # `update_where` and `delete_where` take the conditions of `Located.direct`; the statements by key take keys that
    # `lock_keys` has read under the policies, or that an upsert has checked, and `case_updates` also takes conditions;
    # the others show no row
    "sql/write.py": {
        "insert_head", "update_where", "update_head", "update_keys", "delete_where", "delete_keys", "is_unique",
        "select_existing", "select_stored_keys", "select_columns", "count_meeting", "count_proposed",
        "count_still_meeting",
    },
    # definitions of columns, not rows
    "catalog/introspection/members.py": {"members_statement"},
    # reads no row: LIMIT 0, for the types of the columns
    "reading/schema.py": {"_check"},
}  # fmt: skip
READS_CONDITIONS = {
    # a method of that name of another package
    "database/connection.py": {"tls"},
    # puts the policies before them
    "sql/conditions.py": {"conditions_of"},
    # ask whether there are conditions, and of which kind
    "reading/read.py": {"_is_page", "_plan_row"},
    "sql/nested.py": {"may_fill_first"},
    # conditions are added to them or taken from them, in plans that keep their policies
    "reading/explain.py": {"estimated_rows"},
    "reading/long_lists.py": {"_longest_list", "_without"},
    "reading/selections.py": {"_key_of", "_with_key", "_tests_other_rows"},
    "reading/paging.py": {"page_of"},
    "plan/read.py": {"_with_conditions"},
    "plan/located.py": {"locate"},
    "writing/bulk_update.py": {"_locked_keys", "statement"},
    "writing/show.py": {"by_keys", "chunk_plan", "by_plan"},
    "writing/change.py": {"_short_enough", "_delete_directly", "_update_keyless", "_delete_keyless"},
    "writing/direct.py": {"_only_key"},
}


def functions(names: Callable[[ast.AST], bool]) -> dict[str, set[str]]:
    """The functions with such a node, by module."""
    found: dict[str, set[str]] = {}
    for path in sorted(API.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and any(map(names, ast.walk(function))):
                found.setdefault(str(path.relative_to(API)), set()).add(function.name)
    return found


def test_the_names_of_tables_are_written_in_these_functions_only() -> None:
    def names(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and ast.unparse(node.func) in ("table_name", "table_instance")

    assert functions(names) == NAMES_TABLES


def test_the_conditions_of_a_plan_are_used_in_these_functions_only() -> None:
    assert functions(lambda node: isinstance(node, ast.Attribute) and node.attr == "where") == READS_CONDITIONS


def test_plans_are_made_with_policies_in_one_function_only() -> None:
    def makes(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and ast.unparse(node.func) in ("ReadPlan", "RowPolicy")

    assert functions(makes) == {
        "plan/read.py": {"_plan_level"},
        "plan/visible.py": {"visible_rows", "stored_rows"},
    }


def test_a_plan_cannot_be_made_without_policies() -> None:
    tree = ast.parse((API / "plan" / "tree.py").read_text())
    (plan,) = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == "ReadPlan")
    (visible,) = (
        each for each in plan.body if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == "visible"
    )
    assert visible.value is None
