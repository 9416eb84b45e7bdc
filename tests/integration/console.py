"""The examples of a page of the documentation: its curl commands, and the answers that it shows for them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_EXAMPLE = re.compile(r"""^\$ (curl (?:'[^']*'|"[^"]*"|[^'"\n])*)\n((?:(?!\$ ).*\n)*)""", re.MULTILINE)
_STATUS = re.compile(r"(?:HTTP/2 )?(\d{3})(?: |$)")


@dataclass
class Example:
    """A command, the request that it sends, and the answer that the page shows.

    `address` follows `$API`. `shown` is the body as JSON text, or empty if the page shows none; `shown_headers` may be only
    some of the answer's headers, with names in lower case.
    """

    command: str
    method: str = "GET"
    address: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int = 200
    shown_headers: dict[str, str] = field(default_factory=dict)
    shown: str = ""


def page(name: str) -> str:
    """The text of a page in `docs/`."""
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def statements(text: str) -> list[str]:
    """The SQL statements of a page."""
    return [statement for block in blocks(text, "sql") for statement in block.split(";\n") if statement.strip()]


def examples(text: str) -> list[Example]:
    """The examples in the page's `console` blocks, in order."""
    found = []
    for block in blocks(text, "console"):
        matches = list(_EXAMPLE.finditer(block))
        assert "".join(match[0] for match in matches) == block, f"not a command with its answer: {block}"
        found += [_example(match[1], match[2].splitlines()) for match in matches]
    return found


def _example(command: str, answer: list[str]) -> Example:
    example = Example(command)
    words = iter(shlex.split(command)[1:])
    for word in words:
        if word == "-X":
            example.method = next(words)
        elif word == "-d":
            example.body = next(words).encode()
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            example.headers[name] = value
        elif word != "-i":
            assert word.startswith("$API"), f"unknown option {word}: {command}"
            example.address = word.removeprefix("$API")
    assert answer, f"no answer: {command}"
    if status := _STATUS.match(answer[0]):
        example.status = int(status[1])
        answer = [rest for rest in (answer[0][status.end() :], *answer[1:]) if rest]
    for line in answer:
        if line[0] in "[{":
            example.shown = line
        else:
            name, colon, value = line.partition(": ")
            assert colon, f"not a header: {line}"
            example.shown_headers[name.lower()] = value
    return example
