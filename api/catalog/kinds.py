"""What a column's values are to a client, and what can be done with each kind of them.

`_traits` is the one place that answers these questions: a new kind does not type-check until every one is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Family = Literal["boolean", "number", "text", "date", "time", "moment", "bytes", "geometry"]
Sorting = Literal["number", "decimal", "double", "weights", "bytes", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What can be done with the values of a kind."""

    family: Family
    """What casts and aggregates treat it as; a `moment` is a date with a time of day."""
    sorting: Sorting | None
    """How Python sorts its values as the server does; None if they have no order that clients can rely on."""
    exact: bool
    """A value that was read compares equal when it is sent back, so it can identify a row."""
    pageable: bool
    """Comparisons in filters follow its order, so a page can start after the last value of the page before."""
    found_as_sent: bool
    """The stored value certainly equals the one that was sent."""
    fraction: bool
    """It has a fraction of a second, with as many digits as the column declares."""
    patterns: bool
    """`like`, `ilike`, `match` and `imatch` apply."""
    containment: bool
    """`cs`, `cd` and `ov` apply."""
    document: bool
    """It is written as a JSON document, also in CSV and forms."""
    bits: bool
    """The driver may return it as bytes, most significant first."""
    members: bool
    """Its declaration lists the strings that it can have; the server sorts them by their position in that list."""


class Kind(Enum):
    """The kind of a column's values: decides how they are checked, their JSON form and their OpenAPI type."""

    BOOLEAN = "boolean"  # tinyint(1), bit(1)
    INTEGER = "integer"
    YEAR = "year"
    BITS = "bits"  # bit(n > 1)
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    ENUM = "enum"
    SET = "set"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    TIMESTAMP = "timestamp"
    JSON = "json"
    BINARY = "binary"
    GEOMETRY = "geometry"

    @property
    def traits(self) -> Traits:
        """What can be done with its values."""
        return _TRAITS[self]


def _traits(kind: Kind) -> Traits:
    match kind:
        case Kind.BOOLEAN:
            return Traits(
                family="boolean", sorting="number", exact=True, pageable=True, found_as_sent=True,
                fraction=False, patterns=False, containment=False, document=False, bits=True, members=False,
            )  # fmt: skip
        case Kind.INTEGER | Kind.YEAR:
            return Traits(
                family="number", sorting="number", exact=True, pageable=True, found_as_sent=True,
                fraction=False, patterns=False, containment=False, document=False, bits=False, members=False,
            )  # fmt: skip
        case Kind.BITS:
            return Traits(
                family="number", sorting="number", exact=True, pageable=True, found_as_sent=True,
                fraction=False, patterns=False, containment=False, document=False, bits=True, members=False,
            )  # fmt: skip
        case Kind.DECIMAL:
            return Traits(
                family="number", sorting="decimal", exact=True, pageable=True, found_as_sent=True,
                fraction=False, patterns=False, containment=False, document=False, bits=False, members=False,
            )  # fmt: skip
        case Kind.FLOAT:
            return Traits(
                family="number", sorting="double", exact=True, pageable=True, found_as_sent=False,
                fraction=False, patterns=False, containment=False, document=False, bits=False, members=False,
            )  # fmt: skip
        case Kind.TEXT:
            return Traits(
                family="text", sorting="weights", exact=True, pageable=True, found_as_sent=True,
                fraction=False, patterns=True, containment=False, document=False, bits=False, members=False,
            )  # fmt: skip
        case Kind.ENUM:
            return Traits(
                family="text", sorting="number", exact=True, pageable=True, found_as_sent=True,
                fraction=False, patterns=True, containment=False, document=False, bits=False, members=True,
            )  # fmt: skip
        case Kind.SET:
            return Traits(
                family="text", sorting="number", exact=True, pageable=False, found_as_sent=False,
                fraction=False, patterns=True, containment=True, document=False, bits=False, members=True,
            )  # fmt: skip
        case Kind.DATE:
            return Traits(
                family="date", sorting="text", exact=True, pageable=True, found_as_sent=True,
                fraction=False, patterns=False, containment=False, document=False, bits=False, members=False,
            )  # fmt: skip
        case Kind.TIME:
            return Traits(
                family="time", sorting="number", exact=True, pageable=True, found_as_sent=False,
                fraction=True, patterns=False, containment=False, document=False, bits=False, members=False,
            )  # fmt: skip
        case Kind.DATETIME | Kind.TIMESTAMP:
            return Traits(
                family="moment", sorting="text", exact=True, pageable=True, found_as_sent=False,
                fraction=True, patterns=False, containment=False, document=False, bits=False, members=False,
            )  # fmt: skip
        case Kind.JSON:
            return Traits(
                family="text", sorting=None, exact=False, pageable=False, found_as_sent=False,
                fraction=False, patterns=False, containment=True, document=True, bits=False, members=False,
            )  # fmt: skip
        case Kind.BINARY:
            return Traits(
                family="bytes", sorting="bytes", exact=True, pageable=True, found_as_sent=False,
                fraction=False, patterns=False, containment=False, document=False, bits=False, members=False,
            )  # fmt: skip
        case Kind.GEOMETRY:
            return Traits(
                family="geometry", sorting=None, exact=False, pageable=False, found_as_sent=False,
                fraction=False, patterns=False, containment=False, document=True, bits=False, members=False,
            )  # fmt: skip


_TRAITS = {kind: _traits(kind) for kind in Kind}
