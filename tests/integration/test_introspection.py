"""The catalog of real databases: keys, relationships, routines, privileges, and the statements that read it."""

from __future__ import annotations

import pytest

from api.catalog import Cardinality, ForeignKey, Kind, ParameterMode, TableKey
from api.catalog.introspection import load_catalog
from api.statement import MAX_STATEMENT_BYTES
from local.server import Server
from tests.integration.introspecting import CursorSession, catalog_of, table_of


def test_keys_have_whole_columns_in_key_order(server: Server, database: str) -> None:
    server.execute(
        """
        CREATE TABLE t (
          a INT, b INT, c VARCHAR(20), d TEXT, e INT,
          PRIMARY KEY (b, a), UNIQUE one (c), UNIQUE two (e, a), KEY plain (e),
          UNIQUE prefixed (c(5)), UNIQUE partly_prefixed (a, d(5)),
          FULLTEXT words (c), FULLTEXT both_words (d, c)
        )
        """,
        "CREATE TABLE keyless (a INT, b INT)",
        database=database,
    )
    tables = catalog_of(server, database).schemas[database].tables
    assert tables["t"].primary_key == ("b", "a")
    assert tables["t"].unique_keys == (("c",), ("e", "a"))
    assert [index.columns for index in tables["t"].fulltext_indexes] == [("d", "c"), ("c",)]
    assert (tables["keyless"].primary_key, tables["keyless"].unique_keys) == ((), ())


def test_a_unique_index_on_an_expression_is_not_a_key(mysql_server: Server) -> None:
    with mysql_server.temporary_database() as database:
        mysql_server.execute(
            "CREATE TABLE t (a VARCHAR(9), UNIQUE ((lower(a))), UNIQUE (a, (upper(a))))", database=database
        )
        assert table_of(mysql_server, database, "t").unique_keys == ()


def test_an_invisible_full_text_index_cannot_be_searched(mysql_server: Server) -> None:
    with mysql_server.temporary_database() as database:
        mysql_server.execute("CREATE TABLE t (a TEXT, FULLTEXT words (a) INVISIBLE)", database=database)
        assert table_of(mysql_server, database, "t").fulltext_indexes == ()


ODD_NAMES = (
    "order",
    "50%",
    "back`tick",
    "with space",
    "e.f",
    "a,b",
    "Größe",
    "漢字",
    "UPPER",
    "q'uote",
    'dq"uote',
    "%s",
    "{}",
)


def test_names_of_every_kind_are_read_correctly(server: Server, database: str) -> None:
    for name in ODD_NAMES:
        quoted = "`" + name.replace("`", "``") + "`"
        server.execute(
            f"CREATE TABLE {quoted} ({quoted} INT PRIMARY KEY COMMENT '50%', parent INT, UNIQUE {quoted} (parent, {quoted}),"
            f" CONSTRAINT `to {quoted[1:]} FOREIGN KEY (parent) REFERENCES {quoted} ({quoted}))",
            f"CREATE VIEW `v {quoted[1:]} AS SELECT * FROM {quoted}",
            database=database,
        )
    tables = catalog_of(server, database).schemas[database].tables
    assert sorted(tables) == sorted([*ODD_NAMES, *(f"v {name}" for name in ODD_NAMES)])
    for name in ODD_NAMES:
        table, view = tables[name], tables[f"v {name}"]
        assert [column.name for column in table.columns] == [name, "parent"]
        assert table.primary_key == view.primary_key == (name,)
        assert table.unique_keys == view.unique_keys == (("parent", name),)
        assert table.foreign_keys == (ForeignKey(f"to {name}", ("parent",), TableKey(database, name), (name,)),)
        assert view.updatable
        assert view.insertable


def test_foreign_keys_keep_their_columns_in_pairs(server: Server, database: str) -> None:
    server.execute(
        "CREATE TABLE place (country INT, city INT, PRIMARY KEY (country, city))",
        "CREATE TABLE person (id INT PRIMARY KEY, boss INT, z_city INT, a_country INT, "
        "CONSTRAINT lives FOREIGN KEY (a_country, z_city) REFERENCES place (country, city), "
        "CONSTRAINT obeys FOREIGN KEY (BOSS) REFERENCES person (ID))",
        database=database,
    )
    assert table_of(server, database, "person").foreign_keys == (
        ForeignKey("lives", ("a_country", "z_city"), TableKey(database, "place"), ("country", "city")),
        ForeignKey("obeys", ("boss",), TableKey(database, "person"), ("id",)),
    )


