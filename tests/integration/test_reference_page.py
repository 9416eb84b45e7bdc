"""The examples of docs/reference.md do what the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of
from tests.integration.console import blocks, page

PAGE = page("reference.md")
STATEMENTS = (
    "CREATE TABLE inventory (inventory_id INT NOT NULL PRIMARY KEY, film_id INT NOT NULL, store_id INT NOT NULL)",
    "INSERT INTO inventory VALUES (1, 1, 1), (2, 1, 1), (3, 1, 1), (4, 1, 1), (5, 1, 2), (6, 2, 1)",
    """CREATE PROCEDURE film_in_stock(IN p_film_id INT, IN p_store_id INT, OUT p_film_count INT) READS SQL DATA
       BEGIN
         SELECT inventory_id FROM inventory WHERE film_id = p_film_id AND store_id = p_store_id ORDER BY inventory_id;
         SELECT COUNT(*) FROM inventory WHERE film_id = p_film_id AND store_id = p_store_id INTO p_film_count;
       END""",
)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    (signal,) = blocks(PAGE, "sql")
    raising = f"CREATE PROCEDURE pay() NO SQL {signal.strip().removesuffix(';')}"
    with client_of(server, *STATEMENTS, raising) as client:
        client.may_pin = True
        yield client


def test_the_page_shows_what_routines_answer(client: Client) -> None:
    calls = re.findall(r"^POST /rest/v1(/rpc/\S+) +(\{.*\})\n(\{.*\})$", PAGE, re.MULTILINE)
    assert len(calls) == len(re.findall("^POST /", PAGE, re.MULTILINE)) == 1
    for address, arguments, shown in calls:
        assert client.send("POST", address, json.loads(arguments)).json == json.loads(shown)


def test_the_page_shows_how_a_routine_chooses_its_error(client: Client) -> None:
    response = client.send("POST", "/rpc/pay", {})
    assert response.status == 402
    assert response.json == {
        "code": "PT402", "message": "Payment required", "details": None, "hint": "Upgrade your plan"
    }  # fmt: skip
