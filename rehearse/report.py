"""The table at the end: what was expected, and what was found."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from rehearse.checks import Verdict

_WIDTH = 46


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    change: str
    expected: str
    found: str
    good: bool


@dataclass(slots=True)
class Report:
    """The rows so far."""

    rows: list[Row] = field(default_factory=list)

    def add(self, change: str, expected: str, verdict: Verdict) -> Row:
        """One more row."""
        row = Row(change, expected, verdict.found, verdict.good)
        self.rows.append(row)
        return row

    @property
    def differences(self) -> int:
        """How many rows are not as expected."""
        return sum(not row.good for row in self.rows)

    def text(self) -> str:
        """The table, and a closing line."""
        lines = [_line(("", "change", "expected", "found")), _line(("", "-" * 6, "-" * 8, "-" * 5))]
        for row in self.rows:
            columns = [textwrap.wrap(cell, _WIDTH) or [""] for cell in (row.change, row.expected, row.found)]
            for number in range(max(map(len, columns))):
                cells = [column[number] if number < len(column) else "" for column in columns]
                lines.append(_line(("ok" if row.good else "NO", *cells) if number == 0 else ("", *cells)))
        good = len(self.rows) - self.differences
        return "\n".join([*lines, "", f"{good} as expected, {self.differences} not"])


def _line(cells: Sequence[str]) -> str:
    mark, *others = cells
    return f"{mark:<3} {'  '.join(f'{cell:<{_WIDTH}}' for cell in others)}".rstrip()
