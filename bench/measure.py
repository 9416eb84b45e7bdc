"""Two pieces of work measured in turns, so that whatever slows the machine down slows both.

Every round runs both once (or a few times), in alternating order; a comparison is made within each round, and what is
reported is the least, the median and the greatest of all rounds. Nothing here knows what is measured.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the median and the greatest of some numbers."""

    least: float
    median: float
    greatest: float

    @staticmethod
    def of(numbers: Iterable[float]) -> Spread:
        """
        >>> Spread.of([3, 1, 2])
        Spread(least=1, median=2, greatest=3)
        """
        ordered = sorted(numbers)
        return Spread(ordered[0], statistics.median(ordered), ordered[-1])

    def scaled(self, factor: float) -> Spread:
        return Spread(self.least * factor, self.median * factor, self.greatest * factor)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one piece of work in every round: by the clock, and of this process's CPU (the server is another)."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """The subject and its reference, measured in turns."""

    subject: Timing
    reference: Timing

    @property
    def ratio(self) -> Spread:
        """Time by the clock: subject / reference, within each round."""
        return Spread.of(_each(self.subject.wall, self.reference.wall, lambda one, other: one / other))

    @property
    def cpu_ratio(self) -> Spread:
        """CPU time of this process: subject / reference, within each round."""
        return Spread.of(_each(self.subject.cpu, self.reference.cpu, lambda one, other: one / other if other else 0.0))

    @property
    def difference(self) -> Spread:
        """Seconds by the clock: subject - reference, within each round."""
        return Spread.of(_each(self.subject.wall, self.reference.wall, lambda one, other: one - other))


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the report: `value` in `unit` ("" for a ratio), at most `target` where there is one."""

    name: str
    value: Spread
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the median is within the target."""
        return self.target is None or self.value.median <= self.target

    def line(self) -> str:
        """
        >>> Result("list / driver", Spread(0.9, 1.0, 1.5), "", 1.25).line()
        'list / driver                                      1.000          (0.900 .. 1.500)   at most 1.25: met'
        """
        value = self.value
        number = f"{value.median:.3f} {self.unit}".ljust(14)
        spread = f"({value.least:.3f} .. {value.greatest:.3f})".ljust(18)
        verdict = "" if self.target is None else f"at most {self.target:g}: {'met' if self.met else 'MISSED'}"
        return "  ".join(part for part in (f"{self.name:<49}", number + spread, verdict, self.note) if part).rstrip()


def in_turns(*works: Work, rounds: int = 200, calls: int = 1, warm_up: int = 3) -> tuple[Timing, ...]:
    """Measure pieces of work in turns: a timing for each, seconds of one call.

    `calls`: how often each is called in its turn; more for work of microseconds. Garbage collection stays on, as it is
    when the API runs, but begins every round with nothing to do.
    """
    for _ in range(warm_up):
        for work in works:
            work()
    wall: list[list[float]] = [[] for _ in works]
    cpu: list[list[float]] = [[] for _ in works]
    order = list(range(len(works)))
    for _ in range(rounds):
        gc.collect()
        for index in order:
            seconds, of_cpu = _time(works[index], calls)
            wall[index].append(seconds)
            cpu[index].append(of_cpu)
        order.append(order.pop(0))
    return tuple(Timing(tuple(one), tuple(other)) for one, other in zip(wall, cpu, strict=True))


def pair(subject: Work, reference: Work, *, rounds: int = 200, calls: int = 1) -> Pair:
    """Measure two pieces of work in turns."""
    one, other = in_turns(subject, reference, rounds=rounds, calls=calls)
    return Pair(one, other)


def _time(work: Work, calls: int) -> tuple[float, float]:
    began, began_cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        work()
    ended, ended_cpu = time.perf_counter(), time.process_time()
    return (ended - began) / calls, (ended_cpu - began_cpu) / calls


def _each(
    subject: Sequence[float], reference: Sequence[float], compare: Callable[[float, float], float]
) -> Iterable[float]:
    return [compare(one, other) for one, other in zip(subject, reference, strict=True)]
