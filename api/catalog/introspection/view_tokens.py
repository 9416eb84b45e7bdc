"""The canonical text of views as tokens, and functions that split it outside parentheses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum


class TokenKind(Enum):
    """The kind of a token."""

    NAME = "name"  # `quoted`
    WORD = "word"
    CONSTANT = "constant"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """A token. Words are in lower case; names are without their quotes."""

    kind: TokenKind
    text: str


class Unknown(Exception):
    """The text is not in the canonical form."""


_TOKEN = re.compile(
    r"""(?P<space>\s+|/\*.*?\*/)
    |`(?P<name>(?:[^`]|``)*)`
    |(?P<constant>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|(?:0x[0-9a-f]+|0b[01]+|\d[\w.]*(?:(?<=e)[-+]\d+)?)\b)
    |(?P<word>[\w$@]+)
    |(?P<symbol><=>|<>|>=|<=|!=|:=|->>|->|\|\||&&|<<|>>|.)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens of a definition.

    >>> [token.text for token in tokens_of("select `a``b`.`c` AS `d`")]
    ['select', 'a`b', '.', 'c', 'as', 'd']
    """
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        group = match.lastgroup or "space"
        if group == "name":
            found.append(Token(TokenKind.NAME, match["name"].replace("``", "`")))
        elif group == "word":
            found.append(Token(TokenKind.WORD, match["word"].lower()))
        elif group != "space":
            found.append(Token(TokenKind(group), match[group]))
    return tuple(found)


def is_word(token: Token, text: str) -> bool:
    """Whether the token is this keyword, given in lower case."""
    return token.kind is TokenKind.WORD and token.text == text


def outside_parentheses(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """The tokens outside all parentheses, with their positions.

    Raises: `Unknown` for a closing parenthesis without an opening one.
    """
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.SYMBOL and token.text in ("(", ")"):
            depth += 1 if token.text == "(" else -1
            if depth < 0:
                raise Unknown
        elif depth == 0:
            yield index, token


def split(tokens: Sequence[Token], separator: str) -> list[Sequence[Token]]:
    """The parts between separators, ignoring those inside parentheses."""
    parts, start = [], 0
    for index, token in outside_parentheses(tokens):
        if token.text == separator and token.kind in (TokenKind.SYMBOL, TokenKind.WORD):
            parts.append(tokens[start:index])
            start = index + 1
    return [*parts, tokens[start:]]


def bare(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without any parentheses that enclose all of them."""
    while len(tokens) >= 2 and tokens[0].text == "(" and tokens[0].kind is TokenKind.SYMBOL:
        if any(index for index, _ in outside_parentheses(tokens)) or _closing(tokens) != len(tokens) - 1:
            return tokens
        tokens = tokens[1:-1]
    return tokens


def in_parentheses(tokens: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """What the parentheses at the start enclose, and what follows them.

    Raises: `Unknown` if there are none, or if they are not closed.
    """
    closing = _closing(tokens)
    if not closing:
        raise Unknown
    return tokens[1:closing], tokens[closing + 1 :]


def _closing(tokens: Sequence[Token]) -> int | None:
    """The position of the parenthesis that closes the one at the start; 0 if there is none at the start."""
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.SYMBOL:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0:
            return index
    return None
