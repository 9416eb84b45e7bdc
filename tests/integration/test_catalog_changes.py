"""The catalog is kept while nothing changes, and every change of the schema makes a new one after the maximum age."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

import pytest

from api.catalog import Catalog
from api.catalog.introspection.changes import Counted
from api.catalog.source import LOADED_ANYWAY, CatalogSource, application_catalogs
from api.database import Database
from api.errors import ApiError, codes
from api.settings import Settings
from local.server import Server
from migrator.row_security import RowSecurity

SCHEMA = (
    "CREATE TABLE parent (id INT NOT NULL PRIMARY KEY)",
    "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT NOT NULL, b VARCHAR(9) NULL, parent_id INT NULL)",
    "CREATE VIEW v AS SELECT id, a FROM t",
    "CREATE FUNCTION f(x INT) RETURNS INT NO SQL DETERMINISTIC RETURN x",
    "CREATE PROCEDURE alters() ALTER TABLE t COMMENT = 'by a procedure'",
)
CHANGES = {
    "table": "CREATE TABLE new (id INT PRIMARY KEY)",
    "table dropped": "DROP TABLE parent",
    "table renamed": "RENAME TABLE parent TO other",
    "table comment": "ALTER TABLE t COMMENT = 'x'",
    "column added": "ALTER TABLE t ADD c INT",
    "column renamed": "ALTER TABLE t RENAME COLUMN a TO c",
    "column type": "ALTER TABLE t MODIFY a BIGINT NOT NULL",
    "column default": "ALTER TABLE t ALTER a SET DEFAULT 5",
    "column comment": "ALTER TABLE t MODIFY a INT NOT NULL COMMENT 'x'",
    "index": "CREATE UNIQUE INDEX i ON t (a)",
    "index by alter": "ALTER TABLE t ADD UNIQUE (a)",
    "foreign key": "ALTER TABLE t ADD FOREIGN KEY (parent_id) REFERENCES parent (id)",
    "view": "CREATE OR REPLACE VIEW v AS SELECT id, b FROM t",
    "view altered": "ALTER VIEW v AS SELECT id FROM t",
    "view dropped": "DROP VIEW v",
    "routine": "CREATE PROCEDURE p() SELECT 1",
    "routine comment": "ALTER FUNCTION f COMMENT 'x'",
    "routine dropped": "DROP FUNCTION f",
    "trigger": "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1",
    "inside a routine": "CALL alters()",
}


@dataclass
class Watched:
    """A source of catalogs whose maximum age has passed at every use, and what it loaded."""

    source: CatalogSource
    statements: list[str] = field(default_factory=list)

    def current(self) -> tuple[Catalog, int]:
        """The catalog, and how many statements it took to have it."""
        self.statements.clear()
        self.source._checked_at -= 3600
        return self.source.current(), len(self.statements)


@pytest.fixture
def watched(server: Server, database: str) -> Iterator[Watched]:
    server.execute(*SCHEMA, database=database)
    settings = Settings.from_environment(
        {"AUROREST_DATABASE_URL": server.url(database), "AUROREST_CATALOG_MAX_AGE_SECONDS": "3000"}
    )
    statements: list[str] = []
    with closing(Database(settings, observe=lambda text, _: statements.append(text))) as connected:
        yield Watched(application_catalogs(connected, settings), statements)


def settle(watched: Watched) -> Catalog:
    """The catalog once nothing changes any more, as it is after two loads."""
    for _ in range(4):
        catalog, _ = watched.current()
        if watched.current()[0] is catalog:
            return catalog
    raise AssertionError("it is loaded again and again")


def test_while_nothing_changes_a_few_statements_are_enough(watched: Watched) -> None:
    catalog = settle(watched)
    again, statements = watched.current()
    assert again is catalog
    assert statements == 3


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_makes_a_new_catalog(watched: Watched, server: Server, database: str, change: str) -> None:
    catalog = settle(watched)
    server.execute(change, database=database)
    changed, _ = watched.current()
    assert changed is not catalog
    assert changed.schemas != catalog.schemas


def test_a_privilege_makes_a_new_catalog(watched: Watched, server: Server, database: str) -> None:
    catalog = settle(watched)
    server.execute(f"CREATE USER 'changes_{database[-8:]}'", database=database)
    try:
        after_user, _ = watched.current()
        assert after_user is not catalog
        settled = settle(watched)
        server.execute(f"GRANT SELECT ON t TO 'changes_{database[-8:]}'", database=database)
        assert watched.current()[0] is not settled
        settled = settle(watched)
        server.execute(f"REVOKE SELECT ON t FROM 'changes_{database[-8:]}'", database=database)
        assert watched.current()[0] is not settled
    finally:
        server.execute(f"DROP USER 'changes_{database[-8:]}'")


def test_a_change_that_was_counted_before_it_ended_is_seen_at_the_next_check(
    watched: Watched, server: Server, database: str
) -> None:
    catalog = settle(watched)
    server.execute("ALTER TABLE t ADD c INT", database=database)
    changed, _ = watched.current()
    assert changed is not catalog
    assert watched.current()[0] is not changed  # once more
    assert settle(watched).schemas == changed.schemas


def test_it_is_loaded_anyway_from_time_to_time(watched: Watched) -> None:
    catalog = settle(watched)
    watched.source._loaded_at -= 3000 * LOADED_ANYWAY
    assert watched.current()[0] is not catalog


def test_a_restart_of_the_server_makes_a_new_catalog(watched: Watched) -> None:
    catalog = settle(watched)
    counted = watched.source._counted
    assert counted is not None
    watched.source._counted = replace(counted, started=counted.started - 600)
    assert watched.current()[0] is not catalog


def test_a_policy_makes_a_new_catalog(watched: Watched, server: Server, database: str) -> None:
    with closing(server.connect(database)) as connection:
        RowSecurity(connection, database).create()
        catalog = settle(watched)
        server.execute(
            "INSERT INTO aurorest_policies (table_name, policy_name, permissive, roles) VALUES ('t', '', TRUE, '[]')",
            database=database,
        )
        assert watched.current()[0].schemas[database].tables["t"].policies == ()
    assert catalog.schemas[database].tables["t"].policies is None


def test_without_the_writer_the_catalog_is_read_where_it_can_be(watched: Watched) -> None:
    catalog = settle(watched)

    def unreachable() -> Counted:
        raise ApiError(codes.CONNECTION_FAILURE, "no writer")

    watched.source._count = unreachable
    first, second = watched.current()[0], watched.current()[0]
    assert catalog is not first is not second
    assert first.schemas == catalog.schemas
