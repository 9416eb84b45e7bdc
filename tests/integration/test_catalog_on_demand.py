"""Loading reads the rows of every table; tables, views and relationships are made of them when a request needs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from unittest import mock

import pytest

from api.catalog import Kind, Table
from api.catalog.introspection import load_catalog, tables, view_definition
from api.catalog.introspection.keys import Keys
from api.catalog.introspection.view_columns import View
from api.catalog.source import application_catalogs
from api.database import Database
from api.service import Service
from api.settings import Settings
from local.server import Server
from tests.integration.introspecting import CursorSession, catalog_of, table_of

TABLES = (
    "CREATE TABLE customer (id INT PRIMARY KEY, name VARCHAR(20))",
    "CREATE TABLE purchase (id INT PRIMARY KEY, customer_id INT, FOREIGN KEY (customer_id) REFERENCES customer (id))",
    "CREATE VIEW buyer AS SELECT id, name FROM customer",
    "CREATE FUNCTION twice (n INT) RETURNS INT NO SQL RETURN 2 * n",
    *(f"CREATE TABLE other{number} (id INT PRIMARY KEY, word VARCHAR(20))" for number in range(10)),
)


@contextmanager
def made_tables() -> Iterator[list[str]]:
    """The names of the tables and views that are made during a `with` block."""
    made: list[str] = []
    base_table, view = tables.Database.base_table, tables.Database.view

    def make_table(database: tables.Database, name: str, keys: Keys) -> Table:
        made.append(name)
        return base_table(database, name, keys)

    def make_view(database: tables.Database, name: str) -> View:
        made.append(name)
        return view(database, name)

    with (
        mock.patch.object(tables.Database, "base_table", make_table),
        mock.patch.object(tables.Database, "view", make_view),
    ):
        yield made


@pytest.fixture
def service(server: Server, database: str) -> Iterator[Service]:
    server.execute(*TABLES, database=database)
    settings = Settings.from_environment({"AUROREST_DATABASE_URL": server.url(database)})
    with closing(Database(settings)) as connected:
        yield Service(settings, connected)


def test_loading_takes_seven_statements(server: Server, database: str) -> None:
    """docs/scaling.md names the number: each is a round trip of a cold start."""
    server.execute(*TABLES, database=database)
    settings = Settings.from_environment({"AUROREST_DATABASE_URL": server.url(database)})
    sent: list[str] = []
    with closing(Database(settings, observe=lambda text, _: sent.append(text))) as connected:
        application_catalogs(connected, settings).current()
    assert len(sent) == 7


def test_a_request_makes_the_tables_that_it_names(service: Service) -> None:
    with made_tables() as made:
        assert service.rest("GET", "/other7", "word=eq.a", {}, b"").status == 200
        # To see whether policies are readable, the first table of a database is made; here a view, and its table.
        assert sorted(made) == ["buyer", "customer", "other7"]
        assert service.rest("GET", "/buyer", "select=id,purchase(id)", {}, b"").status == 200
        assert service.rest("GET", "/purchase", "select=id,customer(name)", {}, b"").status == 200
        assert service.rest("POST", "/rpc/twice", "", {"content-type": "application/json"}, b'{"n":1}').body == b"2"
    assert sorted(made) == ["buyer", "customer", "other7", "purchase"]


def test_an_unknown_name_makes_only_the_tables_that_are_like_it(service: Service) -> None:
    service.rest("GET", "/purchase", "", {}, b"")
    with made_tables() as made:
        answer = service.rest("GET", "/purchases", "", {}, b"")
        assert json.loads(answer.body)["hint"].endswith(".purchase'")
        answer = service.rest("POST", "/rpc/twise", "", {}, b"")
        assert json.loads(answer.body)["hint"] == "Perhaps you meant 'twice'."
    assert {*made} <= {"buyer", "customer", "purchase"}


def test_a_view_is_parsed_when_it_is_needed(server: Server, database: str) -> None:
    server.execute(*TABLES, database=database)
    with mock.patch.object(view_definition, "read_view", side_effect=view_definition.read_view) as parsed:
        catalog = catalog_of(server, database)
        assert catalog.schemas[database].tables["purchase"].primary_key == ("id",)
        assert not parsed.called
        assert catalog.schemas[database].tables["buyer"].primary_key == ("id",)
        assert parsed.call_count == 1


def test_the_catalog_is_the_schema_of_the_moment_when_it_was_loaded(server: Server, database: str) -> None:
    server.execute(*TABLES, database=database)
    with server.connect(database) as connection:
        session = CursorSession(connection)
        catalog = load_catalog(session, database, ())
        server.execute(
            "DROP TABLE purchase",
            "DROP FUNCTION twice",
            "ALTER TABLE customer RENAME COLUMN name TO title, COMMENT 'later'",
            "CREATE OR REPLACE VIEW buyer AS SELECT title FROM customer",
            "CREATE TABLE later (id INT PRIMARY KEY)",
            database=database,
        )
        sent = len(session.statements)
        schema = catalog.schemas[database]
        assert "later" not in schema.tables
        assert [*schema.tables["customer"].by_name] == ["id", "name"] == [*schema.tables["buyer"].by_name]
        assert schema.tables["customer"].comment == ""
        assert schema.tables["purchase"].foreign_keys[0].referenced.name == "customer"
        assert [each.name for each in schema.routines["twice"].taken] == ["n"]
        assert {key.name for key in catalog.relationships} == {"buyer", "customer", "purchase"}
        assert len(session.statements) == sent


COMMENTS = (r"", r"INVISIBLE", r"a\0b", r"\0", r"3\05\0\n\0", "\N{SNOWMAN} enum(?)")


@pytest.mark.parametrize("comment", COMMENTS)
@pytest.mark.parametrize("default", [None, "", r"x\0y", r"\0", "3"])
def test_any_text_can_be_in_comments_defaults_and_members(
    server: Server, database: str, comment: str, default: str | None
) -> None:
    """The server sends them in one string with the other parts of a column."""
    written = "" if default is None else f"DEFAULT '{default}'"
    server.execute(
        f"CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20) {written} COMMENT '{comment}', "
        rf"e ENUM('a\0b','\0','c') NOT NULL COMMENT '{comment}')",
        database=database,
    )
    _, text, enum = table_of(server, database, "t").columns
    expected = comment.replace(r"\0", "\0").replace(r"\n", "\n")
    assert (text.name, text.comment, enum.name, enum.comment) == ("a", expected, "e", expected)
    assert text.default == (None if default is None else default.replace(r"\0", "\0"))
    assert (text.type.kind, text.type.length) == (Kind.TEXT, 20)
    assert (enum.type.kind, enum.type.members, enum.default) == (Kind.ENUM, ("a\0b", "\0", "c"), None)


def test_a_foreign_key_to_an_invisible_column_is_left_out(server: Server, database: str) -> None:
    server.execute(
        "CREATE TABLE parent (id INT AUTO_INCREMENT INVISIBLE PRIMARY KEY, name VARCHAR(20))",
        "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parent (id))",
        database=database,
    )
    catalog = catalog_of(server, database)
    assert catalog.schemas[database].tables["child"].foreign_keys == ()
    assert catalog.relationships == {}


def test_an_account_that_may_not_see_a_referenced_column_gets_its_documents(server: Server, database: str) -> None:
    server.execute(*TABLES, database=database)
    user = f"partly_{database[-8:]}"
    server.execute(
        f"CREATE USER '{user}'@'%' IDENTIFIED BY 'secret'",
        f"GRANT SELECT (name) ON `{database}`.customer TO '{user}'@'%'",
        f"GRANT SELECT ON `{database}`.purchase TO '{user}'@'%'",
    )
    url = server.url(database).replace("mysql://root:p%40ss%2Fword@", f"mysql://{user}:secret@")
    settings = Settings.from_environment({"AUROREST_DATABASE_URL": url})
    try:
        with closing(Database(settings)) as connected:
            service = Service(settings, connected)
            assert service.document("", {}, "").status == 200
            answer = service.rest("GET", "/purchase", "select=id,customer(name)", {}, b"")
            assert (answer.status, json.loads(answer.body)["code"]) == (400, "PGRST200")
    finally:
        server.execute(f"DROP USER '{user}'@'%'")


def test_a_view_shows_the_uuids_that_a_foreign_key_stores(server: Server, database: str) -> None:
    server.execute(
        "CREATE TABLE parent (id BINARY(16) PRIMARY KEY COMMENT '@uuid(swap)')",
        "CREATE TABLE child (id BINARY(16) PRIMARY KEY, FOREIGN KEY (id) REFERENCES parent (id))",
        "CREATE TABLE grandchild (id BINARY(16) PRIMARY KEY, FOREIGN KEY (id) REFERENCES child (id))",
        "CREATE VIEW shown AS SELECT id AS k FROM grandchild",
        database=database,
    )
    found = catalog_of(server, database).schemas[database].tables
    assert found["shown"].columns[0].type.uuid is found["parent"].columns[0].type.uuid is not None
