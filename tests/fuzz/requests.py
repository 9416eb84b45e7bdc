"""A read as a tree of Python values, and its address."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.quoting import quoted


@dataclass(frozen=True)
class Operand:
    """A column, or a JSON path into it; `as_text` for `->>`."""

    column: str
    path: tuple[str | int, ...] = ()
    as_text: bool = False

    def __str__(self) -> str:
        steps = [f"->{key}" for key in self.path]
        if self.as_text:
            steps[-1] = steps[-1].replace("->", "->>")
        return self.column + "".join(steps)


@dataclass(frozen=True)
class Compare:
    """`value` is a string; for `in` and the quantifiers `any` and `all`, a tuple of strings."""

    operand: Operand
    operator: str
    value: Any
    quantifier: str = ""
    negated: bool = False


@dataclass(frozen=True)
class Related:
    """Whether an embed has rows: `name=not.is.null`."""

    name: str
    has: bool


@dataclass(frozen=True)
class Tree:
    """`and(...)` or `or(...)`."""

    word: str
    parts: tuple[Condition, ...]
    negated: bool = False


Condition = Compare | Related | Tree


@dataclass(frozen=True)
class Column:
    """A column of the answer under an alias."""

    alias: str
    operand: Operand
    cast: str = ""


@dataclass(frozen=True)
class Aggregate:
    """`alias:column.function()`, or `alias:count()` without a column."""

    alias: str
    function: str
    column: str | None


@dataclass(frozen=True)
class Embed:
    """A related level; `spread` embeds have the relation's name, others the alias."""

    alias: str
    relation: str
    inner: bool
    spread: bool
    level: Level

    @property
    def name(self) -> str:
        return self.relation if self.spread else self.alias


@dataclass(frozen=True)
class Term:
    """A term of `order`; `relation` names a to-one embed of the same level. `nulls` is first, last or empty."""

    column: str
    descending: bool
    nulls: str = ""
    relation: str = ""


@dataclass(frozen=True)
class Level:
    """What is read of one table."""

    table: str
    columns: tuple[Column, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    embeds: tuple[Embed, ...] = ()
    where: tuple[Condition, ...] = ()
    order: tuple[Term, ...] = ()
    limit: int | None = None
    offset: int = 0
    names: dict[str, Embed] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {embed.name: embed for embed in self.embeds})


def select_text(level: Level) -> str:
    """The value of `select`."""
    items = [f"{each.alias}:{each.operand}{each.cast and '::' + each.cast}" for each in level.columns]
    for aggregate in level.aggregates:
        column = f"{aggregate.column}." if aggregate.column else ""
        items.append(f"{aggregate.alias}:{column}{aggregate.function}()")
    for embed in level.embeds:
        start = f"...{embed.relation}" if embed.spread else f"{embed.alias}:{embed.relation}"
        items.append(f"{start}{'!inner' if embed.inner else ''}({select_text(embed.level)})")
    return ",".join(items)


def parameters(level: Level, prefix: str = "") -> list[tuple[str, str]]:
    """The other parameters, those of the embeds included."""
    found = [_parameter(condition, prefix) for condition in level.where]
    if level.order:
        found.append((f"{prefix}order", ",".join(map(_term_text, level.order))))
    if level.limit is not None:
        found.append((f"{prefix}limit", str(level.limit)))
    if level.offset:
        found.append((f"{prefix}offset", str(level.offset)))
    for embed in level.embeds:
        found.extend(parameters(embed.level, f"{prefix}{embed.name}."))
    return found


def address(level: Level, *more: tuple[str, str]) -> str:
    """Path and query, percent-encoded."""
    pairs = [("select", select_text(level)), *parameters(level), *more]
    return f"/{level.table}?" + "&".join(f"{quote(key, safe='-')}={quote(text, safe='(),.!:*')}" for key, text in pairs)


def curl(method: str, where: str, headers: dict[str, str], body: str | None = None) -> str:
    """The request as a command for `make serve`."""
    words = ["curl", "-g", "-X", method, f"http://127.0.0.1:8000/rest/v1{where}"]
    for name, text in headers.items():
        words += ["-H", f"{name}: {text}"]
    if body is not None:
        words += ["-H", "Content-Type: application/json", "-d", body]
    return shlex.join(words)


def _parameter(condition: Condition, prefix: str) -> tuple[str, str]:
    match condition:
        case Tree():
            parts = ",".join(map(_within_tree, condition.parts))
            return f"{prefix}{'not.' if condition.negated else ''}{condition.word}", f"({parts})"
        case Related():
            return f"{prefix}{condition.name}", _related_text(condition)
        case Compare():
            return f"{prefix}{condition.operand}", _operation(condition, str)


def _within_tree(condition: Condition) -> str:
    match condition:
        case Tree():
            parts = ",".join(map(_within_tree, condition.parts))
            return f"{'not.' if condition.negated else ''}{condition.word}({parts})"
        case Related():
            return f"{condition.name}.{_related_text(condition)}"
        case Compare():
            return f"{condition.operand}.{_operation(condition, quoted)}"


def _operation(compare: Compare, write: Any) -> str:
    start = "not." if compare.negated else ""
    if compare.operator == "in":
        return f"{start}in.({','.join(map(quoted, compare.value))})"
    if compare.operator == "is":
        return f"{start}is.{compare.value}"
    if compare.quantifier:
        return f"{start}{compare.operator}({compare.quantifier}).{{{','.join(map(quoted, compare.value))}}}"
    return f"{start}{compare.operator}.{write(compare.value)}"


def _related_text(related: Related) -> str:
    return "not.is.null" if related.has else "is.null"


def _term_text(term: Term) -> str:
    column = f"{term.relation}({term.column})" if term.relation else term.column
    return f"{column}{'.desc' if term.descending else ''}{term.nulls and '.nulls' + term.nulls}"
