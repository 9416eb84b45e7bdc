"""A long list or condition in every position where a request may have one: answered by statements of at most 16,000
bytes, or refused with 54001. RDS Proxy would pin the session for a longer one."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from api.statement import MAX_STATEMENT_BYTES
from tests.integration.client import Client

STATEMENTS = (
    "CREATE TABLE maker (id INT PRIMARY KEY, name VARCHAR(40))",
    "INSERT INTO maker VALUES (1, 'one'), (2, 'two')",
    """CREATE TABLE thing (id INT PRIMARY KEY, maker_id INT, name VARCHAR(40), facts JSON,
    FOREIGN KEY (maker_id) REFERENCES maker (id))""",
    "INSERT INTO thing VALUES (1, 1, 'a', '{}'), (2, 1, 'b', '{}'), (3, 2, 'c', '{}')",
    "CREATE TABLE event (at INT, name VARCHAR(40))",
    "INSERT INTO event VALUES (1, 'a'), (2, 'b')",
    "CREATE VIEW thing_view AS SELECT id, name FROM thing",
    "CREATE FUNCTION things_called() RETURNS INT DETERMINISTIC READS SQL DATA RETURN (SELECT COUNT(*) FROM thing)",
)
LIST = "(" + ",".join(f"value-{n:06}" for n in range(1, 2500)) + ",a)"
NUMBERS = "(" + ",".join(str(n) for n in range(2, 4000)) + ")"
MANY = "(" + ",".join(f"name.eq.value-{n:06}" for n in range(700)) + ",name.eq.a)"
VALUE = "x" * 20_000
REFUSED = (413, "54001")

READS = {
    "a list": (f"/thing?select=id&name=in.{LIST}", [{"id": 1}]),
    "a list of numbers": (f"/thing?select=id&id=in.{NUMBERS}", [{"id": 2}, {"id": 3}]),
    "a list of exceptions": (f"/thing?select=id&name=not.in.{LIST}", [{"id": 2}, {"id": 3}]),
    "any of": (f"/thing?select=id&name=eq(any).{{{LIST[1:-1]}}}", [{"id": 1}]),
    "an or": (f"/thing?select=id&or={MANY}", REFUSED),
    "an and": (f"/thing?select=id&and={MANY}", REFUSED),
    "a list in an or": (f"/thing?select=id&or=(id.eq.1,name.in.{LIST})", REFUSED),
    "a list in a not": (f"/thing?select=id&not.and=(id.eq.1,name.in.{LIST})", REFUSED),
    "two lists": (f"/thing?select=id&name=in.{LIST}&id=in.{NUMBERS}", REFUSED),
    "a list of an embed": (f"/maker?select=id,thing(id)&thing.name=in.{LIST}", REFUSED),
    "a list of an inner embed": (f"/maker?select=id,thing!inner(id)&thing.name=in.{LIST}", REFUSED),
    "an or of an embed": (f"/maker?select=id,thing(id)&thing.or={MANY}", REFUSED),
    "a list of a to-one embed": (f"/thing?select=id,maker(id)&maker.name=in.{LIST}", REFUSED),
    "a list over a table without a key": (f"/event?select=at&name=in.{LIST}", REFUSED),
    "a list over a view": (f"/thing_view?select=id&name=in.{LIST}", None),
    "a list over groups": (f"/thing?select=maker_id,count()&name=in.{LIST}", REFUSED),
    "a list over JSON": (f"/thing?select=id&facts->>a=in.{LIST}", None),
    "a list ordered by JSON": (f"/thing?select=id&name=in.{LIST}&order=facts", REFUSED),
    "conditions on a row": (f"/thing/1?or={MANY}", REFUSED),
    "an embed of a row": (f"/thing/1?select=id,maker(id)&maker.name=in.{LIST}", REFUSED),
    "one long value": (f"/thing?select=id&name=neq.{VALUE}", [{"id": 1}, {"id": 2}, {"id": 3}]),
    "one long value in an or": (f"/thing?select=id&or=(name.eq.{VALUE},id.eq.1)", [{"id": 1}]),
}
WRITES: dict[str, tuple[str, str, Any, int]] = {
    "update by a list": ("PATCH", f"/thing?name=in.{LIST}", {"name": "new"}, 204),
    "update by an or": ("PATCH", f"/thing?or={MANY}", {"name": "new"}, 413),
    "update by a list of exceptions": ("PATCH", f"/thing?name=not.in.{LIST}", {"name": "new"}, 413),
    "update by two lists": ("PATCH", f"/thing?name=in.{LIST}&id=in.{NUMBERS}", {"name": "new"}, 413),
    "update without a key": ("PATCH", f"/event?name=in.{LIST}", {"name": "new"}, 413),
    "update by an embed's list": (
        "PATCH", f"/thing?select=id,maker!inner(id)&maker.name=in.{LIST}", {"name": "new"}, 413,
    ),
    "delete by a list": ("DELETE", f"/thing?name=in.{LIST}", None, 204),
    "delete by an or": ("DELETE", f"/thing?or={MANY}", None, 413),
    "delete without a key": ("DELETE", f"/event?name=in.{LIST}", None, 413),
    "a representation with an embed's list": (
        "POST", f"/maker?select=id,thing(id)&thing.name=in.{LIST}", {"id": 9, "name": "x"}, 413,
    ),
    "many rows": ("POST", "/thing", [{"id": n, "name": f"name {n}"} for n in range(10, 1500)], 201),
    "a row of long values": ("POST", "/thing", {"id": 9, "facts": {"a": "x" * 20_000}}, 201),
    "change to a long value": ("PATCH", "/thing?id=eq.1", {"facts": {"a": "x" * 20_000}}, 204),
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize(
    "header", [{}, {"Accept": "text/csv"}, {"Prefer": "count=exact"}], ids=["json", "csv", "count"]
)
def test_reads(strange: Client, name: str, header: dict[str, str]) -> None:
    address, expected = READS[name]
    strange.may_pin = "one long value" in name
    response = strange.request("GET", address, header)
    strange.may_pin = False
    if isinstance(expected, tuple) or response.status == 413:
        assert expected is None or (response.status, response.json["code"]) == expected
    elif header.get("Accept") is None and expected is not None:
        assert response.json == expected
    else:
        assert response.status in (200, 206)
    if "one long value" not in name:
        assert all(len(text.encode()) <= MAX_STATEMENT_BYTES for text in response.statements)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("shown", [False, True], ids=["silent", "shown"])
def test_writes(strange: Client, name: str, shown: bool) -> None:
    method, address, body, status = WRITES[name]
    strange.may_pin = "long value" in name
    before = strange.rows("/thing?order=id") + strange.rows("/event?order=at")
    response = strange.send(method, address, body, f"tx=rollback{', return=representation' if shown else ''}")
    strange.may_pin = False
    if not shown and "representation" in name:
        status = 201
    assert response.status in ({200, 201} if shown and status < 300 else {status}), response.body
    if "long value" not in name:
        assert all(len(text.encode()) <= MAX_STATEMENT_BYTES for text in response.statements)
    assert strange.rows("/thing?order=id") + strange.rows("/event?order=at") == before


def test_an_explained_plan_is_refused_too(strange: Client) -> None:
    accept = "application/vnd.pgrst.plan+json"
    for address in (f"/thing?or={MANY}", f"/maker?select=id,thing!inner(id)&thing.name=in.{LIST}"):
        response = strange.get(address, Accept=accept)
        assert (response.status, response.json["code"]) == REFUSED


def test_conditions_of_a_routine(strange: Client) -> None:
    response = strange.get(f"/rpc/things_called?x=in.{quote(LIST)}")
    assert response.status in (400, 404)
    assert json.loads(response.body)["code"] != "XX000"
