"""JSON text made in Python from the plain values that `api.sql.json_text.plain` selects.

The text is the same as the one that the server makes with `api.sql.json_text.json_text`, except for the case of hex
digits in MariaDB's escapes.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from json.encoder import encode_basestring

from api.catalog import ColumnType, Kind, UuidOrder
from api.errors import schema_changed
from api.values.numbers import no_constant
from api.values.uuids import UUID_BYTES, uuid_text

quote: Callable[[str], str] = encode_basestring
"""A string as a JSON string, escaped as little as JSON allows.

>>> quote('say "é"')
'"say \\\\"é\\\\""'
"""


def encoder(type_: ColumnType) -> Callable[[object], str]:
    """The function from a column's value, as the driver returns it, to its JSON text; None becomes `null`.

    The driver gives int for integers, bytes for binary values and str for everything else.
    """
    return _UUID_ENCODERS[type_.uuid] if type_.uuid is not None else _ENCODERS[type_.kind]


def _checked(pattern: re.Pattern[str], text: str) -> str:
    """The text, which is of the form that its type has.

    Raises: `ApiError` 40001: the column has had another type since the catalog was loaded.
    """
    if pattern.match(text) is None:
        raise schema_changed()
    return text


_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_TIME = re.compile(r"-?[0-9]{2,3}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?\Z", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)?\Z", re.ASCII)


def _number(cell: object) -> str:
    if type(cell) is int:
        return str(cell)
    return "null" if cell is None else _checked(_NUMBER, str(cell))


def _document(cell: object) -> str:
    if cell is None:
        return "null"
    text = str(cell)
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=no_constant)
    except ValueError:
        raise schema_changed() from None
    return text


def _boolean(cell: object) -> str:
    if cell is None:
        return "null"
    return "false" if _number(cell) in ("0", "0.0") else "true"


def _quoted(cell: object) -> str:
    if isinstance(cell, bytes):
        raise schema_changed()
    return "null" if cell is None else quote(str(cell))


def _date(cell: object) -> str:
    return "null" if cell is None else f'"{_checked(_DATE, str(cell))}"'


def _clock(cell: object) -> str:
    return "null" if cell is None else f'"{_checked(_TIME, str(cell))}"'


def _moment(cell: object) -> str:
    return "null" if cell is None else f'"{_checked(_MOMENT, str(cell)).replace(" ", "T")}"'


def _instant(cell: object) -> str:
    return "null" if cell is None else f'"{_checked(_MOMENT, str(cell)).replace(" ", "T")}+00:00"'


def _set(cell: object) -> str:
    if cell is None:
        return "null"
    if isinstance(cell, bytes):
        raise schema_changed()
    # no member contains a comma
    return "[" + quote(str(cell)).replace(",", '","') + "]" if cell else "[]"


def _base64(cell: object) -> str:
    if cell is None:
        return "null"
    data = cell if isinstance(cell, bytes) else str(cell).encode()
    return f'"{b64encode(data).decode("ascii")}"'


def _uuid(cell: object, order: UuidOrder) -> str:
    if cell is None:
        return "null"
    if not isinstance(cell, bytes) or len(cell) != UUID_BYTES:
        raise schema_changed()
    return f'"{uuid_text(cell, order)}"'


_UUID_ENCODERS = {order: partial(_uuid, order=order) for order in UuidOrder}


def _encoder(kind: Kind) -> Callable[[object], str]:
    match kind:
        case Kind.BOOLEAN:
            return _boolean
        case Kind.INTEGER | Kind.YEAR | Kind.BITS | Kind.DECIMAL | Kind.FLOAT:
            return _number
        case Kind.JSON | Kind.GEOMETRY:
            return _document
        case Kind.TEXT | Kind.ENUM:
            return _quoted
        case Kind.DATE:
            return _date
        case Kind.TIME:
            return _clock
        case Kind.SET:
            return _set
        case Kind.DATETIME:
            return _moment
        case Kind.TIMESTAMP:
            return _instant
        case Kind.BINARY:
            return _base64


_ENCODERS = {kind: _encoder(kind) for kind in Kind}
