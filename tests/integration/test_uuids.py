"""UUIDs in BINARY(16): sent and returned as text, whichever way their bytes are ordered."""

from __future__ import annotations

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

FIRST, SECOND, THIRD = (f"{n}0112233-4455-6677-8899-aabbccddeeff" for n in (0, 1, 2))
BASE64 = "ABEiM0RVZneImaq7zN3u/w=="
PLAIN = "0x00112233445566778899aabbccddeeff"
SWAPPED = "0x66774455001122338899aabbccddeeff"
STATEMENTS = (
    "CREATE TABLE account (id BINARY(16) NOT NULL PRIMARY KEY COMMENT 'the key, @uuid', name VARCHAR(20) NOT NULL)",
    """CREATE TABLE session (id BINARY(16) NOT NULL PRIMARY KEY COMMENT '@uuid(swap)', account_id BINARY(16) NULL,
       token BINARY(16) NULL, short VARBINARY(16) NULL, digest BINARY(20) NULL,
       CONSTRAINT session_account FOREIGN KEY (account_id) REFERENCES account (id))""",
    """CREATE TABLE event (id INT NOT NULL PRIMARY KEY, session_id BINARY(16) NOT NULL,
       CONSTRAINT event_session FOREIGN KEY (session_id) REFERENCES session (id))""",
    "CREATE VIEW accounts AS SELECT id AS key_, name FROM account",
    f"INSERT INTO account VALUES ({PLAIN}, 'one'), ({PLAIN.replace('0x0', '0x1')}, 'two')",
    f"INSERT INTO session VALUES ({SWAPPED}, {PLAIN}, {PLAIN}, {PLAIN}, NULL)",
    f"INSERT INTO event VALUES (1, {SWAPPED})",
    (
        "CREATE FUNCTION name_of(account BINARY(16)) RETURNS VARCHAR(20) READS SQL DATA"
        " RETURN (SELECT name FROM account a WHERE a.id = account)"
    ),
)
SHOWN = "return=representation,tx=rollback"


def test_columns_that_store_uuids_show_them(strange: Client) -> None:
    assert strange.rows("/account?order=id") == [{"id": FIRST, "name": "one"}, {"id": SECOND, "name": "two"}]
    assert strange.rows("/session?select=id,account_id,token,short") == [
        {"id": FIRST, "account_id": FIRST, "token": BASE64, "short": BASE64}
    ]
    assert strange.rows("/event") == [{"id": 1, "session_id": FIRST}]
    assert strange.values("/accounts?select=key_&order=key_") == [FIRST, SECOND]
    assert strange.get("/account?id=eq." + FIRST, Accept="text/csv").body.decode() == f"id,name\n{FIRST},one"


def test_a_cast_shows_a_uuid(strange: Client) -> None:
    cast = "/session?select=id::uuid,token::uuid,text:id::text,json:id::json"
    assert strange.rows(cast) == [{"id": FIRST, "token": FIRST, "text": FIRST, "json": FIRST}]
    assert strange.rows("/account?select=id.max(),count()") == [{"max": SECOND, "count": 2}]
    assert strange.rows("/session?select=token::uuid,count()") == [{"token": FIRST, "count": 1}]
    for column in ("digest", "short"):
        assert strange.error(f"/session?select={column}::uuid") == (400, "42846")


@pytest.mark.parametrize(
    "address, found",
    [
        (f"/account?select=name&id=eq.{FIRST}", ["one"]),
        (f"/account?select=name&id=eq.{FIRST.upper()}", ["one"]),
        (f"/account?select=name&id=eq.{BASE64}", ["one"]),
        (f"/account?select=name&id=in.({FIRST},{THIRD})", ["one"]),
        (f"/account?select=name&id=neq.{FIRST}", ["two"]),
        (f"/account?select=name&id=gt.{FIRST}", ["two"]),
        (f"/accounts?select=name&key_=eq.{SECOND}", ["two"]),
        (f"/session?select=id&id=eq.{FIRST}", [FIRST]),
        (f"/session?select=id&token=eq.{FIRST}", [FIRST]),
        (f"/session?select=id&short=eq.{FIRST}", [FIRST]),
        (f"/session?select=id&account_id=eq.{FIRST}", [FIRST]),
        (f"/session?select=id&or=(id.eq.{THIRD},token.eq.{FIRST})", [FIRST]),
        (f"/event?select=id&session_id=eq.{FIRST}", [1]),
        (f"/event?select=id,session!inner()&session.account_id=eq.{FIRST}", [1]),
    ],
)
def test_filters_take_uuids(strange: Client, address: str, found: list[object]) -> None:
    assert strange.values(address) == found


def test_embeds_join_by_uuids(strange: Client) -> None:
    assert strange.rows(f"/account?id=eq.{FIRST}&select=name,session(id,event(id))") == [
        {"name": "one", "session": [{"id": FIRST, "event": [{"id": 1}]}]}
    ]
    assert strange.rows("/event?select=session(id,account(id))") == [
        {"session": {"id": FIRST, "account": {"id": FIRST}}}
    ]


