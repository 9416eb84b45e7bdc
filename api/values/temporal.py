"""Dates and times as strings: the formats that are accepted, and the one that is sent to the server.

Accepted is ISO 8601 as in PostgreSQL: `T` or a space, minutes or seconds, a fraction, an offset. Everything is
checked here, because MySQL guesses (`2024.1.2`, `20:24`) or compares an impossible date as a string. The session's time
zone is UTC: a string with an offset is converted to UTC, for DATETIME as for TIMESTAMP, as MySQL does
(https://dev.mysql.com/doc/refman/8.4/en/datetime.html).

MySQL also stores dates whose year, month or day is zero (`0000-00-00`). They are accepted as they are read.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

_DATE = r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
_TIME = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,30}))?)?"
# A `+` that was not percent-encoded arrives as a space; after a time of day it cannot mean anything else.
_OFFSET = r"([Zz]|UTC|GMT|[ ]?[+-][0-9]{2}(?::?[0-9]{2})?|[ ][0-9]{2}:[0-9]{2})"
_DATETIME = re.compile(
    rf"\s*{_DATE}(?:(?:[Tt]|[ ]+){_TIME}\s*{_OFFSET}?|([Zz]|[+-][0-9]{{2}}(?::?[0-9]{{2}})?))?\s*\Z", re.ASCII
)
_BASIC = re.compile(
    r"\s*(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?![0-9])"
    r"(?:[Tt](?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?(?![0-9]))?",
    re.ASCII,
)
"""ISO 8601's basic format: 20240102, 20240102T030405."""
_USUAL = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})?\Z", re.ASCII
)
"""The format that programs send; Python's own parser is much faster."""
_DURATION = re.compile(r"\s*([+-]?)([0-9]{1,3}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,30}))?)?\s*\Z", re.ASCII)

_LONGEST = (838 * 3600 + 59 * 60 + 59) * 1_000_000


def date_text(text: str) -> str | None:
    """A date as `2024-01-02`, from a date, a date and time (which is dropped), or `20240102`; None if it is not valid.

    >>> date_text("2024-1-2"), date_text("2024-02-30"), date_text("infinity"), date_text("0000-00-00")
    ('2024-01-02', None, None, '0000-00-00')
    """
    found = _DATETIME.match(_extended(_trimmed(text)))
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return _zero_date(found)


def _zero_date(found: re.Match[str]) -> str | None:
    """A date with a zero in it, which MySQL stores and Python does not have; None if MySQL does not store it either."""
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if year and month and day:
        return None
    days = monthrange(1, month)[1] if month and month <= 12 and day else 31
    return f"{year:04}-{month:02}-{day:02}" if month <= 12 and day <= days else None


def datetime_text(text: str, zone: tzinfo | None) -> str | None:
    """A date and time in UTC as `2024-01-02 03:04:05[.ffffff]`; None if it is not valid.

    Args:
        zone: The zone of a string without an offset; None: UTC (a DATETIME stays as it is).

    >>> datetime_text("2024-01-02T03:04:05.5+02:00", None), datetime_text("20240102T0304", None)
    ('2024-01-02 01:04:05.500000', '2024-01-02 03:04:00')
    >>> datetime_text("20240102+02:00", None)
    '2024-01-01 22:00:00'
    """
    try:
        moment = datetime.fromisoformat(text) if _USUAL.match(text) else None
    except ValueError:
        moment = None
    try:
        moment = moment or _moment(text)
        if moment is None:
            return None
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone)
        if moment.tzinfo is not None:
            # no time zone in the string: MySQL before 8.0.19 and MariaDB do not accept one
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return _zero_moment(_trimmed(text))
    return moment.isoformat(" ")


def _zero_moment(text: str) -> str | None:
    """A date with a zero in it and a time of day. It is not an instant, so its only offset is that of UTC, as read."""
    found = _DATETIME.match(text)
    day = _zero_date(found) if found is not None else None
    if found is None or day is None or (found[8] is not None and _zone(found[8]).utcoffset(None)):
        return None
    clock = (
        time_text(f"{found[4]}:{found[5]}:{found[6] or 0:0>2}.{found[7] or 0}") if found[4] is not None else "00:00:00"
    )
    return f"{day} {clock}" if clock is not None and clock < "24" else None


_LONGEST_TEXT = 100
"""Characters: more than any date or time has."""


def _trimmed(text: str) -> str:
    """Short enough for patterns that try each blank in several ways: in a long text, runs of blanks become one."""
    return text if len(text) <= _LONGEST_TEXT else " ".join(text.split())[: _LONGEST_TEXT + 1]


def _extended(text: str) -> str:
    """ISO 8601's basic format with the hyphens and colons of the extended format; other text as it is."""
    found = _BASIC.match(text)
    if found is None:
        return text
    parts = found.groupdict()
    time = f"T{parts['hour']}:{parts['minute']}:{parts['second'] or '00'}" if parts["hour"] else ""
    return f"{parts['year']}-{parts['month']}-{parts['day']}{time}{text[found.end() :]}"


def _moment(text: str) -> datetime | None:
    """A date and time in any of the accepted formats, with its offset if it has one.

    Raises:
        ValueError, OverflowError: the day, hour or offset does not exist.
    """
    found = _DATETIME.match(_extended(_trimmed(text)))
    if found is None:
        return None
    day = datetime(int(found[1]), int(found[2]), int(found[3]))  # noqa: DTZ001 - the zone, if any, is set below
    if found[4] is None:
        return day if found[9] is None else day.replace(tzinfo=_zone(found[9]))
    hour, minute, second = int(found[4]), int(found[5]), int(found[6] or 0)
    micros = _microseconds(found[7])
    if hour == 24 and minute == second == micros == 0:
        day, hour = day + timedelta(days=1), 0
    moment = day.replace(hour=hour, minute=minute, second=second) + timedelta(microseconds=micros)
    return moment.replace(tzinfo=_zone(found[8])) if found[8] is not None else moment


def time_text(text: str) -> str | None:
    """A TIME as `[-]03:04:05[.ffffff]`, from -838:59:59 to 838:59:59; None if it is not valid.

    >>> time_text("3:04"), time_text("-26:05:04.50"), time_text("839:00:00")
    ('03:04:00', '-26:05:04.500000', None)
    """
    found = _DURATION.match(text)
    if found is None:
        return None
    hours, minutes, seconds = int(found[2]), int(found[3]), int(found[4] or 0)
    micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + _microseconds(found[5])
    if minutes > 59 or seconds > 59 or micros > _LONGEST:
        return None
    whole, micros = divmod(micros, 1_000_000)
    sign = "-" if found[1] == "-" and (whole or micros) else ""
    fraction = f".{micros:06}" if micros else ""
    return f"{sign}{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{fraction}"


def _microseconds(digits: str | None) -> int:
    """The fraction's digits, rounded half up to microseconds (a million: the next second)."""
    if not digits:
        return 0
    return (int(digits[:7].ljust(7, "0")) + 5) // 10


def _zone(text: str) -> tzinfo:
    text = text.strip()
    if text[0] not in "+-0123456789":
        return UTC
    digits = text.lstrip("+-").replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)
