"""A database whose names and types are hard for generators: words of the grammar and of languages, signs, every type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from local.server import Server

TYPES = (
    "BOOLEAN", "BIT(1)", "BIT(8)", "TINYINT", "INT UNSIGNED", "BIGINT UNSIGNED", "YEAR", "DECIMAL(10,2)", "FLOAT", "DOUBLE",
    "CHAR(3)", "VARCHAR(40)", "LONGTEXT", "ENUM('a','it''s')", "SET('x','y')", "DATE", "TIME", "TIME(3)", "DATETIME",
    "DATETIME(6)", "TIMESTAMP(3)", "JSON", "VARBINARY(16)", "BLOB", "POINT",
)  # fmt: skip
SCHEMA = (
    (
        "CREATE TABLE `order line` (`order` INT NOT NULL, `line,no` VARCHAR(20) NOT NULL, `select` INT, `Limit` INT,"
        " `and` INT, body TEXT, client INT, url VARCHAR(9), `class` INT, `from` DATE, `☃ π` VARCHAR(40),"
        " state ENUM('new', 'sent') NOT NULL DEFAULT 'new' COMMENT 'new < sent', PRIMARY KEY (`order`, `line,no`))"
    ),
    "CREATE TABLE `Error` (id INT AUTO_INCREMENT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES `Error` (id))",
    "CREATE TABLE keyless (a INT, b INT AS (a + 1) VIRTUAL)",
    "CREATE TABLE unwritable (a INT AS (1 + 1) VIRTUAL)",
    "CREATE TABLE given (id INT PRIMARY KEY, "
    + ", ".join(f"c{number} {declared} NOT NULL" for number, declared in enumerate(TYPES))
    + ")",
    "CREATE TABLE optional (id INT PRIMARY KEY, "
    + ", ".join(f"c{number} {declared} NULL" for number, declared in enumerate(TYPES))
    + ")",
    "CREATE VIEW `seen/by` AS SELECT `order`, COUNT(*) AS `count` FROM `order line` GROUP BY `order`",
    "CREATE FUNCTION `half of`(`in` DECIMAL(10,2)) RETURNS DECIMAL(10,2) DETERMINISTIC NO SQL RETURN `in` / 2",
    (
        "CREATE PROCEDURE `several results`(IN `a-b` INT, OUT total INT, INOUT marks SET('x', 'y')) NO SQL"
        " BEGIN SELECT `a-b` AS sent; SET total = `a-b` + 1; END"
    ),
)


@contextmanager
def awkward_database(server: Server) -> Iterator[str]:
    with server.temporary_database() as name:
        server.execute(*SCHEMA, database=name)
        yield name
