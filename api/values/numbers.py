"""Numbers as MySQL stores them: the accepted syntax, and the precision of DECIMAL and FLOAT."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from enum import Enum
from typing import NoReturn

from api.catalog import ColumnType, Kind

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


def is_outside(number: int, type_: ColumnType) -> bool:
    """Whether an integer kind cannot store this number."""
    minimum, maximum = integer_range(type_)
    return type_.kind in (Kind.INTEGER, Kind.BITS) and not minimum <= number <= maximum


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


def _digits(type_: ColumnType) -> tuple[int, int]:
    """All digits of a DECIMAL, and those after its point."""
    return (DIGITS if type_.precision is None else type_.precision, 0 if type_.scale is None else type_.scale)


def decimal_storage(type_: ColumnType) -> Callable[[Decimal], Decimal | None]:
    """How a DECIMAL column stores a number: rounded to its scale (half away from zero); None if out of range.

    >>> store = decimal_storage(ColumnType(Kind.DECIMAL, "decimal", "decimal(3,1)", precision=3, scale=1))
    >>> store(Decimal("-1.25")), store(Decimal("99.95"))
    (Decimal('-1.3'), None)
    """
    precision, scale = _digits(type_)
    unit, limit, unsigned = Decimal(1).scaleb(-scale), Decimal(1).scaleb(precision - scale), type_.unsigned

    def store(number: Decimal) -> Decimal | None:
        if not -limit < number < limit:
            return None
        rounded = number.quantize(unit, context=_CONTEXT)
        return None if not -limit < rounded < limit or (unsigned and rounded < 0) else rounded

    return store


def exact_decimal(type_: ColumnType) -> re.Pattern[str]:
    """Matches the plain numbers that a DECIMAL column stores without rounding them.

    >>> exact = exact_decimal(ColumnType(Kind.DECIMAL, "decimal", "decimal(3,1)", precision=3, scale=1))
    >>> [text for text in ("-99.9", "100", "1.25", "1e1") if exact.match(text)]
    ['-99.9']
    """
    precision, scale = _digits(type_)
    whole = f"[0-9]{{1,{precision - scale}}}" if precision > scale else "0"
    return re.compile(rf"{'' if type_.unsigned else '-?'}{whole}(?:\.[0-9]{{0,{scale}}})?\Z")


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


class Beyond(Enum):
    """Where a number lies that no literal of MySQL compares with exactly."""

    BELOW = "below all values"
    ABOVE = "above all values"
    AFTER_ZERO = "between the year 0 and all others"

    def compare(self, stored: object) -> int:
        """How a value of the column compares with the number: -1 (smaller) or 1."""
        if self is Beyond.AFTER_ZERO:
            return 1 if stored else -1
        return 1 if self is Beyond.BELOW else -1


def outside(text: str, type_: ColumnType) -> int | Decimal | Beyond | None:
    """What a number that a column cannot store compares like. None if it lies too close to a DECIMAL's values.

    `text` has the syntax of the type.

    >>> outside("300", ColumnType(Kind.INTEGER, "tinyint", "tinyint"))
    300
    >>> outside("24", ColumnType(Kind.YEAR, "year", "year", minimum=1901, maximum=2155))
    <Beyond.AFTER_ZERO: 'between the year 0 and all others'>
    >>> price = ColumnType(Kind.DECIMAL, "decimal", "decimal(5,2)", precision=5, scale=2)
    >>> outside("1e-31", price), outside("-1e70", price)
    (Decimal('0.005'), <Beyond.BELOW: 'below all values'>)
    """
    negative = text.strip().startswith("-")
    side = Beyond.BELOW if negative else Beyond.ABOVE
    if type_.kind is Kind.DECIMAL:
        return _between_decimals(Decimal(text.strip()), type_, side)
    if type_.kind is Kind.FLOAT:
        return side
    digits = text.strip().lstrip("+-0") or "0"
    number = int(digits) if len(digits) <= LONGEST_INTEGER else 0
    if not number:
        return side if digits != "0" else 0
    if type_.kind is Kind.YEAR:  # MySQL reads 24 as 2024, and finds no row that is smaller than 1900
        return Beyond.AFTER_ZERO if not negative and number < integer_range(type_)[0] else side
    return -number if negative else number


def _between_decimals(number: Decimal, type_: ColumnType, side: Beyond) -> Decimal | Beyond | None:
    precision, scale = _digits(type_)
    if number.adjusted() >= precision - scale:
        return side
    below = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_FLOOR, context=_CONTEXT)
    between = below + Decimal(5).scaleb(-scale - 1)
    return between if scale < SCALE and len(between.as_tuple().digits) <= DIGITS else None