def test_addresses_bodies_and_links_have_uuids(strange: Client) -> None:
    assert strange.get(f"/session/{FIRST}?select=id").json == {"id": FIRST}
    assert strange.error(f"/session/{SECOND}") == (404, "PGRST116")
    assert strange.get("/account?limit=1&select=name").next == f"/account?select=name&id=gt.{FIRST}&limit=1"
    assert strange.pages("/account?limit=1&select=name") == [{"name": "one"}, {"name": "two"}]
    row = {"id": THIRD, "account_id": SECOND, "token": FIRST, "short": FIRST, "digest": None}
    shown = {**row, "token": BASE64, "short": BASE64}
    assert strange.send("POST", "/session", row, SHOWN).json == [shown]
    assert strange.send("PUT", f"/session?id=eq.{THIRD}", row, SHOWN).json == [shown]
    assert strange.send("PATCH", f"/session/{FIRST}", {"account_id": SECOND}, SHOWN).json["account_id"] == SECOND
    csv = {"Content-Type": "text/csv", "Prefer": SHOWN}
    assert strange.request("POST", "/account", csv, f"id,name\n{THIRD},x".encode()).json == [{"id": THIRD, "name": "x"}]
    for body in (row, {**row, "token": BASE64}):
        merged = strange.send("POST", "/session", [{**body, "id": FIRST}], f"resolution=merge-duplicates,{SHOWN}")
        assert (merged.status, merged.json[0]["id"]) == (200, FIRST)
    located = strange.send("POST", "/session", row, "return=headers-only,tx=rollback")
    assert located.headers["Location"] == f"/rest/v1/session?id=eq.{THIRD}"
    assert strange.send("POST", "/rpc/name_of", {"account": FIRST}).json == "one"


@pytest.mark.parametrize("text", ["0011223-34455-6677-8899-aabbccddeeff", "g" + FIRST[1:], "x", FIRST[:-1]])
def test_a_string_that_is_neither_is_refused(strange: Client, text: str) -> None:
    for column in ("id", "token", "short"):
        refused = strange.send("POST", "/session", {"id": FIRST, column: text})
        assert (refused.status, refused.json["code"]) == (400, "22P02")
        assert refused.json["details"] == "Send its values as a UUID or in base64."
        assert strange.error(f"/session?{column}=eq.{text}") == (400, "22P02")


def test_base64_of_another_length_is_not_a_uuid(strange: Client) -> None:
    for column in ("id", "account_id"):
        assert strange.error(f"/session?{column}=eq.nope") == (400, "22P02")
        assert strange.send("POST", "/session", {"id": THIRD, column: "nope"}).json["code"] == "22P02"
    assert strange.rows("/session?token=eq.nope") == []


def test_a_duplicate_is_named_by_its_uuid(strange: Client) -> None:
    row = {"id": FIRST, "name": "x"}
    for body, shown in ((row, f"Key (id)=({FIRST}) already exists."), ([row, row], "Key (id) already exists.")):
        response = strange.send("POST", "/account", body)
        assert (response.status, response.json["details"]) == (409, shown)


def test_other_lengths_are_base64_only(strange: Client) -> None:
    row = {"id": THIRD, "digest": BASE64}
    assert strange.send("POST", "/session?select=digest", row, SHOWN).json == [
        {"digest": "ABEiM0RVZneImaq7zN3u/wAAAAA="}
    ]
    refused = strange.send("POST", "/session", {**row, "digest": FIRST})
    assert (refused.status, refused.json["code"]) == (400, "22001")


@pytest.mark.parametrize("default, order", [("uuid_to_bin(uuid())", ""), ("uuid_to_bin(uuid(), true)", ",1")])
def test_a_default_of_mysql_says_how_its_uuids_are_stored(mysql_server: Server, default: str, order: str) -> None:
    with client_of(
        mysql_server,
        f"CREATE TABLE t (id BINARY(16) NOT NULL PRIMARY KEY DEFAULT ({default}), n INT NOT NULL)",
        f"INSERT INTO t VALUES (UUID_TO_BIN('{FIRST}'{order}), 1)",
    ) as client:
        assert client.rows("/t") == [{"id": FIRST, "n": 1}]
        assert client.rows(f"/t?id=eq.{FIRST}&select=n,id::text") == [{"n": 1, "id": FIRST}]
        (made,) = client.send("POST", "/t", {"n": 2}, "return=representation").json
        assert client.get(f"/t/{made['id']}").json == made
        stored = f"SELECT 1 FROM t WHERE id = UUID_TO_BIN('{made['id']}'{order})"
        with mysql_server.connect(client.database) as connection, connection.cursor() as cursor:
            assert cursor.execute(stored) == 1


def test_a_default_of_mariadb_says_that_it_makes_uuids(mariadb_server: Server) -> None:
    with client_of(
        mariadb_server,
        "CREATE TABLE t (id BINARY(16) NOT NULL PRIMARY KEY DEFAULT (unhex(replace(uuid(), '-', ''))), n INT NOT NULL)",
        f"INSERT INTO t VALUES ({PLAIN}, 1)",
    ) as client:
        assert client.rows("/t") == [{"id": FIRST, "n": 1}]


def test_a_cast_to_uuid_accepts_the_type_uuid_of_mariadb(mariadb_server: Server) -> None:
    with client_of(
        mariadb_server,
        "CREATE TABLE t (id UUID PRIMARY KEY, code CHAR(36) NOT NULL)",
        f"INSERT INTO t VALUES ('{FIRST}', '')",
    ) as client:
        assert client.rows("/t?select=id::uuid") == [{"id": FIRST}]
        assert client.error("/t?select=code::uuid") == (400, "42846")
