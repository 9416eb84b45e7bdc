"""Dates with a zero year, month or day: read as they are, written back unchanged, found by filters."""

from __future__ import annotations

import pytest

from tests.integration.client import Client

STATEMENTS = (
    (
        "CREATE TABLE visit (id INT NOT NULL PRIMARY KEY, day DATE NULL, must DATE NOT NULL DEFAULT '0000-00-00',"
        " at DATETIME(3) NULL, stamp TIMESTAMP NULL)"
    ),
    "CREATE TABLE holiday (day DATE NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    (
        "CREATE TABLE guest (id INT NOT NULL PRIMARY KEY, day DATE NULL,"
        " CONSTRAINT guest_day FOREIGN KEY (day) REFERENCES holiday (day))"
    ),
    "SET SESSION sql_mode = ''",
    (
        "INSERT INTO visit VALUES (1, '0000-00-00', '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00'),"
        " (2, '2024-05-00', '2024-00-00', '2024-05-00 10:00:00.500', NULL),"
        " (3, '2024-05-01', '2024-05-01', '2024-05-01 10:00:00.500', '2024-05-01 10:00:00'), (4, NULL, '2024-05-02', NULL, NULL)"
    ),
    "INSERT INTO holiday VALUES ('0000-00-00', 'none'), ('2024-05-01', 'work')",
    "INSERT INTO guest VALUES (1, '0000-00-00'), (2, '2024-05-01')",
)
FIRST = {
    "id": 1, "day": "0000-00-00", "must": "0000-00-00", "at": "0000-00-00T00:00:00.000",
    "stamp": "0000-00-00T00:00:00+00:00",
}  # fmt: skip


@pytest.mark.parametrize(
    "condition, found",
    [
        ("day=eq.0000-00-00", [1]),
        ("day=neq.0000-00-00", [2, 3]),
        ("day=gt.0000-00-00", [2, 3]),
        ("day=lt.2024-05-01", [1, 2]),
        ("day=in.(0000-00-00,2024-05-00)", [1, 2]),
        ("day=isdistinct.0000-00-00", [2, 3, 4]),
        ("day=is.null", [4]),
        ("must=eq.0000-00-00", [1]),
        ("must=is.null", []),
        ("must=gte.2024-00-00", [2, 3, 4]),
        ("at=eq.0000-00-00T00:00:00", [1]),
        ("at=gte.2024-05-00T10:00:00.5", [2, 3]),
        ("stamp=eq.0000-00-00T00:00:00Z", [1]),
        ("stamp=lte.2024-05-01T10:00:00", [1, 3]),
        ("stamp=not.eq.0000-00-00T00:00:00%2B00:00", [3]),
    ],
)
def test_a_filter_finds_zero_dates(strange: Client, condition: str, found: list[int]) -> None:
    assert strange.values(f"/visit?select=id&order=id&{condition}") == found


@pytest.mark.parametrize("row", [1, 2])
def test_a_row_is_written_back_as_it_was_read(strange: Client, row: int) -> None:
    (read,) = strange.rows(f"/visit?id=eq.{row}")
    if row == 1:
        assert read == FIRST
    shown = "return=representation,tx=rollback"
    assert strange.send("PUT", f"/visit?id=eq.{row}", read, shown).json == [read]
    assert strange.send("PATCH", f"/visit?id=eq.{row}", read, shown).json == [read]
    assert strange.send("POST", "/visit", {**read, "id": 9}, shown).json == [{**read, "id": 9}]
    csv = strange.get(f"/visit?id=eq.{row}", Accept="text/csv").body.replace(b",\n", b",NULL\n")
    csv = csv + b"NULL" if csv.endswith(b",") else csv
    upsert = {"Content-Type": "text/csv", "Prefer": f"resolution=merge-duplicates,{shown}"}
    assert strange.request("POST", "/visit", upsert, csv).json == [read]


def test_a_zero_date_is_a_default_a_key_and_the_end_of_a_page(strange: Client) -> None:
    shown = "return=representation,tx=rollback"
    assert strange.send("POST", "/visit?select=must", {"id": 9}, shown).json == [{"must": "0000-00-00"}]
    assert strange.get("/holiday/0000-00-00").json == {"day": "0000-00-00", "name": "none"}
    assert strange.send("PATCH", "/holiday/0000-00-00", {"name": "x"}, shown).json["name"] == "x"
    assert strange.rows("/guest?select=id,holiday(name)&order=id") == [
        {"id": 1, "holiday": {"name": "none"}}, {"id": 2, "holiday": {"name": "work"}},
    ]  # fmt: skip
    assert strange.rows("/holiday?select=name,guest(id)&order=day") == [
        {"name": "none", "guest": [{"id": 1}]}, {"name": "work", "guest": [{"id": 2}]},
    ]  # fmt: skip
    page = strange.get("/holiday?limit=1")
    assert page.next == "/holiday?day=gt.0000-00-00&limit=1"
    assert strange.pages("/holiday?select=name&limit=1") == [{"name": "none"}, {"name": "work"}]


@pytest.mark.parametrize("date", ["2024-02-30", "2024-00-32", "2024-13-00", "0000-02-29"])
def test_a_date_that_mysql_cannot_store_is_refused(strange: Client, date: str) -> None:
    assert strange.error(f"/visit?day=eq.{date}") == (400, "22007")
    refused = strange.send("POST", "/visit", {"id": 9, "day": date})
    assert (refused.status, refused.json["code"]) == (400, "22007")
