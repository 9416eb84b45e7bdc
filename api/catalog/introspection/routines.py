"""The stored functions and procedures of a database, with their parameters."""

from __future__ import annotations

from collections.abc import Mapping

from api.catalog import Parameter, ParameterMode, Routine
from api.catalog.introspection.column_types import column_type
from api.catalog.introspection.select import Rows, Select, cells_of
from api.catalog.lazy import Lazy
from api.catalog.own_tables import TRIGGER_LIST
from api.statement import sql, value


def routines_select(schema: str) -> Select:
    """Select the routines of a database, for `routines`."""
    return Select(
        sql("SPECIFIC_NAME,ROUTINE_TYPE,SQL_DATA_ACCESS,ROUTINE_COMMENT"),
        sql(
            "information_schema.ROUTINES WHERE ROUTINE_SCHEMA={} AND ROUTINE_TYPE IN('FUNCTION','PROCEDURE') "
            "AND ROUTINE_NAME<>{}",
            value(schema),
            value(TRIGGER_LIST),
        ),
    )


def parameters_select(schema: str) -> Select:
    """Select the parameters of all routines, and the types that functions return, for `routines`."""
    return Select(
        sql(
            "SPECIFIC_NAME,ROUTINE_TYPE,ORDINAL_POSITION,COALESCE(PARAMETER_MODE,''),COALESCE(PARAMETER_NAME,''),"
            "COALESCE(CHARACTER_SET_NAME,''),COALESCE(COLLATION_NAME,''),DTD_IDENTIFIER"
        ),
        sql("information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA={}", value(schema)),
    )


def routines(schema: str, described: Rows, parameters: Rows) -> Mapping[str, Routine]:
    """The routines by name. If a function and a procedure share a name, the function is returned."""

    def routine(name: str) -> Routine:
        kind, access, comment = min(cells_of(row, 3) for row in described[name])
        typed = [
            (parameter, ParameterMode(mode or "IN"), column_type(declared, charset or None, collation or None))
            for of_kind, _, mode, parameter, charset, collation, declared in sorted(
                (cells_of(row, 7) for row in parameters.get(name, ())), key=lambda cells: int(cells[1])
            )
            if of_kind == kind
        ]
        return Routine(
            schema=schema,
            name=name,
            parameters=tuple(Parameter(parameter, type_, mode) for parameter, mode, type_ in typed if parameter),
            returns=next((type_ for parameter, _, type_ in typed if not parameter), None),
            reads_only=access in ("NO SQL", "READS SQL DATA"),
            comment=comment,
        )

    return Lazy(sorted(described), routine)
