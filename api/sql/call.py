"""The statements that call routines: arguments are literals, because a user variable would pin the session."""

from __future__ import annotations

from api.catalog import Kind, routine_name
from api.plan.call import CallPlan
from api.sql.json_text import plain
from api.sql.server import Server
from api.statement import Sql, Statement, join, sql, value


def call_procedure(plan: CallPlan) -> Statement:
    """CALL of a procedure."""
    return sql("CALL {}({})", routine_name(plan.routine), _arguments(plan))


def select_function(plan: CallPlan, server: Server) -> Statement:
    """One row with a function's value, in the form that `api.values.encode` takes. The function is called once, because
    it may have effects."""
    called = sql("{}({})", routine_name(plan.routine), _arguments(plan))
    returns = plan.routine.returns
    if returns is None:
        raise TypeError("a procedure is called")
    if returns.name == "float":
        return server.select(sql("{} FROM (SELECT {} x LIMIT 1) t", plain(sql("x"), returns), called))
    if returns.kind is Kind.FLOAT:
        return server.select(sql("{}+0e0", called))
    return server.select(plain(called, returns))


def _arguments(plan: CallPlan) -> Sql:
    return join(",", [each if isinstance(each, Sql) else value(each) for each in plan.arguments])
