"""What several writes by one request cost: bulk PATCH compared with the same CASE statements by hand, and a nested
insert compared with `executemany` for each table, a batch compared with its statements."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing

from api.database import Database
from api.request.batch import BATCH
from api.service import Service
from api.settings import Settings
from api.statement import MAX_STATEMENT_BYTES
from bench.forwarder import HOST, forwarding, url_through
from bench.measure import Result, pair
from bench.write import ShortStatements
from local.server import Server

CHANGED = 1000
MOST_ROUNDS = 100
ROUNDS_OF_NESTED = 20
ITEMS = """\
CREATE TABLE item (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, price DECIMAL(10, 2) NOT NULL)
"""
FILL = "INSERT INTO item (name, price) VALUES " + ",".join(f"('item {number}',{number})" for number in range(CHANGED))


SINGLE = 10
ORDERS, LINES = 1000, 5
ORDERS_AT_ONCE = 500
NESTED = (
    "CREATE TABLE `{0}` (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, reference VARCHAR(20) NOT NULL)",
    """CREATE TABLE `{1}` (
    order_id INT NOT NULL, number INT NOT NULL, product VARCHAR(20) NOT NULL, price DECIMAL(10, 2) NOT NULL,
    PRIMARY KEY (order_id, number), FOREIGN KEY (order_id) REFERENCES `{0}` (id))""",
)
INSERT_ORDER = "INSERT INTO bare_order (reference) VALUES (%s)"
INSERT_LINE = "INSERT INTO bare_line (order_id, number, product, price) VALUES (%s, %s, %s, %s)"


class Bench:
    """The service and a plain driver connection on the same tables."""

    def __init__(self, server: Server, name: str, port: int | None = None) -> None:
        """`port`: of a forwarder, through which both reach the server; None for the server's socket, which also creates
        the tables."""
        self.pid = server.process.pid
        if port is None:
            self.fill(server, name)
        self.settings = Settings.from_environment({"AUROREST_DATABASE_URL": url_through(server, name, port)})
        self.database = Database(self.settings)
        self.service = Service(self.settings, self.database)
        through = {} if port is None else {"unix_socket": None, "host": HOST, "port": port}
        self.driver = server.connect(name, **through)
        self.driver.autocommit(True)

    def fill(self, server: Server, name: str) -> None:
        """Create the tables."""
        nested = [
            text.format(*tables) for tables in (("orders", "lines"), ("bare_order", "bare_line")) for text in NESTED
        ]
        server.execute(ITEMS, FILL, *nested, database=name)

    def close(self) -> None:
        """Close the connections."""
        self.database.close()
        self.driver.close()

    def send(self, method: str, path: str, body: bytes, status: int) -> None:
        """Send a request to the service."""
        answer = self.service.rest(method, path, "", {"prefer": "return=minimal"}, body)
        assert answer.status == status, answer.body

    def execute_many(self, orders: Sequence[tuple[str]], lines: Sequence[tuple[int, str, str]]) -> None:
        """Insert orders and their lines with PyMySQL, in one transaction."""
        with self.driver.cursor(ShortStatements) as cursor:
            self.driver.begin()
            keys: list[int] = []
            for some in _runs(orders):  # each in one statement, so that the numbers are known
                cursor.executemany(INSERT_ORDER, some)
                keys += range(cursor.lastrowid, cursor.lastrowid + len(some))
            cursor.executemany(INSERT_LINE, [(key, *line) for key in keys for line in lines])
            self.driver.commit()

    def send_batch(self, body: bytes) -> None:
        """Send a batch to the service."""
        answer = self.service.batch("", {"content-type": BATCH}, body)
        assert answer.status == 200, answer.body

    def run(self, statements: Sequence[str]) -> None:
        """Send final statements in one transaction."""
        with self.driver.cursor() as cursor:
            self.driver.begin()
            for text in statements:
                cursor.execute(text)
            self.driver.commit()


def _runs(orders: Sequence[tuple[str]]) -> Iterator[Sequence[tuple[str]]]:
    return (orders[first : first + ORDERS_AT_ONCE] for first in range(0, len(orders), ORDERS_AT_ONCE))


def _cases(prices: Sequence[tuple[int, str]]) -> list[str]:
    """The statements that a person would write, each as long as one may be."""
    statements: list[str] = []
    some: list[tuple[int, str]] = []
    for each in (*prices, None):
        longer = [*some, each] if each is not None else some
        if each is None or len(_case(longer)) > MAX_STATEMENT_BYTES:
            statements.append(_case(some))
            longer = [each] if each is not None else []
        some = longer
    return statements


def _case(prices: Sequence[tuple[int, str]]) -> str:
    cases = " ".join(f"WHEN {key} THEN {price}" for key, price in prices)
    keys = ",".join(str(key) for key, _ in prices)
    return f"UPDATE item SET price=CASE id {cases} END WHERE id IN ({keys})"


def _bulk_update(bench: Bench, rounds: int) -> Iterator[Result]:
    prices = [(key, f"{key * 7 % 1000}.{key % 100:02}") for key in range(1, CHANGED + 1)]
    body = json.dumps([{"id": key, "price": price} for key, price in prices]).encode()
    statements = _cases(prices)
    measured = pair(
        lambda: bench.send("PATCH", "/item", body, 204),
        lambda: bench.run(statements),
        rounds=min(rounds, MOST_ROUNDS),
        server_pid=bench.pid,
    )
    yield Result(f"bulk PATCH of {CHANGED} rows / CASE statements", measured.ratio, "", 1.5)
    yield Result("  in CPU time", measured.cpu_ratio, "")


def _nested_insert(bench: Bench, rounds: int) -> Iterator[Result]:
    orders = [(f"order {number}",) for number in range(ORDERS)]
    lines = [(number, f"product {number}", f"{number}.50") for number in range(LINES)]
    inside = [dict(zip(("number", "product", "price"), line, strict=True)) for line in lines]
    body = json.dumps([{"reference": reference, "lines": inside} for (reference,) in orders]).encode()
    measured = pair(
        lambda: bench.send("POST", "/orders", body, 201),
        lambda: bench.execute_many(orders, lines),
        rounds=min(rounds, ROUNDS_OF_NESTED),
        server_pid=bench.pid,
    )
    yield Result(f"nested insert of {ORDERS} x {LINES} rows / two executemany", measured.ratio, "", 1.5)
    yield Result("  in CPU time", measured.cpu_ratio, "")


def _batch(bench: Bench, rounds: int, network: str) -> Iterator[Result]:
    numbers = range(SINGLE)
    parts = [{"method": "POST", "path": "/orders", "body": {"reference": f"order {number}"}} for number in numbers]
    body = json.dumps(parts).encode()
    statements = [f"INSERT INTO orders (reference) VALUES ('order {number}')" for number in numbers]
    measured = pair(
        lambda: bench.send_batch(body), lambda: bench.run(statements), rounds=rounds, calls=5, server_pid=bench.pid
    )
    yield Result(f"{network}batch of {SINGLE} inserts / their statements", measured.ratio, "", 1.3)
    yield Result("  the difference", measured.difference.scaled(1000), "ms")
    prices = [{"method": "PATCH", "path": f"/item?id=eq.{each + 1}", "body": {"price": each}} for each in numbers]
    body = json.dumps(prices).encode()
    changes = [f"UPDATE item SET price={each} WHERE id={each + 1}" for each in numbers]
    measured = pair(
        lambda: bench.send_batch(body), lambda: bench.run(changes), rounds=rounds, calls=5, server_pid=bench.pid
    )
    yield Result(f"{network}batch of {SINGLE} updates / their statements", measured.ratio, "")


def run(server: Server, rounds: int) -> Iterator[Result]:
    """Measure everything."""
    with server.temporary_database() as name, closing(Bench(server, name)) as bench:
        yield from _batch(bench, rounds, "")
        with forwarding(server.socket, 1) as port, closing(Bench(server, name, port)) as distant:
            yield from _batch(distant, rounds // 4 or 1, "1 ms away: ")
        yield from _bulk_update(bench, rounds)
        yield from _nested_insert(bench, rounds)
