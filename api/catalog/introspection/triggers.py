"""Which tables have triggers. MySQL shows them to accounts with the TRIGGER privilege only, which may also create them.

So the migrator makes a procedure that lists them with its own account's privileges.
"""

from __future__ import annotations

from collections.abc import Mapping

from api.catalog import Dialect
from api.catalog.introspection.select import Rows, Select
from api.catalog.introspection.session import Session, text
from api.catalog.own_tables import TRIGGER_LIST
from api.database import errno
from api.database.connection import DriverError
from api.statement import quote_name, sql, trusted, value

_OWN_ACCOUNT = sql("CONCAT(CHAR(39),REPLACE(CURRENT_USER(),CHAR(64),CHAR(39,64,39)),CHAR(39))")
"""As GRANTEE writes it: name and host in quotes. Without literals, it means the same in every mode."""
_CANNOT_CALL = frozenset({1305, 1370, 1449})
"""It does not exist, the account may not call it, or its owner is gone."""


def triggers_selects(schema: str) -> Mapping[str, Select]:
    """Select the tables whose triggers the account sees, and the privileges by which it sees all of them."""
    nameless = sql("'',PRIVILEGE_TYPE")
    return {
        "triggers": Select(
            sql("EVENT_OBJECT_TABLE,TRIGGER_NAME"),
            sql("information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA={}", value(schema)),
        ),
        "trigger privilege": Select(
            nameless,
            sql("information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER' AND GRANTEE={}", _OWN_ACCOUNT),
        ),
        "trigger privilege on the database": Select(
            nameless,
            sql(
                "information_schema.SCHEMA_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER' AND GRANTEE={} "
                "AND {} LIKE TABLE_SCHEMA",
                _OWN_ACCOUNT,
                value(schema),
            ),
        ),
    }


def read_triggered(
    session: Session, schema: str, default_schema: str, dialect: Dialect, rows: Mapping[str, Rows]
) -> frozenset[str] | None:
    """The tables of the database that have triggers; None if that cannot be known. `rows`: of `triggers_selects`."""
    triggers, *privileges = (rows[name] for name in triggers_selects(schema))
    if dialect is Dialect.MARIADB or any(privileges):
        return frozenset(triggers)
    procedure = trusted(f"{quote_name(default_schema)}.{quote_name(TRIGGER_LIST)}")
    try:
        return frozenset(text(row[0]) for row in session.rows(sql("CALL {}({})", procedure, value(schema))))
    except DriverError as error:
        if errno.number(error) in _CANNOT_CALL:
            return None
        raise
