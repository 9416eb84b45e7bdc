"""Random reads: levels with columns, conditions, embeds, orders and limits that the grammar allows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.requests import Aggregate, Column, Compare, Condition, Embed, Level, Operand, Related, Term, Tree
from tests.fuzz.tables import CODES, DATES, LINKS, TYPES, WORDS

ORDERED = ("eq", "neq", "gt", "gte", "lt", "lte")
PATTERNS = ("*", "a*", "*b", "_", "*a*", "100%", "a_b", "A*", "%", "é", "*(*", "")
EXPRESSIONS = ("^a", "b$", "a|b", "[ab]+", "^.$", ",")
PATHS: tuple[tuple[str | int, ...], ...] = (
    ("a",), ("s",), ("l",), ("n",), ("o", "k"), ("l", 0), ("l", -1), ("l", 0, "k"), (0,), (1,), (2, "k"), (-1,), ("z",),
)  # fmt: skip
VALUES: dict[str, tuple[str, ...]] = {
    "int": ("-2", "-1", "0", "1", "2", "3", "7", "99"),
    "decimal": ("-3.25", "0", "0.5", "10.00", "10.50", "999.99", "10.5001"),
    "double": ("0.25", "1.5", "-2", "0", "1e3"),
    "text": (*WORDS, "", "zz"),
    "ci": CODES,
    "date": DATES,
    "bool": ("true", "false"),
    "json": ("1", "2", "1.5", '"x"', '"1"', '"zz"', "0"),
}
SUMMED = ("int", "decimal")
LIMITED = ("int", "decimal", "date", "text")


@st.composite
def levels(draw: Any, table: str | None = None, depth: int = 3, *, names: list[int] | None = None) -> Level:
    """A level of any table with up to `depth` levels below it. `names` counts the aliases, which are all different."""
    names = [0] if names is None else names
    if table is None:
        table = str(draw(st.sampled_from(sorted(TYPES))))
    columns = draw(st.lists(_columns(table, names), min_size=1, max_size=3))
    embeds: list[Embed] = []
    if depth:
        for relation in draw(st.lists(st.sampled_from(sorted(LINKS[table])), max_size=2)):
            embeds.append(draw(_embeds(table, relation, depth - 1, names, [embed.name for embed in embeds])))
    where = draw(st.lists(conditions(table, tuple(embeds)), max_size=2))
    limit = draw(st.none() | st.none() | st.integers(0, 4))
    offset = draw(st.sampled_from([0, 0, 0, 1, 2]))
    order = draw(st.lists(terms(table, tuple(embeds)), max_size=2))
    return Level(table, tuple(columns), (), tuple(embeds), tuple(where), tuple(order), limit, offset)


@st.composite
def grouped(draw: Any, table: str | None = None, names: list[int] | None = None, *, within: bool = False) -> Level:
    """A level with aggregates, in the order of all of its other columns, so that the rows' order is known."""
    names = [0] if names is None else names
    if table is None:
        table = str(draw(st.sampled_from(sorted(TYPES))))
    kinds = TYPES[table]
    plain = sorted(name for name, kind in kinds.items() if kind not in ("ci", "json"))
    by = draw(st.lists(st.sampled_from(plain), unique=True, max_size=2))
    found: list[Aggregate] = []
    for _ in range(draw(st.integers(1, 3))):
        function = draw(st.sampled_from(["count", "count", "sum", "avg", "min", "max"]))
        allowed = SUMMED if function in ("sum", "avg") else LIMITED
        candidates = sorted(name for name, kind in kinds.items() if function == "count" or kind in allowed)
        column = draw(st.sampled_from(candidates))
        if function == "count":
            column = draw(st.none() | st.just(column))
        found.append(Aggregate(_name(names), function, column))
    where = draw(st.lists(conditions(table, ()), max_size=2))
    order = tuple(Term(name, draw(st.booleans()), draw(st.sampled_from(["", "first", "last"]))) for name in by)
    limit = None if within else draw(st.none() | st.integers(0, 3))
    columns = tuple(Column(_name(names), Operand(name)) for name in by)
    return Level(table, columns, tuple(found), (), tuple(where), order, limit, 0 if within else draw(st.integers(0, 1)))


@st.composite
def conditions(draw: Any, table: str, embeds: tuple[Embed, ...]) -> Condition:
    """A filter, or a tree of them."""
    single: st.SearchStrategy[Condition] = st.deferred(lambda: _comparisons(table))
    # Each test of a relation repeats its conditions in the statement, which multiplies from level to level.
    flat = [embed.name for embed in embeds if not any(map(_tests_relations, _all_conditions(embed.level)))]
    flat = [name for name in flat if name not in TYPES[table]]  # a column of that name is what the filter means
    if flat:
        single |= st.builds(Related, st.sampled_from(flat), st.booleans())
    tree = st.recursive(
        single,
        lambda inner: st.builds(
            Tree, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3).map(tuple), st.booleans()
        ),
        max_leaves=2 if embeds else 4,
    )
    found: Condition = draw(tree)
    return found


