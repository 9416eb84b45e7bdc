"""A copy of the working tree in which a fault is put, tests are run up to the first failure, and it is taken out."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.util
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mutants.choosing import Covering
from mutants.faults import Fault

ROOT = Path(__file__).resolve().parent.parent
SUITES = ("tests/unit", "tests/integration")
LINKED = (".venv", ".cache")
LEFT_OUT = (
    "unit/test_architecture.py", "unit/test_browse.py", "unit/test_cost.py", "unit/test_docs.py",
    "unit/test_growth.py", "unit/test_pictures.py", "unit/test_plain_english.py",
    "unit/test_programs.py", "unit/test_sql_growth.py", "unit/test_workflows.py", "unit/rehearse",
    "integration/conformance",
    "integration/test_bench.py", "integration/test_deadline.py", "integration/test_faults.py",
    "integration/test_idempotency_faults.py", "integration/test_installation.py", "integration/test_memory.py",
    "integration/test_migrator.py", "integration/test_policy_oracle.py", "integration/test_policy_write_oracle.py",
    "integration/test_read_alike.py", "integration/test_recovery.py", "integration/test_server.py",
    "integration/test_session_state_proxied.py", "integration/test_standin.py", "integration/test_write_concurrency.py",
    "integration/test_write_faults.py",
)  # fmt: skip
"""Tests of other subjects than these rooms, and tests that run long."""
_PYTEST = (
    "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:schemathesis", "-n", "0",
    "--hypothesis-seed=0",
    *(f"--ignore=tests/{name}" for name in LEFT_OUT),
)  # fmt: skip
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
_LEAST_SECONDS, _SLOWER = 90, 10
_MEMORY = 8 << 30  # bytes of addresses: a loop that fills memory ends by itself
_PR_SET_CHILD_SUBREAPER = 36  # https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html


@dataclass(frozen=True, slots=True)
class Outcome:
    """`noticed` is the first test that failed, None if all passed; the `ran` tests take `seconds` without a fault."""

    noticed: str | None
    ran: int = 0
    seconds: float = 0.0


class Copy:
    """The files of the working tree, as git sees them, in `folder`, whose path is short: sockets are in it."""

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

    def covering(self, suite: str) -> dict[str, Any]:
        """What each test of the suite runs, by a run without a fault.

        Raises: `SystemExit` if that run does not end with a report.
        """
        written = self.folder / "covering.json"
        _, printed = self._pytest(["-p", "mutants.covering", suite], None, AUROREST_COVERING=str(written))
        if not written.exists():
            raise SystemExit(f"The tests do not run without any fault:\n{printed[-3000:]}")
        if failed := _failed(printed):
            print("left out, because they fail without any fault:", *failed, sep="\n    ", flush=True)
        found: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
        return found

    def collected(self, suite: str) -> set[str]:
        """The names of the suite's tests as they are now."""
        _, printed = self._pytest(["--collect-only", suite], None)
        return {line for line in printed.splitlines() if "::" in line}

    def try_fault(self, fault: Fault, measured: list[Covering], most: float) -> Outcome:
        """Run the tests that run the fault's lines, `most` seconds of each suite, up to the first failure."""
        original = (self.folder / fault.path).read_text(encoding="utf-8")
        ran, spent = 0, 0.0
        self._write(fault.path, fault.code)
        try:
            for covering in measured:
                for batch in covering.batches(fault, most):
                    expected = covering.seconds(batch)
                    ran, spent = ran + len(batch), spent + expected
                    if noticed := self._noticed(batch, _LEAST_SECONDS + _SLOWER * expected):
                        return Outcome(noticed, ran, spent)
        finally:
            self._write(fault.path, original)
        return Outcome(None, ran, spent)

    def _noticed(self, tests: list[str], limit: float) -> str | None:
        status, printed = self._pytest(["-x", "--timeout=150", *tests], limit)
        if status == 0:
            return None
        reason = "the run does not end" if status is None else printed[-200:]
        return next(iter(_failed(printed)), reason)[:200]

    def _pytest(self, arguments: list[str], timeout: float | None, **environment: str) -> tuple[int | None, str]:
        """The exit status (None: it took too long) and what was printed, by a fork that has the libraries already."""
        printed, temporary = self.folder / "printed.txt", self.folder / "t"
        temporary.mkdir()
        given = [*_PYTEST, *arguments]
        child = _FORK.Process(target=_run, args=(self.folder, printed, given, environment | {"TMPDIR": str(temporary)}))
        _adopt_orphans()
        child.start()
        child.join(timeout)
        status = child.exitcode
        if status is None:
            child.kill()
            child.join()
        _end_orphans()
        shutil.rmtree(temporary, ignore_errors=True)
        return status, printed.read_text(encoding="utf-8", errors="replace")

    def _write(self, path: str, code: str) -> None:
        """A file that is changed twice in a second looks unchanged to its bytecode."""
        file = self.folder / path
        file.write_text(code, encoding="utf-8")
        Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)


class _FirstFailure:
    """A pytest plugin that ends the process at the first failure: servers need not be shut down in order."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            print(f"\nFAILED {report.nodeid}", flush=True)
            os._exit(1)


def _run(folder: Path, printed: Path, arguments: list[str], environment: dict[str, str]) -> None:
    sys.dont_write_bytecode = False  # pytest would compile every test file for every fault
    os.chdir(folder)
    os.environ |= environment
    tempfile.tempdir = None  # found again by the variable TMPDIR
    sys.path[:] = [str(folder), *(entry for entry in sys.path if entry not in ("", str(ROOT)))]
    with printed.open("wb") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    plugins: list[object] = []
    if "-x" in arguments:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        plugins = [_FirstFailure()]
    status = pytest.main(arguments, plugins)
    sys.stdout.flush()
    os._exit(int(status))


def _failed(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.startswith(("FAILED", "ERROR"))]


def _adopt_orphans() -> None:
    """Make what a test started a child of this process when the test's own process ends."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_orphans() -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while orphans := [int(number) for number in children.read_text(encoding="utf-8").split()]:
        for orphan in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan, 0)