def test_a_foreign_key_to_another_database_is_used_if_both_are_exposed(server: Server, database: str) -> None:
    with server.temporary_database() as other:
        server.execute("CREATE TABLE far (id INT PRIMARY KEY)", database=other)
        server.execute(
            f"CREATE TABLE near (id INT PRIMARY KEY, f INT, CONSTRAINT leads FOREIGN KEY (f) REFERENCES `{other}`.far (id))",
            database=database,
        )
        alone, both = catalog_of(server, database), catalog_of(server, database, other)
        server.execute("DROP TABLE near", database=database)
    assert list(alone.schemas) == [database]
    assert alone.schemas[database].tables["near"].foreign_keys == ()
    assert alone.relationships == {}
    assert list(both.schemas) == [database, other]
    assert both.default_schema == database
    key = TableKey(other, "far")
    assert both.schemas[database].tables["near"].foreign_keys == (ForeignKey("leads", ("f",), key, ("id",)),)
    assert [one.cardinality for one in both.relationships[key]] == [Cardinality.ONE_TO_MANY]


def test_routines_have_their_parameters_and_say_whether_they_only_read(server: Server, database: str) -> None:
    server.execute(
        "CREATE FUNCTION label(a INT UNSIGNED, `the name` VARCHAR(20)) RETURNS VARCHAR(30) DETERMINISTIC READS SQL DATA "
        "COMMENT 'writes a label' RETURN concat(a, `the name`)",
        "CREATE FUNCTION half() RETURNS DECIMAL(10,3) NO SQL RETURN 0.5",
        "CREATE FUNCTION is_on(state ENUM('on','off')) RETURNS TINYINT(1) NO SQL RETURN state = 'on'",
        "CREATE PROCEDURE work(IN a INT, OUT b DATETIME(3), INOUT c SET('x','y')) MODIFIES SQL DATA SET b = NULL",
        "CREATE PROCEDURE listing() SELECT 1",
        "CREATE PROCEDURE half() READS SQL DATA SELECT 0.5",
        database=database,
    )
    routines = catalog_of(server, database).schemas[database].routines
    assert {name: (routine.reads_only, routine.comment) for name, routine in routines.items()} == {
        "half": (True, ""), "is_on": (True, ""), "label": (True, "writes a label"),
        "listing": (False, ""), "work": (False, ""),
    }  # fmt: skip
    returned = {name: routine.returns.kind if routine.returns else None for name, routine in routines.items()}
    assert returned == {"half": Kind.DECIMAL, "is_on": Kind.BOOLEAN, "label": Kind.TEXT, "listing": None, "work": None}
    described = {
        name: [(one.name, one.type.kind, one.mode) for one in routine.parameters] for name, routine in routines.items()
    }
    assert described == {
        "half": [],
        "is_on": [("state", Kind.ENUM, ParameterMode.IN)],
        "label": [("a", Kind.INTEGER, ParameterMode.IN), ("the name", Kind.TEXT, ParameterMode.IN)],
        "listing": [],
        "work": [
            ("a", Kind.INTEGER, ParameterMode.IN),
            ("b", Kind.DATETIME, ParameterMode.OUT),
            ("c", Kind.SET, ParameterMode.INOUT),
        ],
    }
    assert routines["label"].parameters[0].type.maximum == 2**32 - 1
    assert routines["is_on"].parameters[0].type.members == ("on", "off")
    assert routines["work"].parameters[1].type.fraction_digits == 3


def test_tables_have_comments_triggers_and_an_estimate_of_their_rows(server: Server, database: str) -> None:
    server.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT) COMMENT 'what it holds'",
        "CREATE TABLE quiet (id INT PRIMARY KEY)",
        "CREATE TRIGGER doubles BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 2 * NEW.a",
        "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)",
        "ANALYZE TABLE t",
        database=database,
    )
    tables = catalog_of(server, database).schemas[database].tables
    assert tables["t"].comment == "what it holds"
    assert (tables["t"].has_triggers, tables["quiet"].has_triggers) == (True, False)
    assert tables["t"].rows_estimate == 3


