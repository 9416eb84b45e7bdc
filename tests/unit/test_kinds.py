"""Only `api.catalog.kinds` says what can be done with each kind of column."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from api.catalog import Family, Kind

API = Path(__file__).parents[2] / "api"


def sets_of_kinds(tree: ast.AST) -> Iterator[str]:
    """The set literals whose members are kinds."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Set) and all(ast.unparse(member).startswith("Kind.") for member in node.elts):
            yield ast.unparse(node)


def test_no_other_module_has_a_set_of_kinds() -> None:
    found = {path.name: kept for path in API.rglob("*.py") if (kept := [*sets_of_kinds(ast.parse(path.read_text()))])}
    assert found == {}


def test_a_set_of_kinds_is_found() -> None:
    assert list(sets_of_kinds(ast.parse("A = frozenset({Kind.JSON, Kind.SET}); B = {1, Kind.SET}"))) == [
        "{Kind.JSON, Kind.SET}"
    ]


@pytest.mark.parametrize("kind", Kind)
def test_the_traits_of_a_kind_are_consistent(kind: Kind) -> None:
    traits = kind.traits
    assert traits.family in get_args(Family)
    assert traits.sorting is not None or not (traits.exact or traits.pageable)  # an order is needed to page or to join
    assert traits.found_as_sent <= traits.exact
    assert traits.patterns <= (traits.family == "text")
