"""Several SELECTs from `information_schema` as one statement: one round trip, and one moment for all of them.

Each row is one string, its cells separated by a character that no name contains. So all rows have the same columns, and
the driver reads them in a third of the time: a large schema has tens of thousands of columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.catalog.introspection.session import Session, text
from api.statement import Sql, join, sql, value

_SEPARATOR = "\0"

Rows = Mapping[str, Sequence[str]]
"""The rows of each table or routine by its name, which they do not include, in no certain order."""


class Select(NamedTuple):
    """A SELECT. Its first cell is the name of a table or routine. A cell that may contain any character must be the
    last one, and CONCAT_WS leaves out a cell that is NULL."""

    cells: Sql
    source: Sql
    """What follows FROM."""


def read_rows(session: Session, selects: Mapping[str, Select]) -> Mapping[str, Rows]:
    """The rows of each SELECT, by the names that `selects` gives them."""
    numbered = {str(number): select for number, select in enumerate(selects.values())}
    statement = join(
        " UNION ALL ",
        [
            sql("SELECT CONCAT_WS(CHAR(0 USING utf8mb4),{},{}) FROM {}", value(number), *select)
            for number, select in numbered.items()
        ],
    )
    found: dict[str, dict[str, list[str]]] = {number: {} for number in numbered}
    for row in session.rows(statement):
        number, name, cells = text(row[0]).split(_SEPARATOR, 2)
        found[number].setdefault(name, []).append(cells)
    return dict(zip(selects, found.values(), strict=True))


def cells_of(row: str, number: int) -> list[str]:
    """The first cells of a row, and what follows them as the last one: so many in all.

    Raises: `ValueError` if the row has fewer.
    """
    cells = row.split(_SEPARATOR, number - 1)
    if len(cells) != number:
        raise ValueError(f"{len(cells)} cells instead of {number}")
    return cells


def first_cell(row: str) -> str:
    """The first cell of a row that has several."""
    return row[: row.index(_SEPARATOR)]
