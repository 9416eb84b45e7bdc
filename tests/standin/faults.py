"""What a test lets go wrong, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Moment = Literal["login", "before", "during", "after"]

BORROW_TIMEOUT = (9501, "HY000", "Timed-out waiting to acquire database connection")
TOO_MANY_CONNECTIONS = (1040, "08004", "Connections rate limit exceeded (100)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, which strikes once: at the `nth` statement from now on whose text contains `matching`.

    - `login`: when a client connects (`matching` is looked for in its user's name).
    - `before`: the statement does not reach the database.
    - `during`: it is executed, and the answer breaks off in the middle.
    - `after`: it is executed, and no part of the answer arrives.

    `error` (number, SQLSTATE, message) is answered instead; without it the client's connection is cut. Whatever was
    open on the database's side is rolled back before the client can notice. With an `action` none of that happens:
    it is done, and then the statement goes on its way.
    """

    moment: Moment
    nth: int = 1
    matching: str = ""
    error: tuple[int, str, str] | None = None
    action: Callable[[], None] | None = None


class Script:
    """The faults that are still to come. Used by several threads, each call of which is short and atomic under one
    lock."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, int]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, fault: Fault) -> None:
        """Plan a fault; its counting starts here."""
        self._waiting.append((fault, fault.nth))

    def clear(self) -> None:
        """Forget those that did not strike."""
        self._waiting.clear()

    def strike(self, text: str, *, login: bool = False) -> Fault | None:
        """The fault that hits this statement, or this user's login, if one does."""
        hit, remaining = None, []
        for fault, left in self._waiting:
            counts = (fault.moment == "login") == login and fault.matching in text
            if counts and left <= 1 and hit is None:
                hit = fault
            else:
                remaining.append((fault, left - counts))
        self._waiting = remaining
        return hit
