"""A small model of the deployed stack: requests arrive, environments serve them, and a pool of database connections is
borrowed from within a time limit. Plain arithmetic over a list of events; no clock is read.

A request is a few *holds* of a database connection, with time in the environment before each: a read borrows for
every statement, a transaction once for all of its statements.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request. Times in seconds, each the mean of an exponential distribution."""

    share: float
    holds: int
    hold_seconds: float
    own_seconds: float
    """Of the environment, before each hold and after the last."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What is simulated."""

    requests_per_second: float
    connections: int
    borrow_seconds: float = 5
    kinds: tuple[Kind, ...] = (
        Kind(share=0.75, holds=1, hold_seconds=0.003, own_seconds=0.003),
        Kind(share=0.25, holds=1, hold_seconds=0.012, own_seconds=0.003),
    )
    cold_seconds: float = 1.0
    """The start of an environment, without the database."""
    cold_holds: int = 8
    """Statements that read the catalog, in its first request."""
    most_environments: int = 1000


@dataclass(slots=True)
class Result:
    """What came out. `waits`: seconds before each borrowing that succeeded."""

    requests: int = 0
    timeouts: int = 0
    throttled: int = 0
    environments: int = 0
    most_busy: int = 0
    seconds: float = 0
    held_seconds: float = 0
    waits: list[float] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    """Of the requests of warm environments."""

    @property
    def busy(self) -> float:
        """Connections in use, on the average."""
        return self.held_seconds / self.seconds

    @property
    def failed(self) -> float:
        """The share of requests that got no connection in time, or no environment."""
        return (self.timeouts + self.throttled) / max(self.requests, 1)


class Pool:
    """Connections borrowed in the order of asking."""

    def __init__(self, connections: int, borrow_seconds: float) -> None:
        self._free_at = [0.0] * connections
        self._borrow_seconds = borrow_seconds

    def borrow(self, asked: float, hold: float) -> float | None:
        """When a connection asked for at this time is had, and then held so long; None: not within the limit.

        Those who ask must do so in order. A borrower that gives up leaves the queue, and those behind it do not notice.

        >>> pool = Pool(1, borrow_seconds=2)
        >>> pool.borrow(0, 3), pool.borrow(0.5, 1), pool.borrow(2, 1)
        (0, None, 3)
        """
        begins = max(asked, self._free_at[0])
        if begins - asked > self._borrow_seconds:
            return None
        heapq.heapreplace(self._free_at, begins + hold)
        return begins


def replay(asked: Iterable[tuple[float, float]], connections: int, borrow_seconds: float) -> list[float | None]:
    """The waits of borrowings that were observed, as the model predicts them; None: timed out.

    `asked`: when, in order, and how long the connection was held (of a borrowing that failed: anything).
    """
    pool = Pool(connections, borrow_seconds)
    waits: list[float | None] = []
    for moment, hold in asked:
        begins = pool.borrow(moment, hold)
        waits.append(None if begins is None else begins - moment)
    return waits


def simulate(stack: Stack, seconds: float, warm_environments: int = 0, seed: int = 1) -> Result:
    """Requests at random times for this many seconds, the same for the same seed."""
    chance = random.Random(seed)
    pool = Pool(stack.connections, stack.borrow_seconds)
    result = Result(environments=warm_environments, seconds=seconds)
    order = itertools.count()
    # (when, a tie-breaker, the request's beginning, what is left to hold, the environment's own time, whether it started cold)
    asks: list[tuple[float, int, float, list[float], float, bool]] = []
    ends: list[float] = []
    shares = [kind.share for kind in stack.kinds]
    arrival = chance.expovariate(stack.requests_per_second)
    while arrival < seconds or asks:
        if asks and (asks[0][0] <= arrival or arrival >= seconds):
            moment, _, began, holds, own, cold = heapq.heappop(asks)
            if not holds:
                heapq.heappush(ends, moment)
                if not cold:
                    result.durations.append(moment - began)
                continue
            begins = pool.borrow(moment, holds[0])
            if begins is None:
                result.timeouts += 1
                heapq.heappush(ends, moment + stack.borrow_seconds)
                continue
            result.waits.append(begins - moment)
            result.held_seconds += holds[0]
            following = begins + holds[0] + chance.expovariate(1 / own)
            heapq.heappush(asks, (following, next(order), began, holds[1:], own, cold))
            continue
        while ends and ends[0] <= arrival:
            heapq.heappop(ends)
        busy = len(asks) + len(ends)
        (kind,) = chance.choices(stack.kinds, shares)
        result.requests += 1
        if busy >= stack.most_environments:
            result.throttled += 1
        else:
            cold = busy >= result.environments
            result.environments += cold
            result.most_busy = max(result.most_busy, busy + 1)
            count = kind.holds + (stack.cold_holds if cold else 0)
            holds = [chance.expovariate(1 / kind.hold_seconds) for _ in range(count)]
            starts = arrival + (stack.cold_seconds if cold else 0) + chance.expovariate(1 / kind.own_seconds)
            heapq.heappush(asks, (starts, next(order), arrival, holds, kind.own_seconds, cold))
        arrival += chance.expovariate(stack.requests_per_second)
    return result


def share(numbers: Sequence[float], part: float) -> float:
    """The number that this part of them does not exceed.

    >>> share([1, 2, 3, 4], 0.5)
    2
    """
    ordered = sorted(numbers)
    return ordered[max(0, round(part * len(ordered)) - 1)] if ordered else 0
