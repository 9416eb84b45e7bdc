"""The procedure that tells the API which tables have triggers.

The API must know, because a trigger may change its session. MySQL shows triggers only to accounts with the TRIGGER
privilege, which could also create them. The procedure runs as the account of the migrator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pymysql.err import MySQLError

from api.catalog.own_tables import TRIGGER_LIST
from migrator.errors import described

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor

_CREATE = (
    f"CREATE PROCEDURE `{TRIGGER_LIST}`(IN wanted VARCHAR(64) CHARACTER SET utf8mb4) READS SQL DATA"  # noqa: S608
    " COMMENT 'Tables with triggers, for Aurorest' SQL SECURITY DEFINER"
    " SELECT DISTINCT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = wanted"
)


def make_trigger_list(connection: Connection[Cursor], report: Callable[[str], None] = lambda _line: None) -> None:
    """Create the procedure in the connection's database. Without the privilege to create routines there is none, and
    the API checks its session after every write."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP PROCEDURE IF EXISTS `{TRIGGER_LIST}`")
            cursor.execute(_CREATE)
    except MySQLError as error:
        report(f"no list of triggers, so the API checks its session after every write: {described(error)}")
