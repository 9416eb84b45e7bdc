"""What introspection asks of whoever runs its statements, and how it takes a cell as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from api.statement import Statement

Row = tuple[object, ...]


class Session(Protocol):
    """What runs a statement: integers come as int, all else as str, bytes or None."""

    def rows(self, statement: Statement, /) -> Sequence[Row]:
        """All rows of the result."""
        ...


def text(cell: object) -> str:
    """A cell that is not NULL."""
    return cell.decode() if isinstance(cell, bytes) else str(cell)


def text_or_none(cell: object) -> str | None:
    """A cell, None for NULL."""
    return None if cell is None else text(cell)
