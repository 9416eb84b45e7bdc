"""What a read answers, worked out over rows in Python: no SQL, and no code of `api`.

Conditions are True, False or None (unknown), as in SQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from tests.fuzz.requests import Aggregate, Column, Compare, Condition, Embed, Level, Operand, Related, Term, Tree
from tests.fuzz.tables import KEYS, LINKS, TYPES, Row, Stored

Truth = bool | None
_JSON_RANKS: tuple[type, ...] = (type(None), int, str, dict, list, bool)


@dataclass(frozen=True)
class Near:
    """A number whose last digits are up to the server."""

    value: Decimal

    def __eq__(self, other: object) -> bool:
        if isinstance(other, bool) or not isinstance(other, int | Decimal):
            return NotImplemented
        return abs(Decimal(other) - self.value) <= Decimal("0.001") * max(Decimal(1), abs(self.value))

    __hash__ = None  # type: ignore[assignment]


def read(stored: Stored, level: Level) -> list[Row]:
    """The rows of the answer."""
    return shown(stored, level, chosen(stored, level, stored[level.table]))


def total(stored: Stored, level: Level) -> int:
    """The number of rows without limit and offset."""
    return len(shown(stored, level, _kept(stored, level, stored[level.table]), whole=True))


def chosen(stored: Stored, level: Level, rows: Iterable[Row]) -> list[Row]:
    """Those of the rows that the level reads, in its order; a level with aggregates is cut after it is grouped."""
    kept = _ordered(stored, level, _kept(stored, level, rows))
    return kept if level.aggregates else _cut(level, kept)


def shown(stored: Stored, level: Level, rows: Sequence[Row], *, whole: bool = False) -> list[Row]:
    """The rows as the answer shows them."""
    if not level.aggregates:
        return [_show(stored, level, row) for row in rows]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        key = json.dumps([_value(row, column.operand) for column in level.columns], default=str)
        groups.setdefault(key, []).append(row)
    if not groups and not level.columns:
        groups[""] = []
    answers = [
        {column.alias: _cast(_value(members[0], column.operand), column) for column in level.columns}
        | {each.alias: _aggregate(each, members) for each in level.aggregates}
        for members in groups.values()
    ]
    return answers if whole else _cut(level, answers)


def _cut(level: Level, rows: list[Row]) -> list[Row]:
    return rows[level.offset :] if level.limit is None else rows[level.offset : level.offset + level.limit]


def _kept(stored: Stored, level: Level, rows: Iterable[Row]) -> list[Row]:
    return [
        row
        for row in rows
        if all(_truth(stored, level, condition, row) is True for condition in level.where)
        and all(_exists(stored, level.table, embed, row) for embed in level.embeds if embed.inner)
    ]


def related(stored: Stored, table: str, embed: Embed, row: Row) -> list[Row]:
    """The rows of an embed that belong to a row of `table`, before its filters."""
    link = LINKS[table][embed.relation]
    own = row[link.column]
    if own is None:
        return []
    if link.junction is None:
        return [each for each in stored[link.target] if each[link.target_column] == own]
    junction, near, far = link.junction
    reached = {each[far] for each in stored[junction] if each[near] == own}
    return [each for each in stored[link.target] if each[link.target_column] in reached]


def _rows(stored: Stored, table: str, embed: Embed, row: Row) -> list[Row]:
    return chosen(stored, embed.level, related(stored, table, embed, row))


def _exists(stored: Stored, table: str, embed: Embed, row: Row) -> bool:
    return bool(_cut(embed.level, _kept(stored, embed.level, related(stored, table, embed, row))))


def _show(stored: Stored, level: Level, row: Row | None) -> Row:
    """A row's members; of a to-one spread without a row, each of them null."""
    members: Row = {}
    for column in level.columns:
        members[column.alias] = None if row is None else _cast(_value(row, column.operand), column)
    for embed in level.embeds:
        members |= _embedded(stored, level, embed, row)
    return members


