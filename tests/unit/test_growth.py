"""All input of clients is read in linear time. `python -m tests.unit.test_growth` tries all combinations."""

from __future__ import annotations

import random

import pytest

from tests.unit.growth import PLANNED, Reader, grows, planned, readers, texts

READERS = dict(readers())
TEXTS = list(texts())
PER_READER = 60
KNOWN = {
    "Prefer": ("a=", " ", 'b"c'),
    "containment json": ("{", " ", '"x}'),
    "filter cs": ("{", " ", '"x}'),
    "value datetime": ("2024-01-01 00:00", " ", "x"),
    "payload date": ("2024-01-01", " ", "x"),
    "or": ("(a.cs.[", ",a.cs.[", ")"),
    "search wfts": ("", '"a"', ""),
}
"""Inputs that once took quadratic time or more."""


def found(name: str, reader: Reader, amount: int | None) -> list[str]:
    tried = TEXTS if amount is None else random.sample(TEXTS, amount)
    return [f"{name}: {what}" for what, make in tried if grows(lambda length, make=make: reader(make(length)))]  # type: ignore[misc]


@pytest.mark.parametrize("name", READERS)
def test_an_input_is_read_in_linear_time(name: str) -> None:
    assert found(name, READERS[name], PER_READER) == []


@pytest.mark.parametrize("name", KNOWN)
def test_inputs_that_once_took_long_are_read_in_linear_time(name: str) -> None:
    before, piece, after = KNOWN[name]
    assert not grows(lambda length: READERS[name](before + piece * (length // len(piece)) + after))


@pytest.mark.parametrize("name", PLANNED)
def test_a_query_is_planned_in_linear_time(name: str) -> None:
    assert not grows(planned(*PLANNED[name]), unit=100)


def test_quadratic_time_is_noticed() -> None:
    assert grows(lambda length: sum(1 for _ in range(length**2)))


if __name__ == "__main__":
    for reader_name, one in READERS.items():
        print(reader_name, *found(reader_name, one, None), sep="\n  ", flush=True)
