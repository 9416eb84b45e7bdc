"""MySQL and MariaDB give the same answers to random requests made from the names in the catalog.

The requests avoid what differs between the servers: collations beyond ASCII, and the order of JSON arrays and objects.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import pytest

from api.catalog import Catalog, Kind, Table
from local.server import Server
from tests.integration.client import Client, Response
from tests.integration.conftest import statements

REQUESTS = 250
VALUES: dict[Kind, tuple[str, ...]] = {
    Kind.INTEGER: ("0", "1", "2", "3", "4"),
    Kind.BOOLEAN: ("true", "false"),
    Kind.YEAR: ("2024", "1901"),
    Kind.BITS: ("1", "2730"),
    Kind.DECIMAL: ("1.5", "10.50", "0", "12.25"),
    Kind.FLOAT: ("0.1", "0.5", "1e30", "-1.5"),
    Kind.TEXT: ("Ann", "a-1", "au", "b", "", "x", "apple"),
    Kind.ENUM: (),
    Kind.SET: (),
    Kind.DATE: ("2024-01-01", "1990-01-02"),
    Kind.TIME: ("00:00:00", "12:34:56.789"),
    Kind.DATETIME: ("2024-02-29T00:00:00", "2024-01-01T10:00:00.125"),
    Kind.TIMESTAMP: ("2024-02-29T00:00:00Z",),
    Kind.BINARY: ("AAECAw==", "AP8Qww=="),
}
SORTED = frozenset(VALUES) - {Kind.TEXT, Kind.SET}
CASTS = {Kind.INTEGER: "text", Kind.DECIMAL: "int", Kind.DATETIME: "date", Kind.BOOLEAN: "text", Kind.ENUM: "text"}
DEEPEST = 2
BEYOND_ASCII = frozenset({"longtext_", "varchar_"})


@pytest.fixture(scope="module")
def both(mysql_server: Server, mariadb_server: Server) -> Iterator[tuple[Client, Client]]:
    with ExitStack() as stack:
        clients = []
        for server in (mysql_server, mariadb_server):
            database = stack.enter_context(server.temporary_database())
            server.execute(*statements("shop.sql"), *statements("types.sql"), database=database)
            client = Client(server, database)
            stack.callback(client.close)
            clients.append(client)
        yield clients[0], clients[1]


class Composer:
    """Compose random requests that must succeed, from a seed."""

    def __init__(self, catalog: Catalog, seed: int) -> None:
        self.catalog = catalog
        self.random = random.Random(seed)
        self.parameters: dict[str, str] = {}

    def address(self) -> str:
        schema = self.catalog.schemas[self.catalog.default_schema]
        table = self.random.choice(
            [each for _, each in sorted(schema.tables.items()) if each.name.isidentifier() and each.name != "order"]
        )
        grouped = self.chance(0.2)
        self.parameters = {"select": ",".join(self.items(table, "", 0, grouped))}
        if self.chance(0.6):
            self.parameters.setdefault(*self.condition(table))
        if self.chance(0.3):
            self.parameters[self.random.choice(["or", "and", "not.or"])] = f"({self.tree(table)},{self.tree(table)})"
        if self.chance(0.3) and not grouped and table.primary_key:
            self.parameters["order"] = self.order(table)
        query = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in self.parameters.items())
        return f"/{table.name}?{query}"

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def items(self, table: Table, path: str, depth: int, grouped: bool) -> list[str]:
        shown = self.random.sample(table.columns, min(len(table.columns), 3))
        items = [
            f"{each.name}::{CASTS[each.type.kind]}" if each.type.kind in CASTS and self.chance(0.2) else each.name
            for each in shown
        ]
        if grouped:
            numbers = [each.name for each in table.columns if each.type.kind in (Kind.INTEGER, Kind.DECIMAL)]
            items += [
                "n:count()",
                *(f"total:{name}.{self.random.choice(['sum', 'min', 'max'])}()" for name in numbers[:1]),
            ]
        relationships = [
            each for each in self.catalog.relationships.get(table.key, ()) if each.target.name.isidentifier()
        ]
        for each in self.random.sample(
            relationships, min(len(relationships), self.random.choice([0, 1, 2]) if depth < DEEPEST else 0)
        ):
            target = self.catalog.table(each.target)
            hint = each.name if each.junction is None else each.junction.target_constraint
            alias = f"e{depth}{len(items)}"
            beneath, inner = f"{path}{alias}.", "!inner" if self.chance(0.25) else ""
            nested = self.items(target, beneath, depth + 1, self.chance(0.15))
            items.append(f"{alias}:{target.name}!{hint}{inner}({','.join(nested)})")
            self.embedded(target, beneath, to_one=each.cardinality.to_one, keyed="n:count()" not in nested)
            if not inner and self.chance(0.15):
                self.parameters[path + alias] = self.random.choice(["is.null", "not.is.null"])
        return items

    def embedded(self, table: Table, path: str, *, to_one: bool, keyed: bool) -> None:
        if self.chance(0.4):
            name, condition = self.condition(table)
            self.parameters[path + name] = condition
        if not to_one and keyed and table.primary_key and self.chance(0.4):
            self.parameters[f"{path}order"] = self.order(table)
            self.parameters[f"{path}limit"] = str(self.random.randint(0, 2))
            self.parameters[f"{path}offset"] = str(self.random.randint(0, 1))

    def order(self, table: Table) -> str:
        sortable = [each.name for each in table.columns if each.type.kind in SORTED] or list(table.primary_key)
        return self.random.choice(sortable) + self.random.choice(["", ".desc", ".desc.nullslast", ".nullsfirst"])

    def tree(self, table: Table, depth: int = 0) -> str:
        if depth == DEEPEST or self.chance(0.6):
            name, condition = self.condition(table, quoted=True)
            return f"{name}.{condition}"
        return f"{self.random.choice(['and', 'or', 'not.and', 'not.or'])}({self.tree(table, depth + 1)},{self.tree(table, depth + 1)})"

    def condition(self, table: Table, *, quoted: bool = False) -> tuple[str, str]:
        column = self.random.choice(
            [each for each in table.columns if each.type.kind in VALUES and each.name not in BEYOND_ASCII]
            or table.columns
        )
        kind, negation = column.type.kind, self.random.choice(["", "", "not."])
        values = VALUES.get(kind) or column.type.members
        if not values or self.chance(0.1):
            return column.name, f"{negation}is.null"
        chosen = [f'"{each}"' for each in self.random.sample(values, min(2, len(values)))]
        value = chosen[0] if quoted else chosen[0].strip('"')
        operators = ["eq", "neq", "isdistinct", "in", "any"]
        operators += [] if kind is Kind.SET else ["gt", "gte", "lt", "lte"]
        operators += ["like", "ilike"] if kind in (Kind.TEXT, Kind.ENUM) else []
        operator = self.random.choice(operators)
        if operator == "in":
            return column.name, f"{negation}in.({','.join(chosen)})"
        if operator == "any":
            return column.name, f"{negation}eq({self.random.choice(['any', 'all'])}).{{{','.join(chosen)}}}"
        return column.name, f"{negation}{operator}.{'*a*' if 'like' in operator else value}"


def comparable(response: Response, *, ordered: bool) -> Any:
    """Status and rows, ignoring the order of keys in JSON documents and the type of numbers."""
    rows = [json.dumps(row, sort_keys=True) for row in json.loads(response.body, parse_int=float)]
    return response.status, response.headers["Content-Range"], rows if ordered else sorted(rows)


@pytest.mark.parametrize("seed", range(4))
def test_both_servers_give_the_same_answer(both: tuple[Client, Client], seed: int) -> None:
    mysql, mariadb = both
    composer = Composer(mysql.service.accounts.of(None).catalogs.current(), seed)
    for _ in range(REQUESTS):
        address = composer.address()
        answers = [client.get(address, Prefer="count=exact") for client in (mysql, mariadb)]
        assert answers[0].status in (200, 206), (address, answers[0].body)
        ordered = "count" not in address and "keyless" not in address
        assert comparable(answers[0], ordered=ordered) == comparable(answers[1], ordered=ordered), address
