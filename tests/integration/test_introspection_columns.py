"""Columns in the catalog, of every type that MySQL and MariaDB have."""

from __future__ import annotations

from typing import Any

import pytest

from api.catalog import Column, Dialect, Kind
from local.server import Server
from tests.integration.introspecting import catalog_of, table_of

COLUMNS: dict[str, tuple[str, dict[str, Any]]] = {
    "tinyint": ("TINYINT", {"kind": Kind.INTEGER, "minimum": -128, "maximum": 127}),
    "tinyint_unsigned": ("TINYINT UNSIGNED", {"kind": Kind.INTEGER, "minimum": 0, "maximum": 255, "unsigned": True}),
    "boolean": ("BOOLEAN", {"kind": Kind.BOOLEAN}),
    "tinyint_1": ("TINYINT(1)", {"kind": Kind.BOOLEAN, "name": "tinyint"}),
    "tinyint_2": ("TINYINT(2)", {"kind": Kind.INTEGER}),
    "tinyint_1_unsigned": ("TINYINT(1) UNSIGNED", {"kind": Kind.INTEGER, "maximum": 255}),
    "smallint": ("SMALLINT", {"kind": Kind.INTEGER, "minimum": -32768, "maximum": 32767}),
    "zerofilled": (
        "SMALLINT(4) ZEROFILL",
        {"kind": Kind.INTEGER, "maximum": 65535, "unsigned": True, "zerofill": True},
    ),
    "mediumint": ("MEDIUMINT", {"kind": Kind.INTEGER, "minimum": -8388608, "maximum": 8388607}),
    "int": ("INT", {"kind": Kind.INTEGER, "minimum": -(2**31), "maximum": 2**31 - 1, "name": "int"}),
    "bigint": ("BIGINT", {"kind": Kind.INTEGER, "minimum": -(2**63), "maximum": 2**63 - 1}),
    "bigint_unsigned": ("BIGINT UNSIGNED", {"kind": Kind.INTEGER, "minimum": 0, "maximum": 2**64 - 1}),
    "bit": ("BIT", {"kind": Kind.BOOLEAN, "maximum": 1, "length": 1}),
    "bit_8": ("BIT(8)", {"kind": Kind.BITS, "minimum": 0, "maximum": 255, "length": 8}),
    "bit_64": ("BIT(64)", {"kind": Kind.BITS, "maximum": 2**64 - 1, "length": 64}),
    "year": ("YEAR", {"kind": Kind.YEAR}),
    "decimal": ("DECIMAL", {"kind": Kind.DECIMAL, "precision": 10, "scale": 0}),
    "decimal_10_2": ("DECIMAL(10,2)", {"kind": Kind.DECIMAL, "precision": 10, "scale": 2}),
    "decimal_65": ("DECIMAL(65,30) UNSIGNED", {"kind": Kind.DECIMAL, "precision": 65, "scale": 30, "unsigned": True}),
    "float": ("FLOAT", {"kind": Kind.FLOAT, "name": "float"}),
    "float_7_3": ("FLOAT(7,3)", {"kind": Kind.FLOAT}),
    "double": ("DOUBLE PRECISION", {"kind": Kind.FLOAT, "name": "double"}),
    "real": ("REAL UNSIGNED", {"kind": Kind.FLOAT, "unsigned": True}),
    "char": ("CHAR", {"kind": Kind.TEXT, "length": 1}),
    "char_3": ("CHAR(3) CHARACTER SET latin1", {"kind": Kind.TEXT, "length": 3, "character_set": "latin1"}),
    "varchar": ("VARCHAR(40) COLLATE utf8mb4_bin", {"kind": Kind.TEXT, "length": 40, "collation": "utf8mb4_bin"}),
    "tinytext": ("TINYTEXT", {"kind": Kind.TEXT, "length": 255, "name": "tinytext"}),
    "text": ("TEXT", {"kind": Kind.TEXT, "length": 65535}),
    "mediumtext": ("MEDIUMTEXT", {"kind": Kind.TEXT, "length": 2**24 - 1}),
    "longtext": ("LONGTEXT", {"kind": Kind.TEXT, "length": 2**32 - 1}),
    "binary": ("BINARY", {"kind": Kind.BINARY, "length": 1}),
    "binary_16": ("BINARY(16)", {"kind": Kind.BINARY, "length": 16}),
    "varbinary": ("VARBINARY(70)", {"kind": Kind.BINARY, "length": 70}),
    "tinyblob": ("TINYBLOB", {"kind": Kind.BINARY, "length": 255}),
    "blob": ("BLOB", {"kind": Kind.BINARY, "length": 65535}),
    "longblob": ("LONGBLOB", {"kind": Kind.BINARY, "length": 2**32 - 1}),
    "enum": (
        r"""ENUM('a','it''s','d,e','back\\slash','say "x"','','straße','x)')""",
        {"kind": Kind.ENUM, "members": ("a", "it's", "d,e", "back\\slash", 'say "x"', "", "straße", "x)")},
    ),
    "enum_emoji": (
        "ENUM('a','?','\N{GRINNING FACE}','b\N{PARTY POPPER}?')",
        {"kind": Kind.ENUM, "members": ("a", "?", "\N{GRINNING FACE}", "b\N{PARTY POPPER}?")},
    ),
    "set_emoji": (
        "SET('\N{GRINNING FACE}','?','x')",
        {"kind": Kind.SET, "members": ("\N{GRINNING FACE}", "?", "x")},
    ),
    "set": ("SET('x','y z','q''r')", {"kind": Kind.SET, "members": ("x", "y z", "q'r")}),
    "date": ("DATE", {"kind": Kind.DATE}),
    "time": ("TIME", {"kind": Kind.TIME, "fraction_digits": 0}),
    "time_3": ("TIME(3)", {"kind": Kind.TIME, "fraction_digits": 3}),
    "datetime": ("DATETIME", {"kind": Kind.DATETIME, "fraction_digits": 0}),
    "datetime_6": ("DATETIME(6)", {"kind": Kind.DATETIME, "fraction_digits": 6}),
    "timestamp": ("TIMESTAMP NULL", {"kind": Kind.TIMESTAMP, "fraction_digits": 0}),
    "timestamp_3": ("TIMESTAMP(3) NULL", {"kind": Kind.TIMESTAMP, "fraction_digits": 3}),
    "json": ("JSON", {"kind": Kind.JSON}),
    "geometry": ("GEOMETRY", {"kind": Kind.GEOMETRY, "name": "geometry"}),
    "point": ("POINT", {"kind": Kind.GEOMETRY, "name": "point"}),
    "linestring": ("LINESTRING", {"kind": Kind.GEOMETRY}),
    "polygon": ("POLYGON", {"kind": Kind.GEOMETRY}),
    "multipoint": ("MULTIPOINT", {"kind": Kind.GEOMETRY}),
    "multilinestring": ("MULTILINESTRING", {"kind": Kind.GEOMETRY}),
    "multipolygon": ("MULTIPOLYGON", {"kind": Kind.GEOMETRY}),
    "collection": ("GEOMETRYCOLLECTION", {"kind": Kind.GEOMETRY}),
}


