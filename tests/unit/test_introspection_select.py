"""Several SELECTs as one statement, and the cells of their rows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from api.catalog.introspection.select import Select, cells_of, first_cell, read_rows
from api.statement import Statement, sql, value


class Recorded:
    """A session that returns the same rows to every statement."""

    def __init__(self, *rows: tuple[object, ...]) -> None:
        self.answer = rows
        self.sent: list[Statement] = []

    def rows(self, statement: Statement) -> Sequence[tuple[object, ...]]:
        self.sent.append(statement)
        return self.answer


def test_the_rows_of_each_select_are_grouped_by_name() -> None:
    session = Recorded(("0\0t\0a\0001",), ("1\0t\0x",), ("0\0u\0b\0002",), (b"0\0t\0c\0003",), ("1\0\0",))
    selects = {
        "columns": Select(sql("TABLE_NAME,COLUMN_NAME,{}", value(5)), sql("one WHERE a={}", value("s"))),
        "others": Select(sql("NAME,''"), sql("two")),
        "empty": Select(sql("NAME,''"), sql("three")),
    }
    assert read_rows(session, selects) == {
        "columns": {"t": ["a\0001", "c\0003"], "u": ["b\0002"]},
        "others": {"t": ["x"], "": [""]},
        "empty": {},
    }
    (statement,) = session.sent
    assert statement.text.count(" UNION ALL ") == 2
    assert statement.parameters == ("0", 5, "s", "1", "2")


def test_the_last_cell_may_contain_anything() -> None:
    assert cells_of("a\0b\0c\0\0d", 3) == ["a", "b", "c\0\0d"]
    assert cells_of("a\0b\0", 3) == ["a", "b", ""]
    assert first_cell("a\0b\0c") == "a"


def test_a_row_that_lacks_a_cell_is_an_error() -> None:
    with pytest.raises(ValueError, match="2 cells instead of 3"):
        cells_of("a\0b", 3)
