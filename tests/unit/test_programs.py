"""Programs print help when asked, and one line under a Python that is too old."""

from __future__ import annotations

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


def test_the_bootstrap_has_no_annotation_that_an_old_python_evaluates() -> None:
    lines = (ROOT / "local" / "bootstrap.py").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("from __future__ import annotations") for line in lines)
