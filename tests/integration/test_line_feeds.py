"""Names and keys with line feeds, which end neither an address, nor a header, nor a pattern."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.handler import make_handler
from local.server import Server
from tests.integration.client import Client, client_of

KEYS = ("\n", "x", "x\n", "x\ny", "x\r\ny", "\nx", "\r")
EVENT = Path(__file__).parents[1] / "events" / "row.json"


@pytest.fixture(scope="module")
def lines(server: Server) -> Iterator[Client]:
    rows = ",".join(f"(X'{key.encode().hex()}',{n},{n})" for n, key in enumerate(KEYS))
    with client_of(
        server,
        "CREATE TABLE `a\nb` (`k\ny` VARCHAR(20) PRIMARY KEY, n INT, `v\nw` INT)",
        "CREATE TABLE plain (k VARCHAR(20) PRIMARY KEY, n INT, v INT)",
        f"INSERT INTO plain VALUES {rows}",
        f"INSERT INTO `a\nb` VALUES {rows}",
        "CREATE VIEW `w\nv` AS SELECT `k\ny`, n FROM `a\nb`",
    ) as client:
        yield client


@pytest.mark.parametrize("key, n", list(zip(KEYS, range(len(KEYS)), strict=True)))
def test_a_row_is_read_and_written_by_such_a_key(lines: Client, key: str, n: int) -> None:
    for table, name in (("plain", "k"), ("a%0Ab", '"k%0Ay"'), ("w%0Av", '"k%0Ay"')):
        address = key.replace("\n", "%0A").replace("\r", "%0D")
        assert lines.rows(f"/{table}/{address}")["n"] == n
        assert [row["n"] for row in lines.rows(f"/{table}?{name}=eq.{address}")] == [n]
        body = {"n": n}
        assert lines.send("PATCH", f"/{table}/{address}", body, "return=representation").json["n"] == n
        assert lines.send("PUT", f"/{table}/{address}", body, "return=representation").json["n"] == n
        assert len(lines.pages(f"/{table}?limit=2")) == len(KEYS)


def test_headers_stay_one_line(lines: Client) -> None:
    for table, column in (("plain", "k"), ("a%0Ab", "k\ny")):
        response = lines.send("POST", f"/{table}", {column: "new\nline", "n": 9}, "return=headers-only")
        assert response.headers["Location"].endswith("=eq.new%0Aline")
        assert lines.send("DELETE", response.headers["Location"].removeprefix("/rest/v1")).status == 204
        for start in ("", "&order=n.desc"):
            link = lines.get(f"/{table}?limit=1{start}").headers["Link"]
            assert link.isprintable()


def test_such_an_address_reaches_the_table_through_lambda(lines: Client) -> None:
    handler = make_handler({"AUROREST_DATABASE_URL": lines.server.url(lines.database)})
    event: dict[str, Any] = json.loads(EVENT.read_text())
    for path, n in (("/rest/v1/plain/x%0Ay", 3), ("/rest/v1/a%0Ab/x%0A", 2), ("/rest/v1/a%0Ab/%0A", 0)):
        event["rawPath"] = event["requestContext"]["http"]["path"] = path
        answer = handler(event, SimpleNamespace(aws_request_id="lines", get_remaining_time_in_millis=lambda: 9000))
        assert answer["statusCode"] == 200, answer
        assert json.loads(answer["body"])["n"] == n
