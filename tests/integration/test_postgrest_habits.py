"""Requests that PostgREST's clients send, answered as PostgREST answers them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client


@pytest.fixture(scope="module")
def projects_database(server: Server) -> Iterator[str]:
    with server.temporary_database() as database:
        server.execute(
            "CREATE TABLE clients (id INT PRIMARY KEY, name VARCHAR(20))",
            "CREATE TABLE projects (id INT PRIMARY KEY, name VARCHAR(20), client_id INT, "
            "FOREIGN KEY (client_id) REFERENCES clients (id))",
            "CREATE TABLE tasks (id INT PRIMARY KEY, name VARCHAR(20), project_id INT, "
            "FOREIGN KEY (project_id) REFERENCES projects (id))",
            "CREATE TABLE keyless (a INT)",
            "INSERT INTO clients VALUES (1, 'X'), (2, 'Y')",
            "INSERT INTO projects VALUES (1, 'p1', 1), (2, 'p2', 2), (3, 'p3', NULL)",
            "CREATE PROCEDURE wipe() MODIFIES SQL DATA BEGIN DELETE FROM tasks; SELECT 1 AS a UNION SELECT 2; END",
            "CREATE FUNCTION one() RETURNS INT DETERMINISTIC NO SQL RETURN 1",
            database=database,
        )
        yield database


@pytest.fixture
def client(server: Server, projects_database: str) -> Iterator[Client]:
    server.execute(
        "DELETE FROM tasks",
        "INSERT INTO tasks VALUES (1, 't1', 1), (2, 't2', 1), (3, 't3', 2)",
        database=projects_database,
    )
    client = Client(server, projects_database)
    yield client
    client.close()


@pytest.mark.parametrize(
    "address, first",
    [
        ("/projects?select=name,...clients()", {"name": "p1"}),
        ("/projects?select=*,...clients()", {"id": 1, "name": "p1", "client_id": 1}),
        ("/clients?select=name,...projects()", {"name": "X"}),
        ("/clients?select=*,...projects()", {"id": 1, "name": "X"}),
        ("/clients?select=id,projects(name,...clients())", {"id": 1, "projects": [{"name": "p1"}]}),
        ("/clients?select=id,projects(name,...tasks())", {"id": 1, "projects": [{"name": "p1"}]}),
        ("/clients?select=id,projects(name,tasks())", {"id": 1, "projects": [{"name": "p1"}]}),
        ("/clients?select=name,...projects(...tasks())", {"name": "X"}),
    ],
)
def test_an_embed_or_spread_without_columns_adds_nothing(client: Client, address: str, first: object) -> None:
    assert client.rows(address)[0] == first


@pytest.mark.parametrize(
    "address, rows",
    [
        ("/projects?select=id,client:clients!inner(name)&clients.name=eq.X", [{"id": 1, "client": {"name": "X"}}]),
        ("/projects?select=id,client:clients!inner(name)&clients.or=(name.eq.X,id.eq.9)", [{"id": 1, "client": {"name": "X"}}]),
        ("/projects?select=id,client:clients()&clients=is.null", [{"id": 3}]),
        ("/projects?select=id,client:clients()&or=(id.eq.1,clients.is.null)", [{"id": 1}, {"id": 3}]),
        ("/projects?select=id,client:clients()&order=clients(name).desc&client_id=not.is.null", [{"id": 2}, {"id": 1}]),
        ("/projects?select=id,jobs:tasks(id)&tasks.order=id.desc&tasks.limit=1&id=eq.1", [{"id": 1, "jobs": [{"id": 2}]}]),
        ("/clients?select=id,work:projects(jobs:tasks(id))&projects.tasks.id=eq.2&id=eq.1", [{"id": 1, "work": [{"jobs": [{"id": 2}]}]}]),
    ],
)  # fmt: skip
def test_an_aliased_embed_may_be_named_by_its_table(client: Client, address: str, rows: object) -> None:
    response = client.get(address)
    assert (response.status, response.json) == (200, rows)
    tests_null = "clients=is.null" in address or "clients.is.null" in address  # found in the plan, where nothing warns
    assert ("alias" in response.headers.get("Warning", "")) == (not tests_null)


def test_an_alias_itself_needs_no_warning(client: Client) -> None:
    response = client.get("/projects?select=id,client:clients!inner(name)&client.name=eq.X")
    assert (response.json, "Warning" in response.headers) == ([{"id": 1, "client": {"name": "X"}}], False)


def test_a_name_that_two_embeds_share_is_refused(client: Client) -> None:
    assert client.error("/projects?select=id,a:clients(name),b:clients(id)&clients.name=eq.X") == (400, "PGRST108")


def test_max_affected_counts_the_rows_of_a_procedure_and_undoes_it(client: Client) -> None:
    strict = "handling=strict, max-affected=1"
    response = client.send("POST", "/rpc/wipe", {}, strict)
    assert (response.status, response.json["code"]) == (400, "PGRST124")
    assert len(client.rows("/tasks")) == 3
    response = client.send("POST", "/rpc/wipe", {}, "handling=strict, max-affected=2")
    assert response.status == 200
    assert response.headers["Preference-Applied"] == "handling=strict, max-affected=2"
    response = client.send("POST", "/rpc/one", {}, strict)
    assert (response.status, response.json["code"]) == (400, "PGRST128")


def test_a_preference_that_was_not_applied_is_not_reported(client: Client) -> None:
    response = client.send("POST", "/keyless", {"a": 1}, "resolution=merge-duplicates, return=minimal")
    assert (response.status, response.headers["Preference-Applied"]) == (201, "return=minimal")


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_a_condition_on_a_write_is_never_ignored(client: Client, method: str, header: str) -> None:
    response = client.request(method, "/clients?id=eq.1", {header: '"x"'}, b'{"id":1,"name":"Z"}')
    kept = header == "If-Match" and method != "POST"
    assert (response.status, response.json["code"]) == ((412, "AR412") if kept else (400, "PGRST127"))
    assert client.values("/clients?select=name&id=eq.1") == ["X"]
