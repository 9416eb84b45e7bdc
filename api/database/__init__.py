"""The database: the only room that does I/O. Connecting, sending statements, transactions, and what errors mean."""

from __future__ import annotations

from api.database.database import Consistency, Database
from api.database.driver import ResultTooLarge
from api.database.joined import JoinedDatabase
from api.database.link import RunAgain, is_harmless
from api.database.results import Change, ResultColumn, ResultSet, Row
from api.database.session import Observer, Session

__all__ = [
    "Change",
    "Consistency",
    "Database",
    "JoinedDatabase",
    "Observer",
    "ResultColumn",
    "ResultSet",
    "ResultTooLarge",
    "Row",
    "RunAgain",
    "Session",
    "is_harmless",
]
