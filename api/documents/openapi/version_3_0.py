"""The OpenAPI 3.1 document as OpenAPI 3.0.3, for tools that do not read JSON Schema 2020-12. Pure.

https://spec.openapis.org/oas/v3.0.3#schema-object
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def as_3_0(document: Json) -> Json:
    """A new document with the same paths and schemas."""
    return {**_converted(document), "openapi": "3.0.3"}


_NULL = {"type": "null"}
_VALUES = {"example", "examples", "default", "enum"}
"""Keys of the database's values, which may look like schemas."""
_MAPS = {"properties", "schemas", "parameters", "responses", "headers", "paths", "content"}
"""Keys of objects whose keys are names: a column may be named like a keyword of schemas."""


def _converted(part: Any) -> Any:
    if isinstance(part, list):
        return [_converted(each) for each in part]
    if not isinstance(part, dict):
        return part
    converted = {key: each if key in _VALUES else _member(key, each) for key, each in part.items()}
    return _schema(converted) if _is_schema(converted) else converted


def _member(key: str, part: Any) -> Any:
    if key in _MAPS and isinstance(part, dict):
        return {name: _converted(each) for name, each in part.items()}
    return _converted(part)


def _is_schema(part: Json) -> bool:
    """Whether the object has what only schemas of 3.1 have."""
    return (
        isinstance(part.get("type"), list)
        or ("$ref" in part and len(part) > 1)
        or any(key in part for key in ("anyOf", "contentEncoding", "const"))
        or ("type" in part and isinstance(part.get("examples"), list))
    )


def _schema(schema: Json) -> Json:
    """Without what 3.1 added: null as a type, keywords next to `$ref`, `const`, `examples`, `contentEncoding`."""
    if isinstance(schema.get("type"), list):
        (schema["type"],) = [each for each in schema["type"] if each != "null"]
        schema["nullable"] = True
    if _NULL in schema.get("anyOf", ()):  # `nullable` of `api.documents.openapi.schemas` writes it
        (values,) = [each for each in schema.pop("anyOf") if each != _NULL]
        schema |= {"type": "object", "allOf": [values]} if "$ref" in values else values
        schema["nullable"] = True
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    if "$ref" in schema and len(schema) > 1:
        schema["allOf"] = [{"$ref": schema.pop("$ref")}]
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if schema.pop("contentEncoding", None) is not None:
        schema["format"] = "byte"
    if isinstance(schema.get("examples"), list):
        schema["example"] = schema.pop("examples")[0]
    return schema
