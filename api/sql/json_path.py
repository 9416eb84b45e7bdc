"""JSON paths (`data->a->0->>b`) as SQL.

PostgreSQL's meaning: a key of an array, an index of an object, and a missing element are NULL; `->>` of a JSON null
is NULL. MySQL and MariaDB differ from it in two points, which the expressions here correct: `$[0]` (and `$[last-0]`)
of what is no array is the thing itself, and unquoting a JSON null gives the text `null`.

Paths travel as parameters, never in the SQL text.
"""

from __future__ import annotations

from api.catalog import Dialect
from api.request.query import JsonStep
from api.statement import Sql, sql, value
from api.values.json_document import path_string

_NULL = {Dialect.MYSQL: Sql("CAST('null' AS JSON)"), Dialect.MARIADB: Sql("'null'")}


def path_json(expression: Sql, path: tuple[JsonStep, ...], dialect: Dialect) -> Sql:
    """The JSON value at the path (`->`), SQL NULL where there is none; a JSON null stays a JSON null.

    On MySQL it is of type JSON and compares and sorts as such; on MariaDB it is JSON text.
    """
    del dialect
    value_there = sql("JSON_EXTRACT({},{})", expression, value(path_string(tuple([step.key for step in path]))))
    for position, step in reversed(list(enumerate(path))):
        if step.key in (0, -1):
            holder = expression if position == 0 else _extract(expression, path[:position])
            value_there = sql("IF(JSON_TYPE({})='ARRAY',{},NULL)", holder, value_there)
    return value_there


def path_text(expression: Sql, path: tuple[JsonStep, ...], dialect: Dialect) -> Sql:
    """The value at the path as text (`->>`), unquoted, of any length; NULL for a JSON null and where there is none.

    Its collation is utf8mb4_bin: it compares case-sensitively, as PostgreSQL's `->>` does.
    """
    return sql("JSON_UNQUOTE(NULLIF({},{}))", path_json(expression, path, dialect), _NULL[dialect])


def _extract(expression: Sql, path: tuple[JsonStep, ...]) -> Sql:
    return sql("JSON_EXTRACT({},{})", expression, value(path_string(tuple([step.key for step in path]))))
