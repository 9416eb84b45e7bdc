"""Recorded stacks for the tests of the infrastructure; what a `Graph` offers is described in `tests/infra/graph.py`."""

from __future__ import annotations

import functools
import zipfile
from collections.abc import Callable, Iterator

import pytest

from tests.infra.combinations import COMBINATIONS
from tests.infra.graph import Graph, record


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny archive in place of the bundle, which has its own tests."""
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("api/handler.py", "")
    return str(path)


@pytest.fixture(scope="module", autouse=True)
def bundle(archive: str) -> Iterator[None]:
    """Let the program find the archive, for as long as a module of these tests runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUROREST_BUNDLE", archive)
        yield


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Graph]:
    """Gives the graph of one of `COMBINATIONS` by name, recorded once: `recorded("prod")`."""

    @functools.cache
    def graph(name: str) -> Graph:
        wanted = COMBINATIONS[name]
        return record(wanted.config, stack=wanted.stack, references=wanted.references, subnets=wanted.subnets)

    return graph


@pytest.fixture(params=list(COMBINATIONS))
def graph(request: pytest.FixtureRequest, recorded: Callable[[str], Graph]) -> Graph:
    """The graph of every combination, one after the other."""
    return recorded(request.param)


@pytest.fixture
def dev(recorded: Callable[[str], Graph]) -> Graph:
    """The graph of the dev preset."""
    return recorded("dev")


@pytest.fixture
def prod(recorded: Callable[[str], Graph]) -> Graph:
    """The graph of the prod preset."""
    return recorded("prod")
