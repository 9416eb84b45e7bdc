"""Numbers as MySQL stores them: the accepted syntax, and the precision of DECIMAL and FLOAT."""

from __future__ import annotations

import math
import re
import struct
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import NoReturn

from api.catalog import ColumnType

INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*\Z", re.ASCII)
NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?\s*\Z", re.ASCII)

DIGITS = 65
SCALE = 30
"""The limits of DECIMAL (https://dev.mysql.com/doc/refman/8.4/en/precision-math-decimal-characteristics.html)."""

LONGEST_INTEGER = 40
"""The most digits that are parsed: a longer integer is out of every range, and slow to parse."""

_CONTEXT = Context(prec=2 * DIGITS, rounding=ROUND_HALF_UP, Emin=-(10**8), Emax=10**8)


def no_constant(word: str) -> NoReturn:
    """`parse_constant` of `json.loads`, for NaN and the infinities, which JSON does not have.

    Raises: `ValueError`.
    """
    raise ValueError(f"{word} is not a valid JSON number")


def integer_range(type_: ColumnType) -> tuple[int, int]:
    """The least and greatest value of an integer kind."""
    minimum = type_.minimum if type_.minimum is not None else (0 if type_.unsigned else -(2**63))
    maximum = type_.maximum if type_.maximum is not None else (2**64 if type_.unsigned else 2**63) - 1
    return minimum, maximum


def parse_decimal(text: str) -> Decimal | None:
    """A number as an exact DECIMAL, without exponent (a literal with one is a double); None if it does not fit.

    >>> parse_decimal("1.50"), parse_decimal("1e2"), parse_decimal("1e70"), parse_decimal("1e-31")
    (Decimal('1.50'), Decimal('100'), None, None)
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not number:
        return Decimal(0)
    if not -SCALE <= number.adjusted() < DIGITS:
        return None
    written = Decimal(f"{number:f}")
    _, digits, exponent = written.as_tuple()
    scale = -exponent if isinstance(exponent, int) else 0
    return written if scale <= SCALE and max(len(digits), scale) <= DIGITS else None


def stored_decimal(number: Decimal, type_: ColumnType) -> Decimal | None:
    """A number as a DECIMAL column stores it, rounded to its scale (half away from zero); None if out of range."""
    precision = type_.precision if type_.precision is not None else DIGITS
    scale = type_.scale if type_.scale is not None else 0
    if number and number.adjusted() >= precision - scale:
        return None
    rounded = number.quantize(Decimal(1).scaleb(-scale), context=_CONTEXT)
    if rounded.adjusted() >= precision - scale and rounded:
        return None
    return None if type_.unsigned and rounded < 0 else rounded


def parse_float(text: str | float | Decimal, type_: ColumnType) -> float | None:
    """A number as a FLOAT or DOUBLE column stores it; None if out of range.

    For FLOAT it is rounded to single precision: MySQL compares doubles, so 0.1 itself would find nothing.
    """
    try:
        number = float(text)
        if type_.name == "float":
            number = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
