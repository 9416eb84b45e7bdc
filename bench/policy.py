"""What a row policy costs: a read by key under a policy, compared with the same read with the condition as a filter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

from api.response.answer import Answer
from bench import data
from bench.measure import Result, pair
from bench.read import Bench
from local.server import Server
from migrator.policy_statements import parse_policy_statement
from migrator.row_security import RowSecurity

POLICY = (
    "ALTER TABLE purchase ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON purchase USING (customer_id = auth.uid())",
)
KEY = 42


def run(server: Server, rounds: int) -> Iterator[Result]:
    """Measure a row by its key, and the same row with a to-one embed."""
    with server.temporary_database() as plain, server.temporary_database() as protected:
        for name in (plain, protected):
            data.fill(server, name)
        with closing(server.connect(protected)) as connection:
            security = RowSecurity(connection, protected)
            security.create()
            for text in POLICY:
                statement = parse_policy_statement(text)
                assert statement is not None
                security.apply(statement)
            connection.commit()
        with closing(Bench(server, plain)) as filtered, closing(Bench(server, protected)) as bound:
            yield from _compared(filtered, bound, rounds, "row by key", "")
            yield from _compared(filtered, bound, rounds, "row with a to-one embed", "&select=id,total,customer(name)")


def _compared(filtered: Bench, bound: Bench, rounds: int, what: str, more: str) -> Iterator[Result]:
    (row,) = json.loads(filtered.get("/purchase", f"id=eq.{KEY}").body)
    owner = row["customer_id"]
    claims = {"sub": str(owner)}

    def by_policy() -> Answer:
        return bound.service.rest("GET", "/purchase", f"id=eq.{KEY}{more}", {}, b"", identify=lambda: claims)

    def by_filter() -> Answer:
        return filtered.get("/purchase", f"id=eq.{KEY}&customer_id=eq.{owner}{more}")

    assert by_policy().body == by_filter().body != b"[]"
    assert bound.get("/purchase", f"id=eq.{KEY}").body == b"[]"
    measured = pair(by_policy, by_filter, rounds=rounds, calls=20, server_pid=bound.pid)
    yield Result(f"{what} under a policy / with a filter", measured.ratio, "", 1.05)
    yield Result("    in CPU time", measured.cpu_ratio, "")
