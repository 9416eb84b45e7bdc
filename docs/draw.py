"""Draw the pictures of the documentation: `python -m docs.draw` writes them.

The dashboard's picture has the charts and lines of the body that `infra.dashboard` sends to CloudWatch, with invented
curves. Colours are attributes, because some renderers (librsvg) know no variables and no media queries. The style sheet
only has the colours of the dark mode. The pictures have a background because the page may use the other mode.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from xml.sax.saxutils import escape

from infra.dashboard import GRID_WIDTH, dashboard_body
from infra.metrics import Names

FOLDER = Path(__file__).resolve().parent

_PAGE, _BOX, _GRID, _LINE = "#ffffff", "#f6f8fa", "#d8dee4", "#57606a"
_TEXT, _MUTED, _ACCENT = "#1f2328", "#59636e", "#0969da"
_DARK = {
    _PAGE: "#0d1117",
    _BOX: "#161b22",
    _GRID: "#30363d",
    _LINE: "#8b949e",
    _TEXT: "#e6edf3",
    _MUTED: "#9da7b3",
    _ACCENT: "#58a6ff",
}
"""The colour in dark mode of each colour."""
_FLOW = {"fill": "none", "stroke": _ACCENT, "marker-end": "url(#head)"}
_ATTRIBUTES = {
    "name": {"fill": _TEXT, "font-size": "14", "font-weight": "600"},
    "note": {"fill": _MUTED, "font-size": "12"},
    "page": {"fill": _PAGE},
    "box": {"fill": _BOX, "stroke": _LINE},
    "grid": {"fill": "none", "stroke": _GRID},
    "area": {"fill": "none", "stroke": _LINE, "stroke-dasharray": "6 4"},
    "flow": {**_FLOW, "stroke-width": "2"},
    "aside": {**_FLOW, "stroke-width": "1.5", "stroke-dasharray": "5 4"},
    "head": {"fill": _ACCENT},
}
"""The attributes of each kind of element, which is also its class."""
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
_CHARACTER = 6.3
"""The average width of a character of a note, in pixels."""
_LINE_COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728")
"""CloudWatch's default line colours, in order."""
CURVES = {
    "allowed": (0.9, 0.0),
    "clients": (0.55, 0.2),
    "database": (0.3, 0.05),
    "in a transaction": (0.12, 0.08),
    "average": (0.25, 0.1),
    "most": (0.5, 0.2),
    "capacity": (0.5, 0.2),
    "CPU": (0.3, 0.2),
    "select": (0.2, 0.08),
    "write": (0.35, 0.1),
    "commit": (0.5, 0.15),
    "replica lag": (0.2, 0.1),
    "executions": (0.5, 0.3),
    "cold starts": (0.08, 0.05),
    "invocations": (0.6, 0.25),
    "requests": (0.6, 0.25),
    "4xx": (0.2, 0.15),
    "p50": (0.2, 0.04),
    "p90": (0.4, 0.1),
    "p99": (0.75, 0.15),
    "function p99": (0.65, 0.15),
}
"""The invented level of each line and how far it swings, as parts of the chart's height. Lines of faults are zero."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the stack, with its name and one or two lines about it. Positions are in pixels."""

    x: int
    y: int
    name: str
    notes: tuple[str, ...]
    width: int = 160
    height: int = 90


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow from the first point to the last; `aside` if it is not on the path of a request."""

    points: tuple[tuple[int, int], ...]
    label: str = ""
    at: tuple[int, int] = (0, 0)
    aside: bool = False


NETWORK = (450, 50, 740, 350)
BOXES = (
    Box(20, 140, "Clients", ("supabase-js, curl,", "react-admin, a program")),
    Box(260, 140, "API Gateway", ("HTTP API: IAM or JWT,", "throttling, access log")),
    Box(480, 140, "Lambda: api/", ("FastAPI on Mangum,", "catalog in memory")),
    Box(740, 140, "RDS Proxy", ("TLS and IAM required,", "pooled connections")),
    Box(1000, 140, "Aurora MySQL", ("Serverless v2, writer,", "encrypted")),
    Box(20, 285, "pulumi up", ("infra/: one component", "for each part")),
    Box(480, 285, "Lambda: migrator/", ("database users,", "migrations/*.sql")),
    Box(1000, 285, "Readers", ("0 to 15, optional",)),
    Box(260, 425, "CloudWatch", ("logs, dashboard and alarms", "for all of these parts"), 380, 80),
    Box(740, 425, "Secrets Manager", ("the proxy's database", "credentials"), 160, 80),
)
ARROWS = (
    Arrow(((180, 185), (258, 185)), "HTTPS", (220, 175)),
    Arrow(((420, 185), (478, 185))),
    Arrow(((640, 185), (738, 185)), "TLS, IAM token", (690, 175)),
    Arrow(((900, 170), (998, 170)), "TLS, reused", (949, 160)),
    Arrow(((900, 210), (950, 210), (950, 330), (998, 330)), "read endpoint", (997, 262)),
    Arrow(((180, 330), (478, 330)), "invokes when users or files changed", (315, 320), aside=True),
    Arrow(((640, 330), (790, 330), (790, 232)), "TLS, admin's token", (708, 320), aside=True),
    Arrow(((850, 425), (850, 232)), "reads", (872, 370), aside=True),
    Arrow(((1080, 230), (1080, 283)), aside=True),
)


def architecture() -> str:
    """The stack: the path of a request from left to right, and its supporting parts below."""
    x, y, width, height = NETWORK
    parts = [
        f'<rect {_look("area")} x="{x}" y="{y}" width="{width}" height="{height}" rx="10"/>',
        _text(x + 16, y + 26, "VPC", "name"),
        _text(x + 52, y + 26, "isolated subnets in two or more zones, no internet access", "note"),
        *(part for box in BOXES for part in _box(box)),
        *(part for arrow in ARROWS for part in _arrow(arrow)),
    ]
    about = (
        "Clients call an HTTP API over HTTPS. It invokes a Lambda function inside a VPC without internet access, which "
        "connects through RDS Proxy, with TLS and an IAM token, to Aurora MySQL and its readers. A second function, "
        "invoked by pulumi up, creates the database users and applies migrations through the same proxy."
    )
    return _picture(1210, 525, "The path of a request through Aurorest", about, parts)


def dashboard() -> str:
    """The CloudWatch dashboard: every chart and its lines, with invented curves."""
    body = dashboard_body(
        Names("proxy", "cluster", "function", "migrator", "api", "stack"), "us-east-1", with_cluster=True
    )
    widgets = cast("list[dict[str, Any]]", body["widgets"])
    column, row, edge = 50, 34, 12
    height = max(widget["y"] + widget["height"] for widget in widgets) * row + 2 * edge
    parts: list[str] = []
    for widget in widgets:
        x, y = edge + widget["x"] * column, edge + widget["y"] * row
        if widget["type"] == "text":
            parts.append(_text(x + 4, y + 16, widget["properties"]["markdown"].lstrip("# "), "name"))
        else:
            parts += _chart(x, y, widget["width"] * column - 8, widget["height"] * row - 8, widget["properties"])
    about = "Rows of charts: " + ", ".join(
        widget["properties"]["markdown"].lstrip("# ") for widget in widgets if widget["type"] == "text"
    )
    return _picture(GRID_WIDTH * column + 2 * edge, height, "The CloudWatch dashboard of Aurorest", about, parts)


def _chart(x: int, y: int, width: int, height: int, properties: Mapping[str, Any]) -> list[str]:
    options = [metric[-1] for metric in properties["metrics"]]
    shown = [option["label"] for option in options if option.get("visible", True)]
    legend = _legend(shown, width - 24)
    top, bottom = y + 50, y + height - 16 - 16 * (legend[-1][1] + 1)
    parts = [
        f'<rect {_look("box")} x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>',
        _text(x + 12, y + 22, properties["title"], "name"),
        _text(x + 12, y + 40, properties["yAxis"]["left"]["label"], "note"),
        *(
            f'<path {_look("grid")} d="M{x + 12} {top + (bottom - top) * part // 4} h{width - 24}"/>'
            for part in range(5)
        ),
    ]
    for number, (label, (across, down)) in enumerate(zip(shown, legend, strict=True)):
        colour = _LINE_COLOURS[number % len(_LINE_COLOURS)]
        points = " L".join(
            f"{x + 12 + right:.1f} {down_to:.1f}" for right, down_to in _curve(label, width - 24, top, bottom)
        )
        middle = y + height - 12 - 16 * (legend[-1][1] - down)
        parts += [
            f'<path d="M{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
            f'<path d="M{x + 12 + across} {middle - 4} h12" stroke="{colour}" stroke-width="3"/>',
            _text(x + 30 + across, middle, label, "note"),
        ]
    return parts


def _legend(labels: Iterable[str], width: int) -> list[tuple[int, int]]:
    """Where each label begins: pixels from the left, and its row."""
    places: list[tuple[int, int]] = []
    across = down = 0
    for label in labels:
        needed = 30 + math.ceil(len(label) * _CHARACTER)
        if across and across + needed > width:
            across, down = 0, down + 1
        places.append((across, down))
        across += needed
    return places


def _curve(label: str, width: int, top: int, bottom: int) -> list[tuple[float, float]]:
    """Points of an invented day: pixels from the left, and the height in the picture."""
    level, swing = CURVES.get(label, (0.0, 0.0))
    points = []
    for step in range(49):
        day = math.sin(2 * math.pi * (step / 48 - 0.3))
        noise = math.sin(step * 1.7 + len(label)) + math.sin(step * 2.9 + level * 40)
        points.append((width * step / 48, bottom - (bottom - top) * (level + swing * (0.7 * day + 0.15 * noise))))
    return points


def _box(box: Box) -> list[str]:
    middle = box.x + box.width // 2
    top = box.y + box.height // 2 - 9 * len(box.notes)
    return [
        f'<rect {_look("box")} x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8"/>',
        _text(middle, top + 5, box.name, "name", centred=True),
        *(_text(middle, top + 25 + 17 * line, note, "note", centred=True) for line, note in enumerate(box.notes)),
    ]


def _arrow(arrow: Arrow) -> list[str]:
    path = "M" + " L".join(f"{x} {y}" for x, y in arrow.points)
    parts = [f'<path {_look("aside" if arrow.aside else "flow")} d="{path}"/>']
    if arrow.label:
        parts.append(_text(*arrow.at, arrow.label, "note", centred=True))
    return parts


def _look(kind: str) -> str:
    """The class and the attributes of a kind of element."""
    return " ".join(f'{name}="{value}"' for name, value in {"class": kind, **_ATTRIBUTES[kind]}.items())


def _dark_rules() -> str:
    return " ".join(
        f".{kind} {{ " + "; ".join(f"{name}: {_DARK[value]}" for name, value in colours.items()) + " }"
        for kind, attributes in _ATTRIBUTES.items()
        for colours in [{name: value for name, value in attributes.items() if value in _DARK}]
    )


def _text(x: int, y: int, text: str, kind: str, *, centred: bool = False) -> str:
    anchor = ' text-anchor="middle"' if centred else ""
    return f'<text {_look(kind)} x="{x}" y="{y}"{anchor}>{escape(text)}</text>'


def _picture(width: int, height: int, title: str, about: str, parts: Iterable[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    named = 'role="img" aria-labelledby="title about"'
    head = f'<path {_look("head")} d="M0 0 L8 4 L0 8 z"/>'
    arrow_head = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse"'
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named} font-family="{_FONT}">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="about">{escape(about)}</desc>',
        f"<style>@media (prefers-color-scheme: dark) {{ {_dark_rules()} }}</style>",
        f'<defs><marker id="head" {arrow_head} orient="auto">{head}</marker></defs>',
        f'<rect {_look("page")} width="{width}" height="{height}" rx="12"/>',
        *parts,
        "</svg>\n",
    )
    return "\n".join(lines)


PICTURES = {"architecture.svg": architecture, "dashboard.svg": dashboard}

if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(draw())
        print(f"docs/{name}")
