"""Split SQL text into statements, by the rules of the `mysql` command line client.

`;` ends a statement, except in a string, a quoted name, a comment, or the BEGIN ... END body of a routine, trigger or
event; `DELIMITER //` at the start of a line changes what ends a statement. Unlike the client, this scanner needs no
DELIMITER around bodies; inside a DELIMITER section only the delimiter ends a statement.

sqlparse (which yoyo-migrations also uses) does not know DELIMITER and reads `5--1` as a comment, sqlglot does not keep
routine bodies, and MySQL Connector's splitter is a private module of a 30 MB package: hence this scanner.
https://dev.mysql.com/doc/refman/8.4/en/mysql-commands.html https://dev.mysql.com/doc/refman/8.4/en/comments.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from migrator.errors import MigratorError

_DELIMITER_COMMAND = re.compile(r"delimiter(?:[ \t]+(?P<text>\S+))?[ \t]*\r?(?=\n|\Z)", re.IGNORECASE)
_NEXT_WORD = re.compile(r"\s+(\w+)")
_WITH_BODY = frozenset({"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"})
_WITHOUT_BODY = frozenset({"TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "USER", "ROLE", "SEQUENCE"})
_ENDS_A_CLAUSE = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without its delimiter and the comments before it; `line` is its line in the file, from 1."""

    text: str
    line: int

    @property
    def words(self) -> tuple[str, ...]:
        """The first two words in capitals, which identify the kind of statement."""
        return tuple(word.upper() for word in re.findall(r"[A-Za-z_]+", self.text[:200])[:2])


def split(text: str) -> tuple[Statement, ...]:
    """All statements of `text`, in order; comments alone are not a statement.

    >>> split("SELECT ';' -- one; only\\n; SELECT 2")
    (Statement(text="SELECT ';' -- one; only", line=1), Statement(text='SELECT 2', line=2))

    Raises: `MigratorError` (`sql_unterminated`) with the line where an unterminated string, comment or body begins.
    """
    return tuple(_Scanner(text).statements())


@lru_cache(maxsize=32)
def _tokens(delimiter: str) -> re.Pattern[str]:
    """A pattern for one token of SQL: only what is needed to see where a statement ends."""
    end = re.escape(delimiter)
    return re.compile(
        rf"""(?P<end>{end})
        |(?P<comment>--(?=[\s\x00-\x1f]|\Z)[^\n]*|\#[^\n]*|/\*(?![!+]|M!).*?\*/)
        |(?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|/\*.*?\*/)
        |(?P<open>['"`]|/\*)
        |(?P<word>(?:(?!{end})[\w$])+)
        |(?P<space>\s+)
        |(?P<other>.)""",
        re.DOTALL | re.VERBOSE,
    )


class _Body:
    """How deeply the scanner is nested in BEGIN ... END and CASE ... END of a routine's body."""

    def __init__(self) -> None:
        self.words = 0
        self.has_body: bool | None = None
        self.depth = 0
        self.previous = ""

    def word(self, word: str, before: str, following: str) -> None:
        """Count `word`; `before` is the character in front of it, `following` the next word."""
        self.words += 1
        if self.words == 1 and word not in {"CREATE", "ALTER"}:
            self.has_body = False
        if self.has_body is None and word in _WITH_BODY | _WITHOUT_BODY:
            self.has_body = word in _WITH_BODY
        if self.has_body and before not in {".", "@"}:
            if word == "BEGIN" or (word == "CASE" and self.previous != "END"):
                self.depth += 1
            elif word == "END" and following not in _ENDS_A_CLAUSE and self.depth:
                self.depth -= 1
        self.previous = word


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.delimiter = ";"
        self.counted = (0, 1)  # a position, and the number of its line

    def statements(self) -> list[Statement]:
        found: list[Statement] = []
        while (statement := self.next()) is not None:
            found.append(statement)
        return found

    def next(self) -> Statement | None:
        start: int | None = None
        body = _Body()
        while self.position < len(self.text):
            if start is None and self.changed_delimiter():
                continue
            token = _tokens(self.delimiter).match(self.text, self.position)
            assert token is not None  # noqa: S101 - the last alternative takes any character
            self.position = token.end()
            kind = token.lastgroup
            if kind == "open":
                raise self.unterminated(token.start(), f"the {_OPENED[token.group()]} that begins here never ends")
            if kind == "end" and not (body.depth and self.delimiter == ";"):
                if start is not None:
                    return self.statement(start, token.start())
            elif kind not in {"comment", "space"} and start is None:
                start = token.start()
            if kind == "word":
                body.word(token.group().upper(), self.text[token.start() - 1 : token.start()], self.following())
        if start is None:
            return None
        if body.depth and self.delimiter == ";":
            raise self.unterminated(
                start,
                "the BEGIN or CASE of this statement has no END",
                "If a column is named begin, case or end, quote it with backticks, or set a DELIMITER around this.",
            )
        return self.statement(start, len(self.text))

    def changed_delimiter(self) -> bool:
        command = _DELIMITER_COMMAND.match(self.text, self.position)
        line = self.text[self.text.rfind("\n", 0, self.position) + 1 : self.position]
        if command is None or line.strip():
            return False
        if command["text"] is None or "\\" in command["text"]:
            raise self.unterminated(self.position, "DELIMITER must be followed by a delimiter without a backslash")
        self.delimiter = command["text"]
        self.position = command.end()
        return True

    def following(self) -> str:
        after = _NEXT_WORD.match(self.text, self.position)
        return after[1].upper() if after else ""

    def statement(self, start: int, end: int) -> Statement:
        return Statement(self.text[start:end].rstrip(), self.line(start))

    def line(self, position: int) -> int:
        before, line = self.counted if self.counted[0] <= position else (0, 1)
        self.counted = (position, line + self.text.count("\n", before, position))
        return self.counted[1]

    def unterminated(self, position: int, message: str, hint: str | None = None) -> MigratorError:
        return MigratorError("sql_unterminated", f"line {self.line(position)}: {message}", hint=hint)


_OPENED = {"'": "string", '"': "string", "`": "quoted name", "/*": "comment"}
