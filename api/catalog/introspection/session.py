"""The session that introspection requires, and its cells as strings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def by_name(rows: Iterable[Row]) -> Mapping[str, Sequence[Row]]:
    """The rows of each table or routine, by the name in their first cell."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(text(row[0]), []).append(row)
    return found
