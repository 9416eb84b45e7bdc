"""What of an error goes to the log: never the data that its text quotes."""

from __future__ import annotations

import logging

import pymysql
import pytest

from api.database import translate
from api.database.database import Database
from api.response.answer import Answer
from api.service import Service
from api.settings import Settings, address_from_url


@pytest.mark.parametrize(
    "error,line",
    [
        (
            pymysql.err.DataError(1366, "Incorrect integer value: 'Ann's 5' for column", sqlstate="HY000"),
            "DataError(1366, \"Incorrect integer value: '...' for column\", HY000)",
        ),
        (
            pymysql.err.InternalError(1815, 'Internal error: "a" and "b"', sqlstate="HY000"),
            "InternalError(1815, 'Internal error: \"...\"', HY000)",
        ),
        (
            pymysql.err.OperationalError(2003, "Can't connect to MySQL server on 'proxy.example' (timed out)"),
            "OperationalError(2003, \"Can't connect to MySQL server on 'proxy.example' (timed out)\")",
        ),
        (pymysql.err.InterfaceError(0, ""), "InterfaceError(0, '')"),
        (
            pymysql.err.InternalError("Packet sequence number wrong - got 1 expected 2"),
            "InternalError(-1, 'Packet sequence number wrong - got 1 expected 2')",
        ),
    ],
)
def test_the_text_loses_what_it_quotes(error: Exception, line: str) -> None:
    assert translate.for_log(error) == line


def test_an_unforeseen_error_is_logged_by_its_place_and_kind(caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(writer=address_from_url("mysql://me@localhost/shop"))
    service = Service(settings, Database(settings))

    def work(_account: object, _caller: object) -> Answer:
        try:
            return Answer(int("row data"))
        except ValueError as error:
            raise KeyError("more row data") from error

    answer = service.guarded(work, lambda: None)
    assert answer.status == 500
    (record,) = [record for record in caplog.records if record.name == "aurorest"]
    line = logging.Formatter().format(record)
    assert "row data" not in line.replace('Answer(int("row data"))', "").replace('KeyError("more row data")', "")
    assert "KeyError, raised after" in line
    assert "ValueError" in line
    assert "test_logged.py" in line
