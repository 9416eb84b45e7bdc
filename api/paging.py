"""Which part of a list an answer is: status, Content-Range, and the link to the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote, unquote_plus

from api import errors
from api.catalog import Kind
from api.encode import encoder
from api.plan.levels import ColumnItem
from api.plan.read import OrderKey, ReadPlan, unique_order
from api.request.query import ApiRequest, Comparison, Condition, Field, Logic
from api.request.query_string import parse_filter

_UNPAGED = frozenset({Kind.JSON, Kind.GEOMETRY, Kind.SET, Kind.FLOAT})
"""Kinds whose order a filter's comparison does not follow exactly."""


def range_status(offset: int, shown: int, total: int | None, *, cut: bool) -> int:
    """200, or 206 when there are more rows than shown.

    Raises: `ApiError` PGRST103 when the offset lies past the total.
    """
    if total is not None and offset > total:
        raise errors.range_not_satisfiable(
            f"An offset of {offset} was requested, but there are only {total} rows.", total
        )
    return 206 if cut or (total is not None and shown < total) else 200


def content_range(offset: int, shown: int, total: int | None) -> tuple[str, str]:
    """The Content-Range header.

    >>> content_range(0, 10, 57), content_range(0, 0, None)
    (('Content-Range', '0-9/57'), ('Content-Range', '*/*'))
    """
    rows = f"{offset}-{offset + shown - 1}" if shown else "*"
    return ("Content-Range", f"{rows}/{'*' if total is None else total}")


def keyset_order(plan: ReadPlan) -> tuple[OrderKey, ...] | None:
    """The order's keys when the next page can start behind the last row's values."""
    order = unique_order(plan)
    if not order or plan.level.grouped or any(key.operand.type.kind in _UNPAGED for key in order):
        return None
    return order


def shown_as(plan: ReadPlan, order: tuple[OrderKey, ...]) -> tuple[str, ...] | None:
    """The names under which the rows show the order's values, not to be fetched again; None: not all are."""
    names = {item.operand: item.name for item in plan.level.items if isinstance(item, ColumnItem) and item.cast is None}
    if any(key.operand not in names for key in order):
        return None
    found = tuple(names[key.operand] for key in order)
    shown = [item.name for item in plan.level.items]
    return found if all(shown.count(name) == 1 for name in found) else None


def values_shown(text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The order's values as filters write them, from a row's JSON text."""
    row = json.loads(text, parse_float=str, parse_int=str)
    return tuple(json.dumps(row[name]) if isinstance(row[name], bool) else str(row[name]) for name in names)


def values_fetched(order: tuple[OrderKey, ...], values: Sequence[object]) -> tuple[str, ...]:
    """The order's values as filters write them, from a row's columns."""
    texts = [encoder(key.operand.type)(value) for key, value in zip(order, values, strict=True)]
    return tuple(str(json.loads(text)) if text.startswith('"') else text for text in texts)


def next_link(
    request: ApiRequest, shown: int, order: tuple[OrderKey, ...] | None, last: Sequence[str] | None
) -> tuple[str, str]:
    """The Link header to the rows after these: by the last row's key where the order allows it, else by offset."""
    remaining = None if request.limit is None else max(request.limit - shown, 0)
    keep: list[str] = []
    added: list[str] = []
    if order is not None and last is not None:
        after = _after(order, last)
        shapes = [_shape(condition) for condition in after]
        for name, text, raw in _parameters(request.query_string):
            if name not in ("limit", "offset") and not (name not in _WORDS and _is_keyset(name, text, shapes)):
                keep.append(raw)
        added.extend(_written(condition) for condition in after)
    else:
        keep.extend(raw for name, _, raw in _parameters(request.query_string) if name not in ("limit", "offset"))
        added.append(f"offset={request.offset + shown}")
    if remaining:
        added.append(f"limit={remaining}")
    elif request.limit is not None:
        added.append(f"limit={request.limit}")
    return ("Link", f'<{request.path}?{"&".join(keep + added)}>; rel="next"')


_WORDS = frozenset({"select", "order", "columns", "on_conflict"})


def _parameters(query_string: str) -> list[tuple[str, str, str]]:
    """Name, value and the text as sent, of each parameter."""
    found = []
    for raw in query_string.split("&"):
        if raw:
            name, _, text = raw.partition("=")
            found.append((unquote_plus(name), unquote_plus(text), raw))
    return found


def _after(order: tuple[OrderKey, ...], last: Sequence[str]) -> list[Condition]:
    """The rows behind the last one: `a >= x AND (a > x OR b > y)`, which uses an index (a row constructor does not)."""
    steps = [
        (key.operand.column.name, "lt" if key.descending else "gt", text)
        for key, text in zip(order, last, strict=True)
    ]

    def behind(position: int) -> list[Condition]:
        name, operator, text = steps[position]
        past = Comparison(Field(name), operator, text)
        if position == len(steps) - 1:
            return [past]
        rest = behind(position + 1)
        further = rest[0] if len(rest) == 1 else Logic("and", tuple(rest))
        return [Comparison(Field(name), operator + "e", text), Logic("or", (past, further))]

    return behind(0)


def _shape(condition: Condition) -> object:
    """A condition without its values: what tells a page's condition from another one."""
    if isinstance(condition, Comparison):
        return (condition.field, condition.operator, condition.negated, condition.quantifier)
    return (condition.connective, condition.negated, tuple(_shape(operand) for operand in condition.operands))


def _is_keyset(name: str, text: str, shapes: list[object]) -> bool:
    """The parameter is the condition of an earlier page of the same order; the new one implies it."""
    try:
        path, condition = parse_filter(name, text)
    except errors.ApiError:
        return False
    return not path and _shape(condition) in shapes


def _written(condition: Condition) -> str:
    """A condition as a parameter, percent-encoded."""
    if isinstance(condition, Comparison):
        return f"{_encoded(_name(condition.field.name))}={condition.operator}.{_encoded(str(condition.value))}"
    inner = ",".join(_in_tree(operand) for operand in condition.operands)
    return f"{condition.connective}={_encoded(f'({inner})')}"


def _in_tree(condition: Condition) -> str:
    if isinstance(condition, Comparison):
        value = str(condition.value).replace("\\", "\\\\").replace('"', '\\"')
        return f'{_name(condition.field.name)}.{condition.operator}."{value}"'
    return f"{condition.connective}({','.join(_in_tree(operand) for operand in condition.operands)})"


def _name(name: str) -> str:
    """A column's name as the grammar writes it: quoted where it is not a plain word."""
    if name.replace("_", "a").isalnum():
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _encoded(text: str) -> str:
    return quote(text, safe="(),.:")
