"""The SELECT of a view, parsed from the canonical text that the server stores.

MySQL and MariaDB rewrite a view's query before storing it: names are quoted with backticks and qualified, joins are
parenthesised, every item has an alias. This module parses only that form. If it meets anything else, the result is None
(for the whole view) or an item without a reference. The view may then lack a key, but its columns are right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from api.catalog import TableKey
from api.catalog.introspection.view_tokens import (
    Token,
    TokenKind,
    Unknown,
    bare,
    in_parentheses,
    is_word,
    outside_parentheses,
    split,
    tokens_of,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of a source; `source` is an index into `ViewDefinition.sources`."""

    source: int
    column: str


@dataclass(frozen=True, slots=True)
class Source:
    """A table, a view or a subquery in the FROM clause."""

    table: TableKey | None
    """None for a subquery, a derived table or a common table expression."""
    alias: str | None
    nullable: bool
    """On the inner side of an outer join: its columns are NULL if no row matches."""
    derived: ViewDefinition | None = None
    """What a subquery selects; None if it is more than a SELECT from tables."""


@dataclass(frozen=True, slots=True)
class Equality:
    """`left = right`, true for every row of the view; `right` is None for a constant.

    `scope`: the sources whose rows this equality may identify; in the ON of an outer join, those on its inner side.
    """

    left: Reference
    right: Reference | None
    scope: frozenset[int]


@dataclass(frozen=True, slots=True)
class ViewDefinition:
    """What a view selects, as far as it can be determined."""

    sources: tuple[Source, ...]
    items: tuple[Reference | None, ...]
    """One for each column of the view; None for an expression."""
    equalities: tuple[Equality, ...] = ()
    groups: tuple[Reference | None, ...] | None = None
    """The items of the GROUP BY, None for an expression; None if there is no GROUP BY."""
    selects_subquery: bool = False
    """One of the items contains a subquery."""
    names: tuple[str, ...] = field(default=(), compare=False)
    """The name of each item."""

    def tables(self) -> Iterator[TableKey]:
        """The tables and views that it selects from, those of its subqueries included."""
        for source in self.sources:
            if source.table is not None:
                yield source.table
            if source.derived is not None:
                yield from source.derived.tables()


_OPTIONS = frozenset((
    "distinct", "distinctrow", "all", "high_priority", "straight_join", "sql_small_result", "sql_big_result",
    "sql_buffer_result", "sql_no_cache", "sql_cache", "sql_calc_found_rows",
))  # fmt: skip
_CLAUSES = ("from", "where", "group", "having", "window", "order", "limit")
_SET_OPERATIONS = frozenset(("union", "intersect", "except", "minus", "into", "procedure", "for", "lock", "with"))
_JOINS = frozenset(("join", "left", "right", "inner", "cross", "natural", "straight_join"))


def read_view(text: str, schema: str) -> ViewDefinition | None:
    """Parse the definition of a view in the database `schema`; None if it is more than a SELECT from tables."""
    try:
        return _read(tokens_of(text), schema, {})
    except Unknown:
        return None


Subqueries = Mapping[str, "ViewDefinition | None"]
"""The common table expressions that a FROM clause can name, in lower case; None for those that are too complex."""


def _read(tokens: Sequence[Token], schema: str, known: Subqueries) -> ViewDefinition:
    if tokens and is_word(tokens[0], "with"):
        tokens, known = _common_tables(tokens[1:], schema, known)
    if not tokens or not is_word(tokens[0], "select"):
        raise Unknown
    clauses = _clauses(tokens[1:])
    start = 0
    while start < len(clauses["select"]) and clauses["select"][start].text in _OPTIONS:
        start += 1
    named = [_item(part) for part in split(clauses["select"][start:], ",")]
    items = [item for item, _ in named]
    reader = _FromReader(clauses.get("from", ()), schema, known)
    reader.read()
    everything = frozenset(range(len(reader.sources)))
    equalities = [*reader.equalities(), *_equalities(clauses.get("where", ()), reader.sources, everything)]
    groups = clauses.get("group")
    return ViewDefinition(
        sources=tuple(reader.sources),
        items=tuple(_reference(item, reader.sources) for item in items),
        equalities=tuple(equalities),
        groups=None if groups is None else tuple(_group(part, reader.sources) for part in split(groups[1:], ",")),
        selects_subquery=any(is_word(token, "select") for item in items for token in item),
        names=tuple(name for _, name in named),
    )


