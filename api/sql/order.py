"""ORDER BY, LIMIT and OFFSET."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from api.catalog import Dialect, Kind
from api.plan.levels import Level
from api.plan.operands import Aggregated, Operand, has_truth
from api.plan.tree import OrderKey
from api.sql.json_compare import order_json
from api.sql.operators import compared_sql, operand_sql
from api.statement import EMPTY, Sql, join, sql, value


class OrderTerm(NamedTuple):
    """One expression of an ORDER BY."""

    expression: Sql
    descending: bool


def order_by(order: tuple[OrderKey, ...], dialect: Dialect, level: Level | None = None) -> Sql:
    """The ORDER BY clause with a space before it."""
    return ordered_by(order_terms(order, dialect, level))


def ordered_by(terms: Iterable[OrderTerm]) -> Sql:
    """The ORDER BY clause of these terms with a space before it; empty without terms."""
    written = [sql("{} DESC", term.expression) if term.descending else term.expression for term in terms]
    return sql(" ORDER BY {}", join(",", written)) if written else EMPTY


def order_terms(
    order: tuple[OrderKey, ...], dialect: Dialect, level: Level | None = None, *, in_aggregate: bool = False
) -> list[OrderTerm]:
    """The expressions to order by. MySQL puts NULL first when ascending, last when descending.

    Args:
        level: The level of the rows, if they may be grouped.
        in_aggregate: For the ORDER BY of a GROUP_CONCAT, where NULL may equal 0 and the empty string.
    """
    terms: list[OrderTerm] = []
    for key in order:
        operand = operand_sql(key.operand, dialect) if key.stored else compared_sql(key.operand, dialect)
        if level is not None and level.grouped and _is_derived(key.operand, level):
            # all rows of the group have the same value, which the server does not always recognise
            operand = sql("MAX({}+0)" if key.operand.type.kind.traits.members else "MAX({})", operand)
        if key.nulls_first is not None and (in_aggregate or key.nulls_first == key.descending):
            terms.append(OrderTerm(sql("{} IS NULL", operand), key.nulls_first))
        each = order_json(operand, dialect) if key.operand.type.kind is Kind.JSON else (operand,)
        terms.extend(OrderTerm(one, key.descending) for one in each)
    return terms


def _is_derived(operand: Operand, level: Level) -> bool:
    """The operand is an expression over a column of the GROUP BY."""
    if isinstance(operand, Aggregated):
        return False
    return bool(operand.path) or operand.alias != level.alias or has_truth(operand.type)


def limit_clause(limit: int | None, offset: int) -> Sql:
    """LIMIT and OFFSET with a space before them; MySQL has no OFFSET without LIMIT."""
    if offset:
        return sql(" LIMIT {} OFFSET {}", value(2**64 - 1 if limit is None else limit), value(offset))
    return sql(" LIMIT {}", value(limit)) if limit is not None else EMPTY
