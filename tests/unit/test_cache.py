"""The cache of a frozen value computes each entry once and is bounded."""

from __future__ import annotations

import pytest

from api.catalog.cache import MOST_KEPT, Cache, CacheKey

LENGTH = CacheKey[int]("length")
TEXT = CacheKey[str | None]("text")


def test_a_value_is_computed_once_for_each_key_and_argument() -> None:
    cache, computed = Cache(), []

    def compute() -> None:
        computed.append(1)

    for _ in range(2):
        assert cache.get(TEXT, "a", compute) is None
    assert len(computed) == 1
    assert cache.get(TEXT, "b", lambda: "b") == "b"
    assert cache.get(LENGTH, "a", lambda: 1) == 1
    assert cache.get(CacheKey[str | None]("text"), "a", lambda: "another key") == "another key"
    assert len(cache) == 4


def test_a_failure_is_not_cached() -> None:
    cache = Cache()
    with pytest.raises(ZeroDivisionError):
        cache.get(LENGTH, None, lambda: 1 // 0)
    assert cache.get(LENGTH, None, lambda: 7) == 7


def test_a_full_cache_starts_again() -> None:
    cache = Cache()
    for number in range(MOST_KEPT + 1):
        assert cache.get(LENGTH, number, lambda: 1) == 1
    assert len(cache) == 1
    assert cache.get(LENGTH, MOST_KEPT, lambda: 2) == 1
