"""The members of an ENUM or SET, read from the column itself where the server's data dictionary garbles them.

Both servers store column descriptions in utf8mb3, where every character outside the Basic Multilingual Plane (an emoji,
say) becomes `?`. The column still knows its members by number. A recursive query takes its column types from its first
part, so a query that starts with the column and continues with numbers returns the members one by one, without reading
a row of the table (https://dev.mysql.com/doc/refman/8.4/en/with.html#common-table-expressions-recursive).
"""

from __future__ import annotations

from dataclasses import replace

from api.catalog import Column, Kind, Table, column_of, table_name
from api.catalog.introspection.column_types import member_count
from api.catalog.introspection.session import Session, text
from api.errors import ApiError
from api.statement import Statement, sql, value

MAX_MEMBERS = 900
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
    """Select the `count` members of a base table's ENUM or SET, in order, one per row.

    Requires the SELECT privilege on the column.
    """
    parts = (column_of("t", column), table_name(table), value(count))
    return sql(_ENUM, *parts) if column.type.kind is Kind.ENUM else sql(_SET, *parts)


def with_members(session: Session, table: Table) -> Table:
    """The base table, with ENUM and SET members read from the columns themselves where the data dictionary garbles
    them."""
    columns = tuple(_with_own_members(session, table, column) for column in table.columns)
    return table if columns == table.columns else replace(table, columns=columns)


def _with_own_members(session: Session, table: Table, column: Column) -> Column:
    type_ = column.type
    if not type_.kind.traits.members or type_.members or member_count(type_.declared) > MAX_MEMBERS:
        return column
    try:
        rows = session.rows(members_statement(table, column, member_count(type_.declared)))
    except ApiError:  # the user may not read the column, so its members are not needed
        return column
    members = tuple(text(row[0]) for row in rows)
    # MariaDB computes this query's SET in a single byte, so every member after the eighth comes back empty.
    if type_.kind is Kind.SET and "" in members:
        return column
    return replace(column, type=replace(type_, members=members))
