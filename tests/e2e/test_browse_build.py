"""The files of `/browse` are what its sources build, byte for byte."""

from pathlib import Path

from tests.e2e.conftest import Node
from tests.e2e.packages import BROWSE

STATIC = Path(__file__).resolve().parents[2] / "api" / "documents" / "browse" / "static"


def test_the_committed_files_are_those_of_a_build(node: Node, tmp_path: Path) -> None:
    node("build.mjs", str(tmp_path), cwd=BROWSE)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in STATIC.iterdir()}
    assert built.keys() == committed.keys()
    assert [name for name in built if built[name] != committed[name]] == [], "run: make browse"


def test_the_sources_have_no_type_errors(node: Node) -> None:
    node("node_modules/typescript/bin/tsc", "--noEmit", cwd=BROWSE)


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (BROWSE / "package-lock.json").read_text()
