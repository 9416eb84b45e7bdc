"""Select, filters and order on a procedure's result. MySQL cannot apply them to a CALL, so they are applied here, to
the rows that it returned.

Strings are compared character by character, because Python has no equivalent of the result's collations. `ilike` and
`imatch` ignore case, and `match` uses Python's regular expressions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from api import errors
from api.calling.result_filters import predicate
from api.calling.result_values import Cells, Column, comparable, compare, described_column, find_column, plain, walk
from api.catalog import Kind
from api.database.results import ResultSet
from api.request.query import Condition, Field, FieldItem, OrderTerm, Query, Star
from api.values.encode import encoder, quote


@dataclass(frozen=True, slots=True)
class Table:
    """Rows whose values are encoded as JSON, and the names of their columns."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def objects(self, *, strip_nulls: bool) -> list[str]:
        """Each row as a JSON object."""
        keys = [quote(name) + ":" for name in self.names]
        return [
            "{"
            + ",".join([key + text for key, text in zip(keys, row, strict=True) if not strip_nulls or text != "null"])
            + "}"
            for row in self.rows
        ]


def apply(query: Query, filters: Sequence[Condition], result: ResultSet) -> Table:
    """The rows that match, in the requested order, encoded as JSON. The caller applies the limit and the offset.

    Raises: `ApiError` for an unknown column, a value of the wrong type, or a feature that only tables support.
    """
    described = [described_column(column, position, result) for position, column in enumerate(result.columns)]
    columns = {column.name: column for column in reversed(described)}
    kinds = [column.type.kind for column in described]
    rows: Sequence[Cells] = [[plain(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in result.rows]
    for condition in filters:
        test = predicate(condition, columns)
        rows = [row for row in rows if test(row) is True]
    for path, terms in query.orders:
        if path:
            raise errors.not_embedded(path[0], "order")
        rows = _ordered(rows, terms, columns)
    return _selected(query, rows, described, columns)


def _selected(query: Query, rows: Sequence[Cells], described: Sequence[Column], columns: dict[str, Column]) -> Table:
    names: list[str] = []
    writers: list[Callable[[Cells], str]] = []
    for item in query.select:
        if isinstance(item, Star):
            for column in described:
                names.append(column.name)
                writers.append(_writer(column, Field(column.name)))
        elif not isinstance(item, FieldItem):
            raise TypeError("planning refuses embeds")
        elif item.aggregate is not None or item.cast is not None or item.field is None:
            raise errors.not_implemented("Casts and aggregates are not available on the result of a procedure.")
        else:
            names.append(item.alias or _name(item.field))
            writers.append(_writer(find_column(item.field, columns), item.field))
    return Table(tuple(names), tuple([tuple([write(row) for write in writers]) for row in rows]))


def _name(field: Field) -> str:
    return next((str(step.key) for step in reversed(field.path) if isinstance(step.key, str)), field.name)


def _writer(column: Column, field: Field) -> Callable[[Cells], str]:
    encode, position = encoder(column.type), column.position
    if not field.path:
        return lambda row: encode(row[position])

    def write(row: Cells) -> str:
        value = walk(row[position], field)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)

    return write


def _ordered(rows: Sequence[Cells], terms: tuple[OrderTerm, ...], columns: dict[str, Column]) -> Sequence[Cells]:
    keys: list[tuple[Callable[[Cells], object], bool, bool]] = []
    for term in terms:
        if term.relation is not None:
            raise errors.not_embedded(term.relation, "order")
        column = find_column(term.field, columns)
        nulls_first = term.descending if term.nulls is None else term.nulls == "first"
        keys.append((_key(column, term.field), term.descending, nulls_first))

    def by_keys(one: Cells, other: Cells) -> int:
        for key, descending, nulls_first in keys:
            left, right = key(one), key(other)
            if left is None or right is None:
                found = (left is None) - (right is None)
                found = -found if nulls_first else found
            else:
                found = compare(left, right)
                found = -found if descending else found
            if found:
                return found
        return 0

    return sorted(rows, key=cmp_to_key(by_keys))


def _key(column: Column, field: Field) -> Callable[[Cells], object]:
    kind = Kind.TEXT if field.path else column.type.kind

    def key(row: Cells) -> object:
        cell = walk(row[column.position], field) if field.path else row[column.position]
        return None if cell is None else comparable(cell, kind)

    return key