def _all_conditions(level: Level) -> list[Condition]:
    return [*level.where, *(each for embed in level.embeds for each in _all_conditions(embed.level))]


def _tests_relations(condition: Condition) -> bool:
    return isinstance(condition, Related) or (
        isinstance(condition, Tree) and any(map(_tests_relations, condition.parts))
    )


@st.composite
def terms(draw: Any, table: str, embeds: tuple[Embed, ...]) -> Term:
    """A term of `order` by a column of the table or of a to-one embed."""
    to_one = [embed for embed in embeds if LINKS[table][embed.relation].to_one]
    embed = draw(st.none() | st.sampled_from(to_one)) if to_one else None
    kinds = TYPES[embed.level.table if embed else table]
    column = draw(st.sampled_from(sorted(name for name, kind in kinds.items() if kind != "json")))
    return Term(column, draw(st.booleans()), draw(st.sampled_from(["", "first", "last"])), embed.name if embed else "")


@st.composite
def _columns(draw: Any, table: str, names: list[int]) -> Column:
    operand = draw(_operands(table))
    kind = TYPES[table][operand.column]
    cast = draw(st.sampled_from(["", "", "text"])) if kind in ("int", "decimal", "date") else ""
    return Column(_name(names), operand, cast)


@st.composite
def _operands(draw: Any, table: str) -> Operand:
    column = draw(st.sampled_from(sorted(TYPES[table])))
    if TYPES[table][column] != "json":
        return Operand(column)
    path = draw(st.sampled_from([(), *PATHS]))
    return Operand(column, path, bool(path) and draw(st.booleans()))


@st.composite
def _embeds(draw: Any, table: str, relation: str, depth: int, names: list[int], taken: list[str]) -> Embed:
    link = LINKS[table][relation]
    spread = relation not in taken and draw(st.integers(0, 3)) == 0
    if not link.to_one and not spread and draw(st.integers(0, 4)) == 0:
        level = draw(grouped(link.target, names, within=True))
    else:
        level = draw(levels(link.target, depth, names=names))
        if not spread and draw(st.integers(0, 5)) == 0:
            level = replace(level, columns=(), embeds=(), order=(), where=tuple(_without_embeds(level.where)))
    inner = not level.aggregates and draw(st.integers(0, 2)) == 0
    return Embed(_name(names), relation, inner, spread, level)


def _without_embeds(where: tuple[Condition, ...]) -> list[Condition]:
    return [condition for condition in where if isinstance(condition, Compare)]


@st.composite
def _comparisons(draw: Any, table: str) -> Compare:
    operand = draw(_operands(table))
    kind = TYPES[table][operand.column]
    if operand.path:
        kind = "text" if operand.as_text else "json"
    negated = draw(st.booleans())
    choices = ["is", "eq", "in", "isdistinct", "quantified", *ORDERED]
    if kind == "json":
        choices = ["is", *ORDERED] if operand.path else ["is"]
    elif kind == "text":
        choices += ["like", "ilike", "match", "imatch"]
    elif kind == "bool":
        choices = ["is", "truth", "eq", "neq", "isdistinct"]
    operator = draw(st.sampled_from(choices))
    values = st.sampled_from(VALUES[kind])
    match operator:
        case "is":
            return Compare(operand, "is", draw(st.sampled_from(["null", "not_null"])), negated=negated)
        case "truth":
            return Compare(operand, "is", draw(st.sampled_from(["true", "false", "unknown"])), negated=negated)
        case "in":
            return Compare(operand, "in", tuple(draw(st.lists(values, max_size=3))), negated=negated)
        case "like" | "ilike":
            return Compare(operand, operator, draw(st.sampled_from(PATTERNS)), negated=negated)
        case "match" | "imatch":
            return Compare(operand, operator, draw(st.sampled_from(EXPRESSIONS)), negated=negated)
        case "quantified":
            several = tuple(draw(st.lists(values, min_size=1, max_size=3)))
            quantifier = draw(st.sampled_from(["any", "all"]))
            operator = draw(st.sampled_from([each for each in ORDERED if each != "neq"]))
            return Compare(operand, operator, several, quantifier, negated)
        case _:
            return Compare(operand, operator, draw(values), negated=negated)


def _name(names: list[int]) -> str:
    names[0] += 1
    return f"x{names[0]}"