def test_every_type_has_its_kind_and_limits_in_tables_and_views(server: Server, database: str) -> None:
    declared = ", ".join(f"`{name}` {declaration}" for name, (declaration, _) in COLUMNS.items())
    server.execute(f"CREATE TABLE types ({declared})", "CREATE VIEW seen AS SELECT * FROM types", database=database)
    tables = catalog_of(server, database).schemas[database].tables
    expected = {name: fields for name, (_, fields) in COLUMNS.items()}
    for table in (tables["types"], tables["seen"]):
        found = {
            column.name: {field: getattr(column.type, field) for field in expected[column.name]}
            for column in table.columns
        }
        assert found == expected
        assert [column.name for column in table.columns] == list(COLUMNS)


@pytest.mark.parametrize(
    "declaration, default, is_expression",
    [
        ("INT", None, False),
        ("INT DEFAULT NULL", None, False),
        ("INT DEFAULT -5", "-5", False),
        ("DECIMAL(10,2) DEFAULT 1.5", "1.50", False),
        ("BOOLEAN DEFAULT TRUE", "1", False),
        ("BIT(4) DEFAULT b'101'", "5", False),
        ("BIT(1) DEFAULT 0", "0", False),
        ("VARCHAR(9) DEFAULT ''", "", False),
        ("VARCHAR(9) DEFAULT 'NULL'", "NULL", False),
        ("VARCHAR(30) DEFAULT 'current_timestamp()'", "current_timestamp()", False),
        (r"""VARCHAR(30) DEFAULT 'it''s \\ "x" 50% \n'""", 'it\'s \\ "x" 50% \n', False),
        ("ENUM('a','it''s') DEFAULT 'it''s'", "it's", False),
        ("SET('a','b','c') DEFAULT 'a,c'", "a,c", False),
        ("DATE DEFAULT '2024-02-29'", "2024-02-29", False),
        ("TIME(3) DEFAULT '01:02:03'", "01:02:03.000", False),
        ("CHAR(36) DEFAULT (uuid())", "uuid()", True),
        ("DATE DEFAULT (curdate())", "curdate()", True),
        ("JSON DEFAULT (json_array())", "json_array()", True),
    ],
)
def test_a_literal_default_is_its_text_and_an_expression_is_marked(
    server: Server, database: str, declaration: str, default: str | None, is_expression: bool
) -> None:
    server.execute(f"CREATE TABLE t (c {declaration})", database=database)
    column = table_of(server, database, "t").by_name["c"]
    assert (column.default, column.default_is_expression) == (default, is_expression)
    assert column.has_default


