"""Programs print help when asked, and one line under a Python that is too old."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from migrator import __main__ as migrator

ROOT = Path(__file__).parents[2]
PROGRAMS = (
    "local.serve", "local.tokens", "local.types", "local.tools", "local.bootstrap", "local.web", "migrator",
    "infra.bundle", "infra.reference", "bench", "bench.addresses", "bench.install", "rehearse", "mutants", "tests.fuzz", "tests.load",
    "tests.e2e.packages", "docs.draw", "docs.screenshots",
)  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_is_printed_and_nothing_is_done(name: str) -> None:
    done = subprocess.run([sys.executable, "-m", name, "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")


def test_the_migrator_takes_the_database_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://root@127.0.0.1:1/none")
    assert migrator.main(["--status", "--directory", str(ROOT / "migrations")]) == 1  # it tries to connect
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(SystemExit) as missing:
        migrator.main(["--status"])
    assert missing.value.code == 2


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name.partition(".")[0] not in ("docs", "tests")])
def test_an_old_python_is_refused_in_one_line(name: str) -> None:
    as_old = (
        "import runpy, sys; sys.version_info = (3, 9, 18, 'final', 0); sys.version = '3.9.18 (main)'; "
        f"sys.argv = ['{name}', '--help']; runpy.run_module('{name}', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run([sys.executable, "-c", as_old], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Aurorest needs Python 3.11 or newer; {sys.executable} is 3.9.18. ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("folder", ["api", *sorted({name.partition(".")[0] for name in PROGRAMS} - {"docs", "tests"})])
def test_what_an_old_python_reads_first_is_in_its_grammar(folder: str) -> None:
    source = (ROOT / folder / "__init__.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [[alias.name for alias in node.names] for node in imported] == [["sys"] if folder == "api" else ["api"]]
