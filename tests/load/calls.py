"""The mixed load: every kind of request, each with the statuses that it may have and what it stores."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from local.server import Server

PREFIX = "/rest/v1"
COUNTERS = 20
CUSTOMERS, PRODUCTS = 50, 100
MOST_KNOWN = 100
LONG_VALUE = "x" * 20_000

SCHEMA = (
    "CREATE TABLE customer (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL, city VARCHAR(40) NULL)",
    """CREATE TABLE product (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL, price DECIMAL(8,2) NOT NULL, facts JSON NOT
    NULL, about TEXT NOT NULL, FULLTEXT KEY product_about (about))""",
    """CREATE TABLE purchase (id BIGINT AUTO_INCREMENT PRIMARY KEY, token VARCHAR(60) NOT NULL UNIQUE, customer_id INT NOT
    NULL, product_id INT NULL, quantity INT NOT NULL DEFAULT 1, note LONGTEXT NULL,
    placed DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, FOREIGN KEY (customer_id) REFERENCES customer (id),
    FOREIGN KEY (product_id) REFERENCES product (id))""",
    "CREATE TABLE setting (id INT PRIMARY KEY, value VARCHAR(40) NOT NULL)",
    "CREATE TABLE counter (id INT PRIMARY KEY, n INT NOT NULL)",
    "CREATE FUNCTION product_count() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM product)",
    "CREATE PROCEDURE count_up(IN which INT) MODIFIES SQL DATA UPDATE counter SET n = n + 1 WHERE id = which",
    "CREATE PROCEDURE cheapest(IN most INT) READS SQL DATA SELECT id, name, price FROM product ORDER BY price LIMIT most",
)


def fill(server: Server, database: str) -> None:
    """Create the tables in an empty database, and the rows that are read."""
    products = [
        (n, f"Product {n}", n + 0.5, json.dumps({"size": n % 7, "tags": ["a", "b"][: n % 3]}), f"word{n % 9} for all")
        for n in range(1, PRODUCTS + 1)
    ]
    server.execute(*SCHEMA, database=database)
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO customer VALUES (%s, %s, %s)",
            [(n, f"Customer {n}", ("Basel", "Ghent", None)[n % 3]) for n in range(1, CUSTOMERS + 1)],
        )
        cursor.executemany("INSERT INTO product VALUES (%s, %s, %s, %s, %s)", products)
        cursor.executemany("INSERT INTO counter VALUES (%s, 0)", [(n,) for n in range(COUNTERS)])
        cursor.executemany(
            "INSERT INTO purchase (token, customer_id, product_id) VALUES (%s, %s, %s)",
            [(f"seed-{n}", n % CUSTOMERS + 1, n % PRODUCTS + 1) for n in range(500)],
        )


@dataclass(frozen=True, slots=True)
class Call:
    """A request; `statuses`: those that it may be answered with. What it stores once it is answered with a success:
    purchases of these tokens `added` and `removed`, and `counted` of a counter."""

    kind: str
    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    statuses: frozenset[int] = frozenset({200})
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    cleared: bool = False
    """All purchases of the environment are removed."""
    counted: int = 0
    pins: bool = False

    @property
    def deliberate(self) -> bool:
        """Whether it is meant to be refused."""
        return min(self.statuses) >= 400


SHOWN = {"prefer": "return=representation"}
JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv"}
_READS = (
    ("list", "/purchase?select=id,token,quantity&order=id&limit=20"),
    ("filter", "/product?price=gte.{p}&price=lt.{p9}&select=id,name,price"),
    ("text", "/customer?name=ilike.*{c}*&order=name.desc"),
    ("any of", "/product?id=in.({p},{p9},1,2,3)"),
    ("tree", "/product?or=(id.eq.{p},and(price.lt.5,name.like.Prod*))&select=id"),
    ("JSON path", "/product?facts->>size=eq.3&select=id,facts->tags&limit=10"),
    ("full text", "/product?about=fts.word{d}&select=id"),
    ("to-one embed", "/purchase?select=id,customer(name),product(name,price)&limit=15&order=id"),
    ("to-many embed", "/customer?id=lte.10&select=name,purchase(token,quantity)&purchase.limit=3"),
    ("inner embed", "/customer?select=id,purchase!inner(id)&purchase.product_id=eq.{p}"),
    ("spread", "/purchase?select=token,...customer(city)&limit=10"),
    ("aggregate", "/purchase?select=customer_id,quantity.sum(),count()&order=customer_id&limit=10"),
    ("embedded aggregate", "/customer?select=name,purchase(count())&id=lte.5"),
    ("offset", "/purchase?select=id&order=id&limit=10&offset=30"),
    ("row", "/customer/{c}?select=id,name,city"),
    ("singular", "/customer?id=eq.{c}"),
    ("list that is cut", "/purchase?select=id,token"),
    ("function", "/rpc/product_count"),
)
_READ_HEADERS: Mapping[str, Mapping[str, str]] = {
    "singular": {"accept": "application/vnd.pgrst.object+json"},
    "offset": {"prefer": "count=exact"},
    "filter": {"prefer": "count=estimated"},
    "aggregate": {"accept": "text/csv"},
}
_DELIBERATE = (
    ("bad value", "GET", "/product?id=eq.word", 400),
    ("bad grammar", "GET", "/product?id=is.5.5", 400),
    ("unknown table", "GET", "/nothing", 404),
    ("unknown column", "GET", "/product?nothing=eq.1", 400),
    ("absent row", "GET", "/product/100000", 404),
    ("removal of all", "DELETE", "/product", 400),
)


class Traffic:
    """The calls of one execution environment: the same for the same numbers, without an end."""

    def __init__(self, environment: int, seed: int = 1) -> None:
        self.environment = environment
        self._chance = random.Random(seed * 100_003 + environment)
        self._made = 0
        self._own: list[str] = []
        """Tokens of some purchases that this environment has stored and not removed."""

    def __iter__(self) -> Iterator[Call]:
        kinds: tuple[Callable[[], Call], ...] = (self._read, self._write, self._other)
        while True:
            (kind,) = self._chance.choices(kinds, (70, 24, 6))
            yield kind()

    def settled(self, call: Call, *, stored: bool) -> None:
        """Take note of what a call has done."""
        if stored:
            known = [*self._own, *call.added][-MOST_KNOWN:]
            self._own = [] if call.cleared else [token for token in known if token not in call.removed]

    def _read(self) -> Call:
        kind, template = self._chance.choice(_READS)
        product = self._chance.randint(1, PRODUCTS)
        address = template.format(
            p=product, p9=product + 9, c=self._chance.randint(1, CUSTOMERS), d=self._chance.randint(0, 8)
        )
        statuses = {200, 206} if kind in ("list that is cut", "offset", "filter") else {200}
        return Call(kind, "GET", PREFIX + address, _READ_HEADERS.get(kind, {}), statuses=frozenset(statuses))

    def _other(self) -> Call:
        others: tuple[Call, ...] = (
            Call("head", "HEAD", f"{PREFIX}/product", {"prefer": "count=exact"}, statuses=frozenset({200, 206})),
            Call("tables", "GET", "/tables"),
            Call("document", "GET", "/openapi.json"),
            Call("health", "GET", "/health"),
            Call("ready", "GET", "/ready"),
            Call("procedure with rows", "GET", f"{PREFIX}/rpc/cheapest?most=3"),
            *(
                Call(kind, method, PREFIX + address, statuses=frozenset({status}))
                for kind, method, address, status in _DELIBERATE
            ),
            self._post("duplicate", {"token": "seed-1", "customer_id": 1}, {409}),
            self._post("absent customer", {"token": f"{self._token()}", "customer_id": 100_000}, {409}),
        )
        return self._chance.choice(others)

    def _write(self) -> Call:
        writes: list[Callable[[], Call]] = [
            self._insert, self._insert, self._insert_many, self._insert_csv, self._merge, self._ignore, self._put,
            self._count_up, self._roll_back,
        ]  # fmt: skip
        if self._own:
            writes += [self._update, self._update_shown, self._remove, self._remove_shown]
        if self._chance.random() < 0.01:
            return self._insert_long()
        if self._chance.random() < 0.02:
            # so that a long run does not fill the database
            own = f"{PREFIX}/purchase?token=like.e{self.environment}-*"
            return Call("remove many", "DELETE", own, statuses=frozenset({204}), cleared=True)
        return self._chance.choice(writes)()

    def _token(self) -> str:
        self._made += 1
        return f"e{self.environment}-{self._made}"

    def _row(self, **further: object) -> dict[str, object]:
        customer, product = self._chance.randint(1, CUSTOMERS), self._chance.randint(1, PRODUCTS)
        return {"token": self._token(), "customer_id": customer, "product_id": product, **further}

    def _post(
        self,
        kind: str,
        body: object,
        statuses: set[int],
        headers: Mapping[str, str] = {},
        query: str = "",
        added: tuple[str, ...] = (),
        *,
        pins: bool = False,
    ) -> Call:
        encoded = json.dumps(body).encode()
        address = f"{PREFIX}/purchase{query}"
        return Call(kind, "POST", address, {**JSON, **headers}, encoded, frozenset(statuses), added, pins=pins)

    def _insert(self) -> Call:
        row = self._row()
        return self._post("insert", row, {201}, SHOWN, "?select=id,token", (str(row["token"]),))

    def _insert_many(self) -> Call:
        rows = [self._row(quantity=n) for n in range(1, 31)]
        return self._post("insert many", rows, {201}, added=tuple(str(row["token"]) for row in rows))

    def _insert_csv(self) -> Call:
        tokens = (self._token(), self._token())
        body = "token,customer_id\n" + "".join(f"{token},1\n" for token in tokens)
        return Call("insert CSV", "POST", f"{PREFIX}/purchase", CSV, body.encode(), frozenset({201}), added=tokens)

    def _insert_long(self) -> Call:
        row = self._row(note=LONG_VALUE)
        return self._post("long value", row, {201}, added=(str(row["token"]),), pins=True)

    def _merge(self) -> Call:
        row = self._row(quantity=5)
        prefer = {"prefer": "resolution=merge-duplicates"}
        known = self._own and self._chance.random() < 0.5
        token = str(self._chance.choice(self._own) if known else row["token"])
        added = () if known else (token,)
        return self._post("merge", [{**row, "token": token}], {200, 201}, prefer, "?on_conflict=token", added)

    def _ignore(self) -> Call:
        row = self._row()
        prefer = {"prefer": "resolution=ignore-duplicates"}
        rows = [row, {**row, "token": "seed-2"}]
        return self._post("ignore", rows, {200, 201}, prefer, "?on_conflict=token", (str(row["token"]),))

    def _put(self) -> Call:
        body = json.dumps({"id": self.environment, "value": f"{self._chance.random()}"}).encode()
        address = f"{PREFIX}/setting?id=eq.{self.environment}"
        return Call("put", "PUT", address, JSON, body, frozenset({200, 201, 204}))

    def _count_up(self) -> Call:
        body = json.dumps({"which": self.environment % COUNTERS}).encode()
        return Call("procedure", "POST", f"{PREFIX}/rpc/count_up", JSON, body, frozenset({200, 204}), counted=1)

    def _roll_back(self) -> Call:
        return self._post("rolled back", self._row(), {200, 201}, {"prefer": "tx=rollback, return=representation"})

    def _one_of_own(self) -> str:
        return f"{PREFIX}/purchase?token=eq.{quote(self._chance.choice(self._own))}"

    def _update(self) -> Call:
        return Call("update", "PATCH", self._one_of_own(), JSON, b'{"quantity": 7}', frozenset({204}))

    def _update_shown(self) -> Call:
        body = b'{"note": "back\\\\slash and \'quote\'"}'
        return Call("update shown", "PATCH", self._one_of_own(), {**JSON, **SHOWN}, body)

    def _remove(self) -> Call:
        token = self._chance.choice(self._own)
        address = f"{PREFIX}/purchase?token=eq.{token}"
        return Call("remove", "DELETE", address, statuses=frozenset({204}), removed=(token,))

    def _remove_shown(self) -> Call:
        token = self._chance.choice(self._own)
        address = f"{PREFIX}/purchase?token=eq.{token}&select=id"
        return Call("remove shown", "DELETE", address, SHOWN, removed=(token,))
