"""Column types, parsed from the server's declarations: `bigint unsigned`, `enum('a','b')`, `datetime(3)`.

Every type of MySQL 8.0 to 9.x and of MariaDB has a kind. Unknown types become TEXT, which the server can convert to and
from any type (https://dev.mysql.com/doc/refman/8.4/en/data-types.html, https://mariadb.com/kb/en/data-types/).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

from api.catalog import ColumnType, Kind

_DECLARATION = re.compile(r"\s*([a-z_0-9]+)\s*(?:\((.*)\))?([^()]*)\Z", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/")
_MEMBER = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"''|\\(.)", re.DOTALL)
_CONTROL = MappingProxyType({"0": "\0", "n": "\n", "r": "\r", "t": "\t", "b": "\b", "Z": "\x1a"})

_INTEGER_BYTES = MappingProxyType({"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8})
_TEXT_BYTES = MappingProxyType({"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215, "longtext": 4_294_967_295})
_BLOB_BYTES = MappingProxyType({"tinyblob": 255, "blob": 65_535, "mediumblob": 16_777_215, "longblob": 4_294_967_295})
_SECONDS = MappingProxyType({"time": Kind.TIME, "datetime": Kind.DATETIME, "timestamp": Kind.TIMESTAMP})
_GEOMETRIES = frozenset((
    "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
    "geometrycollection", "geomcollection",
))  # fmt: skip
_TEXT_FORMS = MappingProxyType({"uuid": 36, "inet4": 15, "inet6": 39})
"""MariaDB types whose values are exchanged as strings, and their maximum length in characters."""


@lru_cache(maxsize=4096)  # a large schema repeats few declarations
def column_type(declared: str, character_set: str | None = None, collation: str | None = None) -> ColumnType:
    """The type that a declaration describes.

    The server's data dictionary is utf8mb3, so characters of ENUM and SET members outside the Basic Multilingual Plane
    read as `?`. If any member contains a `?`, `members` is left empty, which means unknown;
    `api.catalog.introspection.members` then reads them from the column itself.

    >>> column_type("decimal(10,2) unsigned").scale
    2
    >>> column_type("enum('a','b''c')").members
    ('a', "b'c")
    """
    match = _DECLARATION.match(_COMMENT.sub("", declared))
    if match is None:
        return ColumnType(Kind.TEXT, declared, declared, character_set=character_set, collation=collation)
    name, arguments, attributes = match[1].lower(), match[2], match[3].lower().split()
    return replace(
        _basic_type(name, declared, arguments, attributes),
        unsigned="unsigned" in attributes,
        zerofill="zerofill" in attributes,
        character_set=character_set,
        collation=collation,
    )


def _basic_type(name: str, declared: str, arguments: str | None, attributes: list[str]) -> ColumnType:
    size = int(arguments) if arguments is not None and arguments.isdigit() else None
    unsigned = "unsigned" in attributes
    if name in _INTEGER_BYTES:
        # MySQL 8.0.19 and later keep the width of a signed tinyint(1) only, to mark a boolean.
        is_boolean = name == "tinyint" and size == 1 and not unsigned
        bits = 8 * _INTEGER_BYTES[name]
        minimum, maximum = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        kind = Kind.BOOLEAN if is_boolean else Kind.INTEGER
        return ColumnType(kind, name, declared, minimum=minimum, maximum=maximum)
    if name == "bit":
        bits = size or 1
        kind = Kind.BOOLEAN if bits == 1 else Kind.BITS
        return ColumnType(kind, name, declared, minimum=0, maximum=2**bits - 1, length=bits)
    if name == "year":
        return ColumnType(Kind.YEAR, name, declared, minimum=1901, maximum=2155)
    if name in ("decimal", "numeric"):
        precision, _, scale = (arguments or "10,0").partition(",")
        return ColumnType(Kind.DECIMAL, name, declared, precision=int(precision), scale=int(scale or 0))
    if name in ("float", "double", "real"):
        return ColumnType(Kind.FLOAT, name, declared)
    if name in _SECONDS:
        return ColumnType(_SECONDS[name], name, declared, fraction_digits=size or 0)
    if name in ("enum", "set"):
        kind = Kind.ENUM if name == "enum" else Kind.SET
        return ColumnType(kind, name, declared, members=_members(arguments or ""))
    if name in ("binary", "varbinary"):
        return ColumnType(Kind.BINARY, name, declared, length=1 if size is None else size)
    if name in _BLOB_BYTES:
        return ColumnType(Kind.BINARY, name, declared, length=_BLOB_BYTES[name])
    if name == "vector":
        return ColumnType(Kind.BINARY, name, declared, length=4 * (size or 2048))
    if name in _GEOMETRIES:
        return ColumnType(Kind.GEOMETRY, name, declared)
    if name in ("date", "json"):
        return ColumnType(Kind.DATE if name == "date" else Kind.JSON, name, declared)
    return ColumnType(Kind.TEXT, name, declared, length=_text_length(name, size))


def _text_length(name: str, size: int | None) -> int | None:
    if name in _TEXT_BYTES:
        return _TEXT_BYTES[name]
    if name in _TEXT_FORMS:
        return _TEXT_FORMS[name]
    return 1 if name == "char" and size is None else size


def member_count(declared: str) -> int:
    """The number of members in the declaration of an ENUM or SET, readable or not.

    >>> member_count("set('?','it''s')")
    2
    """
    return sum(1 for _ in _MEMBER.finditer(declared))


def _members(arguments: str) -> tuple[str, ...]:
    members = tuple(unquoted(match[1]) for match in _MEMBER.finditer(arguments))
    return () if any("?" in member for member in members) else members


def unquoted(text: str) -> str:
    r"""The content of a string literal, with `''` and backslash escapes resolved.

    >>> unquoted(r"it''s \\ x")
    "it's \\ x"
    """
    return _ESCAPE.sub(lambda match: "'" if match[1] is None else _CONTROL.get(match[1], match[1]), text)
