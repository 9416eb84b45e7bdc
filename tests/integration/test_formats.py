"""Media types besides JSON: lines of JSON, GeoJSON, and CSV by a plain address."""

from __future__ import annotations

import json

import pytest

from tests.integration.client import Client

STATEMENTS = (
    """CREATE TABLE place (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL, at POINT NULL, area POLYGON NULL,
       town_id INT NULL)""",
    "CREATE TABLE town (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    "ALTER TABLE place ADD CONSTRAINT place_town FOREIGN KEY (town_id) REFERENCES town (id)",
    "CREATE TABLE `town.csv` (id INT NOT NULL PRIMARY KEY)",
    'CREATE TABLE `caf\u00e9 "x"` (id INT NOT NULL PRIMARY KEY, bom VARCHAR(5) NULL)',
    "INSERT INTO town VALUES (1, 'Z\u00fcrich')",
    "INSERT INTO `town.csv` VALUES (7)",
    "INSERT INTO `caf\u00e9 \"x\"` VALUES (1, 'true')",
    """INSERT INTO place VALUES (1, 'Caf\u00e9', ST_GeomFromText('POINT(1 2)'), NULL, 1), (2, 'a,b', NULL, NULL, NULL)""",
    "CREATE PROCEDURE places() READS SQL DATA SELECT id, name FROM place ORDER BY id",
    "CREATE FUNCTION four() RETURNS INT DETERMINISTIC NO SQL RETURN 4",
)
LINES = {"Content-Type": "application/x-ndjson", "Prefer": "return=representation,tx=rollback"}


def lines(body: bytes) -> list[object]:
    assert body.endswith(b"\n") or not body
    return [json.loads(line) for line in body.splitlines()]


@pytest.mark.parametrize("accept", ["application/x-ndjson", "application/ndjson", "application/jsonl"])
def test_rows_are_returned_one_on_each_line(strange: Client, accept: str) -> None:
    response = strange.get("/place?select=id,name,town(name)&order=id", Accept=accept)
    assert response.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert lines(response.body) == [
        {"id": 1, "name": "Caf\u00e9", "town": {"name": "Z\u00fcrich"}}, {"id": 2, "name": "a,b", "town": None},
    ]  # fmt: skip
    assert strange.get("/place?id=eq.9", Accept=accept).body == b""
    assert lines(strange.get("/place/1?select=id", Accept=accept).body) == [{"id": 1}]


def test_pages_of_lines_are_linked(strange: Client) -> None:
    page = strange.get("/place?select=name&limit=1", Accept="application/x-ndjson")
    assert (lines(page.body), page.next) == ([{"name": "Caf\u00e9"}], "/place?select=name&id=gt.1&limit=1")


def test_routines_and_writes_return_lines(strange: Client) -> None:
    accept = {"Accept": "application/x-ndjson"}
    assert lines(strange.get("/rpc/places?select=id", **accept).body) == [{"id": 1}, {"id": 2}]
    assert strange.get("/rpc/four", **accept).body == b"4\n"
    written = strange.send("POST", "/town", [{"id": 8, "name": "x"}], "return=representation,tx=rollback", **accept)
    assert lines(written.body) == [{"id": 8, "name": "x"}]


@pytest.mark.parametrize("media", ["application/x-ndjson", "application/ndjson; charset=utf-8", "application/jsonl"])
def test_rows_are_sent_one_on_each_line(strange: Client, media: str) -> None:
    body = b'\xef\xbb\xbf{"id":3,"name":"x"}\r\n\n{"id":4,"name":"a\\nb"}'
    written = strange.request("POST", "/town", {**LINES, "Content-Type": media}, body)
    assert (written.status, written.json) == (201, [{"id": 3, "name": "x"}, {"id": 4, "name": "a\nb"}])
    assert strange.request("POST", "/town", LINES, b"").json == []


@pytest.mark.parametrize(
    "body, details",
    [
        (b'{"id":3}\n\n{"id":}', "Line 3: "),
        (b'{"id":3}\n[1]', "Line 2 is an array."),
        (b'{"id":3}\n{"id":4,"name":"x"}', "Element 1"),
        (b'{"id":3} {"id":4}', "Line 1: "),
    ],
)
def test_a_bad_line_is_named(strange: Client, body: bytes, details: str) -> None:
    refused = strange.request("POST", "/town", LINES, body)
    assert (refused.status, refused.json["code"]) == (400, "PGRST102")
    assert refused.json["details"].startswith(details)


