"""What a write did, as far as its answer says."""

from __future__ import annotations

from dataclasses import dataclass

from api import errors
from api.catalog import Column
from api.values.keys import Key


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows written, how many of them are new, the body that shows them, and the key of a single new row."""

    count: int
    inserted: int = 0
    body: bytes | None = None
    location: tuple[tuple[Column, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Demands:
    """What the client demands of the number of rows; a write that does not meet it is undone."""

    singular: bool = False
    most: int | None = None
    row: tuple[str, str] | None = None
    """The table and key of the one row that the address names."""

    def check(self, count: int) -> None:
        """Raises: `ApiError` PGRST116 (404 for an absent row, 406 where one row was demanded), PGRST124."""
        if self.row is not None and not count:
            raise errors.no_row(*self.row)
        if self.most is not None and count > self.most:
            raise errors.too_many_affected(count)
        if self.singular and count != 1:
            raise errors.not_singular(count)

    @property
    def any(self) -> bool:
        """The number must be known before rows are written."""
        return self.singular or self.most is not None


def location_of(columns: tuple[Column, ...], key: Key) -> tuple[tuple[Column, object], ...]:
    """The pairs that a Location header names."""
    return tuple(zip(columns, key, strict=True))
