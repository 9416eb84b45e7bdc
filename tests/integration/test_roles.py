"""Roles: each request runs as the database account of its role, and sees what that account may do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from local.server import Server
from tests.accounts import role_accounts
from tests.integration.client import Client

ROLES = ("anon", "reader", "editor", "nothing")
SCHEMA = (
    "CREATE TABLE maker (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL, margin INT NOT NULL)",
    (
        "CREATE TABLE product (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL, price INT NULL,"
        " maker_id INT NULL, CONSTRAINT made FOREIGN KEY (maker_id) REFERENCES maker (id))"
    ),
    "CREATE TABLE secret (id INT NOT NULL PRIMARY KEY, treasure VARCHAR(20))",
    "CREATE TABLE log (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, line VARCHAR(20))",
    "CREATE TABLE keyed (code VARCHAR(9) NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE)",
    "CREATE VIEW cheap AS SELECT id, name FROM product WHERE price < 10",
    "CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC NO SQL RETURN 2 * n",
    "CREATE PROCEDURE names() READS SQL DATA SELECT name FROM product ORDER BY id",
    "CREATE PROCEDURE wipe() MODIFIES SQL DATA DELETE FROM log",
    "INSERT INTO maker VALUES (1, 'Acme', 40)",
    "INSERT INTO product VALUES (1, 'pen', 5, 1), (2, 'desk', 200, 1)",
    "INSERT INTO secret VALUES (1, 'gold')",
    "INSERT INTO keyed VALUES ('a', 'one')",
    "GRANT SELECT (id, name) ON product TO anon",
    "GRANT SELECT ON cheap TO anon",
    "GRANT EXECUTE ON FUNCTION twice TO anon",
    "GRANT INSERT (line) ON log TO anon",
    "GRANT SELECT (name) ON keyed TO anon",
    "GRANT SELECT ON product TO reader",
    "GRANT SELECT ON maker TO reader",
    "GRANT EXECUTE ON PROCEDURE names TO reader",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON product TO editor",
    "GRANT SELECT (id, name), UPDATE (name) ON maker TO editor",
)
ENVIRONMENT = {"ROLES": ",".join(ROLES), "ANONYMOUS_ROLE": "anon", "DEFAULT_ROLE": "reader"}


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    with server.temporary_database() as name, role_accounts(server, *ROLES):
        server.execute(*SCHEMA, database=name)
        yield name


@pytest.fixture
def client(server: Server, database: str) -> Iterator[Client]:
    with closing(Client(server, database, ENVIRONMENT)) as client:
        yield client


def acting(client: Client, role: str | None) -> Client:
    client.claims = None if role is None else {"sub": "42", "role": role}
    return client


def error(client: Client, method: str, address: str, body: object = None, **headers: str) -> tuple[int, str, str]:
    response = client.send(method, address, body, **headers)
    return response.status, response.json["code"], response.json["message"]


def names(answer: Any) -> list[str]:
    return [each["name"] for each in json.loads(answer.body)]


def test_a_request_runs_as_the_account_of_its_role(client: Client) -> None:
    for role, product in (
        ("anon", {"id": 1, "name": "pen"}),
        ("reader", {"id": 1, "name": "pen", "price": 5, "maker_id": 1}),
    ):
        assert acting(client, role).rows("/product?id=eq.1") == [product]
    client.claims = None
    assert client.rows("/product?select=name&order=id") == [{"name": "pen"}, {"name": "desk"}]
    client.claims = {"sub": "42"}  # no role: the default one
    assert client.rows("/product?select=price&id=eq.2") == [{"price": 200}]


def test_a_star_is_the_columns_that_may_be_read(client: Client) -> None:
    acting(client, "anon")
    assert client.rows("/product?order=id.desc&limit=1") == [{"id": 2, "name": "desk"}]
    assert client.rows("/product?select=*,n:name&id=eq.1") == [{"id": 1, "name": "pen", "n": "pen"}]
    assert client.get("/product", Accept="text/csv").body == b"id,name\n1,pen\n2,desk"


@pytest.mark.parametrize(
    "address",
    [
        "/product?select=price",
        "/product?price=gt.1",
        "/product?order=price",
        "/product?select=price.sum()",
        "/product?or=(id.eq.1,price.eq.5)",
        "/secret",
        "/secret?select=treasure",
        "/secret?select=nonsense",
        "/secret?nonsense=eq.1",
        "/secret/1",
        "/product?select=id,maker(name)",
        "/product?select=id,maker!inner(id)&maker.name=eq.Acme",
        "/log",
        "/keyed/a",
    ],
)
def test_what_is_not_granted_is_forbidden(client: Client, address: str) -> None:
    """401 for the anonymous role, as a token may help; 403 for any other."""
    response = acting(client, None).get(address)
    assert (response.status, response.json["code"]) == (401, "42501")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json["message"].startswith("permission denied for table ")
    assert "gold" not in response.body.decode()
    response = acting(client, "nothing").get(address)
    assert (response.status, response.json["code"]) == (403, "42501")
    assert "WWW-Authenticate" not in response.headers


def test_an_account_without_any_privilege_is_refused_and_sees_nothing(client: Client) -> None:
    acting(client, "nothing")
    assert error(client, "GET", "/product") == (403, "42501", "permission denied for table product")
    assert error(client, "POST", "/product", {"name": "x"}) == (403, "42501", "permission denied for table product")
    assert error(client, "POST", "/rpc/twice", {"n": 1}) == (403, "42501", "permission denied for function twice")
    assert json.loads(client.service.tables(identify=lambda: client.claims).body) == []
    assert client.get("/nonsense").json["code"] == "PGRST205"


def test_errors_name_nothing_that_the_role_may_not_see(client: Client) -> None:
    acting(client, "anon")
    unknown = client.get("/secrets").json
    assert (unknown["code"], unknown["hint"]) == ("PGRST205", None)
    column = client.get("/product?select=prices").json
    assert column["code"] == "42703"
    assert "price," not in str(column["details"])
    assert column["details"] == "Columns of 'product': id, name."
    payload = client.send("POST", "/log", {"lines": 1}).json
    assert (payload["code"], payload["details"]) == ("PGRST204", "Columns of 'log': line.")
    related = client.get("/product?select=makers(id)").json
    assert (related["code"], related["hint"]) == ("PGRST200", None)
    routine = client.send("POST", "/rpc/wiped", {}).json
    assert routine["code"] == "PGRST202"
    assert "wipe" not in str(routine["hint"])


def test_reading_through_relations_needs_their_privileges(client: Client) -> None:
    acting(client, "reader")
    assert client.rows("/product?select=name,maker(name)&id=eq.1") == [{"name": "pen", "maker": {"name": "Acme"}}]
    assert client.rows("/maker?select=name,product(name)") == [
        {"name": "Acme", "product": [{"name": "pen"}, {"name": "desk"}]}
    ]
    acting(client, "editor")
    assert client.rows("/product?select=maker(*)&id=eq.1") == [{"maker": {"id": 1, "name": "Acme"}}]
    assert error(client, "GET", "/product?select=maker(margin)")[:2] == (403, "42501")


def test_counts_and_aggregates_follow_the_privileges(client: Client) -> None:
    acting(client, "anon")
    assert client.rows("/product?select=count()") == [{"count": 2}]
    assert client.get("/product?limit=1", Prefer="count=exact").headers["Content-Range"] == "0-0/2"
    assert client.get("/product?id=gt.0&limit=1", Prefer="count=planned").status in (200, 206)


def test_a_table_whose_key_is_hidden_is_read_without_it(client: Client) -> None:
    acting(client, "anon")
    assert client.rows("/keyed") == [{"name": "one"}]
    assert error(client, "PUT", "/keyed?code=eq.a", {"code": "a", "name": "x"})[:2] == (401, "42501")


def test_views_and_routines_are_granted_like_tables(client: Client) -> None:
    acting(client, "anon")
    assert client.rows("/cheap") == [{"id": 1, "name": "pen"}]
    assert client.send("POST", "/rpc/twice", {"n": 4}).json == 8
    assert error(client, "POST", "/rpc/names", {}) == (401, "42501", "permission denied for procedure names")
    assert client.request("OPTIONS", "/rpc/twice").status == 200
    assert client.request("OPTIONS", "/rpc/names").status == 401
    acting(client, "reader")
    assert client.send("POST", "/rpc/names", {}).json == [{"name": "pen"}, {"name": "desk"}]
    assert error(client, "POST", "/rpc/wipe", {})[:2] == (403, "42501")


def test_who_may_only_insert_inserts_without_reading(client: Client, server: Server, database: str) -> None:
    acting(client, "anon")
    assert client.send("POST", "/log", {"line": "hello"}).status == 201
    assert client.send("POST", "/log", [{"line": "a"}, {"line": "b"}]).status == 201
    assert error(client, "POST", "/log", {"id": 9, "line": "x"})[:2] == (401, "42501")
    assert error(client, "POST", "/log", {"line": "x"}, Prefer="return=representation")[:2] == (401, "42501")
    assert error(client, "PATCH", "/log?id=eq.1", {"line": "x"})[:2] == (401, "42501")
    assert error(client, "DELETE", "/log?id=eq.1")[:2] == (401, "42501")
    with closing(server.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT line FROM log ORDER BY id")
        assert cursor.fetchall() == (("hello",), ("a",), ("b",))


def test_writes_follow_the_privileges(client: Client) -> None:
    acting(client, "editor")
    created = client.send("POST", "/product", {"name": "lamp", "price": 9}, "return=representation")
    assert (created.status, created.json[0]["name"]) == (201, "lamp")
    number = created.json[0]["id"]
    assert client.send("PATCH", f"/product?id=eq.{number}", {"price": 8}, "return=representation").json[0]["price"] == 8
    changed = client.send("PATCH", "/maker?id=eq.1", {"name": "ACME"}, "return=representation")
    assert (changed.status, changed.json) == (200, [{"id": 1, "name": "ACME"}])
    assert error(client, "PATCH", "/maker?id=eq.1", {"margin": 1})[:2] == (403, "42501")
    assert error(client, "POST", "/maker", {"id": 2, "name": "x", "margin": 1})[:2] == (403, "42501")
    assert error(client, "DELETE", "/maker?id=eq.1")[:2] == (403, "42501")
    upsert = client.send(
        "POST", "/product", {"id": number, "name": "light"}, "resolution=merge-duplicates,return=representation"
    )
    assert upsert.json[0]["name"] == "light"
    assert client.send("DELETE", f"/product?id=eq.{number}").status == 204
    acting(client, "reader")
    for method, body in (
        ("POST", {"name": "x"}),
        ("PATCH", {"name": "x"}),
        ("DELETE", None),
        ("PUT", {"id": 1, "name": "x"}),
    ):
        assert error(client, method, "/product?id=eq.1" if method != "POST" else "/product", body) == (
            403, "42501", "permission denied for table product",
        )  # fmt: skip
    assert len(client.rows("/product")) == 2


@pytest.mark.parametrize("prefer", ["return=minimal", "return=representation"])
@pytest.mark.parametrize("granted", ["UPDATE, DELETE", "UPDATE (price), DELETE"])
def test_a_write_may_be_filtered_by_a_table_that_is_only_readable(
    client: Client, server: Server, database: str, prefer: str, granted: str
) -> None:
    server.execute(f"GRANT {granted} ON product TO reader", database=database)
    acting(client, "reader")
    address = "/product?select=id,price,maker!inner(name)&maker.name=eq.Acme"
    response = client.send("PATCH", address, {"price": 1}, prefer)
    assert response.status == (204 if prefer == "return=minimal" else 200), response.body
    assert [row["price"] for row in client.rows("/product")] == [1, 1]
    assert client.send("DELETE", f"{address}&id=eq.1", None, prefer).status in (200, 204)
    assert [row["id"] for row in client.rows("/product")] == [2]


@pytest.mark.parametrize("prefer", ["return=minimal", "return=representation", "max-affected=1, handling=strict"])
def test_columns_may_be_granted_one_by_one_for_a_change(
    client: Client, server: Server, database: str, prefer: str
) -> None:
    server.execute("GRANT UPDATE (name) ON product TO anon", database=database)
    acting(client, "anon")
    assert client.send("PATCH", "/product?id=eq.1", {"name": "quill"}, prefer).status in (200, 204)
    assert client.rows("/product?id=eq.1") == [{"id": 1, "name": "quill"}]
    assert error(client, "PATCH", "/product?id=eq.1", {"name": "x", "price": 1})[:2] == (401, "42501")


def test_who_may_insert_and_read_may_ignore_duplicates(client: Client, server: Server, database: str) -> None:
    server.execute("GRANT INSERT ON product TO reader", database=database)
    acting(client, "reader")
    rows = [{"id": 1, "name": "again"}, {"id": 7, "name": "new"}]
    response = client.send("POST", "/product", rows, "resolution=ignore-duplicates,return=representation")
    assert (response.status, names(response)) == (201, ["new"])
    assert error(client, "POST", "/product", rows, Prefer="resolution=merge-duplicates")[:2] == (403, "42501")
    assert client.rows("/product?select=name&order=id") == [{"name": "pen"}, {"name": "desk"}, {"name": "new"}]


def test_a_table_is_shown_to_a_role_as_far_as_it_may_use_it(client: Client) -> None:
    def described(role: str | None, table: str) -> tuple[int, Any]:
        acting(client, role)
        answer = client.service.table(table, None, lambda: client.claims)
        return answer.status, json.loads(answer.body)

    acting(client, None)
    listed = json.loads(client.service.tables(identify=lambda: client.claims).body)
    assert [(each["name"], each["privileges"], each["insertable"]) for each in listed] == [
        ("cheap", ["select"], False),
        ("keyed", ["select"], False),
        ("log", ["insert"], True),
        ("product", ["select"], False),
    ]
    status, product = described(None, "product")
    assert status == 200
    assert [(column["name"], column["privileges"]) for column in product["columns"]] == [
        ("id", ["select"]),
        ("name", ["select"]),
    ]
    assert product["relationships"] == []
    assert product["foreign_keys"] == []
    assert described(None, "secret")[0] == 401
    assert described("nothing", "product")[0] == 403
    assert described("anon", "nonsense")[0] == 404
    _, product = described("editor", "product")
    assert product["privileges"] == ["select", "insert", "update", "delete"]
    assert (product["insertable"], product["updatable"], product["deletable"]) == (True, True, True)
    assert [each["table"] for each in product["relationships"]] == ["maker"]
    _, maker = described("editor", "maker")
    assert (maker["privileges"], maker["updatable"], maker["deletable"]) == (["select", "update"], True, False)


def test_the_openapi_document_describes_what_the_role_may_do(client: Client) -> None:
    def paths(role: str | None) -> dict[str, set[str]]:
        acting(client, role)
        answer = client.service.document("", {}, "", lambda: client.claims)
        assert "Authorization" in dict(answer.headers)["Vary"]
        found = json.loads(answer.body)["paths"]
        return {
            path.removeprefix("/rest/v1"): {*methods} - {"parameters"}
            for path, methods in found.items()
            if path.startswith("/rest/v1/")
        }

    assert paths(None) == {
        "/cheap": {"get"},
        "/cheap/{key}": {"get"},
        "/keyed": {"get"},
        "/log": {"post"},
        "/product": {"get"},
        "/product/{key}": {"get"},
        "/rpc/twice": {"get", "post"},
    }
    editor = paths("editor")
    assert editor["/product"] == {"get", "post", "put", "patch", "delete"}
    assert editor["/maker"] == {"get", "patch"}
    assert paths("nothing") == {}


def test_options_lists_the_methods_of_the_role(client: Client) -> None:
    for role, allowed in (("anon", "OPTIONS,GET,HEAD"), ("editor", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE")):
        assert acting(client, role).request("OPTIONS", "/product").headers["Allow"] == allowed


def test_a_grant_is_seen_without_waiting(client: Client, server: Server, database: str) -> None:
    acting(client, "anon")
    assert client.get("/secret").status == 401
    server.execute("GRANT SELECT (id) ON secret TO anon", database=database)
    assert client.rows("/secret") == [{"id": 1}]
    server.execute("REVOKE SELECT (id) ON secret FROM anon", database=database)
    assert client.get("/secret").status == 401


@pytest.mark.parametrize("role", ["root", "ANON", "anon ", "", 7, ["anon"], {"anon": 1}, "nobody", "anon'@'%"])
def test_a_role_that_is_not_configured_does_not_exist(client: Client, role: object) -> None:
    client.claims = {"sub": "42", "role": role}
    response = client.get("/product")
    assert (response.status, response.json["code"]) == (401, "22023")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert client.statements == []


def test_headers_never_choose_a_role(client: Client) -> None:
    client.claims = None
    for name in ("Role", "X-Role", "Authorization", "apikey", "X-Hasura-Role", "PGRST-Role", "x-aurorest-role"):
        response = client.request("GET", "/product?select=price", {name: "editor"})
        assert (response.status, response.json["code"]) == (401, "42501")


def test_without_an_anonymous_role_a_token_is_required(server: Server, database: str) -> None:
    with closing(Client(server, database, {"ROLES": "reader", "ROLE_CLAIM": "app_metadata.roles[0]"})) as client:
        response = client.get("/product")
        assert (response.status, response.json["code"]) == (401, "PGRST302")
        client.claims = {"sub": "42", "app_metadata": {"roles": ["reader"]}}
        assert len(client.rows("/product")) == 2
        client.claims = {"sub": "42", "role": "reader"}
        response = client.get("/product")
        assert (response.status, response.json["code"]) == (401, "PGRST303")


def test_without_roles_every_request_is_the_applications(server: Server, database: str) -> None:
    with closing(Client(server, database)) as client:
        for claims in (None, {"role": "anon"}):
            client.claims = claims
            assert client.rows("/secret") == [{"id": 1, "treasure": "gold"}]
        assert "Authorization" not in client.get("/secret").headers["Vary"]


def test_the_privileges_of_a_group_count(client: Client, server: Server, database: str) -> None:
    """A MySQL role that is granted to the account and active by default."""
    default = "SET DEFAULT ROLE staff TO 'nothing'@'%'"
    if server.kind == "mariadb":
        default = "SET DEFAULT ROLE staff FOR 'nothing'@'%'"
    server.execute(
        "CREATE ROLE staff", "GRANT SELECT, DELETE ON log TO staff", "GRANT staff TO 'nothing'@'%'", default,
        database=database,
    )  # fmt: skip
    try:
        acting(client, "nothing")
        assert client.rows("/log") == []
        assert client.request("OPTIONS", "/log").headers["Allow"] == "OPTIONS,GET,HEAD,DELETE"
        assert client.send("DELETE", "/log?id=eq.1").status == 204
    finally:
        server.execute("DROP ROLE staff")
