"""docs/grammar.md agrees with the parser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.request.operators import IS_VALUES, OPERATORS, QUANTIFIABLE, RANGE_OPERATORS, Operator
from api.request.query import Comparison
from api.request.query_string import RESERVED, parse_query
from api.request.request import parse_request
from api.request.scan import AGGREGATES

PAGE = (Path(__file__).parents[3] / "docs" / "grammar.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^GET (\S+)\?(.+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("path, query", EXAMPLES)
def test_an_example_on_the_page_parses(path: str, query: str) -> None:
    request = parse_request("GET", path, query, {}, b"", max_body_bytes=1, max_write_rows=1)
    assert request.query != parse_request("GET", path, "", {}, b"", max_body_bytes=1, max_write_rows=1).query


@pytest.mark.parametrize("word", sorted({*OPERATORS, *RANGE_OPERATORS, *IS_VALUES, *RESERVED, *AGGREGATES}))
def test_every_word_of_the_grammar_is_on_the_page(word: str) -> None:
    assert any(re.search(rf"\b{word}\b", code) for code in re.findall(r"`([^`\n]+)`", PAGE))


def test_the_page_has_examples_of_every_section() -> None:
    assert len(EXAMPLES) >= 20


def test_the_table_of_operators_is_the_one_of_the_code() -> None:
    rows = [f"| `{each.name}` | {each.means} | `{each.example}` |" for each in OPERATORS.values()]
    assert [line for line in PAGE.splitlines() if re.fullmatch(r"\| `\w+` \|.*\|.*\|", line)] == rows


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda each: each.name)
def test_the_example_of_an_operator_uses_it(operator: Operator) -> None:
    (condition,) = [condition for _, condition in parse_query(operator.example).filters]
    assert isinstance(condition, Comparison)
    assert condition.operator == operator.name


def test_the_page_names_the_operators_that_take_a_quantifier() -> None:
    assert f"after `{' '.join(QUANTIFIABLE)}`" in " ".join(PAGE.split())
