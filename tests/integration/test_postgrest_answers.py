"""Statuses, headers and errors as PostgREST's clients expect them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import PREFIX, Client, client_of

STATEMENTS = (
    "CREATE TABLE client (id INT PRIMARY KEY, name VARCHAR(20))",
    """CREATE TABLE project (id INT PRIMARY KEY, name VARCHAR(20), client_id INT,
    FOREIGN KEY (client_id) REFERENCES client (id))""",
    "CREATE TABLE log (a INT, b VARCHAR(9), KEY (b, a))",
    """CREATE TABLE account (id INT PRIMARY KEY, email VARCHAR(30), area INT, number INT,
    UNIQUE KEY account_email (email), UNIQUE KEY account_number (area, number))""",
    "CREATE VIEW account_view AS SELECT * FROM account",
    "CREATE TABLE event (id INT PRIMARY KEY, at TIMESTAMP NULL, day DATE)",
    "INSERT INTO client VALUES (1, 'X'), (2, 'Y')",
    "INSERT INTO project VALUES (1, 'p1', 1), (2, 'p2', 2), (3, 'p3', NULL)",
    "INSERT INTO account VALUES (1, 'a@x', 1, 1)",
    "INSERT INTO event VALUES (1, '2025-01-01', '2025-01-01'), (2, '2025-02-01', '2025-02-01')",
    "CREATE PROCEDURE above(id INT) READS SQL DATA SELECT p.id FROM project p WHERE p.id >= id",
    "CREATE PROCEDURE refuse(text VARCHAR(128)) SIGNAL SQLSTATE 'PT402' SET MESSAGE_TEXT = text",
    "CREATE PROCEDURE refuse_oddly() SIGNAL SQLSTATE 'PT40A' SET MESSAGE_TEXT = 'wrong'",
    "CREATE PROCEDURE refuse_wholly(text VARCHAR(128)) SIGNAL SQLSTATE 'PGRST' SET MESSAGE_TEXT = text",
    "CREATE PROCEDURE add_account(id INT) INSERT INTO account (id) VALUES (id)",
    "CREATE FUNCTION total(a INT, b INT) RETURNS INT DETERMINISTIC NO SQL RETURN a + b",
    "CREATE TABLE guarded (id INT PRIMARY KEY)",
    """CREATE TRIGGER guard BEFORE INSERT ON guarded FOR EACH ROW
    SIGNAL SQLSTATE 'PT409' SET MESSAGE_TEXT = '{"message": "closed", "hint": "later"}'""",
)
REPRESENTATION = "return=representation"


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with client_of(server, *STATEMENTS) as client:
        yield client


ROWS: list[dict[str, object]] = [{"a": 3, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": None}, {"a": 1, "b": "a"}]


@pytest.mark.parametrize("address, order", [("/log", (0, 1, 2, 3)), ("/log?order=a,b.desc", (1, 3, 2, 0))])
def test_rows_of_a_table_without_a_key_are_shown_in_the_order_sent_or_asked_for(
    client: Client, address: str, order: tuple[int, ...]
) -> None:
    wanted = [ROWS[position] for position in order]
    try:
        for _ in range(2):  # the second time, equal rows exist
            assert client.send("POST", address, ROWS, REPRESENTATION).json == wanted
        shown = client.send("POST", address, ROWS, REPRESENTATION, Accept="text/csv").body.decode()
        assert shown == "a,b\n" + "\n".join(f"{row['a']},{row['b'] or ''}" for row in wanted)
    finally:
        client.send("DELETE", "/log?a=gte.0")


def test_removed_and_changed_rows_of_a_table_without_a_key_are_shown_in_the_order_asked_for(client: Client) -> None:
    client.send("POST", "/log", [{"a": 1, "b": "m"}, {"a": 2, "b": "k"}, {"a": 3, "b": "l"}])
    changed = client.send("PATCH", "/log?a=gt.1&order=b.desc", {"a": 7}, REPRESENTATION)
    assert changed.json == [{"a": 7, "b": "l"}, {"a": 7, "b": "k"}]
    removed = client.send("DELETE", "/log?a=gt.0&order=b.asc", None, REPRESENTATION)
    assert [row["b"] for row in removed.json] == ["k", "l", "m"]


def test_a_value_for_a_parameter_and_a_filter_may_have_the_same_name(client: Client) -> None:
    assert client.rows("/rpc/above?id=2&id=gt.2") == [{"id": 3}]
    assert client.rows("/rpc/above?id=lt.3&id=2") == [{"id": 2}]
    assert client.rows("/rpc/above?id=1&id=3") == [{"id": 3}]


def test_arguments_of_a_body_are_chosen_by_columns_and_may_be_in_an_array_of_one(client: Client) -> None:
    assert client.send("POST", "/rpc/total?columns=a,b", {"a": 1, "b": 2, "c": 9}).json == 3
    assert client.send("POST", "/rpc/total", [{"a": 1, "b": 2}]).json == 3
    two = client.send("POST", "/rpc/total", [{"a": 1, "b": 2}, {"a": 3, "b": 4}])
    assert (two.status, two.json["code"]) == (400, "PGRST102")
    assert two.json["hint"] == "Call the routine once for each object."
    missing = client.send("POST", "/rpc/total?columns=a", {"a": 1, "b": 2})
    assert (missing.status, missing.json["code"]) == (404, "PGRST202")


def test_the_value_of_a_function_counts_as_one_row(client: Client) -> None:
    response = client.get("/rpc/total?a=1&b=2", Prefer="count=exact")
    assert (response.json, response.headers["Content-Range"]) == (3, "0-0/1")


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT"])
def test_a_routine_is_only_called_with_get_and_post(client: Client, method: str) -> None:
    response = client.request(method, "/rpc/total")
    assert (response.status, response.json["code"]) == (405, "PGRST101")
    assert response.json["message"] == f"Cannot use the {method} method on RPC"
    assert response.headers["Allow"] == "OPTIONS,GET,HEAD,POST"


def test_a_signal_chooses_the_status_and_its_text_may_be_json(client: Client) -> None:
    plain = client.send("POST", "/rpc/refuse", {"text": "Payment required"})
    assert (plain.status, plain.headers["Proxy-Status"]) == (402, "Aurorest; error=PT402")
    assert plain.json == {"code": "PT402", "message": "Payment required", "details": None, "hint": None}
    parts = {"message": "Payment required", "details": "quota", "hint": "upgrade"}
    response = client.send("POST", "/rpc/refuse", {"text": json.dumps(parts)})
    assert (response.status, response.json) == (402, {"code": "PT402", **parts})
    trigger = client.send("POST", "/guarded", {"id": 1})
    assert (trigger.status, trigger.json["message"], trigger.json["hint"]) == (409, "closed", "later")


def test_a_signal_without_a_valid_status_is_500(client: Client) -> None:
    answer = client.service.rest("POST", "/rpc/refuse_oddly", "", {}, b"{}", PREFIX)
    assert (answer.status, json.loads(answer.body)["code"], json.loads(answer.body)["message"]) == (
        500, "PT40A", "wrong",
    )  # fmt: skip


def test_a_signal_chooses_the_whole_answer(client: Client) -> None:
    parts = {"code": "A1", "message": "m", "details": {"d": 1}, "status": 418, "headers": {"X-Why": "tea"}}
    response = client.send("POST", "/rpc/refuse_wholly", {"text": json.dumps(parts)})
    assert (response.status, response.headers["X-Why"]) == (418, "tea")
    assert response.json == {"code": "A1", "message": "m", "details": {"d": 1}, "hint": None}


@pytest.mark.parametrize(
    "text",
    [
        "no JSON", "[]", '{"code": "A"}', '{"message": "m"}', '{"code": "A", "message": "m", "status": 200}',
        '{"code": "A", "message": "m", "headers": {"a\\nb": "c"}}', '{"code": "A", "message": "m", "headers": [1]}',
        '{"code": "A", "message": "m", "status": "x"}',
    ],
)  # fmt: skip
def test_a_signal_with_unreadable_json_is_500(client: Client, text: str) -> None:
    answer = client.service.rest("POST", "/rpc/refuse_wholly", "", {}, json.dumps({"text": text}).encode(), PREFIX)
    assert (answer.status, json.loads(answer.body)["code"]) == (500, "PGRST121")


@pytest.mark.parametrize(
    "address, row, constraint, details",
    [
        ("/account", {"id": 1}, "PRIMARY", "Key (id)=(1) already exists."),
        ("/account", {"id": 2, "email": "a@x"}, "account_email", "Key (email)=(a@x) already exists."),
        ("/account", {"id": 2, "area": 1, "number": 1}, "account_number", "Key (area, number)=(1, 1) already exists."),
        ("/account_view", {"id": 2, "email": "a@x"}, "account_email", "Key (email)=(a@x) already exists."),
    ],
)
def test_a_duplicate_names_the_columns_of_the_key(
    client: Client, address: str, row: object, constraint: str, details: str
) -> None:
    response = client.send("POST", address, row)
    assert (response.status, response.json["code"], response.json["details"]) == (409, "23505", details)
    assert response.json["message"] == f'duplicate key value violates unique constraint "{constraint}"'


def test_a_duplicate_in_a_routine_is_named_as_far_as_the_server_does(server: Server, client: Client) -> None:
    response = client.send("POST", "/rpc/add_account", {"id": 1})
    named = "Key (id)=(1) already exists."
    assert response.json["details"] == (
        named if server.kind == "mysql" else 'The key "PRIMARY" already has the value 1.'
    )


def test_a_put_requires_a_primary_key(client: Client) -> None:
    response = client.send("PUT", "/log?a=eq.1", {"a": 1})
    assert (response.status, response.json["code"]) == (405, "PGRST105")
    assert "no primary key" in response.json["hint"]


def test_an_upsert_of_nothing_is_200_and_an_insert_of_nothing_201(client: Client) -> None:
    assert client.send("POST", "/client", [], "resolution=merge-duplicates").status == 200
    assert client.send("POST", "/client", [], f"resolution=merge-duplicates, {REPRESENTATION}").json == []
    assert client.send("POST", "/client", []).status == 201
    assert client.send("POST", "/client", [], "resolution=ignore-duplicates").status == 201


@pytest.mark.parametrize(
    "zone, ids",
    [("+02:00", [1, 2]), ("+0200", [1, 2]), ("2", [1, 2]), ("Africa/Cairo", [1, 2]), ("-4", [2]), ("0", [2])],
)
def test_a_time_zone_may_be_an_offset(client: Client, zone: str, ids: list[int]) -> None:
    response = client.get("/event?select=id&at=gte.2025-01-01T01:30:00", Prefer=f"timezone={zone}")
    assert [row["id"] for row in response.json] == ids
    assert response.headers["Preference-Applied"] == f"timezone={zone}"


@pytest.mark.parametrize("zone", ["05:30:15", "+25", "+2:99", "Nowhere", "--4", "+"])
def test_an_unknown_time_zone_is_refused(client: Client, zone: str) -> None:
    assert client.error("/event", Prefer=f"timezone={zone}") == (400, "22023")


@pytest.mark.parametrize(
    "value",
    ["20250101+00:00", "20250101%2B00:00", "20250101", "2025-01-01%2B00:00", "20250101T000000Z", "20250101T0000"],
)
def test_times_are_read_in_the_basic_format_and_with_an_offset(client: Client, value: str) -> None:
    assert client.values(f"/event?select=id&at=gt.{value}") == [2]
    assert client.values(f"/event?select=id&day=gt.{value}") == [2]


def test_a_negative_offset_skips_nothing(client: Client) -> None:
    assert client.values("/project?select=id&offset=-4&order=id") == [1, 2, 3]
    assert client.rows("/client?select=project(id)&project.offset=-1&id=eq.1") == [{"project": [{"id": 1}]}]
    assert client.error("/project?limit=-1") == (416, "PGRST103")


@pytest.mark.parametrize(
    "headers",
    [{"Accept": "image/png"}, {"Prefer": "handling=strict, x=y"}, {"Prefer": "timezone=Nowhere"}],
)
@pytest.mark.parametrize("address, code", [("/nothing", "PGRST205"), ("/rpc/nothing", "PGRST202")])
def test_an_unknown_address_is_reported_before_an_unmet_header(
    client: Client, headers: dict[str, str], address: str, code: str
) -> None:
    response = client.request("POST", address, headers, b"{}")
    assert (response.status, response.json["code"]) == (404, code)
    assert client.request("POST", "/client", headers, b"{}").status in (400, 406)


def test_options_answers_whatever_accept_says(client: Client) -> None:
    for address in ("/client", "/client/1", "/rpc/total"):
        assert client.request("OPTIONS", address, {"Accept": "image/png"}).status == 200
    assert client.request("OPTIONS", "/nothing", {"Accept": "image/png"}).status == 404


def test_a_slash_at_the_end_changes_nothing(client: Client) -> None:
    for address in ("/client", "/client/1", "/rpc/total"):
        query = "?a=1&b=2" if address == "/rpc/total" else "?select=id"
        assert client.get(f"{address}/{query}").json == client.get(f"{address}{query}").json
    assert client.get("/client//").status == 404


def test_a_read_names_its_address_with_the_parameters_in_order(client: Client) -> None:
    assert client.get("/client/?name=eq.a%20b&id=gt.1").headers["Content-Location"] == (
        "/rest/v1/client?id=gt.1&name=eq.a%20b"
    )
    assert client.get("/client").headers["Content-Location"] == "/rest/v1/client"
    assert client.get("/client/1?select=id").headers["Content-Location"] == "/rest/v1/client/1?select=id"
    assert "Content-Location" not in client.send("PATCH", "/client?id=eq.9", {"name": "x"}).headers


def test_answers_name_the_database_where_there_are_several(server: Server, client: Client) -> None:
    assert "Content-Profile" not in client.get("/client").headers
    with server.temporary_database() as second:
        server.execute("CREATE TABLE part (id INT PRIMARY KEY)", database=second)
        both = Client(server, client.database, {"SCHEMAS": second})
        try:
            assert both.get("/client").headers["Content-Profile"] == client.database
            assert both.get("/part", Accept_Profile=second).headers["Content-Profile"] == second
            assert both.get("/rpc/total?a=1&b=2").headers["Content-Profile"] == client.database
            written = both.send("POST", "/part", {"id": 1}, Content_Profile=second)
            assert (written.status, written.headers["Content-Profile"]) == (201, second)
            assert "Content-Profile" not in both.get("/nothing").headers
        finally:
            both.close()


@pytest.mark.parametrize("order, names", [("owner", ["p1", "p2", "p3"]), ("owner.desc.nullslast", ["p2", "p1", "p3"])])
def test_rows_are_ordered_by_the_alias_of_a_spread_column(client: Client, order: str, names: list[str]) -> None:
    assert client.values(f"/project?select=name,...client(owner:name)&order={order}") == names
    nested = client.rows(f"/client?select=id,project(name,...client(owner:name))&project.order={order}&id=eq.1")
    assert nested == [{"id": 1, "project": [{"name": "p1", "owner": "X"}]}]


def test_a_column_of_the_table_goes_before_the_alias_of_a_spread_column(client: Client) -> None:
    assert client.values("/project?select=id,...client(name)&order=name.desc") == [3, 2, 1]
    assert client.error("/project?select=id,...client(owner:name)&order=name2") == (400, "42703")


def test_an_embed_may_be_named_by_the_column_on_either_side(client: Client) -> None:
    assert client.rows("/project?select=id,client_id(name)&id=eq.1") == [{"id": 1, "client_id": {"name": "X"}}]
    assert client.rows("/client?select=name,id(name)&id=eq.2") == [{"name": "Y", "id": [{"name": "p2"}]}]


def test_rows_are_ordered_by_the_alias_in_an_embed(client: Client) -> None:
    for select in ("name,...client(owner:name)", "name,client(owner:name)"):
        assert client.values(f"/project?select={select}&order=client(owner).desc.nullslast") == ["p2", "p1", "p3"]
    counted = client.rows("/project?select=count(),...client(owner:name)&order=client(owner).desc.nullslast")
    assert [row["owner"] for row in counted] == ["Y", "X", None]
    assert client.error("/project?select=count(),...client(owner:name)&order=client(id)") == (400, "42803")


def test_a_change_to_nothing_needs_no_filter(client: Client) -> None:
    assert client.send("PATCH", "/project", {}).status == 204
    response = client.send("PATCH", "/project", {}, REPRESENTATION)
    assert (response.status, response.json, response.headers["Content-Range"]) == (200, [], "*/*")
    assert client.send("PATCH", "/project", {"name": "x"}).json["code"] == "21000"


@pytest.mark.parametrize(
    "query, code",
    [
        ("id=1&select=id,client(name)", "PGRST127"),
        ("id=1&select=id,...client(name)", "PGRST127"),
        ("id=1&client.name=eq.X", "PGRST108"),
        ("id=1&client.or=(name.eq.X,id.eq.2)", "PGRST108"),
        ("id=1&client.order=name", "PGRST108"),
        ("id=1&client.limit=1", "PGRST108"),
        ("id=1&client.offset=1", "PGRST108"),
    ],
)
def test_the_rows_of_a_routine_embed_nothing_and_say_so(client: Client, query: str, code: str) -> None:
    assert client.error(f"/rpc/above?{query}") == (400, code)
    assert client.get(f"/rpc/above?{query}").statements == ()
