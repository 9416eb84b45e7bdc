"""The query language of `fts`, PostgreSQL's `to_tsquery`: words with `& | ! <->`, `:*`, quotes and parentheses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from api.errors import ApiError, codes, shorten
from api.values.search_terms import And, Node, Not, Or, Words, inexpressible, words_of

MAX_DEPTH = 50
"""The deepest nesting of parentheses and negations in a query of `fts`."""


def parse_tsquery(text: str) -> Node:
    """The tree of a query.

    Raises:
        ApiError: 42601, a syntax error; 0A000, boolean mode does not support it.
    """
    return _Query(text).parse()


_TOKEN = re.compile(
    r"\s*(?:(<->|<\d{1,5}>|[&|!()])|'((?:[^'\\]|''|\\.)*)'((?::[*A-Da-d]+)?)|([^\s&|!()<>':]+)((?::[*A-Da-d]+)?))",
    re.DOTALL,
)


class _Query:
    """A recursive descent parser: `!` binds closest, then `<->`, `&`, `|`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._tokens())
        self.position = 0

    def parse(self) -> Node:
        if not self.tokens:
            return And(())
        node = self._or(0)
        if self.position < len(self.tokens):
            raise self._error()
        return node

    def _tokens(self) -> Iterator[str | Words]:
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
                    raise inexpressible("prefix matching (:*) of a phrase")
                yield Words(words, prefix)
            position = found.end()

    def _error(self) -> ApiError:
        return ApiError(
            codes.SYNTAX_ERROR,
            f'syntax error in tsquery: "{shorten(self.text)}"',
            hint="Join words with & | ! <->, or use plfts, phfts or wfts for free text.",
        )

    def _take(self, *symbols: str) -> str | None:
        if self.position < len(self.tokens) and self.tokens[self.position] in symbols:
            self.position += 1
            return str(self.tokens[self.position - 1])
        return None

    def _or(self, depth: int) -> Node:
        operands = [self._and(depth)]
        while self._take("|"):
            operands.append(self._and(depth))
        return Or(tuple(operands)) if len(operands) > 1 else operands[0]

    def _and(self, depth: int) -> Node:
        operands = [self._phrase(depth)]
        while self._take("&"):
            operands.append(self._phrase(depth))
        return And(tuple(operands)) if len(operands) > 1 else operands[0]

    def _phrase(self, depth: int) -> Node:
        node = self._not(depth)
        while self.position < len(self.tokens) and str(self.tokens[self.position]).startswith("<"):
            distance = str(self.tokens[self.position])
            self.position += 1
            following = self._not(depth)
            if distance not in ("<->", "<1>"):
                raise inexpressible(f"the distance operator {distance}")
            if not isinstance(node, Words) or not isinstance(following, Words) or node.prefix or following.prefix:
                raise inexpressible("<-> between anything but whole words")
            node = Words(node.words + following.words)
        return node

    def _not(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._error()
        if self._take("!"):
            return Not(self._not(depth + 1))
        if self._take("("):
            node = self._or(depth + 1)
            if not self._take(")"):
                raise self._error()
            return node
        if self.position < len(self.tokens):
            token = self.tokens[self.position]
            if isinstance(token, Words):
                self.position += 1
                return token
        raise self._error()
