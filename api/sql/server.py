"""The server that runs the statements: its dialect, and its time limit."""

from __future__ import annotations

from dataclasses import dataclass

from api.catalog import Dialect
from api.statement import Sql, Statement, sql, trusted


@dataclass(frozen=True, slots=True)
class Server:
    """The facts about the server that statements depend on."""

    dialect: Dialect
    timeout_ms: int = 0
    """The server ends each SELECT after this time; 0: never."""

    def select(self, rest: Sql) -> Statement:
        """A SELECT with its time limit, without a SET: a hint on MySQL, `SET STATEMENT` on MariaDB."""
        if not self.timeout_ms:
            return sql("SELECT {}", rest)
        if self.dialect is Dialect.MYSQL:
            return sql("SELECT /*+ MAX_EXECUTION_TIME({}) */ {}", trusted(str(self.timeout_ms)), rest)
        return sql("SET STATEMENT max_statement_time={} FOR SELECT {}", trusted(str(self.timeout_ms / 1000)), rest)