def test_the_text_of_an_expression_evaluates_to_what_the_server_would_store(server: Server, database: str) -> None:
    expression = r"""concat('it''s \\ "x" 50% \n', "y", 1 + 2)"""
    server.execute(
        f"CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(60) DEFAULT ({expression}))",
        "INSERT INTO t (id) VALUES (1)",
        database=database,
    )
    column = table_of(server, database, "t").by_name["c"]
    assert column.default_is_expression
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT {column.default}, c FROM t")
        ((evaluated, stored),) = cursor.fetchall()
    assert evaluated == stored == 'it\'s \\ "x" 50% \ny3'


def flags(column: Column) -> set[str]:
    names = ("nullable", "has_default", "generated", "auto_increment", "updates_itself", "default_is_expression")
    return {name for name in names if getattr(column, name)}


def test_columns_record_how_they_get_their_values(server: Server, database: str) -> None:
    server.execute(
        """
        CREATE TABLE t (
          id INT AUTO_INCREMENT PRIMARY KEY,
          required INT NOT NULL,
          optional INT,
          chosen ENUM('a','b') NOT NULL,
          kept INT AS (required + 1) STORED,
          computed VARCHAR(20) AS (concat(required, '!')) VIRTUAL,
          created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
          changed DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
          commented INT COMMENT 'in °C, "quoted"'
        )
        """,
        database=database,
    )
    table = table_of(server, database, "t")
    assert {column.name: flags(column) for column in table.columns} == {
        "id": {"has_default", "auto_increment"},
        "required": set(),
        "optional": {"nullable", "has_default"},
        "chosen": {"has_default"},
        "kept": {"nullable", "has_default", "generated"},
        "computed": {"nullable", "has_default", "generated"},
        "created": {"has_default", "default_is_expression"},
        "changed": {"has_default", "default_is_expression", "updates_itself"},
        "commented": {"nullable", "has_default"},
    }
    assert table.by_name["commented"].comment == 'in °C, "quoted"'
    assert [column.position for column in table.columns] == list(range(1, 10))


MANY = tuple(f"{number}\N{GRINNING FACE}" for number in range(300))


def listed(members: tuple[str, ...]) -> str:
    return ", ".join(f"'{member}'" for member in members)


