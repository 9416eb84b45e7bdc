"""Read the tables of requests and their SQL in tests/unit/sql/.

A case is a block of lines; blank lines separate cases, and lines that begin with # are comments:

    GET /customer?select=id&limit=3       the request
    keys (1,), (2,)                       only for embedded rows: the keys of their parent rows
    SELECT t.`id` FROM ...                the statement, on as many lines as you like: they are joined by spaces
    with 'a', 3                           its parameters as Python writes them, or nothing
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.statement import Statement

FOLDER = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Case:
    """A request and the statement that it becomes."""

    table: str
    query: str
    keys: tuple[tuple[Any, ...], ...]
    statement: str
    parameters: str

    def __str__(self) -> str:
        return f"{self.table}?{self.query}"

    def check(self, statement: Statement) -> None:
        """Compare the statement and its parameters, values and types, with the expected ones."""
        assert statement.text == self.statement
        assert (", ".join(map(repr, statement.parameters)) or "nothing") == self.parameters
        assert statement.text.replace("%%", "").count("%s") == len(statement.parameters)


def cases(name: str) -> tuple[Case, ...]:
    """The cases of one file, in order; `name` is without its suffix."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    blocks = "\n".join(line for line in lines if not line.startswith("#")).strip().split("\n\n")
    return tuple(_case(block.splitlines()) for block in blocks)


def _case(lines: list[str]) -> Case:
    request, *between, parameters = lines
    keys = between.pop(0).removeprefix("keys ") if between[0].startswith("keys ") else ""
    table, _, query = request.removeprefix("GET /").partition("?")
    return Case(
        table,
        query,
        tuple(ast.literal_eval(f"[{keys}]")),
        " ".join(line.strip() for line in between),
        parameters.removeprefix("with "),
    )
