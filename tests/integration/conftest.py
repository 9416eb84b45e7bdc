"""Databases that reading tests share: filled once for each server, never written to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.server import Server
from tests.certificates import Authority
from tests.integration.client import Client, client_of
from tests.standin.session import StandIn, stand_in

FOLDER = Path(__file__).parent

WRITTEN = (
    "book", "author", "token", "seat", "reading", "stamped", "numbered", "slot", "amount", "document", "empty_defaults",
    "place", "padded", "part", "`odd %s name`",
)  # fmt: skip
CLEARED = (
    "UPDATE part SET whole_id = NULL",
    *(f"DELETE FROM {table}" for table in WRITTEN),
    "INSERT INTO author (id, name, email, rank_number) VALUES (1, 'Ann', 'ann@x.org', 5), (2, 'Bob', NULL, 3), (3, 'Cy', NULL, 1)",
    "INSERT INTO book (id, author_id, title, price) VALUES (1, 1, 'One', 5), (2, 1, 'Two', 20), (3, 2, 'Three', NULL)",
)
"""The state that every writing test starts from."""


def statements(name: str) -> list[str]:
    """The statements of a file in this folder; each ends with a semicolon at the end of a line."""
    return [text for text in (FOLDER / name).read_text().split(";\n") if text.strip()]


@pytest.fixture(scope="session")
def shop_databases(server: Server) -> Iterator[tuple[str, str]]:
    """The shop, and a second database that a foreign key of the first refers to."""
    with server.temporary_database() as world, server.temporary_database() as shop:
        server.execute(
            "CREATE TABLE region (code CHAR(2) NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)",
            "INSERT INTO region VALUES ('N', 'North'), ('S', 'South')",
            "CREATE TABLE customer (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)",
            "INSERT INTO customer VALUES (1, 'of the world')",
            database=world,
        )
        server.execute(
            *statements("shop.sql"),
            *statements("types.sql"),
            f"CREATE TABLE branch (id INT NOT NULL PRIMARY KEY, region CHAR(2) NULL,"
            f" CONSTRAINT branch_region FOREIGN KEY (region) REFERENCES `{world}`.region (code))",
            "INSERT INTO branch VALUES (1, 'N'), (2, 'S'), (3, NULL)",
            database=shop,
        )
        server.execute("ANALYZE TABLE customer, item, product, purchase", database=shop)
        yield shop, world


@pytest.fixture(scope="session")
def shop(server: Server, shop_databases: tuple[str, str]) -> Iterator[Client]:
    """A client of the shop."""
    client = Client(server, shop_databases[0], {"SCHEMAS": shop_databases[1]})
    yield client
    client.close()


@pytest.fixture(scope="session")
def store_database(server: Server) -> Iterator[str]:
    """A database with the tables that the writing tests change."""
    with server.temporary_database() as store:
        server.execute(*statements("writing.sql"), database=store)
        yield store


@pytest.fixture
def store(server: Server, store_database: str) -> Iterator[Client]:
    """A client of these tables, reset to three authors and three books."""
    server.execute(*CLEARED, database=store_database)
    client = Client(server, store_database)
    yield client
    client.close()


@pytest.fixture(scope="module")
def proxied(server: Server, authority: Authority) -> Iterator[StandIn]:
    """A stand-in for RDS Proxy in front of the server."""
    with stand_in(server, authority.issue("localhost")) as running:
        yield running


@pytest.fixture(scope="module")
def strange(server: Server, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of a database created by the module's `STATEMENTS`."""
    with client_of(server, *request.module.STATEMENTS) as client:
        yield client
