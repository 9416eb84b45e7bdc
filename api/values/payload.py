"""The values of payloads: from a JSON value or a CSV cell to what is stored in a column.

As lenient as PostgreSQL's json_populate_record: a number may be sent as a string (`"12"`), a string as a number or
boolean; a string in a JSON column is a JSON string. A value that the column cannot store is refused here, with the
column's name; what only the server can check (constraints, keys, character sets) is left to the server.

Converters are made once per column: a bulk insert calls them for every cell.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal

from api.catalog import Column, ColumnType, Dialect, Kind
from api.errors import generated_column, invalid_value, null_value, out_of_range, too_long
from api.statement import Sql, Value, sql, value
from api.values.containment import declared_members
from api.values.filters import Typed
from api.values.geojson import problem
from api.values.json_document import check_unicode, json_text_of, stored_json
from api.values.numbers import NUMBER, decimal_storage, exact_decimal, integer_range, parse_float
from api.values.texts import Converter, binary_value, check_json, text_converter

Stored = Value | Sql
"""The value in VALUES: a parameter, or an expression with parameters (geometries; JSON with many digits on MySQL)."""

_BYTES_OF_CHARACTERS = {"ascii": "ascii", "latin1": "cp1252", "utf8mb3": "utf-8", "utf8": "utf-8", "utf8mb4": "utf-8"}
_GEOJSON_SRID = 4326
"""WGS 84, which GeoJSON uses and the server assumes."""
_BY_BYTES = frozenset({"tinytext", "text", "mediumtext", "longtext"})


def payload_converter(column: Column, dialect: Dialect, timezone: tzinfo | None = None) -> Callable[[object], Stored]:
    """The function from JSON values (None, bool, int, Decimal, str, list, dict) to what is stored in the column.

    Null in an AUTO_INCREMENT column asks for the next number.

    Args:
        timezone: The zone of TIMESTAMP strings without an offset; None: UTC.

    Raises:
        ApiError: 428C9, the column is generated. The function raises 22P02 not a valid value of the type, 22007 not a
            valid date or time, 22003 out of range, 22001 too long, 23502 null in a column that requires a value.
    """
    if column.generated:
        return _generated(column)
    return _with_null(column, argument_converter(column, dialect, timezone))


def csv_converter(column: Column, dialect: Dialect, timezone: tzinfo | None = None) -> Callable[[object], Stored]:
    """The function from CSV cells to what is stored in the column."""
    if not column.type.kind.traits.document or column.generated:
        return payload_converter(column, dialect, timezone)
    convert = argument_converter(column, dialect, timezone)
    return _with_null(column, lambda given: convert(check_json(str(given), column.name)))


def present_converter(column: Column, dialect: Dialect, timezone: tzinfo | None = None) -> Callable[[object], Stored]:
    """`payload_converter` for values that are never null."""
    return _generated(column) if column.generated else _converter(column.name, column.type, dialect, timezone)


def argument_converter(
    parameter: Typed, dialect: Dialect, timezone: tzinfo | None = None
) -> Callable[[object], Stored]:
    """The converter of a routine's parameter, or of a column without its rule for null: null stays null."""
    convert = _converter(parameter.name, parameter.type, dialect, timezone)
    return lambda given: None if given is None else convert(given)


def _generated(column: Column) -> Callable[[object], Stored]:
    def refuse(given: object) -> Stored:
        del given
        raise generated_column(column.name)

    return refuse


def _with_null(column: Column, convert: Callable[[object], Stored]) -> Callable[[object], Stored]:
    if column.nullable or column.auto_increment:
        return lambda given: None if given is None else convert(given)

    def required(given: object) -> Stored:
        if given is None:
            raise null_value(column.name)
        return convert(given)

    return required


def _converter(name: str, type_: ColumnType, dialect: Dialect, zone: tzinfo | None) -> Callable[[object], Stored]:
    from_text = text_converter(name, type_, zone)
    match type_.kind:
        case Kind.TEXT:
            return _text(name, type_)
        case Kind.INTEGER | Kind.BITS:
            return _integer(name, type_, from_text)
        case Kind.DECIMAL:
            return _decimal(name, type_)
        case Kind.FLOAT:
            return _float(name, type_, from_text)
        case Kind.SET:
            return _set(name, type_, from_text)
        case Kind.BINARY:
            return _binary(name, type_)
        case Kind.JSON:
            return lambda given: stored_json(given, name, dialect)
        case Kind.GEOMETRY:
            return _geometry(name, type_)
        case Kind.BOOLEAN | Kind.YEAR | Kind.ENUM | Kind.DATE | Kind.TIME | Kind.DATETIME | Kind.TIMESTAMP:
            return lambda given: from_text(given if type(given) is str else text_of(given, type_.name, name))


