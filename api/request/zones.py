"""Time zones of `Prefer: timezone=`: names, and offsets from UTC."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_OFFSET = re.compile(r"([+-]?)([0-9]{1,2})(?::?([0-5][0-9]))?", re.ASCII)


@lru_cache(maxsize=64)
def time_zone(name: str) -> tzinfo | None:
    """The zone of a name such as `Europe/Zurich` or an offset such as `+05:30`, east of UTC; None if there is none.

    >>> str(time_zone("-4")), str(time_zone("+0530")), time_zone("05:30:15"), time_zone("Nowhere")
    ('UTC-04:00', 'UTC+05:30', None, None)
    """
    offset = _OFFSET.fullmatch(name)
    try:
        if offset is None:
            return ZoneInfo(name)
        east = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-east if offset[1] == "-" else east)
    except (KeyError, ValueError, OSError):
        return None
