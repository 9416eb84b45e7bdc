"""What a statement returned, as values: rows, the columns of a result, the count of a change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Row: TypeAlias = tuple[object, ...]

_COUNTS = re.compile(rb"[0-9]+")


@dataclass(frozen=True, slots=True)
class Change:
    """What a writing statement did: the rows matched, changed or not, and the first automatic id, or 0."""

    rows: int
    first_id: int
    message: bytes = field(default=b"", compare=False)
    """What the server says about several rows, in its own language, after a byte with its length."""

    @property
    def duplicates(self) -> int:
        """How many rows of an `INSERT ... ON DUPLICATE KEY UPDATE` of several rows existed already, changed or not:
        the second number of `Records: 2  Duplicates: 1  Warnings: 0`.

        Raises: `ValueError` if the server said nothing about them.
        """
        _, duplicates, _ = map(int, _COUNTS.findall(self.message[1:]))
        return duplicates


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a procedure's result: `type_code` is MySQL's `enum_field_types`, `length` its width in bytes."""

    name: str
    type_code: int
    length: int
    decimals: int
    flags: int = 0
    """https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__column__definition__flags.html"""
    is_binary: bool = False
    """The character set is `binary`: bytes, numbers, dates and times."""


@dataclass(frozen=True, slots=True)
class ResultSet:
    """A procedure's result. Only the result itself describes its columns."""

    columns: tuple[ResultColumn, ...]
    rows: Sequence[Row]
    further: int = 0
    """How many more result sets the procedure returned."""
