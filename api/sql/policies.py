"""Row policies as conditions. Their SQL comes from the migrations, and claims are values like any other."""

from __future__ import annotations

from api.catalog.policies import Expression, RowColumn
from api.plan.claims import claim_value
from api.plan.tree import RowPolicy
from api.request.caller import Caller
from api.sql.operators import FALSE
from api.statement import Sql, Value, join, sql, trusted


def policy_sql(policy: RowPolicy) -> Sql:
    """The condition; NULL means that the row does not meet it."""
    rule, alias, caller = policy.rule, policy.alias, policy.caller
    if not rule.permissive:
        return FALSE
    met = [_expression(each, alias, caller) for each in rule.permissive]
    each = [met[0] if len(met) == 1 else sql("({})", join(" OR ", met))]
    each.extend(_expression(expression, alias, caller) for expression in rule.restrictive)
    return each[0] if len(each) == 1 else join(" AND ", each)


def _expression(expression: Expression, alias: str, caller: Caller) -> Sql:
    """The expression in parentheses. Written in one go: a fragment for each piece would take twice as long."""
    text = ["("]
    parameters: list[Value] = []
    for piece in expression.written:
        if isinstance(piece, str):
            text.append(piece)
        elif isinstance(piece, RowColumn):
            text.append(f"{alias}.{piece.quoted}")
        else:
            text.append("%s")
            parameters.append(claim_value(caller, piece))
    text.append(")")
    return trusted("".join(text), tuple(parameters))
