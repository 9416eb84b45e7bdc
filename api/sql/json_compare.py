"""JSON values compared and ordered as JSON: numbers by value, objects regardless of the order of their keys.

MySQL's JSON type does that itself: null < numbers < strings < objects < arrays < booleans
(https://dev.mysql.com/doc/refman/8.4/en/json.html#json-comparison). MariaDB has only text; the SQL here gives it the
same order of types, with numbers compared as doubles and everything else as text.
"""

from __future__ import annotations

import json

from api.catalog import Dialect
from api.request.operators import OPERATORS
from api.statement import Sql, sql, value

_NUMBER_RANK = 2


def compare_json(left: Sql, operator: str, text: str, dialect: Dialect) -> Sql:
    """A JSON value compared with JSON text, NULL if the value is NULL, unless the operator has an outcome for NULL.

    Args:
        operator: One of the family `comparison`.
        text: Valid JSON, as `api.values` checked it.
    """
    symbol, orders = OPERATORS[operator].sql, OPERATORS[operator].orders
    if dialect is Dialect.MYSQL:
        return sql(symbol, left, sql("CAST({} AS JSON)", value(text)))
    if not orders:
        # JSON_EQUALS finds a missing element equal to anything
        return sql(symbol, sql("JSON_NORMALIZE({})", left), sql("JSON_NORMALIZE({})", value(text)))
    right = json.loads(text)
    rank = _rank_of(right)
    if rank == _NUMBER_RANK:
        within = sql(symbol, sql("{}+0e0", left), value(float(right)))
    elif isinstance(right, str):
        within = sql(symbol, sql("JSON_UNQUOTE({})", left), value(right))
    else:
        within = sql(symbol, sql("JSON_NORMALIZE({})", left), sql("JSON_NORMALIZE({})", value(text)))
    between = sql(symbol, _rank(left), value(rank))
    return sql("IF({}={},{},{})", _rank(left), value(rank), within, between)


def order_json(expression: Sql, dialect: Dialect) -> tuple[Sql, ...]:
    """The keys that order JSON values, most significant first; all have the same direction."""
    if dialect is Dialect.MYSQL:
        return (expression,)
    rank = _rank(expression)
    number = sql("IF({}={},{}+0e0,NULL)", rank, value(_NUMBER_RANK), expression)
    return rank, number, expression


def _rank(expression: Sql) -> Sql:
    return sql(
        "NULLIF(FIELD(REPLACE(JSON_TYPE({}),'DOUBLE','INTEGER'),"
        "'NULL','INTEGER','STRING','OBJECT','ARRAY','BOOLEAN'),0)",
        expression,
    )


def _rank_of(document: object) -> int:
    match document:
        case None:
            return 1
        case bool():
            return 6
        case int() | float():
            return _NUMBER_RANK
        case str():
            return 3
        case dict():
            return 4
        case _:
            return 5
