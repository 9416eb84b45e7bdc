"""Find inputs that take more than linear time: each reader of the API gets more and more repeated pieces."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

from api import errors
from api.catalog import Column, ColumnType, Dialect, Kind
from api.request.body import parse_arguments, parse_rows
from api.request.media import negotiate
from api.request.operators import OPERATORS
from api.request.preferences import parse_preferences
from api.request.query_string import parse_query
from api.request.ranges import root_window
from api.request.request import parse_target
from api.response.answer import accepts_gzip
from api.sql.read import select_rows
from api.sql.server import Server
from api.values.casts import cast_type
from api.values.containment import containment_value
from api.values.filters import filter_value
from api.values.fulltext import boolean_search
from api.values.payload import csv_converter, payload_converter
from tests.unit.reading import plan

Reader = Callable[[str], object]

PIECES = (
    " ", "\t", "\n", '"', "\\", ",", "(", ")", "{", "}", "[", "]", ".", ":", "-", ">", "*", "a", "1", "0", "'", ";", "=", "&",
    "|", "!", "<", "é", "::", "->", "->>", "a,", '"a",', "not.", "and(", "or(", "(a", "*,", "''", '\\"', '" ', "1.", "e9", "%20",
    "a=1,", "a;", '"a"', "[[", "{}", "a.", "a.eq.1,", "(),", "a(b),", "a:", "|a", "<->", "\"'", ", ", '="', "0,0 ",
)  # fmt: skip
BEFORE = (
    "",
    "a",
    '"',
    "{",
    "[",
    "(",
    "a=",
    "'",
    "2024-01-01",
    "2024-01-01 00:00:00",
    "1",
    "a->",
    "{ ",
    '"a"',
    "(a.eq.",
    "a(",
)
AFTER = ("", "x", '"', '"x', 'b"c', "}", ")", "]", "*", "\x00")


def _column(kind: Kind, name: str) -> Column:
    type_ = ColumnType(
        kind=kind,
        name=name,
        declared=name,
        minimum=-(2**63),
        maximum=2**63 - 1,
        precision=65,
        scale=30,
        length=1000,
        members=("a", "b"),
        fraction_digits=6,
    )
    return Column(name="c", type=type_, nullable=True, position=1)


def _media(name: str) -> Reader:
    return lambda text: parse_rows(name, text.encode(), 10**6)


def _query(before: str, after: str = "") -> Reader:
    return lambda text: parse_query(f"{before}{quote(text)}{after}")


def _search(operator: str) -> Reader:
    return lambda text: boolean_search(operator, text)


def _containment(column: Column) -> Reader:
    return lambda text: containment_value(column.type, text)


def _filter(column: Column) -> Reader:
    return lambda text: filter_value(column, text)


def readers() -> Iterator[tuple[str, Reader]]:
    """Everything that reads a text of a client, by name."""
    yield "Prefer", lambda text: parse_preferences(text, "POST")
    yield "Prefer strict", lambda text: parse_preferences(f"handling=strict, {text}", "POST")
    yield "Prefer name", lambda text: parse_preferences(f"{text}=b", "POST")
    yield "Accept", lambda text: negotiate(text, plan=True)
    yield "Accept parameter", lambda text: negotiate(f"application/json;{text}", plan=True)
    yield "Accept-Encoding", accepts_gzip
    yield "Range", lambda text: root_window(parse_query(""), "GET", {"range": text})
    yield "address", lambda text: parse_target(f"/{text}")
    yield "key", lambda text: parse_target(f"/t/{quote(text)}")
    yield "query", parse_query
    yield "name", _query("", "=eq.1")
    yield "arguments", lambda text: parse_query(f"{text}=1&{text}", arguments=True)
    for word in ("select", "order", "columns", "on_conflict", "limit", "offset", "and", "or", "a.order", "not.or"):
        yield word, _query(f"{word}=")
    for operator in (*OPERATORS, "not.eq", "like(any)", "eq(all)", "fts(english)", "sl", "none"):
        yield f"filter {operator}", _query(f"a={operator}.")
        yield f"leaf {operator}", _query(f"or=(a.{operator}.", ")")
    for media in ("application/json", "text/csv", "application/x-www-form-urlencoded"):
        yield f"body {media}", _media(media)
    yield "arguments body", lambda text: parse_arguments("application/json", text.encode())
    yield "cast", lambda text: cast_type(_column(Kind.TEXT, "text").type, text)
    for operator in ("fts", "plfts", "phfts", "wfts"):
        yield f"search {operator}", _search(operator)
    for kind in Kind:
        column = _column(kind, kind.value)
        if kind in (Kind.JSON, Kind.SET):
            yield f"containment {kind.value}", _containment(column)
        yield f"value {kind.value}", _filter(column)
        yield f"payload {kind.value}", payload_converter(column, Dialect.MYSQL)
        yield f"csv {kind.value}", csv_converter(column, Dialect.MARIADB)
    yield "nearest", lambda text: errors.nearest(text, ("customer", "customers", "a" * 64))


PLANNED: dict[str, tuple[str, str]] = {
    "stars": ("select=", "*,"),
    "columns": ("select=", "id,"),
    "aliases": ("select=", "a:name,"),
    "casts": ("select=", "id::text,"),
    "counts": ("select=", "count(),"),
    "filters": ("", "id=gt.1&"),
    "list": ("id=in.(1", ",1"),
    "tree": ("or=(id.eq.1", ",id.eq.1"),
    "orders": ("order=", "id,"),
    "paths": ("data=eq.1&order=data", "->a"),
    "nothing": ("and=(id.gt.1", ",id.not.in.()"),
}
"""Queries on `customer` with a piece that is repeated."""


def planned(before: str, piece: str) -> Callable[[int], object]:
    """Parse, plan and write a query of about this many characters."""
    after = ")" if "(" in before else ""

    def run(length: int) -> object:
        query = f"{before}{piece * (length // len(piece))}".rstrip(",&") + after
        return select_rows(plan(query), Server(Dialect.MYSQL))

    return run


def texts() -> Iterator[tuple[str, Callable[[int], str]]]:
    """A beginning, one piece again and again, and an end, as functions of the length in characters."""
    for before, piece, after in itertools.product(BEFORE, PIECES, AFTER):

        def make(length: int, before: str = before, piece: str = piece, after: str = after) -> str:
            return before + piece * (length // len(piece)) + after

        yield f"{before!r} + {piece!r} * n + {after!r}", make


def seconds(work: Callable[[], object]) -> float:
    """The thread's own time for one run, whatever comes of it."""
    started = time.thread_time()
    with contextlib.suppress(errors.ApiError, RecursionError):
        work()
    return time.thread_time() - started


def grows(run: Callable[[int], object], unit: int = 100) -> bool:
    """Four times the length takes much more than four times as long."""
    if seconds(lambda: run(4 * unit)) < LEAST_SECONDS:
        return False
    return all(_ratio(run, times * unit) > MOST_GROWTH for times in (3, 4))


LEAST_SECONDS = 0.0008
"""Less than this for 400 characters is linear at any length that a request can have."""
MOST_GROWTH = 9
"""Between 4, which is linear, and 16, which is quadratic."""


def _ratio(run: Callable[[int], object], length: int) -> float:
    small, large = (
        min(seconds(lambda length=length: run(length)) for _ in range(4))  # type: ignore[misc]
        for length in (length, 4 * length)
    )
    return large / max(small, 1e-6)
