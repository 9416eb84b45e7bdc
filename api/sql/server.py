"""The server that runs the statements: its dialect, and the time that it gives each of them."""

from __future__ import annotations

from dataclasses import dataclass

from api.catalog import Dialect
from api.statement import Sql, Statement, sql, trusted


@dataclass(frozen=True, slots=True)
class Server:
    """What the statements need to know about the server that runs them."""

    dialect: Dialect
    timeout_ms: int = 0
    """Each SELECT is ended by the server after this time; 0: never."""

    def select(self, rest: Sql) -> Statement:
        """A SELECT with its time limit, which needs no SET: a hint on MySQL, a statement's own variable on MariaDB."""
        if not self.timeout_ms:
            return sql("SELECT {}", rest)
        if self.dialect is Dialect.MYSQL:
            return sql("SELECT /*+ MAX_EXECUTION_TIME({}) */ {}", trusted(str(self.timeout_ms)), rest)
        return sql("SET STATEMENT max_statement_time={} FOR SELECT {}", trusted(str(self.timeout_ms / 1000)), rest)
