"""The statements sent for lists that are too long for one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from api.catalog import Dialect
from api.errors import ApiError
from api.reading.long_lists import read_long
from api.reading.rows import Reader, Row
from api.sql.server import Server
from api.statement import MAX_STATEMENT_BYTES, Statement, size
from tests.unit.reading import plan

LIST = ",".join(f"value-{n:05}" for n in range(2000))


@dataclass
class Silent:
    """A session over empty tables that records the statements it is sent."""

    asked: list[Statement] = field(default_factory=list)
    warnings: int = 0

    def rows(self, statement: Statement) -> Sequence[Row]:
        self.asked.append(statement)
        return []

    encoded_rows = rows


def asked(query: str, table: str = "customer") -> list[Statement]:
    session = Silent()
    rows = read_long(Reader(session, Server(Dialect.MYSQL)), plan(query, table), order_values=False, counted=False)
    assert (rows.encoded, rows.total) == ([], None)
    return session.asked


def test_a_short_list_takes_one_statement() -> None:
    assert len(asked("name=in.(a,b)")) == 1


def test_a_long_list_is_split_into_statements_with_every_value_once() -> None:
    statements = asked(f"name=in.({LIST})&id=gt.3&order=name&limit=5")
    assert all(
        len(statement.text % tuple(map(repr, statement.parameters))) <= MAX_STATEMENT_BYTES for statement in statements
    )
    values = [value for statement in statements for value in statement.parameters if isinstance(value, str)]
    assert sorted(values) == sorted(LIST.split(","))
    assert all(statement.text.endswith("ORDER BY t.`name` LIMIT %s") for statement in statements)
    assert all(3 in statement.parameters and 5 in statement.parameters for statement in statements)


def test_a_long_list_of_exceptions_is_looked_up_first() -> None:
    *parts, rest = asked(f"name=not.in.({LIST})&order=name")
    assert len(parts) > 1
    assert " NOT " not in parts[0].text
    assert rest.parameters == (80,)  # the length that strings are padded to


@pytest.mark.parametrize("query", [f"or=(name.in.({LIST}),id.eq.1)", f"select=name,count()&name=in.({LIST})"])
def test_a_list_that_cannot_be_split_is_rejected(query: str) -> None:
    with pytest.raises(ApiError) as caught:
        asked(query, "customer")
    assert (caught.value.status, caught.value.code) == (413, "54001")


def test_a_single_long_value_is_sent() -> None:
    (statement,) = asked(f"or=(name.eq.{'x' * MAX_STATEMENT_BYTES},id.eq.1)", "customer")
    assert size(statement) > MAX_STATEMENT_BYTES
