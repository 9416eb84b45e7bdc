"""JSON Schemas (2020-12) of columns, rows and payloads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from api.catalog import Column, ColumnType, Kind, Privilege, Table

Json = dict[str, object]

GEOMETRY: Json = {
    "type": "object",
    "description": "A geometry as GeoJSON (RFC 7946).",
    "required": ["type"],
    "properties": {
        "type": {
            "type": "string",
            "enum": [
                "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
            ],
        },
        "coordinates": {"type": "array", "items": {}},
        "geometries": {"type": "array", "items": {"$ref": "#/components/schemas/Geometry"}},
    },
    "examples": [{"type": "Point", "coordinates": [13.4, 52.5]}],
}  # fmt: skip

FEATURES: Json = {
    "type": "object",
    "description": "Rows as GeoJSON features (RFC 7946).",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "geometry": {"anyOf": [{"$ref": "#/components/schemas/Geometry"}, {"type": "null"}]},
                    "properties": {"type": "object"},
                },
            },
        },
    },
}

ERROR: Json = {
    "type": "object",
    "description": "An error.",
    "required": ["code", "message", "details", "hint"],
    "properties": {
        "code": {"type": "string", "description": "A PostgREST error code or an SQLSTATE."},
        "message": {"type": "string"},
        "details": {"description": "More about the error, or null."},
        "hint": {"type": ["string", "null"], "description": "A suggestion, or null."},
    },
    "examples": [
        {
            "code": "PGRST205", "message": "Could not find the table 'shop.cusomer' in the schema cache",
            "details": None, "hint": "Perhaps you meant the table 'shop.customer'",
        }
    ],
}  # fmt: skip

SAMPLE_UUID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
_BYTES_PER_BASE64 = 3
_TIME = r"^-?[0-9]{2,3}:[0-9]{2}:[0-9]{2}"


def type_schema(column_type: ColumnType) -> Json:
    """The JSON form of a type's values, without null."""
    match column_type.kind:
        case Kind.BOOLEAN:
            return {"type": "boolean"}
        case Kind.INTEGER | Kind.BITS:
            return _integer(column_type)
        case Kind.YEAR:
            return {"type": "integer", "minimum": 0, "maximum": 2155}  # the years are 0000 and 1901 to 2155
        case Kind.DECIMAL:
            return {"type": "number", "format": "decimal"}
        case Kind.FLOAT:
            return {"type": "number", "format": "float" if column_type.name == "float" else "double"}
        case Kind.TEXT:
            return _text(column_type)
        case Kind.ENUM:
            return _enum(column_type)
        case Kind.SET:
            return {"type": "array", "items": _enum(column_type), "uniqueItems": True}
        case Kind.DATE:
            return {"type": "string", "format": "date"}
        case Kind.TIME:
            return _time(column_type)
        case Kind.DATETIME:
            return {"type": "string", "format": "date-time-local"}
        case Kind.TIMESTAMP:
            return {"type": "string", "format": "date-time"}
        case Kind.JSON:
            return {}
        case Kind.BINARY:
            return _binary(column_type)
        case Kind.GEOMETRY:
            return {"$ref": "#/components/schemas/Geometry"}


def _integer(column_type: ColumnType) -> Json:
    schema: Json = {"type": "integer"}
    if column_type.kind is Kind.INTEGER and (column_type.maximum or 0) < 2**63:
        schema["format"] = "int32" if (column_type.maximum or 0) < 2**31 else "int64"
    return schema | {"minimum": column_type.minimum, "maximum": column_type.maximum}


def _text(column_type: ColumnType) -> Json:
    schema: Json = {"type": "string"}
    if column_type.name in ("char", "varchar", "uuid", "inet4", "inet6") and column_type.length is not None:
        schema["maxLength"] = column_type.length
    return schema | ({"format": "uuid"} if column_type.name == "uuid" else {})


def _enum(column_type: ColumnType) -> Json:
    schema: Json = {"type": "string"}
    return schema | ({"enum": list(column_type.members)} if column_type.members else {})


