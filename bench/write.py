"""What writing costs: the service compared with PyMySQL's `executemany` and with the bare statements of one insert."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from typing import Any

from pymysql.cursors import Cursor

from api.database import Database
from api.handler import make_handler
from api.service import Service
from api.settings import Settings
from api.statement import MAX_STATEMENT_BYTES
from bench.events import event
from bench.measure import Result, Spread, pair
from local.server import Server

ROWS = 10_000
ROUNDS_OF_BULK = 20
KEY = 1
COLUMNS = ("customer_id", "reference", "note", "total", "placed", "paid")
TABLE = (
    "CREATE TABLE {} (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL,"
    " reference VARCHAR(20) NOT NULL, note VARCHAR(100) NULL, total DECIMAL(10, 2) NOT NULL, placed DATETIME NOT NULL,"
    " paid TINYINT(1) NOT NULL, KEY {}_customer (customer_id))"
)
INSERT = f"INSERT INTO bare ({', '.join(COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s)"
UPSERT = (
    f"INSERT INTO bare (id, {', '.join(COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE "
    + ", ".join(f"{column}=VALUES({column})" for column in COLUMNS)
)
UPDATE = "UPDATE bare SET total = %s WHERE id = %s"
SHOWN = (
    "SELECT CONCAT('{\"id\":',t.`id`,',\"customer_id\":',t.`customer_id`,',\"reference\":',JSON_QUOTE(t.`reference`),"
    "',\"note\":',IFNULL(JSON_QUOTE(t.`note`),'null'),',\"total\":',t.`total`,',\"placed\":\"',"
    "INSERT(t.`placed`,11,1,'T'),'\",\"paid\":',ELT(1+(t.`paid`<>0),'false','true'),'}')"
    " FROM bare t WHERE t.`id` IN (%s)"
)


class ShortStatements(Cursor):
    """PyMySQL's cursor, with `executemany` limited to the statement length that the service uses."""

    max_stmt_length = MAX_STATEMENT_BYTES


def rows(number: int) -> list[dict[str, Any]]:
    """The rows of a request, the same every time."""
    chance = random.Random(2)
    return [
        {
            "customer_id": chance.randint(1, 500),
            "reference": f"P-{each:08}",
            "note": None if each % 7 == 0 else f"It's the {each}th, “please” ring twice",
            "total": chance.randrange(1_000_000) / 100,
            "placed": f"2024-{1 + each % 12:02}-{1 + each % 28:02} 10:20:30",
            "paid": each % 3 == 0,
        }
        for each in range(number)
    ]


class Bench:
    """The application on one table, and a plain driver connection on an identical one."""

    def __init__(self, server: Server, name: str) -> None:
        server.execute(TABLE.format("served", "served"), TABLE.format("bare", "bare"), database=name)
        self.environment = {"AUROREST_DATABASE_URL": server.url(name)}
        self.settings = Settings.from_environment(self.environment)
        self.database = Database(self.settings)
        self.service = Service(self.settings, self.database)
        self.pid = server.process.pid
        self.driver = server.connect(name)
        self.driver.autocommit(True)

    def close(self) -> None:
        """Close the connections."""
        self.database.close()
        self.driver.close()

    def post(self, body: bytes) -> None:
        """Insert rows with the service."""
        answer = self.service.rest("POST", "/served", "", {"prefer": "return=minimal"}, body)
        assert answer.status == 201, answer.body

    def upsert(self, body: bytes) -> None:
        """Insert rows with the service, or give those that exist new values."""
        headers = {"prefer": "return=minimal,resolution=merge-duplicates"}
        answer = self.service.rest("POST", "/served", "", headers, body)
        assert answer.status in (200, 201), answer.body

    def execute_many(self, statement: str, values: list[tuple[object, ...]]) -> None:
        """Run the statement for all rows with PyMySQL, in one transaction."""
        with self.driver.cursor(ShortStatements) as cursor:
            self.driver.begin()
            cursor.executemany(statement, values)
            self.driver.commit()

    def insert_one(self, values: tuple[object, ...]) -> bytes:
        """Send the bare statements of one insert with its representation."""
        with self.driver.cursor() as cursor:
            self.driver.begin()
            cursor.execute(INSERT, values)
            cursor.execute(SHOWN, (cursor.lastrowid,))
            found = cursor.fetchall()
            self.driver.commit()
        return str(found[0][0]).encode()

    def update_one(self, total: str, key: int) -> bytes:
        """Send the bare statements of one update with its representation."""
        with self.driver.cursor() as cursor:
            self.driver.begin()
            cursor.execute(UPDATE, (total, key))
            cursor.execute(SHOWN, (key,))
            found = cursor.fetchall()
            self.driver.commit()
        return str(found[0][0]).encode()

    def peak_bytes(self, body: bytes) -> int:
        """The peak memory of a request, without its body."""
        tracemalloc.start()
        self.post(body)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak


