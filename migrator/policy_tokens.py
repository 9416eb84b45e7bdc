"""A policy's statement or expression as tokens, by MySQL's rules for strings, quoted names and numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from api.database.literal import literal
from migrator.errors import MigratorError

Kind = Literal["string", "name", "identifier", "word", "number", "operator"]

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>--(?=\s|\Z)[^\n]*|\#[^\n]*|/\*.*?\*/)
    |(?P<string>'(?:[^'\\]|\\.|'')*')
    |(?P<name>`(?:[^`]|``)+`)
    |(?P<identifier>"(?:[^"]|"")+")
    |(?P<number>0x[0-9a-fA-F]+(?!\w)|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w$]))
    |(?P<word>[\w$]+)
    |(?P<operator>->>|->|<=>|<=|>=|<>|!=|&&|<<|>>|\|(?!\|)|[-+*/%=<>!~^&(),.])""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is what the token means: a string without quotes, a name without backticks.

    An `identifier` is a name in double quotes, which is PostgreSQL's way: allowed in statements, not in expressions.
    """

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool = False
    """White space or a comment precedes the token."""

    @property
    def upper(self) -> str:
        """A word or an operator in capitals; empty for everything else, so that a string is never taken for a word."""
        return self.text.upper() if self.kind in ("word", "operator") else ""

    @property
    def is_name(self) -> bool:
        return self.kind in ("word", "name")

    @property
    def sql(self) -> str:
        """The token as SQL. A string means the same in every `sql_mode`."""
        if self.kind == "string":
            return literal(self.text)
        return quoted(self.text) if self.kind == "name" else self.text


def quoted(name: str) -> str:
    """A name in backticks."""
    return "`" + name.replace("`", "``") + "`"


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of `text`; comments are left out.

    Raises: `MigratorError` (`policy_syntax`) for a character that no policy may contain.
    """
    found: list[Token] = []
    position, spaced = 0, False
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise refused(text, position)
        position = match.end()
        kind = match.lastgroup
        if kind in ("space", "comment"):
            if text.startswith(("/*!", "/*+", "/*M!"), match.start()):
                raise refused(text, match.start())
            spaced = True
            continue
        meaning = match.group()
        if kind == "string":
            meaning = _ESCAPE.sub(lambda escape: _unescaped(escape[1]), meaning[1:-1])
        elif kind in ("name", "identifier"):
            meaning = meaning[1:-1].replace(meaning[0] * 2, meaning[0])
        found.append(Token(kind, meaning, match.start(), match.end(), spaced))  # type: ignore[arg-type]
        spaced = False
    return tuple(found)


def _unescaped(character: str | None) -> str:
    return "'" if character is None else _ESCAPES.get(character, character)


def refused(text: str, position: int) -> MigratorError:
    """`policy_syntax`: what is at this position is not allowed."""
    hints = {
        '"': "Write strings in single quotes and names in backticks.",
        "@": "Variables do not work in a policy; auth.claim('path') reads a claim of the caller's token.",
        "|": "Write OR, or CONCAT(a, b).",
    }
    what = text[position : position + 20]
    return MigratorError("policy_syntax", f"a policy cannot contain {what!r}", hint=hints.get(text[position]))


def matching(found: tuple[Token, ...], start: int) -> int:
    """The position of the parenthesis that closes the one at `start`.

    Raises: `MigratorError` (`policy_syntax`) if there is none.
    """
    depth = 0
    for position in range(start, len(found)):
        depth += {"(": 1, ")": -1}.get(found[position].upper, 0)
        if depth == 0:
            return position
    raise MigratorError("policy_syntax", "a parenthesis of the policy is never closed")
