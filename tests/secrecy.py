"""What must never be in a log line: tokens, passwords, and data of rows and requests."""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from api.database.session import Session

SHORTEST = 6
"""Shorter literals are found in any line by chance."""

_TOKEN = re.compile(r"X-Amz-(?:Signature|Security-Token|Credential)=[^&\s]{4,}", re.IGNORECASE)
_LITERAL = re.compile(r"'((?:[^'\\]|\\.|'')*)'", re.DOTALL)


def secrets_in(lines: Iterable[str], *secrets: str) -> list[str]:
    """The lines that hold an IAM token or one of these secrets, as it is or encoded for an address.

    >>> secrets_in(["all is well", "the password is p@ss/word", "p%40ss%2Fword"], "p@ss/word")
    ['the password is p@ss/word', 'p%40ss%2Fword']
    >>> secrets_in(["GET /?Action=connect&X-Amz-Signature=0123456789abcdef"])
    ['GET /?Action=connect&X-Amz-Signature=0123456789abcdef']
    """
    unwanted = {form for secret in secrets for form in (secret, quote(secret, safe=""))}
    return [line for line in lines if _TOKEN.search(line) or any(secret in line for secret in unwanted)]


@dataclass
class Log:
    """Every log record of the programs during a run, and which violated a rule.

    `secrets`: strings that no record may contain. Data is recognized by the literals of the thread's latest statements:
    an error that is logged comes from one of them.
    """

    secrets: set[str] = field(default_factory=set)
    lines: int = 0
    violations: list[str] = field(default_factory=list)
    _latest: threading.local = field(default_factory=threading.local)

    def sent(self, text: str) -> None:
        """Remember a statement."""
        self._statements.append(text)

    def add(self, record: logging.LogRecord) -> None:
        """Judge a record: its message, its traceback, and what would be shown of its arguments."""
        self.lines += 1
        line = logging.Formatter("%(message)s").format(record)
        if secrets_in([line], *self.secrets):
            self.violations.append(f"a secret: {line[:500]}")
            return
        for text in self._statements:
            for literal in _LITERAL.findall(text[:100_000]):
                if len(literal) >= SHORTEST and literal in line and literal not in _HARMLESS:
                    self.violations.append(f"data ({literal[:80]!r}): {line[:500]}")
                    return

    @property
    def _statements(self) -> deque[str]:
        found: deque[str] | None = getattr(self._latest, "statements", None)
        if found is None:
            found = self._latest.statements = deque(maxlen=5)
        return found


_HARMLESS = frozenset({"localhost", "+00:00"})


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.DEBUG)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.add(record)


@contextmanager
def watched(*secrets: str) -> Iterator[Log]:
    """Judge every log record of this process during a `with` block: the programs' own and their libraries'."""
    log = Log(set(secrets))
    handler, send = _Handler(log), Session.send

    def observed(session: Any, text: str) -> None:
        log.sent(text)
        send(session, text)

    patch = pytest.MonkeyPatch()
    patch.setattr(Session, "send", observed)
    logging.getLogger().addHandler(handler)
    try:
        yield log
    finally:
        logging.getLogger().removeHandler(handler)
        patch.undo()
