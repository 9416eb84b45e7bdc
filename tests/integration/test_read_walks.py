"""A list is walked from page to page: by limit and offset, and by links. Every row is met exactly once, whatever the key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from local.server import Server
from tests.integration.client import Client

TEXTS = (
    "",
    " ",
    "a",
    "a ",
    "A",
    "a\\t",
    "ab",
    "é",
    "e",
    "ß",
    "ss",
    "\\\\",
    "%",
    "x,y",
    '"',
    "''",
    "1",
    "01",
    "\\n",
    "z",
)
KEYS: dict[str, tuple[str, Sequence[object]]] = {
    "boolean": ("TINYINT(1)", range(-9, 11)),
    "bit1": ("BIT(1)", range(2)),
    "bits": ("BIT(9)", range(0, 400, 19)),
    "tiny": ("TINYINT", range(-9, 11)),
    "small": ("SMALLINT UNSIGNED", range(0, 60000, 3001)),
    "medium": ("MEDIUMINT", range(-9, 11)),
    "whole": ("INT", range(-9, 11)),
    "filled": ("INT(6) ZEROFILL", range(20)),
    "big": ("BIGINT", range(-(2**62), 2**62, 2**59)),
    "unsigned_big": ("BIGINT UNSIGNED", range(2**64 - 21, 2**64 - 1)),
    "year": ("YEAR", range(1990, 2010)),
    "price": ("DECIMAL(9,2)", [f"{n}.{n:02}" for n in range(-9, 11) if n > 0] + [f"-{n}.5" for n in range(9)]),
    "wide": ("DECIMAL(65,30)", [f"{n}.000000000000000000000000000001" for n in range(20)]),
    "single": ("FLOAT", [f"{n / 7:.9f}" for n in range(-9, 11)]),
    "wide_real": ("DOUBLE", [repr(n / 7) for n in range(-9, 11)]),
    "binary_text": ("VARCHAR(20) COLLATE utf8mb4_bin", TEXTS),
    "code": ("CHAR(4) COLLATE utf8mb4_unicode_ci", TEXTS),
    "general": ("VARCHAR(20) COLLATE utf8mb4_general_ci", TEXTS),
    "latin": ("VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german2_ci", TEXTS),
    "choice": ("ENUM('z','y','x','w','v','u','t','s','r','q')", "zyxwvutsrq"),
    "tags": ("SET('a','b','c','d')", range(16)),
    "day": ("DATE", [f"'2024-{n % 12 + 1:02}-{n + 1:02}'" for n in range(20)]),
    "clock": ("TIME", [f"'{sign}{n:02}:00:01'" for n in range(1, 11) for sign in ("", "-")]),
    "fine_clock": ("TIME(3)", [f"'-00:00:0{n}.{n}5'" for n in range(10)]),
    "moment": ("DATETIME", [f"'2024-01-{n + 1:02} 10:00:00'" for n in range(20)]),
    "fine_moment": ("DATETIME(3)", [f"'2024-01-01 10:00:00.{n:03}'" for n in range(0, 1000, 50)]),
    "instant": ("TIMESTAMP(6)", [f"'2024-01-01 10:00:00.{n:06}'" for n in range(20)]),
    "bytes": ("VARBINARY(9)", [f"X'{n:02x}{'00' * (n % 3)}'" for n in range(0, 256, 13)]),
    "fixed": ("BINARY(4)", [f"X'{n:02x}'" for n in range(0, 256, 13)]),
    "zero_day": ("DATE", ["'0000-00-00'", *(f"'2024-01-{n + 1:02}'" for n in range(9))]),
}
ORDERS = ("", "k", "k.desc", "tie", "tie.desc.nullslast,k.desc", "half.nullsfirst", "half.desc,tie")


def inserted(name: str, kind: str) -> str:
    """An INSERT that leaves out what the key already has."""
    literals = [
        each if isinstance(each, str) and each[:1] in "'X" and len(each) > 1 else repr(each) for each in KEYS[kind][1]
    ]
    if KEYS[kind][1] is TEXTS:
        literals = [f"'{text}'" for text in TEXTS]
    rows = ",".join(
        f"({literal},{n},{'NULL' if n % 3 == 0 else n % 2},{'NULL' if n % 2 else 7})"
        for n, literal in enumerate(literals)
    )
    return f"INSERT IGNORE INTO {name} (k, n, tie, half) VALUES {rows}"


@pytest.fixture(scope="module")
def walked(server: Server) -> Iterator[Client]:
    with server.temporary_database() as database:
        statements = ["SET sql_mode = ''"]
        for kind, (declared, _) in KEYS.items():
            statements += [
                f"CREATE TABLE {kind} (k {declared} NOT NULL PRIMARY KEY, n INT NOT NULL, tie INT NULL, half BIT(4) NULL)",
                inserted(kind, kind),
            ]
        statements += [
            "CREATE TABLE keyless (n INT NULL, tie INT NULL)",
            f"INSERT INTO keyless VALUES {','.join(f'({n},{n % 2})' for n in range(30))}",
            "CREATE VIEW counted AS SELECT n AS n, COUNT(*) AS tie FROM keyless GROUP BY n",
            "CREATE TABLE pair (a TINYINT(1) NOT NULL, k TINYINT(1) NOT NULL, n INT NOT NULL, PRIMARY KEY (a, k))",
            f"INSERT INTO pair VALUES {','.join(f'({n // 5},{n % 5},{n})' for n in range(30))}",
        ]
        server.execute(*statements, database=database)
        client = Client(server, database, {"MAX_ROWS": "12"})
        yield client
        client.close()


def by_offset(client: Client, address: str, limit: int) -> list[int]:
    found: list[int] = []
    while page := client.values(f"{address}&limit={limit}&offset={len(found)}"):
        found += page
    return found


def expected(client: Client, table: str) -> list[int]:
    with client.server.connect(client.database) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT n FROM {table} ORDER BY n")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("kind", KEYS)
def test_every_row_is_met_once(walked: Client, kind: str) -> None:
    rows = expected(walked, kind)
    for order in ORDERS:
        ordered = f"&order={order}" if order else ""
        assert sorted(by_offset(walked, f"/{kind}?select=n{ordered}", 5)) == rows, order
        for select in ("n&limit=5", "n,k,tie,half"):
            assert sorted(row["n"] for row in walked.pages(f"/{kind}?select={select}{ordered}")) == rows, order


@pytest.mark.parametrize("order", ["", "a", "k.desc", "a.desc,k"])
def test_a_key_of_two_booleans_is_walked(walked: Client, order: str) -> None:
    ordered = f"&order={order}" if order else ""
    assert sorted(by_offset(walked, f"/pair?select=n{ordered}", 4)) == list(range(30))
    assert sorted(row["n"] for row in walked.pages(f"/pair?select=n{ordered}&limit=4")) == list(range(30))


@pytest.mark.parametrize("address", ["/keyless", "/keyless?order=tie", "/counted", "/counted?order=tie.desc"])
def test_what_has_no_total_order_is_cut_without_a_link(walked: Client, address: str) -> None:
    response = walked.get(address)
    assert (response.status, response.headers["Content-Range"], response.next) == (206, "0-11/*", None)
    counted = walked.get(address, Prefer="count=exact")
    assert (counted.status, counted.headers["Content-Range"], counted.next) == (206, "0-11/30", None)
    separator = "&" if "?" in address else "?"
    assert walked.get(f"{address}{separator}limit=5").next is None


LIST = ",".join(str(n) for n in range(5000))


@pytest.mark.parametrize("kind", KEYS)
def test_a_long_list_is_walked_in_the_order_of_a_short_one(walked: Client, kind: str) -> None:
    for order in ("k", "k.desc", "half.desc"):
        address = f"/{kind}?select=n&order={order}"
        assert by_offset(walked, f"{address}&n=in.({LIST})", 9) == by_offset(walked, address, 9), order
