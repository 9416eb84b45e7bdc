"""OpenAPI 2.0 in PostgREST's shape, OpenAPI 3.0.3, and TypeScript types, from the catalog of `test_openapi`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft4Validator
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator

from api.catalog import Catalog, Dialect, ForeignKey, Privilege, Routine, Schema, Table, TableKey
from api.catalog.relationships import relationships
from api.documents.openapi import Options, as_3_0, document, postgrest_document
from api.documents.renditions import Rendition, chosen
from api.documents.typescript import database_types
from api.errors import ApiError
from tests.unit.test_openapi import CATALOG, CUSTOMER, ORDER, TABLES, WITH_ARCHIVE, column

# Columns named like keywords of schemas, whose values look like schemas.
ODD = Table(
    "shop",
    "anyOf",
    is_view=False,
    columns=(
        column("type", "set('a','b')"),
        column("$ref", "varchar(3)", default="x", has_default=True),
        column("examples", "json"),
        column("enum", "enum('null','b')", nullable=True),
        column("place", "point", nullable=True, comment="where it is"),
        column("properties", "point", comment="where it was"),
    ),
)
ALL = Catalog(
    {"shop": replace(CATALOG.schemas["shop"], tables={each.name: each for each in (*TABLES, ODD)})},
    Dialect.MYSQL,
    (8, 4, 7),
    CATALOG.relationships,
)


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.fixture(scope="module")
def older() -> Any:
    return as_json(as_3_0(document(ALL, Options(server_url="https://api.test"))))


@pytest.fixture(scope="module")
def swagger() -> Any:
    return as_json(postgrest_document(ALL, Options(server_url="https://api.test/stage/rest/v1")))


def test_the_3_0_rendition_is_valid_and_has_the_same_paths(older: Any) -> None:
    OpenAPIV30SpecValidator(older).validate()
    newer: Any = document(ALL, Options())
    assert older["openapi"] == "3.0.3"
    assert list(older["paths"]) == list(newer["paths"])
    assert list(older["components"]["schemas"]) == list(newer["components"]["schemas"])


def test_the_3_0_rendition_says_nullable_and_keeps_values(older: Any) -> None:
    properties = older["components"]["schemas"]["anyOf"]["properties"]
    geometry = [{"$ref": "#/components/schemas/Geometry"}]
    assert properties["place"] == {
        "type": "object", "allOf": geometry, "nullable": True, "description": "where it is", "x-mysql-type": "point",
    }  # fmt: skip
    assert properties["properties"]["allOf"] == geometry
    assert properties["enum"] == {
        "type": "string", "enum": ["null", "b", None], "nullable": True, "x-mysql-type": "enum('null','b')",
    }  # fmt: skip
    assert properties["type"]["type"] == "array"
    assert properties["$ref"]["description"] == 'Default: `"x"`'
    assert "allOf" not in json.dumps(older["paths"]["/rest/v1"])  # what a batch takes is not null
    body = older["paths"]["/rest/v1/anyOf"]["post"]["requestBody"]["content"]["application/json"]
    assert body["example"]["type"] == ["a"]
    types, *_ = [each for each in older["components"]["schemas"].values() if "False blob" in each.get("properties", {})]
    assert types["properties"]["False blob"] == {"type": "string", "format": "byte", "x-mysql-type": "blob"}


def test_postgrests_document_is_valid(swagger: Any) -> None:
    OpenAPIV2SpecValidator(swagger).validate()
    for definition in swagger["definitions"].values():
        Draft4Validator.check_schema(definition)
    assert (swagger["schemes"], swagger["host"], swagger["basePath"]) == (["https"], "api.test", "/stage/rest/v1")


def test_postgrests_document_has_the_shape_that_tools_take_apart(swagger: Any) -> None:
    path = swagger["paths"]["/customer"]
    assert list(path) == ["get", "post", "patch", "delete"]
    assert [each["$ref"] for each in path["get"]["parameters"]] == [
        *(f"#/parameters/rowFilter.customer.{each.name}" for each in CUSTOMER.columns),
        *(
            f"#/parameters/{each}"
            for each in ("select", "order", "range", "rangeUnit", "offset", "limit", "preferCount")
        ),
    ]
    assert path["post"]["parameters"][0] == {"$ref": "#/parameters/body.customer"}
    assert swagger["parameters"]["rowFilter.customer.name"] == {
        "name": "name", "required": False, "in": "query", "type": "string",
    }  # fmt: skip
    assert swagger["definitions"]["customer"] == {
        "type": "object",
        "description": "who buys",
        "required": ["id", "name", "state", "token"],
        "properties": {
            "id": {"type": "integer", "format": "bigint", "description": "Note:\nThis is a Primary Key.<pk/>"},
            "name": {
                "type": "string", "format": "character varying", "maxLength": 40, "description": "as on the invoice",
            },
            "state": {"type": "string", "format": "text", "enum": ["new", "it's old"], "default": "new"},
            "shout": {"type": "string", "format": "character varying", "maxLength": 50},
            "token": {"type": "string", "format": "character", "maxLength": 36},
            "limit": {"type": "integer", "format": "integer", "default": 7},
        },
    }  # fmt: skip
    assert list(swagger["paths"]["/orders"]) == ["get"]
    assert {"/", "/rpc/half of", "/rpc/now_is"} <= swagger["paths"].keys()
    call = swagger["paths"]["/rpc/half of"]
    assert call["post"]["tags"] == ["(rpc) half of"]
    assert call["post"]["parameters"][1] == {"$ref": "#/parameters/preferParams"}
    assert [each["name"] for each in call["get"]["parameters"]] == ["n", "tags"]


def test_postgrests_document_refers_only_to_tables_that_it_defines() -> None:
    elsewhere = replace(ORDER, foreign_keys=(ForeignKey("far", ("n",), TableKey("archive", "old"), ("a",)),))
    catalog = replace(
        WITH_ARCHIVE,
        schemas=WITH_ARCHIVE.schemas | {"shop": Schema("shop", {elsewhere.name: elsewhere}, {})},
        relationships={},
    )
    found: Any = postgrest_document(catalog, Options())
    assert "fk" not in found["definitions"][elsewhere.name]["properties"]["n"]["description"]


def test_both_documents_list_only_the_methods_that_the_account_may_use() -> None:
    reader = replace(CUSTOMER, privileges=Privilege.SELECT)
    catalog = replace(CATALOG, schemas={"shop": Schema("shop", {"customer": reader}, {})}, relationships={})
    found: Any = postgrest_document(catalog, Options())
    assert list(found["paths"]["/customer"]) == ["get"]
    assert "Insert: never\n        Update: never" in database_types(catalog)


TYPES = """\
  public: {
    Tables: {
      box: {
        Row: {
          id: number
          "the name": string | null
          kind: "a" | "it's \\"b\\""
          tags: ("x" | "y")[]
          data: Json
          place: Geometry | null
          box_id: number | null
          twice: number | null
        }
        Insert: {
          id?: number
          "the name"?: string | null
          kind: "a" | "it's \\"b\\""
          tags: ("x" | "y")[]
          data: Json
          place?: Geometry | null
          box_id?: number | null
          twice?: never
        }
        Update: {
          id?: number
          "the name"?: string | null
          kind?: "a" | "it's \\"b\\""
          tags?: ("x" | "y")[]
          data?: Json
          place?: Geometry | null
          box_id?: number | null
          twice?: never
        }
        Relationships: [
          {
            foreignKeyName: "box_in_box"
            columns: ["box_id"]
            isOneToOne: false
            referencedRelation: "box"
            referencedColumns: ["id"]
          },
        ]
      }
    }
    Views: { [_ in never]: never }
    Functions: {
      now_is: {
        Args: never
        Returns: string | null
      }
    }
    Enums: {
      box_kind: "a" | "it's \\"b\\""
      box_tags: "x" | "y"
    }
    CompositeTypes: { [_ in never]: never }
  }
