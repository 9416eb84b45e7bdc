"""Operands: columns of the statement's table instances, JSON paths into them, and what is computed from them."""

from __future__ import annotations

from dataclasses import dataclass

from api.catalog import Column, ColumnType, Kind
from api.request.query import JsonStep

JsonPath = tuple[JsonStep, ...]

PATH_TEXT = ColumnType(kind=Kind.TEXT, name="text", declared="text")
PATH_JSON = ColumnType(kind=Kind.JSON, name="json", declared="json")


def has_truth(type_: ColumnType) -> bool:
    """The type is a TINYINT(1): a boolean that may have values other than 0 and 1, which count as true."""
    return type_.kind is Kind.BOOLEAN and type_.minimum is not None and type_.minimum < 0


@dataclass(frozen=True, slots=True)
class Operand:
    """A column, or a JSON path into it."""

    alias: str
    column: Column
    path: JsonPath = ()
    outer: bool = False
    """The table instance is outer-joined: the value may be NULL even if the column is not nullable."""

    @property
    def nullable(self) -> bool:
        return self.outer or self.column.nullable or bool(self.path)

    @property
    def type(self) -> ColumnType:
        if not self.path:
            return self.column.type
        return PATH_TEXT if self.path[-1].as_text else PATH_JSON


@dataclass(frozen=True, slots=True)
class Aggregated(Operand):
    """`function(of::cast)` over a group of rows. Its `column` has the name and type of the result."""

    function: str = "count"
    of: Operand | None = None
    """None: `count(*)`."""
    cast: str | None = None


@dataclass(frozen=True, slots=True)
class Relevance(Operand):
    """How well a row matches a full-text search. Its `column` has the name of the index; it has no alias."""

    of: tuple[Operand, ...] = ()
    search: str = ""
