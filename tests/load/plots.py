"""Draw the plots of docs/scaling.md from the simulation: `python -m tests.load.plots` writes them.

Colours are attributes and not a style sheet, because some renderers (librsvg) know no variables.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from tests.load.simulation import Kind, Stack, share, simulate

DOCS = Path(__file__).resolve().parents[2] / "docs"
REQUESTS, HOLDS = 10_000, 100
"""Simulated for each point: at least this many requests, and this many times the hold, so that the queue can build up."""

COLOURS = ("#0969da", "#bc4c00", "#1a7f37")
INK, PALE, PAGE = "#1f2328", "#d0d7de", "#ffffff"
WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 50, 60


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one colour, and their name."""

    name: str
    points: Sequence[tuple[float, float]]


MIXES = {
    "single reads, 2 ms": (Kind(1, 1, 0.002, 0.004),),
    "3 in 4 read (3 ms), 1 writes (12 ms)": (Kind(0.75, 1, 0.003, 0.004), Kind(0.25, 1, 0.012, 0.004)),
    "slow statements, 40 ms": (Kind(1, 1, 0.04, 0.004),),
}
RATES = (10, 30, 100, 300, 1_000, 3_000, 10_000)


def stack(rate: float, connections: int, kinds: tuple[Kind, ...]) -> Stack:
    """A stack whose environments have all been started."""
    return Stack(rate, connections, kinds=kinds, most_environments=100_000)


def busy_connections(rate: float, kinds: tuple[Kind, ...]) -> float:
    """Connections in use on the average: arrivals times the time that each holds one."""
    return rate * sum(kind.share * kind.holds * kind.hold_seconds for kind in kinds)


def waits(rate: float, connections: int, kinds: tuple[Kind, ...]) -> float:
    """The wait for a connection that 99 of 100 borrowings do not exceed, in seconds; infinite where one timed out."""
    seconds = max(REQUESTS / rate, HOLDS * max(kind.hold_seconds for kind in kinds))
    result = simulate(stack(rate, connections, kinds), seconds, 100_000)
    return math.inf if result.timeouts else share(result.waits, 0.99)


def needed(rate: float, kinds: tuple[Kind, ...], most_wait: float = 0.01) -> int:
    """The fewest connections with which 99 of 100 borrowings wait at most this long, and a tenth is free at any time:
    in a pool that is used up the queue grows without end."""
    fewest = max(1, math.ceil(busy_connections(rate, kinds) / 0.9))
    most = fewest
    while waits(rate, most, kinds) > most_wait:
        fewest, most = most + 1, most + max(1, most // 4)
    while fewest < most:
        middle = (fewest + most) // 2
        if waits(rate, middle, kinds) > most_wait:
            fewest = middle + 1
        else:
            most = middle
    return most


def connections() -> str:
    """Connections over requests a second."""
    lines = [Line(name, [(rate, needed(rate, kinds)) for rate in RATES]) for name, kinds in MIXES.items()]
    return _chart(
        "Database connections that 99 of 100 borrowings wait at most 10 ms for",
        "requests a second",
        "connections",
        lines,
        (10, 10_000),
        (1, 1_000),
    )


def queueing() -> str:
    """The wait over the pool's load."""
    kinds = MIXES["3 in 4 read (3 ms), 1 writes (12 ms)"]
    lines = []
    for rate in (100, 1_000, 10_000):
        points = []
        for part in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
            pool = max(1, round(busy_connections(rate, kinds) / part))
            wait = waits(rate, pool, kinds)
            if wait < math.inf:
                points.append((busy_connections(rate, kinds) / pool * 100, max(wait * 1000, 0.1)))
        lines.append(Line(f"{rate:,} requests a second", sorted(dict(points).items())))
    return _chart(
        "The wait for a connection, 99th percentile, by the pool's load",
        "connections in use, percent of the pool",
        "ms",
        lines,
        (20, 100),
        (0.1, 1_000),
        wide=False,
    )


def _chart(
    title: str,
    across: str,
    up: str,
    lines: Sequence[Line],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    *,
    wide: bool = True,
) -> str:
    """A chart; the upward axis is logarithmic, and so is the other one where it is `wide`."""
    x = _scale(x_range, (LEFT, WIDTH - RIGHT), logarithmic=wide)
    y = _scale(y_range, (HEIGHT - BOTTOM, TOP), logarithmic=True)
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAGE}"/>',
        text(LEFT, 24, title, size=15, weight="600"),
        *(_grid_across(y(tick), tick) for tick in _decades(y_range)),
        *(_grid_up(x(tick), tick) for tick in (_decades(x_range) if wide else range(20, 101, 10))),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, across, anchor="middle"),
        text(8, TOP - 10, up),
    ]
    for number, line in enumerate(lines):
        colour = COLOURS[number]
        path = " L".join(f"{x(across):.1f} {y(up):.1f}" for across, up in line.points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(across):.1f}" cy="{y(up):.1f}" r="3" fill="{colour}"/>' for across, up in line.points
        ]
        parts.append(f'<path d="M{LEFT + 14} {TOP + 14 + number * 18} h22" stroke="{colour}" stroke-width="3"/>')
        parts.append(text(LEFT + 44, TOP + 18 + number * 18, line.name))
    shown = "; ".join(
        f"{line.name}: " + ", ".join(f"{across:g} → {up:.3g}" for across, up in line.points) for line in lines
    )
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title about">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="about">{escape(shown)}</desc>',
            *parts,
            "</svg>\n",
        )
    )


def _scale(values: tuple[float, float], pixels: tuple[float, float], *, logarithmic: bool) -> Callable[[float], float]:
    first, last = (math.log10(value) if logarithmic else value for value in values)

    def scale(value: float) -> float:
        part = ((math.log10(value) if logarithmic else value) - first) / (last - first)
        return pixels[0] + part * (pixels[1] - pixels[0])

    return scale


def _decades(values: tuple[float, float]) -> Iterable[float]:
    first, last = (round(math.log10(value)) for value in values)
    return [10.0**power for power in range(first, last + 1)]


def _grid_across(y: float, value: float) -> str:
    line = f'<path d="M{LEFT} {y:.1f} H{WIDTH - RIGHT}" stroke="{PALE}" stroke-width="1"/>'
    return line + text(LEFT - 8, y + 4, f"{value:,g}", anchor="end")


def _grid_up(x: float, value: float) -> str:
    line = f'<path d="M{x:.1f} {TOP} V{HEIGHT - BOTTOM}" stroke="{PALE}" stroke-width="1"/>'
    return line + text(x, HEIGHT - BOTTOM + 18, f"{value:,g}", anchor="middle")


def text(x: float, y: float, content: str, *, size: int = 12, weight: str = "400", anchor: str = "start") -> str:
    """An SVG text; `anchor` says which of its ends is at x."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="sans-serif" font-size="{size}" font-weight="{weight}" '
        f'fill="{INK}" text-anchor="{anchor}">{escape(content)}</text>'
    )


PLOTS = {"scaling-connections.svg": connections, "scaling-wait.svg": queueing}

if __name__ == "__main__":
    for name, draw in PLOTS.items():
        (DOCS / name).write_text(draw())
        sys.stdout.write(f"docs/{name}\n")
