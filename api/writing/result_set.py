"""A procedure's result under the reading grammar: select, filters, order. MySQL cannot apply them to a CALL, so they
are applied here, to the rows as they came.

Texts are compared character by character (the result does not tell a collation that Python knows), `ilike` and `imatch`
without regard to case, and patterns of `match` are Python's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cmp_to_key

from api import errors
from api.catalog import ColumnType, Kind
from api.encode import encoder, quote
from api.request.query import Comparison, Condition, Field, FieldItem, OrderTerm, Query, Star
from api.session import ResultColumn, ResultSet
from api.values.filters import filter_value

Cell = object
Cells = Sequence[Cell]

_KINDS = {
    0: Kind.DECIMAL,
    246: Kind.DECIMAL,
    1: Kind.INTEGER,
    2: Kind.INTEGER,
    3: Kind.INTEGER,
    8: Kind.INTEGER,
    9: Kind.INTEGER,
    4: Kind.FLOAT,
    5: Kind.FLOAT,
    7: Kind.TIMESTAMP,
    10: Kind.DATE,
    14: Kind.DATE,
    11: Kind.TIME,
    12: Kind.DATETIME,
    13: Kind.YEAR,
    16: Kind.BITS,
    245: Kind.JSON,
}
"""By the protocol's field types (https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html)."""

_TINY, _BIT = 1, 16
_ORDERED = {"gt": (1,), "gte": (0, 1), "lt": (-1,), "lte": (-1, 0), "eq": (0,), "neq": (-1, 1)}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the result, as the value checks want it."""

    name: str
    type: ColumnType
    position: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of JSON texts, each with the names of its members."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def objects(self, *, strip_nulls: bool) -> list[str]:
        """Each row as the text of a JSON object."""
        keys = [quote(name) + ":" for name in self.names]
        return [
            "{"
            + ",".join([key + text for key, text in zip(keys, row, strict=True) if not strip_nulls or text != "null"])
            + "}"
            for row in self.rows
        ]


def apply(query: Query, filters: Sequence[Condition], result: ResultSet) -> Table:
    """The rows that remain, in the order asked, as JSON texts. The limit is left to the caller.

    Raises: `ApiError` for a column that the result does not have, a value of another type, and what only a table can.
    """
    described = [_described(column, position, result) for position, column in enumerate(result.columns)]
    columns = {column.name: column for column in reversed(described)}
    kinds = [column.type.kind for column in described]
    rows: Sequence[Cells] = [[_plain(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in result.rows]
    for condition in filters:
        test = _test(condition, columns)
        rows = [row for row in rows if test(row) is True]
    for path, terms in query.orders:
        if path:
            raise errors.not_embedded(path[0], "order")
        rows = _ordered(rows, terms, columns)
    return _selected(query, rows, described, columns)


def _described(column: ResultColumn, position: int, result: ResultSet) -> _Column:
    kind = _KINDS.get(column.type_code, Kind.TEXT)
    if (column.type_code == _TINY and column.length == 1) or (column.type_code == _BIT and column.length == 1):
        kind = Kind.BOOLEAN
    elif kind is Kind.TEXT and any(isinstance(row[position], bytes) for row in result.rows):
        kind = Kind.BINARY
    return _Column(column.name, ColumnType(kind, kind.value, kind.value), position)


def _plain(cell: Cell, kind: Kind) -> Cell:
    if isinstance(cell, bytes) and kind in (Kind.BITS, Kind.BOOLEAN):
        return int.from_bytes(cell, "big")
    return cell


def _column(field: Field, columns: dict[str, _Column]) -> _Column:
    found = columns.get(field.name)
    if found is None:
        raise errors.unknown_column("result", field.name, columns)
    if field.path and found.type.kind is not Kind.JSON:
        raise errors.undefined_operation(f"column '{field.name}' of the result is not json")
    return found


def _selected(query: Query, rows: Sequence[Cells], described: Sequence[_Column], columns: dict[str, _Column]) -> Table:
    names: list[str] = []
    writers: list[Callable[[Cells], str]] = []
    for item in query.select:
        if isinstance(item, Star):
            for column in described:
                names.append(column.name)
                writers.append(_writer(column, Field(column.name)))
        elif not isinstance(item, FieldItem):
            raise errors.no_relationship("result", item.name, item.hint, "", ())
        elif item.aggregate is not None or item.cast is not None or item.field is None:
            raise errors.not_implemented("Casts and aggregates on the result of a procedure are not available.")
        else:
            names.append(item.alias or _name(item.field))
            writers.append(_writer(_column(item.field, columns), item.field))
    return Table(tuple(names), tuple([tuple([write(row) for write in writers]) for row in rows]))


def _name(field: Field) -> str:
    return next((str(step.key) for step in reversed(field.path) if isinstance(step.key, str)), field.name)


def _writer(column: _Column, field: Field) -> Callable[[Cells], str]:
    encode, position = encoder(column.type), column.position
    if not field.path:
        return lambda row: encode(row[position])

    def write(row: Cells) -> str:
        value = _walk(row[position], field)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)

    return write


def _walk(document: Cell, field: Field) -> object:
    """What a JSON path finds; as text where its last arrow is `->>`."""
    value = None if document is None else json.loads(str(document))
    for step in field.path:
        if isinstance(value, dict) and isinstance(step.key, str):
            value = value.get(step.key)
        elif isinstance(value, list) and isinstance(step.key, int) and -len(value) <= step.key < len(value):
            value = value[step.key]
        else:
            value = None
    if value is None or not field.path[-1].as_text:
        return value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _test(condition: Condition, columns: dict[str, _Column]) -> Callable[[Cells], bool | None]:
    """SQL's three-valued logic: None is unknown."""
    if isinstance(condition, Comparison):
        return _negated(_comparison(condition, columns), condition.negated)
    tests = [_test(operand, columns) for operand in condition.operands]
    decided = condition.connective == "or"

    def test(row: Cells) -> bool | None:
        found = [each(row) for each in tests]
        if decided in found:
            return decided
        return None if None in found else not decided

    return _negated(test, condition.negated)


