"""What a write did, as far as its answer reports it, and what the client requires of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Column
from api.values.keys import Key

if TYPE_CHECKING:
    from api.database.session import Session
    from api.writing.preconditions import RowCondition


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
    condition: RowCondition | None = None
    """What `If-Match` requires of the row."""

    def check_rows(self, session: Session, columns: tuple[Column, ...], keys: Sequence[Key]) -> None:
        """Check rows that are locked, by their keys.

        Raises: as `check`; `ApiError` AR412 unless they are as `If-Match` requires.
        """
        if self.condition is not None:
            self.condition.check(session, columns, keys)
        self.check(len(keys))

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

    @property
    def any(self) -> bool:
        """Whether the rows must be known before they are written."""
        return self.singular or self.most is not None or self.condition is not None


def location_of(columns: tuple[Column, ...], key: Key) -> tuple[tuple[Column, object], ...]:
    """The columns and values of a Location header."""
    return tuple(zip(columns, key, strict=True))
