"""The oracle of row security: a protected database answers as one in which the hidden rows do not exist.

Random policies are put on every table of the shop, or of a random schema. A copy of it gets only the rows that they show
to a random caller, by conditions that this module writes itself. Random requests must then have the same answers from
both.

`AUROREST_ORACLE_REQUESTS=5000` runs that many requests on each server instead of 500.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from api.catalog import Catalog, Column, Relationship, Table
from api.catalog.policies import Command, Unreadable, using_rule
from api.database.literal import statement_text
from api.errors import ApiError
from api.plan.relations import find_relationship
from api.plan.tree import RowPolicy
from api.request.caller import Caller
from api.request.query import EmbedItem
from api.sql.policies import policy_sql
from local.server import Server
from migrator.policy_tokens import quoted as q
from tests.integration.client import Client, Response
from tests.integration.conftest import statements
from tests.integration.introspecting import catalog_of
from tests.integration.protecting import protect
from tests.integration.random_policies import Conditions
from tests.integration.random_schema import Schema
from tests.quoting import quoted

REQUESTS = int(os.environ.get("AUROREST_ORACLE_REQUESTS", "500"))
PER_SCENARIO = 25


@dataclass
class Scenario(Conditions):
    """Policies on the tables of a database, the claims of a caller, and the rows that this caller sees."""

    policies: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    """By table: the condition of its visible rows, for the alias x."""

    def __post_init__(self) -> None:
        super().__post_init__()
        pick = self.random
        for table in self.catalog.schemas[self.database].tables.values():
            self.shown[table.name] = "TRUE" if pick.random() < 0.35 else self._protect(table)

    def _protect(self, table: Table) -> str:
        pick = self.random
        name = q(table.name)
        self.policies.append(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        permissive: list[str] = []
        restrictive: list[str] = []
        for number in range(pick.choice((0, 1, 1, 1, 2, 2, 3))):
            written, condition = self.condition(table)
            restricts = number > 0 and pick.random() < 0.4
            command = pick.choice(("", "", " FOR ALL", " FOR SELECT", " FOR SELECT", " FOR UPDATE"))
            role = pick.choice(("", "", "", " TO PUBLIC", " TO somebody_else"))
            kind = " AS RESTRICTIVE" if restricts else ""
            self.policies.append(f"CREATE POLICY p{number} ON {name}{kind}{command}{role} USING ({written})")
            if command != " FOR UPDATE" and role != " TO somebody_else":
                (restrictive if restricts else permissive).append(f"({condition})")
        return " AND ".join([f"({' OR '.join(permissive) or 'FALSE'})", *restrictive])


@dataclass
class Requests:
    """Random requests on a catalog, with values that are stored in a database, hidden ones included."""

    random: random.Random
    catalog: Catalog
    values: dict[tuple[str, str], list[str]]

    def address(self) -> str:
        pick = self.random
        table = pick.choice(list(self.catalog.schemas[self.catalog.default_schema].tables.values()))
        if table.primary_key and pick.random() < 0.1:
            key = [self._value(table, table.by_name[name]) for name in table.primary_key]
            return f"/{quote(table.name)}/{','.join(quote(each, safe='') for each in key)}"
        parameters: list[tuple[str, str]] = []
        if pick.random() < 0.15:
            columns = pick.sample(table.columns, min(len(table.columns), 1))
            select = [f'"{column.name}"' for column in columns]
            select.append(pick.choice(("count()", f'"{columns[0].name}".{pick.choice(("count", "max", "min"))}()')))
            parameters.append(("select", ",".join(select)))
        else:
            parameters.append(("select", self._select(table, "", parameters, 0)))
        parameters += self._filters(table, "")
        if pick.random() < 0.3:
            parameters.append(("limit", str(pick.randint(0, 4))))
            if pick.random() < 0.5:
                parameters.append(("offset", str(pick.randint(0, 3))))
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters)
        return f"/{quote(table.name, safe='')}?{query}"

    def headers(self) -> dict[str, str]:
        pick = self.random
        found = {"Prefer": "count=exact"} if pick.random() < 0.4 else {}
        if pick.random() < 0.3:
            found["Accept"] = pick.choice(
                ("text/csv", "application/vnd.pgrst.object+json", "application/vnd.pgrst.array+json;nulls=stripped")
            )
        return found

    def _select(self, table: Table, path: str, parameters: list[tuple[str, str]], depth: int) -> str:
        """The select of a level; further parameters for its embeds go to `parameters`."""
        pick = self.random
        names = pick.sample(table.columns, pick.randint(1, min(4, len(table.columns))))
        items = [f'"{column.name}"' for column in names] if pick.random() < 0.7 else ["*"]
        to_one: list[tuple[str, Table]] = []
        for number in range(pick.choice((0, 1, 1, 2)) if depth < 3 else 0):
            found = self._related(table)
            if found is None:
                continue
            relationship, wanted = found
            target, name = self.catalog.table(relationship.target), f"e{number}"
            inner = pick.choice(("", "", "!inner"))
            if pick.random() < 0.1:
                items.append(f"{name}:{wanted}{inner}()")
            elif pick.random() < 0.1 and not relationship.cardinality.to_one:
                items.append(f"{name}:{wanted}{inner}(count())")
                continue
            else:
                spread = "..." if pick.random() < 0.15 else ""
                inside = self._select(target, f"{path}{name}.", parameters, depth + 1)
                items.append(f"{spread}{name}:{wanted}{inner}({inside})")
                if spread:
                    continue
                if not relationship.cardinality.to_one:
                    parameters += self._page(f"{path}{name}.")
            parameters += self._filters(target, f"{path}{name}.", 0.25)
            if relationship.cardinality.to_one:
                to_one.append((name, target))
            if pick.random() < 0.2:
                parameters.append((f"{path}{name}", pick.choice(("is.null", "not.is.null"))))
        if pick.random() < 0.4:
            terms = [f'"{pick.choice(self._sortable(table)).name}"{pick.choice(("", ".desc", ".nullsfirst"))}']
            if to_one and pick.random() < 0.7:
                name, target = pick.choice(to_one)
                terms.insert(0, f'{name}("{pick.choice(self._sortable(target)).name}"){pick.choice(("", ".desc"))}')
            parameters.append((f"{path}order", ",".join(terms)))
        return ",".join(items)

    def _sortable(self, table: Table) -> list[Column]:
        return [column for column in table.columns if column.type.kind.traits.sorting] or list(table.columns)

    def _page(self, path: str) -> list[tuple[str, str]]:
        return [(f"{path}limit", str(self.random.randint(0, 2)))] if self.random.random() < 0.2 else []

    def _related(self, table: Table) -> tuple[Relationship, str] | None:
        """A relationship of the table, and how a select names it."""
        several = self.catalog.relationships.get(table.key, ())
        if not several:
            return None
        one = self.random.choice(several)
        for hint in (None, one.name, *one.origin_columns, *one.target_columns):
            try:
                if find_relationship(self.catalog, table, EmbedItem(one.target.name, (), hint=hint)) == one:
                    return one, f'"{one.target.name}"' + (f'!"{hint}"' if hint else "")
            except (ApiError, TypeError):
                continue
        return None

    def _filters(self, table: Table, path: str, chance: float = 0.5) -> list[tuple[str, str]]:
        pick = self.random
        found = []
        while pick.random() < chance:
            if pick.random() < 0.2:
                each = [f'"{name}".{rest}' for name, rest in (self._filter(table, True) for _ in range(2))]
                found.append((f"{path}{pick.choice(('or', 'and', 'not.or'))}", f"({','.join(each)})"))
                continue
            name, rest = self._filter(table, False)
            found.append((f'{path}"{name}"' if not path else f"{path}{name}", rest))
        return found

    def _filter(self, table: Table, nested: bool) -> tuple[str, str]:
        pick = self.random
        column = pick.choice(table.columns)
        negated = pick.choice(("", "", "not."))
        value = self._value(table, column)
        written = quoted(value) if nested else value
        if pick.random() < 0.2 or not column.type.kind.traits.pageable:
            return column.name, f"{negated}is.null"
        if column.type.kind.traits.patterns and pick.random() < 0.2:
            return column.name, f"{negated}ilike.*a*"
        operator = pick.choice(("eq", "eq", "neq", "gt", "lte", "in", "isdistinct"))
        if operator == "in":
            return column.name, f"{negated}in.({quoted(value)})"
        return column.name, f"{negated}{operator}.{written}"

    def _value(self, table: Table, column: Column) -> str:
        return self.random.choice(self.values.get((table.name, column.name)) or ["1"])


@dataclass
class Pair:
    """The protected shop, and the copy of what a caller sees of it."""

    server: Server
    protected: Client
    copy: Client
    catalog: Catalog
    values: dict[tuple[str, str], list[str]]

    def prepare(self, scenario: Scenario) -> None:
        with closing(self.server.connect(self.protected.database)) as connection, connection.cursor() as cursor:
            cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
            for name, condition in scenario.shown.items():
                table = self.catalog.schemas[self.protected.database].tables[name]
                columns = ",".join(q(column.name) for column in table.columns if not column.generated)
                there = f"{q(self.copy.database)}.{q(name)}"
                cursor.execute(f"DELETE FROM {there}")
                cursor.execute(
                    f"INSERT INTO {there} ({columns}) SELECT {columns} FROM {q(self.protected.database)}.{q(name)} x"
                    f" WHERE {condition}"
                )
            connection.commit()
        protect(self.protected, scenario.policies)
        self.protected.claims = scenario.claims


@contextmanager
def paired(server: Server, tables: Iterable[str]) -> Iterator[Pair]:
    """Two databases with the same tables and rows."""
    tables = tuple(tables)
    with server.temporary_database() as one, server.temporary_database() as other:
        for database in (one, other):
            server.execute(*tables, database=database)
            with closing(server.connect(database)) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()")
                for (view,) in cursor.fetchall():  # a view shows the rows of its definer
                    cursor.execute(f"DROP VIEW `{view}`")
                cursor.execute("SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()")
                for (trigger,) in cursor.fetchall():
                    cursor.execute(f"DROP TRIGGER `{trigger}`")
        catalog = catalog_of(server, one)
        with closing(Client(server, one)) as protected, closing(Client(server, other)) as copy:
            yield Pair(server, protected, copy, catalog, stored(copy, catalog))


@pytest.fixture(scope="module")
def shop(server: Server) -> Iterator[Pair]:
    with paired(server, statements("shop.sql")) as found:
        yield found


def stored(client: Client, catalog: Catalog) -> dict[tuple[str, str], list[str]]:
    """Some values of each column, as filters write them."""
    found: dict[tuple[str, str], list[str]] = {}
    for table in catalog.schemas[catalog.default_schema].tables.values():
        for row in client.rows(f"/{quote(table.name, safe='')}?limit=20"):
            for name, value in row.items():
                if value is not None:
                    written = value if isinstance(value, str) else json.dumps(value)
                    found.setdefault((table.name, name), []).append(written)
    return found


def comparable(response: Response, pair: Pair, *, ordered: bool) -> Any:
    body = response.body.decode().replace(pair.protected.database, pair.copy.database)
    headers = {name: response.headers.get(name) for name in ("Content-Range", "Content-Type", "Link")}
    if not ordered:
        return response.status, sorted(body)
    return response.status, headers, body


_INSTANCE = re.compile(r"`([^`]+)`\.((?:`(?:[^`]|``)+`)) (t|e\d+j?)\b")


def policies_are_in(statement: str, catalog: Catalog, caller: Caller) -> int:
    """Every instance of a protected table in a statement has its policies beside it. Returns how many there are."""
    found = 0
    for schema, name, alias in _INSTANCE.findall(statement):
        table = catalog.schemas[schema].tables[name[1:-1].replace("``", "`")]
        assert not isinstance(table.policies, Unreadable)
        if table.policies is None:
            continue
        rule = using_rule(table.policies, Command.SELECT, caller.role)
        assert statement_text(policy_sql(RowPolicy(alias, rule, caller))) in statement, (table.name, alias, statement)
        found += 1
    return found


SCENARIOS = max(2, REQUESTS // PER_SCENARIO)


@pytest.mark.parametrize("seed", range(SCENARIOS // 2))
def test_a_protected_shop_answers_as_one_without_the_hidden_rows(shop: Pair, seed: int) -> None:
    answers_as_without_the_hidden_rows(shop, random.Random(seed), seed)


@pytest.mark.parametrize("seed", range(SCENARIOS // 2, SCENARIOS))
def test_a_protected_database_of_any_schema_answers_as_one_without_the_hidden_rows(server: Server, seed: int) -> None:
    pick = random.Random(seed)
    with paired(server, Schema(pick).statements()) as pair:
        answers_as_without_the_hidden_rows(pair, pick, seed)


def answers_as_without_the_hidden_rows(pair: Pair, pick: random.Random, seed: int) -> None:
    scenario = Scenario(pick, pair.catalog, pair.protected.database)
    pair.prepare(scenario)
    requests = Requests(pick, pair.catalog, pair.values)
    catalog = pair.protected.service.accounts.of(None).catalogs.current()
    answered = instances = 0
    for _ in range(PER_SCENARIO):
        address, headers = requests.address(), requests.headers()
        # another caller must leave nothing behind in a cache
        pair.protected.claims = {"sub": "2", "level": 1, "name": "Bob"}
        pair.protected.request("GET", address, headers)
        pair.protected.claims = scenario.claims
        protected, copy = pair.protected.request("GET", address, headers), pair.copy.request("GET", address, headers)
        ordered = "keyless" not in address and "visit" not in address
        assert comparable(protected, pair, ordered=ordered) == comparable(copy, pair, ordered=ordered), (
            seed, address, headers, scenario.claims, scenario.policies, protected.statements,
        )  # fmt: skip
        answered += protected.status in (200, 206)
        caller = Caller(None, scenario.claims)
        instances += sum(policies_are_in(each, catalog, caller) for each in protected.statements)
    assert answered > 2
    assert instances or not scenario.policies
