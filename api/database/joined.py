"""The database as the requests of a batch see it: one open transaction, which none of them ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from api.database.database import Consistency, Database
from api.database.session import Session

T = TypeVar("T")


class JoinedDatabase(Database):
    """Runs all work on the session of an open transaction. Reads see what was written before."""

    def __init__(self, session: Session, outer: Database) -> None:
        self._session = session
        self._outer = outer

    @property
    def remaining_seconds(self) -> float:
        """The seconds left for the whole batch."""
        return self._outer.remaining_seconds

    def read(self, work: Callable[[Session], T], consistency: Consistency = "eventual") -> T:
        """Run queries."""
        del consistency  # the transaction is the writer's
        return work(self._session)

    def read_only_transaction(self, work: Callable[[Session], T], consistency: Consistency = "eventual") -> T:
        """Run queries."""
        del consistency
        return work(self._session)

    def write(self, work: Callable[[Session], T], commit: bool = True, *, alone: bool = False) -> T:
        """Run a write, which is stored or undone with the transaction.

        Raises: `ValueError` for work that has to be undone alone.
        """
        del alone  # the whole transaction may be one statement or not
        if not commit:
            raise ValueError("a part of a transaction cannot be undone alone")
        return work(self._session)
