"""JSON paths (`data->a->0->>b`) as SQL.

As in PostgreSQL, a key of an array, an index of an object, and a missing element are NULL; `->>` of a JSON null is
NULL. MySQL and MariaDB differ in two points, which the expressions here correct: `$[0]` (and `$[last-0]`) of a value
that is not an array returns the value, and unquoting a JSON null returns the string `null`.

Paths are parameters, never part of the SQL text.
"""

from __future__ import annotations

from api.catalog import Dialect
from api.plan.operands import JsonPath
from api.statement import Sql, sql, value
from api.values.json_document import path_string

Keys = tuple[str | int, ...]


def path_json(expression: Sql, path: JsonPath, dialect: Dialect) -> Sql:
    """The JSON value at the path (`->`), SQL NULL if it is missing; a JSON null stays a JSON null.

    On MySQL it is of type JSON and compares and sorts as such; on MariaDB it is JSON text.
    """
    keys = tuple([step.key for step in path])
    found = _extract(expression, keys, dialect)
    for position in range(len(keys) - 1, -1, -1):
        if keys[position] in (0, -1):
            holder = _extract(expression, keys[:position], dialect)
            found = sql("IF(JSON_TYPE({})='ARRAY',{},NULL)", holder, found)
    return found


def path_text(expression: Sql, path: JsonPath, dialect: Dialect) -> Sql:
    """The value at the path as text (`->>`), unquoted, of any length; NULL for a JSON null or a missing value.

    Its collation is utf8mb4_bin: it compares case-sensitively, as PostgreSQL's `->>` does.
    """
    found = path_json(expression, path, dialect)
    if dialect is Dialect.MYSQL:
        return sql("JSON_UNQUOTE(NULLIF({},CAST('null' AS JSON)))", found)
    # CONCAT makes it a string: MariaDB would unquote the JSON before it compares, and confuse "null" with null
    return sql("JSON_UNQUOTE(NULLIF(CONCAT({}),'null'))", found)


def _extract(expression: Sql, keys: Keys, dialect: Dialect) -> Sql:
    if not keys:
        return expression
    path = value(path_string(keys))
    if dialect is Dialect.MARIADB and any(isinstance(key, int) and key < 0 for key in keys):
        # MariaDB evaluates a constant path once, and would count from the end of the first row's array in all rows
        return sql("JSON_EXTRACT({},CONCAT({},LEFT({},0)))", expression, path, expression)
    return sql("JSON_EXTRACT({},{})", expression, path)
