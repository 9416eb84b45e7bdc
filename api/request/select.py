"""`select=`: columns, JSON paths, casts, aggregates, and nested related tables."""

from __future__ import annotations

import re
from functools import lru_cache

from api import errors
from api.request.query import EmbedItem, Field, FieldItem, SelectItem, Star
from api.request.scan import AGGREGATES, MAX_DEPTH, Unexpected, field_at, name_at, skip_blanks
from api.request.select_habits import enclosed_hint

_CAST = re.compile(r"::([\w $]+)")
_WORD = re.compile(r"[\w$]+")
_AGGREGATE = re.compile(r"\.([a-z]+)\(\)")


@lru_cache(maxsize=512)
def parse_select(text: str) -> tuple[SelectItem, ...]:
    """The items of a select list; an empty list selects nothing, which means everything at the root.

    >>> parse_select("id,total:data->sum::int.sum()")  # doctest: +ELLIPSIS
    (FieldItem(field=Field(name='id', path=()), ...), FieldItem(..., alias='total', cast='int', aggregate='sum', ...))
    >>> parse_select("c:customer!fk_customer!inner(name),...shop(*)")  # doctest: +ELLIPSIS
    (EmbedItem(relation='customer', ..., alias='c', hint='fk_customer', inner=True, spread=False), EmbedItem(...))
    >>> parse_select("count()")
    (FieldItem(field=None, alias=None, cast=None, aggregate='count', aggregate_cast=None),)
    >>> parse_select("name!hint")
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST100: "failed to parse select parameter (name!hint)" (line 1, column 10)

    Raises: `ApiError` PGRST100.
    """
    try:
        if not text.strip(" \t"):
            return ()
        items, position = _items_at(text, 0, 0)
        if position != len(text):
            raise Unexpected(position, '"," or end of input')
    except Unexpected as problem:
        raise problem.refusal("select parameter", text) from None
    return items


def _items_at(text: str, position: int, depth: int) -> tuple[tuple[SelectItem, ...], int]:
    """Items up to a closing parenthesis or the end."""
    if depth > MAX_DEPTH:
        raise Unexpected(position, f"at most {MAX_DEPTH} levels of embedding")
    items: list[SelectItem] = []
    while True:
        item, position = _item_at(text, position, depth)
        items.append(item)
        position = skip_blanks(text, position)
        if position == len(text) or text[position] == ")":
            return tuple(items), position
        if text[position] != ",":
            raise Unexpected(position, _after(item), enclosed_hint(text, position))
        position += 1


def _after(item: SelectItem) -> str:
    if isinstance(item, FieldItem) and item.field is not None and item.aggregate is None and item.cast is None:
        return 'letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input'
    return '")", "," or end of input'


def _item_at(text: str, position: int, depth: int) -> tuple[SelectItem, int]:
    position = skip_blanks(text, position)
    if text.startswith("*", position):
        return Star(), position + 1
    if text.startswith("...", position):
        name, position = name_at(text, position + 3)
        return _embed_at(text, position, depth, name, None, True)
    name, end = name_at(text, position)
    alias = None
    if text.startswith(":", end) and not text.startswith("::", end):
        alias = name
        position = end + 1
        name, end = name_at(text, position)
    if name == "count" and text.startswith("()", end):
        cast, end = _cast_at(text, end + 2)
        return FieldItem(None, alias, None, "count", cast), end
    if text.startswith(("(", "!"), end):
        return _embed_at(text, end, depth, name, alias, False)
    field, end = field_at(text, position)
    return _column_at(text, end, field, alias)


def _column_at(text: str, position: int, field: Field, alias: str | None) -> tuple[FieldItem, int]:
    cast, position = _cast_at(text, position)
    if not text.startswith(".", position):
        return FieldItem(field, alias, cast), position
    found = _AGGREGATE.match(text, position)
    if found is None or found[1] not in AGGREGATES:
        hint = errors.did_you_mean(found[1], AGGREGATES) if found else _embed_hint(text, position, field)
        raise Unexpected(position + 1, f"aggregate ({', '.join(f'{name}()' for name in AGGREGATES)})", hint)
    aggregate_cast, position = _cast_at(text, found.end())
    return FieldItem(field, alias, cast, found[1], aggregate_cast), position


def _embed_hint(text: str, position: int, field: Field) -> str | None:
    """For `table.column`, which is how SQL writes a column of a related table."""
    column = _WORD.match(text, position + 1)
    return f"A column of a related table is {field.name}({column[0]})." if column and not field.path else None


def _cast_at(text: str, position: int) -> tuple[str | None, int]:
    if not text.startswith("::", position):
        return None, position
    found = _CAST.match(text, position)
    name = found[1].strip().lower() if found else ""
    if found is None or not name:
        raise Unexpected(position + 2, "letter or digit")
    return name, found.end()


def _embed_at(
    text: str, position: int, depth: int, relation: str, alias: str | None, spread: bool
) -> tuple[EmbedItem, int]:
    hint = join = None
    while text.startswith("!", position):
        name, end = name_at(text, position + 1)
        if name in ("inner", "left") and text[position + 1] != '"':
            if join is not None:
                raise Unexpected(position, '"("')
            join = name
        elif hint is None:
            hint = name
        else:
            raise Unexpected(position, '"("')
        position = end
    if not text.startswith("(", position):
        raise Unexpected(position, '"("')
    position = skip_blanks(text, position + 1)
    items: tuple[SelectItem, ...] = ()
    if not text.startswith(")", position):
        items, position = _items_at(text, position, depth + 1)
    if not text.startswith(")", position):
        raise Unexpected(position, '"," or ")"')
    return EmbedItem(relation, items, alias, hint, join == "inner", spread), position + 1