def _common_tables(
    tokens: Sequence[Token], schema: str, known: Subqueries
) -> tuple[Sequence[Token], Mapping[str, ViewDefinition | None]]:
    """What follows `WITH ... AS (...), ...`, and all common table expressions. A recursive one is too complex."""
    found = dict(known)
    while True:
        if len(tokens) < 4 or tokens[0].kind not in (TokenKind.NAME, TokenKind.WORD) or is_word(tokens[0], "recursive"):
            raise Unknown
        name, tokens = tokens[0].text, tokens[1:]
        names, tokens = _column_names(tokens)
        if not is_word(tokens[0], "as"):
            raise Unknown
        inside, tokens = in_parentheses(tokens[1:])
        found[name.lower()] = _subquery(inside, schema, found, names)
        if not tokens or tokens[0].text != ",":
            return tokens, found
        tokens = tokens[1:]


def _subquery(tokens: Sequence[Token], schema: str, known: Subqueries, names: tuple[str, ...]) -> ViewDefinition | None:
    try:
        definition = _read(tokens, schema, known)
    except Unknown:
        return None
    return replace(definition, names=names) if len(names) == len(definition.items) else definition


def _column_names(tokens: Sequence[Token]) -> tuple[tuple[str, ...], Sequence[Token]]:
    """The names in parentheses behind the name of a subquery, if there are any, and what follows."""
    if not tokens or tokens[0].text != "(" or tokens[0].kind is not TokenKind.SYMBOL:
        return (), tokens
    inside, rest = in_parentheses(tokens)
    return tuple(token.text for token in inside[::2]), rest


def _clauses(tokens: Sequence[Token]) -> dict[str, Sequence[Token]]:
    """The tokens of each clause, keyed by its first word, which they do not include."""
    starts = [("select", 0)]
    order = iter(_CLAUSES)
    for index, token in outside_parentheses(tokens):
        if token.kind is not TokenKind.WORD:
            continue
        if token.text in _SET_OPERATIONS:
            raise Unknown
        if token.text in _CLAUSES:
            if token.text not in order:  # `in` consumes the iterator, so each clause may come once, in this order
                raise Unknown
            starts.append((token.text, index))
    ends = [index for _, index in starts[1:]] + [len(tokens)]
    return {
        word: tokens[start + (word != "select") : end] for (word, start), end in zip(starts, ends, strict=True)
    }  # fmt: skip


def _item(tokens: Sequence[Token]) -> tuple[Sequence[Token], str]:
    """An item's expression, and its alias."""
    if len(tokens) < 3 or not is_word(tokens[-2], "as") or tokens[-1].kind is not TokenKind.NAME:
        raise Unknown
    return tokens[:-2], tokens[-1].text


def _group(tokens: Sequence[Token], sources: Sequence[Source]) -> Reference | None:
    if any(token.kind is TokenKind.WORD and token.text in ("rollup", "cube") for token in tokens):
        raise Unknown
    return _reference(tokens, sources)


def _reference(tokens: Sequence[Token], sources: Sequence[Source]) -> Reference | None:
    """The column, if the expression is only a column; else None."""
    tokens = bare(tokens)
    if len(tokens) not in (3, 5) or any(token.kind is not TokenKind.NAME for token in tokens[::2]):
        return None
    if any(token.text != "." for token in tokens[1::2]):
        return None
    *qualifier, column = (token.text for token in tokens[::2])
    found = [index for index, source in enumerate(sources) if _is_called(source, qualifier)]
    return Reference(found[0], column) if len(found) == 1 else None


def _is_called(source: Source, qualifier: list[str]) -> bool:
    if source.alias is not None or source.table is None:
        return qualifier[-1] == source.alias  # MySQL qualifies the alias of a view with the database
    return qualifier[-1] == source.table.name and qualifier[:-1] in ([], [source.table.schema])


