"""The error that is answered to a client, and what its messages are put together from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

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
    request: int | None = None
    """The number of the request of a batch that failed."""

    @property
    def code(self) -> str:
        """PostgREST's code (`PGRST...`) or an SQLSTATE."""
        return self.error.code

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.error.status

    def body(self) -> dict[str, object]:
        """The JSON body: always these four keys; and `request` in a batch."""
        body: dict[str, object] = {
            "code": self.code,
            "message": self.message,
            "details": self.details,
            "hint": self.hint,
        }
        return body if self.request is None else body | {"request": self.request}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def _always(_: str) -> bool:
    return True


def nearest(name: str, names: Iterable[str], may_show: Callable[[str], bool] = _always) -> str | None:
    """The known name that was probably meant; None if nothing is near. `may_show` is asked about near names only.

    >>> nearest("contry", ["city", "country"])
    'country'
    >>> nearest("city", ["cities", "actor"]), nearest("customer", ["actor"])
    ('cities', None)
    """
    import difflib  # on first use, to keep it out of cold starts

    folded = name.casefold()
    by_folded: dict[str, list[str]] = {}
    for known in names:
        by_folded.setdefault(known.casefold(), []).append(known)
    near = difflib.get_close_matches(folded, by_folded, n=len(by_folded) or 1, cutoff=0.6)
    shown = ((found, known) for found in near for known in by_folded[found] if may_show(known))
    for found, known in islice(shown, _CLOSEST):
        ratio = difflib.SequenceMatcher(None, found, folded).ratio()
        if ratio >= _LIKE or found[:_SAME_START] == folded[:_SAME_START]:
            return known
    return None


_CLOSEST = 3
_LIKE = 0.7
_SAME_START = 3
"""Names that are less similar must begin with the same letters: `city` is `cities`, and `customer` is not `actor`."""


def did_you_mean(name: str, names: Iterable[str], may_show: Callable[[str], bool] = _always) -> str | None:
    """A hint with the nearest known name; None if nothing is near."""
    near = nearest(name, names, may_show)
    return f"Perhaps you meant '{near}'." if near is not None else None


def listing(names: Iterable[str], most: int = 40) -> str:
    """Allowed names for a message: sorted, and cut after `most`."""
    ordered = sorted(names)
    shown = ", ".join(ordered[:most])
    return shown if len(ordered) <= most else f"{shown}, ... ({len(ordered)} in all)"


def shorten(text: str, most: int = 120) -> str:
    """A value for an error message, cut to `most` characters."""
    return text if len(text) <= most else text[:most] + "..."
