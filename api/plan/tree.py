"""The tree of a read plan: each level's rows, with conditions whose names are resolved and whose values are typed.

Conditions and plans contain each other (an embed's rows can be a condition), so they share a module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.catalog import Cache
from api.catalog.policies import Rule
from api.plan.levels import Embed, Level
from api.plan.operands import Operand
from api.request.caller import Caller
from api.statement import Value

if TYPE_CHECKING:
    from api.values.spatial import Area, Circle


@dataclass(frozen=True, slots=True)
class Compare:
    """`operand operator value`, with an operator of the family `comparison` or `pattern`."""

    operand: Operand
    operator: str
    value: Value
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A comparison with the same outcome for every value of the operand; unknown for NULL."""

    operand: Operand
    outcome: bool
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
    """`MATCH (operands) AGAINST (search IN BOOLEAN MODE)`; an empty search matches nothing."""

    operands: tuple[Operand, ...]
    search: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """`cs`, `cd`, `ov`: the value is JSON text for JSON, members for a SET."""

    operand: Operand
    operator: str
    value: str | tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Spatial:
    """`within`, `intersects` and `dwithin` of a geometry."""

    operand: Operand
    operator: str
    shape: Area | Circle
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """`and`/`or` of conditions; an empty `and` is true, an empty `or` false."""

    connective: str
    operands: tuple[Predicate, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """The embed has a row (negated: does not have one): `rel=not.is.null`, `rel=is.null`, and `!inner`."""

    embed: EmbedPlan
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """Conditions that test the same embeds for null several times: the rows of each embed are looked up once."""

    embeds: tuple[EmbedPlan, ...]
    conditions: tuple[Predicate, ...]
    """All of them have to be met. Each `Found` is about one of the embeds."""


@dataclass(frozen=True, slots=True)
class Found:
    """The embed with this alias has a row, which the `Shared` around it determines."""

    alias: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class KeyIn:
    """The columns of `alias` equal one of these rows of values."""

    operands: tuple[Operand, ...]
    keys: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class RowPolicy:
    """The row of `alias` meets the policies of its table, for this caller. It belongs to one request: never cached."""

    alias: str
    rule: Rule
    caller: Caller


Visible = tuple[RowPolicy, ...]
"""The policies that decide which rows of a table instance exist for the caller. A row must meet all of them."""

UNRESTRICTED: Visible = ()
"""No policy binds the caller."""

Leaf = Compare | Settled | OneOf | Is | FullText | Contains | Spatial | Exists | Shared | Found | KeyIn | RowPolicy
Predicate = Leaf | Group


def leaves(conditions: Iterable[Predicate]) -> Iterator[Leaf]:
    """The conditions, with those inside each `Group` in place of the group."""
    for condition in conditions:
        if isinstance(condition, Group):
            yield from leaves(condition.operands)
        else:
            yield condition


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of an ORDER BY. `nulls_first` is None where the operand cannot be NULL."""

    operand: Operand
    descending: bool = False
    nulls_first: bool | None = None
    stored: bool = False
    """By the stored value, to make an order total: a TINYINT(1) has more values than false and true."""


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """One level's rows: conditions, order, limit (None: all rows) and offset."""

    level: Level
    visible: Visible
    """The policies of the level's table, and of the junction that leads to it."""
    where: tuple[Predicate, ...] = ()
    having: tuple[Predicate, ...] = ()
    """Conditions on groups of rows: on aggregates, and on the columns of the GROUP BY."""
    order: tuple[OrderKey, ...] = ()
    limit: int | None = None
    offset: int = 0
    embeds: tuple[EmbedPlan, ...] = ()
    """One for each embed of the level, in order."""
    cache: Cache = field(init=False, default_factory=Cache, repr=False, compare=False)
    """What was made from this plan: a recurring plan is kept with the catalog."""
    any_key: Cache | None = field(default=None, repr=False, compare=False)
    """What was made for any key from a plan that recurs with other keys, and whose first condition is a `KeyIn`."""
    unfiltered: ReadPlan | None = field(default=None, repr=False, compare=False)
    """The plan of the same request without its filters and the policies of its table, which is kept with the catalog.
    Its rows are never read: its `where` and `visible` are those of no caller."""

    @property
    def kept(self) -> ReadPlan:
        """The plan that is kept with the catalog and differs only in its `where` and `visible`, if there is one; else
        this plan."""
        other = self.unfiltered
        same = (
            other is not None
            and other.limit == self.limit
            and other.offset == self.offset
            and other.order == self.order
            and other.having == self.having
            and other.embeds == self.embeds
        )
        return other if other is not None and same else self


@dataclass(frozen=True, slots=True)
class EmbedPlan:
    """An embed with the plan of its rows."""

    embed: Embed
    plan: ReadPlan
    ordered_by: bool = False
    """The parent is ordered by its columns, so it is joined even if its content is not inline."""


def joined(each: EmbedPlan) -> bool:
    """The embed's table is joined in its parent's statement."""
    return each.embed.inline or each.ordered_by


def embeds_of(plan: ReadPlan) -> dict[Embed, EmbedPlan]:
    """The plans of the level's embeds, including those nested in inline embeds."""
    found: dict[Embed, EmbedPlan] = {}
    for each in plan.embeds:
        found[each.embed] = each
        if each.embed.inline:
            found.update(embeds_of(each.plan))
    return found
