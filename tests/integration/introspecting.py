"""Load a catalog from a test server, over a plain driver cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.catalog import Catalog, Table
from api.catalog.introspection import load_catalog
from api.statement import Statement
from local.server import Server


class CursorSession:
    """A session that records the statements it sends."""

    def __init__(self, connection: Any) -> None:
        self.cursor = connection.cursor()
        self.statements: list[str] = []

    def rows(self, statement: Statement) -> Sequence[tuple[object, ...]]:
        self.statements.append(self.cursor.mogrify(statement.text, statement.parameters))
        self.cursor.execute(self.statements[-1])
        return list(self.cursor.fetchall())


def catalog_of(server: Server, database: str, *further: str, **arguments: Any) -> Catalog:
    with server.connect(database, **arguments) as connection:
        return load_catalog(CursorSession(connection), database, further)


def table_of(server: Server, database: str, name: str) -> Table:
    return catalog_of(server, database).schemas[database].tables[name]
