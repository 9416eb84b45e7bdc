"""SQL as values: fragments that are composed, and the statements that they end as.

Unsafe SQL cannot be written down here. The text of a fragment is a literal of this program (`LiteralString`, which the
type checker enforces) or the name of something the catalog holds; whatever comes from a request is a parameter.
PyMySQL interpolates parameters with `%`, so a `%` of the text is doubled when the fragment is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import LiteralString, NamedTuple

Value = None | bool | int | float | Decimal | str | bytes
"""What a parameter may be; `api.database.literal` knows how each is written."""

MAX_STATEMENT_BYTES = 16_000
"""RDS Proxy pins a session for life on a statement text over 16 KB (16,384 bytes); a margin is kept."""


class Sql(NamedTuple):
    """A fragment of SQL: text with `%s` for each parameter, and the parameters in that order."""

    text: str
    parameters: tuple[Value, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


Statement = Sql
"""A whole statement, ready for `api.database.Session`."""

EMPTY = Sql("")


def sql(template: LiteralString, *parts: Sql) -> Sql:
    """Compose a fragment: each `{}` of the literal template takes the next part.

    >>> sql("SELECT {} WHERE 5 % 2 = {}", value("a"), value(1))
    Sql(text='SELECT %s WHERE 5 %% 2 = %s', parameters=('a', 1))
    """
    pieces = _pieces(template)
    if len(pieces) != len(parts) + 1:
        raise ValueError(f"{len(pieces) - 1} places for {len(parts)} parts in {template!r}")
    if len(parts) == 1:
        return Sql(pieces[0] + parts[0].text + pieces[1], parts[0].parameters)
    text = [pieces[0]]
    parameters: tuple[Value, ...] = ()
    for part, piece in zip(parts, pieces[1:], strict=True):
        text += (part.text, piece)
        parameters += part.parameters
    return Sql("".join(text), parameters)


@cache
def _pieces(template: LiteralString) -> Sequence[str]:
    """A template's text around its places; there are as many templates as this program's source has."""
    return template.replace("%", "%%").split("{}")


def value(parameter: Value) -> Sql:
    """A parameter: never part of the text."""
    return Sql("%s", (parameter,))


def values(parameters: Iterable[Value]) -> Sql:
    """Parameters separated by commas.

    >>> values([1, 2])
    Sql(text='%s,%s', parameters=(1, 2))
    """
    parameters = tuple(parameters)
    return Sql(",".join(["%s"] * len(parameters)), parameters)


def join(separator: LiteralString, parts: Iterable[Sql]) -> Sql:
    """Fragments with a literal between them.

    >>> join(" AND ", [value(1), value(2)])
    Sql(text='%s AND %s', parameters=(1, 2))
    """
    parts = tuple(parts)
    return Sql(
        separator.replace("%", "%%").join([part.text for part in parts]),
        tuple(parameter for part in parts for parameter in part.parameters),
    )


def quote_name(name: str) -> str:
    """A name as an identifier, for `api.catalog`, whose names come from the server itself.

    >>> quote_name("50% `of`")
    '`50%% ``of```'
    """
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"


def size(statement: Sql) -> int:
    """The bytes of the statement's text once its parameters are written into it; never less than they are.

    >>> size(sql("SELECT {}", value("it's"))) >= len("SELECT 'it\\\\'s'")
    True
    """
    return len(statement.text.encode()) + sum([literal_size(parameter) for parameter in statement.parameters])


def literal_size(parameter: Value) -> int:
    """The bytes of a parameter as a literal, at most."""
    if isinstance(parameter, str):
        length = len(parameter) if parameter.isascii() else len(parameter.encode(errors="surrogatepass"))
        return 2 * length + 12 if "\\" in parameter else length + parameter.count("'") + 2
    if isinstance(parameter, bytes):
        return 2 * len(parameter) + 11
    if isinstance(parameter, Decimal):
        return len(format(parameter, "f"))
    return len(str(parameter)) + 2
