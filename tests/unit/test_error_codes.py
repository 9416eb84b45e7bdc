"""Every error has an entry in the catalogue, and every entry is used and documented."""

from __future__ import annotations

import ast
from pathlib import Path

from api.database import errno
from api.errors import codes
from api.errors.codes import CATALOGUE, ErrorCode

ROOT = Path(__file__).parents[2]
NAMES = {name for name, each in vars(codes).items() if isinstance(each, ErrorCode)}


def sources() -> dict[str, ast.AST]:
    """The modules of the API, except the catalogue."""
    paths = [path for path in (ROOT / "api").rglob("*.py") if path != Path(codes.__file__)]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """The calls of this name, plain or as an attribute."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name
    ]


def test_a_code_has_one_entry_for_each_status() -> None:
    assert len({(entry.code, entry.status) for entry in CATALOGUE}) == len(CATALOGUE) == len(NAMES)


def test_every_entry_is_used() -> None:
    used = {
        node.attr for tree in sources().values() for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    } & NAMES
    assert used == NAMES


def test_entries_are_created_in_the_catalogue_only() -> None:
    assert {where for where, tree in sources().items() if calls(tree, "ErrorCode")} == set()


def test_every_error_names_an_entry() -> None:
    made = [call for tree in sources().values() for name in ("ApiError", "Meaning") for call in calls(tree, name)]
    given = {ast.unparse(call.args[0]).removeprefix("errors.") for call in made}
    assert len(made) > len(NAMES)
    assert given - {"meaning.error", "refused.error", "codes.chosen(state, status)", "chosen"} == {
        f"codes.{name}" for name in NAMES
    }


def test_the_documented_table_equals_the_catalogue() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    rows = page.partition("| code | status | meaning |\n|---|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert rows == [f"| {entry.code} | {entry.status} | {entry.meaning} |" for entry in CATALOGUE]


def test_every_database_error_number_has_an_entry() -> None:
    assert {meaning.error for meaning, _ in errno.table()} <= set(CATALOGUE)
