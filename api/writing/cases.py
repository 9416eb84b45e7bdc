"""Many rows changed to different values in few UPDATE statements: `a=CASE id WHEN 1 THEN ... END`.

Each statement is as long as allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING

from api.catalog import Dialect, Kind, column_name
from api.database.literal import literals, statement_text
from api.plan.payload import Cell
from api.sql.runs import room_beside, runs
from api.sql.write import update_head
from api.statement import Sql
from api.values.keys import Key
from api.writing.bulk import cell_text, text_bytes

if TYPE_CHECKING:
    from api.catalog import Column, Table

Change = tuple[Key, tuple[Cell, ...]]
"""A row's key, and its new values."""
_DEFAULT = "DEFAULT"
_GROUP = 25
"""The server tries the branches of a CASE one after the other. So the branches for ordered keys are in groups."""
_LONGEST_INTEGER = len("-9223372036854775808")


def case_updates(
    table: Table,
    columns: tuple[Column, ...],
    key: tuple[Column, ...],
    rows: Sequence[Change],
    dialect: Dialect,
    conditions: tuple[Sql, ...] = (),
) -> Iterator[tuple[int, str]]:
    """The UPDATE statements, each with the number of its rows. Only rows that meet the conditions are changed.

    A column that takes its default in the first row takes it in all of them: a CASE cannot return it.
    """
    head = statement_text(update_head(table))
    names = [statement_text(column_name(column)) for column in columns]
    key_names = [statement_text(column_name(column)) for column in key]
    subject = f" {key_names[0]}" if len(key) == 1 else ""
    found = key_names[0] if len(key) == 1 else f"({','.join(key_names)})"
    also = "".join([f" AND {statement_text(condition)}" for condition in conditions])
    fixed = f"{head}{''.join([f'{name}=CASE{subject} END,' for name in names])} WHERE {found} IN (){also}"
    further = len(columns) - 1  # of the row's test
    between = len(columns) * len(" WHEN  THEN ") + len(",")

    in_order = len(key) == 1 and all(type(keys[0]) is int for keys, _ in rows)
    group_bytes = 0
    if in_order:
        rows = sorted(rows, key=itemgetter(0))
        group_bytes = len(columns) * (text_bytes(_group(subject, "", "")) + _LONGEST_INTEGER)
        between += -(-group_bytes // _GROUP)

    texts = _texts(columns, key, key_names, rows, dialect)
    parts = [*texts, *texts[:1] * further]
    sizes = map(sum, zip(*map(_lengths, parts), repeat(between)))
    for run in runs(zip(sizes, *texts, strict=True), itemgetter(0), room_beside(text_bytes(fixed) + group_bytes)):
        _, tests, listed, *values = zip(*run, strict=True)
        assignments = [
            _assignment(name, subject, tests, cells, in_order=in_order)
            for name, cells in zip(names, values, strict=True)
        ]
        yield len(run), f"{head}{','.join(assignments)} WHERE {found} IN ({','.join(listed)}){also}"


def _lengths(texts: Sequence[str]) -> Iterable[int]:
    """The bytes of each text."""
    return map(len if "".join(texts).isascii() else text_bytes, texts)


def _assignment(name: str, subject: str, tests: Sequence[str], cells: Sequence[str], *, in_order: bool) -> str:
    if cells[0] == _DEFAULT:
        return f"{name}={_DEFAULT}"
    if len(cells) == 1:
        return f"{name}={cells[0]}"
    branches = [f" WHEN {test} THEN {cell}" for test, cell in zip(tests, cells, strict=True)]
    if not in_order or len(branches) <= _GROUP:
        return f"{name}=CASE{subject}{''.join(branches)} END"
    groups = [
        _group(subject, tests[min(first + _GROUP, len(tests)) - 1], "".join(branches[first : first + _GROUP]))
        for first in range(0, len(branches), _GROUP)
    ]
    return f"{name}=CASE{''.join(groups)} END"


def _group(subject: str, last: str, branches: str) -> str:
    """The branches for keys up to the last of them, in a separate CASE."""
    return f" WHEN{subject}<={last} THEN CASE{subject}{branches} END"


def _texts(
    columns: tuple[Column, ...], key: tuple[Column, ...], key_names: list[str], rows: Sequence[Change], dialect: Dialect
) -> list[Sequence[str]]:
    """What the statements contain for each row: its WHEN, its key in a list, and each of its values."""
    parts = [literals([keys[position] for keys, _ in rows], cell_text) for position in range(len(key))]
    tests = listed = parts[0]
    if len(key) > 1:
        named = [[f"{name}={text}" for text in part] for name, part in zip(key_names, parts, strict=True)]
        tests = [" AND ".join(row) for row in zip(*named, strict=True)]
        listed = [f"({','.join(row)})" for row in zip(*parts, strict=True)]
    values = [
        _cell_texts(column, [cells[position] for _, cells in rows], dialect) for position, column in enumerate(columns)
    ]
    return [tests, listed, *values]


def _cell_texts(column: Column, cells: Sequence[Cell], dialect: Dialect) -> list[str]:
    """The values of a column. In a CASE, JSON and strings together would be strings, in which MySQL rounds numbers."""
    texts = literals(cells, cell_text)
    if column.type.kind is not Kind.JSON or dialect is not Dialect.MYSQL:
        return texts
    return [f"CAST({text} AS JSON)" if isinstance(cell, str) else text for cell, text in zip(cells, texts, strict=True)]
