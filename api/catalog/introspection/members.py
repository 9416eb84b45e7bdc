"""The members of an ENUM or SET that the server's own description garbles.

Both servers keep column descriptions in utf8mb3, where every character beyond the Basic Multilingual Plane (an emoji,
say) is a `?`. The column itself knows its members, by number. A recursive query has the column types of its first part,
so one that starts with the column and goes on with numbers gives the members one by one, from no row of the table
(https://dev.mysql.com/doc/refman/8.4/en/with.html#common-table-expressions-recursive).
"""

from __future__ import annotations

from api.catalog import Column, Kind, Table, column_of, table_name
from api.statement import Statement, sql, value

MOST = 900
"""Both servers stop a recursion after 1000 steps."""

_ENUM = (
    "WITH RECURSIVE m AS (SELECT {} AS v,0 AS n FROM (SELECT 1 AS one) AS d LEFT JOIN {} AS t ON FALSE "
    "UNION ALL SELECT n+1,n+1 FROM m WHERE n<{}) SELECT v FROM m WHERE n>0 ORDER BY n"
)
_SET = (
    "WITH RECURSIVE m AS (SELECT {} AS v,0 AS n FROM (SELECT 1 AS one) AS d LEFT JOIN {} AS t ON FALSE "
    "UNION ALL SELECT 1<<n,n+1 FROM m WHERE n<{}) SELECT v FROM m WHERE n>0 ORDER BY n"
)


def members_statement(table: Table, column: Column, count: int) -> Statement:
    """Selects the `count` members of a base table's ENUM or SET, in order, one in a row. Needs SELECT on the column."""
    parts = (column_of("t", column), table_name(table), value(count))
    return sql(_ENUM, *parts) if column.type.kind is Kind.ENUM else sql(_SET, *parts)