def test_rows_are_geojson_features(strange: Client) -> None:
    response = strange.get("/place?select=id,at,town(name)&order=id", Accept="application/geo+json")
    assert response.headers["Content-Type"] == "application/geo+json; charset=utf-8"
    point = {"type": "Point", "coordinates": [1, 2]}
    features = [
        {"type": "Feature", "geometry": point, "properties": {"id": 1, "town": {"name": "Z\u00fcrich"}}},
        {"type": "Feature", "geometry": None, "properties": {"id": 2, "town": None}},
    ]
    assert response.json == {"type": "FeatureCollection", "features": features}
    assert strange.get("/place/1?select=id,at,town(name)", Accept="application/geo+json").json == features[0]
    assert strange.get("/place?id=eq.9", Accept="application/geo+json").json["features"] == []


def test_the_first_geometry_is_the_features_and_others_are_properties(strange: Client) -> None:
    (feature,) = strange.get("/place?id=eq.1", Accept="application/geo+json").json["features"]
    assert feature["geometry"]["type"] == "Point"
    assert feature["properties"] == {"id": 1, "name": "Caf\u00e9", "area": None, "town_id": 1}
    (feature,) = strange.get("/place?id=eq.1&select=area,here:at", Accept="application/geo+json").json["features"]
    assert (feature["geometry"], feature["properties"]["here"]["type"]) == (None, "Point")


def test_pages_of_features_are_linked(strange: Client) -> None:
    page = strange.get("/place?select=at&limit=1", Accept="application/geo+json")
    assert page.next == "/place?select=at&id=gt.1&limit=1"


def test_a_write_returns_features(strange: Client) -> None:
    row = {"id": 9, "name": "x", "at": {"type": "Point", "coordinates": [3, 4]}}
    shown = "return=representation,tx=rollback"
    written = strange.send("POST", "/place?select=id,at", row, shown, Accept="application/geo+json").json
    assert written["features"] == [{"type": "Feature", "geometry": row["at"], "properties": {"id": 9}}]


@pytest.mark.parametrize("address", ["/town", "/place?select=id", "/town/1", "/place?select=at::text"])
def test_rows_without_a_geometry_cannot_be_features(strange: Client, address: str) -> None:
    assert strange.error(address, Accept="application/geo+json") == (400, "22023")


def test_the_result_of_a_routine_is_not_geojson(strange: Client) -> None:
    assert strange.error("/rpc/places", Accept="application/geo+json") == (406, "PGRST107")


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("accept", [BROWSER, "text/html", "*/*", "application/json"])
def test_a_plain_address_is_a_file_of_csv(strange: Client, accept: str) -> None:
    response = strange.get("/place.csv?select=id,name&order=id.desc&id=lt.9", Accept=accept)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="place.csv"'
    assert response.body.decode() == 'id,name\n2,"a,b"\n1,Caf\u00e9'


def test_a_table_with_the_name_of_the_file_is_read_instead(strange: Client) -> None:
    response = strange.get("/town.csv")
    assert (response.json, "Content-Disposition" in response.headers) == ([{"id": 7}], False)
    assert strange.error("/town.csv", Accept="text/html")[0] == 406


def test_the_next_page_of_a_file_is_a_file(strange: Client) -> None:
    page = strange.get("/place.csv?select=id&limit=1&bom=true")
    assert page.next == "/place.csv?select=id&bom=true&id=gt.1&limit=1"


def test_a_byte_order_mark_is_sent_on_request(strange: Client) -> None:
    with_mark = b"\xef\xbb\xbfid\n1\n2"
    assert strange.get("/place.csv?select=id&bom=true").body == with_mark
    assert strange.get("/place?select=id&bom=true", Accept="text/csv").body == with_mark
    assert strange.get("/place?select=id", Accept="text/csv;bom=true").body == with_mark
    assert strange.get("/place.csv?select=id&bom=false").body == with_mark[3:]
    assert strange.get("/rpc/places?select=id", Accept="text/csv;bom=true").body == with_mark
    assert "bom=true" in strange.get("/place.csv?bom=yes").json["hint"]
    refused = strange.get("/place?bom=true")
    assert (refused.status, refused.json["code"]) == (400, "PGRST100")
    assert "/table.csv" in refused.json["hint"]


def test_a_column_may_be_called_bom(strange: Client) -> None:
    response = strange.get('/caf\u00e9 "x".csv?bom=eq.true&bom=true')
    assert response.body == b"\xef\xbb\xbfid,bom\n1,true"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"caf_ _x_.csv\"; filename*=UTF-8''caf%C3%A9%20%22x%22.csv"
    )


def test_a_file_can_only_be_read(strange: Client) -> None:
    assert strange.request("OPTIONS", "/place.csv").headers["Allow"] == "OPTIONS,GET,HEAD"
    assert strange.request("HEAD", "/place.csv").headers["Content-Type"].startswith("text/csv")
    refused = strange.send("POST", "/place.csv", {"id": 5})
    assert (refused.status, refused.json["code"]) == (404, "PGRST205")
    assert strange.error("/nothing.csv") == (404, "PGRST205")
