"""Many rows in few INSERT statements: each literal is written once, and each statement is as long as allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from api.database.literal import literal, literals, statement_text
from api.plan.payload import Cell, Computed, Missing
from api.sql.runs import room_beside, runs
from api.sql.write import cell_sql, computed_values, insert_head
from api.statement import EMPTY, Sql, size
from api.values.keys import sent_again

if TYPE_CHECKING:
    from api.catalog import Column, Table
    from api.database.session import Session

Columns = Sequence[Sequence[Cell]]
"""Cells by column, then by row."""

_ROWS_AT_ONCE = 256
"""How many rows are converted to literals at a time: more would use more memory, fewer would take more time."""


@dataclass(frozen=True, slots=True)
class Inserted:
    """What one INSERT stored: the rows, by their numbers in the payload, and the first automatic id."""

    rows: Sequence[int]
    first_id: int


def insert_rows(
    session: Session,
    table: Table,
    columns: tuple[Column, ...],
    values: Columns,
    rows: Sequence[int],
    *,
    final: bool,
) -> list[Inserted]:
    """Insert these rows of the payload, one statement at a time.

    Args:
        final: Nothing else is written, and nothing follows that could undo it.
    """
    done: list[Inserted] = []
    for numbers, text in insert_statements(table, columns, values, rows):
        change = session.change_by(text, final=final and len(numbers) == len(rows))
        done.append(Inserted(numbers, change.first_id))
    return done


def insert_statements(
    table: Table,
    columns: tuple[Column, ...],
    values: Columns,
    rows: Sequence[int],
    end: Sql = EMPTY,
    *,
    twice: bool = False,
) -> Iterator[tuple[Sequence[int], str]]:
    """The INSERT statements, each with the numbers of its rows.

    Args:
        end: What follows the rows.
        twice: A row that is alone in its statement is sent twice.
    """
    if not columns and table.is_view:
        # MariaDB takes no empty row for a view
        columns = tuple(column for column in table.columns if not column.generated)[:1]
        values = [[Missing.DEFAULT] * (max(rows, default=0) + 1)] * len(columns)
    head, tail = statement_text(insert_head(table, columns)), statement_text(end)
    start = 0
    for texts in runs(_row_texts(values, rows), _row_bytes, room_beside(len(f"{head}{tail}".encode()))):
        sent = texts * 2 if twice and len(texts) == 1 else texts
        yield rows[start : start + len(texts)], f"{head}({'),('.join(sent)}){tail}"
        start += len(texts)


def text_bytes(text: str) -> int:
    """The bytes of a part of a statement."""
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def _row_bytes(text: str) -> int:
    """The bytes of a row's literals, with the parentheses and the comma around them."""
    return text_bytes(text) + len("(),")


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
        yield from map(",".join, zip(*[literals(column, cell_text) for column in part], strict=True))


def cell_text(cell: object) -> str:
    """A value as a literal or an expression."""
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
        for numbers in runs(waiting, partial(_computed_bytes, given), room_beside(len("SELECT "))):
            asked = tuple(cell for cell in (given[number] for number in numbers) if isinstance(cell, Computed))
            (row,) = session.rows(computed_values(asked))
            for number, found in zip(numbers, row, strict=True):
                cells[number] = sent_again(column, found)
        evaluated.append(cells)
    return evaluated


def _computed_bytes(cells: Sequence[Cell], number: int) -> int:
    return size(cell_sql(cells[number])) + len(",")
