"""The query string: each parameter goes into the `Query` or is refused; none is dropped.

The last part of a parameter's name decides: `items.limit` limits the embedded items, `items.limit.qty` filters by a
column. Quote a column with one of these names: `"limit"=eq.1`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from api import errors
from api.request.filters import OPERATORS_HINT, parse_comparison, parse_tree
from api.request.habits import filter_hint, name_hint
from api.request.order import parse_order
from api.request.query import Condition, Field, OrderTerm, Parameter, Path, Query, Star
from api.request.scan import Unexpected, comma_names, name_at, value_field_at
from api.request.select import parse_select
from api.request.select_habits import count_hint

RESERVED = ("select", "columns", "on_conflict", "order", "limit", "offset", "and", "or")
MOST_ROWS = 2**63 - 1
"""Larger limits and offsets are reduced to this: no table has more rows."""
_ROOT_ONLY = frozenset({"select", "columns", "on_conflict"})
_SUFFIXES = frozenset({"order", "limit", "offset", "and", "or"})
_FILTER = "filter"


class _Meaning(NamedTuple):
    """The meaning of a parameter's name: `kind` is a reserved word or `filter`, `operator` that of a tree."""

    kind: str
    path: Path = ()
    field: Field = Field("")
    operator: str = ""


def parse_query(query_string: str, *, arguments: bool = False) -> Query:
    """The query of a query string, which is still percent-encoded; `+` is a space.

    >>> parse_query("items.qty=gt.2").filters  # doctest: +ELLIPSIS
    ((('items',), Comparison(field=Field(name='qty', path=()), operator='gt', value='2', ...)),)
    >>> query = parse_query("select=id&order=id.desc&limit=3&items.limit=1")
    >>> query.limits, query.orders[0][1][0].descending
    ((((), 3), (('items',), 1)), True)
    >>> parse_query("colour=red")
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST100: "failed to parse filter (red)" (line 1, column 1)
    >>> parse_query("colour=red&limit=2", arguments=True).arguments
    (('colour', 'red'),)

    With `arguments` (the call of a routine), a name that is not reserved is an argument, or a filter on the result:
    `parse_filter` parses those once the routine is known.

    Raises: `ApiError` PGRST100, PGRST103 (416) for a negative limit, PGRST127.
    """
    once: dict[str, str] = {}
    filters: list[tuple[Path, Condition]] = []
    orders: dict[Path, tuple[OrderTerm, ...]] = {}
    limits: dict[Path, int] = {}
    offsets: dict[Path, int] = {}
    others: list[tuple[str, str]] = []
    bom = False
    parameters: list[Parameter] = []
    for name, value, raw in _pairs(query_string):
        if name == "bom" and value in ("true", "false") and not arguments:
            bom = value == "true"
            parameters.append(Parameter(name, raw, None))
            continue
        meaning = _argument(name) if arguments else _meaning_of(name, value)
        kind = meaning.kind
        condition = None
        if kind == _FILTER:
            if arguments:
                others.append((name, value))
            else:
                condition = _comparison(name, meaning.field, value)
                filters.append((meaning.path, condition))
        elif kind == "order":
            orders[meaning.path] = orders.get(meaning.path, ()) + parse_order(value)
        elif kind == "limit":
            limits[meaning.path] = _count(name, value)
        elif kind == "offset":
            offsets[meaning.path] = _offset(name, value)
        elif meaning.operator:
            condition = parse_tree(meaning.operator, value)
            filters.append((meaning.path, condition))
        elif once.setdefault(kind, value) != value:
            raise errors.parse_failed(f"{kind} parameter", value, f"'{kind}' is given twice, with different values")
        parameters.append(Parameter(name, raw, None if meaning.path else condition))
    columns, on_conflict = once.get("columns"), once.get("on_conflict")
    return Query(
        select=(parse_select(once["select"]) or (Star(),)) if "select" in once else (Star(),),
        filters=tuple(filters),
        orders=tuple(orders.items()),
        limits=tuple(limits.items()),
        offsets=tuple(offsets.items()),
        columns=None if columns is None else comma_names("columns parameter", columns),
        on_conflict=None if on_conflict is None else comma_names("on_conflict parameter", on_conflict),
        arguments=tuple(others),
        bom=bom,
        parameters=tuple(parameters),
    )


