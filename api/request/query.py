"""The query grammar's tree: a parsed query string, before any name in it is looked up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import NamedTuple

from api.errors import ApiError
from api.request.idempotency import Idempotency
from api.request.preconditions import NO_PRECONDITIONS, Preconditions


class JsonStep(NamedTuple):
    """`->key`, `->0` or, as text, `->>key`. Only the last step of a path may return text."""

    key: str | int
    as_text: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or a path into its JSON."""

    name: str
    path: tuple[JsonStep, ...] = ()


@dataclass(frozen=True, slots=True)
class AggregateField(Field):
    """`field::cast.sum()` in a filter or an order. A bare `count()` has no name."""

    aggregate: str = "count"
    cast: str | None = None


@dataclass(frozen=True, slots=True)
class Star:
    """`*` in select: every column of the table."""


@dataclass(frozen=True, slots=True)
class FieldItem:
    """`alias:field::cast.aggregate()::aggregate_cast`. `field` is None for a bare `count()`."""

    field: Field | None
    alias: str | None = None
    cast: str | None = None
    aggregate: str | None = None
    aggregate_cast: str | None = None


@dataclass(frozen=True, slots=True)
class EmbedItem:
    """`alias:relation!hint!inner(select)` or the spread `...relation(select)`."""

    relation: str
    select: tuple[SelectItem, ...]
    alias: str | None = None
    hint: str | None = None
    inner: bool = False
    spread: bool = False

    @property
    def name(self) -> str:
        """The name that filters, order and limits use."""
        return self.alias or self.relation


SelectItem = Star | FieldItem | EmbedItem


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field=not.operator(any).value`.

    `value` is a string without its quotes; for `in` and for a quantified operator a tuple of them.
    `language` is the `english` of `fts(english)`: accepted and ignored, because MySQL has no such setting.
    """

    field: Field
    operator: str
    value: str | tuple[str, ...]
    negated: bool = False
    quantifier: str | None = None
    """`any` or `all`."""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Logic:
    """`and(...)`, `or(...)`, each negated or not."""

    connective: str
    """`and` or `or`."""
    operands: tuple[Condition, ...]
    negated: bool = False


Condition = Comparison | Logic


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """`field.desc.nullslast`, or `relation(field).asc`."""

    field: Field
    relation: str | None = None
    descending: bool = False
    nulls: str | None = None
    """`first`, `last` or None: the contract's default (ascending last, descending first)."""


Path = tuple[str, ...]
"""The names of embeds from the root to where a parameter applies: `()` is the root, `items.product.limit=1` has two."""


class Parameter(NamedTuple):
    """One parameter of the query string."""

    name: str
    """Decoded."""
    raw: str
    """Name and value as sent, still percent-encoded."""
    condition: Condition | None
    """The filter, if it is one on the root's own columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed query string. Every parameter is in one of these fields, or the request was refused."""

    select: tuple[SelectItem, ...] = (Star(),)
    filters: tuple[tuple[Path, Condition], ...] = ()
    """ANDed."""
    orders: tuple[tuple[Path, tuple[OrderTerm, ...]], ...] = ()
    limits: tuple[tuple[Path, int], ...] = ()
    offsets: tuple[tuple[Path, int], ...] = ()
    columns: tuple[str, ...] | None = None
    """`columns=`: the columns of the payload that are written."""
    on_conflict: tuple[str, ...] | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    """A GET on a routine: the parameters that are not part of the grammar, in order."""
    bom: bool = False
    """`bom=true`: CSV begins with a byte order mark."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Tables that parameters name although `select` gives them an alias, each with the alias."""
    parameters: tuple[Parameter, ...] = field(default=(), compare=False)
    """All of them in order, for the links to other pages."""

    @property
    def as_sent(self) -> str:
        """The query string, for messages."""
        return "&".join(parameter.raw for parameter in self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The Prefer headers. None: not given. `applied` is what Preference-Applied reports."""

    returning: str | None = None
    """`minimal`, `headers-only` or `representation`."""
    count: str | None = None
    """`exact`, `planned` or `estimated`."""
    resolution: str | None = None
    """`merge-duplicates` or `ignore-duplicates`."""
    missing: str | None = None
    """`default` or `null`."""
    transaction: str | None = None
    """`commit` or `rollback`."""
    max_affected: int | None = None
    timezone: tzinfo | None = None
    consistency: str | None = None
    """`strong`: read from the writer."""
    applied: tuple[str, ...] = ()

    def without(self, name: str) -> Preferences:
        """The same, but this one is not reported as applied."""
        return replace(self, applied=tuple(each for each in self.applied if not each.startswith(f"{name}=")))


@dataclass(frozen=True, slots=True)
class MediaType:
    """The format of the answer. `name` is one of `api.request.media.OFFERED`."""

    name: str
    nulls_stripped: bool = False
    plan_for: str | None = None
    """For a plan: the media type whose plan is shown."""
    plan_options: tuple[str, ...] = ()
    bom: bool = False
    """CSV begins with a byte order mark, by which Excel recognises UTF-8."""


class Relation(NamedTuple):
    """`/rest/v1/{table}`."""

    name: str


class Row(NamedTuple):
    """`/rest/v1/{table}/{key}`: the key's values in key order, as strings."""

    name: str
    key: tuple[str, ...]


class RoutineCall(NamedTuple):
    """`/rest/v1/rpc/{routine}`."""

    name: str


@dataclass(frozen=True, slots=True)
class Payload:
    """The rows of a body, or a routine's arguments: each a dict of JSON values with exact numbers (int or Decimal)."""

    rows: tuple[dict[str, object], ...]
    is_array: bool
    """The client sent an array or CSV, which may be empty."""
    keys: tuple[str, ...]
    """The keys of the rows, in order of first appearance: all of them where the rows differ."""
    uniform: bool = True
    """Every row has the same keys."""
    from_texts: bool = False
    """CSV or a form: every value is a string or null; a JSON column's value is JSON text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One request, as far as it can be parsed without a database."""

    method: str
    target: Relation | Row | RoutineCall
    query: Query
    media: MediaType
    preferences: Preferences = field(default_factory=Preferences)
    profile: str | None = None
    """Accept-Profile of a read or Content-Profile of a write; None: the default database."""
    limit: int | None = None
    """The root's limit, of `limit=` and `Range:` together."""
    offset: int = 0
    """The root's offset, of `offset=` and `Range:` together."""
    payload: Payload | None = None
    path: str = ""
    """As sent, still percent-encoded, for Link and Location."""
    preconditions: Preconditions = NO_PRECONDITIONS
    download: str | None = None
    """The file that the address names, as in `/cities.csv`."""
    refusal: ApiError | None = field(default=None, compare=False)
    """A header asks for something unavailable. An unknown table or routine is reported first."""
    idempotency: Idempotency | None = None
