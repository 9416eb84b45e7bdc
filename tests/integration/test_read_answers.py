"""Media types, single rows, profiles, OPTIONS, and every error that a read can have."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest

from api.app import create_app
from api.database import Database
from api.settings import Settings
from local.server import Server
from tests.integration.client import Client

OBJECT = "application/vnd.pgrst.object+json"
STRIPPED = "application/vnd.pgrst.array+json;nulls=stripped"


def test_json_is_the_default_media_type(shop: Client) -> None:
    for accept in ("*/*", "application/json", "application/*", "text/html, */*;q=0.1", STRIPPED.partition(";")[0]):
        response = shop.get("/address?select=id&limit=1", Accept=accept)
        assert (response.status, response.json) == (200, [{"id": 1}])
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_single_object_is_exactly_one_row(shop: Client) -> None:
    response = shop.get("/address?select=id&id=eq.1", Accept=OBJECT)
    assert (response.status, response.json) == (200, {"id": 1})
    assert response.headers["Content-Type"] == f"{OBJECT}; charset=utf-8"
    assert response.headers["Content-Range"] == "0-0/*"
    assert shop.error("/address", Accept=OBJECT) == (406, "PGRST116")
    assert shop.error("/address?id=eq.9", Accept=OBJECT) == (406, "PGRST116")
    assert shop.get("/address", Accept=OBJECT).json["details"] == "The result contains 3 rows"
    assert shop.get("/address?limit=1&order=id", Accept=OBJECT, Prefer="count=exact").status == 200


def test_nulls_can_be_stripped(shop: Client) -> None:
    rows = shop.rows("/customer?select=id,score,born,profile(bio),purchase(status)&id=in.(2,3,4)", Accept=STRIPPED)
    assert rows == [
        {"id": 2, "born": "1985-05-06", "purchase": [{"status": "paid"}]},
        {"id": 3, "score": -3.25, "profile": {}, "purchase": []},
        {"id": 4, "score": 10.5, "born": "2000-12-31", "purchase": [{}]},
    ]
    one = shop.get("/customer?select=id,score&id=eq.2", Accept=f"{OBJECT};nulls=stripped")
    assert one.json == {"id": 2}
    assert one.headers["Content-Type"] == f"{OBJECT};nulls=stripped; charset=utf-8"


@pytest.mark.parametrize(
    "address",
    [
        "/purchase?select=id,status,customer(id,score,purchase(id,status),profile(bio))",
        "/customer?select=id,score,referrer_id(id,score,purchase(status,item(line,qty)))",
        "/item?select=line,purchase(status,customer(score,purchase(status)))",
        "/customer?select=id,score,purchase(status,customer(score,purchase(status)))",
    ],
)
def test_nulls_are_stripped_at_every_depth(shop: Client, address: str) -> None:
    assert shop.rows(address, Accept=STRIPPED) == _without_nulls(shop.rows(address))


def _without_nulls(value: object) -> object:
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return value


def test_csv_has_the_same_values(shop: Client) -> None:
    response = shop.get("/types?order=id", Accept="text/csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, *lines = csv.reader(io.StringIO(response.body.decode()))
    rows = shop.rows("/types?order=id")
    assert header == list(rows[0])
    for row, line in zip(rows, lines, strict=True):
        for value, cell in zip(row.values(), line, strict=True):
            if value is None:
                assert cell == ""
            elif isinstance(value, str) and value != "text":
                assert cell == value
    assert lines[0][header.index("dec_")] == "-12345678901234567890.0123456789"
    assert lines[1][header.index("set_")] == '["x","z"]'
    assert shop.get("/address?select=id,city&id=eq.9", Accept="text/csv").body == b"id,city\n"
    assert shop.get("/address?select=id,city&id=lt.3", Accept="text/csv").body == b"id,city\n1,Basel\n2,Ghent"
    assert shop.get('/order?select="50%25","a,b"&"select"=eq.1', Accept="text/csv").body == b'50%,"a,b"\n100%,4'
    nested = shop.get("/customer?select=id,purchase(id)&id=eq.1", Accept="text/csv").body
    assert nested == b'id,purchase\n1,"[{""id"":1},{""id"":2}]"'
    spread = shop.get("/customer?select=id,...purchase(total)&id=eq.1", Accept="text/csv").body
    assert spread == b'id,total\n1,"[30.00,5.50]"'
    assert shop.get("/address?select=id&limit=2", Accept="text/csv").next == "/address?select=id&id=gt.2&limit=2"


@pytest.mark.parametrize("options", ["", "; options=analyze"])
@pytest.mark.parametrize("suffix", ["json", "text"])
def test_a_plan_shows_how_the_server_reads(shop: Client, suffix: str, options: str) -> None:
    address = "/customer?select=id,profile(bio),purchase(id)&purchase.id=gt.1&name=eq.Ann"
    response = shop.get(address, Accept=f"application/vnd.pgrst.plan+{suffix}{options}")
    assert response.status == 200
    assert response.headers["Content-Type"].startswith(f"application/vnd.pgrst.plan+{suffix}")
    if suffix == "json":
        assert isinstance(response.json, list)
    assert b"customer" in response.body or b"on t" in response.body or b"\tt\t" in response.body


def test_a_plan_is_not_offered_unless_configured(server: Server, shop_databases: tuple[str, str]) -> None:
    client = Client(server, shop_databases[0], {"PLAN": "false"})
    assert client.error("/address", Accept="application/vnd.pgrst.plan+json") == (406, "PGRST107")
    client.close()


def test_head_is_get_without_a_body(shop: Client) -> None:
    for address in ("/customer", "/customer/1", "/customer?select=id,purchase(id)&limit=1"):
        got, head = shop.get(address), shop.request("HEAD", address)
        assert head.body == b""
        assert (head.status, head.headers.get("Content-Range")) == (got.status, got.headers.get("Content-Range"))
        assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_one_row_has_an_address(shop: Client) -> None:
    assert shop.get("/address/1").json == {"id": 1, "city": "Basel"}
    assert shop.get("/product/a-1?select=sku,label(word)").json == {
        "sku": "A-1",
        "label": [{"word": "organic"}, {"word": "local"}],
    }
    assert shop.get("/item/1,2?select=qty").json == {"qty": 2}
    assert shop.get("/booking/A,1,Jo,Ek?select=day").json == {"day": "2024-01-01"}
    assert shop.get("/calendar/2024-01-01").json == {"day": "2024-01-01", "feast": "New Year"}
    assert shop.get("/device/AP8Qww==?select=name").json == {"name": "odd"}
    assert shop.get("/account/90071992547409930002?select=owner").json == {"owner": "y"}
    assert shop.get("/address/1", Accept="text/csv").body == b"id,city\n1,Basel"
    assert shop.get("/customer/2?select=score,id", Accept=f"{OBJECT};nulls=stripped").json == {"id": 2}
    assert shop.get("/customer_names/1?select=full_name").json == {"full_name": "Ann"}


def test_a_profile_is_a_database(shop: Client, shop_databases: tuple[str, str]) -> None:
    own, world = shop_databases
    for profile in ("public", own):
        assert shop.rows("/customer?select=name&id=eq.1", Accept_Profile=profile) == [{"name": "Ann"}]
    assert shop.rows("/customer?select=name&id=eq.1", Accept_Profile=world) == [{"name": "of the world"}]
    assert shop.rows("/region?select=code,branch(id)&code=eq.N", Accept_Profile=world) == [
        {"code": "N", "branch": [{"id": 1}]}
    ]
    assert shop.rows("/customer?select=name&id=eq.1", Content_Profile="elsewhere") == [{"name": "Ann"}]
    assert shop.error("/customer", Accept_Profile="mysql") == (406, "PGRST106")
    assert shop.error("/region") == (404, "PGRST205")


def test_options_returns_the_methods_of_a_table_or_a_row(shop: Client) -> None:
    allowed = {
        "/customer": "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE",
        "/customer/1": "OPTIONS,GET,HEAD,PUT,PATCH,DELETE",
        "/keyless": "OPTIONS,GET,HEAD,POST,PATCH,DELETE",
        "/customer_totals": "OPTIONS,GET,HEAD",
    }
    for address, methods in allowed.items():
        response = shop.request("OPTIONS", address)
        assert (response.status, response.headers["Allow"]) == (200, methods)
    assert shop.request("OPTIONS", "/nothing").status == 404


ERRORS: tuple[tuple[str, int, str], ...] = (
    ("/customer?id=1", 400, "PGRST100"),
    ("/customer?id=eqq.1", 400, "PGRST100"),
    ("/customer?select=id,", 400, "PGRST100"),
    ("/customer?select=purchase(id", 400, "PGRST100"),
    ("/customer?order=id.up", 400, "PGRST100"),
    ("/customer?limit=x", 400, "PGRST100"),
    ("/customer?or=(id.eq.1", 400, "PGRST100"),
    ("/customer?or=()", 400, "PGRST100"),
    ("/customer?id=in.1,2", 400, "PGRST100"),
    ("/customer?id=is.nul", 400, "PGRST100"),
    ("/customer?id=eq(some).{1}", 400, "PGRST100"),
    ("/customer?select=purchase(id),purchase(total)", 400, "PGRST100"),
    ("/customer?limit=-2", 416, "PGRST103"),
    ("/customer?purchase.id=eq.1", 400, "PGRST108"),
    ("/customer?select=id,purchase(id)&purchase.item.qty=eq.1", 400, "PGRST108"),
    ("/customer?select=id,purchase(id)&item.qty=eq.1", 400, "PGRST108"),
    ("/customer?purchase.order=id", 400, "PGRST108"),
    ("/customer?purchase.limit=1", 400, "PGRST108"),
    ("/customer?order=purchase(id)", 400, "PGRST108"),
    ("/customer?select=id,purchase(id)&order=purchase(id)", 400, "PGRST118"),
    ("/customer?select=id,purchase(id)&purchase=eq.1", 400, "PGRST120"),
    ("/customer?select=id,purchase(id)&purchase=is.true", 400, "PGRST120"),
    ("/customer/1/2", 404, "PGRST125"),
    ("/keyless/1", 404, "PGRST125"),
    ("/item/1", 400, "PGRST100"),
    ("/item/1,2,3", 400, "PGRST100"),
    ("/customer/9", 404, "PGRST116"),
    ("/customer/x", 400, "22P02"),
    ("/customer?id=sl.1", 400, "PGRST127"),
    ("/customer?select=id,...purchase(total.sum())", 400, "PGRST127"),
    ("/customer?select=id,address(city)", 400, "PGRST200"),
    ("/customer?select=id,purchase!nothing(id)", 400, "PGRST200"),
    ("/customer?select=id,region(name)", 400, "PGRST200"),
    ("/purchase?select=id,address(city)", 300, "PGRST201"),
    ("/address?select=id,purchase(id)", 300, "PGRST201"),
    ("/custmer", 404, "PGRST205"),
    ("/customer?select=idd", 400, "42703"),
    ("/customer?idd=eq.1", 400, "42703"),
    ("/customer?order=idd", 400, "42703"),
    ("/customer?or=(idd.eq.1)", 400, "42703"),
    ("/customer?select=id,purchase(idd)", 400, "42703"),
    ("/customer?select=id,purchase(id)&purchase.idd=eq.1", 400, "42703"),
    ("/purchase?select=id,customer(id)&order=customer(idd)", 400, "42703"),
    ("/customer?select=id::money", 400, "42704"),
    ("/types?select=point_::int", 400, "42846"),
    ("/customer?select=name.sum()", 400, "42883"),
    ("/customer?select=name->a", 400, "42883"),
    ("/customer?select=name::int", 400, "22P02"),
    ("/purchase?select=status,count()&order=total", 400, "42803"),
    ("/customer?name=fts.x", 400, "42883"),
)


@pytest.mark.parametrize("address, status, code", ERRORS, ids=[address for address, _, _ in ERRORS])
def test_an_error_names_its_cause(shop: Client, address: str, status: int, code: str) -> None:
    response = shop.get(address)
    assert (response.status, response.json["code"]) == (status, code), response.body
    assert set(response.json) == {"code", "message", "details", "hint"}
    assert response.json["message"]
    assert response.headers["Proxy-Status"] == f"Aurorest; error={code}"


HINTS: tuple[tuple[str, str], ...] = (
    ("/custmer", "Perhaps you meant the table '{}.customer'"),
    ("/customer?select=nmae", "Perhaps you meant 'name'."),
    ("/customer?select=id,purchse(id)", "Perhaps you meant 'purchase'."),
    ("/customer?select=id,purchase(id)&purchas.id=eq.1", "Perhaps you meant 'purchase'."),
    ("/customer?id=eqq.1", "Perhaps you meant id=eq.1. Operators: cd, cs, dwithin, eq, "),
)


@pytest.mark.parametrize("address, hint", HINTS)
def test_an_error_suggests_the_nearest_name(
    shop: Client, shop_databases: tuple[str, str], address: str, hint: str
) -> None:
    assert shop.get(address).json["hint"].startswith(hint.replace("{}", shop_databases[0]))


def test_the_error_for_an_ambiguous_embed_lists_the_candidates(shop: Client) -> None:
    problem = shop.get("/purchase?select=id,address(city)").json
    assert problem["details"] == [
        {
            "cardinality": "many-to-one",
            "embedding": "purchase with address",
            "relationship": f"{name} using purchase({column}) and address(id)",
        }
        for name, column in (("purchase_billing", "billing_id"), ("purchase_shipping", "shipping_id"))
    ]
    assert "'address!purchase_billing', 'address!purchase_shipping'" in problem["hint"]
    for hint in ("purchase_billing", "purchase_shipping"):
        assert shop.get(f"/purchase?select=id,address!{hint}(city)").status == 200


def test_preferences_are_checked_with_strict_handling(shop: Client) -> None:
    assert shop.error("/customer", Prefer="handling=strict, anything=else") == (400, "PGRST122")
    assert shop.get("/customer", Prefer="handling=lenient, anything=else").status == 200
    assert shop.error("/customer", Prefer="timezone=Nowhere/Never")[0] == 400


def test_a_new_table_is_found_and_a_dropped_one_is_not(server: Server, database: str) -> None:
    server.execute("CREATE TABLE old (id INT PRIMARY KEY)", database=database)
    client = Client(server, database)
    assert client.rows("/old") == []
    server.execute(
        "CREATE TABLE young (id INT PRIMARY KEY, a INT)", "INSERT INTO young VALUES (1, 2)", "DROP TABLE old",
        database=database,
    )  # fmt: skip
    assert client.rows("/young") == [{"id": 1, "a": 2}]
    assert client.get("/old").status == 404
    server.execute("ALTER TABLE young ADD COLUMN b INT, DROP COLUMN a", database=database)
    assert client.rows("/young?select=b") == [{"b": None}]
    assert client.error("/young?select=a") == (400, "42703")
    client.close()


@pytest.fixture
def views(server: Server, database: str) -> Iterator[Client]:
    server.execute(
        "CREATE TABLE t (id INT PRIMARY KEY)",
        "CREATE VIEW broken AS SELECT id FROM t",
        "DROP TABLE t",
        "CREATE TABLE u (id INT PRIMARY KEY)",
        database=database,
    )
    client = Client(server, database)
    yield client
    client.close()


def test_a_broken_view_breaks_nothing_else(views: Client) -> None:
    assert views.rows("/u") == []
    assert views.get("/broken").status in (400, 404)


def test_a_query_string_may_contain_utf_8_that_is_not_percent_encoded(
    server: Server, shop_databases: tuple[str, str]
) -> None:
    """curl sends the query as typed; the Link header is percent-encoded even so."""
    settings = Settings.from_environment({"AUROREST_DATABASE_URL": server.url(shop_databases[0])})
    database = Database(settings)
    app = create_app(settings, database)
    sent: list[dict[str, Any]] = []

    async def ask(query: bytes) -> tuple[dict[str, str], Any]:
        path = b"/rest/v1/address"
        scope = {
            "type": "http", "method": "GET", "path": path.decode(), "raw_path": path, "query_string": query,
            "headers": [(b"host", b"test")], "http_version": "1.1", "scheme": "http", "server": ("test", 80),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(dict(message))

        sent.clear()
        await app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return headers, json.loads(b"".join(message.get("body", b"") for message in sent))

    headers, rows = asyncio.run(ask('city=eq.Århus&limit=1&id=gte.1&select="id"'.encode()))
    assert rows == [{"id": 3}]
    assert headers["link"].startswith("</rest/v1/address?city=eq.%C3%85rhus&id=gte.1&select=%22id%22&id=gt.3&limit=1>")
    database.close()
