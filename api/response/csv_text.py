"""Rows as lines of CSV (RFC 4180). NULL is an empty cell; objects and arrays are JSON text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

Member = tuple[str, str]
"""A name and the JSON text of its value."""


def csv_line(cells: Iterable[str]) -> str:
    r"""A line of texts, quoted where they must be.

    >>> csv_line(["a", 'say "b" twice', "1,2"])
    'a,"say ""b"" twice","1,2"\n'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def csv_row(members: Iterable[Member]) -> str:
    r"""A row's line, from the JSON texts of its values.

    >>> csv_row([("id", "1"), ("name", '"Zoë"'), ("note", "null"), ("tags", '["a"]')])
    '1,Zoë,,"[""a""]"\n'
    """
    return csv_line([_cell(value) for _, value in members])


def _cell(value: str) -> str:
    if value == "null":
        return ""
    return str(json.loads(value)) if value.startswith('"') else value
