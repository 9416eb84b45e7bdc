"""Every configuration key of the stack. docs/configuration.md lists them in this order; a test compares them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from infra.keys import Key
from infra.options import attachment, database, front, function, network, operation, proxy, roles, users

SECTIONS: tuple[tuple[str, ModuleType], ...] = (
    ("Network", network),
    ("Database", database),
    ("Database users", users),
    ("An existing cluster", attachment),
    ("Proxy", proxy),
    ("Function", function),
    ("Front", front),
    ("Roles", roles),
    ("Operation", operation),
)


def keys_of(section: ModuleType) -> tuple[Key[Any], ...]:
    """The keys that a module of this package defines, in its order."""
    return tuple(value for value in vars(section).values() if isinstance(value, Key))


KEYS = tuple(key for _, section in SECTIONS for key in keys_of(section))
