"""From the grammar's conditions to predicates: columns looked up, values typed by the column they are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from api import errors
from api.catalog import Column, Kind, Table
from api.plan.full_text import named_index, searched
from api.plan.operands import Aggregated, Operand, has_truth
from api.plan.shape import aggregated, operand_for
from api.plan.tree import Compare, Contains, Exists, FullText, Group, Is, OneOf, Predicate, Settled, Spatial
from api.request.operators import OPERATORS, Operator
from api.request.query import AggregateField, Comparison, Condition, Field
from api.statement import Value
from api.values.containment import containment_value
from api.values.filters import filter_value
from api.values.numbers import Beyond, is_outside
from api.values.texts import check_json


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a condition: the table instance, and the embeds that can be tested for null."""

    table: Table
    alias: str
    embeds: Mapping[str, Exists]
    timezone: tzinfo | None = None
    grouped: tuple[Operand, ...] | None = None
    """For a condition on groups: the operands of the GROUP BY."""
    aggregates: Mapping[str, str] = field(default_factory=dict)
    """The aggregates that the rows show, by name, as a filter writes them."""


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
    if (
        type(condition.field) is Field
        and not condition.field.path
        and name in scope.embeds
        and name not in scope.table.by_name
    ):
        if scope.grouped is not None:
            raise errors.not_implemented("A test of an embed cannot be in the same 'or' as a filter on an aggregate.")
        return _embed_test(condition, scope.embeds[name])
    if OPERATORS[condition.operator].family == "search" and isinstance(condition.value, str):
        return _search(condition, condition.value, scope)
    operand = _operand(condition.field, scope)
    if condition.quantifier == "any" and condition.operator == "eq":
        return _comparison(operand, "in", condition.value, condition.negated, scope)
    if condition.quantifier is None or isinstance(condition.value, str):
        return _comparison(operand, condition.operator, condition.value, condition.negated, scope)
    each = tuple(_comparison(operand, condition.operator, text, False, scope) for text in condition.value)
    return Group("or" if condition.quantifier == "any" else "and", each, condition.negated)


def _operand(wanted: Field, scope: Scope) -> Operand:
    if isinstance(wanted, AggregateField):
        if scope.grouped is None:
            raise errors.grouping_required(f"filter by {wanted.aggregate}()")
        return aggregated(scope.table, scope.alias, wanted)
    if named_index(scope.table, wanted) is not None:
        raise errors.undefined_operation(
            f"'{wanted.name}' is a FULLTEXT index of '{scope.table.name}', not a column",
            hint=f"Search it with fts, plfts, phfts or wfts: {wanted.name}=wfts.word",
        )
    if (shown := scope.aggregates.get(wanted.name)) is not None:
        hint = f"Filter by the aggregate itself: {shown}=gt.1"
        raise errors.unknown_column(scope.table.name, wanted.name, scope.table.named, hint)
    operand = operand_for(scope.table, scope.alias, wanted)
    return operand if scope.grouped is None else _of_group(operand, scope.grouped)


def _of_group(operand: Operand, grouped: tuple[Operand, ...]) -> Operand:
    """An operand of the GROUP BY in a condition on groups, where MySQL knows an expression only inside an aggregate."""
    if operand not in grouped:
        raise errors.not_grouped_by(operand.column.name, "filter by it together with an aggregate")
    if operand.type.kind is Kind.JSON:
        raise errors.not_implemented("A filter on groups cannot compare JSON.", "Use ->> for its text.")
    if not operand.path and not has_truth(operand.type):
        return operand
    column = Column(operand.column.name, operand.type, nullable=operand.nullable, position=0)
    return Aggregated(operand.alias, column, function="max", of=operand)


def _search(condition: Comparison, text: str, scope: Scope) -> FullText:
    from api.values.fulltext import boolean_search  # on first use, to keep it out of cold starts

    if scope.grouped is not None or isinstance(condition.field, AggregateField):
        raise errors.not_implemented("Groups cannot be searched: search the rows with a separate filter.")
    operands = searched(scope.table, scope.alias, condition.field, condition.operator)
    return FullText(operands, boolean_search(condition.operator, text), condition.negated)


def has_aggregate(condition: Condition) -> bool:
    """Whether the condition is about groups of rows."""
    if isinstance(condition, Comparison):
        return isinstance(condition.field, AggregateField)
    return any(has_aggregate(operand) for operand in condition.operands)


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
            raise TypeError("a search is not a comparison of one operand")
        case "containment":
            _require(operand.type.kind.traits.containment, operand, name, "json or set")
            return Contains(operand, name, containment_value(operand.type, text), negated)
        case "spatial":
            _require(operand.type.kind is Kind.GEOMETRY, operand, name, "geometry")
            return _spatial(operand, name, text, negated=negated)


def _spatial(operand: Operand, name: str, text: str, *, negated: bool) -> Spatial:
    from api.values.spatial import area, circle  # on first use, to keep it out of cold starts

    column = operand.column.name
    shape = circle(text, column) if name == "dwithin" else area(text, column, surface=name == "within")
    return Spatial(operand, name, shape, negated)


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
    if operator.for_null is not None:
        null = Is(operand, "null", negated=not operator.for_null)
        return Group("or" if operator.for_null else "and", (Settled(operand, of_others), null), negated)
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
