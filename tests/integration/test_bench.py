"""Both sides of each benchmark give the same result. No time is measured here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from xml.etree import ElementTree

import pytest

from bench import catalog, cold, data, peers, read, report, trips
from bench.events import CONTEXT, event
from bench.forwarder import forwarding
from bench.measure import Pair, Result, Spread, Timing, in_turns
from local.server import Server


@pytest.fixture(scope="module")
def bench(server: Server) -> Iterator[read.Bench]:
    with server.temporary_database() as name:
        data.fill(server, name)
        with closing(read.Bench(server, name)) as opened:
            yield opened


def test_the_driver_alone_fetches_the_same_json_as_the_list(bench: read.Bench) -> None:
    (statement,) = bench.statements_of("/purchase", read.LIST)
    rows = bench.fetch(statement)
    assert len(rows) == 1000
    assert read.array(rows) == bench.get("/purchase", read.LIST).body


def test_the_list_has_the_values_of_the_plain_statement(bench: read.Bench) -> None:
    plain = bench.fetch(f"SELECT {','.join(read.COLUMNS)} FROM purchase ORDER BY id LIMIT 1000")
    listed = json.loads(bench.get("/purchase", read.LIST).body, parse_float=str)
    assert tuple(listed[0]) == read.COLUMNS
    assert [row["id"] for row in listed] == [row[0] for row in plain]
    assert [row["total"] for row in listed] == [str(row[4]) for row in plain]
    assert [row["placed"] for row in listed] == [row[8].isoformat() for row in plain]


def test_the_handler_returns_the_row_of_the_bare_statement(bench: read.Bench) -> None:
    (statement,) = bench.statements_of("/purchase/42", "")
    answer = bench.handler()(event("GET", "purchase/42"), CONTEXT)
    assert answer["statusCode"] == 200
    assert answer["body"] == bench.fetch(statement)[0][0]
    assert json.loads(answer["body"])["reference"] == "P-00000042"


def test_the_hand_written_join_returns_the_same_rows_in_one_statement(bench: read.Bench) -> None:
    assert len(bench.statements_of("/purchase", read.TO_ONE)) == 1
    rows = json.loads(bench.get("/purchase", read.TO_ONE).body)
    assert len(rows) == 20
    assert rows == json.loads(read.array(bench.fetch(read.JOIN)))


def test_the_benchmarked_statements_are_those_of_the_service(bench: read.Bench) -> None:
    written = read.understand(bench.catalog, bench.settings, read.SHAPED.format(10))
    (sent,) = bench.statements_of("/purchase", read.SHAPED.format(10))
    assert written.count("SELECT") == sent.count("SELECT") > 1
    assert "JSON_QUOTE" in written


def test_each_shape_of_a_list_is_one_statement(bench: read.Bench) -> None:
    grouped = {"500 parents, children by group"}
    if bench.server.kind == "mariadb":
        grouped.add("20 parents, children by group")
    for shape, (path, query) in {**trips.EMBEDS, **trips.TOTALS}.items():
        headers = {"prefer": "count=exact"} if shape in trips.TOTALS else {}
        with bench.server.recorded() as sent:
            whole = bench.service.rest("GET", path, query, headers, b"")
        assert len(sent) == (2 if shape in grouped else 1), (shape, sent)
        with bench.server.recorded() as sent, trips.apart():
            several = bench.service.rest("GET", path, query, headers, b"")
        assert len(sent) > 1 or shape == "the last page", (shape, sent)
        assert whole.body == several.body
        assert dict(whole.headers)["Content-Range"] == dict(several.headers)["Content-Range"]


def test_the_catalog_is_compared_with_the_statements_that_load_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.temporary_database() as name:
        catalog.fill(server, name, 4)
        with closing(catalog.Bench(server.url(name))) as opened:
            statements = opened.statements()
            with server.recorded() as sent:
                loaded = opened.load()
            with server.recorded() as fetched:
                rows = opened.fetch(statements)
            assert sent == fetched == statements
    assert [*loaded.schemas[name].tables] == ["t0", "t1", "t2", "t3"]
    assert sum(len(each) for each in rows) > 4 * catalog.COLUMNS
    monkeypatch.setattr(catalog, "SIZES", (2,))
    monkeypatch.setattr(catalog, "PROCESSES", 1)
    results = {result.name: result for result in catalog.run(server, 1)}
    assert results["2 tables: load / its statements alone"].target == 1.2
    assert results["2 tables: check for changes / load"].target == 0.1
    assert 20 < results["2 tables: peak memory"].value.median < 130


def test_the_forwarder_passes_everything_on(bench: read.Bench) -> None:
    with forwarding(bench.server.socket, 1) as port, closing(read.Bench(bench.server, bench.name, port)) as slow:
        assert slow.get("/purchase", read.LIST).body == bench.get("/purchase", read.LIST).body


def test_a_round_runs_every_piece_of_work_equally_often() -> None:
    calls = {"one": 0, "other": 0}

    def one() -> None:
        calls["one"] += 1

    def other() -> None:
        calls["other"] += 1

    timings = in_turns(one, other, rounds=5, calls=2, warm_up=1)
    assert calls == {"one": 11, "other": 11}
    assert [len(timing.wall) for timing in timings] == [5, 5]


def test_a_pair_is_compared_within_each_round() -> None:
    pair = Pair(Timing((2.0, 4.0, 9.0), (1.0, 1.0, 1.0)), Timing((1.0, 4.0, 3.0), (2.0, 2.0, 2.0)))
    assert pair.ratio == Spread(1.0, 2.0, 3.0)
    assert pair.cpu_ratio == Spread(0.5, 0.5, 0.5)
    assert pair.difference == Spread(0.0, 1.0, 6.0)
    assert pair.cpu_difference == Spread(-1.0, -1.0, -1.0)


@pytest.mark.parametrize("median,verdict", [(1.25, "met"), (1.26, "MISSED")])
def test_a_result_line_says_whether_the_median_meets_the_target(median: float, verdict: str) -> None:
    line = Result("list", Spread(0.5, median, 9.0), "", 1.25).line()
    assert line.endswith(f"at most 1.25: {verdict}")


def test_the_hand_written_handlers_give_the_same_answers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "DELAYS_MS", (1,))
    results = list(peers.run(server, 1))
    names = [result.name for result in results]
    assert names.count("  / FastAPI + SQLAlchemy") == 6
    assert "1 ms: insert, shown" in names
    figures = [{"part": "peers", **asdict(result)} for result in results]
    page = report.document({"server": "MySQL 8.4", "python": "3.13.1", "rounds": 1, "results": figures})
    assert page.count("| 1 ms: ") == 6
    assert page.count("/ FastAPI + SQLAlchemy | ") == 6
    bars = ElementTree.fromstring(report.picture(figures)).iter("{http://www.w3.org/2000/svg}rect")  # noqa: S314 - ours
    assert len([bar for bar in bars if float(bar.attrib["height"]) == report.BAR - 1]) == 6 * len(report.SHOWN)


def test_a_cold_start_is_compared_with_and_without_bytecode(server: Server) -> None:
    results = list(cold.run(server, 1))
    names = [result.name for result in results]
    assert names[0] == "import, catalog of 50 tables, first answer"
    assert "  / hand-written, packed as the API is" in names
    assert "  / hand-written, as sources" in names
    assert all(result.value.least > 0 for result in results)


def test_the_tables_of_a_cold_start_are_fifty(server: Server) -> None:
    with server.temporary_database() as name:
        cold.fill(server, name)
        with closing(read.Bench(server, name)) as opened:
            assert len(opened.catalog.schemas[name].tables) == cold.TABLES
