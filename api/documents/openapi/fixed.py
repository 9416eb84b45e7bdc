"""The paths that are the same for every database: the list of tables, health, and the document itself."""

from __future__ import annotations

from api.documents.openapi import responses
from api.request.batch import BATCH, METHODS

Json = dict[str, object]

TAG = "(introspection)"

_STRINGS: Json = {"type": "array", "items": {"type": "string"}}

SUMMARY: Json = {
    "type": "object",
    "description": "A table or view.",
    "required": [
        "name",
        "schema",
        "kind",
        "comment",
        "rows_estimate",
        "primary_key",
        "insertable",
        "updatable",
        "deletable",
        "privileges",
        "row_security",
    ],
    "properties": {
        "name": {"type": "string"},
        "schema": {"type": "string", "description": "The MySQL database."},
        "kind": {"type": "string", "enum": ["table", "view"]},
        "comment": {"type": "string"},
        "rows_estimate": {
            "type": ["integer", "null"],
            "description": "An estimate from the server's statistics; null for views and where policies hide rows.",
        },
        "primary_key": _STRINGS,
        "insertable": {"type": "boolean"},
        "updatable": {"type": "boolean"},
        "deletable": {"type": "boolean"},
        "privileges": {
            "type": "array",
            "items": {"type": "string", "enum": ["select", "insert", "update", "delete"]},
            "description": "What the caller's role may do with the table, or with some of its columns.",
        },
        "row_security": {"type": "boolean", "description": "Policies decide which rows a caller sees and writes."},
    },
}

_COLUMN: Json = {
    "type": "object",
    "required": ["name", "type", "kind", "nullable", "default", "generated", "comment", "values"],
    "properties": {
        "name": {"type": "string"},
        "type": {"type": "string", "description": "The declared type."},
        "kind": {"type": "string", "description": "The kind of its values in JSON."},
        "nullable": {"type": "boolean"},
        "default": {"type": ["string", "null"], "description": "The default as the server writes it."},
        "default_is_expression": {"type": "boolean"},
        "required": {"type": "boolean", "description": "An insert must include the column."},
        "generated": {"type": "boolean"},
        "auto_increment": {"type": "boolean"},
        "max_length": {"type": ["integer", "null"]},
        "values": {
            "type": ["array", "null"],
            "items": {"type": "string"},
            "description": "The values of an ENUM or SET.",
        },
        "comment": {"type": "string"},
        "privileges": {"type": "array", "items": {"type": "string", "enum": ["select", "insert", "update"]}},
    },
}

_FOREIGN_KEY: Json = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "columns": _STRINGS,
        "referenced_schema": {"type": "string"},
        "referenced_table": {"type": "string"},
        "referenced_columns": _STRINGS,
    },
}

_RELATIONSHIP: Json = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "cardinality": {"type": "string", "enum": ["many-to-one", "one-to-one", "one-to-many", "many-to-many"]},
        "columns": _STRINGS,
        "schema": {"type": "string"},
        "table": {"type": "string"},
        "table_columns": _STRINGS,
        "junction": {"type": ["string", "null"]},
    },
}

_POLICY: Json = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "permissive": {"type": "boolean"},
        "command": {"type": "string", "enum": ["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]},
        "roles": _STRINGS,
        "using": {"type": ["string", "null"]},
        "check": {"type": ["string", "null"]},
    },
}

DESCRIPTION: Json = {
    "allOf": [
        {"$ref": "#/components/schemas/TableSummary"},
        {
            "type": "object",
            "required": ["columns", "unique_keys", "foreign_keys"],
            "properties": {
                "columns": {"type": "array", "items": _COLUMN},
                "unique_keys": {"type": "array", "items": _STRINGS},
                "foreign_keys": {"type": "array", "items": _FOREIGN_KEY},
                "fulltext_indexes": {"type": "array", "items": _STRINGS},
                "fulltext_names": _STRINGS,
                "relationships": {"type": "array", "items": _RELATIONSHIP},
                "policies": {
                    "type": ["array", "null"],
                    "items": _POLICY,
                    "description": "null if policies apply to the caller, or if the API's account may not read them.",
                },
            },
        },
    ]
}


def fixed_schemas() -> dict[str, Json]:
    """The component schemas that `fixed_paths` refers to."""
    return {"TableSummary": SUMMARY, "TableDescription": DESCRIPTION}


