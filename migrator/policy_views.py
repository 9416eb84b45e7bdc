"""The views that the subqueries of policies read in place of the tables.

A subquery runs with the privileges of the role whose request it is part of. So that a policy can depend on tables that
the role may not read, each table is read through a view that runs as the migrator's account, with only the columns that
policies name. MySQL merges such a view into the statement: the execution plan is the same. A stored function would take
60 times as long for a list, because it hides the condition from the optimizer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from api.catalog.own_tables import VIEWS_PREFIX
from migrator.policy_tokens import quoted

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor

_LONGEST_NAME = 64


def view_of(table: str) -> str:
    """The name of the view for a table."""
    name = VIEWS_PREFIX + table
    return name if len(name) <= _LONGEST_NAME else VIEWS_PREFIX + hashlib.sha256(table.encode()).hexdigest()[:32]


def make_views(connection: Connection[Cursor], tables: Mapping[str, Iterable[str]]) -> None:
    """Create the views for these columns of tables, and drop all others. Raises: the driver's errors."""
    wanted = {view_of(table): (table, sorted(columns)) for table, columns in tables.items()}
    with connection.cursor() as cursor:
        for view in _existing(cursor):
            if view not in wanted:
                cursor.execute(f"DROP VIEW {quoted(view)}")
        for view, (table, columns) in wanted.items():
            # a view needs at least one column, even if the subquery only asks whether a row exists
            shown = ", ".join(map(quoted, columns)) or "1 AS `one`"
            cursor.execute(
                f"CREATE OR REPLACE SQL SECURITY DEFINER VIEW {quoted(view)} AS SELECT {shown} FROM {quoted(table)}"  # noqa: S608
            )


def grant_views(connection: Connection[Cursor], roles: Iterable[str]) -> None:
    """Let the existing accounts of these roles read the views. Raises: the driver's errors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT GRANTEE FROM information_schema.USER_PRIVILEGES")
        accounts = {str(grantee) for (grantee,) in cursor.fetchall()}
        existing = [account for account in (f"'{role}'@'%'" for role in roles) if account in accounts]
        for view in _existing(cursor):
            for account in existing:
                cursor.execute(f"GRANT SELECT ON {quoted(view)} TO {account}")


def _existing(cursor: Cursor) -> list[str]:
    cursor.execute(
        "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() AND LEFT(TABLE_NAME, %s) = %s",
        (len(VIEWS_PREFIX), VIEWS_PREFIX),
    )
    return [str(name) for (name,) in cursor.fetchall()]
