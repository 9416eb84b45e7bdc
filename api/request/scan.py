"""The parts of the grammar: names, fields, quoted strings, and how failures are reported.

A scanner takes a text and a position and returns what it read and the position after it, or raises `Unexpected`. The
functions that parse a whole parameter turn that into the answer's error.
"""

from __future__ import annotations

import re

from api import errors
from api.request.query import AggregateField, Field, JsonStep

FIELD_NAME = "field name (* or [a..z0..9_$])"
MAX_DEPTH = 100
"""Levels of `and`/`or`, and of embedding: more than any statement allows, fewer than Python's stack."""
AGGREGATES = ("avg", "count", "max", "min", "sum")
_MAX_INDEX = 2**31 - 1

_BLANKS = re.compile(r"[ \t]*")
_NAME = re.compile(r'[ \t]*(?:"((?:[^"\\]|\\.)*)"[ \t]*|([\w$ ]+(?:-(?!>)[\w$ ]+)*))', re.DOTALL)
_STEP = re.compile(
    r'->(>?)(?:"((?:[^"\\]|\\.)*)"[ \t]*|(-?[0-9]+)[ \t]*(?=->|::|[.,)]|$)|([^(\-:.,>)]+(?:-(?!>)[^(\-:.,>)]+)*))',
    re.DOTALL,
)
_COUNT = re.compile(r"[ \t]*count\(\)")
_AGGREGATE = re.compile(rf"(?:::([\w $]+))?\.({'|'.join(AGGREGATES)})\(\)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Unexpected(Exception):
    """The text at `position` is not what was `expected`."""

    def __init__(self, position: int, expected: str, hint: str | None = None) -> None:
        super().__init__(expected)
        self.position = position
        self.expected = expected
        self.hint = hint

    def refusal(self, what: str, text: str, whole: str | None = None) -> errors.ApiError:
        """PGRST100 for the parameter `text`; positions count in `whole`, if given."""
        scanned = text if whole is None else whole
        found = f'"{scanned[self.position]}"' if self.position < len(scanned) else "end of input"
        details = f"unexpected {found} expecting {self.expected}"
        return errors.parse_failed(what, text, details, self.hint, self.position + 1)


def unescape(text: str) -> str:
    """The inside of a quoted string without its escapes.

    >>> unescape(r'a\\"b')
    'a"b'
    """
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def skip_blanks(text: str, position: int) -> int:
    """The position after blanks and tabs."""
    found = _BLANKS.match(text, position)
    return found.end() if found else position


def name_at(text: str, position: int) -> tuple[str, int]:
    """A name, plain or quoted, with the blanks around it.

    >>> name_at("identifier-with-dashes->a", 0)
    ('identifier-with-dashes', 22)
    >>> name_at(" no outer blanks .", 0)
    ('no outer blanks', 17)
    >>> name_at('" any: character. "', 0)
    (' any: character. ', 19)
    >>> name_at(":", 0)
    Traceback (most recent call last):
    ...
    api.request.scan.Unexpected: field name (* or [a..z0..9_$])
    """
    found = _NAME.match(text, position)
    if found is None:
        raise Unexpected(skip_blanks(text, position), FIELD_NAME)
    quoted, plain = found.groups()
    name = unescape(quoted) if quoted is not None else plain.strip()
    if not name:
        raise Unexpected(position, FIELD_NAME)
    return name, found.end()


def field_at(text: str, position: int) -> tuple[Field, int]:
    """A column and the path into its JSON. No step can follow `->>`, which returns text.

    >>> field_at('data->a->>"b.c"', 0)
    (Field(name='data', path=(JsonStep(key='a', as_text=False), JsonStep(key='b.c', as_text=True))), 15)
    >>> field_at("data->-1.desc", 0)
    (Field(name='data', path=(JsonStep(key=-1, as_text=False),)), 8)
    """
    name, position = name_at(text, position)
    if not text.startswith("->", position):
        return Field(name), position
    steps: list[JsonStep] = []
    while text.startswith("->", position):
        if steps and steps[-1].as_text:
            raise Unexpected(position, "no step after ->>, whose result is text")
        found = _STEP.match(text, position)
        if found is None:
            raise Unexpected(*_bad_step(text, position))
        arrow, quoted, index, key = found.groups()
        steps.append(JsonStep(_step_key(position, quoted, index, key), arrow == ">"))
        position = found.end()
    return Field(name, tuple(steps)), position


def value_field_at(text: str, position: int) -> tuple[Field, int]:
    """A field, or an aggregate of one: what filters compare and orders sort by.

    >>> value_field_at("population.sum().gt.5", 0)  # doctest: +ELLIPSIS
    (AggregateField(name='population', path=(), aggregate='sum', cast=None), 16)
    >>> value_field_at("count()", 0)
    (AggregateField(name='', path=(), aggregate='count', cast=None), 7)
    """
    if (bare := _COUNT.match(text, position)) is not None:
        return AggregateField(""), bare.end()
    field, end = field_at(text, position)
    found = _AGGREGATE.match(text, end)
    if found is None:
        return field, end
    cast, function = found.groups()
    return AggregateField(field.name, field.path, function, cast.strip().lower() if cast else None), found.end()


def _step_key(position: int, quoted: str | None, index: str | None, key: str) -> str | int:
    if quoted is not None:
        return unescape(quoted)
    if index is not None:
        if len(index) > 11 or abs(int(index)) > _MAX_INDEX:
            raise Unexpected(position, f"an array index of at most {_MAX_INDEX}")
        return int(index)
    if not key.strip():
        raise Unexpected(position, "a JSON key")
    return key.strip()


def _bad_step(text: str, position: int) -> tuple[int, str]:
    position += 3 if text.startswith("->>", position) else 2
    if text.startswith("-", position):
        return position + 1, "digit"
    return position, "any non reserved character different from: .,>()"


def comma_names(what: str, text: str) -> tuple[str, ...]:
    """The names of `columns=` and `on_conflict=`, each once.

    >>> comma_names("columns parameter", '"b", a')
    ('b', 'a')

    Raises: `ApiError` PGRST100.
    """
    names: list[str] = []
    position = 0
    try:
        while True:
            name, position = name_at(text, position)
            names.append(name)
            if position == len(text):
                return tuple(dict.fromkeys(names))
            if text[position] != ",":
                raise Unexpected(position, 'letter, digit, "-", "," or end of input')
            position += 1
    except Unexpected as problem:
        raise problem.refusal(what, text) from None
