"""SQL as values: fragments, and the statements composed of them.

Unsafe SQL cannot be expressed here. A fragment's text is a literal of this program (`LiteralString`, which the type
checker enforces) or, through `trusted`, a quoted name from the catalog; everything that comes from a request is a
parameter. PyMySQL interpolates parameters with `%`, so a `%` in the text is doubled when the fragment is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import LiteralString, NamedTuple

Value = None | bool | int | float | Decimal | str | bytes
"""The types of a parameter; `api.database.literal` writes each as a literal."""

MAX_STATEMENT_BYTES = 16_000
"""RDS Proxy pins a session for life when a statement is longer than 16 KB (16,384 bytes). This leaves a margin."""

LONGEST_PART = MAX_STATEMENT_BYTES // 2
"""A longer part of a statement (its select list, one literal) leaves too little room for the keys and conditions."""


class Sql(NamedTuple):
    """A fragment of SQL: text with `%s` for each parameter, and the parameters in the same order."""

    text: str
    parameters: tuple[Value, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


Statement = Sql
"""A complete statement, ready for `api.database.Session`."""

EMPTY = Sql("")

_new = tuple.__new__
"""Makes a fragment in half the time of `Sql(...)`: 60 ns instead of 123. A statement has dozens of fragments."""


def sql(template: LiteralString, *parts: Sql) -> Sql:
    """Compose a fragment: each `{}` in the literal template takes the next part.

    >>> sql("SELECT {} WHERE 5 % 2 = {}", value("a"), value(1))
    Sql(text='SELECT %s WHERE 5 %% 2 = %s', parameters=('a', 1))

    Raises: `ValueError` unless there are as many parts as placeholders.
    """
    pieces = _pieces(template)
    if len(pieces) != len(parts) + 1:
        raise ValueError(f"{len(pieces) - 1} placeholders for {len(parts)} parts in {template!r}")
    if len(parts) == 1:
        return _new(Sql, (pieces[0] + parts[0].text + pieces[1], parts[0].parameters))
    text = [pieces[0]]
    parameters: tuple[Value, ...] = ()
    for part, piece in zip(parts, pieces[1:], strict=True):
        text += (part.text, piece)
        parameters += part.parameters
    return _new(Sql, ("".join(text), parameters))


@cache
def _pieces(template: LiteralString) -> Sequence[str]:
    """A template's text around its placeholders. The cache is bounded by the number of literals in this program."""
    return template.replace("%", "%%").split("{}")


def trusted(text: str, parameters: tuple[Value, ...] = ()) -> Sql:
    """The only way from a string that is not a literal to SQL: a name or an expression that the server's own catalog
    gave, an alias or a number of this program. Nothing that came with a request. A `%` in it is doubled already, except
    in the `%s` of each parameter.

    `tests/unit/test_sql_door.py` lists who calls it.
    """
    return _new(Sql, (text, parameters))


def value(parameter: Value) -> Sql:
    """A parameter, which is never part of the text."""
    return _new(Sql, ("%s", (parameter,)))


def values(parameters: Iterable[Value]) -> Sql:
    """Parameters separated by commas.

    >>> values([1, 2])
    Sql(text='%s,%s', parameters=(1, 2))
    """
    parameters = tuple(parameters)
    return Sql(",".join(["%s"] * len(parameters)), parameters)


def join(separator: LiteralString, parts: Iterable[Sql]) -> Sql:
    """Fragments joined by a literal separator.

    >>> join(" AND ", [value(1), value(2)])
    Sql(text='%s AND %s', parameters=(1, 2))
    """
    parts = tuple(parts)
    return Sql(
        separator.replace("%", "%%").join([part.text for part in parts]),
        tuple(parameter for part in parts for parameter in part.parameters),
    )


def with_parameters(statement: Sql, positions: Sequence[int], parameters: Sequence[Value]) -> Sql:
    """The statement with other parameters at these positions.

    >>> with_parameters(sql("a = {} AND b = {}", value(1), value(2)), [1], [3])
    Sql(text='a = %s AND b = %s', parameters=(1, 3))
    """
    changed = [*statement.parameters]
    for position, parameter in zip(positions, parameters, strict=True):
        changed[position] = parameter
    return _new(Sql, (statement.text, tuple(changed)))


class Frame(NamedTuple):
    """A statement around the places of one fragment."""

    pieces: tuple[str, ...]
    parameters: tuple[tuple[Value, ...], ...]

    def filled(self, fragment: Sql) -> Sql:
        """The statement with this fragment in each of the places."""
        parameters = self.parameters[0]
        for further in self.parameters[1:]:
            parameters += fragment.parameters + further
        return _new(Sql, (fragment.text.join(self.pieces), parameters))


def frame_of(statement: Sql, fragment: Sql) -> Frame | None:
    """The statement around a fragment, whose only parameter is a value that occurs nowhere else; None where the same
    text stands for something else.

    >>> mark = value("a mark")
    >>> frame = frame_of(sql("SELECT {},({}) AND b={}", value(1), sql("a={}", mark), value(2)), sql("a={}", mark))
    >>> frame and frame.filled(sql("c>{}", value(3)))
    Sql(text='SELECT %s,(c>%s) AND b=%s', parameters=(1, 3, 2))
    >>> frame_of(sql("a={} OR a={}", mark, value(1)), sql("a={}", mark))
    """
    pieces, (mark,) = statement.text.split(fragment.text), fragment.parameters
    marks = [number for number, parameter in enumerate(statement.parameters) if parameter == mark]
    if len(pieces) != len(marks) + 1:
        return None
    ends = (*marks, len(statement.parameters))
    parts = [
        statement.parameters[start:end] for start, end in zip((0, *[each + 1 for each in marks]), ends, strict=True)
    ]
    return Frame(tuple(pieces), tuple(parts))


@lru_cache(maxsize=4096)  # tables share most of their columns' names
def quote_name(name: str) -> str:
    """A name as a quoted identifier. Only for `api.catalog`, whose names come from the server itself.

    >>> quote_name("50% `of`")
    '`50%% ``of```'
    """
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"


def size(statement: Sql) -> int:
    """The statement's length in bytes once its parameters are written into it. May be too high, never too low.

    >>> size(sql("SELECT {}", value("it's"))) >= len("SELECT 'it\\\\'s'")
    True
    """
    placeholders = len("%s") * len(statement.parameters)
    literals = sum([literal_size(parameter) for parameter in statement.parameters])
    return len(statement.text.encode()) - placeholders + literals


def avoidably_long(statement: Sql) -> bool:
    """Whether a statement is too long to be sent, and no single value is the reason: fewer conditions or columns would
    make it short.

    >>> avoidably_long(sql("SELECT {}", value("x" * 20_000)))
    False
    >>> avoidably_long(sql("SELECT {}", values(range(20_000))))
    True
    """
    places = 2 * len(statement.parameters)  # each literal takes the place of a `%s`
    if size(statement) - places <= MAX_STATEMENT_BYTES:
        return False
    return all(literal_size(parameter) < LONGEST_PART for parameter in statement.parameters)


def literal_size(parameter: Value) -> int:
    """The most bytes that a parameter can take as a literal."""
    if isinstance(parameter, str):
        length = len(parameter) if parameter.isascii() else len(parameter.encode(errors="surrogatepass"))
        return 2 * length + 12 if "\\" in parameter else length + parameter.count("'") + 2
    if isinstance(parameter, bytes):
        return 2 * len(parameter) + 11
    if isinstance(parameter, Decimal):
        return len(format(parameter, "f"))
    return len(str(parameter)) + 2
