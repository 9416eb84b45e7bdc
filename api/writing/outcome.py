"""What a write did, as far as its answer reports it, and what the client requires of it."""

from __future__ import annotations

from dataclasses import dataclass

from api import errors
from api.catalog import Column
from api.values.keys import Key


@dataclass(frozen=True, slots=True)
class Outcome:
    """The number of rows written, the number of new ones, the body that shows them, and the key of a single new row."""

    count: int
    inserted: int = 0
    body: bytes | None = None
    location: tuple[tuple[Column, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the client requires of the number of rows; a write that does not meet it is undone."""

    singular: bool = False
    most: int | None = None
    row: tuple[str, str] | None = None
    """The table and key of the one row that the address names."""

    def check(self, count: int) -> None:
        """Check the number of rows.

        Raises: `ApiError` PGRST116 with 404 if the addressed row does not exist, PGRST116 with 406 unless a single
        object is exactly one row, PGRST124 for more rows than `most`.
        """
        if self.row is not None and not count:
            raise errors.no_row(*self.row)
        if self.most is not None and count > self.most:
            raise errors.too_many_affected(count)
        if self.singular and count != 1:
            raise errors.not_singular(count)

    def check_direct(self, count: int) -> None:
        """Check the number of rows after a single statement.

        Raises: as `check`; `ApiError` 40001 if the key in the address has several rows.
        """
        if self.row is not None and count > 1:
            raise errors.schema_changed()
        self.check(count)

    @property
    def any(self) -> bool:
        """Whether the number of rows must be known before they are written."""
        return self.singular or self.most is not None


def location_of(columns: tuple[Column, ...], key: Key) -> tuple[tuple[Column, object], ...]:
    """The columns and values of a Location header."""
    return tuple(zip(columns, key, strict=True))
