"""Which tables have triggers. MySQL shows them to accounts with the TRIGGER privilege only, which may also create them.

So the migrator makes a procedure that lists them with its own account's privileges.
"""

from __future__ import annotations

from api.catalog import Dialect
from api.catalog.introspection.session import Session, text
from api.catalog.own_tables import TRIGGER_LIST
from api.database import errno
from api.database.connection import DriverError
from api.statement import quote_name, sql, trusted, value

_VISIBLE = (
    "SELECT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA={} UNION "
    "SELECT NULL FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER' AND GRANTEE={} UNION "
    "SELECT NULL FROM information_schema.SCHEMA_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER' AND GRANTEE={} "
    "AND {} LIKE TABLE_SCHEMA"
)
"""The tables whose triggers the account sees, and a NULL if it sees all of them."""
_OWN_ACCOUNT = sql("CONCAT(CHAR(39),REPLACE(CURRENT_USER(),CHAR(64),CHAR(39,64,39)),CHAR(39))")
"""As GRANTEE writes it: name and host in quotes. Without literals, it means the same in every mode."""
_CANNOT_CALL = frozenset({1305, 1370, 1449})
"""It does not exist, the account may not call it, or its owner is gone."""


def read_triggered(session: Session, schema: str, default_schema: str, dialect: Dialect) -> frozenset[str] | None:
    """The tables of the database that have triggers; None if that cannot be known."""
    rows = session.rows(sql(_VISIBLE, value(schema), _OWN_ACCOUNT, _OWN_ACCOUNT, value(schema)))
    seen = frozenset(text(row[0]) for row in rows if row[0] is not None)
    if dialect is Dialect.MARIADB or len(seen) < len(rows):
        return seen
    procedure = trusted(f"{quote_name(default_schema)}.{quote_name(TRIGGER_LIST)}")
    try:
        return frozenset(text(row[0]) for row in session.rows(sql("CALL {}({})", procedure, value(schema))))
    except DriverError as error:
        if errno.number(error) in _CANNOT_CALL:
            return None
        raise
