"""The types that casts (`select=price::int`) and aggregates return, and what can be cast to what."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from api.catalog import ColumnType, Family, Kind, UuidOrder
from api.errors import cannot_cast, undefined_operation, unknown_type
from api.values.uuids import UUID_BYTES

NUMERIC = "numeric"
"""`ColumnType.name` of a decimal whose scale comes from the cast, not the value: its trailing zeros are not shown."""

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
_UUID = ColumnType(kind=Kind.BINARY, name="binary", declared="binary(16)", length=16, uuid=UuidOrder.PLAIN)

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
    _UUID: ("uuid",),
}
CASTS: dict[str, ColumnType] = {name: target for target, names in _NAMES.items() for name in names}
"""Each name of a cast, and the type that it returns for text, or for BINARY(16)."""

_ANY_FAMILY: tuple[Family, ...] = get_args(Family)
_SOURCES: dict[Kind, tuple[Family, ...]] = {
    Kind.TEXT: _ANY_FAMILY,
    Kind.JSON: _ANY_FAMILY,
    Kind.INTEGER: ("number", "text", "boolean"),
    Kind.DECIMAL: ("number", "text", "boolean"),
    Kind.FLOAT: ("number", "text"),
    Kind.BOOLEAN: ("number", "text", "boolean"),
    Kind.DATE: ("moment", "text", "date"),
    Kind.TIME: ("moment", "text", "time"),
    Kind.DATETIME: ("moment", "text", "date"),
    Kind.TIMESTAMP: ("moment", "text", "date"),
}
"""For each kind that a cast can return, the families that can be cast to it."""


def known_cast(name: str) -> ColumnType:
    """The type that a cast returns for text.

    Raises:
        ApiError: 42704, the name is not in `CASTS`.
    """
    target = CASTS.get(" ".join(name.lower().split()))
    if target is None:
        raise unknown_type(name, CASTS)
    return target


def cast_type(type_: ColumnType, name: str) -> ColumnType:
    """The type that a cast returns.

    Raises:
        ApiError: 42704 the name is not in `CASTS`, 42846 the type cannot be cast to it.
    """
    target = known_cast(name)
    if target is _UUID:
        if type_.name not in ("binary", "uuid") or type_.length != (UUID_BYTES if type_.name == "binary" else 36):
            raise cannot_cast(type_.declared, name)
        return type_ if type_.uuid is not None or type_.name == "uuid" else replace(type_, uuid=UuidOrder.PLAIN)
    family = type_.kind.traits.family
    if family not in _SOURCES[target.kind] or (target.kind is Kind.BOOLEAN and type_.kind is Kind.FLOAT):
        raise cannot_cast(type_.name, name)
    if target.kind in (Kind.DECIMAL, Kind.FLOAT) and target.kind is type_.kind:
        return type_
    if target.kind is Kind.DECIMAL and type_.kind is not Kind.FLOAT and family in ("number", "boolean"):
        return _DECIMAL
    if target.kind.traits.fraction and family != "text":
        return replace(target, fraction_digits=type_.fraction_digits)
    return target


def aggregate_type(function: str, type_: ColumnType | None) -> ColumnType:
    """The type of `count`, `sum`, `avg`, `min` or `max` over a column; None: over rows, for `count`.

    The least and greatest of a FLOAT may show the digits of its double: MySQL computes them as doubles.

    Raises:
        ApiError: 42883, the type does not have this aggregate.
    """
    if function == "count":
        return _INTEGER
    if type_ is not None:
        if function in ("sum", "avg") and type_.kind is Kind.FLOAT:
            return _DOUBLE
        if function in ("sum", "avg") and type_.kind.traits.family == "number":
            return _NUMERIC if type_.name == NUMERIC else _DECIMAL
        if function in ("min", "max") and type_.kind.traits.sorting:
            return type_
    name = type_.name if type_ is not None else ""
    raise undefined_operation(f"function {function}({name}) does not exist")
