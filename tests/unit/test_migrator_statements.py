"""Where a statement ends, by the rules of the mysql client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import MigratorError
from migrator.statements import Statement, split

BODY = """CREATE DEFINER=`admin`@`%` PROCEDURE p(IN a INT)
BEGIN
  DECLARE `end` INT DEFAULT 0;
  IF a THEN SELECT 1; ELSEIF a > 1 THEN BEGIN END; END IF;
  CASE a WHEN 1 THEN SET @x = CASE WHEN a THEN ';' ELSE NULL END; ELSE BEGIN END; END CASE;
  again: LOOP LEAVE again; END LOOP again;
  WHILE a < 3 DO SET a = a + 1; END WHILE;
  REPEAT SET a = a - 1; UNTIL a = 0 END REPEAT;
END"""


def texts(sql: str) -> list[str]:
    return [statement.text for statement in split(sql)]


@pytest.mark.parametrize(
    "sql, expected",
    [
        ("", []),
        (" \n-- nothing\n# here\n/* at; all */ ;;", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;\nSELECT 2;\n", ["SELECT 1", "SELECT 2"]),
        ("SELECT 'a;b', 'it''s;', 'c\\';d'; SELECT 2", ["SELECT 'a;b', 'it''s;', 'c\\';d'", "SELECT 2"]),
        ('SELECT "a;b""c;"; SELECT `d;``e;`', ['SELECT "a;b""c;"', "SELECT `d;``e;`"]),
        ("SELECT 1 -- no; end\n+ 1; SELECT 2", ["SELECT 1 -- no; end\n+ 1", "SELECT 2"]),
        ("SELECT 1 # no; end\n; SELECT 2", ["SELECT 1 # no; end", "SELECT 2"]),
        ("SELECT /* no; end */ 1; SELECT 2", ["SELECT /* no; end */ 1", "SELECT 2"]),
        ("SELECT 5--1; SELECT 2", ["SELECT 5--1", "SELECT 2"]),
        ("SELECT 1 --\n; SELECT 2", ["SELECT 1 --", "SELECT 2"]),
        ("SELECT 8/2; SELECT 3*/**/2", ["SELECT 8/2", "SELECT 3*/**/2"]),
        ("/*!40101 SET NAMES utf8mb4 */; SELECT 1", ["/*!40101 SET NAMES utf8mb4 */", "SELECT 1"]),
        (
            "SELECT /*+ NO_INDEX_MERGE(t) */ 1 FROM t; SELECT 2",
            ["SELECT /*+ NO_INDEX_MERGE(t) */ 1 FROM t", "SELECT 2"],
        ),
        ("-- first; comment\nSELECT 1", ["SELECT 1"]),
        ("INSERT INTO t VALUES ('--', '#', '/*'); SELECT 2", ["INSERT INTO t VALUES ('--', '#', '/*')", "SELECT 2"]),
    ],
)
def test_a_semicolon_ends_a_statement_but_not_in_strings_names_and_comments(sql: str, expected: list[str]) -> None:
    assert texts(sql) == expected


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.end = 2; END",
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; DELETE FROM b; END",
        "ALTER EVENT e DO BEGIN DELETE FROM a; END",
        "CREATE OR REPLACE FUNCTION f() RETURNS INT RETURN 1",
        "CREATE FUNCTION f() RETURNS INT RETURN CASE WHEN TRUE THEN 1 END",
        "CREATE TABLE t (`begin` INT, end INT, begin INT)",
        "CREATE VIEW v AS SELECT CASE WHEN 1 THEN 2 END AS begin",
    ],
)
def test_the_body_of_a_routine_stays_together_without_a_delimiter(body: str) -> None:
    assert texts(f"{body};\nSELECT 2;") == [body, "SELECT 2"]


def test_a_delimiter_changes_what_ends_a_statement() -> None:
    sql = f"delimiter $$\n{BODY}$$\nSELECT ';', 'a$$b' $$\n  DELIMITER ;\nSELECT 1; SELECT 'DELIMITER //'"
    assert texts(sql) == [BODY, "SELECT ';', 'a$$b'", "SELECT 1", "SELECT 'DELIMITER //'"]


def test_a_delimiter_inside_a_statement_is_not_a_command() -> None:
    assert texts("SELECT a\nAS\ndelimiter FROM t; SELECT 2") == ["SELECT a\nAS\ndelimiter FROM t", "SELECT 2"]


def test_a_statement_knows_its_first_line() -> None:
    assert split("-- head\n\nSELECT\n1;\n\n/* c */ SELECT 2") == (
        Statement("SELECT\n1", 3),
        Statement("SELECT 2", 6),
    )


@pytest.mark.parametrize(
    "sql, message",
    [
        ("SELECT 1;\nSELECT 'a", "line 2: the string that begins here never ends"),
        ("SELECT `a", "line 1: the quoted name that begins here never ends"),
        ("SELECT 1;\n\n/* a", "line 3: the comment that begins here never ends"),
        ("\nCREATE PROCEDURE p() BEGIN SELECT 1;", "line 2: the BEGIN or CASE of this statement has no END"),
        ("DELIMITER\nSELECT 1", "line 1: DELIMITER must be followed by a delimiter without a backslash"),
    ],
)
def test_the_error_for_an_unterminated_construct_names_its_line(sql: str, message: str) -> None:
    with pytest.raises(MigratorError) as raised:
        split(sql)
    assert (raised.value.code, raised.value.message) == ("sql_unterminated", message)


PIECES = st.sampled_from(
    [
        "a",
        " ",
        "1",
        "'x;y'",
        '"p;q"',
        "`n;m`",
        "/* c; */",
        "-- c;\n",
        "# c;\n",
        "'it''s'",
        "'\\';'",
        "\n",
        "5--1",
        "(",
        ",",
    ]
)


@given(st.lists(st.lists(PIECES, min_size=1).map("".join).map(lambda text: f"SELECT {text}\n"), max_size=6))
def test_statements_joined_by_semicolons_are_split_again(statements: list[str]) -> None:
    assert texts(";".join(statements)) == [statement.rstrip() for statement in statements]
