"""Neighbouring requests of a batch that insert one row each into a table are one INSERT, with the answers of several."""

from __future__ import annotations

import random
from typing import Any

import pytest

from local.server import Server
from tests.integration.client import Client, Response

STATEMENTS = (
    """CREATE TABLE item (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, price DECIMAL(20, 10) NULL, data JSON NULL,
    UNIQUE KEY item_name (name))""",
    """CREATE TABLE part (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, item_id INT NOT NULL, label VARCHAR(40) NULL,
    FOREIGN KEY (item_id) REFERENCES item (id))""",
    "CREATE TABLE ranked (id INT NOT NULL PRIMARY KEY, place INT NULL)",
    """CREATE TRIGGER ranked_insert BEFORE INSERT ON ranked FOR EACH ROW
    SET NEW.place = (SELECT COUNT(*) FROM ranked other)""",
)


@pytest.fixture
def db(strange: Client, server: Server) -> Client:
    """Empty tables, apart from one item."""
    server.execute(
        *(f"DELETE FROM {name}" for name in ("part", "item", "ranked")),
        "INSERT INTO item (id, name) VALUES (1, 'a')",
        database=strange.database,
    )
    return strange


def post(path: str, body: object, **headers: str) -> dict[str, object]:
    return {"method": "POST", "path": path, "body": body, "headers": headers}


def inserts(response: Response) -> int:
    return sum(text.startswith("INSERT") for text in response.statements)


def test_rows_of_one_table_are_one_statement(db: Client) -> None:
    response = db.batch([post("/item", {"name": name}) for name in "bcd"])
    assert (response.status, len(response.statements)) == (200, 1), response.statements
    assert db.values("/item?select=name&order=id") == ["a", "b", "c", "d"]


@pytest.mark.parametrize("headers", [{}, {"Prefer": "return=minimal"}, {"Content-Type": "application/json"}], ids=str)
def test_each_request_has_the_answer_that_it_has_alone(db: Client, headers: dict[str, str]) -> None:
    alone = db.batch([post("/item", {"name": "b"}, **headers)]).json
    together = db.batch([post("/item", {"name": name}, **headers) for name in "cde"]).json
    assert together == 3 * alone
    assert together[0]["status"] == 201


def test_only_neighbours_with_the_same_columns_are_joined(db: Client) -> None:
    response = db.batch(
        [
            post("/item", {"name": "b", "price": 1}),
            post("/item", {"price": 2, "name": "c"}),
            post("/item", {"name": "d"}),
            {"method": "PATCH", "path": "/item?name=eq.d", "body": {"price": 3}},
            post("/item", {"name": "e"}),
        ]
    )
    assert (response.status, inserts(response)) == (200, 3), response.statements
    rows = db.rows("/item?select=name,price&order=id")
    assert [(row["name"], row["price"]) for row in rows] == [("a", None), ("b", 1), ("c", 2), ("d", 3), ("e", None)]


@pytest.mark.parametrize(
    "headers",
    [
        {"Prefer": "return=representation"},
        {"Prefer": "return=headers-only"},
        {"Prefer": "count=exact"},
        {"Prefer": "resolution=ignore-duplicates"},
        {"Accept": "application/vnd.pgrst.object+json"},
        {"If-None-Match": "*"},
    ],
    ids=str,
)
def test_requests_that_ask_for_something_about_their_row_are_not_joined(db: Client, headers: dict[str, str]) -> None:
    alone = db.batch([post("/item", {"id": 2, "name": "b"}, **headers)])
    assert alone.status == 200, alone.body
    parts = [post("/item", {"id": 3, "name": "c"}, **headers), post("/item", {"id": 4, "name": "d"}, **headers)]
    response = db.batch(parts)
    assert (response.status, inserts(response)) == (200, 2), response.statements
    assert [each["headers"].keys() for each in response.json] == 2 * [alone.json[0]["headers"].keys()]


@pytest.mark.parametrize(
    "bad, status, code",
    [
        ({"name": "b"}, 409, "23505"),
        ({"name": None}, 400, "23502"),
        ({"name": "x" * 41}, 400, "22001"),
        ({"unknown": 1}, 400, "PGRST204"),
        ({"name": {"$ref": "0.body.0.name"}}, 400, "PGRST102"),
    ],
    ids=str,
)
def test_the_request_that_fails_is_named(db: Client, bad: object, status: int, code: str) -> None:
    response = db.batch([post("/item", body) for body in ({"name": "b"}, {"name": "c"}, bad, {"name": "d"})])
    assert (response.status, response.json["code"], response.json["request"]) == (status, code, 2)
    assert db.values("/item?select=name") == ["a"]


