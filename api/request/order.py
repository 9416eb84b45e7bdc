"""`order=`: `field.desc.nullslast`, `field.sum().desc`, `relation(field).asc`, JSON paths included."""

from __future__ import annotations

import re
from functools import lru_cache

from api.errors import did_you_mean
from api.request.query import OrderTerm
from api.request.scan import Unexpected, field_at, name_at, skip_blanks, value_field_at
from api.request.select_habits import order_hint

_SUFFIX = re.compile(r"(?:\.(asc|desc)(?![^.,\s]))?(?:\.nulls(first|last)(?![^.,\s]))?")
_WORD = re.compile(r"[^.,\s]*")
_DIRECTIONS = ("asc", "desc", "nullsfirst", "nullslast")


@lru_cache(maxsize=512)
def parse_order(text: str) -> tuple[OrderTerm, ...]:
    """The terms of an order, most significant first.

    >>> parse_order("name.desc.nullsfirst")
    (OrderTerm(field=Field(name='name', path=()), relation=None, descending=True, nulls='first'),)
    >>> parse_order("clients(data->>key),id.nullslast")  # doctest: +ELLIPSIS
    (OrderTerm(field=..., relation='clients', descending=False, nulls=None), OrderTerm(..., nulls='last'))
    >>> parse_order("id.descc")
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST100: "failed to parse order (id.descc)" (line 1, column 4)

    Raises: `ApiError` PGRST100.
    """
    terms: list[OrderTerm] = []
    position = 0
    try:
        while True:
            term, position = _term_at(text, position)
            terms.append(term)
            if position == len(text):
                return tuple(terms)
            position += 1
    except Unexpected as problem:
        problem.hint = order_hint(text) or problem.hint
        raise problem.refusal("order", text) from None


def _term_at(text: str, position: int) -> tuple[OrderTerm, int]:
    name, end = name_at(text, position)
    relation = None
    if text.startswith("(", end) and not text.startswith("count()", position):
        relation = name
        field, end = field_at(text, end + 1)
        if not text.startswith(")", end):
            raise Unexpected(end, '")"')
        end += 1
    else:
        field, end = value_field_at(text, position)
    suffix = _SUFFIX.match(text, end)
    direction, nulls = suffix.groups() if suffix else (None, None)
    end = skip_blanks(text, suffix.end() if suffix else end)
    if end < len(text) and text[end] != ",":
        raise _bad_suffix(text, end, direction, nulls)
    return OrderTerm(field, relation, direction == "desc", nulls), end


def _bad_suffix(text: str, position: int, direction: str | None, nulls: str | None) -> Unexpected:
    if nulls is not None:
        return Unexpected(position, '"," or end of input')
    if text[position] != ".":
        return Unexpected(position, 'delimiter (.), "," or end of input')
    expected = '"nullsfirst" or "nullslast"' if direction else '"asc", "desc", "nullsfirst" or "nullslast"'
    word = _WORD.match(text, position + 1)
    hint = None
    if word and word[0] not in _DIRECTIONS:
        hint = did_you_mean(word[0], _DIRECTIONS)
    return Unexpected(position + 1, expected, hint)
