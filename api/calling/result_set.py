"""A procedure's result under the reading grammar: select, filters, order. MySQL cannot apply them to a CALL, so they
are applied here, to the rows as they came.

Texts are compared character by character (the result does not tell a collation that Python knows), `ilike` and `imatch`
without regard to case, and patterns of `match` are Python's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from api import errors
from api.calling.result_filters import test_of
from api.calling.result_values import Cells, Column, comparable, compare, described_column, find_column, plain, walk
from api.catalog import Kind
from api.database.session import ResultSet
from api.request.query import Condition, Field, FieldItem, OrderTerm, Query, Star
from api.values.encode import encoder, quote


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
    described = [described_column(column, position, result) for position, column in enumerate(result.columns)]
    columns = {column.name: column for column in reversed(described)}
    kinds = [column.type.kind for column in described]
    rows: Sequence[Cells] = [[plain(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in result.rows]
    for condition in filters:
        test = test_of(condition, columns)
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
            raise errors.no_relationship("result", item.name, item.hint, "", ())
        elif item.aggregate is not None or item.cast is not None or item.field is None:
            raise errors.not_implemented("Casts and aggregates on the result of a procedure are not available.")
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