def _embedded(stored: Stored, level: Level, embed: Embed, row: Row | None) -> Row:
    found = [] if row is None else _rows(stored, level.table, embed, row)
    to_one = LINKS[level.table][embed.relation].to_one
    if embed.spread and to_one:
        return _show(stored, embed.level, found[0] if found else None)
    if embed.spread:
        if row is None:
            return dict.fromkeys(_show(stored, embed.level, None))
        each = shown(stored, embed.level, found)
        return {name: [one[name] for one in each] for name in _show(stored, embed.level, None)}
    if not (embed.level.columns or embed.level.aggregates or _has_output(embed.level)):
        return {}
    if row is None:
        return {embed.alias: None}
    answers = shown(stored, embed.level, found)
    if to_one:
        return {embed.alias: answers[0] if answers else None}
    return {embed.alias: answers}


def _has_output(level: Level) -> bool:
    return bool(level.columns or level.aggregates) or any(
        embed.spread or _has_output(embed.level) for embed in level.embeds
    )


def _value(row: Row, operand: Operand) -> Any:
    value = row[operand.column]
    for key in operand.path:
        value = _step(value, key)
    if not operand.as_text or value is _MISSING:
        return value
    if value is None:
        return _MISSING
    return value if isinstance(value, str) else json.dumps(value)


class _Missing:
    """SQL's NULL where JSON has another null."""

    def __repr__(self) -> str:
        return "missing"


_MISSING = _Missing()


def _step(value: Any, key: str | int) -> Any:
    if isinstance(key, str):
        return value.get(key, _MISSING) if isinstance(value, dict) else _MISSING
    return value[key] if isinstance(value, list) and -len(value) <= key < len(value) else _MISSING


def _cast(value: Any, column: Column) -> Any:
    if value is _MISSING:
        return None
    return str(value) if column.cast == "text" and value is not None else value


def _is_null(operand: Operand, value: Any) -> bool:
    return value is _MISSING or (value is None and not operand.path)


def _truth(stored: Stored, level: Level, condition: Condition, row: Row) -> Truth:
    match condition:
        case Related():
            return _exists(stored, level.table, level.names[condition.name], row) is condition.has
        case Tree():
            parts = [_truth(stored, level, part, row) for part in condition.parts]
            found = _all(parts) if condition.word == "and" else _not(_all([_not(part) for part in parts]))
        case Compare():
            found = _compared(level.table, condition, row)
    return _not(found) if condition.negated else found


def _all(parts: list[Truth]) -> Truth:
    if False in parts:
        return False
    return None if None in parts else True


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _compared(table: str, compare: Compare, row: Row) -> Truth:
    operand, kind = compare.operand, kind_of(table, compare.operand)
    value = _value(row, operand)
    null = _is_null(operand, value)
    if compare.operator == "is":
        wanted = {"null": null, "unknown": null, "not_null": not null}
        return wanted.get(compare.value, not null and value is (compare.value == "true"))
    if compare.operator == "in" and not compare.value:
        return False
    if compare.operator == "isdistinct":
        return null or _sign(kind, value, typed(kind, compare.value)) != 0
    if null:
        return None
    if compare.operator == "in":
        return any(_sign(kind, value, typed(kind, each)) == 0 for each in compare.value)
    if compare.quantifier:
        each = [_holds(kind, value, compare.operator, text) for text in compare.value]
        return any(each) if compare.quantifier == "any" else all(each)
    return _holds(kind, value, compare.operator, compare.value)


def _holds(kind: str, value: Any, operator: str, text: str) -> bool:
    if operator in ("like", "ilike"):
        pattern = "".join({"*": ".*", "%": ".*", "_": "."}.get(char, re.escape(char)) for char in text)
        return re.fullmatch(pattern, value, re.DOTALL | (re.IGNORECASE if operator == "ilike" else 0)) is not None
    if operator in ("match", "imatch"):
        return re.search(text, value, re.IGNORECASE if operator == "imatch" else 0) is not None
    sign = _sign(kind, value, typed(kind, text))
    return {"eq": sign == 0, "neq": sign != 0, "lt": sign < 0, "lte": sign <= 0, "gt": sign > 0, "gte": sign >= 0}[
        operator
    ]


