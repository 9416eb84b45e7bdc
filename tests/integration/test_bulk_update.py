"""PATCH with an array: each row gets its own values, on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from local.server import Server
from tests.integration.client import Client, Response, client_of
from tests.integration.protecting import protect

STATEMENTS = (
    """CREATE TABLE item (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL, price DECIMAL(6, 2) NULL,
    stock INT NOT NULL DEFAULT 7, data JSON NULL, at DATETIME(3) NULL, flag TINYINT(1) NULL, bytes VARBINARY(9) NULL,
    spot POINT NULL, mask BIT(5) NULL, days SET('mo', 'tu') NULL, rate DOUBLE NULL,
    twice DECIMAL(8, 2) GENERATED ALWAYS AS (price * 2) STORED)""",
    "CREATE TABLE word (word VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY, meaning VARCHAR(50) NULL)",
    "CREATE TABLE seat (hall VARCHAR(9) NOT NULL, number INT NOT NULL, guest VARCHAR(9) NULL, PRIMARY KEY (hall, number))",
    "CREATE TABLE log (word VARCHAR(20) NULL)",
    "CREATE TABLE tag (label VARCHAR(20) NULL, code INT NOT NULL, UNIQUE KEY tag_code (code))",
    "CREATE VIEW cheap AS SELECT id, name, price FROM item WHERE price < 10 WITH CHECK OPTION",
)


@pytest.fixture
def bulk(strange: Client, server: Server) -> Client:
    """The tables with three rows each."""
    server.execute(
        *(f"DELETE FROM {table}" for table in ("item", "word", "seat", "tag")),
        "INSERT INTO item (id, name, price) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)",
        "INSERT INTO word VALUES ('Ant', 'x'), ('Bee', 'y'), ('Cow', 'z')",
        "INSERT INTO seat VALUES ('a', 1, NULL), ('a', 2, NULL), ('b', 1, NULL)",
        "INSERT INTO tag VALUES ('x', 1), ('y', 2)",
        database=strange.database,
    )
    return strange


def prices(client: Client) -> Any:
    return client.values("/item?select=price&order=id")


def updates(response: Response) -> int:
    return sum(text.startswith("UPDATE") for text in response.statements)


def test_each_row_gets_its_own_values_by_one_statement(bulk: Client) -> None:
    rows = [{"id": 3, "price": 30.5, "name": "not written"}, {"id": 1, "price": None}]
    response = bulk.send("PATCH", "/item?columns=price", rows)
    assert (response.status, response.body, response.headers["Content-Range"]) == (204, b"", "0-1/*")
    assert updates(response) == 1
    assert bulk.rows("/item?select=name,price&order=id") == [
        {"name": "a", "price": None}, {"name": "b", "price": 2.00}, {"name": "c", "price": 30.50},
    ]  # fmt: skip


def test_without_columns_every_key_of_the_rows_is_written(bulk: Client) -> None:
    rows = [{"id": 1, "price": 5, "stock": 1}, {"id": 2, "price": 6, "stock": 2}]
    response = bulk.send("PATCH", "/item?select=id,price,stock", rows, "return=representation")
    assert response.status == 200
    assert response.json == [{"id": 1, "price": 5.00, "stock": 1}, {"id": 2, "price": 6.00, "stock": 2}]


def test_rows_are_returned_in_the_order_they_were_sent_or_as_requested(bulk: Client) -> None:
    rows = [{"id": 2, "price": 6}, {"id": 3, "price": 5}, {"id": 1, "price": 7}]
    shown = bulk.send("PATCH", "/item?select=id", rows, "return=representation")
    assert [row["id"] for row in shown.json] == [2, 3, 1]
    shown = bulk.send("PATCH", "/item?select=id&order=price", rows, "return=representation")
    assert [row["id"] for row in shown.json] == [3, 2, 1]


def test_missing_keys_are_reported_and_nothing_is_changed(bulk: Client) -> None:
    rows = [{"id": number, "price": 9} for number in (1, 77, 2, 88)]
    response = bulk.send("PATCH", "/item?columns=price", rows)
    assert (response.status, response.json["code"]) == (404, "PGRST116")
    assert response.json["message"] == "2 of the rows to change do not exist in 'item'"
    assert response.json["details"] == "No row has the key (id) = (77), (88). Nothing was changed."
    assert prices(bulk) == [1.00, 2.00, 3.00]


def test_many_missing_keys_are_counted_and_the_first_are_listed(bulk: Client) -> None:
    rows = [{"word": f"w{number}", "meaning": "m"} for number in range(900)]
    response = bulk.send("PATCH", "/word", rows)
    assert response.json["message"].startswith("900 of the rows")
    assert "(w19) and 880 more" in response.json["details"]


@pytest.mark.parametrize("rows", [[{"id": 1, "price": 5}, {"id": "1", "price": 6}], [{"id": 1, "price": 5}] * 2])
def test_the_same_key_twice_is_refused(bulk: Client, rows: list[object]) -> None:
    response = bulk.send("PATCH", "/item", rows)
    assert (response.status, response.json["code"]) == (400, "21000")
    assert prices(bulk) == [1.00, 2.00, 3.00]


def test_keys_are_compared_by_the_collation_of_their_column(bulk: Client) -> None:
    rows = [{"word": "ANT", "meaning": "1"}, {"word": "bee ", "meaning": "2"}, {"word": "Cow", "meaning": "3"}]
    response = bulk.send("PATCH", "/word", rows, "return=representation")
    assert response.json == [{"word": word, "meaning": m} for word, m in (("Ant", "1"), ("Bee", "2"), ("Cow", "3"))]
    assert updates(response) == 1
    twice = bulk.send("PATCH", "/word", [{"word": "ant", "meaning": "4"}, {"word": "ANT", "meaning": "5"}])
    assert (twice.status, twice.json["code"]) == (400, "21000")
    missing = bulk.send("PATCH", "/word", [{"word": "bee", "meaning": "4"}, {"word": "dog", "meaning": "5"}])
    assert missing.json["details"].startswith("No row has the key (word) = (dog).")
    assert bulk.values("/word?select=meaning&order=word") == ["1", "2", "3"]


def test_a_composite_key_is_compared_as_a_whole(bulk: Client) -> None:
    rows = [{"hall": "b", "number": 1, "guest": "Di"}, {"hall": "a", "number": 2, "guest": "Ed"}]
    assert bulk.send("PATCH", "/seat", rows).status == 204
    assert bulk.values("/seat?select=guest&order=hall,number") == [None, "Ed", "Di"]
    response = bulk.send("PATCH", "/seat", [{"hall": "b", "number": 2, "guest": "x"}])
    assert response.json["details"].startswith("No row has the key (hall, number) = (b, 2).")


def test_a_unique_key_identifies_the_rows_of_a_table_without_a_primary_key(bulk: Client) -> None:
    assert bulk.send("PATCH", "/tag", [{"code": 2, "label": "new"}, {"code": 1, "label": "old"}]).status == 204
    assert bulk.values("/tag?select=label&order=code") == ["old", "new"]


def test_a_table_without_a_key_is_refused(bulk: Client) -> None:
    response = bulk.send("PATCH", "/log", [{"word": "a"}])
    assert (response.status, response.json["code"]) == (400, "PGRST127")


@pytest.mark.parametrize("row", [{"price": 5}, {"id": None, "price": 5}])
def test_a_row_without_its_key_is_refused(bulk: Client, row: object) -> None:
    response = bulk.send("PATCH", "/item?columns=price", [{"id": 1, "price": 5}, row])
    assert (response.status, response.json["code"]) == (400, "PGRST102")
    assert response.json["details"] == "Element 1 of the array has no value for 'id'."


@pytest.mark.parametrize(
    "address,code",
    [
        ("/item?id=gt.0", "PGRST102"),
        ("/item?limit=1", "PGRST100"),
        ("/item?offset=1", "PGRST100"),
        ("/item?columns=id,nothing", "PGRST204"),
        ("/item?columns=twice", "428C9"),
        ("/item/1", "PGRST102"),
    ],
)
def test_what_an_array_cannot_be_combined_with_is_refused(bulk: Client, address: str, code: str) -> None:
    rows = [{"id": 1, "price": 5, "twice": 1}, {"id": 2, "price": 6, "twice": 1}]
    response = bulk.send("PATCH", address, rows)
    assert (response.status, response.json["code"]) == (400, code)
    assert prices(bulk) == [1.00, 2.00, 3.00]


def test_one_object_in_an_array_with_a_filter_changes_the_matching_rows(bulk: Client) -> None:
    assert bulk.send("PATCH", "/item?id=gt.1", [{"price": 4}]).headers["Content-Range"] == "0-1/*"
    assert prices(bulk) == [1.00, 4.00, 4.00]


def test_an_empty_array_changes_nothing(bulk: Client) -> None:
    assert bulk.send("PATCH", "/item", []).status == 204
    assert bulk.send("PATCH", "/item", [], "return=representation").json == []
    assert bulk.send("PATCH", "/item", [{"id": 1}, {"id": 2}]).headers["Content-Range"] == "*/*"


def test_absent_values_are_null_or_their_default(bulk: Client) -> None:
    rows = [{"id": 1, "name": "A", "stock": 1}, {"id": 2, "name": "B"}, {"id": 3, "stock": 3}]
    refused = bulk.send("PATCH", "/item", rows)
    assert (refused.status, refused.json["code"]) == (400, "PGRST102")
    refused = bulk.send("PATCH", "/item?columns=stock", rows)
    assert (refused.status, refused.json["code"]) == (400, "23502")
    response = bulk.send("PATCH", "/item?columns=stock,price", rows, "missing=default")
    assert (response.status, updates(response)) == (204, 2)
    assert bulk.rows("/item?select=name,stock,price&order=id") == [
        {"name": "a", "stock": 1, "price": None}, {"name": "b", "stock": 7, "price": None},
        {"name": "c", "stock": 3, "price": None},
    ]  # fmt: skip


def test_values_of_every_kind_arrive_as_they_were_sent(bulk: Client) -> None:
    rows: list[dict[str, object]] = [
        {
            "id": 1, "name": "it's \\ ü", "price": 9.99, "stock": -5, "data": {"a": [1, 12345678901234567890], "b": "x"},
            "at": "2024-01-02T03:04:05.678", "flag": True, "bytes": "AP8=", "mask": 21, "days": ["mo"], "rate": 1e-300,
            "spot": {"type": "Point", "coordinates": [1, 2]},
        },
        {
            "id": 2, "name": "", "price": None, "stock": 2147483647, "data": "text", "at": None, "flag": None,
            "bytes": None, "mask": 0, "days": [], "rate": 5, "spot": None,
        },
        {
            "id": 3, "name": "%s", "price": -0.01, "stock": 0, "data": None, "at": "0999-12-31T00:00:00.000",
            "flag": False, "bytes": "", "mask": None, "days": None, "rate": None,
            "spot": {"type": "Point", "coordinates": [-1, 0]},
        },
    ]  # fmt: skip
    names = ",".join(rows[0])
    response = bulk.send("PATCH", f"/item?select={names}", rows, "return=representation")
    assert response.status == 200, response.body
    assert response.json == rows
    assert updates(response) == 1
    assert "12345678901234567890" in response.body.decode()


def test_rows_that_do_not_fit_into_one_statement_take_as_few_as_fit(bulk: Client, server: Server) -> None:
    values = ",".join(f"({number},'n')" for number in range(1000, 3000))
    server.execute(f"INSERT INTO item (id, name) VALUES {values}", database=bulk.database)
    rows = [{"id": number, "price": number % 97, "name": f"n{number}"} for number in range(1000, 3000)]
    response = bulk.send("PATCH", "/item", rows, "count=exact")
    assert (response.status, response.headers["Content-Range"]) == (204, "0-1999/2000")
    lengths = [len(text) for text in response.statements if text.startswith("UPDATE")]
    assert min(lengths[:-1]) > 15_000, lengths
    assert bulk.values("/item?select=name&price=eq.5&id=gte.1000&order=id") == [
        f"n{number}" for number in range(1000, 3000) if number % 97 == 5
    ]


def test_a_long_value_has_a_separate_statement(bulk: Client, server: Server) -> None:
    server.execute("ALTER TABLE word MODIFY meaning MEDIUMTEXT", database=bulk.database)
    client = Client(server, bulk.database, may_pin=True)
    rows = [{"word": "Ant", "meaning": "x" * 20_000}, {"word": "Bee", "meaning": "y" * 100}]
    assert client.send("PATCH", "/word", rows).status == 204
    client.close()
    assert [len(text) for text in bulk.values("/word?select=meaning&order=word")] == [20_000, 100, 1]


def test_the_preferences_of_a_write_apply(bulk: Client) -> None:
    rows = [{"id": 1, "price": 5}, {"id": 2, "price": 6}]
    assert bulk.send("PATCH", "/item", rows, "tx=rollback").status == 204
    refused = bulk.send("PATCH", "/item", rows, "handling=strict, max-affected=1")
    assert (refused.status, refused.json["code"]) == (400, "PGRST124")
    assert prices(bulk) == [1.00, 2.00, 3.00]
    single = bulk.send("PATCH", "/item", rows[:1], Accept="application/vnd.pgrst.object+json")
    assert single.status == 204
    assert prices(bulk) == [5.00, 2.00, 3.00]


def test_csv_changes_rows_too(bulk: Client) -> None:
    response = bulk.request("PATCH", "/item", {"Content-Type": "text/csv"}, b"id,price\n1,5\n3,NULL\n")
    assert response.status == 204
    assert prices(bulk) == [5.00, 2.00, None]


def test_a_view_changes_the_rows_of_its_table(bulk: Client) -> None:
    assert bulk.send("PATCH", "/cheap", [{"id": 1, "price": 9}, {"id": 2, "price": 8}]).status == 204
    refused = bulk.send("PATCH", "/cheap", [{"id": 1, "price": 1}, {"id": 2, "price": 80}])
    assert (refused.status, refused.json["code"]) == (400, "44000")
    assert prices(bulk) == [9.00, 8.00, 3.00]


def test_a_value_that_the_server_refuses_undoes_all_rows(bulk: Client, server: Server) -> None:
    server.execute("ALTER TABLE item ADD CONSTRAINT stock_low CHECK (stock < 100)", database=bulk.database)
    try:
        response = bulk.send("PATCH", "/item", [{"id": 1, "stock": 1}, {"id": 2, "stock": 100}])
        assert (response.status, response.json["code"]) == (400, "23514")
        assert bulk.values("/item?select=stock") == [7, 7, 7]
    finally:
        server.execute("ALTER TABLE item DROP CONSTRAINT stock_low", database=bulk.database)


POLICIES = ("ALTER TABLE note ENABLE ROW LEVEL SECURITY", "CREATE POLICY own ON note USING (owner = auth.uid())")
OF_FRIENDS = "CREATE POLICY own ON note USING (owner IN (SELECT name FROM friend WHERE friend_of = auth.uid()))"


@pytest.fixture(scope="module")
def protected(server: Server) -> Iterator[Client]:
    with client_of(
        server,
        "CREATE TABLE note (id INT NOT NULL PRIMARY KEY, owner VARCHAR(20) NOT NULL, text VARCHAR(20) NULL)",
        "CREATE TABLE friend (name VARCHAR(20) NOT NULL, friend_of VARCHAR(20) NOT NULL)",
        "INSERT INTO friend VALUES ('ann', 'ann')",
        claims={"sub": "ann"},
    ) as client:
        yield client


@pytest.mark.parametrize("policy", [POLICIES[1], OF_FRIENDS], ids=["direct", "subquery"])
def test_policies_hide_rows_and_check_what_is_stored(protected: Client, server: Server, policy: str) -> None:
    protect(protected, (POLICIES[0], policy))
    server.execute(
        "DELETE FROM note",
        "INSERT INTO note VALUES (1, 'ann', 'a'), (2, 'bob', 'b'), (3, 'ann', 'c')",
        database=protected.database,
    )
    hidden = protected.send("PATCH", "/note", [{"id": 1, "text": "x"}, {"id": 2, "text": "y"}])
    assert hidden.status == 404
    assert hidden.json["details"].startswith("No row has the key (id) = (2).")
    given_away = protected.send("PATCH", "/note", [{"id": 1, "owner": "ann"}, {"id": 3, "owner": "bob"}])
    assert (given_away.status, given_away.json["code"]) == (403, "42501")
    assert protected.send("PATCH", "/note", [{"id": 1, "text": "x"}, {"id": 3, "text": "z"}]).status == 204
    with closing(server.connect(protected.database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT owner, text FROM note ORDER BY id")
        assert cursor.fetchall() == (("ann", "x"), ("bob", "b"), ("ann", "z"))
