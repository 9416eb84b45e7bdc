"""The four dialects of full-text search, translated to MySQL's boolean mode."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import ApiError
from api.values.fulltext import boolean_search


@pytest.mark.parametrize(
    "operator, text, search",
    [
        ("plfts", "fat rats", "+fat +rats"),
        ("plfts", 'fat @ "rats', "+fat +rats"),
        ("plfts", "+fat -rats* (cat) <dog> ~x@5", '+fat +rats +cat +dog +"x 5"'),
        ("plfts", "well-known", '"well known"'),
        ("plfts", "the cat", "the +cat"),
        ("plfts", "the a", "+the +a"),
        ("plfts", "", ""),
        ("plfts", "@ ' \" \\ %", ""),
        ("plfts", "Zoë हिन्दी 東京", "+Zoë +हिन्दी +東京"),
        ("phfts", "fat rats", '"fat rats"'),
        ("phfts", 'fat " rats', '"fat rats"'),
        ("phfts", "fat", "fat"),
        ("phfts", "", ""),
        ("wfts", "fat rats", "+fat +rats"),
        ("wfts", '"fat rats" cat', '+cat +"fat rats"'),
        ("wfts", "fat -rats", "+fat -rats"),
        ("wfts", 'fat -"dead rats"', '+fat -"dead rats"'),
        ("wfts", "fat or rats", "fat rats"),
        ("wfts", "fat big or rats thin", "(+fat +big) (+rats +thin)"),
        ("wfts", "or fat or or", "fat"),
        ("wfts", '"unclosed phrase', '"unclosed phrase"'),
        ("wfts", "don't", '"don t"'),
        ("wfts", "-", ""),
        ("fts", "fat", "fat"),
        ("fts", "fat & rats", "+fat +rats"),
        ("fts", "fat | rats", "fat rats"),
        ("fts", "fat & (rats | cat)", "+fat +(rats cat)"),
        ("fts", "fat & !rats", "+fat -rats"),
        ("fts", "!rats & fat", "+fat -rats"),
        ("fts", "!!fat", "fat"),
        ("fts", "fat <-> rats", '"fat rats"'),
        ("fts", "fat <1> big <-> rats", '"fat big rats"'),
        ("fts", "fat:*", "fat*"),
        ("fts", "fat:A & rats:*B", "+rats* +fat"),
        ("fts", "'fat rats' & cat", '+cat +"fat rats"'),
        ("fts", "'it''s'", '"it s"'),
        ("fts", "a | b & !c", "a (+b -c)"),
        ("fts", "", ""),
    ],
)
def test_a_query_is_translated_to_boolean_mode(operator: str, text: str, search: str) -> None:
    assert boolean_search(operator, text) == search


@pytest.mark.parametrize(
    "text", ["fat rats", "fat &", "& fat", "(fat", "fat)", "fat | | rats", "fat <-> ", "!", "'fat", "()"]
)
def test_an_invalid_query_is_an_error(text: str) -> None:
    with pytest.raises(ApiError, match="42601") as refused:
        boolean_search("fts", text)
    assert refused.value.status == 400
    assert refused.value.hint is not None


@pytest.mark.parametrize(
    "operator, text",
    [
        ("fts", "!fat"), ("wfts", "-fat"), ("fts", "fat | !rats"), ("fts", "fat & (rats | !cat)"),
        ("fts", "fat <2> rats"), ("fts", "(a | b) <-> c"), ("fts", "a:* <-> b"), ("fts", "'a b':*"),
        ("fts", "(a <-> b | c:*) & (d:* | e <-> f)"),
    ],
)  # fmt: skip
def test_what_boolean_mode_cannot_express_is_an_error(operator: str, text: str) -> None:
    with pytest.raises(ApiError, match="0A000"):
        boolean_search(operator, text)


def test_deeply_nested_parentheses_are_an_error_not_a_crash() -> None:
    with pytest.raises(ApiError, match="42601"):
        boolean_search("fts", "(" * 100_000)


@given(operator=st.sampled_from(["plfts", "phfts", "wfts", "fts"]), text=st.text())
def test_only_the_words_of_a_query_reach_the_server(operator: str, text: str) -> None:
    try:
        search = boolean_search(operator, text)
    except ApiError as refused:
        if refused.code in ("42601", "0A000"):
            return
        raise
    assert re.fullmatch(r'[\w\s"()+*\-\u0300-\U0010ffff]*', search)
    for word in re.findall(r"[^\s\"()+*-]+", search):
        assert word in text
