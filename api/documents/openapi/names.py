"""Database names as component keys, which allow few characters, and as URL path segments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

_NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9_-]")


def component_keys(names: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """A unique component key for each name, made of allowed characters and different from the reserved keys.

    >>> component_keys(["order", "50%", "a b", "a_b"])
    {'order': 'order', '50%': '50_', 'a b': 'a_b', 'a_b': 'a_b_2'}
    """
    keys: dict[str, str] = {}
    taken = set(reserved)
    for name in names:
        stem = key = _NOT_IN_A_KEY.sub("_", name)
        number = 1
        while key in taken:
            number += 1
            key = f"{stem}_{number}"
        taken.add(key)
        keys[name] = key
    return keys


def path_segment(name: str) -> str:
    """A table's or routine's name as a segment of a URL path.

    >>> path_segment("50% {a}")
    '50%25%20%7Ba%7D'
    """
    return quote(name, safe="")
