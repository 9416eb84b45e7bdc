"""What an application would do without this API: the C driver (mysqlclient) decodes values and orjson encodes them.

Decimals and JSON are copied unchanged from the server's text into the response: the fastest way to keep every digit.
"""

from __future__ import annotations

from typing import Any

import MySQLdb
import orjson
from MySQLdb.constants import FIELD_TYPE
from MySQLdb.converters import conversions

from local.server import USER, Server


class Rows:
    """A connection of the C driver to one database."""

    def __init__(self, server: Server, database: str) -> None:
        converters: dict[Any, Any] = dict(conversions)
        converters[FIELD_TYPE.TINY] = lambda text: text == b"1"
        converters[FIELD_TYPE.NEWDECIMAL] = orjson.Fragment
        self._connection = MySQLdb.connect(
            unix_socket=str(server.socket),
            user=USER,
            passwd=server.password,
            db=database,
            charset="utf8mb4",
            conv=converters,
        )
        self._connection.autocommit(True)

    def answer(self, statement: str, names: tuple[str, ...], json_name: str) -> bytes:
        """The rows as an array of objects; `names` are their keys in the order selected, `json_name` is the JSON
        column, which the driver returns as text."""
        cursor = self._connection.cursor()
        cursor.execute(statement)
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cursor.close()
        for row in rows:
            row[json_name] = orjson.Fragment(row[json_name])
        return orjson.dumps(rows)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()  # type: ignore[no-untyped-call]
