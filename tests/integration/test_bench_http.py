"""Two HTTP APIs are compared only if they answer with the same rows. No time is asserted here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import addresses
from bench.http_cases import SIDES, Case, DifferentRows, InvalidCase, Side, comparable, read_cases, rows_of
from bench.http_client import Client, body_of, is_complete
from bench.measure import Pair, Timing, family, in_turns
from local.server import Server
from tests.serving import serving

BENCH = Path(addresses.__file__).parent
ROW = "GET /purchase/{n}"
NOTE = Case(
    "update",
    {"ours": "PATCH /purchase/{n}", "theirs": "PATCH /purchase/{n}"},
    body={"note": "{side} {run} {n}"},
    stored={"ours": ROW, "theirs": ROW},
)


@pytest.fixture(scope="module")
def shop(server: Server) -> Iterator[tuple[str, str]]:
    """The address of the API over the tables of `bench/shop.sql`, and the database's name."""
    text = (BENCH / "shop.sql").read_text(encoding="utf-8")
    statements = "\n".join(line for line in text.splitlines() if not line.startswith("--")).split(";")
    with server.temporary_database() as name:
        server.execute(*(each for each in statements if each.strip()), database=name)
        with serving(server.url(name)) as address:
            yield f"{address}/rest/v1", name


def compare(case: Case, base: str, connections: int = 1, requests: int = 2) -> addresses.Comparison:
    return addresses.compare(case, (base, base), connections, requests=requests, rounds=1)


@pytest.mark.parametrize("connections,requests", [(1, 1), (1, 5), (3, 2), (3, 10)])
def test_each_address_gets_as_many_requests_as_asked_for(
    server: Server, shop: tuple[str, str], connections: int, requests: int
) -> None:
    base, _ = shop
    with server.recorded() as sent:
        with closing(Client(f"{base}/purchase/42", connections)) as client:
            body = client.send(requests)
        found = compare(Case("row", {"ours": ROW, "theirs": ROW}), base, connections, requests)
    assert json.loads(body)["id"] == 42
    # one round, and three to warm up, of both addresses, after one request to each
    assert sum("`purchase`" in text for text in sent) == requests + 2 * (1 + 4 * requests)
    assert (found.connections, found.goal) == (connections, None)


def test_each_request_has_the_next_number(server: Server, shop: tuple[str, str]) -> None:
    base, name = shop
    compare(NOTE, base, connections=3, requests=5)
    with server.connect(name) as connection, connection.cursor() as cursor:
        # another test creates rows, whose keys follow those of the 100,000 that are there
        cursor.execute("SELECT id, note FROM purchase WHERE note LIKE 'theirs %' AND id <= 100000 ORDER BY id")
        rows = dict(cursor.fetchall())
    assert [*rows] == [*range(1, 22)]
    assert all(note.endswith(f" {key}") for key, note in rows.items())


def test_the_cases_for_php_crud_api_suit_this_api(shop: tuple[str, str]) -> None:
    base, _ = shop
    cases = [both_ours(case) for case in read_cases(BENCH / "php_crud_api.json")]
    for case in cases:
        assert compare(case, base).goal is not None
    reads = [Side(case, "ours", base, ()).answer() for case in cases if case.stored is None]
    assert [len(rows) for rows in reads if isinstance(rows, list)] == [1, 20, 20, 1000]


def both_ours(case: Case) -> Case:
    def same(sides: Mapping[str, Any]) -> dict[str, Any]:
        return {side: sides["ours"] for side in SIDES if sides}

    stored = case.stored and same(case.stored)
    return replace(case, requests=same(case.requests), headers=same(case.headers), stored=stored)


def test_answers_with_other_rows_are_an_error(shop: tuple[str, str]) -> None:
    base, _ = shop
    other = Case("rows", {"ours": "GET /purchase/1", "theirs": "GET /purchase/2"})
    with pytest.raises(DifferentRows, match="rows: the answers differ"):
        compare(other, base)


def test_a_write_that_is_not_stored_is_an_error(shop: tuple[str, str]) -> None:
    base, _ = shop
    headers = {"theirs": ["Prefer: tx=rollback"]}
    with pytest.raises(DifferentRows, match=r"update, theirs: \{'note': 'ours"):
        compare(replace(NOTE, headers=headers), base)
    with pytest.raises(DifferentRows, match="is stored, not one row"):
        compare(replace(NOTE, stored={"ours": "GET /customer?limit=2", "theirs": ROW}), base)


def test_an_address_that_returns_an_error_is_not_compared(shop: tuple[str, str]) -> None:
    with closing(Client(f"{shop[0]}/purchase/0", 1)) as client, pytest.raises(ConnectionError, match=r"404.*PGRST"):
        client.send(1)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.addresses", *arguments, "--rounds", "1", "--requests", "2"]
    return subprocess.run(command, cwd=BENCH.parent, capture_output=True, text=True, check=False)


