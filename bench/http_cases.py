"""What two HTTP APIs are asked for, and whether they answer with the same rows.

A case is a request to each of both; a file has a list of them:

    [{"name": "one row by key", "ours": "GET /purchase/{n}", "theirs": "GET /records/purchase/{n}"},
     {"name": "create", "ours": "POST /purchase", "theirs": "POST /records/purchase",
      "body": {"reference": "P-{n}"}, "headers": {"ours": ["Prefer: return=headers-only"]},
      "stored": {"ours": "GET /purchase?order=id.desc&limit=1", "theirs": "GET /records/purchase?order=id,desc&size=1"},
      "goals": {"1": 2, "8": 1.5}}]

`{n}` becomes the number of the request, `{side}` becomes `ours` or `theirs`, and `{run}` the second at which the
comparison began. `stored` reads the row that the first request wrote. `goals` says how many times faster ours should be
with this number of connections.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bench.http_client import NUMBER, Client

SIDES = ("ours", "theirs")
LISTS = ("records", "data", "items", "results", "rows", "value")
"""The members of an object in which APIs put a list of rows."""
_KEYS = frozenset({"name", *SIDES, "body", "headers", "stored", "goals"})
_REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)?")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)")


class DifferentRows(Exception):
    """The two APIs do not do the same; the message says what they answer."""


class InvalidCase(ValueError):
    """The file of cases cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """A request to each of two APIs."""

    name: str
    requests: Mapping[str, str]
    """For each side: method and path, as in `GET /purchase/1`."""
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stored: Mapping[str, str] | None = None
    goals: Mapping[str, float] = field(default_factory=dict)


class Side:
    """One of the two APIs, as it is asked in one case."""

    def __init__(self, case: Case, side: str, base: str, headers: Sequence[str]) -> None:
        self._case, self._side, self._base = case, side, base
        self._headers = (*headers, *case.headers.get(side, ()))
        self._numbers: Iterator[int] = count(1)
        run = str(int(time.time()))
        body = "" if case.body is None else json.dumps(case.body, ensure_ascii=False)
        self._body = body.replace("{side}", side).replace("{run}", run)

    def open(self, connections: int) -> Client:
        """Connections that send the case's request."""
        return self._client(self._case.requests[self._side], connections, body=self._body, numbers=self._numbers)

    def answer(self) -> object:
        """The rows that the first request reads or writes, to be compared.

        Raises: `ConnectionError`, `OSError`; `DifferentRows` if they are not those that were written.
        """
        number = str(next(self._numbers))
        rows = rows_of(self._once(self._case.requests[self._side], number, self._body))
        if self._case.stored is None:
            return rows
        written = comparable(json.loads(self._body.replace(NUMBER, number)))
        found = rows_of(self._once(self._case.stored[self._side], number))
        if len(found) != 1 or not isinstance(found[0], dict) or not isinstance(written, dict):
            raise DifferentRows(f"{self._case.name}, {self._side}: {found} is stored, not one row")
        stored = {name: found[0].get(name) for name in written}
        if stored != written:
            raise DifferentRows(f"{self._case.name}, {self._side}: {stored} is stored, not {written}")
        return sorted(stored)  # the values name the side

    def _once(self, request: str, number: str, body: str = "") -> bytes:
        client = self._client(request, 1, body=body, numbers=iter([int(number)]))
        try:
            return client.send(1)
        finally:
            client.close()

    def _client(self, request: str, connections: int, *, body: str, numbers: Iterator[int]) -> Client:
        method, _, path = request.partition(" ")
        return Client(self._base + path, connections, self._headers, method=method, body=body, numbers=numbers)


def compare_rows(case: Case, one: Side, other: Side) -> None:
    """Check that both do the same.

    Raises: `DifferentRows`, `ConnectionError`, `OSError`.
    """
    ours, theirs = one.answer(), other.answer()
    if ours != theirs:
        raise DifferentRows(f"{case.name}: the answers differ:\n{_shortened(ours)}\n{_shortened(theirs)}")


def rows_of(body: bytes) -> list[Any]:
    """The rows of a JSON body, ready to be compared: a list, an object with a list, or a single row.

    >>> rows_of(b'{"records":[{"id":1,"price":"2.50"}]}') == rows_of(b'[{"id":1,"price":2.5}]')
    True
    """
    found = comparable(json.loads(body)) if body else []
    if isinstance(found, dict):
        found = next((found[name] for name in LISTS if isinstance(found.get(name), list)), [found])
    return found if isinstance(found, list) else [found]


def comparable(value: object) -> object:
    """A JSON value as APIs agree on it: numbers and JSON may be in strings, `true` may be 1, a time may have a `T`.

    >>> comparable({"paid": True, "total": "8497.10", "at": "2024-03-06T01:25:28", "tags": '["a"]'})
    {'paid': 1, 'total': 8497.1, 'at': '2024-03-06 01:25:28', 'tags': ['a']}
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, dict):
        return {name: comparable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if isinstance(value, str):
        try:
            return comparable(json.loads(value))
        except ValueError:
            return _TIME.sub(r"\1 \2", value)
    return value


def read_cases(file: Path) -> list[Case]:
    """The cases of a file.

    Raises: `InvalidCase`, `OSError`.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidCase(f"{file} is not JSON: {error}") from None
    if not isinstance(found, list) or not found:
        raise InvalidCase(f"{file} must have a list of cases")
    return [_case(each, f"{file}, case {number}") for number, each in enumerate(found, 1)]


def _case(found: object, where: str) -> Case:
    if not isinstance(found, dict) or not {"name", *SIDES} <= found.keys():
        raise InvalidCase(f"{where} needs name, ours and theirs")
    if unknown := sorted(found.keys() - _KEYS):
        raise InvalidCase(f"{where} has {', '.join(unknown)}; allowed: {', '.join(sorted(_KEYS))}")
    stored = found.get("stored")
    for request in (*(found[side] for side in SIDES), *(stored or {}).values()):
        if not isinstance(request, str) or not _REQUEST.fullmatch(request):
            raise InvalidCase(f"{where}: {request!r} is not a method and a path, as in GET /purchase/1")
    if stored is not None and (sorted(stored) != sorted(SIDES) or not isinstance(found.get("body"), dict)):
        raise InvalidCase(f"{where}: stored needs ours and theirs, and a body that is an object")
    return Case(
        name=str(found["name"]),
        requests={side: found[side] for side in SIDES},
        body=found.get("body"),
        headers=found.get("headers", {}),
        stored=stored,
        goals=found.get("goals", {}),
    )


def _shortened(rows: object) -> str:
    text = json.dumps(rows, ensure_ascii=False)
    return text if len(text) <= 1000 else f"{text[:1000]}..."
