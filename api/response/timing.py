"""How long each stage of a request took, for the `Server-Timing` header."""

from __future__ import annotations

import time


class Stages:
    """A stopwatch for the stages of a request: parse, plan, run, answer."""

    __slots__ = ("_begun", "_last", "_seconds")

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self._seconds: dict[str, float] = {}

    def end(self, stage: str) -> None:
        """End a stage, which began when the previous one ended. The times of a repeated stage add up."""
        now = time.perf_counter()
        self._seconds[stage] = self._seconds.get(stage, 0.0) + now - self._last
        self._last = now

    def header(self) -> tuple[str, str]:
        """The `Server-Timing` header: the milliseconds of each stage, and the total."""
        stages = {**self._seconds, "total": time.perf_counter() - self._begun}
        return ("Server-Timing", ", ".join(f"{stage};dur={seconds * 1000:.3f}" for stage, seconds in stages.items()))
