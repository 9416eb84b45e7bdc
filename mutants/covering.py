"""A pytest plugin that writes down which lines of `api/` each test file runs: `pytest -p mutants.covering`.

The file named by the variable AUROREST_COVERING gets `{test file: {"seconds": s, "lines": {module: [line, ...]}}}`.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

_measured = coverage.Coverage(data_file=None, source=["api"], config_file=False)
_seconds: dict[str, float] = defaultdict(float)
_measured.start()  # before anything of `api` is imported


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """The test's file is the context of what runs, its fixtures included."""
    _measured.switch_context(item.nodeid.partition("::")[0])
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the seconds of each file."""
    _seconds[report.nodeid.partition("::")[0]] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the file."""
    _measured.stop()
    data = _measured.get_data()
    files: dict[str, Any] = {name: {"seconds": seconds, "lines": {}} for name, seconds in _seconds.items()}
    for module in data.measured_files():
        by_file = defaultdict(list)
        for line, contexts in data.contexts_by_lineno(module).items():
            for name in contexts:
                by_file[name].append(line)
        for name, lines in by_file.items():
            if name in files:
                files[name]["lines"][str(Path(module).relative_to(session.config.rootpath))] = sorted(lines)
    Path(os.environ["AUROREST_COVERING"]).write_text(json.dumps(files), encoding="utf-8")
