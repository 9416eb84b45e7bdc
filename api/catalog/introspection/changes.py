"""Whether the schema may have changed, without reading it: what the server has counted, and the stored policies.

Both servers count every statement that defines something or grants privileges, by whatever client, in a routine or
prepared (https://dev.mysql.com/doc/refman/8.4/en/server-status-variables.html#statvar_Com_xxx). They count it when it
begins. One that takes long, because it copies a table or waits for a lock, makes the server open the table's definition
again once it has ended, and that is counted as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.catalog.introspection.policies import NO_PRIVILEGE, NO_SUCH_TABLE, policies_table
from api.catalog.introspection.session import Row, Session, text
from api.database import errno
from api.database.connection import DriverError
from api.statement import sql

_COUNTED = (
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime','Opened_table_definitions') OR "
    "(Variable_name RLIKE '^Com_(alter|create|drop|rename|grant|revoke|flush|set_default_role)' "
    "AND Variable_name NOT LIKE '%temporary%')"
)
_SERVER = "SELECT UNIX_TIMESTAMP(),@@hostname,@@server_id"
_SAME_START_SECONDS = 5
"""How far two measurements of a server's start may differ: each is made of two statements."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The server's counters at one moment; `started` is its start in Unix time, to notice a restart, which resets
    them. `policies`: the rows of each database's table of policies."""

    server: Row
    started: int
    counts: tuple[Row, ...]
    policies: tuple[Sequence[Row], ...]

    def equals(self, other: Counted) -> bool:
        """Whether nothing was counted between the two."""
        one, two = (self.server, self.counts, self.policies), (other.server, other.counts, other.policies)
        return one == two and abs(self.started - other.started) <= _SAME_START_SECONDS


def read_counted(session: Session, schemas: Sequence[str]) -> Counted:
    """What the server has counted so far. The session must be the writer's: a replica does not run the statements."""
    now, *server = session.rows(sql(_SERVER))[0]
    counts = {text(name): count for name, count in session.rows(sql(_COUNTED))}
    uptime = int(str(counts.pop("Uptime")))
    policies = tuple(_policies(session, schema) for schema in schemas)
    return Counted(tuple(server), int(str(now)) - uptime, tuple(sorted(counts.items())), policies)


def _policies(session: Session, schema: str) -> Sequence[Row]:
    try:
        return session.rows(sql("SELECT * FROM {}", policies_table(schema)))
    except DriverError as error:
        if errno.number(error) in (NO_SUCH_TABLE, *NO_PRIVILEGE):
            return ()
        raise
