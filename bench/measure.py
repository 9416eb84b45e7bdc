"""Measure two pieces of work alternately, so that whatever slows the machine down slows both.

Every round runs both once (or a few times), in alternating order, and compares them within the round. The report shows
the minimum, median and maximum of all rounds. This module does not know what it measures.

Two clocks: wall time, which the targets apply to, and the CPU time of this process and the database server together,
which does not depend on how busy the machine is, but adds up what two cores do at the same time.
"""

from __future__ import annotations

import contextlib
import gc
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Spread:
    """The minimum, median and maximum of some numbers."""

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
    """Seconds of one piece of work in every round: wall time and CPU time."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    def divided(self, number: int) -> Timing:
        """The timing of one of this number of equal parts."""
        return Timing(tuple(each / number for each in self.wall), tuple(each / number for each in self.cpu))


@dataclass(frozen=True, slots=True)
class Pair:
    """The subject and its reference, measured alternately."""

    subject: Timing
    reference: Timing

    def divided(self, number: int) -> Pair:
        """The timings of one of this number of equal parts."""
        return Pair(self.subject.divided(number), self.reference.divided(number))

    @property
    def ratio(self) -> Spread:
        """Wall time: subject / reference, within each round."""
        return _ratio(self.subject.wall, self.reference.wall)

    @property
    def cpu_ratio(self) -> Spread:
        """CPU time: subject / reference, within each round."""
        return _ratio(self.subject.cpu, self.reference.cpu)

    @property
    def difference(self) -> Spread:
        """Wall time: subject - reference, in seconds, within each round."""
        return _difference(self.subject.wall, self.reference.wall)

    @property
    def cpu_difference(self) -> Spread:
        """CPU time: subject - reference, in seconds, within each round."""
        return _difference(self.subject.cpu, self.reference.cpu)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the report: `value` in `unit` ("" for a ratio), at most `target` if there is one."""

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
        'list / driver                                      1.000             (0.900 .. 1.500)    at most 1.25: met'
        """
        value = self.value
        number = f"{value.median:.3f} {self.unit}".ljust(18)
        spread = f"({value.least:.3f} .. {value.greatest:.3f})".ljust(18)
        verdict = "" if self.target is None else f"at most {self.target:g}: {'met' if self.met else 'MISSED'}"
        return "  ".join(part for part in (f"{self.name:<49}", number + spread, verdict, self.note) if part).rstrip()


def in_turns(
    *works: Work,
    rounds: int = 200,
    calls: int = 1,
    warm_up: int = 3,
    server_pid: int | None = None,
    processes: Sequence[int] = (),
) -> tuple[Timing, ...]:
    """Measure pieces of work alternately; return a timing for each, in seconds per call.

    `calls`: how many times each is called in a row; more for work of microseconds. `server_pid`: a process whose CPU
    time is added. `processes`: those whose CPU time is taken instead of this process's, with that of their children.
    Garbage collection stays on, as it is in the API, but each round starts with a full collection.
    """
    for _ in range(warm_up):
        for work in works:
            work()
    return alternately([partial(_time, work, calls, server_pid, processes) for work in works], rounds)


def alternately(runs: Sequence[Callable[[], tuple[float, float]]], rounds: int) -> tuple[Timing, ...]:
    """Run each once in every round, in alternating order. Each returns its seconds of wall time and of CPU time."""
    wall: list[list[float]] = [[] for _ in runs]
    cpu: list[list[float]] = [[] for _ in runs]
    order = list(range(len(runs)))
    for _ in range(rounds):
        gc.collect()
        for index in order:
            seconds, of_cpu = runs[index]()
            wall[index].append(seconds)
            cpu[index].append(of_cpu)
        order.append(order.pop(0))
    return tuple(Timing(tuple(one), tuple(other)) for one, other in zip(wall, cpu, strict=True))


def pair(
    subject: Work,
    reference: Work,
    *,
    rounds: int = 200,
    calls: int = 1,
    server_pid: int | None = None,
    processes: Sequence[int] = (),
) -> Pair:
    """Measure two pieces of work alternately."""
    one, other = in_turns(subject, reference, rounds=rounds, calls=calls, server_pid=server_pid, processes=processes)
    return Pair(one, other)


def _time(work: Work, calls: int, server_pid: int | None, processes: Sequence[int]) -> tuple[float, float]:
    servers = [each for pid in processes for each in family(pid)]
    if server_pid is not None:
        servers.append(server_pid)
    before = sum(map(_cpu_seconds_of, servers))
    began, began_cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        work()
    ended, ended_cpu = time.perf_counter(), time.process_time()
    served = sum(map(_cpu_seconds_of, servers)) - before
    own = 0.0 if processes else ended_cpu - began_cpu
    return (ended - began) / calls, (own + served) / calls


def family(pid: int) -> list[int]:
    """A process and its children, and their children.

    https://man7.org/linux/man-pages/man5/proc_pid_task.5.html
    """
    found = [pid]
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += [each for child in thread.read_text().split() for each in family(int(child))]
    return found


def _cpu_seconds_of(pid: int) -> float:
    """CPU time of all threads of another process, to the nanosecond.

    https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
    """
    nanoseconds = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread may end at any moment
            nanoseconds += int((thread / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def _ratio(subject: Sequence[float], reference: Sequence[float]) -> Spread:
    return Spread.of(one / other for one, other in zip(subject, reference, strict=True))


def _difference(subject: Sequence[float], reference: Sequence[float]) -> Spread:
    return Spread.of(one - other for one, other in zip(subject, reference, strict=True))
