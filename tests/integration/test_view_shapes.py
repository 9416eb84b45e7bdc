"""Embeds of views over subqueries, views with two names for a key's column, and views that refer to themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

STATEMENTS = (
    "CREATE TABLE author (id INT PRIMARY KEY, name VARCHAR(20))",
    """CREATE TABLE book (id INT PRIMARY KEY, title VARCHAR(20), year INT, author_id INT,
    CONSTRAINT written_by FOREIGN KEY (author_id) REFERENCES author (id))""",
    """CREATE TABLE place (id INT PRIMARY KEY, name VARCHAR(20), within INT,
    CONSTRAINT lies_in FOREIGN KEY (within) REFERENCES place (id))""",
    "INSERT INTO author VALUES (1, 'Ann'), (2, 'Bob')",
    "INSERT INTO book VALUES (1, 'one', 1949, 1), (2, 'two', 1951, 1), (3, 'three', 1953, 2)",
    "INSERT INTO place VALUES (1, 'world', NULL), (2, 'Europe', 1), (3, 'Asia', 1), (4, 'Norway', 2)",
    "CREATE VIEW fifties AS SELECT x.* FROM (SELECT id, title, author_id FROM book WHERE year >= 1950) x",
    "CREATE VIEW odd AS WITH x AS (SELECT id, title, author_id FROM book WHERE id % 2 = 1) SELECT * FROM x",
    """CREATE VIEW productive AS SELECT a.id, a.name, s.books FROM author a
    LEFT JOIN (SELECT author_id, count(*) AS books FROM book GROUP BY author_id) s ON s.author_id = a.id""",
    "CREATE VIEW twice AS SELECT id, author_id AS writer, author_id AS editor FROM book",
    "CREATE VIEW region AS SELECT id, name, within FROM place WHERE id > 0",
    """CREATE VIEW nested AS SELECT child.id, child.name, parent.within AS beyond FROM place child
    LEFT JOIN place parent ON parent.id = child.within""",
)


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with client_of(server, *STATEMENTS) as client:
        yield client


@pytest.mark.parametrize(
    "address, rows",
    [
        ("/fifties?select=title,author(name)&order=id", [{"title": "two", "author": {"name": "Ann"}}, {"title": "three", "author": {"name": "Bob"}}]),
        ("/odd?select=title,author(name)&order=id", [{"title": "one", "author": {"name": "Ann"}}, {"title": "three", "author": {"name": "Bob"}}]),
        ("/author?select=name,fifties(title)&id=eq.1", [{"name": "Ann", "fifties": [{"title": "two"}]}]),
        ("/productive?select=name,books,book(title)&id=eq.2", [{"name": "Bob", "books": 1, "book": [{"title": "three"}]}]),
        ("/book?select=title,productive(books)&id=eq.1", [{"title": "one", "productive": {"books": 2}}]),
        ("/fifties/2?select=title", {"title": "two"}),
        ("/twice?select=id,author!writer(name)&id=eq.3", [{"id": 3, "author": {"name": "Bob"}}]),
        ("/twice?select=id,editor(name)&id=eq.3", [{"id": 3, "editor": {"name": "Bob"}}]),
        ("/author?select=name,twice!editor(id)&id=eq.1&twice.order=id", [{"name": "Ann", "twice": [{"id": 1}, {"id": 2}]}]),
        ("/region?select=name,region(name)&id=eq.2", [{"name": "Europe", "region": [{"name": "Norway"}]}]),
        ("/region?select=name,within(name)&id=eq.4", [{"name": "Norway", "within": {"name": "Europe"}}]),
        ("/region?select=name,parts:region!within(name)&id=eq.1&parts.order=id", [{"name": "world", "parts": [{"name": "Europe"}, {"name": "Asia"}]}]),
        ("/nested?select=name,beyond(name)&id=eq.4", [{"name": "Norway", "beyond": {"name": "world"}}]),
    ],
)  # fmt: skip
def test_a_view_is_embedded_by_the_keys_of_its_tables(client: Client, address: str, rows: object) -> None:
    response = client.get(address)
    assert (response.status, response.json) == (200, rows)


@pytest.mark.parametrize("address", ["/twice?select=id,author(name)", "/author?select=name,twice(id)"])
def test_two_names_for_a_keys_column_are_ambiguous(client: Client, address: str) -> None:
    response = client.get(address)
    assert (response.status, response.json["code"]) == (300, "PGRST201")
    assert {each["relationship"].partition(" using ")[0] for each in response.json["details"]} == {"written_by"}
    choices = re.findall(r"'(\w+!\w+)'", response.json["hint"])
    assert len(set(choices)) == 2
    for choice in choices:
        assert client.get(re.sub(r"(author|twice)\(", rf"{choice}(", address)).status == 200


def test_a_view_over_a_subquery_is_not_written_to(client: Client) -> None:
    assert client.request("OPTIONS", "/fifties").headers["Allow"] == "OPTIONS,GET,HEAD"
