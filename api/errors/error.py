"""The error that is answered to a client, and what its messages are put together from."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from api.errors.codes import ErrorCode


@dataclass(eq=False)
class ApiError(Exception):
    """An error that is answered to the client."""

    error: ErrorCode
    message: str
    details: object = None
    hint: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stale: bool = False
    """The catalog is older than the schema: worth another attempt with a new one."""

    @property
    def code(self) -> str:
        """PostgREST's code (`PGRST...`) or an SQLSTATE."""
        return self.error.code

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.error.status

    def body(self) -> dict[str, object]:
        """The JSON body: always these four keys."""
        return {"code": self.code, "message": self.message, "details": self.details, "hint": self.hint}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The known name that was probably meant; None if nothing is near.

    >>> nearest("contry", ["city", "country"])
    'country'
    """
    by_folded = {known.casefold(): known for known in names}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """A hint with the nearest known name; None if nothing is near."""
    near = nearest(name, names)
    return f"Perhaps you meant '{near}'." if near is not None else None


def listing(names: Iterable[str], most: int = 40) -> str:
    """Allowed names for a message: sorted, and cut after `most`."""
    ordered = sorted(names)
    shown = ", ".join(ordered[:most])
    return shown if len(ordered) <= most else f"{shown}, ... ({len(ordered)} in all)"


def shorten(text: str, most: int = 120) -> str:
    """A value for an error message, cut to `most` characters."""
    return text if len(text) <= most else text[:most] + "..."
