"""Compare two HTTP APIs on the same rows, such as `make serve` and another server on the same database.

python -m bench.addresses OURS THEIRS [--cases FILE] [--connections 1,8] [--requests N] [--rounds N]

    python -m bench.addresses http://127.0.0.1:8000/rest/v1/purchase/42 http://127.0.0.1:8080/records/purchase/42
    python -m bench.addresses http://127.0.0.1:8000/rest/v1 http://127.0.0.1:8080 --cases bench/php_crud_api.json

Both addresses get the same number of requests alternately, over connections that stay open, after a check that they
answer with the same rows. Without --cases each is asked by GET; with it, the file has requests of any method, whose
paths follow the addresses. The figures are the median, least and greatest of all rounds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.http_cases import SIDES, Case, DifferentRows, InvalidCase, Side, compare_rows, read_cases
from bench.measure import Pair, Spread, pair

HEADINGS = ("request", "connections", "times faster", "ours, µs", "theirs, µs", "CPU, ours, µs", "CPU, theirs, µs")
WIDTHS = (24, 11, 38, 8, 10, 13, 15)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One case with one number of connections. The times are seconds for a request."""

    name: str
    connections: int
    measured: Pair
    goal: float | None
    """How many times faster ours should be."""

    @property
    def faster(self) -> Spread:
        """How many times faster ours is."""
        ratio = self.measured.ratio
        return Spread(1 / ratio.greatest, 1 / ratio.median, 1 / ratio.least)

    def cells(self, *, with_cpu: bool) -> list[str]:
        """What the table shows."""
        faster, verdict = self.faster, ""
        if self.goal is not None:
            verdict = f", goal {self.goal:g}" + ("" if faster.median >= self.goal else " (missed)")
        times = [self.measured.subject.wall, self.measured.reference.wall]
        if with_cpu:
            times += [self.measured.subject.cpu, self.measured.reference.cpu]
        return [
            self.name,
            str(self.connections),
            f"{faster.median:.2f} ({faster.least:.2f} to {faster.greatest:.2f}){verdict}",
            *(f"{Spread.of(each).median * 1e6:.0f}" for each in times),
        ]


def compare(
    case: Case,
    bases: Sequence[str],
    connections: int,
    *,
    requests: int,
    rounds: int,
    headers: Sequence[str] = (),
    processes: Sequence[int] = (),
) -> Comparison:
    """Measure one case, after comparing what both APIs answer.

    Raises: `DifferentRows`, `ConnectionError`, `OSError`, `ValueError`.
    """
    one, other = (Side(case, side, base, headers) for side, base in zip(SIDES, bases, strict=True))
    compare_rows(case, one, other)
    with ExitStack() as stack:
        ours, theirs = one.open(connections), other.open(connections)
        stack.callback(ours.close)
        stack.callback(theirs.close)
        measured = pair(lambda: ours.send(requests), lambda: theirs.send(requests), rounds=rounds, processes=processes)
    return Comparison(case.name, connections, measured.divided(requests), case.goals.get(str(connections)))


def line(cells: Sequence[str], *, markdown: bool) -> str:
    """A line of the table."""
    if markdown:
        return f"| {' | '.join(cells)} |"
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=False)).rstrip()


def main() -> str | None:
    """Print a line for each case and number of connections; return what went wrong, if anything did."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.addresses", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ours", help="an address that returns rows, starting with http://; with --cases its beginning")
    parser.add_argument("theirs", help="an address of another API that returns the same rows")
    parser.add_argument("--cases", type=Path, help="a JSON file of requests; bench/http_cases.py describes it")
    parser.add_argument("--only", default="", help="the cases whose names contain this")
    parser.add_argument("--connections", default="1,8", help="how many are open, separated by commas")
    parser.add_argument("--requests", type=int, default=100, help="in each round")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--header", action="append", default=[], help="for both, such as 'Authorization: Bearer ...'")
    parser.add_argument(
        "--process", action="append", type=int, default=[], metavar="PID",
        help="a process that works for either; its CPU time is shown, with that of its children",
    )  # fmt: skip
    parser.add_argument("--markdown", action="store_true", help="print the table for a Markdown page")
    arguments = parser.parse_args()
    headings = HEADINGS if arguments.process else HEADINGS[:-2]
    print(line(headings, markdown=arguments.markdown))
    if arguments.markdown:
        print(f"|---|{'--:|' * (len(headings) - 1)}")
    try:
        cases = read_cases(arguments.cases) if arguments.cases else [Case("GET", dict.fromkeys(SIDES, "GET "))]
        for case in cases:
            for connections in map(int, arguments.connections.split(",")) if arguments.only in case.name else ():
                found = compare(
                    case,
                    (arguments.ours, arguments.theirs),
                    connections,
                    requests=arguments.requests,
                    rounds=arguments.rounds,
                    headers=arguments.header,
                    processes=arguments.process,
                )
                cells = found.cells(with_cpu=bool(arguments.process))
                print(line(cells, markdown=arguments.markdown), flush=True)
    except (DifferentRows, InvalidCase, ValueError, OSError) as error:
        return f"bench.addresses: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
