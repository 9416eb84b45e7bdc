"""Column defaults from `information_schema.columns`, classified as literals or expressions.

MySQL writes a literal as bare text; it marks an expression with DEFAULT_GENERATED in the column's `extra`, and escapes
its quotes once more. MariaDB writes every default as an expression, so a literal keeps its quotes
(https://mariadb.com/kb/en/information-schema-columns-table/).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from api.catalog import ColumnType, Dialect
from api.catalog.introspection.column_types import unquoted

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\Z", re.IGNORECASE)
_QUOTED = re.compile(r"'((?:[^'\\]|''|\\.)*)'\Z", re.DOTALL)
_BITS = re.compile(r"b'([01]*)'\Z")


@dataclass(frozen=True, slots=True)
class Default:
    """A default: a literal's value, or an expression that a SELECT can evaluate. `text` is None without a default."""

    text: str | None = None
    is_expression: bool = False


def column_default(written: str | None, extra: str, column_type: ColumnType, dialect: Dialect) -> Default:
    """Parse a default as the server wrote it.

    >>> from api.catalog.introspection.column_types import column_type
    >>> column_default("'it''s'", "", column_type("varchar(9)"), Dialect.MARIADB)
    Default(text="it's", is_expression=False)
    >>> column_default("uuid()", "DEFAULT_GENERATED", column_type("char(36)"), Dialect.MYSQL)
    Default(text='uuid()', is_expression=True)
    """
    if written is None:
        return Default()
    if dialect is Dialect.MARIADB:
        default = _mariadb(written)
    elif "DEFAULT_GENERATED" in extra:
        default = Default(unquoted(written), is_expression=True)
    else:
        default = Default(written)
    bits = _BITS.match(written) if column_type.kind.traits.bits else None
    return Default(str(int(bits[1] or "0", 2))) if bits is not None else default


def _mariadb(written: str) -> Default:
    if written == "NULL":
        return Default()
    quoted = _QUOTED.match(written)
    if quoted is not None:
        return Default(unquoted(quoted[1]))
    return Default(written, is_expression=_NUMBER.match(written) is None)
