"""Mappings whose values are made when they are first used."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from api.catalog.lazy import Lazy, LazyWhole


def test_a_value_is_made_once_when_it_is_looked_up() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key.upper()

    found = Lazy(["a", "b"], make)
    assert (len(found), list(found), "a" in found, "c" in found, found.get("c")) == (2, ["a", "b"], True, False, None)
    assert made == []
    assert (found["b"], found.get("b"), found["b"]) == ("B", "B", "B")
    assert made == ["b"]
    assert dict(found) == {"a": "A", "b": "B"} == found
    assert made == ["b", "a"]
    with pytest.raises(KeyError):
        found["c"]


def test_an_error_is_raised_where_the_value_is_looked_up_and_not_kept() -> None:
    answers: dict[str, int] = {}
    found = Lazy(["a"], answers.__getitem__)
    for _ in range(2):
        with pytest.raises(KeyError):  # not taken for an unknown key
            found.get("a")
    answers["a"] = 1
    assert found.get("a") == 1


def test_a_whole_mapping_is_made_once() -> None:
    made: list[Mapping[str, int]] = []

    def make() -> Mapping[str, int]:
        made.append({"a": 1})
        return made[-1]

    found = LazyWhole(make)
    assert made == []
    assert (found.get("a"), found.get("b"), len(found), dict(found)) == (1, None, 1, {"a": 1})
    assert len(made) == 1
