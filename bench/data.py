"""The tables for the benchmarks: 5,000 orders of ten columns, their customers, lines and tags, and no visitors."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator

from local.server import Server

ORDERS, CUSTOMERS = 5000, 500

TABLES = """
CREATE TABLE customer (id INT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, city VARCHAR(40) NULL);
CREATE TABLE visitor (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, city VARCHAR(40) NULL);
CREATE TABLE purchase (
    id INT NOT NULL PRIMARY KEY,
    customer_id INT NOT NULL,
    reference VARCHAR(20) NOT NULL,
    note VARCHAR(100) NULL,
    total DECIMAL(10, 2) NOT NULL,
    weight DOUBLE NOT NULL,
    paid TINYINT(1) NOT NULL,
    day DATE NOT NULL,
    placed DATETIME NOT NULL,
    details JSON NOT NULL,
    KEY purchase_placed (placed),
    CONSTRAINT purchase_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
);
CREATE TABLE line (
    purchase_id INT NOT NULL,
    number INT NOT NULL,
    product VARCHAR(40) NOT NULL,
    quantity INT NOT NULL,
    PRIMARY KEY (purchase_id, number),
    CONSTRAINT line_purchase FOREIGN KEY (purchase_id) REFERENCES purchase (id)
);
CREATE TABLE tag (id INT NOT NULL PRIMARY KEY, word VARCHAR(40) NOT NULL);
CREATE TABLE purchase_tag (
    purchase_id INT NOT NULL,
    tag_id INT NOT NULL,
    PRIMARY KEY (purchase_id, tag_id),
    CONSTRAINT purchase_tag_purchase FOREIGN KEY (purchase_id) REFERENCES purchase (id),
    CONSTRAINT purchase_tag_tag FOREIGN KEY (tag_id) REFERENCES tag (id)
)
"""

_WORDS = (
    "please",
    "deliver",
    "after noon",
    "to the",
    "back door",
    "and",
    "ring",
    "twice,",
    "or leave",
    "it",
    "– merci",
)


def fill(server: Server, database: str) -> None:
    """Create the tables in an empty database and fill them; the same rows every time."""
    chance = random.Random(1)
    server.execute(*TABLES.split(";"), database=database)
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET unique_checks = 0")
        cursor.executemany("INSERT INTO customer VALUES (%s, %s, %s)", list(_customers(chance)))
        cursor.executemany(
            "INSERT INTO purchase VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", list(_purchases(chance))
        )
        cursor.executemany("INSERT INTO line VALUES (%s, %s, %s, %s)", list(_lines(chance)))
        cursor.executemany("INSERT INTO tag VALUES (%s, %s)", list(enumerate(_WORDS)))
        cursor.execute("INSERT INTO purchase_tag SELECT p.id, t.id FROM purchase p, tag t WHERE (p.id + t.id) % 4 = 0")
        cursor.execute("ANALYZE TABLE customer, purchase, line, tag, purchase_tag")


def _customers(chance: random.Random) -> Iterator[tuple[object, ...]]:
    for number in range(1, CUSTOMERS + 1):
        yield number, f"Customer {number}", chance.choice(("Basel", "Ghent", "Århus", None))


def _purchases(chance: random.Random) -> Iterator[tuple[object, ...]]:
    start = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - a DATETIME has no zone
    for number in range(1, ORDERS + 1):
        placed = start + dt.timedelta(seconds=chance.randrange(2 * 365 * 86_400))
        note = None if number % 7 == 0 else " ".join(chance.sample(_WORDS, 8))
        details = {"channel": chance.choice(("web", "shop")), "tags": chance.sample(_WORDS, 2), "score": number % 11}
        yield (
            number,
            chance.randint(1, CUSTOMERS),
            f"P-{number:08}",
            note,
            f"{chance.randrange(1_000_000) / 100:.2f}",
            chance.randrange(1, 4000, 2) / 8,  # never an integer: 5 and 5.0 are the same number, but not the same bytes
            number % 3 == 0,
            placed.date(),
            placed,
            json.dumps(details),
        )


def _lines(chance: random.Random) -> Iterator[tuple[object, ...]]:
    for purchase in range(1, ORDERS + 1):
        for number in range(1, chance.randint(2, 4)):
            yield purchase, number, f"Product {chance.randint(1, 200)}", chance.randint(1, 9)