def _negated(test: Callable[[Cells], bool | None], negated: bool) -> Callable[[Cells], bool | None]:
    if not negated:
        return test

    def opposite(row: Cells) -> bool | None:
        found = test(row)
        return None if found is None else not found

    return opposite


def _comparison(condition: Comparison, columns: dict[str, _Column]) -> Callable[[Cells], bool | None]:
    column = _column(condition.field, columns)
    if condition.field.path:
        column = _Column(column.name, ColumnType(Kind.TEXT, "text", "text"), column.position)
    value, operator = condition.value, condition.operator
    if operator == "in" or condition.quantifier is not None:
        texts = (value,) if isinstance(value, str) else value
        each = "eq" if operator == "in" else operator
        tests = [_one(column, condition.field, each, text) for text in texts]
        every = condition.quantifier == "all"
        return lambda row: _combined([test(row) for test in tests], every=every)
    if not isinstance(value, str):
        raise errors.parse_failed("filter", operator, f"'{operator}' takes one value")
    return _one(column, condition.field, operator, value)


def _combined(found: list[bool | None], *, every: bool) -> bool | None:
    decided = not every
    if decided in found:
        return decided
    return None if None in found else not decided


def _one(column: _Column, field: Field, operator: str, text: str) -> Callable[[Cells], bool | None]:
    def cell(row: Cells) -> Cell:
        return _walk(row[column.position], field) if field.path else row[column.position]

    if operator == "is":
        return _is(cell, text)
    if operator in ("like", "ilike", "match", "imatch"):
        pattern = _pattern(operator, text)
        return lambda row: None if (found := cell(row)) is None else pattern.search(str(found)) is not None
    allowed = _ORDERED.get(operator)
    if allowed is None and operator != "isdistinct":
        raise errors.not_implemented(f"The operator '{operator}' on the result of a procedure is not available.")
    wanted = _comparable(filter_value(column, text), column.type.kind)
    if allowed is None:
        return lambda row: (found := cell(row)) is None or _compare(_comparable(found, column.type.kind), wanted) != 0
    return lambda row: (
        None if (found := cell(row)) is None else _compare(_comparable(found, column.type.kind), wanted) in allowed
    )


def _is(cell: Callable[[Cells], Cell], what: str) -> Callable[[Cells], bool | None]:
    match what:
        case "null" | "unknown":
            return lambda row: cell(row) is None
        case "not_null":
            return lambda row: cell(row) is not None
        case _:
            wanted = what == "true"
            return lambda row: (found := cell(row)) is not None and (found not in (0, "0")) == wanted


def _pattern(operator: str, text: str) -> re.Pattern[str]:
    flags = re.DOTALL | (re.IGNORECASE if operator.startswith("i") else 0)
    if operator.endswith("like"):
        parts = {"%": ".*", "*": ".*", "_": "."}
        text = r"\A" + "".join([parts.get(character, re.escape(character)) for character in text]) + r"\Z"
    try:
        return re.compile(text, flags)
    except re.error as error:
        raise errors.ApiError(400, "2201B", f"invalid regular expression: {error}") from None


def _comparable(value: object, kind: Kind) -> object:
    """A value in a form whose order is the type's."""
    match kind:
        case Kind.DECIMAL | Kind.FLOAT:
            return Decimal(str(value))
        case Kind.DATETIME | Kind.TIMESTAMP:
            whole, _, fraction = str(value).partition(".")
            return f"{whole}.{fraction:0<6}"
        case Kind.TIME:
            return _seconds(str(value))
        case Kind.INTEGER | Kind.YEAR | Kind.BITS | Kind.BOOLEAN:
            return int(str(value))
        case Kind.BINARY:
            return value if isinstance(value, bytes) else str(value).encode()
        case _:
            return str(value)


def _seconds(text: str) -> Decimal:
    hours, minutes, seconds = text.lstrip("-").split(":")
    total = 3600 * int(hours) + 60 * int(minutes) + Decimal(seconds)
    return -total if text.startswith("-") else total


def _compare(one: object, other: object) -> int:
    if one == other:
        return 0
    return 1 if one > other else -1  # type: ignore[operator]


def _ordered(rows: Sequence[Cells], terms: tuple[OrderTerm, ...], columns: dict[str, _Column]) -> Sequence[Cells]:
    keys: list[tuple[Callable[[Cells], object], bool, bool]] = []
    for term in terms:
        if term.relation is not None:
            raise errors.not_embedded(term.relation, "order")
        column = _column(term.field, columns)
        nulls_first = term.descending if term.nulls is None else term.nulls == "first"
        keys.append((_key(column, term.field), term.descending, nulls_first))

    def compare(one: Cells, other: Cells) -> int:
        for key, descending, nulls_first in keys:
            left, right = key(one), key(other)
            if left is None or right is None:
                found = (left is None) - (right is None)
                found = -found if nulls_first else found
            else:
                found = _compare(left, right)
                found = -found if descending else found
            if found:
                return found
        return 0

    return sorted(rows, key=cmp_to_key(compare))


def _key(column: _Column, field: Field) -> Callable[[Cells], object]:
    kind = Kind.TEXT if field.path else column.type.kind

    def key(row: Cells) -> object:
        cell = _walk(row[column.position], field) if field.path else row[column.position]
        return None if cell is None else _comparable(cell, kind)

    return key
