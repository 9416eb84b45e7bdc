"""Values in unusual schemas: numbers in booleans, strings that are not numbers."""

from __future__ import annotations

import pytest

from local.server import Server
from tests.integration.client import Client

STATEMENTS = (
    "CREATE TABLE task (id INT NOT NULL PRIMARY KEY, done TINYINT(1) NULL, name VARCHAR(20) NOT NULL, KEY (done))",
    "INSERT INTO task VALUES (1, 1, '12'), (2, 0, 'many'), (3, NULL, '3'), (4, 5, '-4'), (5, -128, '5'), (6, 0, '6')",
    "CREATE TABLE flag (k TINYINT(1) NOT NULL, n INT NOT NULL, PRIMARY KEY (k, n))",
    "INSERT INTO flag VALUES (0, 1), (1, 1), (5, 1), (1, 2)",
    "CREATE TABLE note (id INT NOT NULL PRIMARY KEY, body VARCHAR(2000) COLLATE utf8mb4_general_ci NOT NULL)",
    "INSERT INTO note VALUES (1, CONCAT(REPEAT('x', 600), 'd')), (2, CONCAT(REPEAT('x', 600), 'b')), (3, 'a'), (4, 'z')",
    "CREATE TABLE book (id INT NOT NULL PRIMARY KEY, content LONGTEXT NOT NULL)",
    "INSERT INTO book VALUES (1, REPEAT('x', 1000000)), (2, REPEAT('a', 1000000))",
)


@pytest.mark.parametrize(
    "condition, found",
    [
        ("done=eq.true", [1, 4, 5]),
        ("done=neq.false", [1, 4, 5]),
        ("done=is.true", [1, 4, 5]),
        ("done=in.(true)", [1, 4, 5]),
        ("done=gt.false", [1, 4, 5]),
        ("done=lt.true", [2, 6]),
        ("done=eq.false", [2, 6]),
        ("done=not.eq.true", [2, 6]),
        ("done=isdistinct.true", [2, 3, 6]),
        ("done=in.(true,false)", [1, 2, 4, 5, 6]),
    ],
)
def test_a_nonzero_boolean_is_shown_and_found_as_true(strange: Client, condition: str, found: list[int]) -> None:
    assert strange.values(f"/task?select=id&order=id&{condition}") == found


def test_rows_are_grouped_and_counted_by_the_shown_boolean(strange: Client) -> None:
    assert strange.rows("/task?select=done,count()&order=done") == [
        {"done": False, "count": 2},
        {"done": True, "count": 3},
        {"done": None, "count": 1},
    ]
    assert strange.rows("/task?select=done.min(),done.max()&done=not.is.null") == [{"min": False, "max": True}]


@pytest.mark.parametrize("order", ["done", "done.desc", "done.nullsfirst", "done.desc.nullslast"])
def test_pages_ordered_by_a_boolean_contain_each_row_once(strange: Client, order: str) -> None:
    shown = strange.values(f"/task?select=id&order={order},id")
    assert [row["id"] for row in strange.pages(f"/task?select=id&order={order},id&limit=2")] == shown
    assert sorted(shown) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("order", ["k", "n", "n.desc"])
def test_pages_of_a_table_with_a_boolean_key_contain_each_row_once(strange: Client, order: str) -> None:
    assert len(strange.pages(f"/flag?order={order}&limit=1")) == 4


@pytest.mark.parametrize("to", ["int", "numeric", "float8", "bool", "date", "timestamp", "json"])
def test_the_error_for_an_invalid_cast_is_about_the_cast(strange: Client, to: str) -> None:
    response = strange.get(f"/task?select=name::{to}")
    assert (response.status, response.json["code"]) == (400, "22P02")
    assert "JSON_" not in response.json["message"].upper()
    assert "uuid" not in response.json["message"]
    assert response.json["hint"] == "Filter such rows out, or select the column without the cast."


def test_pages_ordered_by_long_strings_with_a_common_prefix_contain_each_row_once(strange: Client) -> None:
    shown = strange.values("/note?select=id&order=body&limit=10")
    assert sorted(shown) == [1, 2, 3, 4]
    assert [row["id"] for row in strange.pages("/note?select=id&order=body&limit=1")] == shown


def test_ordering_by_values_too_long_to_sort_is_a_clear_error(strange: Client, server: Server) -> None:
    if server.kind == "mariadb":
        assert strange.values("/book?select=id&order=content") == [2, 1]
    else:
        assert strange.error("/book?select=id&order=content") == (413, "54000")
