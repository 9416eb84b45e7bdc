"""The grammar, written: the inverse of the parsers. Links, `Location` and the OpenAPI document use it."""

from __future__ import annotations

import re
from urllib.parse import quote

from api.request.query import Comparison, Condition
from api.request.query_string import RESERVED

_PLAIN = re.compile(r"[\w$]+(?:[ -][\w$]+)*")


def field_name(name: str) -> str:
    """A column's name, quoted where the grammar requires it.

    >>> field_name("name"), field_name("order"), field_name("e.f")
    ('name', '"order"', '"e.f"')
    """
    return name if _PLAIN.fullmatch(name) and name not in RESERVED else _quoted(name)


def parameter(condition: Condition) -> str:
    """A condition as a percent-encoded parameter.

    >>> from api.request.query import Field
    >>> parameter(Comparison(Field("a"), "eq", "x y"))
    'a=eq.x%20y'
    """
    if isinstance(condition, Comparison):
        return f"{_encoded(field_name(condition.field.name))}={condition.operator}.{_encoded(str(condition.value))}"
    inner = ",".join(_in_tree(operand) for operand in condition.operands)
    return f"{condition.connective}={_encoded(f'({inner})')}"


def _in_tree(condition: Condition) -> str:
    if isinstance(condition, Comparison):
        value = str(condition.value)
        written = value if condition.operator == "is" else _quoted(value)
        return f"{field_name(condition.field.name)}.{condition.operator}.{written}"
    return f"{condition.connective}({','.join(_in_tree(operand) for operand in condition.operands)})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _encoded(text: str) -> str:
    return quote(text, safe="(),.:")
