"""The whole document, assembled from its parts."""

from __future__ import annotations

from dataclasses import dataclass

from api.catalog import Catalog
from api.documents.openapi import fixed, parameters, responses, routines, schemas
from api.documents.openapi.names import component_keys
from api.documents.openapi.references import referenced
from api.documents.openapi.tables import table_part
from api.request.operators import OPERATORS

Json = dict[str, object]

_OPERATORS = "\n".join(f"- `{each.name}`: {each.means}" for each in OPERATORS.values())
DESCRIPTION = f"""\
The tables, views and routines of the database, with PostgREST's query grammar.

A filter is `column=operator.value`; `not.` before the operator negates it. `select` also embeds related tables.
If this deployment requires a token, send it in the `Authorization` header.

The operators:

{_OPERATORS}"""


@dataclass(frozen=True, slots=True)
class Options:
    """The parts of the document that do not come from the catalog."""

    server_url: str = "/"
    """The base URL; a path is enough (such as an API Gateway stage)."""
    max_rows: int = 1000
    title: str | None = None
    """None for the database's name."""
    version: str = "1.0.0"
    schema: str | None = None
    """The database to describe; None for the default one."""


def document(catalog: Catalog, options: Options) -> Json:
    """The OpenAPI 3.1 document of one exposed database, as values for JSON.

    Raises: `KeyError` for a database that is not exposed.
    """
    schema = catalog.schemas[options.schema or catalog.default_schema]
    several = len(catalog.schemas) > 1
    profiles: tuple[Json, Json] = (
        parameters.reference("acceptProfile") if several else {},
        parameters.reference("contentProfile") if several else {},
    )
    shared = parameters.shared_parameters(options.max_rows, catalog.schemas)
    if not several:
        shared = {key: each for key, each in shared.items() if not key.endswith("Profile")}
    paths = fixed.fixed_paths(profiles[0])
    tags: list[Json] = [
        {"name": fixed.TAG, "description": "The tables and their columns, and the health of the server."}
    ]
    component_schemas = {
        "Error": schemas.ERROR, "Geometry": schemas.GEOMETRY, "FeatureCollection": schemas.FEATURES,
    } | fixed.fixed_schemas()  # fmt: skip
    component_responses = responses.error_components() | {
        "Done": responses.done_component(),
        "Inserted": responses.inserted_component(),
        "Unchanged": responses.unchanged_component(),
    }
    keys = component_keys(sorted(schema.tables), component_schemas)
    for name, key in keys.items():
        part = table_part(catalog, schema.tables[name], key, profiles)
        tags.append(part.tag)
        paths |= part.paths
        component_schemas |= part.schemas
        shared |= part.parameters
        component_responses |= part.responses
    routine_keys = component_keys(sorted(schema.routines))
    if routine_keys:
        tags.append({"name": routines.TAG, "description": "Stored functions and procedures."})
    for name, key in routine_keys.items():
        address, path = routines.routine_path(schema.routines[name], key, profiles)
        paths[address] = path
    return {
        "openapi": "3.1.1",
        "info": {"title": options.title or schema.name, "description": DESCRIPTION, "version": options.version},
        "servers": [{"url": options.server_url.rstrip("/") or "/"}],
        "security": [{}, {"token": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            **referenced(
                paths,
                {
                    "schemas": component_schemas,
                    "parameters": shared,
                    "responses": component_responses,
                    "headers": responses.header_components(),
                },
            ),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