def test_hundreds_of_enum_members_are_read(server: Server, database: str) -> None:
    server.execute(
        f"CREATE TABLE `50% t``` (`50% e``` ENUM({listed(MANY)}) NOT NULL, s SET({listed(MANY[:8])}))",
        database=database,
    )
    table = table_of(server, database, "50% t`")
    assert table.by_name["50% e`"].type.members == MANY
    assert table.by_name["s"].type.members == MANY[:8]


def test_sixty_four_set_members_are_read_on_mysql_and_unknown_on_mariadb(server: Server, database: str) -> None:
    server.execute(f"CREATE TABLE t (s SET({listed(MANY[:64])}))", database=database)
    members = table_of(server, database, "t").by_name["s"].type.members
    assert members == (MANY[:64] if server.kind == "mysql" else ())


def test_a_not_null_enum_has_an_implicit_default(server: Server, database: str) -> None:
    server.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('first','second') NOT NULL)",
        "INSERT INTO t (id) VALUES (1)",
        database=database,
    )
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT e FROM t")
        assert cursor.fetchall() == (("first",),)


def test_invisible_columns_and_the_keys_on_them_are_left_out(server: Server, database: str) -> None:
    server.execute(
        "CREATE TABLE t (a INT, hidden INT NOT NULL DEFAULT 7 INVISIBLE, UNIQUE (a), UNIQUE (hidden, a), UNIQUE (hidden))",
        "CREATE TABLE k (id INT INVISIBLE AUTO_INCREMENT PRIMARY KEY, a INT)",
        database=database,
    )
    tables = catalog_of(server, database).schemas[database].tables
    assert [column.name for column in tables["t"].columns] == ["a"]
    assert tables["t"].unique_keys == (("a",),)
    assert tables["k"].primary_key == ()


def test_a_vector_is_binary(mysql_server: Server) -> None:
    with mysql_server.temporary_database() as database:
        mysql_server.execute("CREATE TABLE t (v VECTOR(3))", database=database)
        column_type = table_of(mysql_server, database, "t").by_name["v"].type
    assert (column_type.kind, column_type.length) == (Kind.BINARY, 12)


def test_types_that_only_mariadb_has_are_text(mariadb_server: Server) -> None:
    with mariadb_server.temporary_database() as database:
        mariadb_server.execute("CREATE TABLE t (a UUID, b INET4, c INET6, d VARCHAR(9) COMPRESSED)", database=database)
        columns = table_of(mariadb_server, database, "t").columns
    assert [(column.type.name, column.type.kind, column.type.length) for column in columns] == [
        ("uuid", Kind.TEXT, 36), ("inet4", Kind.TEXT, 15), ("inet6", Kind.TEXT, 39), ("varchar", Kind.TEXT, 9),
    ]  # fmt: skip


def test_json_on_mariadb_is_recognised_by_its_own_check_only(mariadb_server: Server) -> None:
    with mariadb_server.temporary_database() as database:
        mariadb_server.execute(
            """
            CREATE TABLE t (
              a JSON, b LONGTEXT CHECK (json_valid(b)), c LONGTEXT, d LONGTEXT, `e``f` LONGTEXT, n INT,
              CHECK (json_valid(c) OR n = 1), CHECK (json_valid(d)), CHECK (json_valid(`e``f`))
            )
            """,
            database=database,
        )
        table = table_of(mariadb_server, database, "t")
    assert [column.name for column in table.columns if column.type.kind is Kind.JSON] == ["a", "b", "d", "e`f"]


def test_a_check_does_not_turn_text_into_json_on_mysql(mysql_server: Server) -> None:
    with mysql_server.temporary_database() as database:
        mysql_server.execute("CREATE TABLE t (b LONGTEXT, CHECK (json_valid(b)))", database=database)
        catalog = catalog_of(mysql_server, database)
    assert catalog.dialect is Dialect.MYSQL
    assert catalog.schemas[database].tables["t"].by_name["b"].type.kind is Kind.TEXT
