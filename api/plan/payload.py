"""The rows of a payload, typed column by column, as a bulk insert writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from enum import Enum

from api import errors
from api.catalog import CacheKey, Catalog, Column, Dialect, Privilege, Table
from api.catalog.privileges import denied
from api.plan.identity import counting_column, stored_column
from api.request.query import ApiRequest, Payload
from api.statement import Sql, Value
from api.values.fractions import stored_fraction
from api.values.payload import Stored, csv_converter, payload_converter, present_converter


class Missing(Enum):
    """A value that a row does not send."""

    DEFAULT = "DEFAULT"
    RELATED = "related"
    """A value of a related row, known when that row has been inserted."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A default expression that is evaluated before the INSERT, so that the row's key is known."""

    expression: str


Cell = Stored | Missing | Computed


@dataclass(frozen=True, slots=True)
class TypedRows:
    """`values[i][j]` is the value of row j in column i."""

    columns: tuple[Column, ...]
    values: tuple[tuple[Cell, ...], ...]
    count: int


def typed_rows(request: ApiRequest, catalog: Catalog, table: Table) -> TypedRows:
    """The rows of the request's payload.

    Raises: `ApiError` PGRST204 for an unknown column, 42501 for one that the role may not write, and
    what `payload_converter` raises.
    """
    if request.payload is None:
        raise TypeError("only POST, PUT and PATCH have rows")
    wanted = Privilege.UPDATE if request.method == "PATCH" else Privilege.INSERT
    names = sent_names(request, request.payload)
    return typed_columns(request, request.payload, catalog, table, names, wanted)


def sent_names(request: ApiRequest, payload: Payload) -> tuple[str, ...]:
    """The keys of the payload that are written: those of `columns=`, or all of them."""
    return payload.keys if request.query.columns is None else tuple(dict.fromkeys(request.query.columns))


def typed_columns(
    request: ApiRequest, payload: Payload, catalog: Catalog, table: Table, names: tuple[str, ...], wanted: Privilege
) -> TypedRows:
    """These columns of a payload, for which the role requires a privilege.

    Raises: as `typed_rows`.
    """
    for name in names:
        if name not in table.by_name:
            raise errors.unknown_payload_column(name, table.name, table.named)
        if denied(table, wanted, table.by_name[name]):
            raise errors.permission_denied("table", table.name, f"The role may not {_VERBS[wanted]} column '{name}'.")
    columns = tuple(table.by_name[name] for name in names)
    default = request.preferences.missing == "default"
    if not (payload.uniform or default or request.query.columns is not None):
        _check_keys(payload, names)
    counting = counting_column(catalog, table)
    values = [_column_values(request, payload, catalog, table, column, default=default) for column in columns]
    if counting in columns and wanted is not Privilege.SELECT:
        _refuse_zero(counting.name, values[columns.index(counting)])
    return TypedRows(columns, tuple(values), len(payload.rows))


def _check_keys(payload: Payload, names: tuple[str, ...]) -> None:
    """Raises: `ApiError` PGRST102 for a row that lacks one of these keys that the first row has, or the reverse."""
    wanted = set(names)
    first, *others = (row.keys() & wanted for row in payload.rows)
    for position, keys in enumerate(others, 1):
        if keys != first:
            raise errors.bad_body(
                "All object keys must match",
                f"Element {position} of the array differs from the first in: {errors.listing(keys ^ first)}.",
                "Name the columns to write with 'columns=', or send 'Prefer: missing=default'.",
            )


_VERBS = {Privilege.SELECT: "read", Privilege.INSERT: "insert", Privilege.UPDATE: "update"}


