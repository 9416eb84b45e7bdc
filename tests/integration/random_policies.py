"""Random conditions of row policies on any catalog, as a policy writes them and as the plain SQL that they mean."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from api.catalog import Catalog, Kind, Table
from migrator.policy_tokens import quoted as q
from tests.integration.random_schema import literal

SUBJECTS = (1, "1", "2", 3, "4", "1abc", "x", "", None, "-1", 2**70, [1], True)
NAMES = ("Ann", "new", "paid", "N", "red", "'", "x\\", None, 5, "a' OR '1'='1")
INTEGERS = (Kind.INTEGER,)


@dataclass
class Conditions:
    """Conditions on the tables of a database, and the claims of the caller whom they bind."""

    random: random.Random
    catalog: Catalog
    database: str
    claims: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pick = self.random
        self.claims = {"sub": pick.choice(SUBJECTS), "level": pick.choice((0, 2, "3", "z")), "name": pick.choice(NAMES)}
        if pick.random() < 0.1:
            self.claims = {}

    def condition(self, table: Table) -> tuple[str, str]:
        """A condition as a policy writes it, and as SQL for the alias x, with the claims as literals."""
        pick = self.random
        if pick.random() < 0.25:
            (one, first), (other, second) = self.condition(table), self.condition(table)
            word = pick.choice(("AND", "OR"))
            negated = pick.choice(("", "", "NOT "))
            return f"{negated}(({one}) {word} ({other}))", f"{negated}(({first}) {word} ({second}))"
        column = pick.choice(table.columns)
        own = pick.choice((q(column.name), f"{q(table.name)}.{q(column.name)}"))
        related = [each for each in table.foreign_keys if each.referenced.schema == self.database]
        if related and pick.random() < 0.3:
            key = pick.choice(related)
            links = [
                (f"other.{q(there)} = {q(table.name)}.{q(here)}", f"other.{q(there)} = x.{q(here)}")
                for here, there in zip(key.columns, key.referenced_columns, strict=True)
            ]
            at, of = key.referenced.name, self.database
            return (
                f"EXISTS (SELECT 1 FROM {q(at)} AS other WHERE {' AND '.join(link for link, _ in links)})",
                f"EXISTS (SELECT 1 FROM {q(of)}.{q(at)} other WHERE {' AND '.join(link for _, link in links)})",
            )
        if column.type.kind in INTEGERS:
            claim, path = pick.choice((("auth.uid()", "sub"), ("auth.claim('level')", "level")))
            operator = pick.choice(("=", "<>", ">", "<=", "<=>"))
            literal = number(self.claims.get(path))
            if pick.random() < 0.5:
                return f"{own} {operator} {claim}", f"x.{q(column.name)} {operator} {literal}"
            return f"{own} IN (2, {claim})", f"x.{q(column.name)} IN (2, {literal})"
        if column.type.kind is Kind.TEXT:
            operator = pick.choice(("=", "<>", "<="))
            literal = text(self.claims.get("name"))
            return f"{own} {operator} auth.claim('name')", f"x.{q(column.name)} {operator} {literal}"
        return pick.choice(
            (
                (f"{own} IS NULL", f"x.{q(column.name)} IS NULL"),
                (f"{own} IS NOT NULL", f"x.{q(column.name)} IS NOT NULL"),
                ("TRUE", "TRUE"),
                ("FALSE", "FALSE"),
                ("auth.claim('name') IS NOT NULL", f"{text(self.claims.get('name'))} IS NOT NULL"),
            )
        )


def create_policy(
    name: str, table: str, command: str, permissive: bool, using: str | None, check: str | None, role: str = ""
) -> str:
    """A CREATE POLICY; without a role, it binds everybody."""
    return (
        f"CREATE POLICY {name} ON {table}{'' if permissive else ' AS RESTRICTIVE'} FOR {command}"
        f"{f' TO {role}' if role else ''}"
        f"{f' USING ({using})' if using else ''}"
        f"{f' WITH CHECK ({check})' if check else ''}"
    )


def number(claim: object) -> str:
    """A claim compared with an integer column."""
    if isinstance(claim, bool) or not isinstance(claim, int | str):
        return "NULL"
    digits = str(claim)
    return digits if digits.removeprefix("-").isdigit() and str(int(digits)) == digits else "NULL"


def text(claim: object) -> str:
    """A claim compared with a text column."""
    return "NULL" if claim is None else f"X'{str(claim).encode().hex()}'" if claim == "" else literal(str(claim))
