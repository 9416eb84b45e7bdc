"""Property values as the engine sends them (`google.protobuf.Struct`), and how a provider compares them.

Shapes: a secret is `Secret(value)`, a value that a preview does not know yet is `UNKNOWN`, an archive or asset is the
dictionary that the engine sends, with its hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format, struct_pb2

SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
ARCHIVES = frozenset({"0def7320c3a5731c473e5ecbe6d01bc7", "c44067f5952c0a294b673a41bacd8c17"})
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the state keeps encrypted."""

    value: Any


def from_struct(properties: struct_pb2.Struct) -> dict[str, Any]:
    """Plain values; secrets are unwrapped, and whole numbers are integers again."""
    return {name: _plain(value) for name, value in json_format.MessageToDict(properties).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == _SECRET:
            return _plain(value["value"])
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The reverse, with each `Secret` wrapped."""
    return json_format.ParseDict({name: _wrapped(value) for name, value in properties.items()}, struct_pb2.Struct())


def _wrapped(value: Any) -> Any:
    if isinstance(value, Secret):
        return {SIGNATURE: _SECRET, "value": _wrapped(value.value)}
    if isinstance(value, dict):
        return {name: _wrapped(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_wrapped(item) for item in value]
    return value


def known(value: Any) -> bool:
    """Whether no part of it is decided later.

    >>> known({"a": ["b"]}), known({"a": [UNKNOWN]})
    (True, False)
    """
    return all(leaf != UNKNOWN for leaf in leaves(value))


def leaves(value: Any) -> Iterator[Any]:
    """The strings, numbers and flags in it."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def same(wanted: Any, found: Any) -> bool:
    """Whether what a program asks for is what exists. What it leaves out may be anything, and lists are sets.

    >>> same({"a": 1}, {"a": 1, "b": 2}), same([1, 2], [2, 1]), same('{"a": 1}', '{"a":1}'), same([1], [1, 2])
    (True, True, True, False)
    """
    if isinstance(wanted, Mapping) and wanted.get(SIGNATURE) in ARCHIVES:
        return isinstance(found, Mapping) and wanted.get("hash") == found.get("hash")
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(same(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and _same_items(wanted, list(found))
    if isinstance(wanted, str) and isinstance(found, str) and wanted[:1] in {"{", "["}:
        return wanted == found or _same_json(wanted, found)
    return bool(wanted == found)


def _same_items(wanted: list[Any], left: list[Any]) -> bool:
    for item in wanted:
        match = next((number for number, other in enumerate(left) if same(item, other)), None)
        if match is None:
            return False
        del left[match]
    return True


def _same_json(wanted: str, found: str) -> bool:
    try:
        return bool(json.loads(wanted) == json.loads(found))
    except ValueError:
        return False
