"""Values as literals of SQL.

A literal means the same in every `sql_mode`, whatever the server reports about itself: a stored program may have turned
backslash escapes off, and the server's status flag may then be wrong. So no literal contains a backslash: quotes are
doubled, and a string that holds a backslash is written in hexadecimal. The connection is never asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal

from api.errors import not_utf8
from api.statement import Sql, Value, trusted


def literal(value: Value) -> str:
    r"""A value as a literal.

    >>> literal("it's"), literal(r"a\b"), literal(b"\x00\xff")
    ("'it''s'", "_utf8mb4 X'615c62'", "_binary X'00ff'")
    >>> literal(True), literal(2.0), literal(Decimal("1E+2")), literal(None)
    ('1', '2.0e0', '100', 'NULL')

    Raises: `ApiError` 22021 for half of a surrogate pair, `ValueError` for a number that is not finite.
    """
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bytes):
        return f"_binary X'{value.hex()}'"
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(int(value))
    if not math.isfinite(value):
        raise ValueError(f"{value} has no SQL literal")
    if isinstance(value, Decimal):
        return format(value, "f")  # with an exponent MySQL would read a DOUBLE
    text = repr(value)
    return text if "e" in text else text + "e0"


def literals(column: Sequence[object], other: Callable[[object], str]) -> list[str]:
    """Many values as `literal` writes them, but faster; `other` writes what is not a string, integer or Decimal."""
    return [
        (f"'{cell}'" if "'" not in cell and "\\" not in cell else _string(cell))
        if type(cell) is str
        else str(cell)
        if type(cell) is int
        else f"{cell:f}"
        if type(cell) is Decimal
        else other(cell)
        for cell in column
    ]


def statement_text(statement: Sql) -> str:
    """The final text of a statement: every parameter written as a literal.

    Raises: see `literal`.
    """
    return statement.text % tuple([literal(parameter) for parameter in statement.parameters])


def written(statement: Sql, but: Collection[int] = ()) -> Sql:
    """The same statement with its parameters in the text, except those at the positions `but`: a statement that is
    kept is sent many times.

    >>> from api.statement import sql, value
    >>> written(sql("SELECT {},{} % 3", value("50%"), value(7)), but=[1])
    Sql(text="SELECT '50%%',%s %% 3", parameters=(7,))

    Raises: see `literal`.
    """
    parameters = statement.parameters
    filled = ["%s" if place in but else literal(each).replace("%", "%%") for place, each in enumerate(parameters)]
    # formatting makes one percent sign of two
    text = statement.text.replace("%%", "%%%%") % tuple(filled)
    return trusted(text, tuple([parameters[place] for place in sorted(but)]))


def _string(text: str) -> str:
    if "\\" not in text:
        return "'" + text.replace("'", "''") + "'"
    try:
        return f"_utf8mb4 X'{text.encode().hex()}'"
    except UnicodeEncodeError as error:
        raise not_utf8() from error
