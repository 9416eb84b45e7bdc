"""Rows as lines of CSV (RFC 4180). NULL becomes an empty cell; objects and arrays become JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

Member = tuple[str, str]
"""A member of a row's object: its name, and its value as JSON."""


def csv_line(cells: Iterable[str]) -> str:
    r"""A line of CSV; cells are quoted where necessary.

    >>> csv_line(["a", 'say "b" twice', "1,2"])
    'a,"say ""b"" twice","1,2"\n'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def csv_row(members: Iterable[Member]) -> str:
    r"""A row as a line of CSV.

    >>> csv_row([("id", "1"), ("name", '"Zoë"'), ("note", "null"), ("tags", '["a"]')])
    '1,Zoë,,"[""a""]"\n'
    """
    return csv_line([_cell(value) for _, value in members])


def _cell(value: str) -> str:
    if value == "null":
        return ""
    return str(json.loads(value)) if value.startswith('"') else value