"""


def test_the_types_have_rows_payloads_relationships_functions_and_enums() -> None:
    optional = {"nullable": True, "has_default": True}
    box = Table(
        "shop",
        "box",
        is_view=False,
        columns=(
            column("id", "int", auto_increment=True, has_default=True),
            column("the name", "varchar(9)", **optional),
            column("kind", "enum('a','it''s \"b\"')"),
            column("tags", "set('x','y')"),
            column("data", "json"),
            column("place", "point", **optional),
            column("box_id", "int", **optional),
            column("twice", "int", generated=True, **optional),
        ),
        primary_key=("id",),
        foreign_keys=(ForeignKey("box_in_box", ("box_id",), TableKey("shop", "box"), ("id",)),),
    )
    now: Routine = CATALOG.schemas["shop"].routines["now_is"]
    catalog = Catalog(
        {"shop": Schema("shop", {"box": box}, {"now_is": now})}, Dialect.MYSQL, (8, 4), relationships((box,))
    )
    assert database_types(catalog).endswith(f"\n\n{TYPES}}}\n")


def test_each_exposed_database_has_its_types_under_its_name() -> None:
    text = database_types(WITH_ARCHIVE)
    assert text.index("\n  public: {\n") < text.index("\n  archive: {\n")


@pytest.mark.parametrize(
    "query, accept, expected",
    [
        ("", None, Rendition.POSTGREST),
        ("", "text/x.typescript", Rendition.TYPESCRIPT),
        ("", "*/*;q=0.1, text/x.typescript", Rendition.TYPESCRIPT),
        ("", "image/png, */*;q=0.1", Rendition.POSTGREST),
        ("version=3.1", "text/x.typescript", Rendition.OPENAPI_3_1),
        ("apikey=x&version=3.0.3", "*/*", Rendition.OPENAPI_3_0),
    ],
)
def test_a_request_chooses_a_rendition(query: str, accept: str | None, expected: Rendition) -> None:
    assert chosen(query, accept, Rendition.POSTGREST, ignored=("apikey",)) is expected


@pytest.mark.parametrize("accept", ["text/csv", "*/*;q=0", "application/openapi+json;version=1"])
def test_a_form_that_does_not_exist_is_not_acceptable(accept: str) -> None:
    with pytest.raises(ApiError, match="PGRST107"):
        chosen("", accept, Rendition.POSTGREST)
