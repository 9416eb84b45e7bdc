"""The TypeScript types of a catalog: the `Database` type that supabase-js takes. Pure.

    import type { Database } from "./database.types"
    const api = createClient<Database>(url, key)

The shape is that of Supabase's generator: the client infers the types of rows, embeds, filters and arguments from it.
https://supabase.com/docs/guides/api/rest/generating-types
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from api.catalog import (
    Cardinality,
    Catalog,
    Column,
    ColumnType,
    Kind,
    Privilege,
    Relationship,
    Routine,
    Schema,
    Table,
)
from api.catalog.lookup import PUBLIC, is_reference

_NEVER = "{ [_ in never]: never }"
_HEAD = """\
// The types of this API, for supabase-js: createClient<Database>(url, key)

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

/** GeoJSON. */
export type Geometry = {
  type: "Point" | "LineString" | "Polygon" | "MultiPoint" | "MultiLineString" | "MultiPolygon" | "GeometryCollection"
  coordinates?: Json
  geometries?: Geometry[]
}

export type Database = {
  // The version whose features supabase-js may use.
  __InternalSupabase: {
    PostgrestVersion: "14"
  }
"""
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def database_types(catalog: Catalog) -> str:
    """A module with the types of every exposed database. The default one is `public`, as supabase-js calls it."""
    lines = [_HEAD]
    for name, schema in catalog.schemas.items():
        is_default = name == catalog.default_schema and PUBLIC not in catalog.schemas
        lines += [*_schema(catalog, schema, PUBLIC if is_default else name), ""]
    return "\n".join(lines).rstrip("\n") + "\n}\n"


def _schema(catalog: Catalog, schema: Schema, name: str) -> Iterable[str]:
    tables = sorted(schema.tables.items())
    yield f"  {_key(name)}: {{"
    yield from _section("Tables", {key: _table(catalog, each) for key, each in tables if not each.is_view})
    yield from _section("Views", {key: _table(catalog, each) for key, each in tables if each.is_view})
    yield from _section("Functions", {key: _routine(each) for key, each in sorted(schema.routines.items())})
    yield from _section("Enums", dict(_enums(table for _, table in tables)))
    yield from _section("CompositeTypes", {})
    yield "  }"


def _section(title: str, members: Mapping[str, Iterable[str]]) -> Iterable[str]:
    """A member of a schema, which has its own members; each is the lines of its type."""
    if not members:
        yield f"    {title}: {_NEVER}"
        return
    yield f"    {title}: {{"
    for name, lines in members.items():
        first, *rest = lines
        yield f"      {_key(name)}: {first}"
        yield from (f"      {line}" for line in rest)
    yield "    }"


def _table(catalog: Catalog, table: Table) -> Iterable[str]:
    yield "{"
    yield from _members("Row", [f"{_key(each.name)}: {_type(each)}" for each in table.readable])
    if "POST" in table.methods:
        yield from _members("Insert", [_written(each, Privilege.INSERT) for each in table.columns])
    elif not table.is_view:
        yield "  Insert: never"
    if "PATCH" in table.methods:
        yield from _members("Update", [_written(each, Privilege.UPDATE) for each in table.columns])
    elif not table.is_view or "POST" in table.methods:
        yield "  Update: never"
    yield from _relationships(catalog, table)
    yield "}"


def _members(title: str, members: list[str]) -> Iterable[str]:
    if not members:
        yield f"  {title}: {_NEVER}"
        return
    yield f"  {title}: {{"
    yield from (f"    {member}" for member in members)
    yield "  }"


def _written(column: Column, privilege: Privilege) -> str:
    """A column of a payload: required if an insert must include it, and `never` if it cannot be written."""
    if column.generated or privilege not in column.privileges:
        return f"{_key(column.name)}?: never"
    required = privilege is Privilege.INSERT and not column.has_default
    return f"{_key(column.name)}{'' if required else '?'}: {_type(column)}"


def _type(column: Column) -> str:
    return _nullable(_type_of(column.type)) if column.nullable else _type_of(column.type)


def _nullable(text: str) -> str:
    return text if text == "Json" else f"{text} | null"


def _type_of(column_type: ColumnType) -> str:
    """The type of the values in JSON, without null."""
    match column_type.kind:
        case Kind.BOOLEAN:
            return "boolean"
        case Kind.INTEGER | Kind.BITS | Kind.YEAR | Kind.DECIMAL | Kind.FLOAT:
            return "number"
        case Kind.TEXT | Kind.DATE | Kind.TIME | Kind.DATETIME | Kind.TIMESTAMP | Kind.BINARY:
            return "string"
        case Kind.ENUM:
            return _union(column_type.members)
        case Kind.SET:
            return f"({_union(column_type.members)})[]"
        case Kind.JSON:
            return "Json"
        case Kind.GEOMETRY:
            return "Geometry"


def _union(members: Iterable[str]) -> str:
    return " | ".join(map(_text, members)) or "string"


def _relationships(catalog: Catalog, table: Table) -> Iterable[str]:
    """The foreign keys, also as views show them. supabase-js infers the other directions from these."""
    found = [
        one
        for one in catalog.relationships.get(table.key, ())
        if one.target.schema == table.schema and is_reference(one)
    ]
    if not found:
        yield "  Relationships: []"
        return
    yield "  Relationships: ["
    for one in found:
        yield from (f"    {line}" for line in _relationship(one))
    yield "  ]"


def _relationship(one: Relationship) -> Iterable[str]:
    yield "{"
    yield f"  foreignKeyName: {_text(one.name)}"
    yield f"  columns: [{', '.join(map(_text, one.origin_columns))}]"
    yield f"  isOneToOne: {json.dumps(one.cardinality is Cardinality.ONE_TO_ONE)}"
    yield f"  referencedRelation: {_text(one.target.name)}"
    yield f"  referencedColumns: [{', '.join(map(_text, one.target_columns))}]"
    yield "},"


def _routine(routine: Routine) -> Iterable[str]:
    """A function's value, or what a procedure returns: its OUT and INOUT parameters, and the rows of its result, whose
    columns the database does not declare."""
    taken = [f"{_key(each.name)}: {_nullable(_type_of(each.type))}" for each in routine.taken]
    yield "{"
    if taken:
        yield from _members("Args", taken)
    else:
        yield "  Args: never"
    rows = "{ [column: string]: Json }[]"
    if routine.returned:
        returned = [f"{_key(each.name)}: {_nullable(_type_of(each.type))}" for each in routine.returned]
        yield from _members("Returns", [*returned, f"result?: {rows}"])
    else:
        yield f"  Returns: {rows if routine.returns is None else _nullable(_type_of(routine.returns))}"
    yield "}"


def _enums(tables: Iterable[Table]) -> Iterable[tuple[str, list[str]]]:
    """The values of each ENUM and SET column of tables. Views show the same."""
    for table in tables:
        for column in table.columns:
            if not table.is_view and column.type.members:
                yield f"{table.name}_{column.name}", [_union(column.type.members)]


def _key(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else _text(name)


def _text(name: str) -> str:
    """A string literal of TypeScript."""
    return json.dumps(name, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
