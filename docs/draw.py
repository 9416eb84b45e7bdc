"""Draw the pictures of the documentation: `python -m docs.draw` writes them.

The dashboard's picture is drawn from the body that `infra.dashboard` sends to CloudWatch, so it shows what is deployed.
Both pictures follow the reader's light or dark mode, and have a background because the page may use the other mode.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from xml.sax.saxutils import escape

from infra.dashboard import GRID_WIDTH, dashboard_body
from infra.metrics import Names

FOLDER = Path(__file__).resolve().parent

_STYLE = """
  svg { --page: #ffffff; --box: #f6f8fa; --line: #57606a; --text: #1f2328; --muted: #57606a; --accent: #0969da }
  @media (prefers-color-scheme: dark) {
    svg { --page: #0d1117; --box: #161b22; --line: #8b949e; --text: #e6edf3; --muted: #9da7b3; --accent: #58a6ff }
  }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--text) }
  .name { font-weight: 600; font-size: 14px }
  .note { fill: var(--muted); font-size: 12px }
  .page { fill: var(--page) }
  .box { fill: var(--box); stroke: var(--line) }
  .area { fill: none; stroke: var(--line); stroke-dasharray: 6 4 }
  .flow { fill: none; stroke: var(--accent); stroke-width: 2; marker-end: url(#head) }
  .aside { stroke-dasharray: 5 4; stroke-width: 1.5 }
  .head { fill: var(--accent) }
"""
_LINE_COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728")
"""CloudWatch's default line colours, in order."""


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
        f'<rect class="area" x="{x}" y="{y}" width="{width}" height="{height}" rx="10"/>',
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
    """The layout of the CloudWatch dashboard: every chart and its lines."""
    body = dashboard_body(
        Names("proxy", "cluster", "function", "migrator", "api", "stack"), "us-east-1", with_cluster=True
    )
    widgets = cast("list[dict[str, Any]]", body["widgets"])
    column, row, edge = 46, 22, 12
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
    left = properties["yAxis"]["left"]
    options = [metric[-1] for metric in properties["metrics"]]
    shown = [option["label"] for option in options if option.get("visible", True)]
    parts = [
        f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>',
        _text(x + 12, y + 22, properties["title"], "name"),
        _text(x + 12, y + 40, left["label"], "note"),
    ]
    for number, label in enumerate(shown):
        middle = y + 58 + number * 16
        colour = _LINE_COLOURS[number % len(_LINE_COLOURS)]
        parts.append(f'<path d="M{x + 12} {middle} h18" stroke="{colour}" stroke-width="3"/>')
        parts.append(_text(x + 38, middle + 4, label, "note"))
    return parts


def _box(box: Box) -> list[str]:
    middle = box.x + box.width // 2
    top = box.y + box.height // 2 - 9 * len(box.notes)
    return [
        f'<rect class="box" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8"/>',
        _text(middle, top + 5, box.name, "name", centred=True),
        *(_text(middle, top + 25 + 17 * line, note, "note", centred=True) for line, note in enumerate(box.notes)),
    ]


def _arrow(arrow: Arrow) -> list[str]:
    path = "M" + " L".join(f"{x} {y}" for x, y in arrow.points)
    parts = [f'<path class="flow{" aside" if arrow.aside else ""}" d="{path}"/>']
    if arrow.label:
        parts.append(_text(*arrow.at, arrow.label, "note", centred=True))
    return parts


def _text(x: int, y: int, text: str, kind: str, *, centred: bool = False) -> str:
    anchor = ' text-anchor="middle"' if centred else ""
    return f'<text class="{kind}" x="{x}" y="{y}"{anchor}>{escape(text)}</text>'


def _picture(width: int, height: int, title: str, about: str, parts: Iterable[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    named = 'role="img" aria-labelledby="title about"'
    arrow_head = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse"'
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named}>',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="about">{escape(about)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<defs><marker id="head" {arrow_head} orient="auto"><path class="head" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
        f'<rect class="page" width="{width}" height="{height}" rx="12"/>',
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
