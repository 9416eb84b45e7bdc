"""The types that casts (`select=price::int`) and aggregates give, and what can be cast to what."""

from __future__ import annotations

from dataclasses import replace

from api.catalog import ColumnType, Kind
from api.errors import cannot_cast, undefined_operation, unknown_type

NUMERIC = "numeric"
"""`ColumnType.name` of a decimal whose scale is the cast's, not the value's: its closing zeros are no information."""

TEXT = ColumnType(kind=Kind.TEXT, name="text", declared="text")
_INTEGER = ColumnType(kind=Kind.INTEGER, name="bigint", declared="bigint", minimum=-(2**63), maximum=2**63 - 1)
_DECIMAL = ColumnType(kind=Kind.DECIMAL, name="decimal", declared="decimal")
_NUMERIC = ColumnType(kind=Kind.DECIMAL, name=NUMERIC, declared="decimal(65,30)", precision=65, scale=30)
_DOUBLE = ColumnType(kind=Kind.FLOAT, name="double", declared="double")
_BOOLEAN = ColumnType(kind=Kind.BOOLEAN, name="boolean", declared="boolean", minimum=0, maximum=1)
_DATE = ColumnType(kind=Kind.DATE, name="date", declared="date")
_TIME = ColumnType(kind=Kind.TIME, name="time", declared="time(6)", fraction_digits=6)
_DATETIME = ColumnType(kind=Kind.DATETIME, name="datetime", declared="datetime(6)", fraction_digits=6)
_TIMESTAMP = ColumnType(kind=Kind.TIMESTAMP, name="timestamp", declared="timestamp(6)", fraction_digits=6)
JSON = ColumnType(kind=Kind.JSON, name="json", declared="json")

_NAMES: dict[ColumnType, tuple[str, ...]] = {
    TEXT: ("text", "varchar", "char", "character varying", "bpchar"),
    _INTEGER: ("int", "integer", "int2", "int4", "int8", "bigint", "smallint"),
    _NUMERIC: ("numeric", "decimal"),
    _DOUBLE: ("float", "float4", "float8", "double", "double precision", "real"),
    _BOOLEAN: ("bool", "boolean"),
    _DATE: ("date",),
    _TIME: ("time", "time without time zone"),
    _DATETIME: ("timestamp", "timestamp without time zone", "datetime"),
    _TIMESTAMP: ("timestamptz", "timestamp with time zone"),
    JSON: ("json", "jsonb"),
}
CASTS: dict[str, ColumnType] = {name: target for target, names in _NAMES.items() for name in names}
"""Each name that a cast may have, and the type that it gives to a text."""

_NUMBERS = frozenset({Kind.INTEGER, Kind.YEAR, Kind.BITS, Kind.DECIMAL, Kind.FLOAT})
_EXACT = _NUMBERS - {Kind.FLOAT}
_MOMENTS = frozenset({Kind.DATETIME, Kind.TIMESTAMP})
TEXTS = frozenset({Kind.TEXT, Kind.ENUM, Kind.SET, Kind.JSON})
_SOURCES: dict[Kind, frozenset[Kind]] = {
    Kind.TEXT: frozenset(Kind),
    Kind.JSON: frozenset(Kind),
    Kind.INTEGER: _NUMBERS | TEXTS | {Kind.BOOLEAN},
    Kind.DECIMAL: _NUMBERS | TEXTS | {Kind.BOOLEAN},
    Kind.FLOAT: _NUMBERS | TEXTS,
    Kind.BOOLEAN: _EXACT | TEXTS | {Kind.BOOLEAN},
    Kind.DATE: _MOMENTS | TEXTS | {Kind.DATE},
    Kind.TIME: _MOMENTS | TEXTS | {Kind.TIME},
    Kind.DATETIME: _MOMENTS | TEXTS | {Kind.DATE},
    Kind.TIMESTAMP: _MOMENTS | TEXTS | {Kind.DATE},
}


def cast_type(type_: ColumnType, name: str) -> ColumnType:
    """The type that a cast gives.

    Raises:
        ApiError: 42704 the name is not in `CASTS`, 42846 the type cannot be cast so.
    """
    target = CASTS.get(" ".join(name.lower().split()))
    if target is None:
        raise unknown_type(name, CASTS)
    if type_.kind not in _SOURCES[target.kind]:
        raise cannot_cast(type_.name, name)
    if target.kind in (Kind.DECIMAL, Kind.FLOAT) and target.kind is type_.kind:
        return type_
    if target.kind is Kind.DECIMAL and type_.kind in (*_EXACT, Kind.BOOLEAN):
        return _DECIMAL
    if target.kind in (Kind.TIME, *_MOMENTS) and type_.kind not in TEXTS:
        return replace(target, fraction_digits=type_.fraction_digits)
    return target


def aggregate_type(function: str, type_: ColumnType | None) -> ColumnType:
    """The type of `count`, `sum`, `avg`, `min` or `max` over a column; None: over rows, for `count`.

    The least and greatest of a FLOAT may show the digits of its double: MySQL computes them as doubles.

    Raises:
        ApiError: 42883, the type has no such aggregate.
    """
    if function == "count":
        return _INTEGER
    if type_ is not None:
        if function in ("sum", "avg") and type_.kind in _EXACT:
            return _NUMERIC if type_.name == NUMERIC else _DECIMAL
        if function in ("sum", "avg") and type_.kind is Kind.FLOAT:
            return _DOUBLE
        if function in ("min", "max") and type_.kind not in (Kind.JSON, Kind.GEOMETRY):
            return type_
    name = type_.name if type_ is not None else ""
    raise undefined_operation(f"function {function}({name}) does not exist")
