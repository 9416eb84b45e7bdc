"""The rows of a payload, typed by the columns that they are for: column by column, as a bulk insert writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from api import errors
from api.catalog import Catalog, Column, Dialect, Kind, Table
from api.plan.identity import counting_column, stored_column
from api.request.query import ApiRequest, Payload
from api.statement import Sql
from api.values.fractions import stored_fraction
from api.values.payload import Stored, csv_converter, payload_converter


class Missing(Enum):
    """What stands for a value that a row does not send."""

    DEFAULT = "DEFAULT"


@dataclass(frozen=True, slots=True)
class Computed:
    """An expression default that is evaluated before the INSERT, so that the row's key is known."""

    expression: str


Cell = Stored | Missing | Computed

_WITH_FRACTION = frozenset({Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP})


@dataclass(frozen=True, slots=True)
class TypedRows:
    """`values[i][j]` is what row j holds in column i."""

    columns: tuple[Column, ...]
    values: tuple[tuple[Cell, ...], ...]
    count: int


def typed_rows(request: ApiRequest, catalog: Catalog, table: Table) -> TypedRows:
    """The rows of the request's payload.

    Raises: `ApiError` PGRST204 for a column that the table does not have, and what `payload_converter` raises.
    """
    payload = request.payload if request.payload is not None else Payload((), True, ())
    names = payload.keys if request.query.columns is None else tuple(dict.fromkeys(request.query.columns))
    for name in names:
        if name not in table.by_name:
            raise errors.unknown_payload_column(name, table.name, table.by_name)
    columns = tuple(table.by_name[name] for name in names)
    default = request.preferences.missing == "default"
    counting = counting_column(catalog, table)
    values: list[tuple[Cell, ...]] = []
    for column in columns:
        convert = _converter(request, catalog, table, column)
        if column is counting:
            convert = _never_zero(column, convert)
        values.append(_column_values(payload, column.name, convert, default=default))
    return TypedRows(columns, tuple(values), len(payload.rows))


def _column_values(
    payload: Payload, name: str, convert: Callable[[object], Cell], *, default: bool
) -> tuple[Cell, ...]:
    if payload.uniform and name in payload.keys:
        return tuple([convert(row[name]) for row in payload.rows])
    if default:
        return tuple([convert(row[name]) if name in row else Missing.DEFAULT for row in payload.rows])
    return tuple([convert(row.get(name)) for row in payload.rows])


def _converter(request: ApiRequest, catalog: Catalog, table: Table, column: Column) -> Callable[[object], Cell]:
    make = csv_converter if request.payload is not None and request.payload.from_texts else payload_converter
    if table.is_view:
        stored = stored_column(catalog, table, column)
        # a view does not say that its column counts up or is computed
        if stored.auto_increment or stored.generated:
            column = stored
    convert = make(column, catalog.dialect, request.preferences.timezone)
    return _as_stored(column, convert, catalog.dialect) if column.type.kind in _WITH_FRACTION else convert


def _as_stored(column: Column, convert: Callable[[object], Cell], dialect: Dialect) -> Callable[[object], Cell]:
    """A time of the column's own precision: where it is a key, its row is looked for by it."""

    def converted(given: object) -> Cell:
        found = convert(given)
        return stored_fraction(found, column.type, dialect) if isinstance(found, str) else found

    return converted


def _never_zero(column: Column, convert: Callable[[object], Cell]) -> Callable[[object], Cell]:
    """MySQL takes 0 in an AUTO_INCREMENT column for "the next number": another row than was sent."""

    def converted(given: object) -> Cell:
        found = convert(given)
        if found == 0 and not isinstance(found, bool | Sql):
            raise errors.ApiError(
                400,
                "22003",
                f"value \"0\" cannot be stored in AUTO_INCREMENT column '{column.name}'",
                "To MySQL it means the next number.",
                "Leave the column out, or send null, for the next number.",
            )
        return found

    return converted


def key_default(column: Column, catalog: Catalog) -> Cell:
    """The value of a key's column in a row that does not send it; `Missing.DEFAULT` where only the server can tell."""
    if column.default is None:
        return None if column.nullable else Missing.DEFAULT
    if column.default_is_expression:
        # with a backtick it speaks of other columns
        return Missing.DEFAULT if "`" in column.default else Computed(column.default)
    try:
        return payload_converter(column, catalog.dialect)(column.default)
    except errors.ApiError:
        return Missing.DEFAULT
