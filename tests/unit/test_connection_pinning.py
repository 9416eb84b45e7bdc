"""What the stand-in for RDS Proxy treats as pinning."""

from __future__ import annotations

import pytest

from tests.standin.pinning import Effect, effect_of, pinning_reason


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "SET NAMES utf8mb4",
        "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE'",
        "SET SESSION transaction_read_only = 1",
        "BEGIN",
        "START TRANSACTION READ ONLY",
        "COMMIT",
        "CALL p('a@b.c', 1)",
        "SELECT 'me@example.org', \"@x\", `@x`, '/*! no comment */' /* @x */ -- @x",
        "SELECT /*+ MAX_EXECUTION_TIME(8000) SET_VAR(time_zone='+02:00') */ * FROM t",
        "SET STATEMENT max_statement_time=8 FOR SELECT 1",
        "SELECT * FROM `set` WHERE prepare = 'LOCK TABLES'",
        "SET NAMES utf8mb4 COLLATE utf8mb4_bin, time_zone = '+00:00'",
        "SET time_zone = '+00:00', NAMES utf8mb4",
        "SET SESSION transaction_isolation = 'READ-COMMITTED', autocommit = 1",
        "SET @@session.transaction_read_only = 0",
        "SET transaction_isolation = 'SERIALIZABLE'",
        "SET sql_mode = CONCAT('ANSI_QUOTES', ',', 'PIPES_AS_CONCAT')",
        "USE other",
        "SELECT LAST_INSERT_ID()",
        "SELECT 1 --1",
        "SELECT '" + "x" * (16 * 1024 - 9) + "'",
    ],
)
def test_statements_that_do_not_pin(text: str) -> None:
    assert pinning_reason(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "SET @a = 1",
        "SELECT @a := 1",
        "SELECT @`a b`",
        "CALL p(@_p_0)",
        "SET foreign_key_checks = 0",
        "SET sql_mode = '', group_concat_max_len = 1000000",
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET SESSION TRANSACTION READ ONLY",
        "SET STATEMENT max_statement_time=8 FOR SELECT @a",
        "PREPARE s FROM 'SELECT 1'",
        "EXECUTE s",
        "LOCK TABLES t WRITE",
        "FLUSH TABLES WITH READ LOCK",
        "SELECT GET_LOCK('a', 1)",
        "CREATE TEMPORARY TABLE t (a INT)",
        "SELECT ROW_COUNT()",
        "SELECT FOUND_ROWS()",
        "SET/**/@a = 1",
        "SET NAMES utf8mb4, @a = 1",
        "SET NAMES utf8mb4, foreign_key_checks = 0",
        "SET NAMES utf8mb4 COLLATE utf8mb4_bin, @@foreign_key_checks = 0",
        "SET CHARACTER SET utf8mb4, unique_checks = 0",
        "SET time_zone = '+00:00', /* , */ foreign_key_checks = 0",
        "SET sql_mode = CONCAT('a', 'b'), group_concat_max_len = 5",
        "SET # a comment\n foreign_key_checks = 0",
        "/* first */ SET foreign_key_checks = 0",
        "-- first\nPREPARE s FROM 'SELECT 1'",
        "/* first */ LOCK/* second */TABLES t READ",
        "SELECT GET_LOCK /* hidden */ ('a', 1)",
        "CREATE/**/TEMPORARY -- x\n TABLE t (a INT)",
        "CREATE OR REPLACE TEMPORARY TABLE t (a INT)",
        "FLUSH LOCAL TABLES t WITH/**/READ LOCK",
        "SET/**/TRANSACTION READ ONLY",
        "SET @@transaction_isolation = 'READ-COMMITTED'",
        "SET @@tx_read_only = 1",
        "SET GLOBAL time_zone = '+00:00'",
        "SET GLOBAL wait_timeout = 5, sql_mode = ''",
        "SET @@GLOBAL.sql_mode = ''",
        "SET PERSIST sql_mode = ''",
        "SET session_track_gtids = OWN_GTID",
        "SET ROLE NONE",
        "SELECT 1 INTO @a",
        "SELECT 1 /* never closed */ /*! + 1",
        "/*!40101 SET NAMES utf8 */",
        "SELECT /*M! 1 */",
        "SELECT '" + "x" * (16 * 1024 - 8) + "'",
        "SELECT '" + "é" * (8 * 1024) + "'",
    ],
)
def test_statements_that_pin(text: str) -> None:
    assert pinning_reason(text) is not None


@pytest.mark.parametrize(
    "text,effect",
    [
        ("SELECT 1", Effect()),
        ("SET NAMES utf8mb4", Effect(settings={"names": "names utf8mb4"})),
        ("SET NAMES 'utf8mb4' /* as ever */;", Effect(settings={"names": "names utf8mb4"})),
        (
            "SET time_zone = '+02:00', @@session.sql_mode = 'ANSI_QUOTES,NO_ZERO_DATE'",
            Effect(settings={"time_zone": "+02:00", "sql_mode": "ansi_quotes,no_zero_date"}),
        ),
        ("USE `odd ``name`", Effect(database="odd `name")),
        ("USE/**/shop", Effect(database="shop")),
    ],
)
def test_what_is_tracked_is_read_from_the_statement(text: str, effect: Effect) -> None:
    assert effect_of(text) == effect