def test_the_program_prints_a_line_for_each_case(shop: tuple[str, str], tmp_path: Path) -> None:
    base, _ = shop
    row = f"{base}/purchase/42"
    done = run(row, row, "--connections", "1,2", "--process", str(os.getpid()))
    assert (done.returncode, done.stderr) == (0, "")
    heading, *lines = done.stdout.splitlines()
    assert "CPU, ours" in heading
    assert [line.split()[:2] for line in lines] == [["GET", "1"], ["GET", "2"]]
    file = tmp_path / "cases.json"
    cases = [{"name": name, "ours": ROW, "theirs": ROW, "goals": {"1": 1000}} for name in ("row", "other")]
    file.write_text(json.dumps(cases))
    done = run(base, base, "--cases", str(file), "--only", "row", "--connections", "1", "--markdown")
    *_, rule, last = done.stdout.splitlines()
    assert rule == "|---|--:|--:|--:|--:|"
    assert last.startswith("| row | 1 | ")
    assert "goal 1000 (missed)" in last


@pytest.mark.parametrize(
    "cases,message",
    [
        ("[", "is not JSON"),
        ("[]", "must have a list of cases"),
        ([{"name": "a", "ours": "GET /a"}], "case 1 needs name, ours and theirs"),
        ([{"name": "a", "ours": "GET /a", "theirs": "/b"}], "'/b' is not a method and a path"),
        ([{"name": "a", "ours": "GET /a", "theirs": "GET /b", "goal": 1}], "case 1 has goal; allowed: body"),
        ([{"name": "a", "ours": "PUT /a", "theirs": "PUT /b", "stored": {"ours": "GET /a"}}], "stored needs ours and"),
    ],
)
def test_a_file_of_cases_that_cannot_be_used_is_one_line(tmp_path: Path, cases: object, message: str) -> None:
    file = tmp_path / "cases.json"
    file.write_text(cases if isinstance(cases, str) else json.dumps(cases))
    with pytest.raises(InvalidCase, match=message):
        read_cases(file)
    done = run("http://127.0.0.1:1", "http://127.0.0.1:1", "--cases", str(file))
    assert done.returncode == 1
    assert done.stderr.startswith("bench.addresses: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "body,complete",
    [(b"", False), (b"2\r\n[]\r\n", False), (b"2\r\n[]\r\n0\r\n\r\n", True), (b"0\r\n\r\n", True)],
)
def test_a_chunked_response_ends_with_an_empty_chunk(body: bytes, complete: bool) -> None:
    response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    assert is_complete(response) == complete
    assert not complete or body_of(response) in (b"[]", b"")


def test_a_response_without_content_ends_with_its_head() -> None:
    assert is_complete(b"HTTP/1.1 204 No Content\r\n\r\n")
    with pytest.raises(ConnectionError, match="no Content-Length"):
        is_complete(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.mark.parametrize(
    "body", ['[{"id":1}]', '{"records":[{"id":1}],"results":100}', '{"id":1}', '{"id":"1"}', '{"data":[{"id":1.0}]}']
)
def test_the_same_rows_are_found_in_each_shape(body: str) -> None:
    assert rows_of(body.encode()) == [{"id": 1}]


def test_values_that_differ_are_not_comparable() -> None:
    assert comparable("8497.10") == comparable(8497.1) != comparable(8497.11)
    assert comparable(True) == comparable(1) == comparable("1") != comparable(0)
    assert comparable(None) == comparable("null") != comparable("")
    assert comparable("2024-03-06T01:25:28") == comparable("2024-03-06 01:25:28") != comparable("2024-03-06")


def test_the_faster_side_is_known_by_its_figures() -> None:
    measured = Pair(Timing((1.0, 1.0, 4.0), (1.0, 2.0, 3.0)), Timing((2.0, 4.0, 4.0), (2.0, 2.0, 2.0))).divided(2)
    found = addresses.Comparison("row", 8, measured, 3)
    assert (found.faster.least, found.faster.median, found.faster.greatest) == (1, 2, 4)
    cells = ["row", "8", "2.00 (1.00 to 4.00), goal 3 (missed)", "500000", "2000000"]
    assert found.cells(with_cpu=False) == cells
    assert found.cells(with_cpu=True) == [*cells, "1000000", "1000000"]


def test_the_processing_time_of_children_counts() -> None:
    busy = (
        "import time; input(); end = time.process_time() + 1\n"
        "while time.process_time() < end: pass\n"
        "print(flush=True); input()"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None
        while len(family(process.pid)) < 2:
            time.sleep(0.01)

        def work() -> None:
            stdin.write(b"\n")
            stdin.flush()
            stdout.readline()

        (timing,) = in_turns(work, rounds=1, warm_up=0, processes=(process.pid,))
        process.communicate(b"\n")
    assert timing.cpu[0] > 0.9
