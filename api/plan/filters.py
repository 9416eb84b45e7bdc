"""From the grammar's conditions to predicates: columns looked up, values typed by the column they are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from api import errors
from api.catalog import Kind, Table
from api.plan.operands import Operand
from api.plan.shape import operand_for
from api.plan.tree import Compare, Contains, Exists, FullText, Group, Is, OneOf, Predicate, Settled
from api.request.operators import OPERATORS, Operator
from api.request.query import Comparison, Condition
from api.statement import Value
from api.values.containment import containment_value
from api.values.filters import filter_value
from api.values.fulltext import boolean_search
from api.values.numbers import Beyond, is_outside
from api.values.texts import check_json


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a condition: the table instance, and the embeds that can be tested for null."""

    table: Table
    alias: str
    embeds: Mapping[str, Exists]
    timezone: tzinfo | None = None


def resolve_condition(condition: Condition, scope: Scope) -> Predicate:
    """The predicate of a condition.

    Raises: `ApiError` for an unknown column, a value that does not fit, an operator that the type does not have.
    """
    if not isinstance(condition, Comparison):
        return Group(
            condition.connective,
            tuple(resolve_condition(operand, scope) for operand in condition.operands),
            condition.negated,
        )
    name = condition.field.name
    if not condition.field.path and name in scope.embeds and name not in scope.table.by_name:
        return _embed_test(condition, scope.embeds[name])
    operand = operand_for(scope.table, scope.alias, condition.field)
    if condition.quantifier == "any" and condition.operator == "eq":
        return _comparison(operand, "in", condition.value, condition.negated, scope)
    if condition.quantifier is None or isinstance(condition.value, str):
        return _comparison(operand, condition.operator, condition.value, condition.negated, scope)
    each = tuple(_comparison(operand, condition.operator, text, False, scope) for text in condition.value)
    return Group("or" if condition.quantifier == "any" else "and", each, condition.negated)


def _embed_test(condition: Comparison, exists: Exists) -> Predicate:
    if condition.operator != "is" or condition.value not in ("null", "not_null"):
        raise errors.bad_embed_filter(condition.field.name, condition.operator)
    absent = (condition.value == "null") != condition.negated
    if exists.embed.embed.inner:
        return Group("or" if absent else "and", ())  # the parent rows without one are excluded
    return Exists(exists.embed, negated=absent)


def _comparison(operand: Operand, name: str, text: str | tuple[str, ...], negated: bool, scope: Scope) -> Predicate:
    operator = OPERATORS[name]
    if operator.family == "list":
        texts = (text,) if isinstance(text, str) else text
        return _one_of(operand, [_value(operand, each, scope) for each in texts], negated)
    if not isinstance(text, str):
        raise TypeError(f"{name} takes one value")
    match operator.family:
        case "comparison":
            found = _value(operand, text, scope)
            if isinstance(found, Beyond):
                return _beyond(operand, operator, found, negated)
            return Compare(operand, name, found, negated)
        case "test":
            return _is(operand, text, negated)
        case "pattern":
            _require(operand.type.kind.traits.patterns, operand, name, "text")
            return Compare(operand, name, text.replace("*", "%") if operator.wildcards else text, negated)
        case "search":
            return FullText(_searchable(operand, name, scope), boolean_search(name, text), negated)
        case "containment":
            _require(operand.type.kind.traits.containment, operand, name, "json or set")
            return Contains(operand, name, containment_value(operand.type, text), negated)


def _one_of(operand: Operand, found: list[Value | Beyond], negated: bool) -> Predicate:
    values = [each for each in found if not isinstance(each, Beyond)]
    if found and not values:
        return Settled(operand, outcome=False, negated=negated)
    # MySQL compares wrongly where one list has numbers that the column can store and numbers that it cannot
    further = [each for each in values if isinstance(each, int) and is_outside(each, operand.type)]
    if not further:
        return OneOf(operand, tuple(values), negated)
    listed = OneOf(operand, tuple(each for each in values if each not in further))
    return Group("or", (listed, *(Compare(operand, "eq", each) for each in further)), negated)


def _beyond(operand: Operand, operator: Operator, side: Beyond, negated: bool) -> Predicate:
    of_zero, of_others = (side.compare(each) in operator.outcomes for each in (0, 1))
    if operator.name == "isdistinct":  # NULL differs from the number as well
        return Group("or", (Settled(operand, outcome=True), Is(operand, "null")), negated)
    if of_zero == of_others:
        return Settled(operand, of_zero, negated)
    return Compare(operand, "eq" if of_zero else "neq", 0, negated)


def _value(operand: Operand, text: str, scope: Scope) -> Value | Beyond:
    if not operand.path:
        return filter_value(operand.column, text, scope.timezone)
    if operand.path[-1].as_text:
        return text
    check_json(text, operand.column.name)
    return text


def _is(operand: Operand, what: str, negated: bool) -> Predicate:
    if what in ("true", "false", "unknown") and operand.type.kind is not Kind.BOOLEAN:
        raise errors.undefined_operation(
            f"'is.{what}' requires a boolean, but '{operand.column.name}' is {operand.type.declared}"
        )
    return Is(operand, what, negated)


def _require(applies: bool, operand: Operand, operator: str, needed: str) -> None:
    if not applies:
        raise errors.undefined_operation(
            f"operator '{operator}' does not exist for '{operand.column.name}' ({operand.type.declared})",
            f"It requires a column of type {needed}.",
        )


def _searchable(operand: Operand, operator: str, scope: Scope) -> Operand:
    if operand.path or (operand.column.name,) not in scope.table.fulltext_indexes:
        indexed = [columns[0] for columns in scope.table.fulltext_indexes if len(columns) == 1]
        raise errors.undefined_operation(
            f"'{operator}' requires a FULLTEXT index on '{operand.column.name}' of '{scope.table.name}'",
            f"Columns that have one: {errors.listing(indexed) or 'none'}.",
            f"CREATE FULLTEXT INDEX ... ON `{scope.table.name}` (`{operand.column.name}`)",
        )
    return operand
