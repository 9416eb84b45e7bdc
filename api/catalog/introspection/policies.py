"""Row security: which tables have it, and their policies, from the table that the migrator keeps."""

from __future__ import annotations

import json
from collections.abc import Container

from api import errors
from api.catalog.introspection.session import Row, Session, text, text_or_none
from api.catalog.policies import TABLE, Command, Expression, Policy, read_expression
from api.database import errno
from api.database.connection import DriverError
from api.statement import quote_name, sql, trusted

_NO_SUCH_TABLE, _NO_PRIVILEGE = 1146, 1142
_POLICIES = (
    "SELECT table_name,policy_name,permissive,command,roles,using_source,using_pieces,check_source,check_pieces FROM {}"
)


def read_policies(session: Session, schema: str, tables: Container[str]) -> list[tuple[str, tuple[Policy, ...]]]:
    """The policies of each of these tables that has row security enabled, with the table's name.

    The table is read by its name instead of being looked up: an account without the privilege to read it would not
    find it, and must not take that for a database without policies.

    Raises: `ApiError` 42501 if the account may not read the policies, whether there are any or not.
    """
    table = trusted(f"{quote_name(schema)}.{quote_name(TABLE)}")
    try:
        rows = session.rows(sql(_POLICIES, table))
    except DriverError as error:
        if errno.number(error) == _NO_SUCH_TABLE:
            return []
        if errno.number(error) == _NO_PRIVILEGE:
            raise errors.unreadable_policies(schema, TABLE) from error
        raise
    enabled = [text(row[0]) for row in rows if not text(row[1])]
    return [
        (name, tuple(_policy(row) for row in rows if text(row[0]) == name and text(row[1])))
        for name in enabled
        if name in tables
    ]


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
