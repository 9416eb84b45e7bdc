"""TypeScript clients: openapi-typescript makes types of the document, openapi-fetch calls the API with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.server import Server
from tests.e2e.conftest import Node
from tests.e2e.generated.awkward import awkward_database
from tests.e2e.packages import NODE_MODULES
from tests.e2e.strict import compile_strictly, project
from tests.e2e.world import sample_tables
from tests.serving import serving

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[str]:
    with sample_tables(server) as name, serving(server.url(name)) as address:
        yield address


@pytest.fixture(scope="module")
def typed(api: str, node: Node) -> Iterator[Path]:
    """A project with the types of `world`."""
    with project(".generated") as folder:
        generate(api, folder, node)
        yield folder


def generate(address: str, folder: Path, node: Node) -> None:
    program = NODE_MODULES / "openapi-typescript" / "bin" / "cli.js"
    node(str(program), f"{address}/openapi.json", "--output", "api.ts", cwd=folder)


def test_an_application_is_typed_and_runs(api: str, typed: Path, node: Node) -> None:
    compile_strictly(typed, node, FOLDER / "app.ts")
    assert json.loads(node("app.js", api, cwd=typed)) == {
        "added": ["ZZA", "ZZB"],
        "plain": 201,
        "refused": "23505",
        "codes": ["ZZC", "ZZB"],
        "inUse": True,
        "renamed": "Renamed",
        "digits": 2,
        "deleted": 204,
        "kilometres": 143,
        "near": [],
    }


def test_wrong_uses_are_rejected(typed: Path, node: Node) -> None:
    with pytest.raises(AssertionError) as refused:
        compile_strictly(typed, node, FOLDER / "wrong.ts")
    # pytest may show the output twice
    lines = {int(line) for line in re.findall(r"wrong\.ts\((\d+),\d+\): error TS", str(refused.value))}
    assert lines == {6, 7, 8, 9, 10}


def test_odd_names_and_every_type_have_types_that_compile(server: Server, node: Node) -> None:
    with awkward_database(server) as name, serving(server.url(name)) as address, project(".awkward") as folder:
        generate(address, folder, node)
        types = (folder / "api.ts").read_text(encoding="utf-8")
        compile_strictly(folder, node, folder / "api.ts")
    assert '"/rest/v1/order%20line/{key}": {' in types
    assert '"order_line.insert": {' in types
