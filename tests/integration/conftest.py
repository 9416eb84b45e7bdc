"""Databases that reading tests share: filled once for each server, never written to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.server import Server
from tests.integration.client import Client

FOLDER = Path(__file__).parent


def statements(name: str) -> list[str]:
    """Those of a file beside this one; each ends a line with its semicolon."""
    return [text for text in (FOLDER / name).read_text().split(";\n") if text.strip()]


@pytest.fixture(scope="session")
def shop_databases(server: Server) -> Iterator[tuple[str, str]]:
    """The shop, and a second database that a foreign key of the first leads to."""
    with server.temporary_database() as shop, server.temporary_database() as world:
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
