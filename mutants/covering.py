"""A pytest plugin that writes down which lines of `api/` each test runs: `pytest -p mutants.covering`.

The file named by the variable AUROREST_COVERING gets `{"seconds": {test: s}, "lines": {module: {line: hex}}}`: bit n of
the number is set if the n-th test of `seconds` runs the line, its fixtures included. Tests that fail are left out. A
test on MariaDB is taken to run what the same test on MySQL runs.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

from mutants.choosing import on_mariadb
from mutants.faults import ROOMS

_measured = coverage.Coverage(data_file=None, source=[f"api/{room}" for room in ROOMS], config_file=False)
_seconds: dict[str, float] = defaultdict(float)
_failed: set[str] = set()
_measured.start()  # before anything of `api` is imported


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what runs on MySQL as well."""
    twice = {twin for item in items if (twin := on_mariadb(item.nodeid)) != item.nodeid}
    items[:] = [item for item in items if item.nodeid not in twice]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """The test is the context of what runs, its fixtures included."""
    _measured.switch_context(item.nodeid)
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the seconds of each test."""
    _seconds[report.nodeid] += report.duration
    if report.outcome != "passed":
        _failed.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the file."""
    _measured.stop()
    data = _measured.get_data()
    seconds = {test: round(spent, 3) for test, spent in _seconds.items() if test not in _failed}
    bits = {test: 1 << n for n, test in enumerate(seconds)}
    lines: dict[str, dict[int, str]] = {}
    for module in data.measured_files():
        path = str(Path(module).relative_to(session.config.rootpath))
        lines[path] = {
            line: hex(sum(bits[test] for test in set(tests) & bits.keys()))
            for line, tests in data.contexts_by_lineno(module).items()
        }
    found = {"seconds": seconds, "lines": lines}
    Path(os.environ["AUROREST_COVERING"]).write_text(json.dumps(found), encoding="utf-8")
