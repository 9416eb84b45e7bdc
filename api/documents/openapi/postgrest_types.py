"""Column types as PostgREST's document writes them: a JSON type, and PostgreSQL's name of the type as `format`. Pure.

Tools choose inputs by these names: ra-supabase has a date for `timestamp without time zone`.
"""

from __future__ import annotations

from api.catalog import ColumnType, Kind

Json = dict[str, object]


def type_of(column_type: ColumnType) -> Json:
    """The members of a schema that describe a type's values.

    JSON has any type, so it has no `type`; PostgREST does the same.
    """
    match column_type.kind:
        case Kind.BOOLEAN:
            return {"type": "boolean", "format": "boolean"}
        case Kind.INTEGER:
            return {"type": "integer", "format": _integer(column_type)}
        case Kind.BITS:
            return {"type": "integer", "format": "bigint"}
        case Kind.YEAR:
            return {"type": "integer", "format": "smallint"}
        case Kind.DECIMAL:
            return {"type": "number", "format": "numeric"}
        case Kind.FLOAT:
            return {"type": "number", "format": "real" if column_type.name == "float" else "double precision"}
        case Kind.TEXT:
            return _text(column_type)
        case Kind.ENUM:
            return _enum(column_type)
        case Kind.SET:
            return {"type": "array", "format": "text[]", "items": _enum(column_type)}
        case Kind.DATE:
            return {"type": "string", "format": "date"}
        case Kind.TIME:
            return {"type": "string", "format": "time without time zone"}
        case Kind.DATETIME:
            return {"type": "string", "format": "timestamp without time zone"}
        case Kind.TIMESTAMP:
            return {"type": "string", "format": "timestamp with time zone"}
        case Kind.JSON:
            return {"format": "json"}
        case Kind.BINARY:
            return {"type": "string", "format": "bytea" if column_type.uuid is None else "uuid"}
        case Kind.GEOMETRY:
            return {"format": "geometry"}


def _integer(column_type: ColumnType) -> str:
    """The smallest type of PostgreSQL that has all values: it has no unsigned ones."""
    largest = column_type.maximum or 0
    return "smallint" if largest < 2**15 else "integer" if largest < 2**31 else "bigint"


def _text(column_type: ColumnType) -> Json:
    if column_type.name == "uuid":
        return {"type": "string", "format": "uuid"}
    if column_type.name not in ("char", "varchar") or column_type.length is None:
        return {"type": "string", "format": "text"}
    name = "character" if column_type.name == "char" else "character varying"
    return {"type": "string", "format": name, "maxLength": column_type.length}


def _enum(column_type: ColumnType) -> Json:
    schema: Json = {"type": "string", "format": "text"}
    return schema | ({"enum": list(column_type.members)} if column_type.members else {})
