"""The part of a list that an answer shows: status, Content-Range, and the link to the next page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from api import errors
from api.catalog import CacheKey
from api.plan.levels import ColumnItem
from api.plan.operands import Operand, has_truth
from api.plan.read import total_order, unique_order
from api.plan.tree import OrderKey, ReadPlan
from api.request.query import ApiRequest, Comparison, Condition, Field, Logic
from api.request.writer import parameter
from api.values.encode import encoder

Values = tuple[str | None, ...]
"""The values of the sort keys in one row, as filters write them; None is NULL."""


def range_status(offset: int, shown: int, total: int | None, *, cut: bool) -> int:
    """200, or 206 if there are more rows than shown.

    Raises: `ApiError` PGRST103 if the offset is past the total.
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


def page_of(plan: ReadPlan, max_rows: int) -> ReadPlan:
    """The plan of one page, which is kept where the plan is."""
    if plan.unfiltered is None:
        return plan.cache.get(_PAGE, max_rows, lambda: _paged(plan, max_rows))
    page = page_of(plan.unfiltered, max_rows)
    return replace(page, visible=plan.visible, where=plan.where, unfiltered=page)


def _paged(plan: ReadPlan, max_rows: int) -> ReadPlan:
    """The plan with a total order. A list that the server may cut gets one extra row, to know whether it was cut."""
    limit = max_rows + 1 if plan.limit is None or plan.limit > max_rows else plan.limit
    return replace(plan, order=total_order(plan.level, plan.order), limit=limit)


_PAGE = CacheKey[ReadPlan]("page")


def keyset_order(plan: ReadPlan) -> tuple[OrderKey, ...] | None:
    """The sort keys, if the next page can start after their values in the last row; else None."""
    order = unique_order(plan)
    return None if order is None or any(_unpaged(plan, key.operand) for key in order) else order


def _unpaged(plan: ReadPlan, operand: Operand) -> bool:
    """Whether the operand's value, as shown, does not determine which rows come after it."""
    many_truths = has_truth(operand.type) and operand.column.name in plan.level.table.primary_key
    return not operand.type.kind.traits.pageable or many_truths


def shown_as(plan: ReadPlan, order: tuple[OrderKey, ...]) -> tuple[str, ...] | None:
    """The members of the rows that show the sort keys' values; None unless the rows show all of them."""
    names = {item.operand: item.name for item in plan.level.items if isinstance(item, ColumnItem) and item.cast is None}
    if any(key.operand not in names for key in order):
        return None
    found = tuple(names[key.operand] for key in order)
    shown = [item.name for item in plan.level.items]
    return found if all(shown.count(name) == 1 for name in found) else None


def values_shown(row: bytes, names: tuple[str, ...]) -> Values:
    """The sort keys' values as filters write them, from a row as JSON."""
    members = json.loads(row, parse_float=str, parse_int=str)
    return tuple(_written_value(members.get(name)) for name in names)


def values_fetched(order: tuple[OrderKey, ...], values: Sequence[object]) -> Values:
    """The sort keys' values as filters write them, from columns selected for this."""
    texts = [encoder(key.operand.type)(value) for key, value in zip(order, values[: len(order)], strict=True)]
    return tuple(_written_value(json.loads(text, parse_float=str, parse_int=str)) for text in texts)


def _written_value(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def next_link(
    request: ApiRequest, shown: int, order: tuple[OrderKey, ...] | None, last: Values | None
) -> tuple[str, str]:
    """The Link header to the next page: by the last row's sort keys if the order allows it, else by offset."""
    remaining = None if request.limit is None else max(request.limit - shown, 0)
    kept = [each for each in request.query.parameters if each.name not in ("limit", "offset")]
    added = [f"offset={request.offset + shown}"]
    if order is not None and last is not None and all(map(_can_follow, last)):
        after = _after(order, last)
        written = parameter(after)
        if len(written) <= _MAX_KEYSET_LENGTH:
            kept = [each for each in kept if not _is_earlier(each.condition, after)]
            added = [written]
    if request.limit is not None:
        added.append(f"limit={remaining or request.limit}")
    return ("Link", f'<{request.path}?{"&".join([*(each.raw for each in kept), *added])}>; rel="next"')


def _can_follow(text: str | None) -> bool:
    """Whether a filter can name the rows after this value."""
    return text is None or len(text) <= _MAX_SORTED_LENGTH


_MAX_KEYSET_LENGTH = 2000
"""Characters. API Gateway accepts 10,240 bytes for all headers together
(https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)."""

_MAX_SORTED_LENGTH = 100
"""Characters. The server may sort values as equal if the first 1,024 bytes of their weights are the same
(https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_sort_length), yet a filter compares
their full length.
"""


def _after(order: tuple[OrderKey, ...], last: Values) -> Condition:
    """The rows after the last one: `a >= x AND (a > x OR b > y)`, which uses an index (a row constructor does not).

    The NULLs of a nullable column come before or after all its values.
    """
    key, text = order[0], last[0]
    field = Field(key.operand.column.name)
    operator = "lt" if key.descending else "gt"
    rest = _after(order[1:], last[1:]) if len(order) > 1 else None
    if text is None:
        tied = _all(Comparison(field, "is", "null"), rest)
        return _any(Comparison(field, "is", "not_null"), tied) if key.nulls_first else tied
    past = Comparison(field, operator, text)
    if key.nulls_first is False:
        return _any(past, Comparison(field, "is", "null"), rest and _all(Comparison(field, "eq", text), rest))
    return _all(Comparison(field, operator + "e", text), _any(past, rest)) if rest else past


def _all(*conditions: Condition | None) -> Condition:
    return _joined("and", conditions)


def _any(*conditions: Condition | None) -> Condition:
    return _joined("or", conditions)


def _joined(connective: str, conditions: tuple[Condition | None, ...]) -> Condition:
    present = tuple(condition for condition in conditions if condition is not None)
    return present[0] if len(present) == 1 else Logic(connective, present)


def _is_earlier(condition: Condition | None, after: Condition) -> bool:
    """Whether the condition comes from an earlier page in the same order, so that the new one implies it."""
    if condition is None or _shape(condition) != _shape(after):
        return False
    values = set(_values(condition))
    return len(values) == len({field for field, _ in values})


def _shape(condition: Condition) -> object:
    """A condition without its values."""
    if isinstance(condition, Comparison):
        what = condition.value if condition.operator == "is" else None
        return (condition.field, condition.operator, what, condition.negated, condition.quantifier)
    return (condition.connective, condition.negated, tuple(_shape(operand) for operand in condition.operands))


def _values(condition: Condition) -> Iterator[tuple[Field, object]]:
    """Each field of a condition with its value. In a page's condition, a field always has the same value."""
    if isinstance(condition, Logic):
        for operand in condition.operands:
            yield from _values(operand)
    elif condition.operator != "is":
        yield condition.field, condition.value
