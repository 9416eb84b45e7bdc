"""What people who know other APIs or SQL write in `select`, `order` and `limit`, and how this grammar writes it."""

from __future__ import annotations

import re

from api import errors
from api.request.scan import AGGREGATES

_DIRECTED = re.compile(r"(.+?)(?:\s+|:|\.(?!(?-i:asc|desc)\Z))(asc|desc)(?:ending)?", re.IGNORECASE)
_SQL_LIMIT = re.compile(r"([0-9]{1,9}),\s*([0-9]{1,9})")
_ENCLOSED = re.compile(r"([\w$]+)(\[[\w,*]*\]|\{[\w,*]*\})")
_LONGEST = 200
"""Longer input was not typed by hand, and a hint must not take long."""


def order_hint(text: str) -> str | None:
    """How to write an order with a direction as in other APIs or in SQL; None if it has none.

    >>> order_hint("-population,name")
    'Perhaps you meant order=population.desc,name.'
    >>> order_hint("name DESC")
    'Perhaps you meant order=name.desc.'
    """
    if len(text) > _LONGEST:
        return None
    terms = [_order_term(term.strip()) for term in text.split(",")]
    corrected = ",".join(terms)
    return None if corrected == text else f"Perhaps you meant order={errors.shorten(corrected)}."


def count_hint(name: str, value: str) -> str | None:
    """How to write a limit with an offset as in SQL; None for others.

    >>> count_hint("limit", "10,20")
    'Perhaps you meant limit=20&offset=10.'
    """
    found = _SQL_LIMIT.fullmatch(value) if name == "limit" else None
    return None if found is None else f"Perhaps you meant limit={found[2]}&offset={found[1]}."


def relation_hint(name: str, columns: list[str]) -> str | None:
    """How to write an aggregate that looks like a related table, with the names in its parentheses; None for others.

    >>> relation_hint("sum", ["population"])
    'An aggregate follows its column: population.sum().'
    """
    column = next(iter(columns), "column")
    if name.lower() == "count":
        return "count() counts rows, and column.count() those where the column is not null."
    if name.lower() in AGGREGATES:
        return f"An aggregate follows its column: {column}.{name.lower()}()."
    if name.lower() == "distinct":
        return f"Rows are grouped by the columns next to an aggregate: select={column},count()."
    return None


def column_hint(name: str) -> str | None:
    """How to write a column with a word of SQL after it; None for other names.

    >>> column_hint("name as city")
    'Perhaps you meant city:name.'
    """
    words = name[:_LONGEST].split()
    if len(words) == 1 and words[0].lower() in ("asc", "desc"):
        return f"A direction follows its column after a dot: order=name.{words[0].lower()}."
    if len(words) == 3 and words[1].lower() == "as":
        return f"Perhaps you meant {words[2]}:{words[0]}."
    if len(words) == 2 and words[1].lower() in ("asc", "desc"):
        return f"Perhaps you meant {words[0]}.{words[1].lower()}."
    return None


def enclosed_hint(text: str, position: int) -> str | None:
    """How to write a related table whose columns are in other brackets; None for others.

    >>> enclosed_hint("name,countries{name}", 14)
    'The columns of a related table are in parentheses: countries(name).'
    """
    found = _ENCLOSED.search(text, max(position - _LONGEST, 0), position + _LONGEST)
    if found is None or found.start(2) != position:
        return None
    return f"The columns of a related table are in parentheses: {found[1]}({found[2][1:-1]})."


def _order_term(term: str) -> str:
    column, direction = term, ""
    if term.startswith(("-", "+")):
        column, direction = term[1:], ".desc" if term[0] == "-" else ""
    else:
        found = _DIRECTED.fullmatch(term)
        if found is not None:
            column, direction = found[1], "" if found[2].lower() == "asc" else ".desc"
    return column + direction
