"""The values of `cs`, `cd` and `ov`: JSON arrays and objects, and PostgreSQL's array literals `{a,"b,c"}`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from json.encoder import encode_basestring

from api.catalog import ColumnType, Kind
from api.errors import invalid_value, undefined_operation
from api.values.numbers import no_constant

SET_SYNTAX = "Write a,b or {a,b} or a JSON array of strings."

# Possessive: no blank or character is tried in two ways, so that reading takes linear time.
_ELEMENT = re.compile(r'\s*+(?:"((?:[^"\\]|\\.)*+)"|([^",{}\\]*+(?:\\.[^",{}\\]*+)*+))\s*+(,|\Z)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def array_literal(text: str) -> tuple[str, ...] | None:
    r"""The elements of a one-dimensional PostgreSQL array literal; None if it is not valid.

    >>> array_literal('{a,"b,\\"c"}'), array_literal("{}"), array_literal("a"), array_literal("{a,}")
    (('a', 'b,"c'), (), None, None)
    """
    elements = _elements(text)
    return tuple([element for element, _ in elements]) if elements is not None else None


def _elements(text: str) -> list[tuple[str, bool]] | None:
    """Each element, and whether it was quoted."""
    text = text.strip()
    if len(text) < 2 or text[0] != "{" or text[-1] != "}":
        return None
    inner = text[1:-1]
    elements: list[tuple[str, bool]] = []
    position = 0
    more = bool(inner.strip())
    while more:
        found = _ELEMENT.match(inner, position)
        if found is None:
            return None
        quoted, bare = found.group(1, 2)
        if quoted is None and not bare.strip():
            return None
        elements.append((_ESCAPE.sub(r"\1", quoted if quoted is not None else bare.strip()), quoted is not None))
        position = found.end()
        more = bool(found[3])
    return elements


def set_members(text: str) -> tuple[str, ...] | None:
    """The words that name members of a SET: `a,b`, `{a,b}` or `["a","b"]`; None if the syntax is not valid.

    >>> set_members("a,b"), set_members("{a}"), set_members('["a"]'), set_members("")
    (('a', 'b'), ('a',), ('a',), ())
    """
    stripped = text.strip()
    if stripped.startswith("{"):
        return array_literal(stripped)
    if stripped.startswith("["):
        try:
            words = json.loads(stripped)
        except (ValueError, RecursionError):
            return None
        return tuple(words) if all(isinstance(word, str) for word in words) else None
    return tuple(text.split(",")) if stripped else ()


def containment_value(type_: ColumnType, text: str) -> str | tuple[str, ...]:
    """The right side of `cs`, `cd` and `ov`: JSON text for a JSON column, members (each once) for a SET.

    Raises:
        ApiError: 22P02, not a valid array or JSON, or a word that is not a member of the SET; 42883, the members of the
            SET are not known.
    """
    if type_.kind is not Kind.SET:
        return json_operand(text)
    if not type_.members:
        raise undefined_operation("The members of this SET cannot be read from the server", hint="Compare it with eq.")
    words = set_members(text)
    if words is None:
        raise invalid_value("set", text, details=SET_SYNTAX)
    return declared_members(words, type_)


def declared_members(words: tuple[str, ...], type_: ColumnType, column: str | None = None) -> tuple[str, ...]:
    """Words as members of a SET: each once, in declared order; unchanged if the members are not known.

    Raises:
        ApiError: 22P02, a word is not a member.
    """
    if not type_.members:
        return words
    member = member_finder(type_)
    chosen = set()
    for word in words:
        found = member(word)
        if found is None:
            raise invalid_value("set", word, column, f"Its members are: {', '.join(type_.members)}.")
        chosen.add(found)
    return tuple([one for one in type_.members if one in chosen])


def member_finder(type_: ColumnType) -> Callable[[str], str | None]:
    """The function from a string to the declared member: exact, or ignoring case if the collation does.

    MySQL garbles members beyond the basic plane. The members of such a type are not known, so any string may be one.
    """
    if not type_.members:
        return str
    exact = {member: member for member in type_.members}
    folded = dict(exact)
    if type_.collation is None or type_.collation.endswith("_ci"):
        for member in type_.members:
            folded.setdefault(member.casefold(), member)

    def find(text: str) -> str | None:
        found = exact.get(text)
        return found if found is not None else folded.get(text.casefold())

    return find


def json_operand(text: str) -> str:
    """The JSON text to compare a JSON column with: JSON as sent, or an array literal as an array of its elements.

    `{1,a,"2"}` becomes `[1,"a","2"]`: unquoted JSON numbers, true, false and null keep their type.

    Raises:
        ApiError: 22P02, neither JSON nor an array literal.

    >>> json_operand('{"k":1}'), json_operand("{a,2}")
    ('{"k":1}', '["a",2]')
    """
    try:
        json.loads(text, parse_float=Decimal, parse_constant=no_constant)
    except (ValueError, RecursionError):
        pass
    else:
        return text
    elements = _elements(text)
    if elements is None:
        raise invalid_value("json", text, details='Write ["a"], {"k":1} or {a,b}.')
    return (
        "["
        + ",".join(
            [
                element if _BARE.match(element) and not quoted else encode_basestring(element)
                for element, quoted in elements
            ]
        )
        + "]"
    )


_BARE = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z|true\Z|false\Z|null\Z", re.ASCII)
