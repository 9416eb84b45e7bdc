"""Large reads: no statement pins the proxy's session, and responses are cut at a whole row and continued by a link."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

from api.settings import LIMITS, Limit
from api.statement import MAX_STATEMENT_BYTES
from local.server import Server
from tests.integration.client import Client

PARENTS = 1000


def wide_table(columns: int) -> tuple[str, str]:
    """A table with this many columns of alternating types, and its only row."""
    types = (
        "INT NOT NULL",
        "VARCHAR(20) NULL",
        "DATETIME(3) NULL",
        "FLOAT NULL",
        "SET('x','y') NULL",
        "DECIMAL(9,2) NOT NULL",
    )
    values = ("7", "'te\"xt'", "'2024-01-02 03:04:05.678'", "0.5", "'x,y'", "1.50")
    name = f"wide{columns}"
    declared = ",".join(f"`a_rather_long_column_{n}` {types[n % 6]}" for n in range(columns))
    row = ",".join(values[n % 6] for n in range(columns))
    return (
        f"CREATE TABLE {name} (id INT PRIMARY KEY, {declared}) ROW_FORMAT=DYNAMIC",
        f"INSERT INTO {name} VALUES (1,{row}),(2,{row})",
    )


@pytest.fixture(scope="module")
def large(server: Server) -> Iterator[Client]:
    def rows(template: str, count: int) -> str:
        return ",".join(
            template.format(n=n, m=n % PARENTS, key=f"key-{n:06}", parent=f"KEY-{n % PARENTS:06}") for n in range(count)
        )

    word = "('{key}',NULLIF({n} % 9, 3),REPEAT('x', 300))"
    sentence = "({n},'{parent}')"
    with server.temporary_database() as database:
        server.execute(
            *wide_table(200),
            *wide_table(300),
            "CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL)",
            "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT NOT NULL, FOREIGN KEY (parent_id) REFERENCES parent (id))",
            "CREATE TABLE grandchild (id INT PRIMARY KEY, child_id INT NOT NULL, FOREIGN KEY (child_id) REFERENCES child (id))",
            "CREATE TABLE leaf (id INT PRIMARY KEY, grandchild_id INT NOT NULL,"
            " FOREIGN KEY (grandchild_id) REFERENCES grandchild (id))",
            f"INSERT INTO parent VALUES {rows('({n},{n})', PARENTS)}",
            f"INSERT INTO child VALUES {rows('({n},{m})', PARENTS * 2)}",
            f"INSERT INTO grandchild VALUES {rows('({n},{m})', PARENTS * 2)}",
            f"INSERT INTO leaf VALUES {rows('({n},{m})', PARENTS)}",
            "CREATE TABLE word (code VARCHAR(30) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT NULL, note VARCHAR(300) NULL)",
            "CREATE TABLE sentence (id INT PRIMARY KEY, code VARCHAR(30) COLLATE utf8mb4_general_ci NOT NULL,"
            " FOREIGN KEY (code) REFERENCES word (code))",
            f"INSERT INTO word VALUES {rows(word, PARENTS * 2)}",
            f"INSERT INTO sentence VALUES {rows(sentence, PARENTS * 2)}",
            database=database,
        )
        client = Client(server, database, {"MAX_ROWS": "5000"})
        yield client
        client.close()


@pytest.mark.parametrize("columns", [200, 300])
def test_a_wide_table_is_read_by_a_short_statement(large: Client, columns: int) -> None:
    whole = large.rows(f"/wide{columns}")
    assert [len(row) for row in whole] == [columns + 1] * 2
    assert whole[0]["a_rather_long_column_1"] == 'te"xt'
    assert whole[0]["a_rather_long_column_2"] == "2024-01-02T03:04:05.678"
    assert whole[0]["a_rather_long_column_4"] == ["x", "y"]
    some = ",".join(f"a_rather_long_column_{n}" for n in range(12))
    assert large.rows(f"/wide{columns}?select={some}&id=eq.1")[0].items() <= whole[0].items()
    assert large.get(f"/wide{columns}?id=eq.1", Accept="application/vnd.pgrst.plan+json").status == 200


def test_a_list_of_two_thousand_strings_takes_several_short_statements(large: Client) -> None:
    codes = [f"Key-{n:06}" for n in range(3, PARENTS * 2, 1)]
    address = f"/word?select=code,n&code=in.({','.join(codes)})"
    response = large.get(address, Prefer="count=exact")
    assert [row["code"] for row in response.json] == [code.lower() for code in codes]
    assert response.headers["Content-Range"] == "0-1996/1997"
    assert 3 < len(response.statements) < 15
    assert all(len(statement.encode()) <= MAX_STATEMENT_BYTES for statement in response.statements)


@pytest.mark.parametrize(
    "parameters",
    [
        "order=code.desc&limit=50&offset=100",
        "order=n,code&limit=300",
        "order=n.desc,code.desc&offset=1900",
        "order=n.desc.nullslast&limit=400",
        "order=n.nullsfirst,code&limit=700",
        "limit=3",
        "n=gt.4&order=n",
        "select=code,sentence(id)&limit=20&order=code",
        "select=code,sentence!inner(id)&limit=2000",
        "select=n,sentence(count())&order=n,code&limit=5",
    ],
)
def test_a_long_list_gives_the_rows_of_an_equivalent_short_condition(large: Client, parameters: str) -> None:
    codes = ",".join(f"key-{n:06}" for n in range(1900))
    short = "code=gte.key-000000&code=lt.key-001900"
    response = large.get(f"/word?code=in.({codes})&{parameters}", Prefer="count=exact")
    expected = large.get(f"/word?{short}&{parameters}", Prefer="count=exact")
    assert response.json == expected.json
    assert response.headers["Content-Range"] == expected.headers["Content-Range"]
    assert response.status == expected.status


def test_any_of_two_thousand_values_works_like_a_list(large: Client) -> None:
    codes = ",".join(f"key-{n:06}" for n in range(1900))
    assert len(large.rows(f"/word?select=code&code=eq(any).{{{codes}}}")) == 1900


def test_long_lists_work_with_csv_and_single_objects(large: Client) -> None:
    codes = ",".join(f"key-{n:06}" for n in range(1900))
    assert (
        large.get(f"/word?select=code&code=in.({codes})&limit=2", Accept="text/csv").body
        == b"code\nkey-000000\nkey-000001"
    )
    one = large.get(
        f"/word?select=code&code=in.({codes})&limit=1&order=code.desc", Accept="application/vnd.pgrst.object+json"
    )
    assert one.json == {"code": "key-001899"}
    head = large.request("HEAD", f"/word?code=in.({codes})", {"Prefer": "count=exact"})
    assert head.headers["Content-Range"] == "0-1899/1900"


@pytest.mark.parametrize(
    "parameters",
    ["order=code", "order=n.desc,code&limit=30", "order=code.desc&limit=20&offset=10", "n=lt.5&order=n", "limit=5"],
)
def test_a_long_list_of_exceptions_gives_the_rows_of_an_equivalent_short_condition(
    large: Client, parameters: str
) -> None:
    codes = ",".join(f"KEY-{n:06}" for n in range(1900))
    response = large.get(f"/word?code=not.in.({codes})&select=code,n&{parameters}", Prefer="count=exact")
    expected = large.get(f"/word?code=gte.key-001900&select=code,n&{parameters}", Prefer="count=exact")
    assert response.json == expected.json
    assert response.headers["Content-Range"] == expected.headers["Content-Range"]
    assert all(len(statement.encode()) <= MAX_STATEMENT_BYTES for statement in response.statements)


def test_null_matches_neither_a_list_nor_its_negation(large: Client) -> None:
    numbers = ",".join(map(str, range(5, 6000)))
    assert set(large.values(f"/word?select=n&n=not.in.({numbers})")) == {0, 1, 2, 4}


def test_three_nested_embeds_over_a_thousand_parents_take_four_statements(large: Client) -> None:
    response = large.get("/parent?select=id,child(id,grandchild(id,leaf(id)))")
    assert len(response.statements) <= 4
    rows = response.json
    assert len(rows) == PARENTS
    assert rows[5]["child"] == [
        {
            "id": 5,
            "grandchild": [
                {"id": 5, "leaf": [{"id": 5}]},
                {"id": PARENTS + 5, "leaf": []},
            ],
        },
        {"id": PARENTS + 5, "grandchild": []},
    ]


def test_embeds_by_string_keys_are_split_no_more_than_their_length_requires(large: Client) -> None:
    response = large.get("/word?select=code,sentence(id)&order=code")
    keys = sum(len(f"'key-{n:06}',") for n in range(PARENTS * 2))
    assert len(response.statements) <= 2 + keys // (MAX_STATEMENT_BYTES - 1000)
    assert response.json[7] == {"code": "key-000007", "sentence": [{"id": 7}, {"id": PARENTS + 7}]}
    assert response.json[PARENTS]["sentence"] == []
    backwards = large.get("/sentence?select=id,word(n,sentence(id))&order=id&limit=1000")
    assert backwards.json[5] == {"id": 5, "word": {"n": 5, "sentence": [{"id": 5}, {"id": PARENTS + 5}]}}


@pytest.fixture
def capped(server: Server, large: Client) -> Iterator[Client]:
    client = Client(server, large.database, {"MAX_ROWS": "100", "MAX_RESPONSE_BYTES": "20000"})
    yield client
    client.close()


def test_the_servers_limit_cuts_the_list_and_links_to_the_rest(capped: Client) -> None:
    response = capped.get("/parent?select=id")
    assert (response.status, response.headers["Content-Range"]) == (206, "0-99/*")
    assert response.next == "/parent?select=id&id=gt.99"
    assert [row["id"] for row in capped.pages("/parent?select=id")] == list(range(PARENTS))
    assert [row["id"] for row in capped.pages("/parent?select=id&order=name.desc&limit=250")][:3] == [999, 998, 997]
    exact = capped.get("/parent?select=id", Prefer="count=exact")
    assert (exact.status, exact.headers["Content-Range"]) == (206, "0-99/1000")
    assert capped.get("/parent?select=id&limit=100").status == 200
    assert capped.get("/parent?select=id&limit=101").status == 206
    assert capped.get("/parent?select=id&id=lt.100").status == 200
    assert len(capped.pages("/parent?select=name,count()")) == PARENTS


def test_embedded_rows_are_not_cut_by_the_limit_of_the_root(capped: Client) -> None:
    rows = capped.rows("/wide200?select=id&limit=1")
    assert len(rows) == 1
    one = capped.rows("/parent?select=id,child(id)&id=eq.1")
    assert len(one[0]["child"]) == 2


def test_a_response_too_large_for_lambda_is_cut_at_a_whole_row(capped: Client) -> None:
    response = capped.get("/word?order=code")
    shown = len(response.json)
    assert response.status == 206
    assert 40 < shown < 60
    assert len(json.dumps(response.body.decode())) <= 20_000
    assert response.headers["Content-Range"] == f"0-{shown - 1}/*"
    assert capped.pages("/word?order=code&select=code,note")[-1]["code"] == f"key-{PARENTS * 2 - 1:06}"
    lines = capped.get("/word?order=code", Accept="text/csv")
    assert (lines.status, lines.next) == (206, f"/word?order=code&code=gt.key-{lines.body.count(b'key') - 1:06}")
    assert len(lines.body) < 20_000


def test_a_large_response_is_compressed_if_the_client_accepts_it(large: Client) -> None:
    plain = large.get("/word?order=code")
    packed = large.get("/word?order=code", Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) * 10 < len(plain.body)


def test_a_value_longer_than_a_packet_is_read_separately(
    server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server returns NULL for a value longer than a packet: each value is then read separately."""
    # more than Lambda returns, which this is not about
    monkeypatch.setattr("api.settings.LIMITS", {**LIMITS, "MAX_RESPONSE_BYTES": Limit(10**8, 1, 10**8)})
    quotes = 12_000_000
    server.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, a LONGTEXT NOT NULL)",
        f"INSERT INTO t VALUES (1, REPEAT('\"', {quotes})), (2, 'short')",
        "CREATE TABLE n (id INT PRIMARY KEY, a LONGTEXT NULL, b LONGBLOB NULL)",
        f"INSERT INTO n VALUES (1, REPEAT('\"', {quotes}), NULL), (2, NULL, REPEAT('b', {quotes + 3_000_000}))",
        "CREATE TABLE owner (id INT PRIMARY KEY, t_id INT NOT NULL, FOREIGN KEY (t_id) REFERENCES t (id))",
        "INSERT INTO owner VALUES (1, 1)",
        database=database,
    )
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@GLOBAL.max_allowed_packet")
        (before,) = cursor.fetchone()
        cursor.execute("SET GLOBAL max_allowed_packet = 16777216")
        try:
            client = Client(server, database, {"MAX_RESPONSE_BYTES": "100000000"})
            rows = client.rows("/t?order=id")
            assert [len(row["a"]) for row in rows] == [quotes, 5]
            assert len(client.rows("/owner?select=t(a)")[0]["t"]["a"]) == quotes
            assert len(client.rows("/t?select=owner(id,t(a))&id=eq.1")[0]["owner"][0]["t"]["a"]) == quotes
            one, other = client.rows("/n?order=id")
            assert (len(one["a"]), one["b"], other["a"]) == (quotes, None, None)
            assert len(other["b"]) == (quotes + 3_000_000) * 4 // 3
            client.close()
        finally:
            cursor.execute(f"SET GLOBAL max_allowed_packet = {before}")
