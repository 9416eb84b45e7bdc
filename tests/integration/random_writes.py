"""Random rows, changes and filters for writes on a random schema."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from migrator.policy_tokens import quoted as q
from tests.integration.random_schema import Schema, Table, literal


def as_filtered(column: str) -> str:
    """The name of a column as an address has it."""
    return quote(f'"{column}"', safe="")


@dataclass
class RandomWrites:
    """Random writes on one table of a random schema."""

    random: random.Random
    schema: Schema
    table: Table

    def value(self, name: str) -> Any:
        """A value for a column. Those of foreign keys exist, mostly."""
        pick = self.random
        column = next(column for column in self.table.columns if column.name == name)
        for key in self.table.keys:
            if name in key.columns and key.table.rows and pick.random() < 0.9:
                return pick.choice(key.table.rows)[key.referenced[key.columns.index(name)]]
        value = self.schema.value(column)
        if column.declared != "JSON" or value is None:
            return value
        # MariaDB keeps the text as it is sent; and null in a request is NULL, never the JSON value
        return "1" if value == "null" else json.dumps(json.loads(str(value)), separators=(",", ":"))

    def key(self, *, known: float = 0.7) -> dict[str, Any]:
        """A key; `known`: the probability that it is one of the first rows."""
        if self.table.rows and self.random.random() < known:
            row = self.random.choice(self.table.rows)
            return {name: row[name] for name in self.table.key}
        return {name: self.value(name) for name in self.table.key}

    def row(self, *, known: float = 0.7) -> dict[str, Any]:
        return {column.name: self.value(column.name) for column in self.table.columns} | self.key(known=known)

    def filter(self) -> tuple[str, str]:
        """A filter as a request has it, and as SQL."""
        if self.random.random() < 0.4:
            return self.by_key(self.key())
        column = self.random.choice([each for each in self.table.columns if each.declared in ("INT", "DATE")] or [None])
        if column is None:
            name = self.table.key[0]
            return f"{as_filtered(name)}=not.is.null", f"{q(name)} IS NOT NULL"
        value = self.schema.value(column)
        if value is None:
            return f"{as_filtered(column.name)}=is.null", f"{q(column.name)} IS NULL"
        return f"{as_filtered(column.name)}=gte.{value}", f"{q(column.name)} >= {literal(value)}"

    def by_key(self, key: dict[str, Any]) -> tuple[str, str]:
        terms = [f"{as_filtered(name)}=eq.{quote(str(value), safe='')}" for name, value in key.items()]
        return "&".join(terms), " AND ".join(f"{q(name)} = {literal(value)}" for name, value in key.items())

    def body(self, row: dict[str, Any]) -> dict[str, Any]:
        declared = {column.name: column.declared for column in self.table.columns}
        return {
            name: json.loads(value) if declared[name] == "JSON" and value is not None else value
            for name, value in row.items()
        }

    @property
    def order(self) -> str:
        return "order=" + ",".join(as_filtered(name) for name in self.table.key)
