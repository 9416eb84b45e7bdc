"""The operators of filters, one row each: the parser, the planner, the SQL and the OpenAPI document read this table.

A new operator of a known family takes a row here and a row in docs/grammar.md; where its SQL is not one template for
every type, also a case in `api.sql.operators`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, LiteralString

OperatorFamily = Literal["comparison", "list", "test", "pattern", "search", "containment", "spatial"]


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator, as in `field=operator.value`."""

    name: str
    family: OperatorFamily
    """It decides the values and columns: a `list` takes several values, a `test` one of `IS_VALUES`."""
    means: str
    example: str
    """On `countries` of the sample database; a search or a spatial filter on `airports`."""
    sql: LiteralString = ""
    """The condition with its left and right side. Empty where it depends on the type: see `api.sql.operators`."""
    mariadb: LiteralString = ""
    """The same, where MariaDB has another syntax."""
    outcomes: tuple[int, ...] = ()
    """Of a comparison: for which of -1 (smaller), 0 and 1 it is true."""
    for_null: bool | None = None
    """Of a comparison: its outcome for NULL, if that is not unknown."""
    quantifiable: bool = False
    """It may be followed by `(any)` or `(all)`, and values in braces."""
    wildcards: bool = False
    """Its pattern uses `*` and `_`; other patterns are regular expressions."""
    ignores_case: bool = False

    @property
    def orders(self) -> bool:
        """It depends on the order of two values."""
        return sum(self.outcomes) != 0


_TABLE = (
    Operator("eq", "comparison", "equal", "continent_code=eq.EU", "{} = {}", outcomes=(0,), quantifiable=True),
    Operator("neq", "comparison", "not equal", "continent_code=neq.EU", "{} <> {}", outcomes=(-1, 1)),
    Operator("gt", "comparison", "greater", "population=gt.1000000", "{} > {}", outcomes=(1,), quantifiable=True),
    Operator(
        "gte", "comparison", "greater or equal", "population=gte.1000000", "{} >= {}", outcomes=(0, 1),
        quantifiable=True,
    ),
    Operator("lt", "comparison", "less", "population=lt.1000000", "{} < {}", outcomes=(-1,), quantifiable=True),
    Operator(
        "lte", "comparison", "less or equal", "population=lte.1000000", "{} <= {}", outcomes=(-1, 0),
        quantifiable=True,
    ),
    Operator(
        "isdistinct", "comparison", "not equal, where null is a value like any other", "capital=isdistinct.Bern",
        "NOT ({} <=> {})", outcomes=(-1, 1), for_null=True,
    ),
    Operator("in", "list", "one of a list; `in.()` matches no row", "code=in.(AT,CH)"),
    Operator("is", "test", "`null`, `not_null`, `true`, `false` or `unknown`", "capital=is.null"),
    Operator(
        "like", "pattern", "matches a pattern: `*` or `%` is any text, `_` one character", "name=like.*land",
        "{} LIKE {}", quantifiable=True, wildcards=True,
    ),
    Operator(
        "ilike", "pattern", "the same, ignoring case", "name=ilike.*LAND",
        "LOWER({}) LIKE LOWER({})", quantifiable=True, wildcards=True, ignores_case=True,
    ),
    Operator(
        "match", "pattern", "matches a regular expression", "name=match.^New",
        "REGEXP_LIKE({},{},'c')", "{} REGEXP CONCAT('(?-i)',{})", quantifiable=True,
    ),
    Operator(
        "imatch", "pattern", "the same, ignoring case", "name=imatch.^new",
        "REGEXP_LIKE({},{},'i')", "{} REGEXP CONCAT('(?i)',{})", quantifiable=True, ignores_case=True,
    ),
    Operator("fts", "search", "full text: words with the operators of `to_tsquery`", "name=fts.paris%26!orly"),
    Operator("plfts", "search", "full text: all of these words", "name=plfts.paris+orly"),
    Operator("phfts", "search", "full text: this phrase", "name=phfts.san+francisco"),
    Operator("wfts", "search", "full text as in a search engine: quotes, `or`, `-`", "name=wfts.paris+-orly"),
    Operator("cs", "containment", "the JSON or SET contains these", "weekend=cs.{saturday,sunday}"),
    Operator("cd", "containment", "the JSON or SET is contained in these", "weekend=cd.{saturday,sunday}"),
    Operator("ov", "containment", "the JSON or SET has any of these", "weekend=ov.{friday,sunday}"),
    Operator(
        "within", "spatial", "the geometry is inside a box (west, south, east, north) or a GeoJSON polygon",
        "location=within.(16.2,48.1,16.7,48.3)",
    ),
    Operator(
        "intersects", "spatial", "the geometry has a point in common with a box or any GeoJSON geometry",
        "location=intersects.(16.2,48.1,16.7,48.3)",
    ),
    Operator(
        "dwithin", "spatial", "the geometry is within a distance of a point: longitude, latitude, metres",
        "location=dwithin.(16.37,48.21,25000)",
    ),
)  # fmt: skip

OPERATORS: Mapping[str, Operator] = MappingProxyType({operator.name: operator for operator in _TABLE})
QUANTIFIABLE = tuple(operator.name for operator in _TABLE if operator.quantifiable)
FULL_TEXT = tuple(operator.name for operator in _TABLE if operator.family == "search")
"""May be followed by a language, `(english)`."""
RANGE_OPERATORS = ("sl", "sr", "nxr", "nxl", "adj")
"""PostgreSQL's, for ranges, which MySQL does not have."""
IS_VALUES = ("null", "not_null", "true", "false", "unknown")
