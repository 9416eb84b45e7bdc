"""Caches of values computed from a frozen value: a level's SQL, a catalog's plans."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_KEPT = 1000
"""The most entries of a cache. A full cache is emptied: few shapes of requests recur."""


class CacheKey(Generic[T]):
    """A kind of entry, with the type of its values. Keys are compared by identity."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Cache:
    """Values by key and argument. They depend only on these and on the frozen owner."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[CacheKey[object], Hashable], object] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: CacheKey[T], argument: Hashable, compute: Callable[[], T]) -> T:
        """The value for the key and argument, computed on first use. Exceptions of `compute` are not kept."""
        at = (key, argument)
        found = self._kept.get(at, _NOTHING)  # type: ignore[arg-type]
        if found is _NOTHING:
            found = compute()
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[at] = found  # type: ignore[index]
        return found  # type: ignore[return-value]


_NOTHING = object()
