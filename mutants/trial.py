"""A copy of the working tree in which a fault is put, the tests that run it are run, and the fault is taken out."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mutants.faults import Fault

ROOT = Path(__file__).resolve().parent.parent
SUITES = ("tests/unit", "tests/integration")
LINKED = (".venv", ".cache")
_PYTEST = ("-q", "--tb=no", "-p", "no:cacheprovider", "-n", "0", "--hypothesis-seed=0", "--timeout=120")
_FORK = multiprocessing.get_context("fork")
for _library in (
    "cryptography.x509",
    "fastapi",
    "httpx",
    "hypothesis.strategies",
    "jsonschema",
    "openapi_spec_validator",
    "pymysql",
):
    importlib.import_module(_library)  # once, not for every fault; the project itself is not imported
_LEAST_SECONDS, _SLOWER = 300, 10
Covering = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`noticed` is the first test that failed, None if all passed; `ran` the number of test files."""

    noticed: str | None
    ran: int


class Copy:
    """The files of the working tree, as git sees them, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file() and name not in LINKED:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        for name in LINKED:
            (folder / name).symlink_to((ROOT / name).resolve())

    def covering(self, suite: str) -> Covering:
        """What each test file of the suite runs, by a run without a fault.

        Raises: `SystemExit` if that run fails.
        """
        written = self.folder / "covering.json"
        status, printed = self._pytest(["-p", "mutants.covering", suite], None, AUROREST_COVERING=str(written))
        if status != 0:
            raise SystemExit(f"The tests fail without any fault:\n{printed[-3000:]}")
        found: Covering = json.loads(written.read_text(encoding="utf-8"))
        return found

    def try_fault(self, fault: Fault, covering: Covering) -> Outcome:
        """Run the files that run the fault's function, the quickest first, up to the first failure."""
        files = sorted(
            (name for name, file in covering.items() if _runs(file["lines"].get(fault.path, []), fault)),
            key=lambda name: covering[name]["seconds"],
        )
        if not files:
            return Outcome(None, 0)
        original = (self.folder / fault.path).read_text(encoding="utf-8")
        limit = max(_LEAST_SECONDS, _SLOWER * sum(covering[name]["seconds"] for name in files))
        self._write(fault.path, fault.code)
        try:
            status, printed = self._pytest(["-x", *files], limit)
        finally:
            self._write(fault.path, original)
        if status == 0:
            return Outcome(None, len(files))
        failed = [line for line in printed.splitlines() if line.startswith(("FAILED", "ERROR"))]
        reason = "the run does not end" if status is None else printed[-200:]
        return Outcome(failed[0][:200] if failed else reason, len(files))

    def _pytest(self, arguments: list[str], timeout: float | None, **environment: str) -> tuple[int | None, str]:
        """The exit status (None: it took too long) and what was printed, by a fork that has the libraries already."""
        printed = self.folder / "printed.txt"
        child = _FORK.Process(target=_run, args=(self.folder, printed, [*_PYTEST, *arguments], environment))
        child.start()
        child.join(timeout)
        status = child.exitcode
        if status is None and child.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.join()
        return status, printed.read_text(encoding="utf-8", errors="replace")

    def _write(self, path: str, code: str) -> None:
        """A file that is changed twice in a second looks unchanged to its bytecode."""
        file = self.folder / path
        file.write_text(code, encoding="utf-8")
        Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)


def _run(folder: Path, printed: Path, arguments: list[str], environment: dict[str, str]) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ |= environment
    sys.path[:] = [str(folder), *(entry for entry in sys.path if entry not in ("", str(ROOT)))]
    with printed.open("wb") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    status = pytest.main(arguments)
    sys.stdout.flush()
    os._exit(int(status))


def _runs(lines: list[int], fault: Fault) -> bool:
    """The line of a `def` itself runs on import, and belongs to whichever test file came first."""
    return bool(lines) if fault.lines is None else any(fault.lines[0] < line <= fault.lines[1] for line in lines)
