"""Mappings whose values are made when they are first used: most environments use few tables of a large schema.

What computes the values must not depend on when it is called, so that a mapping has the same values at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class Lazy(Mapping[K, V]):
    """The values that `compute` returns for the keys. Each is made once; an exception of `compute` is not kept."""

    __slots__ = ("_compute", "_values")

    def __init__(self, keys: Iterable[K], compute: Callable[[K], V]) -> None:
        self._values: dict[K, V | object] = dict.fromkeys(keys, _NOT_MADE)
        self._compute = compute

    def __getitem__(self, key: K) -> V:
        found = self._values[key]
        if found is _NOT_MADE:
            found = self._values[key] = self._compute(key)
        return found  # type: ignore[return-value]

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | T) -> V | T: ...
    def get(self, key: K, /, default: V | T | None = None) -> V | T | None:
        """The value, or `default` for an unknown key. A `KeyError` of `compute` is not taken for one."""
        return self[key] if key in self._values else default

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[K]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


_NOT_MADE = object()


class LazyWhole(Mapping[K, V]):
    """The mapping that `compute` returns, made when it is first used."""

    def __init__(self, compute: Callable[[], Mapping[K, V]]) -> None:
        self._compute = compute

    @cached_property
    def _values(self) -> Mapping[K, V]:
        return self._compute()

    def __getitem__(self, key: K) -> V:
        return self._values[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