class _FromReader:
    """Parses the FROM clause: its sources in order, and its join conditions."""

    def __init__(self, tokens: Sequence[Token], schema: str, known: Subqueries) -> None:
        self.tokens = tokens
        self.schema = schema
        self.known = known
        self.at = 0
        self.sources: list[Source] = []
        self.conditions: list[tuple[Sequence[Token], frozenset[int]]] = []
        self.nested = 0

    def read(self) -> None:
        if self.tokens:
            self.tables()
        if self.at != len(self.tokens):
            raise Unknown

    def equalities(self) -> Iterator[Equality]:
        for condition, scope in self.conditions:
            yield from _equalities(condition, self.sources, scope)

    def peek(self, ahead: int = 0) -> Token | None:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def takes(self, *texts: str) -> bool:
        token = self.peek()
        if token is None or token.kind in (TokenKind.NAME, TokenKind.CONSTANT) or token.text not in texts:
            return False
        self.at += 1
        return True

    def tables(self) -> None:
        first = len(self.sources)
        self.table()
        while True:
            joined = len(self.sources)
            if self.takes(","):
                self.table()
                continue
            token = self.peek()
            if token is None or token.kind is not TokenKind.WORD or token.text not in _JOINS:
                return
            outer = self.join_words()
            self.table()
            if outer == "left":
                self.make_nullable(joined, len(self.sources))
            elif outer == "right":
                self.make_nullable(first, joined)
            if self.takes("on"):
                sides = {"left": range(joined, len(self.sources)), "right": range(first, joined)}
                within = sides.get(outer, range(first, len(self.sources)))
                self.conditions.append((self.condition(), frozenset(within)))

    def join_words(self) -> str:
        """Consume the words of a join; returns `left`, `right` or an empty string."""
        outer = ""
        while not self.takes("join", "straight_join"):
            token = self.peek()
            if not self.takes("left", "right", "inner", "outer", "cross", "natural") or token is None:
                raise Unknown
            outer = token.text if token.text in ("left", "right") else outer
        return outer

    def table(self) -> None:
        self.takes("lateral")
        following = self.peek(1)
        if following is not None and following.kind is TokenKind.WORD and following.text in ("select", "with"):
            self.derived_table()
            return
        if self.takes("("):
            self.tables()
            if not self.takes(")"):
                raise Unknown
            return
        parts = [self.name()]
        while self.takes("."):
            parts.append(self.name())
        alias = self.peek()
        if alias is not None and alias.kind is TokenKind.NAME:
            self.at += 1
        else:
            alias = None
        if len(parts) > 2:
            raise Unknown
        if len(parts) == 1 and parts[0].lower() in self.known:
            name = parts[0] if alias is None else alias.text
            self.sources.append(Source(None, name, nullable=False, derived=self.known[parts[0].lower()]))
            return
        table = TableKey(*parts) if len(parts) == 2 else TableKey(self.schema, parts[0])
        self.sources.append(Source(table, None if alias is None else alias.text, nullable=False))

    def derived_table(self) -> None:
        """A subquery in parentheses, with its alias."""
        inside, rest = in_parentheses(self.tokens[self.at :])
        self.at = len(self.tokens) - len(rest)
        alias = self.name()
        names, rest = _column_names(self.tokens[self.at :])
        self.at = len(self.tokens) - len(rest)
        definition = _subquery(inside, self.schema, self.known, names)
        self.sources.append(Source(None, alias, nullable=False, derived=definition))

    def name(self) -> str:
        token = self.peek()
        if token is None or token.kind is not TokenKind.NAME:
            raise Unknown  # a table function, an index hint
        self.at += 1
        return token.text

    def condition(self) -> Sequence[Token]:
        """Consume everything up to the next join at this depth."""
        start, depth = self.at, 0
        while (token := self.peek()) is not None:
            if token.kind is TokenKind.SYMBOL:
                depth += {"(": 1, ")": -1}.get(token.text, 0)
                if depth < 0 or (depth == 0 and token.text == ","):
                    break
            elif depth == 0 and token.kind is TokenKind.WORD and token.text in _JOINS and not self.is_call():
                break
            self.at += 1
        return self.tokens[start : self.at]

    def is_call(self) -> bool:
        """Whether the next word is a function, such as `left(...)`, and not a join."""
        following = self.peek(1)
        return following is not None and following.text == "("

    def make_nullable(self, start: int, end: int) -> None:
        self.sources[start:end] = [replace(source, nullable=True) for source in self.sources[start:end]]


def _equalities(condition: Sequence[Token], sources: Sequence[Source], scope: frozenset[int]) -> Iterator[Equality]:
    """The equalities that a condition requires, in both directions."""
    condition = bare(condition)
    words = {token.text for _, token in outside_parentheses(condition) if token.kind is TokenKind.WORD}
    if words & {"or", "xor", "not", "between", "case"}:
        return
    parts = split(condition, "and")
    if len(parts) > 1:
        for part in parts:
            yield from _equalities(part, sources, scope)
        return
    sides = split(condition, "=")
    if len(sides) != 2:
        return
    references = [_reference(side, sources) for side in sides]
    for reference, other, side in zip(references, references[::-1], reversed(sides), strict=True):
        if reference is not None and (other is not None or _is_constant(side)):
            yield Equality(reference, other, scope)


def _is_constant(tokens: Sequence[Token]) -> bool:
    tokens = bare(tokens)
    if len(tokens) == 2 and tokens[0].text.startswith("_"):
        tokens = tokens[1:]  # a character set introducer
    return len(tokens) == 1 and tokens[0].kind is TokenKind.CONSTANT