def test_only_tables_and_views_are_in_the_catalog(mariadb_server: Server) -> None:
    with mariadb_server.temporary_database() as database:
        mariadb_server.execute(
            "CREATE TABLE t (id INT)", "CREATE SEQUENCE numbers", "CREATE TABLE past (id INT) WITH SYSTEM VERSIONING",
            database=database,
        )  # fmt: skip
        assert list(catalog_of(mariadb_server, database).schemas[database].tables) == ["past", "t"]


def test_the_version_and_dialect_are_the_servers(server: Server, database: str) -> None:
    catalog = catalog_of(server, database)
    assert catalog.dialect.value == server.kind
    assert catalog.version[:3] == server.version


def test_an_empty_database_has_an_empty_catalog(server: Server, database: str) -> None:
    catalog = catalog_of(server, database)
    assert catalog.schemas[database].tables == {}
    assert catalog.schemas[database].routines == {}
    assert catalog.relationships == {}


@pytest.fixture
def reader(server: Server) -> object:
    server.execute("DROP USER IF EXISTS reader", "CREATE USER reader IDENTIFIED BY 'secret'")
    yield "reader"
    server.execute("DROP USER reader")


def test_a_user_sees_exactly_what_it_may_access(server: Server, database: str, reader: str) -> None:
    server.execute(
        "CREATE TABLE open (id INT PRIMARY KEY, a INT DEFAULT 4, j JSON, UNIQUE (a))",
        "CREATE TABLE closed (id INT PRIMARY KEY)",
        "CREATE TABLE partly (id INT PRIMARY KEY, shown INT, secret INT, "
        "CONSTRAINT leads FOREIGN KEY (shown) REFERENCES open (id))",
        "CREATE VIEW seen AS SELECT id, a FROM open",
        "CREATE FUNCTION f() RETURNS INT NO SQL RETURN 1",
        "CREATE TABLE aurorest_policies (table_name INT, policy_name INT, permissive INT, command INT, roles INT,"
        " using_source INT, using_pieces INT, check_source INT, check_pieces INT)",
        f"GRANT SELECT ON `{database}`.aurorest_policies TO {reader}",
        f"GRANT SELECT ON `{database}`.open TO {reader}",
        f"GRANT SELECT (id, shown) ON `{database}`.partly TO {reader}",
        f"GRANT SELECT ON `{database}`.seen TO {reader}",
        database=database,
    )
    granted = catalog_of(server, database, user=reader, password="secret").schemas[database]
    assert sorted(granted.tables) == ["open", "partly", "seen"]
    assert granted.routines == {}
    table = granted.tables["open"]
    assert (table.primary_key, table.unique_keys) == (("id",), (("a",),))
    assert [column.name for column in granted.tables["partly"].columns] == ["id", "shown"]
    # MariaDB hides the constraints of a table from users who only have SELECT on some of its columns.
    assert [key.name for key in granted.tables["partly"].foreign_keys] == (["leads"] if server.kind == "mysql" else [])
    assert [column.name for column in granted.tables["seen"].columns] == ["id", "a"]
    assert granted.tables["seen"].primary_key == ()
    server.execute(f"GRANT SHOW VIEW ON `{database}`.seen TO {reader}")
    granted = catalog_of(server, database, user=reader, password="secret").schemas[database]
    assert granted.tables["seen"].primary_key == ("id",)


def test_no_statement_is_long_or_changes_the_session(server: Server, database: str) -> None:
    server.execute("CREATE TABLE t (id INT PRIMARY KEY)", "CREATE VIEW v AS SELECT * FROM t", database=database)
    with server.connect(database) as connection:
        session = CursorSession(connection)
        load_catalog(session, database, ())
    assert len(session.statements) == 3  # the databases, everything in one, its policies
    for statement in session.statements:
        assert statement.startswith("SELECT ")
        assert len(statement) < MAX_STATEMENT_BYTES
        assert "@" not in statement


def test_hundreds_of_tables_take_no_more_statements_than_one(server: Server, database: str) -> None:
    server.execute("CREATE TABLE t0 (id INT PRIMARY KEY)", database=database)
    server.execute(
        *(
            f"CREATE TABLE t{number} (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES t{number - 1} (id))"
            for number in range(1, 200)
        ),
        database=database,
    )
    with server.connect(database) as connection:
        session = CursorSession(connection)
        catalog = load_catalog(session, database, ())
    assert len(catalog.schemas[database].tables) == 200
    assert sum(len(several) for several in catalog.relationships.values()) == 2 * 199
    assert len(session.statements) == 3  # the databases, everything in one, its policies
