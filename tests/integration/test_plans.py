"""Execution plans: of reads, of writes (which write nothing) and of functions (which are not called)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

JSON_PLAN = "application/vnd.pgrst.plan+json"
TEXT_PLAN = "application/vnd.pgrst.plan+text"


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with client_of(
        server,
        "CREATE TABLE client (id INT PRIMARY KEY, name VARCHAR(20))",
        "CREATE TABLE project (id INT PRIMARY KEY, name VARCHAR(20), client_id INT, "
        "FOREIGN KEY (client_id) REFERENCES client (id))",
        "CREATE TABLE log (a INT)",
        "INSERT INTO client VALUES (1, 'X')",
        "INSERT INTO project VALUES (1, 'p1', 1), (2, 'p2', 1)",
        "CREATE FUNCTION record() RETURNS INT DETERMINISTIC MODIFIES SQL DATA "
        "BEGIN INSERT INTO log VALUES (1); RETURN 1; END",
        "CREATE PROCEDURE all_clients() READS SQL DATA SELECT * FROM client",
    ) as client:
        yield client


@pytest.mark.parametrize("media", [JSON_PLAN, TEXT_PLAN])
@pytest.mark.parametrize(
    "method, address, body",
    [
        ("GET", "/project?name=eq.p1", None),
        ("GET", "/project/1", None),
        ("POST", "/project", {"id": 9, "name": "x"}),
        ("POST", "/project", [{"id": 1}, {"id": 9}]),
        ("POST", "/project", []),
        ("PATCH", "/project?id=eq.1", {"name": "q"}),
        ("PATCH", "/project?id=gt.0&order=id&limit=1", {"name": "q"}),
        ("PUT", "/project?id=eq.9", {"id": 9}),
        ("DELETE", "/project?name=eq.p1", None),
        ("DELETE", "/project?select=client!inner(id)&client.name=eq.X", None),
        ("POST", "/rpc/record", {}),
    ],
)
def test_a_plan_is_shown_and_nothing_is_written(
    client: Client, method: str, address: str, body: object, media: str
) -> None:
    response = client.send(method, address, body, "resolution=merge-duplicates", Accept=media)
    assert (response.status, response.headers["Content-Type"]) == (
        200, f'{media}; for="application/json"; charset=utf-8',
    )  # fmt: skip
    if media == JSON_PLAN:
        assert isinstance(json.loads(response.body), list)
    else:
        assert b"executable" not in response.body
        assert response.body.strip()
    assert client.rows("/project?select=id,name") == [{"id": 1, "name": "p1"}, {"id": 2, "name": "p2"}]
    assert client.rows("/log") == []


def test_the_content_type_names_what_the_plan_is_for_and_its_options(client: Client) -> None:
    accept = f'{JSON_PLAN}; for="application/vnd.pgrst.object"; options=verbose|nonsense|analyze'
    assert client.get("/project?id=eq.1", Accept=accept).headers["Content-Type"] == (
        f'{JSON_PLAN}; for="application/vnd.pgrst.object+json"; options=analyze|verbose; charset=utf-8'
    )


@pytest.mark.parametrize(
    "method, address, body", [("PATCH", "/project?id=eq.1", {"name": "q"}), ("POST", "/rpc/record", {})]
)
def test_analyze_would_write_and_is_refused(client: Client, method: str, address: str, body: object) -> None:
    response = client.send(method, address, body, Accept=f"{JSON_PLAN}; options=analyze")
    assert (response.status, response.json["code"]) == (400, "PGRST127")
    assert client.rows("/log") == []


def test_a_procedure_has_no_plan(client: Client) -> None:
    assert client.error("/rpc/all_clients", Accept=JSON_PLAN) == (400, "PGRST127")


def test_a_hint_names_the_key_that_turns_plans_on(server: Server, client: Client) -> None:
    off = Client(server, client.database, {"PLAN": "false"})
    try:
        response = off.get("/project", Accept=JSON_PLAN)
        assert (response.status, response.json["code"]) == (406, "PGRST107")
        assert "AUROREST_PLAN=true" in response.json["hint"]
        assert "AUROREST_PLAN" not in off.get("/project", Accept="image/png").json["hint"]
    finally:
        off.close()
