"""Row security: which tables have it, and their policies, from the table that the migrator keeps."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from api.catalog.introspection.session import Row, Session, by_name, text, text_or_none
from api.catalog.lazy import Lazy
from api.catalog.own_tables import POLICIES
from api.catalog.policies import Command, Expression, Policy, Unreadable, read_expression
from api.database import errno
from api.database.connection import DriverError
from api.statement import Sql, quote_name, sql, trusted

NO_SUCH_TABLE = 1146
NO_PRIVILEGE = (1142, 1143)
"""On the table, on one of its columns. Without a privilege, the server does not tell whether the table exists."""
_POLICIES = (
    "SELECT table_name,policy_name,permissive,command,roles,using_source,using_pieces,check_source,check_pieces FROM {}"
)


def read_policies(
    session: Session, schema: str, tables: Collection[str]
) -> Mapping[str, tuple[Policy, ...] | Unreadable]:
    """The policies of each of these tables that has row security enabled, by the table's name. If the account may not
    read them, every table can have some.

    The table is read by its name instead of being looked up: an account without the privilege to read it would not
    find it, and must not take that for a database without policies.
    """
    try:
        rows = session.rows(sql(_POLICIES, policies_table(schema)))
    except DriverError as error:
        if errno.number(error) == NO_SUCH_TABLE:
            return {}
        if errno.number(error) in NO_PRIVILEGE:
            return dict.fromkeys(tables, Unreadable(schema))
        raise
    stored = by_name(rows)
    enabled = [text(row[0]) for row in rows if not text(row[1])]
    return Lazy(
        (name for name in enabled if name in tables),
        lambda name: tuple(_policy(row) for row in stored[name] if text(row[1])),
    )


def policies_table(schema: str) -> Sql:
    """The name of the table of a database's policies."""
    return trusted(f"{quote_name(schema)}.{quote_name(POLICIES)}")


def _policy(row: Row) -> Policy:
    _, name, permissive, command, roles, *conditions = row
    using_source, using, check_source, check = map(text_or_none, conditions)
    return Policy(
        text(name),
        text(permissive) == "1",
        None if command is None else Command(text(command)),
        tuple(json.loads(text(roles))),
        _expression(using_source, using),
        _expression(check_source, check),
    )


def _expression(source: str | None, stored: str | None) -> Expression | None:
    return None if source is None or stored is None else read_expression(source, stored)
