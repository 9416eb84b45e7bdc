"""Many rows in few INSERT statements: each literal is written once, and each statement is as long as allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.database.literal import literal, literals, statement_text
from api.plan.payload import Cell, Computed, Missing
from api.sql.write import cell_sql, computed_values, insert_head
from api.statement import MAX_STATEMENT_BYTES, Sql
from api.values.keys import sent_again

if TYPE_CHECKING:
    from api.catalog import Column, Table
    from api.database.session import Session

Columns = Sequence[Sequence[Cell]]
"""Cells by column, then by row."""

_ROWS_AT_ONCE = 256
"""How many rows are converted to literals at a time: more would use more memory, fewer would take more time."""

_COMPUTED_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Inserted:
    """What one INSERT stored: the rows, by their numbers in the payload, and the first automatic id."""

    rows: Sequence[int]
    first_id: int


def insert_rows(
    session: Session, table: Table, columns: tuple[Column, ...], values: Columns, rows: Sequence[int]
) -> Iterator[Inserted]:
    """Insert these rows of the payload, one statement at a time."""
    for numbers, text in insert_statements(table, columns, values, rows):
        yield Inserted(numbers, session.change_by(text).first_id)


def insert_statements(
    table: Table, columns: tuple[Column, ...], values: Columns, rows: Sequence[int]
) -> Iterator[tuple[Sequence[int], str]]:
    """The INSERT statements, each with the numbers of its rows."""
    head = statement_text(insert_head(table, columns))
    fixed = len(head.encode())
    start, used = 0, fixed
    texts: list[str] = []
    for number, text in enumerate(_row_texts(values, rows)):
        needed = (len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))) + 3
        if texts and used + needed > MAX_STATEMENT_BYTES:
            yield rows[start:number], f"{head}({'),('.join(texts)})"
            start, used, texts = number, fixed, []
        texts.append(text)
        used += needed
    if texts:
        yield rows[start:], f"{head}({'),('.join(texts)})"


def _row_texts(values: Columns, rows: Sequence[int]) -> Iterator[str]:
    """Each row's literals, separated by commas."""
    if not values:
        yield from [""] * len(rows)
        return
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[first : first + _ROWS_AT_ONCE]
        if isinstance(some, range):
            part = [column[some.start : some.stop] for column in values]
        else:
            part = [[column[number] for number in some] for column in values]
        yield from map(",".join, zip(*[literals(column, _cell_text) for column in part], strict=True))


def _cell_text(cell: object) -> str:
    if isinstance(cell, Sql | Missing | Computed):
        return statement_text(cell_sql(cell))
    return literal(cell)  # type: ignore[arg-type]


def with_computed(session: Session, columns: Sequence[Column], values: Columns) -> list[Sequence[Cell]]:
    """The values, with every `Computed` cell evaluated by the server."""
    evaluated: list[Sequence[Cell]] = []
    for column, given in zip(columns, values, strict=True):
        waiting = [number for number, cell in enumerate(given) if isinstance(cell, Computed)]
        if not waiting:
            evaluated.append(given)
            continue
        cells = list(given)
        for first in range(0, len(waiting), _COMPUTED_AT_ONCE):
            numbers = waiting[first : first + _COMPUTED_AT_ONCE]
            asked = tuple(cell for cell in (given[number] for number in numbers) if isinstance(cell, Computed))
            (row,) = session.rows(computed_values(asked))
            for number, found in zip(numbers, row, strict=True):
                cells[number] = sent_again(column, found)
        evaluated.append(cells)
    return evaluated
