"""PostgREST's own requests, answered as PostgREST answers them; docs/conformance.md publishes the score."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.service import Service
from local.installation import NAMES
from local.server import Server
from tests.integration.client import client_of
from tests.integration.conformance.case import TOPICS, Case, cases_of, deviation

SCHEMA = Path(__file__).parent / "schema.sql"
PAGE = Path(__file__).parents[3] / "docs" / "conformance.md"
GOAL = 0.97
"""The share of cases without a deliberate difference that must be answered as PostgREST does."""

Results = dict[str, list[tuple[Case, str | None]]]


@pytest.fixture(scope="module")
def service(server: Server) -> Iterator[Service]:
    statements = filter(str.strip, SCHEMA.read_text(encoding="utf-8").split(";\n"))
    with client_of(server, *statements) as client:
        yield client.service


@pytest.fixture(scope="module")
def results(service: Service) -> Results:
    return {topic: [(case, deviation(case, service)) for case in cases_of(topic)] for topic in TOPICS}


@pytest.mark.parametrize("topic", TOPICS)
def test_requests_are_answered_as_postgrest_answers_them(results: Results, topic: str) -> None:
    assert [found for case, found in results[topic] if case.difference is None and found is not None] == []


def test_deliberate_differences_are_differences_and_explained(results: Results) -> None:
    deliberate = [(case, found) for found_in in results.values() for case, found in found_in if case.difference]
    assert [case.place for case, found in deliberate if found is None] == []
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert {case.difference for case, _ in deliberate} <= explained


def test_the_published_score_is_that_of_this_run(
    server: Server, results: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    every = [outcome for outcomes in results.values() for outcome in outcomes]
    plain = [found for case, found in every if case.difference is None]
    alike = sum(found is None for found in plain)
    with capsys.disabled():
        print(
            f"\n{NAMES[server.kind]}: {alike} of {len(plain)} requests, {alike / len(every):.1%} with the differences"
        )
    assert alike / len(plain) >= GOAL
    page = PAGE.read_text(encoding="utf-8")
    for topic, outcomes in results.items():
        same = sum(found is None for _, found in outcomes)
        deliberate = sum(case.difference is not None for case, _ in outcomes)
        assert f"| {topic} | {len(outcomes)} | {same} | {deliberate} |\n" in page
