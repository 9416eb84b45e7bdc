"""The components of a document that something refers to. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Components = Mapping[str, Mapping[str, object]]

_COMPONENTS = "#/components/"


def referenced(paths: object, components: Components) -> Json:
    """The components that the paths refer to, directly or through other components, in their order.

    >>> schemas = {"a": {"items": {"$ref": "#/components/schemas/b"}}, "b": {}, "c": {}}
    >>> list(referenced({"$ref": "#/components/schemas/a"}, {"schemas": schemas})["schemas"])
    ['a', 'b']
    """
    found: set[str] = set()
    new = set(_references(paths))
    while new:
        found |= new
        parts = (reference.removeprefix(_COMPONENTS).partition("/") for reference in new)
        new = {other for kind, _, key in parts for other in _references(components.get(kind, {}).get(key))} - found
    return {
        kind: {key: each for key, each in members.items() if f"{_COMPONENTS}{kind}/{key}" in found}
        for kind, members in components.items()
    }


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(_COMPONENTS):
            yield reference
        for each in part.values():
            yield from _references(each)
    elif isinstance(part, list):
        for each in part:
            yield from _references(each)
