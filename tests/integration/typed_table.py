"""A table with a column of every type, and what the type tests do with one of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from api.catalog import Catalog, Column, Dialect
from api.database import Database, Row
from api.settings import Settings
from api.sql.json_text import json_text, plain
from api.statement import Sql, Statement, join, sql, value
from api.values.encode import encoder
from api.values.filters import stored_value
from api.values.payload import payload_converter
from local.server import Server
from tests.integration.introspecting import catalog_of

COLUMNS = {
    "boolean": "TINYINT(1)",
    "bit1": "BIT(1)",
    "bits": "BIT(9)",
    "bits64": "BIT(64)",
    "tiny": "TINYINT",
    "tiny_unsigned": "TINYINT UNSIGNED",
    "small": "SMALLINT",
    "medium": "MEDIUMINT UNSIGNED",
    "whole": "INT",
    "filled": "INT(6) ZEROFILL",
    "big": "BIGINT",
    "big_unsigned": "BIGINT UNSIGNED",
    "year": "YEAR",
    "price": "DECIMAL(10,2)",
    "wide": "DECIMAL(65,30)",
    "positive": "DECIMAL(5,0) UNSIGNED",
    "single": "FLOAT",
    "real": "DOUBLE",
    "name": "VARCHAR(20)",
    "code": "CHAR(4)",
    "latin": "VARCHAR(20) CHARACTER SET latin1",
    "utf16": "VARCHAR(20) CHARACTER SET utf16",
    "exact": "VARCHAR(20) COLLATE utf8mb4_bin",
    "short_text": "TINYTEXT",
    "long_text": "LONGTEXT",
    "mood": "ENUM('sad','so-so','say \"cheese\"','a\\\\b','日本')",
    "tags": "SET('red','green','say \"cheese\"','a\\\\b','日本')",
    "day": "DATE",
    "clock": "TIME",
    "fine_clock": "TIME(3)",
    "moment": "DATETIME",
    "fine_moment": "DATETIME(6)",
    "instant": "TIMESTAMP NULL",
    "fine_instant": "TIMESTAMP(3) NULL",
    "document": "JSON",
    "fixed": "BINARY(4)",
    "bytes": "VARBINARY(300)",
    "blob_": "BLOB",
    "place": "GEOMETRY",
}


@dataclass(frozen=True, slots=True)
class TypedTable:
    """The table `typed`: an `id` and the columns above, all nullable."""

    database: Database
    catalog: Catalog = field(repr=False)

    @property
    def dialect(self) -> Dialect:
        return self.catalog.dialect

    def restore(self) -> TypedTable:
        """Row 1 as it was when the table was made, whatever a test stored in it since."""
        self.database.write(lambda session: session.change(Sql("REPLACE INTO typed SELECT * FROM original")))
        return self

    def column(self, name: str) -> Column:
        return self.catalog.schemas[self.catalog.default_schema].tables["typed"].by_name[name]

    def store(self, name: str, given: object) -> None:
        """Write a JSON value into the column of row 1, as a request would."""
        stored = payload_converter(self.column(name), self.dialect)(given)
        expression = stored if isinstance(stored, Sql) else value(stored)
        statement = sql("UPDATE typed SET {} = {} WHERE id = 1", Sql(self.column(name).quoted), expression)
        self.database.write(lambda session: session.change(statement))

    def rows(self, statement: Statement) -> Sequence[Row]:
        return self.database.read(lambda session: session.rows(statement))

    def text(self, name: str) -> str:
        """The column of row 1 as JSON written by the server, after checking that Python's encoder writes the same."""
        column = self.column(name)
        here = Sql(f"t.{column.quoted}")
        statement = sql(
            "SELECT CONCAT('',{}),{} FROM typed t WHERE id = 1",
            json_text(here, column.type, nullable=True),
            plain(here, column.type),
        )
        ((written, cell),) = self.rows(statement)
        encoded = encoder(column.type)(cell)
        assert isinstance(written, str)
        if column.type.name == "double" and cell is not None:
            # the protocol may write another exponent than CONCAT
            assert Decimal(encoded) == Decimal(written)
        else:
            # MariaDB writes the hex digits of \\u001F in upper case
            assert encoded.lower() == written.lower()
        return written

    def finds(self, name: str, text: str, comparison: str = "=") -> bool:
        """Whether a filter on the column finds row 1."""
        column = self.column(name)
        operand = value(stored_value(column, text))
        condition = join("", [Sql(f"t.{column.quoted} {comparison} "), operand])
        return len(self.rows(sql("SELECT id FROM typed t WHERE {}", condition))) == 1

    def evaluate(self, expression: Sql) -> object:
        """An expression over row 1 of `typed t`."""
        ((found,),) = self.rows(sql("SELECT {} FROM typed t WHERE id = 1", expression))
        return found


@contextmanager
def typed_table(server: Server, row: Mapping[str, object] | None = None) -> Iterator[TypedTable]:
    """The table in a separate database. `row`: the JSON values of row 1; the others are null."""
    with server.temporary_database() as name:
        columns = ", ".join(f"`{column}` {declared}" for column, declared in COLUMNS.items())
        server.execute(
            f"CREATE TABLE typed (id INT PRIMARY KEY, {columns}) CHARACTER SET utf8mb4",
            "INSERT INTO typed (id) VALUES (1)",
            database=name,
        )
        database = Database(Settings.from_environment({"AUROREST_DATABASE_URL": server.url(name)}))
        try:
            table = TypedTable(database, catalog_of(server, name))
            for column, given in (row or {}).items():
                table.store(column, given)
            server.execute(
                "CREATE TABLE original LIKE typed", "INSERT INTO original SELECT * FROM typed", database=name
            )
            yield table
        finally:
            database.close()
