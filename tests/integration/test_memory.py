"""What a request may take in memory is bounded, and an answer that cannot leave the function is an error."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client

MAX_RESPONSE = 100_000
TABLES = (
    "CREATE TABLE parent (id INT PRIMARY KEY, filler VARCHAR(2000) NOT NULL DEFAULT '')",
    "CREATE TABLE child (id INT AUTO_INCREMENT PRIMARY KEY, parent_id INT NOT NULL, v VARCHAR(100))",
    "ALTER TABLE child ADD FOREIGN KEY (parent_id) REFERENCES parent (id)",
    "CREATE FUNCTION large() RETURNS LONGTEXT DETERMINISTIC NO SQL RETURN REPEAT('x', 200000)",
    "CREATE PROCEDURE many() READS SQL DATA SELECT c.id, c.v FROM child c",
)


@pytest.fixture(scope="module")
def family_database(server: Server) -> Iterator[str]:
    with server.temporary_database() as database:
        numbers = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900)"
        server.execute(
            *TABLES,
            f"INSERT INTO parent {numbers} SELECT i, REPEAT('y', 1000) FROM n",
            f"INSERT INTO child (parent_id, v) {numbers} SELECT 1 + i MOD 3, REPEAT('z', 90) FROM n",
            *("INSERT INTO child (parent_id, v) SELECT parent_id, v FROM child" for _ in range(3)),
            database=database,
        )
        yield database


@pytest.fixture
def client(server: Server, family_database: str) -> Iterator[Client]:
    client = Client(server, family_database, {"MAX_RESPONSE_BYTES": str(MAX_RESPONSE)})
    yield client
    client.close()


def test_rows_that_do_not_fit_together_are_cut_and_the_rest_is_linked(client: Client) -> None:
    response = client.get("/parent?order=id")
    assert response.status == 206
    assert response.next is not None
    assert [row["id"] for row in client.pages("/parent?order=id&select=id,filler")] == list(range(1, 901))


def test_rows_of_embeds_that_do_not_fit_are_an_error_with_the_way_out(client: Client) -> None:
    response = client.get("/parent?select=id,child(id,v)&id=lt.4")
    assert (response.status, response.json["code"]) == (413, "54000")
    assert "embed.limit=" in response.json["hint"]
    limited = client.rows("/parent?select=id,child(id,v)&id=lt.4&child.limit=2")
    assert [len(row["child"]) for row in limited] == [2, 2, 2]


def test_a_routines_value_or_rows_that_do_not_fit_are_an_error(client: Client) -> None:
    response = client.send("POST", "/rpc/large")
    assert (response.status, response.json["code"]) == (413, "54000")
    response = client.get("/rpc/many")
    assert (response.status, response.json["code"]) == (413, "54000")
    assert client.rows("/child?select=id&limit=1") == [{"id": 1}]  # on a new connection


@pytest.mark.parametrize(
    "address, most",
    [
        ("/parent?order=id", 3),
        # rows of 100 bytes take as much again for their tuples and keys
        ("/parent?select=id,child(id,v)&id=lt.4", 5),
    ],
)
def test_an_answer_takes_a_few_times_its_size_in_memory(
    server: Server, family_database: str, address: str, most: int
) -> None:
    client = Client(server, family_database)
    client.rows("/parent?limit=1")
    tracemalloc.start()
    response = client.get(address)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    client.close()
    assert len(response.body) > 700_000
    assert peak < most * len(response.body)
