"""Full text: the four dialects of PostgREST as MySQL's boolean mode.

InnoDB refuses misplaced operators (`@ "`), so only words and phrases of a request reach it; the operators are written
here
(https://dev.mysql.com/doc/refman/8.4/en/fulltext-boolean.html).

    plfts  plain    every word                       fat rats          +fat +rats
    phfts  phrase   the words in this order          fat rats          "fat rats"
    wfts   web      quotes, or, - before a word      "fat rats" -cat   +"fat rats" -cat
    fts    query    & | ! <-> :* and parentheses     fat & (rat|cat)   +fat +(rat cat)
"""

from __future__ import annotations

import re
from typing import Literal

from api.values.search_terms import And, Node, Not, Or, Words, inexpressible, words_of
from api.values.tsquery import parse_tsquery

SHORTEST_WORD = 3
"""The default of innodb_ft_min_token_size
(https://dev.mysql.com/doc/refman/8.4/en/fulltext-fine-tuning.html#fulltext-word-length)."""

STOP_WORDS = frozenset({
    "a", "about", "an", "are", "as", "at", "be", "by", "com", "de", "en", "for",
    "from", "how", "i", "in", "is", "it", "la", "of", "on", "or", "that", "the",
    "this", "to", "was", "what", "when", "where", "who", "will", "with", "und", "www",
})  # fmt: skip
"""InnoDB's default list (https://dev.mysql.com/doc/refman/8.4/en/fulltext-stopwords.html)."""

_FIRST_IDEOGRAM = "\u2e80"


def boolean_search(operator: str, text: str) -> str:
    """The boolean-mode string of `fts`, `plfts`, `phfts` or `wfts`; empty if it has no words: nothing matches.

    Raises:
        ApiError: 42601, a syntax error in `fts`; 0A000, a query that boolean mode does not support.

    >>> boolean_search("plfts", 'fat @ "rats'), boolean_search("phfts", "fat rats")
    ('+fat +rats', '"fat rats"')
    >>> boolean_search("wfts", '"fat rats" or cat -dog'), boolean_search("fts", "fat & (rat | cat:*) & !dog")
    ('(+cat -dog) "fat rats"', '+(cat* rat) +fat -dog')
    """
    node: Node
    if operator == "plfts":
        node = And(tuple([Words(words_of(chunk)) for chunk in text.split()]))
    elif operator == "phfts":
        node = Words(words_of(text))
    elif operator == "wfts":
        node = _web(text)
    else:
        node = parse_tsquery(text)
    return _top(_simplified(node))


def _top(node: Node | None) -> str:
    if node is None:
        return ""
    _check(node)
    if isinstance(node, And):
        text = _and(node.operands)
    else:
        text = _or(node.operands) if isinstance(node, Or) else _write(node)
    # InnoDB loses the matches of `word*` after a phrase, so `_ordered` writes phrases last
    if 0 <= text.find('"') < text.rfind("*"):
        raise inexpressible("prefix matching (:*) combined with phrases in this way")
    return text


_NOTHING_BUT_EXCLUDED = "a search that only excludes words: add a word to find, or negate the filter (not.fts)"


def _check(node: Node) -> None:
    """Boolean mode subtracts from what was found: a search that only excludes has nothing to subtract from.

    Raises:
        ApiError: 0A000.
    """
    match node:
        case Not():
            raise inexpressible(_NOTHING_BUT_EXCLUDED)
        case And(operands=operands):
            if all(isinstance(each, Not) for each in operands):
                raise inexpressible(_NOTHING_BUT_EXCLUDED)
            for each in operands:
                _check(each.operand if isinstance(each, Not) else each)
        case Or(operands=operands):
            for each in operands:
                _check(each)
        case Words():
            pass


def _and(operands: tuple[Node, ...]) -> str:
    indexed = any(not isinstance(each, Not) and not _unindexed(each) for each in operands)
    written: list[str] = []
    for each in _ordered(operands):
        if isinstance(each, Not):
            written.append(f"-{_write(each.operand)}")
        else:
            written.append(_write(each) if indexed and _unindexed(each) else f"+{_write(each)}")
    return " ".join(written)


def _unindexed(node: Node) -> bool:
    """A word that InnoDB leaves out of its index by default, so a search that requires it finds nothing.

    Next to other words it becomes optional, as PostgreSQL drops its stop words. Scripts without spaces between words
    have short words, and other indexes (ngram).
    """
    if not isinstance(node, Words) or node.prefix or len(node.words) != 1:
        return False
    word = node.words[0]
    return word.lower() in STOP_WORDS or (len(word) < SHORTEST_WORD and max(word) < _FIRST_IDEOGRAM)


def _or(operands: tuple[Node, ...]) -> str:
    return " ".join([_write(each) for each in _ordered(operands)])


def _ordered(operands: tuple[Node, ...]) -> list[Node]:
    """Prefixes first, then phrases, then excluded words: MariaDB only honours those at the end."""
    return sorted(
        operands, key=lambda each: (isinstance(each, Not), _holds(each, "phrase"), not _holds(each, "prefix"))
    )


def _holds(node: Node, what: Literal["phrase", "prefix"]) -> bool:
    match node:
        case Words(words=words, prefix=prefix):
            return prefix if what == "prefix" else len(words) > 1
        case Not(operand=operand):
            return _holds(operand, what)
        case And(operands=operands) | Or(operands=operands):
            return any(_holds(each, what) for each in operands)


def _write(node: Node) -> str:
    match node:
        case Words(words=words, prefix=prefix):
            if len(words) == 1:
                return f"{words[0]}*" if prefix else words[0]
            return '"' + " ".join(words) + '"'
        case And(operands=operands):
            return f"({_and(operands)})"
        case Or(operands=operands):
            return f"({_or(operands)})"
        case Not(operand=operand):
            return f"-{_write(operand)}"


def _simplified(node: Node) -> Node | None:
    """Without empty phrases, double negations and groups of one; None if nothing is left."""
    match node:
        case Words(words=words):
            return node if words else None
        case Not(operand=operand):
            inner = _simplified(operand)
            if inner is None:
                return None
            return inner.operand if isinstance(inner, Not) else Not(inner)
        case And(operands=operands):
            flat: list[Node] = []
            for each in _present(operands):
                flat.extend(each.operands if isinstance(each, And) else (each,))
            return And(tuple(flat)) if len(flat) > 1 else (flat[0] if flat else None)
        case Or(operands=operands):
            present = _present(operands)
            return Or(tuple(present)) if len(present) > 1 else (present[0] if present else None)


def _present(operands: tuple[Node, ...]) -> list[Node]:
    return [found for found in (_simplified(each) for each in operands) if found is not None]


_WEB = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


def _web(text: str) -> Node:
    """Web search: `or` separates alternatives, `-` excludes, quotes make phrases. There are no other operators."""
    alternatives: list[list[Node]] = [[]]
    for found in _WEB.finditer(text):
        minus, phrase, bare = found.groups(default="")
        if bare.lower() == "or" and not minus:
            alternatives.append([])
            continue
        term = Words(words_of(phrase or bare))
        alternatives[-1].append(Not(term) if minus else term)
    return Or(tuple([And(tuple(terms)) for terms in alternatives]))
