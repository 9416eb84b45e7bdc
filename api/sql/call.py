"""The statements that call routines. Arguments are literals, because a user variable pins the session; only the
parameters that MySQL returns in no other way, OUT and INOUT, are variables."""

from __future__ import annotations

from api.catalog import Kind, ParameterMode, routine_name
from api.plan.call import CallPlan
from api.sql.json_text import plain
from api.sql.server import Server
from api.statement import Sql, Statement, join, sql, trusted, value
from api.values.payload import Stored


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


def set_variables(plan: CallPlan) -> Statement:
    """SET of the variables for the OUT and INOUT parameters.

    It pins the session even if all are OUT: a procedure may commit, and the proxy must not let go of the variables.
    """
    given = [
        sql("{}={}", _variable(position), _written(argument))
        for position, (parameter, argument) in enumerate(zip(plan.routine.parameters, plan.arguments, strict=True))
        if parameter.mode is not ParameterMode.IN
    ]
    return sql("SET {}", join(",", given))


def select_variables(plan: CallPlan) -> Statement:
    """One row with the values of the OUT and INOUT parameters, in the form that `api.values.encode` takes."""
    shown: list[Sql] = []
    for position, parameter in enumerate(plan.routine.parameters):
        if parameter.mode is not ParameterMode.IN:
            variable = _variable(position)
            single = parameter.type.name == "float"  # a variable is a double
            shown.append(plain(sql("CAST({} AS FLOAT)", variable) if single else variable, parameter.type))
    return sql("SELECT {}", join(",", shown))


def _arguments(plan: CallPlan) -> Sql:
    return join(
        ",",
        [
            _written(argument) if parameter.mode is ParameterMode.IN else _variable(position)
            for position, (parameter, argument) in enumerate(zip(plan.routine.parameters, plan.arguments, strict=True))
        ],
    )


def _written(argument: Stored) -> Sql:
    return argument if isinstance(argument, Sql) else value(argument)


def _variable(position: int) -> Sql:
    return trusted(f"@aurorest_parameter_{position}")
