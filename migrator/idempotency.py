"""The table `aurorest_idempotency`, in which the API keeps the answers to requests with an Idempotency-Key.

It is in the API's own database, so that an answer is stored in the transaction of the write that it reports. The API
never exposes it. The accounts of roles get no other privileges on it than the API's statements need.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from api.catalog.own_tables import IDEMPOTENCY
from migrator.policy_tokens import quoted
from migrator.users import Role

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor

_CREATE = f"""CREATE TABLE IF NOT EXISTS `{IDEMPOTENCY}` (
  id BINARY(32) NOT NULL COMMENT 'SHA-256 of the role, the sub and the key',
  part SMALLINT UNSIGNED NOT NULL COMMENT '0: the claim; then the parts of the answer, compressed',
  fingerprint BINARY(32) NULL COMMENT 'SHA-256 of the request',
  content VARBINARY(8000) NULL,
  created_at DATETIME NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id, part),
  KEY created (created_at)
) ENGINE=InnoDB COMMENT='Stored answers of Aurorest'"""


def create_idempotency_table(connection: Connection[Cursor], database: str, roles: Iterable[Role] = ()) -> None:
    """Create the table if it does not exist, and let these roles use it. The connection must be in `database`."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        for role in roles:
            cursor.execute(
                f"GRANT SELECT, INSERT, DELETE ON {quoted(database)}.`{IDEMPOTENCY}` TO {quoted(role.name)}@`%`"
            )
