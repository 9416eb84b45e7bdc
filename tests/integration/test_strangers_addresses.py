"""Row URLs and methods with unusual tables: keys with commas, tables without a key."""

from __future__ import annotations

import pytest

from tests.integration.client import Client

STATEMENTS = (
    "CREATE TABLE article (sku VARCHAR(20) NOT NULL PRIMARY KEY)",
    "INSERT INTO article VALUES ('E,5'), ('a'), (',')",
    "CREATE TABLE pair (a INT NOT NULL, b INT NOT NULL, UNIQUE KEY pair_key (a, b))",
    "CREATE TABLE loose (a INT NULL UNIQUE)",
    "CREATE VIEW counted AS SELECT COUNT(*) AS n FROM article",
)


@pytest.mark.parametrize("key", ["E,5", "E%2C5", "%22E,5%22", '"E,5"'])
def test_a_comma_in_a_single_column_key_is_part_of_the_value(strange: Client, key: str) -> None:
    assert strange.rows(f"/article/{key}") == {"sku": "E,5"}


def test_a_single_column_key_may_be_a_comma(strange: Client) -> None:
    assert strange.rows("/article/,") == {"sku": ","}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_a_refused_method_lists_the_allowed_ones(strange: Client, method: str) -> None:
    body: dict[str, int] = {"a": 1}
    response = strange.send(method, "/counted?a=eq.1" if method != "POST" else "/counted", body)
    assert (response.status, response.headers["Allow"]) == (405, "OPTIONS,GET,HEAD")
    assert response.json["hint"] == "A view is writable when each of its rows is exactly one row of one table."


def test_put_on_a_table_without_a_primary_key_suggests_an_alternative(strange: Client) -> None:
    response = strange.send("PUT", "/loose?a=eq.1", {"a": 1})
    assert (response.status, response.json["code"]) == (405, "PGRST105")
    assert response.headers["Allow"] == strange.request("OPTIONS", "/loose").headers["Allow"]
    assert "on_conflict" in response.json["hint"]
