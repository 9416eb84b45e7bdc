"""Fractions of a second as a column stores them: MySQL rounds extra digits, MariaDB truncates them.

https://dev.mysql.com/doc/refman/8.4/en/fractional-seconds.html,
https://mariadb.com/kb/en/microseconds-in-mariadb/
"""

from __future__ import annotations

from datetime import datetime, timedelta

from api.catalog import ColumnType, Dialect, Kind

_MICROSECONDS = 6
_LATEST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - a column's times have no zone


def stored_fraction(text: str, type_: ColumnType, dialect: Dialect) -> str:
    """A TIME, DATETIME or TIMESTAMP with at most the digits of its column.

    >>> second = ColumnType(Kind.DATETIME, "datetime", "datetime")
    >>> stored_fraction("2024-12-31 23:59:59.500000", second, Dialect.MYSQL)
    '2025-01-01 00:00:00'
    >>> stored_fraction("2024-12-31 23:59:59.500000", second, Dialect.MARIADB)
    '2024-12-31 23:59:59'
    >>> stored_fraction("-00:00:59.95", ColumnType(Kind.TIME, "time", "time(1)", fraction_digits=1), Dialect.MYSQL)
    '-00:01:00.0'
    """
    whole, point, fraction = text.partition(".")
    digits = type_.fraction_digits
    if len(fraction) <= digits:
        return text
    kept = f"{whole}.{fraction[:digits]}" if digits else whole
    if not point or not fraction[digits:].strip("0") or dialect is Dialect.MARIADB or fraction[digits] < "5":
        return kept
    step = timedelta(microseconds=10 ** (_MICROSECONDS - digits))
    more = timedelta(microseconds=int(f"{fraction[:digits]:0<6}")) + step
    if type_.kind is Kind.TIME:
        return _time_after(whole, more, digits)
    try:
        moment = datetime.fromisoformat(whole)
    except ValueError:
        return kept  # a date with a zero in it, which Python does not have
    if moment >= _LATEST:
        return kept
    moment += more
    return _written(moment.isoformat(" ", "seconds"), moment.microsecond, digits)


def _time_after(whole: str, more: timedelta, digits: int) -> str:
    hours, minutes, seconds = map(int, whole.lstrip("-").split(":"))
    total = timedelta(hours=hours, minutes=minutes, seconds=seconds) + more
    minutes, seconds = divmod(total.days * 86_400 + total.seconds, 60)
    sign = "-" if whole.startswith("-") else ""
    return _written(f"{sign}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}", total.microseconds, digits)


def _written(whole: str, microseconds: int, digits: int) -> str:
    return f"{whole}.{microseconds:06}"[: len(whole) + 1 + digits] if digits else whole
