"""Full text: the four dialects of PostgREST as MySQL's boolean mode.

InnoDB refuses a boolean string whose operators stand wrong (`@ "`), so that nothing of a request's text reaches it
but words, and phrases of words; the operators are written here
(https://dev.mysql.com/doc/refman/8.4/en/fulltext-boolean.html).

    plfts  plain    every word                       fat rats          +fat +rats
    phfts  phrase   the words in this order          fat rats          "fat rats"
    wfts   web      quotes, or, - before a word      "fat rats" -cat   +"fat rats" -cat
    fts    query    & | ! <-> :* and parentheses     fat & (rat|cat)   +fat +(rat cat)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from api.errors import ApiError, shorten

_ASCII_WORD = re.compile(r"[0-9A-Za-z_]+")

MAX_DEPTH = 50
"""Parentheses and negations within each other in a query of `fts`."""

SHORTEST_WORD = 3
"""innodb_ft_min_token_size as it comes
(https://dev.mysql.com/doc/refman/8.4/en/fulltext-fine-tuning.html#fulltext-word-length)."""

STOP_WORDS = frozenset(
    [
        "a",
        "about",
        "an",
        "are",
        "as",
        "at",
        "be",
        "by",
        "com",
        "de",
        "en",
        "for",
        "from",
        "how",
        "i",
        "in",
        "is",
        "it",
        "la",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "what",
        "when",
        "where",
        "who",
        "will",
        "with",
        "und",
        "www",
    ]
)
"""InnoDB's own (https://dev.mysql.com/doc/refman/8.4/en/fulltext-stopwords.html)."""

_FIRST_IDEOGRAM = "\u2e80"


@dataclass(frozen=True, slots=True)
class _Words:
    """Words that must stand one after the other; one word may be the beginning of a word only."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class _Not:
    operand: _Node


@dataclass(frozen=True, slots=True)
class _And:
    operands: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Or:
    operands: tuple[_Node, ...]


_Node = _Words | _Not | _And | _Or


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as InnoDB's parser finds them: letters, digits, underscores and marks; all else divides.

    >>> words_of("don't @ Zoë_1!")
    ('don', 't', 'Zoë_1')
    """
    if not text.isascii():
        text = "".join([each if each == "_" or unicodedata.category(each)[0] in "LMN" else " " for each in text])
        return tuple(text.split())
    return tuple(_ASCII_WORD.findall(text))


def boolean_search(operator: str, text: str) -> str:
    """The boolean-mode string of `fts`, `plfts`, `phfts` or `wfts`; empty when no word is asked for: nothing matches.

    Raises:
        ApiError: 42601, the text of `fts` is no query; 0A000, one that boolean mode cannot express.

    >>> boolean_search("plfts", 'fat @ "rats'), boolean_search("phfts", "fat rats")
    ('+fat +rats', '"fat rats"')
    >>> boolean_search("wfts", '"fat rats" or cat -dog'), boolean_search("fts", "fat & (rat | cat:*) & !dog")
    ('(+cat -dog) "fat rats"', '+(cat* rat) +fat -dog')
    """
    node: _Node
    if operator == "plfts":
        node = _And(tuple([_Words(words_of(chunk)) for chunk in text.split()]))
    elif operator == "phfts":
        node = _Words(words_of(text))
    elif operator == "wfts":
        node = _web(text)
    else:
        node = _Query(text).parse()
    return _top(_simplified(node))


def _top(node: _Node | None) -> str:
    if node is None:
        return ""
    _check(node)
    if isinstance(node, _And):
        text = _and(node.operands)
    else:
        text = _or(node.operands) if isinstance(node, _Or) else _write(node)
    if _PREFIX_AFTER_PHRASE.search(text):
        raise _inexpressible("beginnings of words (:*) together with phrases in this way")
    return text


_PREFIX_AFTER_PHRASE = re.compile(r'".*\*', re.DOTALL)
"""InnoDB forgets what a `word*` found when a phrase stands before it, so that `_ordered` writes phrases last."""


def _check(node: _Node) -> None:
    """Boolean mode subtracts from what was found; it has no rows to subtract from when nothing else is asked for.

    Raises:
        ApiError: 0A000.
    """
    match node:
        case _Not():
            raise _inexpressible("rows but those that lack a word: ask for a word too, or negate the filter (not.fts)")
        case _And(operands=operands):
            if all(isinstance(each, _Not) for each in operands):
                _check(operands[0])
            for each in operands:
                _check(each.operand if isinstance(each, _Not) else each)
        case _Or(operands=operands):
            for each in operands:
                _check(each)
        case _Words():
            pass


def _and(operands: tuple[_Node, ...]) -> str:
    indexed = any(not isinstance(each, _Not) and not _unindexed(each) for each in operands)
    written: list[str] = []
    for each in _ordered(operands):
        if isinstance(each, _Not):
            written.append(f"-{_write(each.operand)}")
        else:
            written.append(_write(each) if indexed and _unindexed(each) else f"+{_write(each)}")
    return " ".join(written)


def _unindexed(node: _Node) -> bool:
    """A word that InnoDB leaves out of its index (unless configured otherwise), so that demanding it finds nothing.

    Beside other words it is made optional, as PostgreSQL drops its stop words. Scripts without spaces between words
    have short words, and indexes of their own (ngram).
    """
    if not isinstance(node, _Words) or node.prefix or len(node.words) > 1:
        return False
    word = node.words[0]
    return word.lower() in STOP_WORDS or (len(word) < SHORTEST_WORD and max(word) < _FIRST_IDEOGRAM)


def _or(operands: tuple[_Node, ...]) -> str:
    return " ".join([_write(each) for each in _ordered(operands)])


def _ordered(operands: tuple[_Node, ...]) -> list[_Node]:
    """Excluded words last, the only place where MariaDB heeds them; before them prefixes, then phrases."""
    return sorted(
        operands, key=lambda each: (isinstance(each, _Not), _holds(each, "phrase"), not _holds(each, "prefix"))
    )


def _holds(node: _Node, what: Literal["phrase", "prefix"]) -> bool:
    match node:
        case _Words(words=words, prefix=prefix):
            return prefix if what == "prefix" else len(words) > 1
        case _Not(operand=operand):
            return _holds(operand, what)
        case _And(operands=operands) | _Or(operands=operands):
            return any(_holds(each, what) for each in operands)


def _write(node: _Node) -> str:
    match node:
        case _Words(words=words, prefix=prefix):
            if len(words) == 1:
                return f"{words[0]}*" if prefix else words[0]
            return '"' + " ".join(words) + '"'
        case _And(operands=operands):
            return f"({_and(operands)})"
        case _Or(operands=operands):
            return f"({_or(operands)})"
        case _Not(operand=operand):
            return f"-{_write(operand)}"


def _simplified(node: _Node) -> _Node | None:
    """Without empty phrases, doubled negations and groups of one; None: nothing is left."""
    match node:
        case _Words(words=words):
            return node if words else None
        case _Not(operand=operand):
            inner = _simplified(operand)
            if inner is None:
                return None
            return inner.operand if isinstance(inner, _Not) else _Not(inner)
        case _And(operands=operands):
            flat: list[_Node] = []
            for each in _present(operands):
                flat.extend(each.operands if isinstance(each, _And) else (each,))
            return _And(tuple(flat)) if len(flat) > 1 else (flat[0] if flat else None)
        case _Or(operands=operands):
            present = _present(operands)
            return _Or(tuple(present)) if len(present) > 1 else (present[0] if present else None)


def _present(operands: tuple[_Node, ...]) -> list[_Node]:
    return [found for found in (_simplified(each) for each in operands) if found is not None]


_WEB = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


def _web(text: str) -> _Node:
    """Web search: `or` divides what is ANDed, `-` excludes, quotes make phrases. Anything else is no operator."""
    alternatives: list[list[_Node]] = [[]]
    for found in _WEB.finditer(text):
        minus, phrase, bare = found.groups(default="")
        if bare.lower() == "or" and not minus:
            alternatives.append([])
            continue
        term = _Words(words_of(phrase or bare))
        alternatives[-1].append(_Not(term) if minus else term)
    return _Or(tuple([_And(tuple(terms)) for terms in alternatives]))


_TOKEN = re.compile(
    r"\s*(?:(<->|<\d{1,5}>|[&|!()])|'((?:[^'\\]|''|\\.)*)'((?::[*A-Da-d]+)?)|([^\s&|!()<>':]+)((?::[*A-Da-d]+)?))",
    re.DOTALL,
)


class _Query:
    """The grammar of PostgreSQL's `to_tsquery`: `!` binds closest, then `<->`, `&`, `|`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._tokens())
        self.position = 0

    def parse(self) -> _Node:
        if not self.tokens:
            return _And(())
        node = self._or(0)
        if self.position < len(self.tokens):
            raise self._error()
        return node

    def _tokens(self) -> Iterator[str | _Words]:
        end = len(self.text.rstrip())
        position = 0
        while position < end:
            found = _TOKEN.match(self.text, position)
            if found is None:
                raise self._error()
            symbol, quoted, quoted_flags, bare, bare_flags = found.groups()
            if symbol is not None:
                yield symbol
            else:
                words = words_of(quoted if quoted is not None else bare)
                prefix = "*" in (quoted_flags or bare_flags or "")
                if prefix and len(words) > 1:
                    raise _inexpressible("a phrase with the beginning of a word")
                yield _Words(words, prefix)
            position = found.end()

    def _error(self) -> ApiError:
        return ApiError(
            400,
            "42601",
            f'syntax error in tsquery: "{shorten(self.text)}"',
            hint="Join words by & | ! <->, or use plfts, phfts or wfts for free text.",
        )

    def _take(self, *symbols: str) -> str | None:
        if self.position < len(self.tokens) and self.tokens[self.position] in symbols:
            self.position += 1
            return str(self.tokens[self.position - 1])
        return None

    def _or(self, depth: int) -> _Node:
        operands = [self._and(depth)]
        while self._take("|"):
            operands.append(self._and(depth))
        return _Or(tuple(operands)) if len(operands) > 1 else operands[0]

    def _and(self, depth: int) -> _Node:
        operands = [self._phrase(depth)]
        while self._take("&"):
            operands.append(self._phrase(depth))
        return _And(tuple(operands)) if len(operands) > 1 else operands[0]

    def _phrase(self, depth: int) -> _Node:
        node = self._not(depth)
        while self.position < len(self.tokens) and str(self.tokens[self.position]).startswith("<"):
            distance = str(self.tokens[self.position])
            self.position += 1
            following = self._not(depth)
            if distance not in ("<->", "<1>"):
                raise _inexpressible(f"the distance {distance}")
            if not isinstance(node, _Words) or not isinstance(following, _Words) or node.prefix or following.prefix:
                raise _inexpressible("<-> between anything but whole words")
            node = _Words(node.words + following.words)
        return node

    def _not(self, depth: int) -> _Node:
        if depth > MAX_DEPTH:
            raise self._error()
        if self._take("!"):
            return _Not(self._not(depth + 1))
        if self._take("("):
            node = self._or(depth + 1)
            if not self._take(")"):
                raise self._error()
            return node
        if self.position < len(self.tokens):
            token = self.tokens[self.position]
            if isinstance(token, _Words):
                self.position += 1
                return token
        raise self._error()


def _inexpressible(what: str) -> ApiError:
    return ApiError(400, "0A000", f"MySQL's full-text search has no {what}")