def _bulk(bench: Bench, rounds: int) -> Iterator[Result]:
    sent = rows(ROWS)
    body = json.dumps(sent).encode()
    values = [tuple(row.values()) for row in sent]
    measured = pair(
        lambda: bench.post(body),
        lambda: bench.execute_many(INSERT, values),
        rounds=min(rounds, ROUNDS_OF_BULK),
        server_pid=bench.pid,
    )
    yield Result(f"insert of {ROWS} rows / executemany", measured.ratio, "", 1.2)
    yield Result("  in CPU time", measured.cpu_ratio, "")
    for part in (ROWS // 2, ROWS):
        body = json.dumps(sent[:part]).encode()
        factor = bench.peak_bytes(body) / len(body)
        yield Result(
            f"  memory of {part} rows / their body", Spread.of([factor]), "", note=f"body of {len(body)} bytes"
        )


def _bulk_upsert(bench: Bench, rounds: int) -> Iterator[Result]:
    """Every row exists, and gets another total each time."""
    bodies, values = [], []
    for more in (0, 1):
        sent = [{"id": number, **row, "total": row["total"] + more} for number, row in enumerate(rows(ROWS), 1)]
        bodies.append(json.dumps(sent).encode())
        values.append([tuple(row.values()) for row in sent])
    next_body, next_values = cycle(bodies), cycle(values)
    measured = pair(
        lambda: bench.upsert(next(next_body)),
        lambda: bench.execute_many(UPSERT, next(next_values)),
        rounds=min(rounds, ROUNDS_OF_BULK),
        server_pid=bench.pid,
    )
    yield Result(f"upsert of {ROWS} rows / executemany", measured.ratio, "", 1.2)
    yield Result("  in CPU time", measured.cpu_ratio, "")


def _one_update(bench: Bench, rounds: int) -> Iterator[Result]:
    handler = make_handler(bench.environment)
    totals = [f"{each}.50" for each in range(2)]
    events = [event("PATCH", f"served/{KEY}", body={"total": float(total)}) for total in totals]
    for each, total in zip(events, totals, strict=True):
        answer = handler(each, None)
        assert answer["statusCode"] == 200, answer
        assert json.loads(answer["body"])["total"] == json.loads(bench.update_one(total, KEY))["total"] == float(total)
    next_event, next_total = cycle(events), cycle(totals)
    measured = pair(
        lambda: handler(next(next_event), None),
        lambda: bench.update_one(next(next_total), KEY),
        rounds=rounds,
        calls=10,
        server_pid=bench.pid,
    )
    yield Result("update of one row, shown: handler - statements", measured.difference.scaled(1000), "ms", 0.4)
    yield Result("  in CPU time", measured.cpu_difference.scaled(1000), "ms")


def _one(bench: Bench, rounds: int) -> Iterator[Result]:
    row = rows(2)[1]
    values = tuple(row.values())
    asked = event("POST", "served", body=row)
    handler = make_handler(bench.environment)
    answer = handler(asked, None)
    assert answer["statusCode"] == 201, answer
    assert set(json.loads(answer["body"])[0]) == set(json.loads(bench.insert_one(values)))
    measured = pair(
        lambda: handler(asked, None), lambda: bench.insert_one(values), rounds=rounds, calls=10, server_pid=bench.pid
    )
    yield Result("insert of one row, shown: handler - statements", measured.difference.scaled(1000), "ms", 0.4)
    yield Result("  in CPU time", measured.cpu_difference.scaled(1000), "ms")


def run(server: Server, rounds: int) -> Iterator[Result]:
    """Measure everything."""
    with server.temporary_database() as name, closing(Bench(server, name)) as bench:
        yield from _one(bench, rounds)
        yield from _one_update(bench, rounds)
        yield from _bulk(bench, rounds)
        yield from _bulk_upsert(bench, rounds)
