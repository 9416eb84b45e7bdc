"""The tables that random requests go to, their random rows, and how they refer to each other: once as SQL, once as Python values."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Key = tuple[Any, ...]
Stored = dict[str, list[Row]]

CREATE = (
    (
        "CREATE TABLE area (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_bin NOT NULL, parent_id INT NULL,"
        " CONSTRAINT area_parent FOREIGN KEY (parent_id) REFERENCES area (id))"
    ),
    (
        "CREATE TABLE maker (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,"
        " code VARCHAR(20) COLLATE utf8mb4_general_ci NULL, area_id INT NULL, stars INT NULL, score DECIMAL(8, 2) NULL,"
        " active TINYINT(1) NULL, born DATE NULL, data JSON NULL,"
        " CONSTRAINT maker_area FOREIGN KEY (area_id) REFERENCES area (id))"
    ),
    (
        "CREATE TABLE note (maker_id INT NOT NULL PRIMARY KEY, body VARCHAR(20) COLLATE utf8mb4_bin NULL,"
        " CONSTRAINT note_maker FOREIGN KEY (maker_id) REFERENCES maker (id))"
    ),
    (
        "CREATE TABLE thing (id INT NOT NULL PRIMARY KEY, maker_id INT NULL, label VARCHAR(20) COLLATE utf8mb4_bin NULL UNIQUE,"
        " size INT NULL DEFAULT 7, price DECIMAL(10, 2) NULL, weight DOUBLE NULL, data JSON NULL,"
        " CONSTRAINT thing_maker FOREIGN KEY (maker_id) REFERENCES maker (id))"
    ),
    "CREATE TABLE tag (id INT NOT NULL PRIMARY KEY, word VARCHAR(20) COLLATE utf8mb4_bin NOT NULL)",
    (
        "CREATE TABLE thing_tag (thing_id INT NOT NULL, tag_id INT NOT NULL, PRIMARY KEY (thing_id, tag_id),"
        " CONSTRAINT thing_tag_thing FOREIGN KEY (thing_id) REFERENCES thing (id),"
        " CONSTRAINT thing_tag_tag FOREIGN KEY (tag_id) REFERENCES tag (id))"
    ),
    (
        "CREATE TABLE part (box INT NOT NULL, line INT NOT NULL, thing_id INT NULL, qty INT NULL, PRIMARY KEY (box, line),"
        " CONSTRAINT part_thing FOREIGN KEY (thing_id) REFERENCES thing (id))"
    ),
)

TYPES: dict[str, dict[str, str]] = {
    "area": {"id": "int", "name": "text", "parent_id": "int"},
    "maker": {
        "id": "int", "name": "text", "code": "ci", "area_id": "int", "stars": "int", "score": "decimal",
        "active": "bool", "born": "date", "data": "json",
    },
    "note": {"maker_id": "int", "body": "text"},
    "thing": {
        "id": "int", "maker_id": "int", "label": "text", "size": "int", "price": "decimal", "weight": "double",
        "data": "json",
    },
    "tag": {"id": "int", "word": "text"},
    "thing_tag": {"thing_id": "int", "tag_id": "int"},
    "part": {"box": "int", "line": "int", "thing_id": "int", "qty": "int"},
}  # fmt: skip
KEYS: dict[str, tuple[str, ...]] = {
    "area": ("id",), "maker": ("id",), "note": ("maker_id",), "thing": ("id",), "tag": ("id",),
    "thing_tag": ("thing_id", "tag_id"), "part": ("box", "line"),
}  # fmt: skip


@dataclass(frozen=True)
class Link:
    """What a name in `select` leads to; a junction is its table with its columns for both ends."""

    target: str
    column: str
    target_column: str
    to_one: bool
    junction: tuple[str, str, str] | None = None


LINKS: dict[str, dict[str, Link]] = {
    "area": {
        "area": Link("area", "id", "parent_id", False),
        "parent_id": Link("area", "parent_id", "id", True),
        "maker": Link("maker", "id", "area_id", False),
    },
    "maker": {
        "area": Link("area", "area_id", "id", True),
        "note": Link("note", "id", "maker_id", True),
        "thing": Link("thing", "id", "maker_id", False),
    },
    "note": {"maker": Link("maker", "maker_id", "id", True)},
    "thing": {
        "maker": Link("maker", "maker_id", "id", True),
        "tag": Link("tag", "id", "id", False, ("thing_tag", "thing_id", "tag_id")),
        "thing_tag": Link("thing_tag", "id", "thing_id", False),
        "part": Link("part", "id", "thing_id", False),
    },
    "tag": {
        "thing": Link("thing", "id", "id", False, ("thing_tag", "tag_id", "thing_id")),
        "thing_tag": Link("thing_tag", "id", "tag_id", False),
    },
    "thing_tag": {"thing": Link("thing", "thing_id", "id", True), "tag": Link("tag", "tag_id", "id", True)},
    "part": {"thing": Link("thing", "thing_id", "id", True)},
}

WORDS = ("a", "A", "ab", "b", "Ba", "c'd", "é", "x,y", "(z)", "100%", "a_b", "null")
CODES = ("a", "A", "b", "B", "ab", "aB")
DATES = ("1999-12-31", "2000-01-01", "2000-02-29", "2024-06-15")
DOCUMENTS: tuple[Any, ...] = (
    {"a": 1, "s": "x", "l": [1, "two", None], "n": None}, {"a": 2, "s": "Y", "l": []}, {"a": "1", "o": {"k": 5}},
    {"a": True, "s": ""}, {"a": 1.5, "l": [{"k": "v"}]}, {"a": [1]}, [1, "two", {"k": 3}], "text", 7, {},
)  # fmt: skip


def random_rows(seed: int) -> Stored:
    """Some rows for each table; the same for the same seed."""
    chance = random.Random(seed)

    def maybe(values: Any) -> Any:
        return None if chance.random() < 0.25 else chance.choice(values)

    def money() -> Any:
        return maybe([Decimal(cents).scaleb(-2) for cents in (-325, 0, 50, 1000, 1050, 99999)])

    areas = [
        {"id": i, "name": chance.choice(WORDS), "parent_id": maybe(range(1, i)) if i > 1 else None} for i in range(1, 6)
    ]
    makers = [
        {
            "id": i, "name": chance.choice(WORDS), "code": maybe(CODES), "area_id": maybe(range(1, 6)),
            "stars": maybe(range(-1, 4)), "score": money(), "active": maybe([True, False]), "born": maybe(DATES),
            "data": maybe(DOCUMENTS),
        }
        for i in range(1, 9)
    ]  # fmt: skip
    labels = chance.sample(WORDS, len(WORDS))
    things = [
        {
            "id": i, "maker_id": maybe(range(1, 7)), "label": maybe([labels[i - 1]]), "size": maybe(range(-2, 5)),
            "price": money(), "weight": maybe([0.25, 1.5, -2.0, 0.0]), "data": maybe(DOCUMENTS),
        }
        for i in range(1, 13)
    ]  # fmt: skip
    pairs = sorted(chance.sample([(i, j) for i in range(1, 11) for j in range(1, 5)], 14))
    places = [(box, line) for box in (1, 2, 3) for line in (1, 2, 3)]
    return {
        "area": areas,
        "maker": makers,
        "note": [{"maker_id": i, "body": maybe(WORDS)} for i in (1, 2, 4, 7)],
        "thing": things,
        "tag": [{"id": i, "word": word} for i, word in enumerate(("red", "Red", "é", "blue", "unused"), 1)],
        "thing_tag": [{"thing_id": i, "tag_id": j} for i, j in pairs],
        "part": [
            {"box": box, "line": line, "thing_id": maybe(range(1, 8)), "qty": maybe(range(4))} for box, line in places
        ],
    }


def inserts(rows: Stored) -> list[str]:
    """The statements that store the rows."""
    return [
        f"INSERT INTO {table} ({', '.join(TYPES[table])}) VALUES "
        + ", ".join(
            f"({', '.join(_literal(row[name], kind) for name, kind in TYPES[table].items())})" for row in stored
        )
        for table, stored in rows.items()
        if stored
    ]


def _literal(value: Any, kind: str) -> str:
    if value is None:
        return "NULL"
    if kind == "json":
        return _quoted(json.dumps(value))
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


if __name__ == "__main__":
    print(";\n".join([*CREATE, *inserts(random_rows(int(sys.argv[1])))]) + ";")
