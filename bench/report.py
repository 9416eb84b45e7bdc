"""Write docs/benchmarks.md and its plot from figures: `python -m bench.report FILE`, a file of `make bench`.

make bench ARGS="--json build/bench.json" && .venv/bin/python -m bench.report build/bench.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.peers import PEERS
from tests.load.plots import COLOURS, INK, PAGE, PALE, text

DOCS = Path(__file__).resolve().parent.parent / "docs"
WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 720, 210, 60, 70, 11, 10
SHOWN = tuple(PEERS)[:2]
"""The peers in the plot; a connection for each request would make the others' bars invisible."""

Figures = Mapping[str, Any]

INTRODUCTION = """# Benchmarks

`make bench` measures these ratios again, on your machine. Each line compares pieces of work that return the same rows,
executed alternately in one run, so that whatever slows the machine down slows all of them. `/` is a quotient and `-` a
difference; below 1 and below 0, the API is faster. The figures are the median, least and greatest of all rounds. The
parts *read*, *write*, *several* and *policy* compare the API with the bare driver or with statements written by hand;
the part *trips* compares lists with their embeds in one statement with a statement for each embed. The part *catalog*
loads the catalog of a large schema.

The part *cold* compares cold starts. A new process imports the function from its unpacked archive, loads a catalog of
50 tables and answers one request; a hand-written function imports the same packages and boto3, which signs its token.

The part *peers* compares its Lambda handler with handlers that people write by hand (`bench/handwritten.py`,
`bench/mapped.py`): FastAPI, Mangum and response models, over PyMySQL with one connection, over SQLAlchemy with a pool,
and over PyMySQL with a connection for each request. A round trip to the database takes 0, 1 or 5 ms there; through RDS
Proxy it takes some.

`python -m bench.addresses OURS THEIRS` compares two HTTP APIs: `make serve` and any other server on the same database
([http-benchmarks.md](http-benchmarks.md)).
"""


def cases(results: Sequence[Figures]) -> Iterator[tuple[str, float, dict[str, float]]]:
    """Of the part *peers*: the name of a case, the API's milliseconds, and how many times longer each peer takes."""
    found: tuple[str, float, dict[str, float]] | None = None
    for result in results:
        if result["part"] != "peers":
            continue
        name, median = result["name"], result["value"]["median"]
        if result["unit"]:
            if found:
                yield found
            found = name, median, {}
        elif found:
            found[2][name.strip().removeprefix("/ ")] = 1 / median
    if found:
        yield found


def document(figures: Figures) -> str:
    """The page."""
    lines = [
        INTRODUCTION,
        f"Measured on {figures['server']} with Python {figures['python']}, {figures['rounds']} rounds:",
    ]
    lines += ["", "![How many times longer hand-written handlers take](benchmarks.svg)"]
    part = ""
    for result in figures["results"]:
        if result["part"] != part:
            part = result["part"]
            lines += [
                "",
                f"## {part.capitalize()}",
                "",
                "| what | median | least | greatest | goal |",
                "|---|--:|--:|--:|---|",
            ]
        spread, unit = result["value"], result["unit"]
        target = "" if result["target"] is None else f"at most {result['target']:g}"
        missed = " (missed)" if result["target"] is not None and spread["median"] > result["target"] else ""
        shown = [f"{spread[key]:.3f} {unit}".strip() for key in ("median", "least", "greatest")]
        indent = "&nbsp;" * (len(result["name"]) - len(result["name"].lstrip()))
        lines.append(f"| {indent}{result['name'].strip()} | {' | '.join(shown)} | {target}{missed} |")
    return "\n".join(lines) + "\n"


def picture(results: Sequence[Figures]) -> str:
    """A bar for each case and peer: how many times longer it takes than the API."""
    rows = list(cases(results))
    longest = max(times[peer] for _, _, times in rows for peer in SHOWN)
    step = len(SHOWN) * BAR + GAP
    height = TOP + step * len(rows) + 20
    parts = [
        f'<rect width="{WIDTH}" height="{height}" fill="{PAGE}"/>',
        text(12, 24, "Time of hand-written Lambda handlers, as a multiple of the API's", size=15, weight="600"),
    ]
    for number, peer in enumerate(SHOWN):
        parts.append(f'<rect x="{LEFT + number * 180}" y="38" width="12" height="12" fill="{COLOURS[number]}"/>')
        parts.append(text(LEFT + 18 + number * 180, 48, peer))
    scale = (WIDTH - LEFT - RIGHT) / longest
    for index, (name, _, times) in enumerate(rows):
        top = TOP + index * step
        parts.append(text(LEFT - 8, top + BAR + 3, name, anchor="end"))
        for number, peer in enumerate(SHOWN):
            y, width = top + number * BAR, times[peer] * scale
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 1}" fill="{COLOURS[number]}"/>')
            parts.append(text(LEFT + width + 5, y + BAR - 2, f"{times[peer]:.1f}", size=10))
    once = LEFT + scale
    parts.append(f'<path d="M{once:.1f} {TOP - 6} V{height - 16}" stroke="{INK}" stroke-dasharray="3 3"/>')
    parts.append(f'<path d="M{LEFT} {TOP - 6} V{height - 16}" stroke="{PALE}"/>')
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    title = '<title id="title">How many times longer hand-written handlers take than the API</title>'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">'
    return "\n".join((opening, title, *parts, "</svg>\n"))


def main() -> None:
    """Write the page and its plot."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.report", description="Write docs/benchmarks.md from figures."
    )
    parser.add_argument("figures", type=Path, help='the file that `make bench ARGS="--json FILE"` wrote')
    figures = json.loads(parser.parse_args().figures.read_text())
    if not any(result["part"] == "peers" for result in figures["results"]):
        parser.error("the figures lack the part peers")
    (DOCS / "benchmarks.md").write_text(document(figures))
    (DOCS / "benchmarks.svg").write_text(picture(figures["results"]))
    print("docs/benchmarks.md\ndocs/benchmarks.svg")


if __name__ == "__main__":
    main()
