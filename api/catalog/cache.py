"""What was computed from a frozen value before, kept beside it: SQL of a level, plans of a catalog."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_KEPT = 1000
"""Entries of a cache; it is emptied when it is full, for the shapes of requests that recur are few."""


class CacheKey(Generic[T]):
    """What is kept: the type of the values, for the type checker. Each key is different from every other."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Cache:
    """Values by key and argument. Its owner must not change, and each value must depend on nothing else."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[CacheKey[object], Hashable], object] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: CacheKey[T], argument: Hashable, compute: Callable[[], T]) -> T:
        """The value of the key for this argument; computed where it is not there. What `compute` raises is not kept."""
        at = (key, argument)
        found = self._kept.get(at, _NOTHING)  # type: ignore[arg-type]
        if found is _NOTHING:
            found = compute()
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[at] = found  # type: ignore[index]
        return found  # type: ignore[return-value]


_NOTHING = object()
