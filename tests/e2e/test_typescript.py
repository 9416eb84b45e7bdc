"""The TypeScript types with supabase-js: under a strict compiler, and run against the sample database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.server import Server
from local.types import Refused, main, types
from tests.e2e.conftest import Node
from tests.e2e.strict import compile_strictly, project
from tests.e2e.world import sample_database
from tests.serving import serving

FOLDER = Path(__file__).parent / "typed"


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[str]:
    with sample_database(server) as name, serving(server.url(name)) as address:
        yield address


@pytest.fixture
def typed(api: str) -> Iterator[Path]:
    """A project with the types of the API."""
    with project(".typed") as folder:
        (folder / "database.types.d.ts").write_text(types(api), encoding="utf-8")
        yield folder


def test_an_application_is_typed_and_runs(api: str, typed: Path, node: Node) -> None:
    compile_strictly(typed, node, FOLDER / "app.ts")
    assert json.loads(node("app.js", api, cwd=typed)) == {
        "country": "Austria",
        "continent": "Europe",
        "monday": "monday",
        "airports": True,
        "ofAustria": "Vienna",
        "kilometres": 143,
        "countries": 53,
    }


def test_wrong_uses_are_rejected(typed: Path, node: Node) -> None:
    with pytest.raises(AssertionError) as refused:
        compile_strictly(typed, node, FOLDER / "wrong.ts")
    lines = {int(line) for line in re.findall(r"wrong\.ts\((\d+),\d+\): error TS", str(refused.value))}
    assert lines == {6, 7, 8}


def test_the_command_prints_the_types_or_one_line(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", f"{api}/rest/v1/"]) == 0
    assert 'foreignKeyName: "cities_country"' in capsys.readouterr().out
    assert main(["--url", "http://127.0.0.1:1"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(Refused, match="406"):
        types(api, profile="nothing")
    with pytest.raises(Refused, match="not an http"):
        types("ftp://x")
