"""Embedding in unusual schemas: rows whose foreign key is null or refers to no row."""

from __future__ import annotations

from tests.integration.client import Client

STATEMENTS = (
    "CREATE TABLE guest (id INT NOT NULL PRIMARY KEY, place CHAR(2) NULL UNIQUE)",
    "CREATE TABLE visit (id INT NOT NULL PRIMARY KEY, place CHAR(2), nights INT, FOREIGN KEY (place) REFERENCES guest (place))",
    "INSERT INTO guest VALUES (1, 'A'), (2, 'B'), (3, NULL)",
    "INSERT INTO visit VALUES (1, 'A', 2), (2, 'A', 3)",
)


def test_an_aggregate_over_no_rows_is_the_same_for_a_null_and_a_dangling_key(strange: Client) -> None:
    assert strange.rows("/guest?select=id,visit(count(),nights.sum())&order=id") == [
        {"id": 1, "visit": [{"count": 2, "sum": 5}]},
        {"id": 2, "visit": [{"count": 0, "sum": None}]},
        {"id": 3, "visit": [{"count": 0, "sum": None}]},
    ]