def _binary(column_type: ColumnType) -> Json:
    if column_type.uuid is not None:
        return {"type": "string", "format": "uuid"}
    schema: Json = {"type": "string", "contentEncoding": "base64"}
    if column_type.name in ("binary", "varbinary") and column_type.length is not None:
        schema["maxLength"] = -(-column_type.length // _BYTES_PER_BASE64) * 4
    return schema


def _time(column_type: ColumnType) -> Json:
    digits = column_type.fraction_digits
    return {"type": "string", "pattern": _TIME + (r"(\.[0-9]{1,6})?$" if digits else "$"), "examples": ["08:30:00"]}


def nullable(schema: Json) -> Json:
    """The schema, extended to allow null. Values of an ENUM stay apart from null: generators make one type of them."""
    if "$ref" in schema or "enum" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | ({"type": [schema["type"], "null"]} if "type" in schema else {})


def column_schema(column: Column, notes: str) -> Json:
    """A column of a row: its values, comment, default and declared type. `notes` describe its keys.

    The default is a sentence. As a keyword, generated clients would send it with every change of a row, and their types
    would require the column.
    """
    schema = type_schema(column.type)
    if column.nullable:
        schema = nullable(schema)
    described = "\n\n".join(part for part in (column.comment, _default_note(column), notes) if part)
    if described:
        schema = schema | {"description": described}
    if column.generated:
        schema = schema | {"readOnly": True}
    return schema | {"x-mysql-type": column.type.shown}


def _default_note(column: Column) -> str:
    if column.auto_increment:
        return "The database assigns the next number."
    if column.default is not None and column.default_is_expression:
        return f"Default: `{column.default}`"
    default = default_value(column)
    return "" if default is None else f"Default: `{json.dumps(default, ensure_ascii=False)}`"


def default_value(column: Column) -> object:
    """A literal default as JSON; None if there is no default or the database computes it."""
    if column.default is None or column.default_is_expression:
        return None
    try:
        return _literal(column.default, column.type.kind)
    except ValueError:
        return None


def _literal(text: str, kind: Kind) -> object:
    """A literal of SQL as JSON; None for kinds that SQL and JSON write differently. Raises: `ValueError`."""
    match kind:
        case Kind.BOOLEAN:
            return int(text) != 0
        case Kind.INTEGER | Kind.BITS | Kind.YEAR:
            return int(text)
        case Kind.DECIMAL | Kind.FLOAT:
            return float(text)
        case Kind.SET:
            return text.split(",") if text else []
        case Kind.DATETIME | Kind.TIMESTAMP:
            return text.replace(" ", "T")
        case Kind.TEXT | Kind.ENUM | Kind.DATE | Kind.TIME:
            return text
        case Kind.BINARY | Kind.GEOMETRY | Kind.JSON:
            return None


def row_schema(table: Table, notes: Mapping[str, str]) -> Json:
    """A row to read. `notes` describe the keys, by column."""
    return _row(table, table.columns, notes)


def _row(table: Table, columns: Iterable[Column], notes: Mapping[str, str]) -> Json:
    properties = {column.name: column_schema(column, notes.get(column.name, "")) for column in columns}
    schema: Json = {"type": "object", "properties": properties}
    return schema | ({"description": table.comment} if table.comment else {})


def written(table: Table, privilege: Privilege) -> list[Column]:
    """The columns that an insert or update may write."""
    return [column for column in table.columns if not column.generated and privilege in column.privileges]


def insert_schema(table: Table, notes: Mapping[str, str]) -> Json:
    """A row to insert: the columns that can be written, and which of them are required."""
    columns = written(table, Privilege.INSERT)
    required = [column.name for column in columns if not column.has_default]
    return _row(table, columns, notes) | ({"required": required} if required else {})


def sample_value(column_type: ColumnType) -> object:
    """An example of a type's values."""
    match column_type.kind:
        case Kind.BOOLEAN:
            return True
        case Kind.INTEGER | Kind.BITS | Kind.DECIMAL:
            return 1
        case Kind.YEAR:
            return 2024
        case Kind.FLOAT:
            return 1.5
        case Kind.TEXT:
            return "text"[: column_type.length]
        case Kind.ENUM:
            return column_type.members[0] if column_type.members else ""
        case Kind.SET:
            return list(column_type.members[:1])
        case Kind.DATE:
            return "2024-01-31"
        case Kind.TIME:
            return "08:30:00"
        case Kind.DATETIME:
            return "2024-01-31T08:30:00"
        case Kind.TIMESTAMP:
            return "2024-01-31T08:30:00+00:00"
        case Kind.JSON:
            return {"a": 1}
        case Kind.BINARY:
            return SAMPLE_UUID if column_type.uuid is not None else "AQ=="
        case Kind.GEOMETRY:
            return {"type": "Point", "coordinates": [13.4, 52.5]}


def sample_row(table: Table) -> Json:
    """An example of an insert: the required columns, or a single column if none is required."""
    writable = written(table, Privilege.INSERT)
    chosen = [column for column in writable if not column.has_default] or writable[1:2] or writable[:1]
    return {column.name: sample_value(column.type) for column in chosen}


def sample_change(table: Table) -> Json:
    """An example of an update: one column outside the primary key."""
    writable = [each for each in written(table, Privilege.UPDATE) if each.name not in table.primary_key]
    return {column.name: sample_value(column.type) for column in writable[:1]}