def kind_of(table: str, operand: Operand) -> str:
    """The type of an operand."""
    if operand.path:
        return "text" if operand.as_text else "json"
    return TYPES[table][operand.column]


def typed(kind: str, text: str) -> Any:
    """The value that a filter's text means for the type."""
    match kind:
        case "int":
            return int(text)
        case "decimal" | "double":
            return Decimal(text)
        case "bool":
            return text == "true"
        case "json":
            return json.loads(text)
        case _:
            return text


def _sign(kind: str, one: Any, other: Any) -> int:
    if kind == "ci":
        one, other = one.lower(), other.lower()
    if kind == "json":
        ranks = _rank(one), _rank(other)
        if ranks[0] != ranks[1]:
            return ranks[0] - ranks[1]
        if isinstance(one, dict | list) or one is None:
            return int(one != other)
    return int(one > other) - int(one < other)


def _rank(value: Any) -> int:
    return _JSON_RANKS.index(int if type(value) in (float, Decimal) else type(value))


def _ordered(stored: Stored, level: Level, rows: list[Row]) -> list[Row]:
    """In the level's order, ties by the key in the direction of the last term."""

    def compare(one: Row, other: Row) -> int:
        for term in level.order:
            sign = _ordered_by(stored, level, term, one, other)
            if sign:
                return sign
        keys = [tuple(row[name] for name in KEYS[level.table]) for row in (one, other)]
        sign = int(keys[0] > keys[1]) - int(keys[0] < keys[1])
        return -sign if level.order and level.order[-1].descending else sign

    return sorted(rows, key=cmp_to_key(compare))


def _ordered_by(stored: Stored, level: Level, term: Term, one: Row, other: Row) -> int:
    table, pair = level.table, (one, other)
    values: list[Any]
    if term.relation:
        embed = level.names[term.relation]
        table = embed.level.table
        found = [_rows(stored, level.table, embed, row) for row in pair]
        values = [rows[0][term.column] if rows else None for rows in found]
    else:
        values = [row[term.column] for row in pair]
    nulls_first = term.nulls == "first" if term.nulls else term.descending
    if None in values:
        if values == [None, None]:
            return 0
        return -1 if (values[0] is None) == nulls_first else 1
    sign = _sign(TYPES[table][term.column], *values)
    return -sign if term.descending else sign


def _aggregate(aggregate: Aggregate, rows: list[Row]) -> Any:
    if aggregate.column is None:
        return len(rows)
    values = [row[aggregate.column] for row in rows if row[aggregate.column] is not None]
    match aggregate.function:
        case "count":
            return len(values)
        case "sum":
            return sum(values) if values else None
        case "avg":
            return Near(sum(map(Decimal, values), Decimal(0)) / len(values)) if values else None
        case "min":
            return min(values, default=None)
        case _:
            return max(values, default=None)


def _is_row(members: Row) -> bool:
    """A row has the order of `select`; the server sorts the members of a JSON document."""
    return all(name[:1] == "x" for name in members)


def same(expected: Any, answered: Any) -> bool:
    """Equal, where text that is a JSON array or object may be spaced in any way."""
    if isinstance(expected, dict):
        return (
            isinstance(answered, dict)
            and (list(expected) == list(answered) if _is_row(expected) else expected.keys() == answered.keys())
            and all(same(expected[name], answered[name]) for name in expected)
        )
    if isinstance(expected, list):
        return (
            isinstance(answered, list)
            and len(expected) == len(answered)
            and all(same(one, other) for one, other in zip(expected, answered, strict=True))
        )
    if isinstance(expected, str) and isinstance(answered, str) and expected[:1] in ("[", "{"):
        return expected == answered or bool(json.loads(expected) == json.loads(answered))
    if isinstance(expected, bool) or isinstance(answered, bool):
        return expected is answered
    return bool(expected == answered)