def parse_filter(name: str, value: str) -> tuple[Path, Condition]:
    """One decoded parameter as a filter: those of a routine's query string that are not arguments.

    >>> parse_filter("items.qty", "gt.2")[0]
    ('items',)

    Raises: `ApiError` PGRST100, PGRST127.
    """
    meaning = _meaning(name)
    if meaning.operator:
        return meaning.path, parse_tree(meaning.operator, value)
    if meaning.kind != _FILTER:
        raise errors.parse_failed("filter", name, f"'{name}' is a reserved word; quote it to name a column")
    return meaning.path, _comparison(name, meaning.field, value)


def _comparison(name: str, field: Field, value: str) -> Condition:
    try:
        return parse_comparison(field, value)
    except errors.ApiError as refusal:
        _, found, operators = (refusal.hint or "").partition(OPERATORS_HINT)
        if found:
            refusal.hint = f"{filter_hint(name, value)} {OPERATORS_HINT}{operators}"
        raise


def _pairs(query_string: str) -> list[tuple[str, str, str]]:
    """Each parameter in order: its decoded name and value, and the parameter as sent.

    Raises: `ApiError` PGRST100 for bytes that are not valid UTF-8.
    """
    if not query_string:
        return []
    pairs: list[tuple[str, str, str]] = []
    encoded = "%" in query_string or "+" in query_string
    for pair in query_string.split("&"):
        name, _, value = pair.partition("=")
        if encoded:
            name, value = decoded(name, plus=True), decoded(value, plus=True)
        if name or value:
            pairs.append((name, value, pair))
    return pairs


def decoded(text: str, *, plus: bool = False) -> str:
    """The text without percent-encoding; `plus`: `+` is a space.

    Raises: `ApiError` PGRST100 for bytes that are not valid UTF-8.
    """
    if plus and "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise errors.parse_failed(
            "address", text, f"the percent-encoded bytes are not valid UTF-8: {error.reason}"
        ) from None


def _count(name: str, value: str) -> int:
    if _is_negative(value):
        raise errors.range_not_satisfiable("Limit should be greater than or equal to zero.")
    digits = value.strip(" ")
    if digits.isascii() and digits.isdigit():
        return row_count(digits)
    raise errors.parse_failed(f"{name} parameter", value, "expecting a whole number", count_hint(name, value))


def _offset(name: str, value: str) -> int:
    """An offset below zero skips no row, as in PostgREST."""
    return 0 if _is_negative(value) else _count(name, value)


def _is_negative(value: str) -> bool:
    digits = value.strip(" ")
    return digits[:1] == "-" and digits[1:].isascii() and digits[1:].isdigit()


def row_count(digits: str) -> int:
    """The number, at most `MOST_ROWS`, in linear time for any number of digits."""
    significant = digits.lstrip("0")
    return min(int(significant[:20] or "0"), MOST_ROWS)


def _argument(name: str) -> _Meaning:
    """A parameter of a routine's call: an argument may have any name."""
    last = name.rpartition(".")[2]
    return _meaning(name) if name in _ROOT_ONLY or last in _SUFFIXES else _Meaning(_FILTER)


def _meaning_of(name: str, value: str) -> _Meaning:
    """The meaning of a name, with a hint if it has an operator in it."""
    try:
        return _meaning(name)
    except errors.ApiError as refusal:
        refusal.hint = name_hint(name, value) or refusal.hint
        raise


@lru_cache(maxsize=512)
def _meaning(name: str) -> _Meaning:
    if name in _ROOT_ONLY:
        return _Meaning(name)
    last = name.rpartition(".")[2]
    try:
        if last in _SUFFIXES:
            return _of_suffix(name, last)
        names: list[str] = []
        position = 0
        while True:
            field, end = value_field_at(name, position)
            if end == len(name):
                return _Meaning(_FILTER, tuple(names), field)
            if field.path or name[end] != ".":
                raise Unexpected(
                    end,
                    'letter, digit, "-", "->>", "->", delimiter (.) or end of input',
                    f'Quote names with other characters: "{name}"=eq.1',
                )
            names.append(field.name)
            position = end + 1
    except Unexpected as problem:
        raise problem.refusal("tree path", name) from None


def _of_suffix(name: str, last: str) -> _Meaning:
    names: list[str] = []
    position = 0
    while True:
        part, position = name_at(name, position)
        if position == len(name):
            break
        if name[position] != ".":
            raise Unexpected(position, 'letter, digit, "-", delimiter (.) or end of input')
        names.append(part)
        position += 1
    if last not in ("and", "or"):
        return _Meaning(last, tuple(names))
    negated = "not" in names
    path = tuple(part for part in names if part != "not")
    return _Meaning(last, path, operator=f"not.{last}" if negated else last)
