"""Redocly's linter over every form of the OpenAPI document, with its recommended rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.server import Server
from tests.e2e.conftest import Node
from tests.e2e.generated.awkward import awkward_database
from tests.e2e.packages import NODE_MODULES
from tests.e2e.world import sample_tables
from tests.serving import serving

REDOCLY = NODE_MODULES / "@redocly" / "cli" / "bin" / "cli.js"
EVERYWHERE = {("info-license", "#/info")}
"""The licence of the data is not known."""
CHECKS = {("operation-4xx-response", f"#/paths/~1{path}/get/responses") for path in ("health", "ready")}
"""These two refuse nothing."""
ACCEPTED = {"2.0": EVERYWHERE, "3.0": EVERYWHERE | CHECKS, "3.1": EVERYWHERE | CHECKS}
"""By version, the rule and the place of each warning that is left."""


def reports(text: str) -> Iterator[Any]:
    """The report of each file: they follow each other."""
    while text := text.strip():
        report, end = json.JSONDecoder().raw_decode(text)
        yield report
        text = text[end:]


def warnings(report: Any) -> set[tuple[str, str]]:
    return {(problem["ruleId"], problem["location"][0]["pointer"]) for problem in report["problems"]}


@pytest.mark.parametrize("database", [sample_tables, awkward_database])
def test_the_documents_have_no_errors_and_only_known_warnings(
    server: Server,
    database: Callable[[Server], AbstractContextManager[str]],
    node: Node,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with database(server) as name, serving(server.url(name)) as address:
        for version in ACCEPTED:
            document = httpx.get(f"{address}/openapi.json", params={"version": version})
            (tmp_path / f"{version}.json").write_text(document.text, encoding="utf-8")
    monkeypatch.setenv("REDOCLY_TELEMETRY", "off")
    monkeypatch.setenv("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
    files = [f"{version}.json" for version in ACCEPTED]
    linted = node(str(REDOCLY), "lint", *files, "--extends=recommended", "--format=json", cwd=tmp_path)
    assert dict(zip(ACCEPTED, map(warnings, reports(linted)), strict=True)) == ACCEPTED
