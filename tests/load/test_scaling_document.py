"""docs/scaling.md says what the simulation says, and shows its plots."""

from __future__ import annotations

import math
import re

import pytest

from tests.load.plots import DOCS, MIXES, PLOTS, busy_connections, needed, stack
from tests.load.simulation import Stack, share, simulate

TEXT = (DOCS / "scaling.md").read_text()
KINDS = MIXES["3 in 4 read (3 ms), 1 writes (12 ms)"]
ROWS = re.findall(r"^\| ([\d,]+) \| ([\d.]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) ms \|", TEXT, re.MULTILINE)


@pytest.mark.parametrize("name", PLOTS)
def test_the_plots_are_drawn_from_the_simulation(name: str) -> None:
    assert (DOCS / name).read_text() == PLOTS[name](), "run: python -m tests.load.plots"
    assert f"({name})" in TEXT


def test_the_document_has_a_row_for_each_rate() -> None:
    assert [row[0] for row in ROWS] == ["100", "1,000", "10,000"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_the_table_is_the_simulations(row: tuple[str, ...]) -> None:
    rate = int(row[0].replace(",", ""))
    connections = needed(rate, KINDS)
    result = simulate(stack(rate, connections, KINDS), max(10_000 / rate, 5), 100_000)
    assert float(row[1]) == pytest.approx(busy_connections(rate, KINDS), abs=0.05)
    assert (int(row[2]), int(row[3])) == (connections, math.ceil(connections * 1.3))
    assert int(row[4]) == result.most_busy
    assert int(row[5]) == round(share(result.durations, 0.5) * 1000)


@pytest.mark.parametrize("borrow_seconds,failed,environments", [(0.5, "5 %", "605"), (5, "3 %", "1,000")])
def test_what_a_pool_that_is_too_small_does(borrow_seconds: float, failed: str, environments: str) -> None:
    result = simulate(Stack(1000, 5, borrow_seconds, KINDS, most_environments=1000), 60, 1000)
    assert f"{result.failed * 100:.0f} %" == failed
    assert f"{result.most_busy:,}" == environments
    assert re.search(rf"^\| {borrow_seconds:g} s \| {failed} \| .*\| {environments} \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("rate,environments", [(100, 94), (300, 287)])
def test_a_burst_from_nothing(rate: int, environments: int) -> None:
    result = simulate(Stack(rate, 8, kinds=KINDS), 30)
    assert result.environments == environments
    assert f"{environments} environments for {rate}" in TEXT or f"{environments} for {rate}" in TEXT