def fixed_paths(accept_profile: Json) -> dict[str, Json]:
    """The operations of each path."""
    one_table: Json = {
        "name": "table",
        "in": "path",
        "required": True,
        "description": "A table or view.",
        "schema": {"type": "string"},
    }
    profile = [accept_profile] if accept_profile else []
    summaries: Json = {"type": "array", "items": {"$ref": "#/components/schemas/TableSummary"}}
    details: Json = {
        "name": "details",
        "in": "query",
        "description": "`true`: everything that `/tables/{table}` returns, for each table.",
        "schema": {"type": "boolean", "default": False},
    }
    status: Json = {"type": "object", "properties": {"status": {"type": "string"}}}
    document: Json = {"type": "object"}
    return {
        "/tables": _get(
            "list_tables",
            "All tables and views",
            responses.content("The tables and views.", summaries),
            [details],
            (400, 503),
        ),
        "/tables/{table}": _get(
            "describe_table",
            "The columns and keys of a table or view",
            responses.content("The table or view.", {"$ref": "#/components/schemas/TableDescription"}),
            [one_table, *profile],
            (404, 406),
        ),
        "/health": _get(
            "health",
            "Check that the API is running, without the database",
            responses.content("It is running.", status),
            fails=(),
        ),
        "/ready": _get("ready", "Check that the API can reach the database", responses.content("It can.", status)),
        "/openapi.json": _get(
            "openapi",
            "This document",
            responses.content("The OpenAPI document.", document),
            [_version("3.1"), *profile],
            (400, 406, 503),
        ),
        "/rest/v1": _get(
            "root",
            "The OpenAPI 2.0 document in PostgREST's shape, or the TypeScript types for supabase-js",
            _ROOT,
            [_version("2.0"), *profile],
            (400, 406, 503),
        )
        | {"post": _BATCH},
    }


_REFERENCE: Json = {
    "type": "object",
    "description": "A value of an earlier answer: `0.body.0.id`, `0.headers.ETag`, `0.status`.",
    "required": ["$ref"],
    "properties": {"$ref": {"type": "string"}},
    "additionalProperties": False,
}
_BATCH: Json = {
    "tags": [TAG],
    "operationId": "batch",
    "summary": "Several requests in one transaction",
    "description": "The requests run in order. If one fails, all are undone, and `request` of the error is its number. "
    'A later one may use a value of an earlier answer: `{"$ref": "0.body.0.id"}`, in its body, its headers or its '
    "path, which is then an array.",
    "parameters": [
        {
            "name": "Prefer",
            "in": "header",
            "description": "`tx=rollback`: run all of them and store nothing.",
            "schema": {"type": "string"},
        },
        {"$ref": "#/components/parameters/idempotencyKey"},
    ],
    "requestBody": {
        "required": True,
        "content": {
            BATCH: {
                "schema": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["method", "path"],
                        "additionalProperties": False,
                        "properties": {
                            "method": {"enum": list(METHODS)},
                            "path": {
                                "description": "What follows `/rest/v1`.",
                                "oneOf": [
                                    {"type": "string", "pattern": "^/."},
                                    {"type": "array", "items": {"anyOf": [{"type": "string"}, _REFERENCE]}},
                                ],
                            },
                            "headers": {
                                "type": "object",
                                "additionalProperties": {"anyOf": [{"type": "string"}, _REFERENCE]},
                            },
                            "body": {},
                        },
                    },
                },
            }
        },
    },
    "responses": responses.errors(responses.WRITE_ERRORS)
    | {
        "200": responses.content(
            "The answers, in order.",
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["status", "headers", "body"],
                    "properties": {
                        "status": {"type": "integer"},
                        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                        "body": {},
                    },
                },
            },
            "Preference-Applied",
            "Idempotency-Replayed",
        )
    },
}


_ROOT: Json = {
    "description": "The OpenAPI document, or the types.",
    "content": {
        "application/openapi+json": {"schema": {"type": "object"}},
        "application/json": {"schema": {"type": "object"}},
        "text/x.typescript": {"schema": {"type": "string"}},
    },
}


def _version(default: str) -> Json:
    return {
        "name": "version",
        "in": "query",
        "description": "The version of OpenAPI.",
        "schema": {"type": "string", "enum": ["2.0", "3.0", "3.1"], "default": default},
    }


def _get(
    operation: str, summary: str, answer: Json, parameters: list[Json] | None = None, fails: tuple[int, ...] = (503,)
) -> Json:
    answers = {"200": answer} | responses.errors(fails)
    named: Json = {"tags": [TAG], "operationId": f"meta_{operation}", "summary": summary}
    return {"get": named | {"parameters": parameters or [], "responses": answers}}
