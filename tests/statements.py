"""Record every statement that the API sends during a test run, and find those that RDS Proxy would pin a session for or
that MySQL 8.0 would not accept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.database.session import Session
from api.database.state import GIVE_UP
from api.statement import MAX_STATEMENT_BYTES
from tests.mysql_8_0 import unknown_syntax
from tests.standin.pinning import pinning_reason

_LITERAL = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)


@dataclass(slots=True)
class Record:
    """How many statements were sent, and which violated a rule."""

    sent: int = 0
    violations: list[str] = field(default_factory=list)

    def add(self, text: str, *, mariadb: bool) -> None:
        """Check a statement's final text."""
        self.sent += 1
        newer = unknown_syntax(text, mariadb=mariadb)
        if newer is not None:
            self.violations.append(f"not in MySQL 8.0 ({newer}): {text[:300]}")
        # half a surrogate pair is rejected before it is sent
        found = violation(text.encode(errors="replace").decode())
        if found is not None:
            self.violations.append(f"{found}: {text[:300]}")


def violation(text: str) -> str | None:
    """What is wrong with a statement; None: nothing, or it holds one value that is longer than a statement may be.

    >>> violation("SET @a = 1")
    'user variable'
    >>> violation("INSERT INTO t VALUES ('" + "x" * 17_000 + "')")
    >>> violation("INSERT INTO t VALUES " + "('x')," * 3_000)
    'text over 16000 bytes'
    """
    if text == GIVE_UP:
        return None  # pins on purpose: a stored program changed the session, which is closed next
    size = len(text.encode())
    if size <= MAX_STATEMENT_BYTES:
        return pinning_reason(text)
    longest = max((len(found[0].encode()) for found in _LITERAL.finditer(text)), default=0)
    return None if longest > MAX_STATEMENT_BYTES - 1000 else f"text over {MAX_STATEMENT_BYTES} bytes"


@contextmanager
def recorded() -> Iterator[Record]:
    """Record what all sessions of this process send during a `with` block."""
    record, send = Record(), Session.send

    def observed(session: Session, text: str) -> None:
        connection: Any = session._cursor.connection
        mariadb = "MariaDB" in connection.get_server_info()
        record.add(text, mariadb=mariadb)
        send(session, text)

    patch = pytest.MonkeyPatch()
    patch.setattr(Session, "send", observed)
    try:
        yield record
    finally:
        patch.undo()
