"""JSON text made in Python from the plain values that `api.sql.json_text.plain` selects.

The text is the same as the one that the server makes with `api.sql.json_text.json_text`, except for the case of hex
digits in MariaDB's escapes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from json.encoder import encode_basestring

from api.catalog import ColumnType, Kind

quote: Callable[[str], str] = encode_basestring
"""A string as a JSON string, escaped as little as JSON allows.

>>> quote('say "é"')
'"say \\\\"é\\\\""'
"""


def encoder(type_: ColumnType) -> Callable[[object], str]:
    """The function from a column's value, as the driver returns it, to its JSON text; None becomes `null`.

    The driver gives int for integers, bytes for binary values and str for everything else.
    """
    return _ENCODERS[type_.kind]


def _bare(cell: object) -> str:
    return "null" if cell is None else str(cell)


def _boolean(cell: object) -> str:
    if cell is None:
        return "null"
    return "false" if cell in (0, "0") else "true"


def _quoted(cell: object) -> str:
    return "null" if cell is None else quote(str(cell))


def _moment(cell: object) -> str:
    return "null" if cell is None else f'"{str(cell).replace(" ", "T")}"'


def _instant(cell: object) -> str:
    return "null" if cell is None else f'"{str(cell).replace(" ", "T")}+00:00"'


def _clock(cell: object) -> str:
    return "null" if cell is None else f'"{cell}"'


def _set(cell: object) -> str:
    if cell is None:
        return "null"
    # no member contains a comma
    return "[" + quote(str(cell)).replace(",", '","') + "]" if cell else "[]"


def _base64(cell: object) -> str:
    if cell is None:
        return "null"
    data = cell if isinstance(cell, bytes) else str(cell).encode()
    return f'"{b64encode(data).decode("ascii")}"'


def _encoder(kind: Kind) -> Callable[[object], str]:
    match kind:
        case Kind.BOOLEAN:
            return _boolean
        case Kind.INTEGER | Kind.YEAR | Kind.BITS | Kind.DECIMAL | Kind.FLOAT | Kind.JSON | Kind.GEOMETRY:
            return _bare
        case Kind.TEXT | Kind.ENUM:
            return _quoted
        case Kind.SET:
            return _set
        case Kind.DATE | Kind.TIME:
            return _clock
        case Kind.DATETIME:
            return _moment
        case Kind.TIMESTAMP:
            return _instant
        case Kind.BINARY:
            return _base64


_ENCODERS = {kind: _encoder(kind) for kind in Kind}
