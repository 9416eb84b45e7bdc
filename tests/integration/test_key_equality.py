"""Which keys are equal is for the server to say, with its collations: in embeds, in upserts and in long lists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

ALIKE = (
    "utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_unicode_ci", "utf8mb4_unicode_520_ci", "utf8mb4_turkish_ci",
    "latin1_german2_ci", "latin1_swedish_ci", "latin1_bin", "ascii_general_ci", "utf16_unicode_ci",
)  # fmt: skip
OF_MYSQL = ("utf8mb4_0900_ai_ci", "utf8mb4_0900_as_cs", "utf8mb4_0900_bin", "utf8mb4_ja_0900_as_cs")
OF_MARIADB = ("utf8mb4_nopad_bin", "utf8mb4_uca1400_ai_ci", "utf8mb4_uca1400_nopad_as_ci", "utf8mb4_uca1400_as_cs")
TEXTS = (
    "", " ", "  ", "a", "A", "a ", "a  ", "a\t", "a\u0001", "\u0001", "ab", "a b", "á", "ä", "ae", "Ä", "æ", "ss", "ß",
    "\u00adb", "b", "B ", "-", "_", "~", "😀", "z ", "Z", "zzz",
)  # fmt: skip


def collations(server: Server) -> tuple[str, ...]:
    return (*ALIKE, *(OF_MYSQL if server.kind == "mysql" else OF_MARIADB))


def storable(collation: str) -> list[str]:
    codec = {"latin1": "latin-1", "ascii": "ascii"}.get(collation.partition("_")[0], "utf-8")
    return [text for text in TEXTS if text.encode(codec, errors="ignore").decode(codec) == text]


def literal(text: str, collation: str) -> str:
    return f"CONVERT(_utf8mb4 X'{text.encode().hex()}' USING {collation.partition('_')[0]})"


@pytest.fixture(scope="module")
def keyed(server: Server) -> Iterator[Client]:
    statements = ["SET foreign_key_checks = 0"]
    for collation in collations(server):
        column = f"VARCHAR(12) CHARACTER SET {collation.partition('_')[0]} COLLATE {collation}"
        texts = storable(collation)
        parents = ",".join(f"({n},{literal(text, collation)})" for n, text in enumerate(texts))
        statements += [
            f"CREATE TABLE p_{collation} (id INT PRIMARY KEY, k {column} NOT NULL UNIQUE, n INT)",
            f"CREATE TABLE c_{collation} (id INT PRIMARY KEY, k {column}, FOREIGN KEY (k) REFERENCES p_{collation} (k))",
            f"INSERT IGNORE INTO p_{collation} (id, k) VALUES {parents}",
            f"INSERT INTO c_{collation} VALUES {parents}",
            f"CREATE TABLE t_{collation} (k {column} PRIMARY KEY, n INT)",
        ]
    with client_of(server, *statements) as client:
        yield client


def asked(client: Client, statement: str) -> list[tuple[object, ...]]:
    with client.server.connect(client.database) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()]


def test_embeds_join_what_the_server_joins(keyed: Client) -> None:
    for collation in collations(keyed.server):
        joined = asked(
            keyed, f"SELECT p.id, c.id FROM p_{collation} p JOIN c_{collation} c ON c.k = p.k ORDER BY p.id, c.id"
        )
        rows = keyed.rows(f"/p_{collation}?select=id,c_{collation}(id)&c_{collation}.order=id&order=id")
        assert [(row["id"], child["id"]) for row in rows for child in row[f"c_{collation}"]] == joined, collation
        rows = keyed.rows(f"/c_{collation}?select=id,p_{collation}(id,c_{collation}(id))&order=id")
        assert all(any(each["id"] == row["id"] for each in row[f"p_{collation}"][f"c_{collation}"]) for row in rows)


def test_upserts_find_what_the_server_finds(keyed: Client) -> None:
    for collation in collations(keyed.server):
        table, texts = f"t_{collation}", storable(collation)
        asked(keyed, f"DELETE FROM {table}")
        distinct: list[str] = []
        for text in texts:
            same = " OR ".join(
                [f"{literal(text, collation)} COLLATE {collation} = {literal(each, collation)}" for each in distinct]
            )
            if not distinct or asked(keyed, f"SELECT {same}") == [(0,)]:
                distinct.append(text)
        merge = "resolution=merge-duplicates,return=representation"
        first = keyed.send("POST", f"/{table}", [{"k": text, "n": 1} for text in distinct], merge)
        assert (first.status, len(first.json)) == (201, len(distinct)), (collation, first.body)
        for text in texts:
            single = keyed.send("POST", f"/{table}", [{"k": text, "n": 2}], merge)
            assert (single.status, len(single.json)) == (200, 1), (collation, text, single.body)
        again = keyed.send("POST", f"/{table}", [{"k": text, "n": 3} for text in distinct], merge)
        assert (again.status, [row["n"] for row in again.json]) == (200, [3] * len(distinct)), (collation, again.body)
        assert asked(keyed, f"SELECT COUNT(*) FROM {table}") == [(len(distinct),)]
        for text in texts:
            if text not in distinct:
                both = keyed.send("POST", f"/{table}", [{"k": each, "n": 4} for each in (*distinct, text)], merge)
                assert (both.status, both.json["code"]) == (400, "21000"), (collation, text)


def test_long_lists_are_merged_in_the_servers_order(keyed: Client) -> None:
    numbers = ",".join(map(str, range(5000)))
    for collation in collations(keyed.server):
        for order in ("k", "k.desc"):
            address = f"/p_{collation}?select=k&order={order}"
            short, found = (
                keyed.rows(f"{address}&limit=9&offset=3"),
                keyed.rows(f"{address}&limit=9&offset=3&id=in.({numbers})"),
            )
            assert found == short, (collation, order)