def _column_values(
    request: ApiRequest, payload: Payload, catalog: Catalog, table: Table, column: Column, *, default: bool
) -> tuple[Cell, ...]:
    name = column.name
    column = _written_column(catalog, table, column)
    if payload.uniform and name in payload.keys:
        given = [row[name] for row in payload.rows]
        if None not in given and not payload.from_texts:
            convert = _present_converter(catalog, table, column, request.preferences.timezone)
            return _as_stored(column, tuple([convert(each) for each in given]), catalog.dialect)
    make = csv_converter if payload.from_texts else payload_converter
    convert = make(column, catalog.dialect, request.preferences.timezone)
    cells: list[Cell] = [
        convert(row.get(name)) if name in row or not default else Missing.DEFAULT for row in payload.rows
    ]
    return _as_stored(column, tuple(cells), catalog.dialect)


def _present_converter(
    catalog: Catalog, table: Table, column: Column, timezone: tzinfo | None
) -> Callable[[object], Stored]:
    """`present_converter`, kept with the catalog: for one row, making a converter costs more than using it."""
    return catalog.cache.get(
        _CONVERTER, (table.key, column.name, timezone), lambda: present_converter(column, catalog.dialect, timezone)
    )


_CONVERTER = CacheKey[Callable[[object], Stored]]("converter")


def _written_column(catalog: Catalog, table: Table, column: Column) -> Column:
    """The base table's column for a view's column that is AUTO_INCREMENT or generated, which the view does not show."""
    if not table.is_view:
        return column
    stored = stored_column(catalog, table, column)
    return stored if stored.auto_increment or stored.generated else column


def _as_stored(column: Column, cells: tuple[Cell, ...], dialect: Dialect) -> tuple[Cell, ...]:
    """Values in the form that the server stores, so that a key finds its row again.

    A time has the column's precision, CHAR loses trailing spaces (VARCHAR only excess ones), BINARY is zero-padded.
    """
    type_ = column.type
    if type_.name in ("char", "varchar"):
        least = 0 if type_.name == "char" or type_.length is None else type_.length
        if any(isinstance(cell, str) and cell.endswith(" ") for cell in cells):
            return tuple([_without_spaces(cell, least) for cell in cells])
        return cells
    if type_.name == "binary":
        length = type_.length or 0
        return tuple([cell.ljust(length, b"\0") if isinstance(cell, bytes) else cell for cell in cells])
    if not type_.kind.traits.fraction:
        return cells
    return tuple(
        [
            stored_fraction(cell, column.type, dialect) if isinstance(cell, str) and "." in cell else cell
            for cell in cells
        ]
    )


def stored_form(column: Column, given: Value, dialect: Dialect) -> Value:
    """A key's value from an address, in the form that the server stores."""
    (stored,) = _as_stored(column, (given,), dialect)
    return given if isinstance(stored, Sql | Missing | Computed) else stored


def _without_spaces(cell: Cell, least: int) -> Cell:
    """A string without its trailing spaces after the first `least` characters."""
    return cell[:least] + cell[least:].rstrip(" ") if isinstance(cell, str) else cell


def _refuse_zero(name: str, cells: tuple[Cell, ...]) -> None:
    """MySQL stores the next number for 0 in an AUTO_INCREMENT column, so the row would not be the one that was sent."""
    if any(cell == 0 and isinstance(cell, int | float | Decimal) for cell in cells):
        raise errors.ApiError(
            errors.codes.OUT_OF_RANGE,
            f"value \"0\" cannot be stored in AUTO_INCREMENT column '{name}'",
            "MySQL would store the next number instead.",
            "Leave the column out, or send null, for the next number.",
        )


def key_default(column: Column, catalog: Catalog) -> Cell:
    """The value of a key column that a row does not send; `Missing.DEFAULT` if only the server knows it."""
    if column.default is None:
        return None if column.nullable else Missing.DEFAULT
    if column.default_is_expression:
        # a backtick means that it refers to other columns
        return Missing.DEFAULT if "`" in column.default else Computed(column.default)
    try:
        return payload_converter(column, catalog.dialect)(column.default)
    except errors.ApiError:
        return Missing.DEFAULT
