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
        """The tests to run, up to `most` seconds: those that run the fault's lines, a few of each file first; then the
        rest of these files, because a fixture may have run the lines for one of them; then all on MariaDB.
        """
        bits = self._running(fault)
        running: dict[str, list[str]] = defaultdict(list)
        others: dict[str, list[str]] = defaultdict(list)
        for number, test in enumerate(self._seconds):
            if test in self._existing:
                (running if bits >> number & 1 else others)[test.partition("::")[0]].append(test)
        turns = self._in_turn(list(running.values()))
        first = {test for tests in running.values() for test in self._in_turn([tests])[:_OF_A_FILE]}
        rest = self._in_turn([others[file] for file in running])
        batches = [[test for test in turns if test in first], [test for test in turns if test not in first], rest]
        chosen = self._within(batches, most)
        twins = [twin for batch in chosen for test in batch if (twin := on_mariadb(test)) != test]
        return [batch for batch in (*chosen, [twin for twin in twins if twin in self._existing]) if batch]

    def _in_turn(self, by_file: list[list[str]]) -> list[str]:
        """The quickest test of each file, then the second of each, and so on; the quickest file first."""
        quickest = [sorted(tests, key=self._seconds.__getitem__) for tests in by_file]
        turns = chain.from_iterable(zip_longest(*sorted(quickest, key=self.seconds)))
        return [test for test in turns if test is not None]

    def _running(self, fault: Fault) -> int:
        """The tests that run the changed lines; if a line is only part of a statement, those that run the function.

        What runs on import, such as the line of a `def`, belongs to whichever test came first, so outside of functions
        it is the tests that run anything of the module, or all if it has only names.
        """
        lines = self._lines.get(fault.path, {})
        if fault.lines is None:
            return _union(lines.values()) or (1 << len(self._seconds)) - 1
        first, last = fault.lines
        exact = _union(lines.get(number, 0) for number in fault.changed if number > first)
        return exact or _union(bits for line, bits in lines.items() if first < line <= last)

    def _within(self, batches: list[list[str]], most: float) -> list[list[str]]:
        chosen: list[list[str]] = []
        spent = 0.0
        for batch in batches:
            chosen.append([])
            for test in batch:
                if spent + self._seconds[test] <= most:
                    chosen[-1].append(test)
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
