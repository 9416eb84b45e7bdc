"""The paths of stored functions and procedures."""

from __future__ import annotations

from api.catalog import Parameter, Routine
from api.documents.openapi import responses, schemas
from api.documents.openapi.names import path_segment
from api.documents.openapi.parameters import reference

Json = dict[str, object]

TAG = "(rpc)"


def routine_path(routine: Routine, key: str, profiles: tuple[Json, Json]) -> tuple[str, Json]:
    """A routine's path and its operations. Only a routine that does not write has GET."""
    taken = list(routine.taken)
    common: Json = {"tags": [TAG], "summary": f"Call the {routine.kind} {routine.name}"}
    if routine.comment:
        common["description"] = routine.comment
    answers = _answers(routine) | responses.errors(responses.CALL_ERRORS)
    accept_profile, content_profile = profiles
    path: Json = {}
    if routine.reads_only:
        parameters = [
            *(_query_parameter(parameter) for parameter in taken),
            *([accept_profile] if accept_profile else []),
        ]
        path["get"] = common | {"operationId": f"read_{key}", "parameters": parameters, "responses": answers}
    sent = [reference("idempotencyKey"), *([content_profile] if content_profile else [])]
    path["post"] = (
        common
        | {"operationId": f"call_{key}", "parameters": sent}
        | {"requestBody": _body(taken), "responses": answers}
    )
    return f"/rest/v1/rpc/{path_segment(routine.name)}", path


def _query_parameter(parameter: Parameter) -> Json:
    schema = schemas.type_schema(parameter.type)
    if schema.get("type") not in ("string", "integer", "number", "boolean"):
        schema = {"type": "string"}
    return {
        "name": parameter.name,
        "in": "query",
        "required": True,
        "description": parameter.type.declared,
        "schema": schema,
    }


def _body(taken: list[Parameter]) -> Json:
    schema: Json = {
        "type": "object",
        "properties": {
            parameter.name: schemas.nullable(schemas.type_schema(parameter.type))
            | {"x-mysql-type": parameter.type.declared}
            for parameter in taken
        },
    }
    if taken:
        schema["required"] = [parameter.name for parameter in taken]
    sample = {parameter.name: schemas.sample_value(parameter.type) for parameter in taken}
    return {"required": bool(taken), "content": {"application/json": {"schema": schema, "example": sample}}}


def _answers(routine: Routine) -> Json:
    if routine.returns is not None:
        return {
            "200": responses.content("The function's value.", schemas.nullable(schemas.type_schema(routine.returns)))
        }
    rows: Json = {"type": "array", "items": {"type": "object"}}
    if routine.returned:
        members = {
            each.name: schemas.nullable(schemas.type_schema(each.type)) | {"x-mysql-type": each.type.declared}
            for each in routine.returned
        }
        returned: Json = {"type": "object", "properties": {"result": rows} | members, "required": list(members)}
        described = "The OUT and INOUT parameters, and as `result` the rows of the first result set if there is one."
        return {"200": responses.content(described, returned)}
    return {
        "200": responses.content("The rows of the procedure's first result set.", rows),
        "204": responses.nothing("The procedure has no result set."),
    }
