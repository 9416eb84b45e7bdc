"""The session that introspection requires, and its cells as strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from api.statement import Statement

Row = tuple[object, ...]


class Session(Protocol):
    """Runs statements. Integers are returned as int, everything else as str, bytes or None."""

    def rows(self, statement: Statement, /) -> Sequence[Row]:
        """All rows of the result."""
        ...


def text(cell: object) -> str:
    """A cell as a string. It must not be NULL."""
    return cell.decode() if isinstance(cell, bytes) else str(cell)


def text_or_none(cell: object) -> str | None:
    """A cell as a string; None for NULL."""
    return None if cell is None else text(cell)
