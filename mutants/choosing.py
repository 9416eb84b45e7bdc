"""Which tests are run against a fault, and in which order: those that run its lines, likely and quick ones first."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain, zip_longest
from typing import Any

from mutants.faults import Fault

_OF_A_FILE = 3
"""How many tests of each file are tried before all others."""


class Covering:
    """What `mutants.covering` wrote about one suite, for the tests that still exist."""

    def __init__(self, written: dict[str, Any], existing: set[str]) -> None:
        self._seconds: dict[str, float] = written["seconds"]
        self._existing = existing
        self._lines = {
            module: {int(line): int(bits, 16) for line, bits in lines.items()}
            for module, lines in written["lines"].items()
        }

    def seconds(self, tests: list[str]) -> float:
        """How long they took without a fault, on MariaDB about as long as on MySQL."""
        return sum(self._seconds.get(test, 0.5) for test in tests)

    def batches(self, fault: Fault, most: float) -> list[list[str]]:
        """The tests that run the fault's lines, up to `most` seconds: a few of each file, others, all on MariaDB."""
        bits = self._running(fault)
        by_file: dict[str, list[str]] = defaultdict(list)
        for number, test in enumerate(self._seconds):
            if bits >> number & 1 and test in self._existing:
                by_file[test.partition("::")[0]].append(test)
        quickest = [sorted(tests, key=self._seconds.__getitem__) for tests in by_file.values()]
        quickest.sort(key=self.seconds)
        turns = list(chain.from_iterable(zip_longest(*quickest)))
        in_turn = self._within([test for test in turns if test is not None], most)
        first = set(chain.from_iterable(tests[:_OF_A_FILE] for tests in quickest))
        batches = [[test for test in in_turn if test in first], [test for test in in_turn if test not in first]]
        twins = [twin for test in in_turn if (twin := on_mariadb(test)) != test and twin in self._existing]
        return [batch for batch in (*batches, twins) if batch]

    def _running(self, fault: Fault) -> int:
        """The tests that run the changed lines; if a line is only part of a statement, those that run the function.

        What runs on import, such as the line of a `def`, belongs to whichever test came first.
        """
        lines = self._lines.get(fault.path, {})
        if fault.lines is None:
            return _union(lines.values())
        first, last = fault.lines
        exact = _union(lines.get(number, 0) for number in fault.changed if number > first)
        return exact or _union(bits for line, bits in lines.items() if first < line <= last)

    def _within(self, tests: list[str], most: float) -> list[str]:
        chosen, spent = [], 0.0
        for test in tests:
            if spent + self._seconds[test] <= most:
                chosen.append(test)
                spent += self._seconds[test]
        return chosen


def on_mariadb(test: str) -> str:
    """The same test on the other server."""
    return re.sub(r"(?<=[\[-])mysql(?=[\]-])", "mariadb", test)


def _union(bits: Any) -> int:
    found = 0
    for some in bits:
        found |= some
    return found
