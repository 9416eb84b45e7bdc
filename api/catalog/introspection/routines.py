"""The stored functions and procedures of a database, with their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.catalog import Parameter, ParameterMode, Routine
from api.catalog.introspection.column_types import column_type
from api.catalog.introspection.session import Row, Session, by_name, text, text_or_none
from api.catalog.lazy import Lazy
from api.catalog.own_tables import TRIGGER_LIST
from api.statement import sql, value

_ROUTINES = (
    "SELECT SPECIFIC_NAME,ROUTINE_TYPE,SQL_DATA_ACCESS,ROUTINE_COMMENT FROM information_schema.ROUTINES "
    "WHERE ROUTINE_SCHEMA={} AND ROUTINE_TYPE IN('FUNCTION','PROCEDURE') AND ROUTINE_NAME<>{}"
)
_PARAMETERS = (
    "SELECT SPECIFIC_NAME,ROUTINE_TYPE,ORDINAL_POSITION,PARAMETER_MODE,PARAMETER_NAME,DTD_IDENTIFIER,"
    "CHARACTER_SET_NAME,COLLATION_NAME FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA={}"
)


def read_routines(session: Session, schema: str) -> Mapping[str, Routine]:
    """The routines by name. If a function and a procedure share a name, the function is returned."""
    routines = by_name(session.rows(sql(_ROUTINES, value(schema), value(TRIGGER_LIST))))
    parameters = by_name(session.rows(sql(_PARAMETERS, value(schema)))) if routines else {}

    def routine(name: str) -> Routine:
        described = min(routines[name], key=lambda row: text(row[1]))
        return _routine(schema, described, [row for row in parameters.get(name, ()) if row[1] == described[1]])

    return Lazy(sorted(routines), routine)


def _routine(schema: str, described: Row, parameters: Iterable[Row]) -> Routine:
    name, _, access, comment = described
    typed = [
        (row, column_type(text(row[5]), text_or_none(row[6]), text_or_none(row[7])))
        for row in sorted(parameters, key=lambda row: int(str(row[2])))
    ]
    return Routine(
        schema=schema,
        name=text(name),
        parameters=tuple(
            Parameter(text(row[4]), type_, ParameterMode(text(row[3] or "IN")))
            for row, type_ in typed
            if row[4] is not None
        ),
        returns=next((type_ for row, type_ in typed if row[4] is None), None),
        reads_only=access in ("NO SQL", "READS SQL DATA"),
        comment=text(comment),
    )
