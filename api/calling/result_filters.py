"""Filters on the rows of a procedure's result, in SQL's three-valued logic."""

from __future__ import annotations

import re
from collections.abc import Callable

from api import errors
from api.calling.result_values import Cell, Cells, Column, comparable, compare, find_column, walk
from api.catalog import ColumnType, Kind
from api.request.operators import OPERATORS, Operator
from api.request.query import Comparison, Condition, Field
from api.values.filters import filter_value
from api.values.numbers import Beyond


def predicate(condition: Condition, columns: dict[str, Column]) -> Callable[[Cells], bool | None]:
    """The condition as a predicate on a row; None is SQL's UNKNOWN.

    Raises: `ApiError` for an unknown column, an invalid value, or an operator that results do not support.
    """
    if isinstance(condition, Comparison):
        return _negated(_comparison(condition, columns), condition.negated)
    tests = [predicate(operand, columns) for operand in condition.operands]
    every = condition.connective == "and"
    return _negated(lambda row: _combined([test(row) for test in tests], every=every), condition.negated)


def _negated(test: Callable[[Cells], bool | None], negated: bool) -> Callable[[Cells], bool | None]:
    if not negated:
        return test

    def opposite(row: Cells) -> bool | None:
        found = test(row)
        return None if found is None else not found

    return opposite


def _comparison(condition: Comparison, columns: dict[str, Column]) -> Callable[[Cells], bool | None]:
    column = find_column(condition.field, columns)
    if condition.field.path:
        column = Column(column.name, ColumnType(Kind.TEXT, "text", "text"), column.position)
    value, operator = condition.value, condition.operator
    if operator == "in" or condition.quantifier is not None:
        texts = (value,) if isinstance(value, str) else value
        each = "eq" if operator == "in" else operator
        tests = [_one(column, condition.field, each, text) for text in texts]
        every = condition.quantifier == "all"
        return lambda row: _combined([test(row) for test in tests], every=every)
    if not isinstance(value, str):
        raise errors.parse_failed("filter", operator, f"'{operator}' takes one value")
    return _one(column, condition.field, operator, value)


def _combined(found: list[bool | None], *, every: bool) -> bool | None:
    decided = not every
    if decided in found:
        return decided
    return None if None in found else not decided


def _one(column: Column, field: Field, name: str, text: str) -> Callable[[Cells], bool | None]:
    operator = OPERATORS[name]

    def cell(row: Cells) -> Cell:
        return walk(row[column.position], field) if field.path else row[column.position]

    if operator.family == "test":
        return _is(cell, text)
    if operator.family == "pattern":
        pattern = _pattern(operator, text)
        return lambda row: None if (found := cell(row)) is None else pattern.search(str(found)) is not None
    if operator.family != "comparison":
        raise errors.not_implemented(f"The operator '{name}' is not available on the result of a procedure.")
    for_null, outcomes = operator.for_null, operator.outcomes
    value = filter_value(column, text)
    if isinstance(value, Beyond):
        beyond = value
        return lambda row: for_null if (found := cell(row)) is None else beyond.compare(found) in outcomes
    wanted = comparable(value, column.type.kind)
    return lambda row: (
        for_null if (found := cell(row)) is None else compare(comparable(found, column.type.kind), wanted) in outcomes
    )


def _is(cell: Callable[[Cells], Cell], what: str) -> Callable[[Cells], bool | None]:
    match what:
        case "null" | "unknown":
            return lambda row: cell(row) is None
        case "not_null":
            return lambda row: cell(row) is not None
        case _:
            wanted = what == "true"
            return lambda row: (found := cell(row)) is not None and (found not in (0, "0")) == wanted


def _pattern(operator: Operator, text: str) -> re.Pattern[str]:
    flags = re.DOTALL | (re.IGNORECASE if operator.ignores_case else 0)
    if operator.wildcards:
        parts = {"%": ".*", "*": ".*", "_": "."}
        text = r"\A" + "".join([parts.get(character, re.escape(character)) for character in text]) + r"\Z"
    try:
        return re.compile(text, flags)
    except re.error as error:
        raise errors.ApiError(errors.codes.INVALID_REGULAR_EXPRESSION, f"invalid regular expression: {error}") from None