def text_of(given: object, type_name: str, column: str) -> str:
    """A scalar JSON value as a string: a number's digits, `true`, `false`.

    Raises:
        ApiError: 22P02, an array or object.
    """
    match given:
        case str():
            return given
        case bool():
            return "true" if given else "false"
        case int() | float() | Decimal():
            return str(given)
        case _:
            raise invalid_value(type_name, json_text_of(given, column), column)


def _text(name: str, type_: ColumnType) -> Callable[[object], Stored]:
    limit = type_.length if type_.length is not None else 2**32
    by_bytes = type_.name in _BY_BYTES
    codec = _BYTES_OF_CHARACTERS.get(type_.character_set or "")
    # no character set takes more than four bytes a character
    surely_fits = limit // 4 if by_bytes else limit
    unit = "bytes" if by_bytes else "characters"

    def convert(given: object) -> str:
        if type(given) is str:
            text = given
        elif isinstance(given, dict | list):
            text = json_text_of(given, name)
        else:
            text = text_of(given, type_.name, name)
        if not text.isascii():
            check_unicode(text, type_.name, name)
        # MySQL drops excess trailing spaces and only reports a note
        if len(text) > surely_fits and _length(text.rstrip(" "), by_bytes, codec) > limit:
            raise too_long(type_.name, text, name, limit, unit)
        return text

    return convert


def _length(text: str, by_bytes: bool, codec: str | None) -> int:
    """Characters or bytes; for a character set of unknown size the minimum, so that the server decides."""
    return len(text.encode(codec, errors="replace")) if by_bytes and codec is not None else len(text)


def _integer(name: str, type_: ColumnType, from_text: Converter) -> Callable[[object], Stored]:
    minimum, maximum = integer_range(type_)

    def convert(given: object) -> Stored:
        if type(given) is int:
            if minimum <= given <= maximum:
                return given
            raise out_of_range(type_.name, str(given), name)
        return from_text(given if type(given) is str else text_of(given, type_.name, name))

    return convert


def _decimal(name: str, type_: ColumnType) -> Callable[[object], Stored]:
    store, exact = decimal_storage(type_), exact_decimal(type_)

    def convert(given: object) -> Decimal:
        if type(given) is str and exact.match(given) is not None:
            return Decimal(given)
        if type(given) is int or type(given) is Decimal:
            number = Decimal(given)
        else:
            text = given if type(given) is str else text_of(given, type_.name, name)
            if NUMBER.match(text) is None:
                raise invalid_value(type_.name, text, name)
            number = Decimal(text.strip())
        stored = store(number)
        if stored is None:
            raise out_of_range(type_.name, str(given), name)
        return stored

    return convert


def _float(name: str, type_: ColumnType, from_text: Converter) -> Callable[[object], Stored]:
    def convert(given: object) -> Stored:
        number: Value
        if isinstance(given, int | float | Decimal) and not isinstance(given, bool):
            number = parse_float(given, type_)
        else:
            number = from_text(text_of(given, type_.name, name))
        if number is None or (type_.unsigned and isinstance(number, float) and number < 0):
            raise out_of_range(type_.name, str(given), name)
        return number

    return convert


def _set(name: str, type_: ColumnType, from_text: Converter) -> Callable[[object], Stored]:
    def convert(given: object) -> Stored:
        if isinstance(given, list):
            words = tuple([text_of(word, "set", name) for word in given])
            return ",".join(declared_members(words, type_, name))
        return from_text(text_of(given, "set", name))

    return convert


def _binary(name: str, type_: ColumnType) -> Callable[[object], Stored]:
    limit = type_.length if type_.length is not None else 2**32

    def convert(given: object) -> bytes:
        text = text_of(given, type_.name, name)
        data = binary_value(text, type_, name)
        if len(data) > limit:
            raise too_long(type_.name, text, name, limit, "bytes")
        return data

    return convert


def _geometry(name: str, type_: ColumnType) -> Callable[[object], Stored]:
    def convert(given: object) -> Sql:
        document = check_json(given, name) if isinstance(given, str) else given
        wrong = problem(document)
        if wrong is not None:
            raise invalid_value(type_.name, json_text_of(given, name), name, wrong)
        text = value(json_text_of(document, name))
        if type_.srid in (None, _GEOJSON_SRID):
            return sql("ST_GeomFromGeoJSON({})", text)
        return sql("ST_GeomFromGeoJSON({},1,{})", text, value(type_.srid))

    return convert
