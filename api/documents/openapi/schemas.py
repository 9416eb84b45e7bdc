"""JSON Schemas (2020-12) of columns, rows and payloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from api.catalog import Column, ColumnType, Kind, Table

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
        "coordinates": {"type": "array"},
        "geometries": {"type": "array", "items": {"$ref": "#/components/schemas/Geometry"}},
    },
    "examples": [{"type": "Point", "coordinates": [13.4, 52.5]}],
}  # fmt: skip

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

_BYTES_PER_BASE64 = 3
_TIME = r"^-?[0-9]{2,3}:[0-9]{2}:[0-9]{2}"


def type_schema(column_type: ColumnType) -> Json:
    """The JSON form of a type's values, without null."""
    return _WRITERS[column_type.kind](column_type)


def _integer(column_type: ColumnType) -> Json:
    schema: Json = {"type": "integer"}
    if column_type.kind is Kind.INTEGER and (column_type.maximum or 0) < 2**63:
        schema["format"] = "int32" if (column_type.maximum or 0) < 2**31 else "int64"
    return schema | {"minimum": column_type.minimum, "maximum": column_type.maximum}


def _year(_: ColumnType) -> Json:
    return {"type": "integer", "minimum": 0, "maximum": 2155}  # the years are 0000 and 1901 to 2155


def _text(column_type: ColumnType) -> Json:
    schema: Json = {"type": "string"}
    if column_type.name in ("char", "varchar", "uuid", "inet4", "inet6") and column_type.length is not None:
        schema["maxLength"] = column_type.length
    return schema | ({"format": "uuid"} if column_type.name == "uuid" else {})


def _enum(column_type: ColumnType) -> Json:
    schema: Json = {"type": "string"}
    return schema | ({"enum": list(column_type.members)} if column_type.members else {})


def _set(column_type: ColumnType) -> Json:
    return {"type": "array", "items": _enum(column_type), "uniqueItems": True}


def _binary(column_type: ColumnType) -> Json:
    schema: Json = {"type": "string", "contentEncoding": "base64"}
    if column_type.name in ("binary", "varbinary") and column_type.length is not None:
        schema["maxLength"] = -(-column_type.length // _BYTES_PER_BASE64) * 4
    return schema


def _time(column_type: ColumnType) -> Json:
    digits = column_type.fraction_digits
    return {"type": "string", "pattern": _TIME + (r"(\.[0-9]{1,6})?$" if digits else "$"), "examples": ["08:30:00"]}


_WRITERS: Mapping[Kind, Callable[[ColumnType], Json]] = {
    Kind.BOOLEAN: lambda _: {"type": "boolean"},
    Kind.INTEGER: _integer,
    Kind.YEAR: _year,
    Kind.BITS: _integer,
    Kind.DECIMAL: lambda _: {"type": "number", "format": "decimal"},
    Kind.FLOAT: lambda column_type: {"type": "number", "format": "float" if column_type.name == "float" else "double"},
    Kind.TEXT: _text,
    Kind.ENUM: _enum,
    Kind.SET: _set,
    Kind.DATE: lambda _: {"type": "string", "format": "date"},
    Kind.TIME: _time,
    Kind.DATETIME: lambda _: {"type": "string", "format": "date-time-local"},
    Kind.TIMESTAMP: lambda _: {"type": "string", "format": "date-time"},
    Kind.JSON: lambda _: {},
    Kind.BINARY: _binary,
    Kind.GEOMETRY: lambda _: {"$ref": "#/components/schemas/Geometry"},
}


def nullable(schema: Json) -> Json:
    """The schema, extended to allow null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    widened = dict(schema)
    if "type" in schema:
        widened["type"] = [schema["type"], "null"]
    if isinstance(enum := schema.get("enum"), list):
        widened["enum"] = [*enum, None]
    return widened


def column_schema(column: Column, notes: str) -> Json:
    """A column of a row: its values, comment, default and declared type. `notes` describe its keys."""
    schema = type_schema(column.type)
    if column.nullable:
        schema = nullable(schema)
    described = "\n\n".join(part for part in (column.comment, _default_note(column), notes) if part)
    if described:
        schema = schema | {"description": described}
    default = default_value(column)
    if default is not None:
        schema = schema | {"default": default}
    if column.generated:
        schema = schema | {"readOnly": True}
    declared = "json" if column.type.kind is Kind.JSON else column.type.declared
    return schema | {"x-mysql-type": declared}


def _default_note(column: Column) -> str:
    if column.auto_increment:
        return "The database assigns the next number."
    return f"Default: `{column.default}`" if column.default is not None and column.default_is_expression else ""


def default_value(column: Column) -> object:
    """A literal default as JSON; None if there is no default or the database computes it."""
    text, kind = column.default, column.type.kind
    if text is None or column.default_is_expression or kind in (Kind.BINARY, Kind.GEOMETRY, Kind.JSON):
        return None
    try:
        if kind is Kind.BOOLEAN:
            return int(text) != 0
        if kind in (Kind.INTEGER, Kind.BITS, Kind.YEAR):
            return int(text)
        if kind in (Kind.DECIMAL, Kind.FLOAT):
            return float(text)
    except ValueError:
        return None
    if kind is Kind.SET:
        return text.split(",") if text else []
    return text.replace(" ", "T") if kind in (Kind.DATETIME, Kind.TIMESTAMP) else text


def row_schema(table: Table, notes: Mapping[str, str]) -> Json:
    """A row to read. `notes` describe the keys, by column."""
    schema: Json = {
        "type": "object",
        "properties": {column.name: column_schema(column, notes.get(column.name, "")) for column in table.columns},
    }
    return schema | ({"description": table.comment} if table.comment else {})


def insert_schema(table: Table, row: str) -> Json:
    """A row to insert: like the component `row`, with the columns that are required."""
    required = [column.name for column in table.columns if not column.has_default]
    schema: Json = {"allOf": [{"$ref": f"#/components/schemas/{row}"}]}
    return schema | ({"required": required} if required else {})


_SAMPLES: Mapping[Kind, object] = {
    Kind.BOOLEAN: True,
    Kind.INTEGER: 1,
    Kind.YEAR: 2024,
    Kind.BITS: 1,
    Kind.DECIMAL: 1,
    Kind.FLOAT: 1.5,
    Kind.DATE: "2024-01-31",
    Kind.TIME: "08:30:00",
    Kind.DATETIME: "2024-01-31T08:30:00",
    Kind.TIMESTAMP: "2024-01-31T08:30:00+00:00",
    Kind.JSON: {"a": 1},
    Kind.GEOMETRY: {"type": "Point", "coordinates": [13.4, 52.5]},
    Kind.BINARY: "AQ==",
}


def sample_value(column_type: ColumnType) -> object:
    """An example of a type's values."""
    if column_type.kind is Kind.ENUM:
        return column_type.members[0] if column_type.members else ""
    if column_type.kind is Kind.SET:
        return list(column_type.members[:1])
    if column_type.kind is Kind.TEXT:
        return "text"[: column_type.length]
    return _SAMPLES[column_type.kind]


def sample_row(table: Table) -> Json:
    """An example of an insert: the required columns, or a single column if none is required."""
    writable = [column for column in table.columns if not column.generated]
    chosen = [column for column in writable if not column.has_default] or writable[1:2] or writable[:1]
    return {column.name: sample_value(column.type) for column in chosen}


def sample_change(table: Table) -> Json:
    """An example of an update: one column outside the primary key."""
    writable = [column for column in table.columns if not column.generated and column.name not in table.primary_key]
    return {column.name: sample_value(column.type) for column in writable[:1]}
