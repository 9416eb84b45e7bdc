"""The error that a client gets for an error of the driver, and what the log gets.

A status below 500 is the request's fault, and the server's own words are passed on, without user, host and row number
(a bulk insert is several statements, so MySQL's row number would mislead). From 500 up the fault is not the
request's: the client gets fixed words, and the server's text goes to the log with the error that is the cause of the
`ApiError`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from api.database import raised
from api.database.errno import meaning_of, number
from api.errors import ApiError, codes, invalid_value, shorten

RETRY_AFTER_SECONDS = 1
"""`Retry-After` when the database is busy: RDS Proxy's queue moves within a second."""


def for_log(error: BaseException) -> str:
    """A driver's error for the log: its class, number and message, without quoted parts, which may contain data.

    `infra.metrics` counts the lines with 9501.
    """
    text = str(error.args[-1]) if error.args else ""
    state = getattr(error, "sqlstate", None)
    if state is not None:  # the server's message; the driver's own messages quote only host names
        text = _QUOTED.sub(r"\g<1>...\g<1>", text)
    return f"{type(error).__name__}({number(error)}, {shorten(text, 500)!r}{f', {state}' if state else ''})"


def translate(error: BaseException) -> ApiError:
    """The error that a client gets for an error of the driver. Raise it `from` that one, which only the log shows."""
    meaning = meaning_of(error)
    state = getattr(error, "sqlstate", None)
    if state is not None and raised.chooses_answer(state):
        return raised.answer(state, str(error.args[1]))
    text = _clean(str(error.args[1])) if len(error.args) > 1 else ""
    if meaning.error != codes.RAISED:
        text = _DATABASE.sub(r"\1 \2", text)
    refused = _refused_cast(text)
    if refused is not None:
        return refused
    message, details = meaning.message, None
    if meaning.error == codes.UNIQUE_VIOLATION:
        message, details = _duplicate(error, text)
    elif meaning.error == codes.FOREIGN_KEY_VIOLATION:
        message, details = _foreign_key(text)
    elif meaning.error == codes.NO_PRIVILEGE:
        message, details = _denied(text)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if meaning.retry else {}
    return ApiError(meaning.error, message or text, details, meaning.hint, headers)


_QUOTED = re.compile(r"(['\"`]).*\1", re.DOTALL)
_ROW = re.compile(r" at row \d+$")
_USER = re.compile(r" (?:to|for) user '[^']*'@'[^']*'")
_DATABASE = re.compile(
    r"\b(function|procedure|routine|table|trigger|view) (?:(['`])[^'`.]+(?:`\.`|\.)|[^\s'`.]+\.)", re.IGNORECASE
)
"""A database's name in front of an object's. It may be hidden from the client."""
_DUPLICATE = re.compile(r"^Duplicate entry '(?P<value>.*)' for key '(?P<key>[^']*)'$", re.DOTALL)
_CAST = re.compile(r"^Incorrect string value: '@(?P<type>[a-z ]+):(?P<text>.*)' for function uuid_to_bin$", re.DOTALL)
_CAST_FAILED = re.compile(
    r"^Invalid JSON text in argument 1 to function cast_as_json: |"
    r"^Syntax error in JSON text in argument 1 to function 'JSON_TABLE' at position [12]$"
)
_CAST_HINT = "Filter such rows out, or select the column without the cast."
_DENIED = re.compile(
    r"\bdenied\b.*? (?:in|for) (?P<kind>table|routine) (?:'(?P<name>.+)'|`(?P<quoted>(?:[^`]|``)+)`)\Z", re.DOTALL
)
_CONSTRAINT = re.compile(
    r"\((?:`(?P<schema>(?:[^`]|``)*)`\.)?`(?P<table>(?:[^`]|``)*)`, CONSTRAINT `(?P<name>(?:[^`]|``)*)` "
    r"FOREIGN KEY \((?P<columns>.*?)\) REFERENCES (?:`(?:[^`]|``)*`\.)?`(?P<target>(?:[^`]|``)*)`"
)


def _clean(text: str) -> str:
    return shorten(_USER.sub("", _ROW.sub("", text)), 500)


def _refused_cast(text: str) -> ApiError | None:
    """The error of a cast. `api.sql.casts` makes the server raise it for a string that is not a value of the type."""
    found = _CAST.match(text)
    if found is None:
        message = "Some row's text cannot be cast to this type"
        return ApiError(codes.INVALID_VALUE, message, hint=_CAST_HINT) if _CAST_FAILED.match(text) else None
    refused = invalid_value(found["type"], found["text"])
    return ApiError(refused.error, refused.message, hint=_CAST_HINT)


class Duplicate(NamedTuple):
    """What the server says about a duplicate: the table (not on MariaDB), the key, and the values as one text."""

    table: str | None
    key: str
    values: str


def duplicate_of(error: BaseException) -> Duplicate | None:
    """What a driver's error says about a duplicate; None for any other error."""
    found = _DUPLICATE.match(str(error.args[1])) if len(error.args) > 1 else None
    if found is None:
        return None
    table, _, key = found["key"].rpartition(".")
    return Duplicate(table or None, key, found["value"])


def _duplicate(error: BaseException, text: str) -> tuple[str, str | None]:
    """The message and details of a duplicate, where the key's columns are unknown."""
    found = duplicate_of(error)
    if found is None:
        return text, None
    message = f'duplicate key value violates unique constraint "{found.key}"'
    return message, f'The key "{found.key}" already has the value {shorten(found.values)}.'


def _denied(text: str) -> tuple[str, str | None]:
    """In PostgreSQL's words; the server's own, which name the privilege and the column, are the details."""
    found = _DENIED.search(text)
    if found is None:
        return text, None
    name = found["name"] or found["quoted"].replace("``", "`")
    return f"permission denied for {found['kind']} {name}", text


def _foreign_key(text: str) -> tuple[str, str | None]:
    found = _CONSTRAINT.search(text)
    if found is None:
        return text, None
    table, name, target = (found[group].replace("``", "`") for group in ("table", "name", "target"))
    columns = found["columns"].replace("`", "")
    if "parent row" in text:
        message = f'update or delete on table "{target}" violates foreign key constraint "{name}" on table "{table}"'
        return message, f'The row is still referenced from table "{table}" ({columns}).'
    message = f'insert or update on table "{table}" violates foreign key constraint "{name}"'
    return message, f'The key ({columns}) is not present in table "{target}".'
