"""The OpenAPI 2.0 document of a catalog in the shape of PostgREST's: what ra-supabase, n8n and other tools read. Pure.

Those tools rely on details: `definitions` by table, `paths` relative to `/rest/v1`, `Note:` in a column's description,
and parameters named `rowFilter.{table}.{column}`. https://docs.postgrest.org/en/stable/references/api/openapi.html
"""

from __future__ import annotations

from urllib.parse import urlsplit

from api.catalog import Catalog, Column, Parameter, Routine, Table
from api.documents.openapi.document import Options
from api.documents.openapi.names import component_keys
from api.documents.openapi.postgrest_types import type_of
from api.documents.openapi.schemas import default_value
from api.documents.openapi.tables import key_notes
from api.request.writer import field_name

Json = dict[str, object]

_MEDIA_TYPES = [
    "application/json",
    "application/vnd.pgrst.object+json;nulls=stripped",
    "application/vnd.pgrst.object+json",
    "text/csv",
]


def postgrest_document(catalog: Catalog, options: Options) -> Json:
    """The document of one exposed database, as values for JSON. `options.server_url` is the address of `/rest/v1`.

    Raises: `KeyError` for a database that is not exposed.
    """
    schema = catalog.schemas[options.schema or catalog.default_schema]
    tables = [table for _, table in sorted(schema.tables.items())]
    routines = [routine for _, routine in sorted(schema.routines.items())]
    keys = component_keys(table.name for table in tables)
    called = component_keys(routine.name for routine in routines)
    address = urlsplit(options.server_url)
    place: Json = {"host": address.netloc, "schemes": [address.scheme]} if address.netloc else {}
    return {
        "swagger": "2.0",
        "info": {"title": options.title or schema.name, "description": "", "version": options.version},
        **place,
        "basePath": address.path or "/",
        "consumes": _MEDIA_TYPES,
        "produces": _MEDIA_TYPES,
        "paths": {
            "/": _ROOT,
            **{_path(table.name): _table_path(table, keys[table.name]) for table in tables},
            **{_path(f"rpc/{routine.name}"): _routine_path(routine, called[routine.name]) for routine in routines},
        },
        "security": [{}, {"JWT": []}],
        "securityDefinitions": {"JWT": _TOKEN},
        "definitions": {table.name: _definition(catalog, table) for table in tables},
        "parameters": _SHARED | {name: each for table in tables for name, each in _parameters_of(table).items()},
        "externalDocs": {"description": "PostgREST Documentation", "url": "https://docs.postgrest.org/en/stable/"},
    }


def _prefer(*allowed: str) -> Json:
    parameter: Json = {"name": "Prefer", "description": "Preference", "required": False, "in": "header"}
    return parameter | {"type": "string"} | ({"enum": list(allowed)} if allowed else {})


def _text(name: str, description: str, place: str = "query") -> Json:
    return {"name": name, "description": description, "required": False, "in": place, "type": "string"}


_RETURN = ("return=representation", "return=minimal", "return=headers-only")
_PAGING = "Limiting and Pagination"
_SHARED: dict[str, Json] = {
    "preferParams": _prefer(),
    "preferReturn": _prefer(*_RETURN),
    "preferCount": _prefer("count=exact", "count=planned", "count=estimated"),
    "preferPost": _prefer(*_RETURN, "resolution=ignore-duplicates", "resolution=merge-duplicates"),
    "select": _text("select", "Filtering Columns"),
    "on_conflict": _text("on_conflict", "On Conflict"),
    "order": _text("order", "Ordering"),
    "range": _text("Range", _PAGING, "header"),
    "rangeUnit": _text("Range-Unit", _PAGING, "header") | {"default": "items"},
    "offset": _text("offset", _PAGING),
    "limit": _text("limit", _PAGING),
}
_READ = ("select", "order", "range", "rangeUnit", "offset", "limit", "preferCount")

_TOKEN: Json = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "`Bearer` and a token, if this deployment requires one.",
}
_REFUSED: Json = {"400": {"description": "Bad Request"}}
_OK: Json = {"200": {"description": "OK"}} | _REFUSED

_ROOT: Json = {
    "get": {
        "tags": ["Introspection"],
        "operationId": "root",
        "summary": "OpenAPI description (this document)",
        "produces": ["application/openapi+json", "application/json"],
        "responses": _OK,
    }
}


