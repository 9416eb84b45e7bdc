"""The TypeScript types with supabase-js: under a strict compiler, and run against the sample database."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.server import Server
from local.types import Refused, main, types
from tests.e2e.conftest import Node
from tests.e2e.world import sample_database
from tests.serving import serving

FOLDER = Path(__file__).parent
STRICT = {
    "compilerOptions": {
        "strict": True,
        "target": "es2022",
        "module": "nodenext",
        "moduleResolution": "nodenext",
        "lib": ["es2022", "dom", "dom.iterable"],
        "types": [],
        "skipLibCheck": True,
        "noUncheckedIndexedAccess": True,
        "exactOptionalPropertyTypes": True,
    }
}


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[str]:
    with sample_database(server) as name, serving(server.url(name)) as address:
        yield address


@pytest.fixture
def project(api: str) -> Iterator[Path]:
    """A project with the types of the API, beside the packages of the tests."""
    folder = FOLDER / "node_modules" / ".typed"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "database.types.d.ts").write_text(types(api), encoding="utf-8")
    yield folder
    shutil.rmtree(folder)


def compiled(project: Path, node: Node, name: str) -> None:
    """Compile one file strictly. An error of the compiler fails, with its output."""
    shutil.copy(FOLDER / "typed" / name, project / name)
    (project / "tsconfig.json").write_text(json.dumps(STRICT | {"files": [name]}))
    node(str(FOLDER / "node_modules" / "typescript" / "bin" / "tsc"), "-p", ".", cwd=project)


def test_an_application_is_typed_and_runs(api: str, project: Path, node: Node) -> None:
    compiled(project, node, "app.ts")
    assert json.loads(node("app.js", api, cwd=project)) == {
        "country": "Austria",
        "continent": "Europe",
        "monday": "monday",
        "airports": True,
        "ofAustria": "Vienna",
        "kilometres": 143,
        "countries": 53,
    }


def test_wrong_uses_are_rejected(project: Path, node: Node) -> None:
    with pytest.raises(AssertionError) as refused:
        compiled(project, node, "wrong.ts")
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
