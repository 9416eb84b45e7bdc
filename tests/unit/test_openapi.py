"""The OpenAPI document of a catalog."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.catalog import (
    Catalog,
    Column,
    Dialect,
    ForeignKey,
    FullTextIndex,
    Parameter,
    ParameterMode,
    Privilege,
    Routine,
    Schema,
    Table,
    TableKey,
    ViewColumn,
)
from api.catalog.introspection.column_types import column_type
from api.catalog.relationships import relationships
from api.documents.openapi import Options, document
from api.documents.openapi.names import component_keys
from api.documents.openapi.responses import TITLES
from api.errors.codes import CATALOGUE

API = Path(__file__).parents[2] / "api"

EVERY_TYPE = (
    "tinyint(1)", "bit(1)", "bit(8)", "tinyint", "int unsigned", "bigint", "bigint unsigned", "year", "decimal(10,2)",
    "float", "double", "char(3)", "varchar(40)", "longtext", "enum('a','b''c')", "enum('?')", "set('x','y')", "date",
    "time", "time(3)", "datetime", "timestamp(6)", "json", "binary(16)", "blob", "point", "uuid",
)  # fmt: skip


def column(name: str, declared: str, **fields: Any) -> Column:
    return Column(name, column_type(declared), **({"nullable": False, "position": 1} | fields))


CUSTOMER = Table(
    "shop",
    "customer",
    is_view=False,
    columns=(
        column("id", "int unsigned", has_default=True, auto_increment=True),
        column("name", "varchar(40)", comment="as on the invoice"),
        column("state", "enum('new','it''s old')", default="new", has_default=True),
        column("shout", "varchar(50)", nullable=True, generated=True, has_default=True),
        column("token", "char(36)", default="uuid()", default_is_expression=True, has_default=True),
        column("limit", "int", nullable=True, default="7", has_default=True),
    ),
    primary_key=("id",),
    fulltext_indexes=(FullTextIndex("name", ("name",)),),
    comment="who buys",
)
ORDER = Table(
    "shop",
    "50% of {a}/b",
    is_view=False,
    columns=(
        column("customer id", "int unsigned"),
        column("n", "int"),
        column('say "x".y', "set('a','b')", nullable=True),
    ),
    primary_key=("customer id", "n"),
    foreign_keys=(ForeignKey("ordered", ("customer id",), TableKey("shop", "customer"), ("id",)),),
)
TYPES = Table(
    "shop",
    "50_ of _a__b",
    is_view=False,
    columns=tuple(
        column(f"{nullable} {declared}", declared, nullable=nullable)
        for declared in EVERY_TYPE
        for nullable in (True, False)
    ),
)
VIEW = Table(
    "shop",
    "orders",
    is_view=True,
    columns=(column("customer", "int unsigned"),),
    insertable=False,
    updatable=False,
    view_columns=(ViewColumn("customer", ORDER.key, "customer id"),),
)
ERROR = Table("shop", "Error", is_view=False, columns=(column("a", "int"),))
TABLES = (CUSTOMER, ORDER, TYPES, VIEW, ERROR)
ROUTINES = (
    Routine(
        "shop",
        "half of",
        (
            Parameter("n", column_type("int"), ParameterMode.IN),
            Parameter("tags", column_type("set('a','b')"), ParameterMode.INOUT),
            Parameter("out", column_type("int"), ParameterMode.OUT),
        ),
        None,
        reads_only=True,
        comment="halves",
    ),
    Routine("shop", "now_is", (), column_type("datetime"), reads_only=False),
)
CATALOG = Catalog(
    {"shop": Schema("shop", {one.name: one for one in TABLES}, {one.name: one for one in ROUTINES})},
    Dialect.MYSQL,
    (8, 4, 7),
    relationships(TABLES),
)
WITH_ARCHIVE = Catalog(
    CATALOG.schemas
    | {"archive": Schema("archive", {"old": Table("archive", "old", False, (column("a", "int"),))}, {})},
    Dialect.MYSQL,
    (8, 4, 7),
    CATALOG.relationships,
)


@pytest.fixture(scope="module")
def shop() -> Any:
    return json.loads(json.dumps(document(CATALOG, Options(server_url="https://api.test/stage/"))))


def resolved(found: Any, part: Any) -> Any:
    if isinstance(part, dict) and "$ref" in part:
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found
    return part


def operations(found: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in found["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


@pytest.mark.parametrize(
    "catalog, schema", [(CATALOG, None), (WITH_ARCHIVE, None), (WITH_ARCHIVE, "archive"), (WITH_ARCHIVE, "shop")]
)
def test_the_document_is_valid_openapi(catalog: Catalog, schema: str | None) -> None:
    found = json.loads(json.dumps(document(catalog, Options(schema=schema))))
    OpenAPIV31SpecValidator(found).validate()
    for component in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(component)


def test_an_empty_database_has_a_valid_document() -> None:
    empty = Catalog({"empty": Schema("empty", {}, {})}, Dialect.MARIADB, (10, 11), {})
    OpenAPIV31SpecValidator(json.loads(json.dumps(document(empty, Options())))).validate()


def test_title_and_server_come_from_the_deployment(shop: Any) -> None:
    assert shop["info"]["title"] == "shop"
    assert shop["servers"] == [{"url": "https://api.test/stage"}]
    assert document(CATALOG, Options(title="Sales"))["info"] == shop["info"] | {"title": "Sales"}
    assert document(CATALOG, Options())["servers"] == [{"url": "/"}]


def test_every_table_has_its_paths_and_methods(shop: Any) -> None:
    methods = {path: sorted(set(item) - {"parameters"}) for path, item in shop["paths"].items()}
    assert methods == {
        "/tables": ["get"], "/tables/{table}": ["get"], "/health": ["get"], "/ready": ["get"],
        "/openapi.json": ["get"], "/rest/v1": ["get", "post"],
        "/rest/v1/customer": ["delete", "get", "patch", "post", "put"],
        "/rest/v1/customer/{key}": ["delete", "get", "patch", "put"],
        "/rest/v1/50%25%20of%20%7Ba%7D%2Fb": ["delete", "get", "patch", "post", "put"],
        "/rest/v1/50%25%20of%20%7Ba%7D%2Fb/{key}": ["delete", "get", "patch", "put"],
        "/rest/v1/50_%20of%20_a__b": ["delete", "get", "patch", "post"],
        "/rest/v1/orders": ["get"],
        "/rest/v1/Error": ["delete", "get", "patch", "post"],
        "/rest/v1/rpc/half%20of": ["get", "post"],
        "/rest/v1/rpc/now_is": ["post"],
    }  # fmt: skip


def test_operations_have_unique_ids_and_tags(shop: Any) -> None:
    identifiers = [operation["operationId"] for _, _, operation in operations(shop)]
    assert len(set(identifiers)) == len(identifiers)
    tags = {tag["name"] for tag in shop["tags"]}
    assert tags == {*(table.name for table in TABLES), "(introspection)", "(rpc)"}
    assert {tag for _, _, operation in operations(shop) for tag in operation["tags"]} == tags


def test_columns_have_types_limits_defaults_and_comments(shop: Any) -> None:
    assert shop["components"]["schemas"]["customer"] == {
        "type": "object",
        "description": "who buys",
        "properties": {
            "id": {
                "type": "integer", "format": "int64", "minimum": 0, "maximum": 4294967295,
                "description": "The database assigns the next number.\n\nNote:\nThis is a Primary Key.<pk/>",
                "x-mysql-type": "int unsigned",
            },
            "name": {
                "type": "string", "maxLength": 40, "description": "as on the invoice", "x-mysql-type": "varchar(40)",
            },
            "state": {
                "type": "string", "enum": ["new", "it's old"], "description": 'Default: `"new"`',
                "x-mysql-type": "enum('new','it''s old')",
            },
            "shout": {
                "type": ["string", "null"], "maxLength": 50, "readOnly": True, "x-mysql-type": "varchar(50)",
            },
            "token": {
                "type": "string", "maxLength": 36, "description": "Default: `uuid()`", "x-mysql-type": "char(36)",
            },
            "limit": {
                "type": ["integer", "null"], "format": "int32", "minimum": -2147483648, "maximum": 2147483647,
                "description": "Default: `7`", "x-mysql-type": "int",
            },
        },
    }  # fmt: skip


def test_a_row_to_insert_has_the_columns_that_can_be_written(shop: Any) -> None:
    read, inserted = (shop["components"]["schemas"][key] for key in ("customer", "customer.insert"))
    writable = {name: each for name, each in read["properties"].items() if name != "shout"}
    assert inserted == read | {"properties": writable, "required": ["name"]}
    columns = [
        replace(each, privileges=Privilege.SELECT) if each.name == "state" else each for each in CUSTOMER.columns
    ]
    table = replace(CUSTOMER, columns=tuple(columns))
    catalog = replace(CATALOG, schemas={"shop": Schema("shop", {"customer": table}, {})}, relationships={})
    found: Any = document(catalog, Options())
    assert list(found["components"]["schemas"]["customer.insert"]["properties"]) == ["id", "name", "token", "limit"]


def test_the_coordinates_of_a_geometry_have_items(shop: Any) -> None:
    assert shop["components"]["schemas"]["Geometry"]["properties"]["coordinates"] == {"type": "array", "items": {}}


def test_only_components_that_something_refers_to_are_listed(shop: Any) -> None:
    text = json.dumps(shop)
    for kind, members in shop["components"].items():
        for key in members:
            assert kind == "securitySchemes" or f'"#/components/{kind}/{key}"' in text
    plain = replace(CATALOG, schemas={"shop": Schema("shop", {"Error": ERROR}, {})}, relationships={})
    found: Any = document(plain, Options())
    assert sorted(found["components"]["schemas"]) == [
        "Error", "Error_2", "Error_2.insert", "TableDescription", "TableSummary",
    ]  # fmt: skip


def test_keys_are_noted_in_the_form_that_postgrests_clients_read(shop: Any) -> None:
    properties = shop["components"]["schemas"]["50__of__a__b"]["properties"]
    assert properties["customer id"]["description"] == (
        "Note:\nThis is a Primary Key.<pk/>\nThis is a Foreign Key to `customer.id`.<fk table='customer' column='id'/>"
    )
    view = shop["components"]["schemas"]["orders"]["properties"]
    assert "<fk table='customer' column='id'/>" in view["customer"]["description"]


VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "tinyint(1)": ([True], [1, "true"]),
    "bit(1)": ([False], [0]),
    "bit(8)": ([255], [256, -1]),
    "tinyint": ([-128], [128]),
    "bigint unsigned": ([2**64 - 1], [-1]),
    "year": ([2024, 0], [3000]),
    "decimal(10,2)": ([1.25, 3], ["1.25"]),
    "double": ([1e300], ["x"]),
    "char(3)": (["abc"], ["abcd"]),
    "enum('a','b''c')": (["b'c"], ["c"]),
    "enum('?')": (["\N{GRINNING FACE}"], [1]),
    "set('x','y')": ([[], ["y", "x"]], ["x", ["z"], ["x", "x"]]),
    "time": (["26:05:04", "-838:59:59"], ["26:05", "26:05:04.5"]),
    "time(3)": (["26:05:04.123"], ["x"]),
    "json": ([{"a": [1, None]}, "text", 4], []),
    "binary(16)": (["A" * 24], ["A" * 25]),
    "point": ([{"type": "Point", "coordinates": [1, 2]}], ["POINT(1 2)", {"type": "Circle"}]),
}


@pytest.mark.parametrize("declared", VALUES)
def test_a_schema_accepts_the_documented_values_only(shop: Any, declared: str) -> None:
    key = next(
        key for key, table in component_keys(sorted(t.name for t in TABLES), ["Error"]).items() if key == TYPES.name
    )
    name = component_keys(sorted(t.name for t in TABLES), ["Error", "Geometry"])[key]
    properties = shop["components"]["schemas"][name]["properties"]
    good, bad = VALUES[declared]
    for nullable in (True, False):
        schema = properties[f"{nullable} {declared}"] | {"components": shop["components"]}
        validator = Draft202012Validator(schema)
        for value in good:
            assert validator.is_valid(value), value
        for value in bad:
            assert not validator.is_valid(value), value
        assert validator.is_valid(None) == (nullable or declared == "json")


def test_sample_bodies_match_their_schemas(shop: Any) -> None:
    checked = 0
    for _, _, operation in operations(shop):
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if media is None:
            continue
        Draft202012Validator(media["schema"] | {"components": shop["components"]}).validate(media["example"])
        checked += 1
    assert checked == 16


def test_every_column_is_a_filter_parameter_of_get_patch_and_delete(shop: Any) -> None:
    for method in ("get", "patch", "delete"):
        operation = shop["paths"]["/rest/v1/customer"][method]
        names = [resolved(shop, parameter)["name"] for parameter in operation["parameters"]]
        assert names[:5] == ["id", "name", "state", "shout", "token"]
        assert len(names) == len(set(names))
        # Generators lose an operation of which two parameters differ by quotes only.
        assert ('"limit"' in names) == (method != "get")
    filters = [resolved(shop, one) for one in shop["paths"]["/rest/v1/customer"]["get"]["parameters"]]
    described = {one["name"]: one["description"] for one in filters}
    assert '`and=("limit".eq.1)`' in shop["paths"]["/rest/v1/customer"]["get"]["description"]
    assert described["id"] == "int unsigned: `eq.1`, `gte.1`, `in.(1,2)`"
    assert described["name"] == "varchar(40): `eq.text`, `ilike.*text*`, `in.(a,b)`, `wfts.some words`"
    assert described["state"].endswith("`eq.new`, `neq.value`")
    assert shop["components"]["parameters"]["customer.limit"]["description"].endswith("`is.null`")
    quoted = [
        resolved(shop, one)["name"] for one in shop["paths"]["/rest/v1/50%25%20of%20%7Ba%7D%2Fb"]["get"]["parameters"]
    ]
    assert quoted[:3] == ["customer id", "n", '"say \\"x\\".y"']


def test_put_on_a_table_requires_the_whole_key(shop: Any) -> None:
    parameters = shop["paths"]["/rest/v1/50%25%20of%20%7Ba%7D%2Fb"]["put"]["parameters"]
    required = [one["name"] for one in (resolved(shop, one) for one in parameters) if one.get("required")]
    assert required == ["customer id", "n"]


def test_profiles_are_offered_where_there_are_several_databases(shop: Any) -> None:
    assert "acceptProfile" not in shop["components"]["parameters"]
    several: Any = document(WITH_ARCHIVE, Options(schema="archive"))
    assert several["components"]["parameters"]["acceptProfile"]["schema"]["enum"] == ["shop", "archive"]
    assert "/rest/v1/old" in several["paths"]
    assert "/rest/v1/customer" not in several["paths"]
    used = [resolved(several, one)["name"] for one in several["paths"]["/rest/v1/old"]["get"]["parameters"]]
    assert used[-1] == "Accept-Profile"


def test_routines_take_all_but_out_parameters(shop: Any) -> None:
    path = shop["paths"]["/rest/v1/rpc/half%20of"]
    assert [(one["name"], one["schema"]["type"]) for one in path["get"]["parameters"]] == [
        ("n", "integer"), ("tags", "string"),
    ]  # fmt: skip
    body = path["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["n", "tags"]
    assert shop["paths"]["/rest/v1/rpc/now_is"]["post"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ] == {
        "type": ["string", "null"],
        "format": "date-time-local",
    }


def test_the_description_lists_what_can_be_embedded(shop: Any) -> None:
    described = {path: item["get"].get("description", "") for path, item in shop["paths"].items() if "get" in item}
    assert "- `customer`: an object, by `ordered`" in described["/rest/v1/50%25%20of%20%7Ba%7D%2Fb"]
    assert "- `50% of {a}/b`: an array, by `ordered`" in described["/rest/v1/customer"]
    assert described["/rest/v1/Error"] == ""


def test_every_error_of_the_http_page_is_in_the_document(shop: Any) -> None:
    answers = shop["components"]["responses"]
    for entry in CATALOGUE:
        by_status = answers.get(f"Error{entry.status}", answers["Error"])["description"].splitlines()
        assert f"- `{entry.code}`: {entry.meaning}" in [line.strip() for line in by_status]
        summary = f"- {entry.status} {TITLES[entry.status]}: "
        assert any(
            line.startswith(summary) and f"`{entry.code}`" in line
            for line in answers["Error"]["description"].splitlines()
        )


def test_component_keys_are_unique_for_all_names() -> None:
    names = ["a b", "a_b", "a-b", "a%b", "a_b_2", "Error", "漢", "字"]
    keys = component_keys(names, ["Error"])
    assert len(set(keys.values())) == len(names)
    assert keys["Error"] == "Error_2"
