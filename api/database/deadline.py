"""When a request must have its answer: every statement gets at most what remains."""

from __future__ import annotations

import time


class Deadline:
    """The moment this many seconds from now."""

    __slots__ = ("_end", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def remaining_seconds(self) -> float:
        """Seconds until then; negative once it has passed."""
        return self._end - time.monotonic()
