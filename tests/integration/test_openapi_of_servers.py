"""The OpenAPI document compared with the application's responses, on real servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from api.app import create_app
from api.database import Database
from api.settings import Settings
from local.server import Server

TYPES = (
    "BOOLEAN", "BIT(1)", "BIT(8)", "TINYINT", "INT UNSIGNED", "BIGINT UNSIGNED", "YEAR", "DECIMAL(10,2)", "FLOAT", "DOUBLE",
    "CHAR(3)", "VARCHAR(40)", "LONGTEXT", "ENUM('a','it''s')", "SET('x','y')", "DATE", "TIME", "TIME(3)", "DATETIME",
    "DATETIME(6)", "TIMESTAMP(3)", "JSON", "VARBINARY(16)", "BLOB", "POINT",
)  # fmt: skip
SCHEMA = (
    "CREATE TABLE everything (id INT AUTO_INCREMENT PRIMARY KEY, "
    + ", ".join(f"`c{number}` {declared} NOT NULL" for number, declared in enumerate(TYPES))
    + ", shout VARCHAR(50) AS (upper(c11)) VIRTUAL)",
    "CREATE TABLE `no key` (a INT, b VARCHAR(9))",
    "CREATE VIEW seen AS SELECT * FROM everything",
    "CREATE PROCEDURE listing() READS SQL DATA SELECT a FROM `no key`",
)

VALIDATORS = {"2.0": OpenAPIV2SpecValidator, "3.0.3": OpenAPIV30SpecValidator, "3.1.1": OpenAPIV31SpecValidator}


class Client:
    """Calls the application without a network."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.transport = httpx.ASGITransport(app=app)

    def __call__(self, method: str, address: str, **arguments: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://api.test") as client:
                return await client.request(method, address, **arguments)

        return asyncio.run(send())

    def get(self, address: str, **arguments: Any) -> httpx.Response:
        return self("GET", address, **arguments)

    def post(self, address: str, **arguments: Any) -> httpx.Response:
        return self("POST", address, **arguments)


@pytest.fixture
def client(server: Server, database: str) -> Iterator[Client]:
    server.execute(*SCHEMA, database=database)
    settings = connection_settings(server, database)
    connection = Database(settings)
    yield Client(create_app(settings, connection))
    connection.close()


def connection_settings(server: Server, database: str, **variables: str) -> Settings:
    return Settings.from_environment({"AUROREST_DATABASE_URL": server.url(database)} | variables)


def media(operation: Any) -> Any:
    return operation["requestBody"]["content"]["application/json"]


def valid(document: Any, schema: Any, value: Any) -> None:
    Draft202012Validator(schema | {"components": document["components"]}).validate(value)


def test_rows_of_every_type_match_the_document(client: Client) -> None:
    document = client.get("/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    sample = media(document["paths"]["/rest/v1/everything"]["post"])["example"]
    assert len(sample) == len(TYPES) - 1  # a NOT NULL ENUM defaults to its first value
    inserted = client.post(
        "/rest/v1/everything", json=sample | {"c13": "it's"}, headers={"Prefer": "return=representation"}
    )
    assert inserted.status_code == 201, inserted.text
    rows = {"type": "array", "items": {"$ref": "#/components/schemas/everything"}}
    valid(document, rows, inserted.json())
    for address in ("everything", "seen"):
        found = client.get(f"/rest/v1/{address}").json()
        assert len(found) == 1
        valid(document, rows, found)
        columns = document["components"]["schemas"][address]["properties"]
        assert list(found[0]) == list(columns)
    nothing = dict.fromkeys(["a", "b"])
    assert client.post("/rest/v1/no%20key", json=nothing).status_code == 201
    valid(
        document,
        {"type": "array", "items": {"$ref": "#/components/schemas/no_key"}},
        client.get("/rest/v1/no%20key").json(),
    )


def test_errors_match_the_document(client: Client) -> None:
    document = client.get("/openapi.json").json()
    for address, status in (("/rest/v1/missing", 404), ("/rest/v1/seen?c3=eq.x", 400), ("/tables/missing", 404)):
        answer = client.get(address)
        assert answer.status_code == status
        valid(document, {"$ref": "#/components/schemas/Error"}, answer.json())
        assert answer.json()["code"] in document["components"]["responses"][f"Error{status}"]["description"]


def test_the_listing_matches_the_document(client: Client) -> None:
    document = client.get("/openapi.json").json()
    listed = client.get("/tables").json()
    assert [(table["name"], table["kind"]) for table in listed] == [
        ("everything", "table"), ("no key", "table"), ("seen", "view"),
    ]  # fmt: skip
    valid(document, {"type": "array", "items": {"$ref": "#/components/schemas/TableSummary"}}, listed)
    for table in listed:
        described = client.get(f"/tables/{table['name']}").json()
        valid(document, {"$ref": "#/components/schemas/TableDescription"}, described)
        schema = "no_key" if table["name"] == "no key" else table["name"]
        assert [one["name"] for one in described["columns"]] == list(
            document["components"]["schemas"][schema]["properties"]
        )


def test_the_document_names_the_address_that_the_client_used(client: Client) -> None:
    assert client.get("/openapi.json").json()["servers"] == [{"url": "http://api.test"}]
    assert client.get("/openapi.json", headers={"Host": 'a"b'}).json()["servers"] == [{"url": "/"}]
    root = client.get("/rest/v1/").json()
    assert (root["schemes"], root["host"], root["basePath"]) == (["http"], "api.test", "/rest/v1")


def test_the_root_is_postgrests_document(client: Client) -> None:
    answer = client.get("/rest/v1/")
    assert answer.headers["content-type"] == "application/openapi+json; charset=utf-8"
    OpenAPIV2SpecValidator(answer.json()).validate()
    assert list(answer.json()["definitions"]) == ["everything", "no key", "seen"]
    refused = client.post("/rest/v1/", json={})
    assert (refused.status_code, refused.json()["code"]) == (400, "PGRST102")
    assert client("OPTIONS", "/rest/v1/").headers["allow"] == "OPTIONS,GET,HEAD,POST"
    batch = [{"method": "GET", "path": "/no%20key?limit=0"}]
    headers = {"Content-Type": "application/vnd.aurorest.batch+json"}
    for address in ("/rest/v1/?apikey=anything", "/rest/v1"):
        answered = client.post(address, json=batch, headers=headers)
        assert (answered.status_code, answered.json()[0]["status"], answered.json()[0]["body"]) == (200, 200, [])
    assert client.get("/rest/v1/?apikey=anything").json() == answer.json()


FORMS = (
    ("/rest/v1/", "*/*", "swagger 2.0"),
    ("/rest/v1", "*/*", "swagger 2.0"),
    ("/rest/v1/", "application/json", "swagger 2.0"),
    ("/rest/v1/", "text/html,application/xhtml+xml,*/*;q=0.8", "swagger 2.0"),
    ("/rest/v1/?version=3.1", "*/*", "openapi 3.1.1"),
    ("/rest/v1/", "application/openapi+json;version=3.0", "openapi 3.0.3"),
    ("/openapi.json", "*/*", "openapi 3.1.1"),
    ("/openapi.json", "application/openapi+json", "openapi 3.1.1"),
    ("/openapi.json?version=3.0", "*/*", "openapi 3.0.3"),
    ("/openapi.json?version=3.0.3", "*/*", "openapi 3.0.3"),
    ("/openapi.json", "application/vnd.oai.openapi+json;version=3.0.3", "openapi 3.0.3"),
    ("/openapi.json", "application/openapi+json;version=2.0", "swagger 2.0"),
)


@pytest.mark.parametrize("address, accept, form", FORMS)
def test_the_query_or_accept_chooses_the_form_of_the_document(
    client: Client, address: str, accept: str, form: str
) -> None:
    answer = client.get(address, headers={"Accept": accept})
    assert "Accept" in answer.headers["vary"].split(", ")
    document = answer.json()
    kind, version = form.split()
    assert document[kind] == version
    VALIDATORS[version](document).validate()


@pytest.mark.parametrize("address", ["/rest/v1/", "/openapi.json"])
def test_an_unknown_form_of_the_document_is_an_error_that_lists_the_known_ones(client: Client, address: str) -> None:
    for query in ("?version=4", "?verson=3.0", "?id=eq.1"):
        answer = client.get(address + query)
        assert (answer.status_code, answer.json()["code"]) == (400, "PGRST100")
        assert "version=3.0" in answer.json()["details"]
    for accept in ("text/csv", "application/openapi+json;version=9"):
        answer = client.get(address, headers={"Accept": accept})
        assert (answer.status_code, answer.json()["code"]) == (406, "PGRST107")
        assert "text/x.typescript" in answer.json()["hint"]


@pytest.mark.parametrize("path", ["/cities", "/rest/cities", "/v1/cities", "/api/v1/cities", "/rest/v2/cities"])
def test_an_address_outside_rest_v1_says_where_tables_are(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "PGRST125")
    assert "/rest/v1/cities," in answer.json()["hint"]


def test_the_document_is_compressed_for_clients_that_accept_it(client: Client) -> None:
    assert client.get("/openapi.json", headers={"Accept-Encoding": "identity"}).headers.get("content-encoding") is None
    assert client.get("/openapi.json").headers["content-encoding"] == "gzip"


def test_a_new_column_of_a_table_is_in_the_document(server: Server, database: str) -> None:
    settings = connection_settings(server, database, AUROREST_CATALOG_MAX_AGE_SECONDS="1")
    connection = Database(settings)
    client = Client(create_app(settings, connection))
    server.execute("CREATE TABLE t (a INT)", database=database)
    assert "t" in client.get("/openapi.json").json()["components"]["schemas"]
    server.execute("ALTER TABLE t ADD b INT", "CREATE TABLE u (a INT)", database=database)
    assert client.get("/rest/v1/u").status_code == 200  # an unknown name reloads the catalog
    assert list(client.get("/openapi.json").json()["components"]["schemas"]["t"]["properties"]) == ["a", "b"]
    connection.close()


def test_a_profile_has_its_own_document(server: Server, database: str) -> None:
    with server.temporary_database() as other:
        server.execute("CREATE TABLE here (a INT)", database=database)
        server.execute("CREATE TABLE there (a INT)", database=other)
        settings = connection_settings(server, database, AUROREST_SCHEMAS=other)
        connection = Database(settings)
        client = Client(create_app(settings, connection))
        found = client.get("/rest/v1/", headers={"Accept-Profile": other}).json()
        assert "/there" in found["paths"]
        assert "/here" not in found["paths"]
        assert "/here" in client.get("/rest/v1/", headers={"Accept-Profile": "public"}).json()["paths"]
        refused = client.get("/openapi.json", headers={"Accept-Profile": "unheard_of"})
        assert (refused.status_code, refused.json()["code"]) == (406, "PGRST106")
        connection.close()


def test_the_documentation_can_be_switched_off(server: Server, database: str) -> None:
    settings = connection_settings(server, database, AUROREST_DOCS="false")
    connection = Database(settings)
    client = Client(create_app(settings, connection))
    for address in ("/docs", "/docs/page.js", "/openapi.json", "/rest/v1/"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "PGRST125")
    assert client.get("/tables").status_code == 200
    connection.close()


def test_the_page_and_its_files_have_their_headers(client: Client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    script = client.get("/docs/swagger-ui-bundle.js")
    assert script.headers["content-encoding"] == "gzip"
    assert len(script.content) == 1_732_839
    head = client("HEAD", "/docs")
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "text/html; charset=utf-8")
    assert json.loads(client.get("/docs/missing.js").text)["code"] == "PGRST125"


def test_fastapi_knows_our_document_and_describes_each_route(client: Client) -> None:
    app = client.app
    assert app.openapi() == client.get("/openapi.json").json() | {"servers": [{"url": "/"}]}
    routes = [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    described = {route.path: (route.summary, route.tags) for route in routes}
    assert {"/health", "/tables/{table}", "/rest/v1/{rest:anything}", "/browse"} <= described.keys()
    assert all(summary and tags for summary, tags in described.values())
