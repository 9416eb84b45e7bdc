"""Full-text search on real servers: never a syntax error, and always the matching rows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.errors import ApiError
from api.values.fulltext import boolean_search
from local.server import Server

WORDS = ("apple", "banana", "cherry", "durian", "elder")
CHOICE = random.Random(7)
DOCUMENTS = [" ".join(CHOICE.choices(WORDS, k=CHOICE.randint(1, 5))) for _ in range(200)]
OTHERS = ["The quick fox's tail", "don't stop", "हिन्दी भाषा", "naïve café", "foo_bar baz-qux"]

Query = tuple[Any, ...]


@pytest.fixture(scope="module")
def cursor(server: Server) -> Iterator[Any]:
    with server.temporary_database() as name, server.connect(name) as connection, connection.cursor() as opened:
        opened.execute("CREATE TABLE docs (id INT PRIMARY KEY, body TEXT, FULLTEXT (body)) CHARACTER SET utf8mb4")
        opened.executemany("INSERT INTO docs VALUES (%s, %s)", list(enumerate([*DOCUMENTS, *OTHERS])))
        yield opened


def found(cursor: Any, search: str) -> set[int]:
    cursor.execute("SELECT id FROM docs WHERE MATCH (body) AGAINST (%s IN BOOLEAN MODE)", (search,))
    return {row[0] for row in cursor.fetchall()}


def bodies(cursor: Any, operator: str, text: str) -> list[str]:
    every = [*DOCUMENTS, *OTHERS]
    return [every[n] for n in sorted(found(cursor, boolean_search(operator, text)))]


def search_unless_refused(operator: str, text: str, *codes: str) -> str | None:
    try:
        return boolean_search(operator, text)
    except ApiError as refused:
        if refused.code in codes:
            return None
        raise


def written(query: Query) -> str:
    """The query in PostgreSQL's syntax."""
    kind, *rest = query
    match kind:
        case "phrase":
            return "<->".join(rest)
        case "prefix":
            return f"{rest[0][:3]}:*"
        case "not":
            return f"!({written(rest[0])})"
        case _:
            return "(" + (" & " if kind == "and" else " | ").join([written(each) for each in rest]) + ")"


def matches(query: Query, words: list[str]) -> bool:
    """Whether the query matches these words, by its PostgreSQL meaning."""
    kind, *rest = query
    match kind:
        case "phrase":
            return any(words[n : n + len(rest)] == rest for n in range(len(words)))
        case "prefix":
            return any(word.startswith(rest[0][:3]) for word in words)
        case "not":
            return not matches(rest[0], words)
        case "and":
            return all(matches(each, words) for each in rest)
        case _:
            return any(matches(each, words) for each in rest)


word = st.sampled_from(WORDS)
queries: st.SearchStrategy[Query] = st.recursive(
    st.tuples(st.just("phrase"), word)
    | st.tuples(st.just("phrase"), word, word)
    | st.tuples(st.just("prefix"), word),
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    | st.tuples(st.just("not"), inner),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=400)
@given(query=queries)
def test_a_query_finds_matching_rows_or_is_refused(cursor: Any, query: Query) -> None:
    search = search_unless_refused("fts", written(query), "0A000")
    if search is None:
        return
    expected = {number for number, body in enumerate(DOCUMENTS) if matches(query, body.split())}
    assert found(cursor, search) == expected


@settings(max_examples=300)
@given(
    operator=st.sampled_from(["plfts", "phfts", "wfts", "fts"]),
    text=st.text(max_size=30)
    | st.text(st.sampled_from("+-<>()~*\"'@& |!:abc\\%ß東\u0301 "), max_size=20)
    | st.lists(st.sampled_from(["+", "-", '"', "(", ")", "@5", "*", "or", "apple", "the", "x", "~", "<", "'"])).map(" ".join),
)  # fmt: skip
def test_no_query_causes_a_syntax_error_in_the_server(cursor: Any, operator: str, text: str) -> None:
    search = search_unless_refused(operator, text, "42601", "0A000")
    if search:
        found(cursor, search)


@pytest.mark.parametrize(
    "operator, text, expected",
    [
        ("plfts", "the quick fox", ["The quick fox's tail"]),
        ("plfts", "fox's", ["The quick fox's tail"]),
        ("plfts", "don't", ["don't stop"]),
        ("plfts", "हिन्दी", ["हिन्दी भाषा"]),
        ("plfts", "CAFÉ", ["naïve café"]),
        ("plfts", "baz-qux", ["foo_bar baz-qux"]),
        ("plfts", "foo_bar stop", []),
        ("phfts", "quick fox", ["The quick fox's tail"]),
        ("phfts", "fox quick", []),
        ("wfts", "stop or tail", ["The quick fox's tail", "don't stop"]),
        ("wfts", "tail -quick", []),
        ("fts", "qui:* & tail", ["The quick fox's tail"]),
    ],
)
def test_ordinary_words_are_found(cursor: Any, operator: str, text: str, expected: list[str]) -> None:
    assert bodies(cursor, operator, text) == expected
