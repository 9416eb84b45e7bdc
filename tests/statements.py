"""Record every statement that the API sends during a test run, and find those that RDS Proxy would pin a session for or
that MySQL 8.0 would not accept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from api.database.session import Session
from api.database.state import GIVE_UP
from api.statement import MAX_STATEMENT_BYTES
from tests.mysql_8_0 import unknown_syntax
from tests.standin.pinning import is_unavoidable, pinning_reason

PARAMETER = "@aurorest_parameter_"
"""The user variables of OUT parameters."""
_LAST_INSERT_ID = re.compile(r"\bLAST_INSERT_ID\s*\(", re.IGNORECASE)


@dataclass(slots=True)
class Record:
    """How many statements were sent, and which violated a rule.

    There are three deliberate exceptions to "nothing pins": a value, or a row, that alone is longer than a statement may
    be, a session that a stored program has changed, and the OUT parameters of procedures. Their connections must not be
    used for another piece of work.
    """

    sent: int = 0
    violations: list[str] = field(default_factory=list)
    _pinned: WeakKeyDictionary[object, Session] = field(default_factory=WeakKeyDictionary)

    def add(self, text: str, session: Session, *, mariadb: bool) -> None:
        """Check a statement's final text."""
        self.sent += 1
        newer = unknown_syntax(text, mariadb=mariadb)
        if newer is not None:
            self.violations.append(f"not in MySQL 8.0 ({newer}): {text[:300]}")
        # half a surrogate pair is rejected before it is sent
        encoded = text.encode(errors="replace").decode()
        found = violation(encoded)
        if found is not None:
            self.violations.append(f"{found}: {text[:300]}")
        connection: object = session._cursor.connection
        if self._pinned.get(connection, session) is not session:
            self.violations.append(f"over a connection that is pinned: {text[:300]}")
        long = len(encoded.encode()) > MAX_STATEMENT_BYTES
        if long or PARAMETER in text or text == GIVE_UP:
            self._pinned[connection] = session


def violation(text: str) -> str | None:
    """What is wrong with a statement; None: nothing, or it is one of the deliberate exceptions.

    >>> violation("SET @a = 1")
    'user variable'
    >>> violation("INSERT INTO t VALUES ('" + "x" * 17_000 + "')")
    >>> violation("INSERT INTO t VALUES " + "('x')," * 3_000)
    'text over 16000 bytes'
    >>> violation("SELECT LAST_INSERT_ID()")
    'LAST_INSERT_ID() of whichever connection is borrowed'
    """
    if text == GIVE_UP or PARAMETER in text:
        return None
    if len(text.encode()) <= MAX_STATEMENT_BYTES:
        # not a reason to pin, but wrong where sessions share connections
        trap = "LAST_INSERT_ID() of whichever connection is borrowed" if _LAST_INSERT_ID.search(text) else None
        return pinning_reason(text) or trap
    return None if is_unavoidable(text) else f"text over {MAX_STATEMENT_BYTES} bytes"


@contextmanager
def recorded() -> Iterator[Record]:
    """Record what all sessions of this process send during a `with` block."""
    record, send = Record(), Session.send

    def observed(session: Session, text: str) -> None:
        connection: Any = session._cursor.connection
        mariadb = "MariaDB" in connection.get_server_info()
        record.add(text, session, mariadb=mariadb)
        send(session, text)

    patch = pytest.MonkeyPatch()
    patch.setattr(Session, "send", observed)
    try:
        yield record
    finally:
        patch.undo()
