"""Cases of the conformance suite: requests with the responses that PostgREST gives, as text.

    # ranges
    GET /ranges?range=sl.[9,10]&select=id
    > Prefer: count=exact
    200
    < Content-Range: 0-1/2
    [{"id": 1}, {"id": 2}]

A case ends at an empty line. `#` names a deliberate difference, explained in docs/conformance.md; `>` is a header of the
request, whose body follows; then come the status, `<` headers of the response (`< !Name`: absent), and its body. Bodies
are JSON, or `text` and a JSON string. Of an error, only the code counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.service import Service

FOLDER = Path(__file__).parent / "cases"
TOPICS = tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and PostgREST's response to it."""

    place: str
    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    expected_headers: tuple[tuple[str, str | None], ...]
    """None: absent."""
    expected_body: str | None
    difference: str | None
    """The name of a deliberate difference."""


def cases_of(topic: str) -> Iterator[Case]:
    """The cases of a topic.

    Raises: `ValueError` for a line that is not understood.
    """
    path = FOLDER / f"{topic}.txt"
    number = 1
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        if block.strip():
            yield _case(f"{topic}.txt:{number}", block.strip("\n").split("\n"))
        number += block.count("\n") + 2


def _case(place: str, lines: list[str]) -> Case:
    difference = lines.pop(0)[2:] if lines[0].startswith("# ") else None
    method, _, address = lines.pop(0).partition(" ")
    headers: dict[str, str] = {}
    while lines[0].startswith("> "):
        name, _, value = lines.pop(0)[2:].partition(": ")
        name = name.lower()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    body = "" if re.fullmatch(r"\d{3}", lines[0]) else _text(lines.pop(0))
    status = int(lines.pop(0))
    expected: list[tuple[str, str | None]] = []
    while lines and lines[0].startswith("< "):
        name, _, value = lines.pop(0)[2:].partition(": ")
        expected.append((name[1:], None) if name.startswith("!") else (name, value))
    expected_body = _text(lines.pop(0)) if lines else None
    if lines:
        raise ValueError(f"{place}: {lines[0]}")
    path, _, query_string = address.partition("?")
    return Case(
        place, method, path, query_string, headers, body.encode(), status, tuple(expected), expected_body, difference
    )


def _text(line: str) -> str:
    return str(json.loads(line.removeprefix("text "))) if line.startswith("text ") else line


def deviation(case: Case, service: Service) -> str | None:
    """How the API's response differs from PostgREST's; None if it does not. Nothing is stored."""
    preferences = case.headers.get("prefer", "")
    keep_nothing = "tx=rollback" if case.method in ("POST", "PUT", "PATCH", "DELETE") else ""
    headers = {**case.headers, "prefer": ",".join(filter(None, (preferences, keep_nothing)))}
    answer = service.rest(case.method, case.path, case.query_string, headers, case.body)
    if answer.status != case.status:
        return f"{case.place}: status {answer.status}, not {case.status}: {answer.body[:200].decode()}"
    given = {name.lower(): value for name, value in answer.headers}
    for name, value in case.expected_headers:
        found = given.get(name.lower())
        if name == "Preference-Applied" and found is not None and "tx=" not in preferences:
            found = ", ".join(each for each in found.split(", ") if each != keep_nothing)
        if found != value:
            return f"{case.place}: {name} is {found!r}, not {value!r}"
    body = answer.body.decode()
    if case.expected_body is not None and _comparable(body, answer.status) != _comparable(
        case.expected_body, answer.status
    ):
        return f"{case.place}: {body[:300]!r}, not {case.expected_body[:300]!r}"
    return None


def _comparable(body: str, status: int) -> object:
    try:
        content = json.loads(body)
    except ValueError:
        return body
    return content["code"] if status >= 300 and isinstance(content, dict) and "code" in content else content