def _path(name: str) -> str:
    """A path as PostgREST writes it, with the name as it is, except for characters that would end or template it."""
    return "/" + "".join(f"%{ord(each):02X}" if each in "%{}?#" else each for each in name)


def _reference(kind: str, name: str) -> Json:
    """A reference with the name as it is, which tools take apart, except for characters that JSON pointers escape."""
    pointer = name.replace("%", "%25").replace("~", "~0").replace("/", "~1")
    return {"$ref": f"#/{kind}/{pointer}"}


def _parameter(name: str) -> Json:
    return _reference("parameters", name)


def _definition(catalog: Catalog, table: Table) -> Json:
    notes = key_notes(catalog, table, within=table.schema)
    definition: Json = {
        "type": "object",
        "properties": {column.name: _property(column, notes.get(column.name, "")) for column in table.columns},
    }
    required = [column.name for column in table.columns if not column.nullable]
    return (
        definition
        | ({"description": table.comment} if table.comment else {})
        | ({"required": required} if required else {})
    )


def _property(column: Column, note: str) -> Json:
    described = "\n\n".join(part for part in (column.comment, note) if part)
    default = default_value(column)
    return (
        type_of(column.type)
        | ({"description": described} if described else {})
        | ({"default": default} if default is not None else {})
    )


def _parameters_of(table: Table) -> dict[str, Json]:
    body: Json = {
        "name": table.name,
        "description": table.name,
        "required": False,
        "in": "body",
        "schema": _reference("definitions", table.name),
    }
    filters = {
        _filter(table, column): {"name": field_name(column.name), "required": False, "in": "query", "type": "string"}
        for column in table.readable
    }
    return {f"body.{table.name}": body} | filters


def _filter(table: Table, column: Column) -> str:
    return f"rowFilter.{table.name}.{column.name}"


def _table_path(table: Table, key: str) -> Json:
    filters = [_parameter(_filter(table, column)) for column in table.readable]
    body = _parameter(f"body.{table.name}")
    rows: Json = {"type": "array", "items": _reference("definitions", table.name)}
    operations: dict[str, tuple[str, list[Json], Json]] = {
        "GET": (
            "read",
            [*filters, *map(_parameter, _READ)],
            {"200": {"description": "OK", "schema": rows}, "206": {"description": "Partial Content"}},
        ),
        "POST": (
            "insert",
            [body, *map(_parameter, ("select", "on_conflict", "preferPost"))],
            {"201": {"description": "Created"}},
        ),
        "PATCH": ("update", [*filters, body, _parameter("preferReturn")], {"204": {"description": "No Content"}}),
        "DELETE": ("delete", [*filters, _parameter("preferReturn")], {"204": {"description": "No Content"}}),
    }
    summary, _, rest = table.comment.partition("\n")
    described = {"description": rest.strip()} if rest else {}
    return {
        method.lower(): {"tags": [table.name], "operationId": f"{verb}_{key}", "summary": summary or table.name}
        | described
        | {"parameters": parameters, "responses": answers | _REFUSED}
        for method, (verb, parameters, answers) in operations.items()
        if method in table.methods
    }


def _routine_path(routine: Routine, key: str) -> Json:
    taken = routine.taken
    common: Json = {"tags": [f"(rpc) {routine.name}"], "produces": _MEDIA_TYPES[:3]}
    common["summary"] = routine.comment or routine.name
    answers: Json = {"responses": _OK}
    schema: Json = {"type": "object", "properties": {each.name: type_of(each.type) for each in taken}}
    if taken:
        schema["required"] = [each.name for each in taken]
    if routine.comment:
        schema["description"] = routine.comment
    body: Json = {"name": "args", "required": True, "in": "body", "schema": schema}
    parameters: Json = {"parameters": [body, _parameter("preferParams")]}
    path: Json = {"post": {"operationId": f"call_{key}"} | common | parameters | answers}
    if routine.reads_only:
        parameters = {"parameters": [_argument(each) for each in taken]}
        path["get"] = {"operationId": f"call_{key}_by_get"} | common | parameters | answers
    return path


def _argument(parameter: Parameter) -> Json:
    described = type_of(parameter.type)
    kind = described.get("type", "string")
    simple = {"format": described["format"]} if kind in ("string", "integer", "number", "boolean") else {}
    return {
        "name": parameter.name,
        "required": True,
        "in": "query",
        "type": kind if simple else "string",
        **simple,
    }
