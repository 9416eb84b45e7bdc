"""The sample database, as `make serve` fills it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from local.server import Server
from local.world.load import SCHEMA, load
from migrator.files import load as read_migrations
from migrator.run import migrate


@contextmanager
def sample_tables(server: Server, name: str | None = None) -> Iterator[str]:
    """The name of a new database with the sample's tables, empty but for the notes; it is dropped afterwards."""
    with server.temporary_database(name) as database:
        with closing(server.connect(database)) as connection:
            migrate(connection, database, read_migrations(SCHEMA), series="world")
        yield database


@contextmanager
def sample_database(server: Server, name: str | None = None) -> Iterator[str]:
    """The name of a new database with the sample's tables and rows; it is dropped afterwards."""
    with sample_tables(server, name) as database:
        with closing(server.connect(database)) as connection:
            load(connection, lambda _: None)
        yield database
