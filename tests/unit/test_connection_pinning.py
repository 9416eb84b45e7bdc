"""What the stand-in for RDS Proxy treats as pinning."""

from __future__ import annotations

import pytest

from tests.standin.pinning import pinning_reason


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
        "/*!40101 SET NAMES utf8 */",
        "SELECT /*M! 1 */",
        "SELECT '" + "x" * (16 * 1024 - 8) + "'",
        "SELECT '" + "é" * (8 * 1024) + "'",
    ],
)
def test_statements_that_pin(text: str) -> None:
    assert pinning_reason(text) is not None
