"""Several requests in one transaction, on real servers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from local.server import Server
from tests.integration.client import Client, Response
from tests.integration.protecting import protect

STATEMENTS = (
    """CREATE TABLE item (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, price DECIMAL(20, 10) NULL, data JSON NULL,
    UNIQUE KEY item_name (name))""",
    """CREATE TABLE part (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, item_id INT NOT NULL, label VARCHAR(40) NULL,
    FOREIGN KEY (item_id) REFERENCES item (id))""",
    "CREATE TABLE word (word VARCHAR(40) NOT NULL PRIMARY KEY)",
    "CREATE TABLE tally (word VARCHAR(40) NOT NULL PRIMARY KEY, note TEXT NULL)",
    "CREATE TABLE noted (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, text VARCHAR(9) NULL)",
    "CREATE TRIGGER noted_insert BEFORE INSERT ON noted FOR EACH ROW SET SESSION group_concat_max_len = 64",
    "CREATE TABLE marked (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, text VARCHAR(9) NULL)",
    "CREATE TRIGGER marked_insert BEFORE INSERT ON marked FOR EACH ROW SET NEW.text = UPPER(NEW.text)",
    "CREATE PROCEDURE add_item(IN item_name VARCHAR(40)) MODIFIES SQL DATA INSERT INTO item (name) VALUES (item_name)",
    """CREATE PROCEDURE commits(IN item_name VARCHAR(40)) MODIFIES SQL DATA
    BEGIN INSERT INTO item (name) VALUES (item_name); COMMIT; END""",
    """CREATE PROCEDURE commits_and_begins(IN item_name VARCHAR(40)) MODIFIES SQL DATA
    BEGIN COMMIT; START TRANSACTION; INSERT INTO item (name) VALUES (item_name); END""",
    "CREATE PROCEDURE rolls_back() MODIFIES SQL DATA ROLLBACK",
    "CREATE PROCEDURE makes_a_table() MODIFIES SQL DATA BEGIN CREATE TABLE made (id INT); DROP TABLE made; END",
    """CREATE PROCEDURE commits_and_fails() MODIFIES SQL DATA
    BEGIN COMMIT; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'after'; END""",
    "CREATE PROCEDURE fails() MODIFIES SQL DATA SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'",
    "CREATE PROCEDURE unlinks() MODIFIES SQL DATA SET SESSION foreign_key_checks = 0",
    "CREATE FUNCTION items() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM item)",
)


@pytest.fixture
def db(strange: Client, server: Server) -> Client:
    """The tables with two items."""
    server.execute(
        *(f"DELETE FROM {name}" for name in ("part", "item", "word", "tally", "noted", "marked")),
        "INSERT INTO item (id, name, price) VALUES (1, 'a', 1), (2, 'b', 2)",
        database=strange.database,
    )
    return strange


def post(path: str, body: object, prefer: str | None = "return=representation") -> dict[str, object]:
    part: dict[str, object] = {"method": "POST", "path": path, "body": body}
    return part if prefer is None else part | {"headers": {"Prefer": prefer}}


def get(path: object) -> dict[str, object]:
    return {"method": "GET", "path": path}


def ref(text: str) -> dict[str, str]:
    return {"$ref": text}


def failed(response: Response) -> tuple[int, str, Any]:
    return response.status, response.json["code"], response.json.get("request")


def names(client: Client) -> Any:
    return client.values("/item?select=name&order=name")


def test_requests_run_in_order_in_one_transaction(db: Client) -> None:
    response = db.batch(
        [
            post("/item?select=name", {"name": "c"}),
            {"method": "PATCH", "path": "/item?name=eq.c", "body": {"price": 7}},
            get("/item?select=name,price&order=id"),
            {"method": "DELETE", "path": "/item/1"},
            {"method": "HEAD", "path": "/item?select=name"},
            {"method": "PUT", "path": "/item/900?select=name", "body": {"name": "z"}},
            post("/rpc/items", {}, None),
        ]
    )
    assert response.status == 200, response.body
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert [each["status"] for each in response.json] == [201, 204, 200, 204, 200, 204, 200]
    assert response.json[0]["body"] == [{"name": "c"}]
    assert response.json[0]["headers"]["Preference-Applied"] == "return=representation"
    assert response.json[1]["body"] is None
    assert response.json[2]["body"][2] == {"name": "c", "price": 7.0}
    assert response.json[2]["headers"]["Content-Range"] == "0-2/*"
    assert response.json[4]["body"] is None
    assert response.json[6]["body"] == 3
    transactions = [
        text for text in response.statements if re.match("BEGIN|START|COMMIT|ROLLBACK|SET (?!STATEMENT)", text)
    ]
    assert transactions == ["BEGIN", "COMMIT"]
    assert names(db) == ["b", "c", "z"]


def test_one_that_fails_undoes_all_and_is_named(db: Client) -> None:
    response = db.batch([post("/item", {"name": "c"}), get("/item"), post("/item", {"name": "a"}), get("/item")])
    assert failed(response) == (409, "23505", 2)
    assert set(response.json) == {"code", "message", "details", "hint", "request"}
    assert names(db) == ["a", "b"]
    assert not any("COMMIT" in text for text in response.statements)


@pytest.mark.parametrize(
    "part,status,code",
    [
        (get("/nothing"), 404, "PGRST205"),
        (get("/item/9999"), 404, "PGRST116"),
        (get("/item?nothing=eq.1"), 400, "42703"),
        (get("/item?id=x"), 400, "PGRST100"),
        (post("/item", {"name": None}), 400, "23502"),
        (post("/item", {"nothing": 1}), 400, "PGRST204"),
        ({"method": "POST", "path": "/item"}, 400, "PGRST102"),
        ({"method": "PATCH", "path": "/item", "body": {"name": "x"}}, 400, "21000"),
        (post("/rpc/fails", {}), 400, "P0001"),
        (post("/item", {"name": "c"}, "tx=rollback"), 400, "PGRST127"),
        ({"method": "DELETE", "path": "/rpc/items"}, 405, None),
        (get("/a/b/c"), 404, "PGRST125"),
    ],
)
def test_every_kind_of_failure_undoes_what_came_before(db: Client, part: object, status: int, code: str | None) -> None:
    response = db.batch([post("/item", {"name": "c"}), part, post("/item", {"name": "d"})])
    assert (response.status, response.json["request"]) == (status, 1), response.body
    assert code in (None, response.json["code"])
    assert names(db) == ["a", "b"]


def test_values_of_earlier_answers_are_typed_as_if_written_there(db: Client) -> None:
    price = "1234567890.0123456789"
    document = {"deep": [1, {"x": None}], "$ref": "0.body"}
    body = json.dumps(
        [
            post("/item", {"name": "it's", "price": "PRICE", "data": document}),
            post("/item", {"name": "copy", "price": ref("0.body.0.price"), "data": ref("0.body.0.data")}),
            post("/part", [{"item_id": ref("0.body.0.id"), "label": ref("1.body.0.name")}]),
            post("/item", {"name": ref("2.headers.Content-Range"), "price": ref("2.status")}),
            get(["/item?select=name,price::text&id=eq.", ref("0.body.0.id")]),
            get(["/item/", ref("1.body.0.id")]),
            get(["/item?select=price&name=eq.", ref("0.body.0.name")]),
        ]
    ).replace('"PRICE"', price)
    response = db.batch(body.encode())
    assert response.status == 200, response.body
    answers = [each["body"] for each in response.json]
    assert f'"price":{price}' in response.body.decode().replace(" ", "")
    assert response.body.decode().count(price) == 5
    assert answers[1][0]["data"] == document
    assert answers[2][0]["item_id"] == answers[0][0]["id"]
    assert answers[2][0]["label"] == "copy"
    assert (answers[3][0]["name"], answers[3][0]["price"]) == ("*/*", 201.0)
    assert answers[4] == [{"name": "it's", "price": price}]
    assert answers[5]["name"] == "copy"


@pytest.mark.parametrize(
    "reference,details",
    [
        ("0.body.0.nothing", "does not exist in the answer of request 0"),
        ("0.body.5.id", "does not exist"),
        ("0.body.0.id.deeper", "does not exist"),
        ("0.headers.Nothing", "does not exist"),
        ("1.body.0.id", "refers to a request that does not come before it"),
        ("7.body", "refers to a request that does not come before it"),
        ("0.nothing", "does not refer to a value"),
        ("0", "does not refer to a value"),
        ("0.body.", "does not refer to a value"),
        ("00000000000000000000.body", "does not refer to a value"),
    ],
)
def test_a_reference_to_nothing_is_an_error(db: Client, reference: str, details: str) -> None:
    response = db.batch([post("/item", {"name": "c"}), post("/item", {"name": ref(reference)})])
    assert failed(response) == (400, "PGRST102", 1)
    assert details in response.json["details"]
    assert names(db) == ["a", "b"]


def test_a_write_without_a_representation_has_nothing_to_refer_to(db: Client) -> None:
    response = db.batch([post("/item", {"name": "c"}, None), post("/part", {"item_id": ref("0.body.0.id")})])
    assert failed(response) == (400, "PGRST102", 1)
    assert "return=representation" in response.json["hint"]


def test_other_objects_with_that_member_are_data(db: Client) -> None:
    documents = [{"$ref": "#/components/x"}, {"$ref": 5}, {"$ref": "0.body", "more": 1}, {"a": {"$ref": ""}}]
    response = db.batch(
        [post("/item?select=data", {"name": f"n{n}", "data": each}) for n, each in enumerate(documents)]
    )
    assert [each["body"][0]["data"] for each in response.json] == documents


@pytest.mark.parametrize(
    "value,status", [({"a": 1}, 400), ([1], 400), (None, 400), (True, 400), ("x/../y", 400), ("5 or 1=1", 400)]
)
def test_a_value_in_a_path_is_a_scalar_and_stays_a_value(db: Client, value: object, status: int) -> None:
    response = db.batch(
        [post("/item?select=data", {"name": "c", "data": value}), get(["/item?id=eq.", ref("0.body.0.data")])]
    )
    assert response.status == status
    assert response.json["request"] == 1


def test_a_key_with_reserved_characters_stays_one_key(db: Client) -> None:
    word = 'a/b,c?d&e=f%2C "(ü)"'
    response = db.batch([post("/word", {"word": word}), get(["/word/", ref("0.body.0.word")])])
    assert response.status == 200, response.body
    assert response.json[1]["body"] == {"word": word}


def test_rehearsed_batches_are_undone(db: Client) -> None:
    response = db.batch([post("/item?select=name", {"name": "c"}), get("/item?select=name&order=name")], "tx=rollback")
    assert (response.status, response.headers["Preference-Applied"]) == (200, "tx=rollback")
    assert response.json[1]["body"] == [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    assert names(db) == ["a", "b"]


@pytest.mark.parametrize(
    "body,details",
    [
        (b"", "Expecting value"),
        (b"{}", None),
        (b"[1]", "Request 0: it must be an object"),
        ([{"path": "/item"}], "its method must be one of"),
        ([{"method": "OPTIONS", "path": "/item"}], "its method must be one of"),
        ([{"method": "get", "path": "/item"}], "its method must be one of"),
        ([{"method": "GET"}], "its path must be a string"),
        ([{"method": "GET", "path": "item"}], "must begin with a slash"),
        ([{"method": "GET", "path": "/"}], "must begin with a slash and name a table"),
        ([{"method": "POST", "path": "/?x=1", "body": []}], "name a table"),
        ([{"method": "GET", "path": []}], "its path must be"),
        ([{"method": "GET", "path": ["/item", 5]}], "its path must be"),
        ([{"method": "GET", "path": "/item", "body": {}}], "GET takes no body"),
        ([{"method": "GET", "path": "/item", "extra": 1}], "unknown members: extra"),
        ([{"method": "GET", "path": "/item", "headers": []}], "its headers must be an object"),
        ([{"method": "GET", "path": "/item", "headers": {"Authorization": "x"}}], "authorization"),
        ([{"method": "GET", "path": "/item", "headers": {"Accept-Encoding": "gzip"}}], "accept-encoding"),
        ([{"method": "GET", "path": "/item", "headers": {"Accept": ["x"]}}], "header 'accept' must be a string"),
    ],
)
def test_a_malformed_batch_is_refused(db: Client, body: object, details: str | None) -> None:
    response = db.batch(body)
    assert (response.status, response.json["code"]) == (400, "PGRST102")
    assert details is None or details in response.json["details"], response.json


def test_documents_and_batches_are_outside_of_a_batch(db: Client) -> None:
    for path in ("//", "/rest/v1/item", "/../openapi.json", "/%2F"):
        assert db.batch([get(path)]).status == 404, path
    inside = [
        {
            "method": "POST",
            "path": "/item",
            "body": [],
            "headers": {"Content-Type": "application/vnd.aurorest.batch+json"},
        }
    ]
    assert failed(db.batch(inside)) == (400, "PGRST102", 0)


def test_another_content_type_at_the_root_is_refused(db: Client) -> None:
    response = db.batch([], Content_Type="application/json")
    assert (response.status, response.json["code"]) == (400, "PGRST102")
    assert "application/vnd.aurorest.batch+json" in response.json["hint"]


def test_conditions_and_unknown_preferences_on_the_whole_are_refused(db: Client) -> None:
    for name in ("If_Match", "If_None_Match"):
        assert db.batch([get("/item")], **{name: '"x"'}).json["code"] == "PGRST127"
    assert db.batch([get("/item")], "handling=strict, nothing=1").json["code"] == "PGRST122"


def test_an_empty_batch_has_an_empty_answer(db: Client) -> None:
    assert db.batch([]).json == []


def test_number_bytes_and_answer_are_limited(db: Client) -> None:
    environment = {"MAX_BATCH_REQUESTS": "3", "MAX_BODY_BYTES": "500", "MAX_RESPONSE_BYTES": "1024"}
    with closing(Client(db.server, db.database, environment)) as client:
        assert failed(client.batch([get("/item")] * 4)) == (413, "54000", None)
        assert failed(client.batch([post("/item", {"name": "x" * 600})])) == (413, "54000", None)
        rows = [{"name": f"long name {number} {'x' * 20}"} for number in range(6)]
        assert client.batch([post("/item?select=name", rows[:3]), get("/item?select=name")]).status == 200
        client.batch([{"method": "DELETE", "path": "/item?name=like.long*"}])
        response = client.batch([post("/item?select=*", rows[:5]), get("/item"), get("/item")])
        assert failed(response) == (413, "54000", 2)
    assert names(db) == ["a", "b"]


def test_the_time_of_a_batch_is_limited_as_that_of_a_request(db: Client, server: Server) -> None:
    server.execute("CREATE FUNCTION waits() RETURNS INT NO SQL RETURN SLEEP(0.6)", database=db.database)
    try:
        with closing(Client(server, db.database, {"REQUEST_TIMEOUT_SECONDS": "1"})) as client:
            began = time.monotonic()
            response = client.batch([post("/item", {"name": "c"}), *[post("/rpc/waits", {}, None)] * 4])
            assert failed(response)[:2] == (504, "57014")
            assert time.monotonic() - began < 10
        assert names(db) == ["a", "b"]
    finally:
        server.execute("DROP FUNCTION waits", database=db.database)


@pytest.mark.parametrize("name", ["commits", "commits_and_begins", "rolls_back", "makes_a_table", "commits_and_fails"])
def test_a_procedure_that_ends_the_transaction_is_an_error(db: Client, name: str) -> None:
    arguments = {"item_name": "p"} if name in ("commits", "commits_and_begins") else {}
    response = db.batch([get("/item"), post(f"/rpc/{name}", arguments, None), post("/item", {"name": "never"})])
    assert failed(response) == (400, "2D000", 1), response.body
    assert "never" not in names(db)
    assert db.batch([get("/item")]).status == 200


def test_a_procedure_that_keeps_the_transaction_is_part_of_it(db: Client) -> None:
    response = db.batch([post("/rpc/add_item", {"item_name": "p"}, None), get("/item?select=name&order=name")])
    assert [row["name"] for row in response.json[1]["body"]] == ["a", "b", "p"]
    assert failed(db.batch([post("/rpc/add_item", {"item_name": "q"}, None), post("/rpc/fails", {}, None)])) == (
        400, "P0001", 1,
    )  # fmt: skip
    assert names(db) == ["a", "b", "p"]


@pytest.mark.parametrize("part", [post("/rpc/unlinks", {}, None), post("/noted", {"text": "x"}, None)])
def test_a_stored_program_that_changes_the_session_ends_the_batch(db: Client, part: object) -> None:
    response = db.batch([post("/item", {"name": "c"}), part, post("/item", {"name": "d"})])
    assert failed(response) == (400, "38000", 2), response.body
    assert names(db) == ["a", "b"]
    assert db.batch([part]).status == 200  # as the last one, it has nobody to disturb
    assert db.batch([post("/part", {"item_id": 99})]).json["code"] == "23503"


def test_a_trigger_that_leaves_the_session_alone_disturbs_nobody(db: Client) -> None:
    response = db.batch([post("/marked?select=text", {"text": "x"}), post("/marked?select=text", {"text": "y"})])
    assert [each["body"] for each in response.json] == [[{"text": "X"}], [{"text": "Y"}]]


def test_rows_shown_are_those_locked_even_if_others_wrote_in_between(db: Client, server: Server) -> None:
    other = server.connect(db.database)
    other.autocommit(True)

    def change(text: str, seconds: float) -> None:
        del seconds
        if "FROM" in text and "word" in text and not changed:
            changed.append(text)
            with other.cursor() as cursor:
                cursor.execute("UPDATE item SET price = 50 WHERE id = 1")

    changed: list[str] = []
    database = db.service.accounts.of(None).database
    observe, database.observe = database.observe, change
    try:
        response = db.batch(
            [
                get("/item?select=price&id=eq.1"),
                get("/word"),
                {
                    "method": "DELETE",
                    "path": "/item?id=eq.1&select=price",
                    "headers": {"Prefer": "return=representation"},
                },
            ]
        )
    finally:
        database.observe = observe
        other.close()
    assert changed
    assert response.status == 200, response.body
    # a server that refuses to lock a row that changed after the snapshot makes the batch start again
    assert response.json[0]["body"] in ([{"price": 1.0}], [{"price": 50.0}])
    assert response.json[2]["body"] == [{"price": 50.0}]


def test_conditions_belong_to_single_requests(db: Client) -> None:
    tag = db.get("/item/1").headers["ETag"]
    patch = {"method": "PATCH", "path": "/item/1", "headers": {"If-Match": tag}, "body": {"price": 3}}
    response = db.batch([post("/item", {"name": "c"}), patch, patch])
    assert failed(response) == (412, "AR412", 2)
    assert db.values("/item?select=price&id=eq.1") == [1.0]
    read = get("/item/1")
    written = {**patch, "headers": {"If-Match": ref("0.headers.ETag")}}
    assert db.batch([read, written]).status == 200
    assert db.values("/item?select=price&id=eq.1") == [3.0]


def test_bulk_and_nested_writes_work_inside(db: Client) -> None:
    response = db.batch(
        [
            post("/item?select=id,name,part(label)", {"name": "c", "part": [{"label": "x"}, {"label": "y"}]}),
            {
                "method": "PATCH",
                "path": "/item",
                "body": [{"id": 1, "price": 5}, {"id": ref("0.body.0.id"), "price": 6}],
            },
            {"method": "POST", "path": "/word", "headers": {"Content-Type": "text/csv"}, "body": "word\nant\nbee\n"},
            {"method": "GET", "path": "/word?order=word", "headers": {"Accept": "text/csv"}},
        ]
    )
    assert response.status == 200, response.body
    assert response.json[0]["body"][0]["part"] == [{"label": "x"}, {"label": "y"}]
    assert response.json[3]["body"] == "word\nant\nbee"
    assert db.values("/item?select=price&order=id") == [5.0, 2.0, 6.0]


def test_a_new_column_is_noticed_and_the_whole_batch_repeated(db: Client, server: Server) -> None:
    with closing(Client(server, db.database)) as client:
        client.get("/item")
        server.execute("ALTER TABLE word ADD COLUMN note VARCHAR(9) NULL", database=db.database)
        try:
            response = client.batch([post("/item", {"name": "c"}), post("/word", {"word": "w", "note": "n"})])
            assert response.status == 200, response.body
            assert names(db) == ["a", "b", "c"]
        finally:
            server.execute("ALTER TABLE word DROP COLUMN note", database=db.database)


@pytest.fixture(scope="module")
def protected(server: Server) -> Iterator[Client]:
    with server.temporary_database() as name:
        server.execute(
            "CREATE TABLE note (id INT NOT NULL PRIMARY KEY, owner VARCHAR(9) NOT NULL, text VARCHAR(9) NULL)",
            "INSERT INTO note VALUES (1, 'ann', 'a'), (2, 'bob', 'b')",
            database=name,
        )
        client = Client(server, name, claims={"sub": "ann"})
        protect(
            client,
            ("ALTER TABLE note ENABLE ROW LEVEL SECURITY", "CREATE POLICY own ON note USING (owner = auth.uid())"),
        )
        yield client
        client.close()


def test_policies_bind_every_request(protected: Client) -> None:
    response = protected.batch(
        [get("/note?select=id"), {"method": "PATCH", "path": "/note?id=gt.0", "body": {"text": "x"}}], "tx=rollback"
    )
    assert response.json[0]["body"] == [{"id": 1}]
    assert response.json[1]["headers"]["Content-Range"] == "0-0/*"
    refused = protected.batch([get("/note"), post("/note", {"id": 3, "owner": "bob"})])
    assert failed(refused) == (403, "42501", 1)


@pytest.mark.parametrize("first", [get("/item"), post("/rpc/items", {}, None)], ids=["a read", "a routine"])
def test_an_upsert_that_starts_over_undoes_only_itself(db: Client, first: object) -> None:
    long = post("/tally", {"word": "w", "note": "x" * 9000}, "resolution=merge-duplicates")
    response = db.batch([first, post("/item", {"name": "c"}), long, get("/tally?select=word")])
    assert response.status == 200, response.body
    assert response.json[3]["body"] == [{"word": "w"}]
    assert names(db) == ["a", "b", "c"]
    assert any("ROLLBACK TO" in text for text in response.statements)
