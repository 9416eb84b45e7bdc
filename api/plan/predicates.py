"""The conditions of a plan: names resolved to columns of table instances, values typed.

An `Operand` is a column of one table instance of the statement (its `alias` is the planner's own: `t`, `e1`, `e2`...).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.catalog import Column, ColumnType, Kind
from api.request.query import JsonStep
from api.statement import Value

if TYPE_CHECKING:
    from api.plan.read import EmbedPlan

PATH_TEXT = ColumnType(kind=Kind.TEXT, name="text", declared="text")
PATH_JSON = ColumnType(kind=Kind.JSON, name="json", declared="json")


@dataclass(frozen=True, slots=True)
class Operand:
    """A column, or what a JSON path finds in it."""

    alias: str
    column: Column
    path: tuple[JsonStep, ...] = ()
    outer: bool = False
    """The table instance is outer-joined: the value may be NULL though the column is not nullable."""

    @property
    def nullable(self) -> bool:
        return self.outer or self.column.nullable or bool(self.path)

    @property
    def type(self) -> ColumnType:
        if not self.path:
            return self.column.type
        return PATH_TEXT if self.path[-1].as_text else PATH_JSON


@dataclass(frozen=True, slots=True)
class Compare:
    """`operand operator value`, for `eq neq gt gte lt lte isdistinct like ilike match imatch`."""

    operand: Operand
    operator: str
    value: Value
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """`operand in (values)`; no values: false."""

    operand: Operand
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Is:
    """`operand is null|not_null|true|false|unknown`."""

    operand: Operand
    what: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class FullText:
    """`MATCH (operand) AGAINST (search IN BOOLEAN MODE)`; an empty search matches nothing."""

    operand: Operand
    search: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """`cs`, `cd`, `ov`: on JSON the value is a JSON text, on a SET its members."""

    operand: Operand
    operator: str
    value: str | tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """`and`/`or` of conditions; an empty `and` is true, an empty `or` false."""

    connective: str
    operands: tuple[Predicate, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """The embed has a row (negated: has none): `rel=not.is.null`, `rel=is.null`, and `!inner`."""

    embed: EmbedPlan
    negated: bool = False


@dataclass(frozen=True, slots=True)
class KeyIn:
    """The columns of `alias` equal one of these rows of values."""

    operands: tuple[Operand, ...]
    keys: tuple[tuple[Value, ...], ...]


Predicate = Compare | OneOf | Is | FullText | Contains | Group | Exists | KeyIn