def test_rows_may_use_values_of_earlier_answers(db: Client) -> None:
    item = post("/item?select=id", {"name": "b"}, Prefer="return=representation")
    new = {"$ref": "0.body.0.id"}
    response = db.batch(
        [item, post("/part", {"item_id": new, "label": "x"}), post("/part", {"item_id": new, "label": "y"})]
    )
    assert (response.status, inserts(response)) == (200, 2), response.statements
    assert db.rows("/part?select=label,item(name)&order=id") == [
        {"label": "x", "item": {"name": "b"}},
        {"label": "y", "item": {"name": "b"}},
    ]


def test_a_reference_to_the_answer_of_a_neighbour_works(db: Client) -> None:
    response = db.batch(
        [post("/item", {"name": "b", "price": 1}), post("/item", {"name": "c", "price": {"$ref": "0.status"}})]
    )
    assert (response.status, inserts(response)) == (200, 2), response.statements
    assert db.values("/item?select=price&name=eq.c") == [201]


def test_a_trigger_sees_the_rows_of_earlier_requests(db: Client) -> None:
    assert db.batch([post("/ranked", {"id": number}) for number in (7, 5, 6)]).status == 200
    assert db.values("/ranked?select=place&order=place") == [0, 1, 2]
    assert db.values("/ranked?select=id&order=place") == [7, 5, 6]


def test_nested_rows_and_documents_are_joined_too(db: Client) -> None:
    assert db.batch([post("/item", {"name": name, "part": [{"label": name}]}) for name in "bc"]).status == 200
    assert db.batch([post("/item", {"name": name, "data": {"n": [name]}}) for name in "de"]).status == 200
    assert db.rows("/item?select=name,data,part(label)&id=gt.1&order=name") == [
        {"name": "b", "data": None, "part": [{"label": "b"}]},
        {"name": "c", "data": None, "part": [{"label": "c"}]},
        {"name": "d", "data": {"n": ["d"]}, "part": []},
        {"name": "e", "data": {"n": ["e"]}, "part": []},
    ]


def test_a_rehearsed_batch_is_undone(db: Client) -> None:
    response = db.batch([post("/item", {"name": name}) for name in "bc"], "tx=rollback")
    assert response.status == 200
    assert db.values("/item?select=name") == ["a"]


@pytest.mark.parametrize("seed", range(6))
def test_random_batches_do_what_their_requests_do_one_after_the_other(db: Client, server: Server, seed: int) -> None:
    chance = random.Random(seed)

    def row() -> dict[str, Any]:
        given: dict[str, Any] = {"name": chance.choice("abcdefghijklmnopqrstuvwxyz")}
        if chance.random() < 0.3:
            given["price"] = chance.choice([None, 1, 2.5, "3.25", "no number"])
        return given

    for _ in range(10):
        parts = [
            {"method": "DELETE", "path": f"/item?name=eq.{row()['name']}"}
            if chance.random() < 0.2
            else post("/item", row())
            for _ in range(chance.randrange(1, 7))
        ]
        before = db.rows("/item?select=id,name,price&order=id")
        statuses, failed = [], None
        for number, part in enumerate(parts):
            answer = db.send(str(part["method"]), str(part["path"]), part.get("body"))
            statuses.append(answer.status)
            if answer.status >= 400:
                failed = (number, answer.status, answer.json)
                break
        expected = db.rows("/item?select=name,price&order=name")
        server.execute("DELETE FROM item", database=db.database)
        if before:
            assert db.send("POST", "/item", before).status == 201
        response = db.batch(parts)
        found = db.rows("/item?select=name,price&order=name")
        if failed is None:
            assert [each["status"] for each in response.json] == statuses
            assert found == expected
        else:
            number, status, body = failed
            assert (response.status, response.json) == (status, {**body, "request": number})
            assert found == sorted(
                ({"name": each["name"], "price": each["price"]} for each in before), key=lambda each: each["name"]
            )
