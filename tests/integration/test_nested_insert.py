"""POST of rows that contain rows of related tables, on real servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from local.server import Server
from tests.integration.client import Client, Response, client_of
from tests.integration.protecting import protect

SHOWN = "return=representation"
ODD_TRIGGER = """CREATE TRIGGER odd_insert BEFORE INSERT ON odd FOR EACH ROW
    SET NEW.id = IF(NEW.step < 0, 1000 - NEW.step, NEW.id)"""
STATEMENTS = (
    "CREATE TABLE customer (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    """CREATE TABLE purchase (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NULL, payer_id INT NULL, note VARCHAR(20) NULL,
    data JSON NULL,
    CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES customer (id),
    CONSTRAINT payer FOREIGN KEY (payer_id) REFERENCES customer (id))""",
    "CREATE TABLE product (code VARCHAR(9) NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    """CREATE TABLE line (
    purchase_id INT NOT NULL, number INT NOT NULL, product VARCHAR(9) NULL, quantity INT NOT NULL DEFAULT 1,
    PRIMARY KEY (purchase_id, number),
    CONSTRAINT of_purchase FOREIGN KEY (purchase_id) REFERENCES purchase (id),
    CONSTRAINT of_product FOREIGN KEY (product) REFERENCES product (code))""",
    """CREATE TABLE invoice (
    purchase_id INT NOT NULL PRIMARY KEY, total DECIMAL(6, 2) NOT NULL,
    FOREIGN KEY (purchase_id) REFERENCES purchase (id))""",
    "CREATE TABLE tag (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, label VARCHAR(20) NOT NULL UNIQUE)",
    """CREATE TABLE purchase_tag (
    purchase_id INT NOT NULL, tag_id INT NOT NULL, since DATE NOT NULL DEFAULT '2024-01-02',
    PRIMARY KEY (purchase_id, tag_id), FOREIGN KEY (purchase_id) REFERENCES purchase (id),
    FOREIGN KEY (tag_id) REFERENCES tag (id))""",
    """CREATE TABLE part (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL, whole_id INT NULL,
    CONSTRAINT whole FOREIGN KEY (whole_id) REFERENCES part (id))""",
    """CREATE TABLE account (
    tenant INT NOT NULL, id INT NOT NULL, name VARCHAR(20) NULL, PRIMARY KEY (tenant, id))""",
    """CREATE TABLE entry (
    tenant INT NOT NULL, account INT NOT NULL, number INT NOT NULL, amount INT NULL,
    PRIMARY KEY (tenant, account, number), FOREIGN KEY (tenant, account) REFERENCES account (tenant, id))""",
    "CREATE TABLE token (id CHAR(36) NOT NULL DEFAULT (uuid()) PRIMARY KEY, label VARCHAR(9) NULL)",
    """CREATE TABLE token_use (
    token CHAR(36) NOT NULL, at INT NOT NULL, PRIMARY KEY (token, at), FOREIGN KEY (token) REFERENCES token (id))""",
    """CREATE TABLE word (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, word VARCHAR(20) NOT NULL, UNIQUE KEY word_word (word))""",
    """CREATE TABLE meaning (
    word VARCHAR(20) NOT NULL, meaning VARCHAR(20) NOT NULL, FOREIGN KEY (word) REFERENCES word (word))""",
    "CREATE TRIGGER word_insert BEFORE INSERT ON word FOR EACH ROW SET NEW.word = UPPER(NEW.word)",
    "CREATE TABLE odd (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, step INT NOT NULL)",
    "CREATE TABLE odd_child (odd_id INT NOT NULL, step INT NOT NULL, FOREIGN KEY (odd_id) REFERENCES odd (id))",
    ODD_TRIGGER,
    "CREATE TABLE named (name VARCHAR(9) NOT NULL PRIMARY KEY)",
    "CREATE TABLE named_child (name VARCHAR(9) NOT NULL, FOREIGN KEY (name) REFERENCES named (name))",
    "CREATE TRIGGER named_insert BEFORE INSERT ON named FOR EACH ROW SET NEW.name = CONCAT(NEW.name, 'x')",
    "CREATE TABLE keyless (customer_id INT NULL, note VARCHAR(9) NULL, FOREIGN KEY (customer_id) REFERENCES customer (id))",
    "CREATE VIEW open_purchase AS SELECT id, customer_id, note FROM purchase",
)
TABLES = (
    "purchase_tag", "tag", "invoice", "line", "product", "purchase", "keyless", "customer", "part", "entry", "account",
    "token_use", "token", "meaning", "word", "odd_child", "odd", "named_child", "named",
)  # fmt: skip


@pytest.fixture
def nested(strange: Client, server: Server) -> Client:
    """The tables, empty."""
    server.execute(
        "UPDATE part SET whole_id = NULL", *(f"DELETE FROM {name}" for name in TABLES), database=strange.database
    )
    return strange


def inserts(response: Response) -> list[str]:
    """The tables of the INSERT statements, in order."""
    return [found[1] for text in response.statements if (found := re.match(r"INSERT INTO `\w+`\.`(\w+)`", text))]


def empty(client: Client, *tables: str) -> bool:
    return all(client.rows(f"/{name}") == [] for name in tables)


def test_children_get_the_key_of_their_parent(nested: Client) -> None:
    body = {"note": "a", "line": [{"number": 1}, {"number": 2, "quantity": 5}]}
    refused = nested.send("POST", "/purchase", body)
    assert refused.json["code"] == "PGRST102"
    body = {"note": "a", "line": [{"number": 1, "quantity": 3}, {"number": 2, "quantity": 5}]}
    response = nested.send("POST", "/purchase?select=note,line(number,quantity)", body, SHOWN)
    assert response.status == 201, response.body
    assert response.json == [{"note": "a", "line": [{"number": 1, "quantity": 3}, {"number": 2, "quantity": 5}]}]
    assert inserts(response) == ["purchase", "line"]


def test_many_parents_take_one_statement_for_each_table(nested: Client) -> None:
    body = [
        {"note": f"n{each}", "line": [{"number": number, "quantity": each} for number in range(each % 4)]}
        for each in range(60)
    ]
    response = nested.send("POST", "/purchase?select=note,line(number,quantity)", body, SHOWN)
    assert response.json == body
    assert inserts(response) == ["purchase", "line"]
    assert response.headers["Content-Range"] == "*/*"


def test_a_row_that_is_referred_to_is_inserted_before(nested: Client) -> None:
    body: list[dict[str, Any]] = [
        {"note": "a", "customer_id": None, "customer!buyer": {"name": "Ann"}},
        {"note": "b", "customer_id": None, "customer!buyer": None},
        {"note": "c", "customer_id": None, "customer!buyer": {"name": "Cy"}},
    ]
    response = nested.send("POST", "/purchase?select=note,customer!buyer(name)", body, SHOWN)
    assert [row["customer"] for row in response.json] == [{"name": "Ann"}, None, {"name": "Cy"}]
    assert inserts(response) == ["customer", "purchase"]


def test_every_kind_of_relation_at_several_levels(nested: Client) -> None:
    body = {
        "note": "all",
        "buyer": {"name": "Ann"},
        "payer": {"name": "Bob"},
        "line": [
            {"number": 1, "product": {"code": "a", "name": "Apple"}},
            {"number": 2, "product": {"code": "b", "name": "Bread"}},
        ],
        "invoice": {"total": 9.50},
        "tag": [{"label": "x"}, {"label": "y"}],
    }
    line = body["line"]
    assert isinstance(line, list)
    for each in line:
        each["of_product"] = each.pop("product")
    select = "note,buyer(name),payer(name),line(number,of_product(code,name)),invoice(total),tag(label)"
    response = nested.send("POST", f"/purchase?select={select}", body, SHOWN)
    assert response.status == 201, response.body
    assert response.json == [body]
    assert inserts(response) == [
        "customer",
        "customer",
        "purchase",
        "product",
        "line",
        "invoice",
        "tag",
        "purchase_tag",
    ]
    assert nested.values("/purchase_tag?select=since") == ["2024-01-02"] * 2


def test_an_alias_of_select_is_the_name_in_the_body(nested: Client) -> None:
    body = [{"note": "a", "who": {"name": "Ann"}, "items": [{"number": 7}]}]
    response = nested.send("POST", "/purchase?select=note,who:customer!payer(name),items:line(number)", body, SHOWN)
    assert response.json == body
    assert nested.rows("/purchase?select=customer_id,payer:payer(name)") == [
        {"customer_id": None, "payer": {"name": "Ann"}}
    ]


def test_an_ambiguous_relation_is_refused_with_the_hints_of_select(nested: Client) -> None:
    response = nested.send("POST", "/purchase", {"customer": {"name": "Ann"}})
    assert (response.status, response.json["code"]) == (300, "PGRST201")
    assert "customer!buyer" in response.json["hint"]
    assert empty(nested, "customer", "purchase")


def test_a_table_that_refers_to_itself(nested: Client) -> None:
    body = {"name": "car", "whole": {"name": "fleet"}, "part": [{"name": "door", "part": [{"name": "handle"}]}]}
    response = nested.send("POST", "/part?select=name,whole(name),part(name,part(name))", body, SHOWN)
    assert response.json == [body]


def test_a_composite_key_is_passed_on_as_a_whole(nested: Client) -> None:
    body = [
        {"tenant": 1, "id": 5, "entry": [{"number": 1, "amount": 2}, {"number": 2, "amount": 3}]},
        {"tenant": 2, "id": 5, "entry": [{"number": 1, "amount": 4}]},
    ]
    response = nested.send("POST", "/account?select=tenant,id,entry(number,amount)", body, SHOWN)
    assert response.json == body


def test_a_value_that_agrees_with_the_related_row_may_be_sent(nested: Client) -> None:
    row = {"tenant": 1, "account": 5, "number": 1}
    assert nested.send("POST", "/account", {"tenant": 1, "id": 5, "entry": [row]}).status == 201
    response = nested.send("POST", "/account", {"tenant": 2, "id": 5, "entry": [row]})
    assert (response.status, response.json["code"]) == (400, "PGRST102")
    assert "'tenant' of 'entry'" in response.json["message"]
    assert nested.values("/account?select=tenant") == [1]


def test_a_computed_key_is_passed_on(nested: Client) -> None:
    body = [{"label": "a", "token_use": [{"at": 1}]}, {"label": "b", "token_use": [{"at": 2}, {"at": 3}]}]
    response = nested.send("POST", "/token?select=label,token_use(at)&order=label", body, SHOWN)
    assert response.json == body


def test_a_referred_unique_key_is_read_as_it_was_stored(nested: Client) -> None:
    body = [{"word": "ant", "meaning": [{"meaning": "insect"}]}, {"word": "bee", "meaning": [{"meaning": "too"}]}]
    response = nested.send("POST", "/word?select=word,meaning(meaning)", body, SHOWN)
    assert [row["word"] for row in response.json] == ["ANT", "BEE"]
    assert response.json[1]["meaning"] == [{"meaning": "too"}]
    assert nested.values("/meaning?select=word&order=word") == ["ANT", "BEE"]


def test_numbers_that_a_trigger_changes_are_still_the_right_ones(nested: Client) -> None:
    body = [{"step": step, "odd_child": [{"step": step}]} for step in (1, -500, 2, -100, 3)]
    response = nested.send("POST", "/odd", body)
    assert response.status == 201, response.body
    rows = nested.rows("/odd_child?select=step,odd(id,step)")
    assert len(rows) == 5
    assert all(row["step"] == row["odd"]["step"] for row in rows)


@pytest.fixture
def unaware(nested: Client, server: Server) -> Iterator[Client]:
    """A client whose catalog is older than the trigger."""
    server.execute("DROP TRIGGER odd_insert", database=nested.database)
    with closing(Client(server, nested.database)) as client:
        client.get("/odd")
        server.execute(ODD_TRIGGER, database=nested.database)
        yield client


@pytest.mark.parametrize(
    "steps", [(1, 2, 3), (-500, -501, -502), (-502, -501, -500), (1, -500, 2), (-500, 1), (1, -500), (-500,)]
)
def test_no_row_is_related_to_another_one_if_a_trigger_is_unknown(
    unaware: Client, nested: Client, server: Server, steps: tuple[int, ...]
) -> None:
    server.execute("INSERT INTO odd (id, step) VALUES (1600, 9), (1700, 9)", database=nested.database)
    response = unaware.send("POST", "/odd", [{"step": step, "odd_child": [{"step": step}]} for step in steps])
    rows = nested.rows("/odd_child?select=step,odd(step)")
    assert response.status == 201, response.body
    assert len(rows) == len(steps)
    assert all(row["step"] == row["odd"]["step"] for row in rows)


def test_a_key_that_a_trigger_changes_is_refused(nested: Client, server: Server) -> None:
    server.execute("INSERT INTO named VALUES ('a')", database=nested.database)  # stored as 'ax'
    for name in ("b", "ax"):
        response = nested.send("POST", "/named", {"name": name, "named_child": [{}]})
        assert (response.status, response.json["code"]) == (400, "0A000")
    assert nested.values("/named?select=name") == ["ax"]
    assert empty(nested, "named_child")


def test_a_table_without_a_key_can_refer_to_new_rows(nested: Client) -> None:
    assert nested.send("POST", "/keyless", [{"note": "a", "customer": {"name": "Ann"}}]).status == 201
    assert nested.rows("/keyless?select=note,customer(name)") == [{"note": "a", "customer": {"name": "Ann"}}]
    shown = nested.send("POST", "/keyless", [{"note": "b", "customer": {"name": "Bob"}}], SHOWN)
    assert (shown.status, shown.json["code"]) == (400, "0A000")
    assert nested.values("/customer?select=name") == ["Ann"]


def test_a_view_takes_rows_inside_too(nested: Client) -> None:
    response = nested.send("POST", "/open_purchase", {"note": "v", "line": [{"number": 3}]})
    assert response.status == 201, response.body
    assert nested.rows("/line?select=number,purchase(note)") == [{"number": 3, "purchase": {"note": "v"}}]


def test_a_column_is_a_column_even_if_a_relation_has_its_name(nested: Client) -> None:
    response = nested.send("POST", "/purchase?select=data", {"data": {"line": [{"number": 1}]}}, SHOWN)
    assert response.json == [{"data": {"line": [{"number": 1}]}}]
    assert empty(nested, "line")


@pytest.mark.parametrize(
    "body,status,code",
    [
        ({"line": "x"}, 400, "PGRST204"),
        ({"line": None}, 400, "PGRST204"),
        ({"nothing": [{}]}, 400, "PGRST204"),
        ({"line!nothing": [{}]}, 400, "PGRST204"),
        ({"line": {"number": 1}}, 400, "PGRST102"),
        ({"line": [1]}, 400, "PGRST102"),
        ({"buyer": [{"name": "Ann"}]}, 400, "PGRST102"),
        ({"invoice": [{"total": 1}]}, 400, "PGRST102"),
        ({"line": [{"number": 1, "nothing": 2}]}, 400, "PGRST204"),
        ({"line": [{"number": "x"}]}, 400, "22P02"),
        ({"line": [{"quantity": 1}]}, 400, "23502"),
        ({"line": [{"number": 1}, {"number": 1}]}, 409, "23505"),
        ({"line": [{"number": 1, "product": "no"}]}, 409, "23503"),
        ({"customer_id": 999, "buyer": {"name": "Ann"}}, 400, "PGRST102"),
    ],
)
def test_an_error_at_any_level_undoes_everything(nested: Client, body: object, status: int, code: str) -> None:
    response = nested.send("POST", "/purchase", body)
    assert (response.status, response.json["code"]) == (status, code), response.body
    assert empty(nested, "purchase", "line", "customer", "invoice")


def test_empty_arrays_and_absent_relations_have_no_rows(nested: Client) -> None:
    body = [{"note": "a", "line": []}, {"note": "b", "line": [{"number": 1}]}]
    assert nested.send("POST", "/purchase", body).status == 201
    assert nested.send("POST", "/purchase", [{"note": "c", "line": []}]).status == 201
    mixed = [{"note": "d"}, {"note": "e", "line": [{"number": 1}]}]
    assert nested.send("POST", "/purchase", mixed).status == 201
    assert nested.values("/line?select=number") == [1, 1]
    assert len(nested.rows("/purchase")) == 5


def test_columns_names_what_is_written(nested: Client) -> None:
    body = [{"note": "a", "customer_id": 99, "line": [{"number": 1}], "tag": [{"label": "x"}]}]
    assert nested.send("POST", "/purchase?columns=note,line", body).status == 201
    assert nested.values("/line?select=number") == [1]
    assert empty(nested, "tag")


def test_preferences_apply_to_every_level(nested: Client) -> None:
    body = [{"note": "a", "line": [{"number": 1, "quantity": 4}, {"number": 2}]}]
    assert nested.send("POST", "/purchase", body, "missing=default, tx=rollback").status == 201
    assert empty(nested, "purchase", "line")
    response = nested.send("POST", "/purchase", body, "missing=default, return=headers-only")
    assert re.fullmatch(r"/rest/v1/purchase\?id=eq\.\d+", response.headers["Location"])
    assert nested.values("/line?select=quantity&order=number") == [4, 1]
    refused = nested.send("POST", "/purchase", body, "resolution=merge-duplicates")
    assert (refused.status, refused.json["code"]) == (400, "PGRST127")
    csv = nested.request("POST", "/purchase", {"Content-Type": "text/csv"}, b"note,line\na,[]\n")
    assert csv.json["code"] == "PGRST204"


def test_the_limit_of_rows_counts_the_rows_inside(nested: Client) -> None:
    with closing(Client(nested.server, nested.database, {"MAX_WRITE_ROWS": "5"})) as client:
        body = [{"note": "a", "line": [{"number": number} for number in range(3)]} for _ in range(2)]
        response = client.send("POST", "/purchase", body)
        assert (response.status, response.json["code"]) == (413, "54000")
        assert client.send("POST", "/purchase", body[:1]).status == 201


def test_more_places_than_embeds_are_refused(nested: Client) -> None:
    body: dict[str, object] = {"name": "end"}
    for _ in range(60):
        body = {"name": "x", "part": [body]}
    response = nested.send("POST", "/part", body)
    assert (response.status, response.json["code"]) == (400, "PGRST102")


def test_the_servers_step_of_auto_increment_is_not_used(nested: Client, server: Server) -> None:
    server.execute("SET GLOBAL auto_increment_increment = 7", "SET GLOBAL auto_increment_offset = 3")
    try:
        with closing(Client(server, nested.database)) as client:
            body = [{"note": f"n{each}", "line": [{"number": each}]} for each in range(40)]
            response = client.send("POST", "/purchase?select=note,line(number)", body, SHOWN)
            assert response.json == body
            ids = client.values("/purchase?select=id&order=id")
            assert ids == list(range(ids[0], ids[0] + 40))
    finally:
        server.execute("SET GLOBAL auto_increment_increment = 1", "SET GLOBAL auto_increment_offset = 1")


def test_numbers_given_in_part_are_related_to_the_right_rows(nested: Client) -> None:
    body = [
        {"id": number, "note": f"n{position}", "line": [{"number": position}]}
        for position, number in enumerate((None, 90_000, None, 80_000, None))
    ]
    response = nested.send("POST", "/purchase?select=note,line(number)", body, SHOWN)
    assert response.json == [{"note": row["note"], "line": row["line"]} for row in body]


POLICIES = (
    "ALTER TABLE list ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON list USING (owner = auth.uid())",
    "ALTER TABLE task ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY short ON task USING (LENGTH(text) < 5)",
)


@pytest.fixture(scope="module")
def protected(server: Server) -> Iterator[Client]:
    with client_of(
        server,
        "CREATE TABLE list (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, owner VARCHAR(9) NOT NULL)",
        "CREATE TABLE task (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, list_id INT NOT NULL, text VARCHAR(9) NOT NULL,"
        " FOREIGN KEY (list_id) REFERENCES list (id))",
        claims={"sub": "ann"},
    ) as client:
        protect(client, POLICIES)
        yield client


@pytest.mark.parametrize("owner,text,status", [("ann", "tea", 201), ("bob", "tea", 403), ("ann", "coffee", 403)])
def test_policies_check_the_rows_of_every_level(
    protected: Client, server: Server, owner: str, text: str, status: int
) -> None:
    server.execute("DELETE FROM task", "DELETE FROM list", database=protected.database)
    body = [{"owner": owner, "task": [{"text": text}]}]
    response = protected.send("POST", "/list", body)
    assert response.status == status, response.body
    with closing(server.connect(protected.database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM list UNION ALL SELECT COUNT(*) FROM task")
        assert {count for (count,) in cursor.fetchall()} == {int(status == 201)}
