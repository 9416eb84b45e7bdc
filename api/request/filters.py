"""Filters: `eq.1`, `not.in.(1,2)`, `like(any).{a*,b*}`, and the trees of `and=` and `or=`.

At the top level everything after the operator is the value; in a tree it ends at a comma or a parenthesis, unless it is
quoted.
"""

from __future__ import annotations

import re

from api import errors
from api.request.habits import is_hint, list_hint, tree_hint
from api.request.operators import FULL_TEXT, IS_VALUES, OPERATORS, QUANTIFIABLE, RANGE_OPERATORS, Operator
from api.request.query import Comparison, Condition, Field, Logic
from api.request.scan import FIELD_NAME, MAX_DEPTH, Unexpected, skip_blanks, unescape, value_field_at

_OPERATION = re.compile(r"(not\.)?([a-z]+)(?:\(([^()]*)\))?\.")
_WORD = re.compile(r"[^.()\s]*")
_LANGUAGE = re.compile(r"[\w $]+")
_IS = re.compile("|".join(sorted(IS_VALUES, key=len, reverse=True)), re.IGNORECASE)
_GROUP = re.compile(r"[ \t]*(not\.)?(and|or)[ \t]*\(")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"(?=[,)]|$)', re.DOTALL)
_RAW = re.compile(r"[^,)]*")
_BRACES = re.compile(r"\{[^{}]*\}(?=[,)])")
_NESTED = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_ELEMENT = re.compile(r'[ \t]*(?:"((?:[^"\\]|\\.)*)"[ \t]*(?=[,}])|([^,{}]*))', re.DOTALL)
OPERATORS_HINT = "Operators:"
"""In a hint, all operators follow it."""
_EXPECTED_OPERATOR = '"not" or operator (eq, gt, ...)'
_EXPECTED_NODE = f"{FIELD_NAME}, negation operator (not) or logic operator (and, or)"


def parse_comparison(field: Field, text: str) -> Comparison:
    """The comparison of `field=text`.

    >>> parse_comparison(Field("a"), "not.eq.x,y").value
    'x,y'
    >>> parse_comparison(Field("a"), 'in.("x,y",c"d,3)').value
    ('x,y', 'c"d', '3')
    >>> parse_comparison(Field("a"), "in.()").value
    ()
    >>> parse_comparison(Field("a"), "like(all).{x*,*y}")  # doctest: +ELLIPSIS
    Comparison(field=..., operator='like', value=('x*', '*y'), negated=False, quantifier='all', language=None)
    >>> parse_comparison(Field("a"), "eqq.1")
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST100: "failed to parse filter (eqq.1)" (line 1, column 1)

    Raises: `ApiError` PGRST100, PGRST127 for an operator on ranges.
    """
    try:
        negated, operator, modifier, position = _operation_at(text, 0)
        quantifier = language = None
        value: str | tuple[str, ...]
        if operator.family == "list":
            value, end = _list_at(text, position)
        elif operator.family == "test":
            value, end = _is_at(text, position)
        else:
            value, end = text[position:], len(text)
            if modifier is not None:
                if operator.quantifiable:
                    quantifier, value = modifier, _array(text, position, value)
                else:
                    language = modifier
        if end != len(text):
            raise Unexpected(end, "end of input", 'Quote values that contain "," or ")": in.("a,b",c).')
    except Unexpected as problem:
        raise problem.refusal("filter", text) from None
    return Comparison(field, operator.name, value, negated, quantifier, language)


def parse_tree(operator: str, text: str) -> Logic:
    """The tree of `operator=text`, where `operator` is `and`, `or`, `not.and` or `not.or`.

    >>> tree = parse_tree("or", '(a.eq."1,2",not.and(b.gt.2,c.not.is.null))')
    >>> tree.connective, [type(operand).__name__ for operand in tree.operands]
    ('or', ['Comparison', 'Logic'])
    >>> tree.operands[0].value
    '1,2'
    >>> parse_tree("or", "()")
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST100: "failed to parse logic tree (())" (line 1, column 4)

    Raises: `ApiError` PGRST100, PGRST127.
    """
    whole = operator + text
    try:
        opening = _GROUP.match(whole)
        if opening is None:
            raise Unexpected(len(operator), '"("')
        tree, position = _group_at(whole, opening, 1)
        if position != len(whole):
            raise Unexpected(position, "end of input")
    except Unexpected as problem:
        problem.hint = tree_hint(operator, text) or problem.hint
        raise problem.refusal("logic tree", text, whole) from None
    return tree


def _group_at(text: str, opening: re.Match[str], depth: int) -> tuple[Logic, int]:
    position = opening.end()
    if depth > MAX_DEPTH:
        raise Unexpected(position, f"at most {MAX_DEPTH} levels of and/or")
    operands: list[Condition] = []
    while True:
        nested = _GROUP.match(text, position)
        operand, position = _group_at(text, nested, depth + 1) if nested else _leaf_at(text, position)
        operands.append(operand)
        position = skip_blanks(text, position)
        following = text[position : position + 1]
        if following == ",":
            position += 1
        elif following == ")":
            return Logic(opening[2], tuple(operands), opening[1] is not None), skip_blanks(text, position + 1)
        else:
            raise Unexpected(position, '"," or ")"')


def _leaf_at(text: str, position: int) -> tuple[Comparison, int]:
    start = skip_blanks(text, position)
    try:
        field, position = value_field_at(text, position)
    except Unexpected as problem:
        raise Unexpected(
            problem.position, _EXPECTED_NODE if problem.expected == FIELD_NAME else problem.expected
        ) from None
    if not text.startswith(".", position):
        raise Unexpected(position, '"("' if text[start:position].strip() in ("and", "or") else "delimiter (.)")
    negated, operator, modifier, position = _operation_at(text, position + 1)
    value: str | tuple[str, ...]
    if operator.family == "list":
        value, position = _list_at(text, position)
        return Comparison(field, operator.name, value, negated), position
    if operator.family == "test":
        value, position = _is_at(text, position)
        return Comparison(field, operator.name, value, negated), position
    if operator.family == "spatial":
        value, position = _shape_at(text, position)
        return Comparison(field, operator.name, value, negated), position
    start = position
    nesting = operator.family == "containment" or (modifier is not None and operator.quantifiable)
    raw, position = _value_at(text, position, nesting)
    if modifier is None:
        return Comparison(field, operator.name, raw, negated), position
    if operator.quantifiable:
        return Comparison(field, operator.name, _array(text, start, raw), negated, modifier), position
    return Comparison(field, operator.name, raw, negated, None, modifier), position


def _operation_at(text: str, position: int) -> tuple[bool, Operator, str | None, int]:
    """Whether it is negated, the operator, its quantifier or language, and where the value starts."""
    found = _OPERATION.match(text, position)
    if found is None:
        raise _bad_operation(text, position)
    negation, name, modifier = found.groups()
    operator = OPERATORS.get(name)
    if operator is None:
        raise _bad_operation(text, position)
    if modifier is not None:
        if operator.family == "search" and _LANGUAGE.fullmatch(modifier):
            modifier = modifier.strip()
        elif not (operator.quantifiable and modifier in ("any", "all")):
            raise _bad_modifier(text, found.start(3), name)
    return negation is not None, operator, modifier, found.end()


def _bad_operation(text: str, position: int) -> Unexpected:
    """Why no operation starts here. Raises PGRST127 for an operator that the grammar has and MySQL does not."""
    expected = _EXPECTED_OPERATOR
    if text.startswith("not.", position):
        position, expected = position + 4, "operator (eq, gt, ...)"
    word = _WORD.match(text, position)
    operator = word[0] if word else ""
    end = position + len(operator)
    if operator in RANGE_OPERATORS and text.startswith(".", end):
        raise errors.not_implemented(f"The operator '{operator}' compares ranges, which MySQL does not have.")
    if operator in OPERATORS and text.startswith("(", end):
        return _bad_modifier(text, end + 1, operator)
    if operator in OPERATORS:
        return Unexpected(end, "delimiter (.)")
    near = errors.did_you_mean(operator, OPERATORS)
    return Unexpected(position, expected, f"{near or ''} {OPERATORS_HINT} {errors.listing(OPERATORS)}.".lstrip())


def _bad_modifier(text: str, position: int, operator: str) -> Unexpected:
    if operator in QUANTIFIABLE:
        return Unexpected(position, "any or all, as in eq(any).{1,2}")
    if operator in FULL_TEXT:
        return Unexpected(position, "a language, as in fts(english).cat")
    if operator == "in":
        return Unexpected(position - 1, "delimiter (.)", list_hint(text[position - 1 :]))
    return Unexpected(
        position - 1, "delimiter (.)", f"Operators that take a modifier: {errors.listing(QUANTIFIABLE + FULL_TEXT)}."
    )


def _is_at(text: str, position: int) -> tuple[str, int]:
    found = _IS.match(text, position)
    if found is None:
        raise Unexpected(position, f"isVal: ({', '.join(IS_VALUES)})", is_hint(text[position:]))
    return found[0].lower(), found.end()


def _list_at(text: str, position: int) -> tuple[tuple[str, ...], int]:
    """`(a,"b,c")`. A quote that does not enclose a whole element is part of it: postgrest-js sends such values."""
    position = skip_blanks(text, position)
    if not text.startswith("(", position):
        raise Unexpected(position, '"("', list_hint(text[position:]))
    start = position
    position += 1
    closing = text.find(")", position)
    if closing >= 0 and '"' not in text[position:closing]:
        inside = text[position:closing]
        return (tuple(inside.split(",")) if inside.strip(" \t") else ()), skip_blanks(text, closing + 1)
    elements: list[str] = []
    while True:
        quoted = _QUOTED.match(text, position)
        raw = None if quoted else _RAW.match(text, position)
        if quoted:
            elements.append(unescape(quoted[1]))
            position = quoted.end()
        elif raw:
            elements.append(raw[0])
            position = raw.end()
        following = text[position : position + 1]
        if following == ")":
            return tuple(elements), skip_blanks(text, position + 1)
        if following != ",":
            hint = list_hint(text[start:]) if not following else None
            raise Unexpected(position, '"," or ")"', hint)
        position += 1


def _shape_at(text: str, position: int) -> tuple[str, int]:
    """A box or distance in parentheses, a GeoJSON object, or either in quotes."""
    first = text[position : position + 1]
    if first == "(":
        closing = text.find(")", position)
        if closing < 0:
            raise Unexpected(len(text), '")"')
        return text[position : closing + 1], skip_blanks(text, closing + 1)
    if first in ("{", '"'):
        return _value_at(text, position, nesting=True)
    raise Unexpected(position, '"(" or a GeoJSON object')


def _value_at(text: str, position: int, nesting: bool) -> tuple[str, int]:
    """A value in a tree: quoted, in braces (and brackets where the operator takes them), or up to a comma."""
    first = text[position : position + 1]
    if first == '"':
        quoted = _QUOTED.match(text, position)
        if quoted:
            return unescape(quoted[1]), quoted.end()
    elif first == "{":
        braces = _BRACES.match(text, position)
        if braces:
            return braces[0], braces.end()
    if nesting and first and first in "{[":
        end = _closing(text, position)
        if end and text[end : end + 1] in (",", ")"):
            return text[position:end], end
    raw = _RAW.match(text, position)
    return (raw[0], raw.end()) if raw else ("", position)


def _closing(text: str, position: int) -> int:
    """The position after the bracket that closes the one at `position`; 0 if none does, or behind too many levels."""
    depth = 0
    for token in _NESTED.finditer(text, position):
        if token[0] in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                break
        elif token[0] in "}]":
            depth -= 1
            if not depth:
                return token.end()
    return 0


def _array(text: str, start: int, value: str) -> tuple[str, ...]:
    """The elements of `{a,"b,c"}`, PostgreSQL's array syntax; `start` is the position of the value in `text`."""
    inside = value.strip(" \t")
    if len(inside) < 2 or inside[0] != "{" or inside[-1] != "}":
        raise Unexpected(start, "values in braces: {a,b}")
    if not inside[1:-1].strip(" \t"):
        return ()
    elements: list[str] = []
    position = 1
    while True:
        found = _ELEMENT.match(inside, position)
        quoted, raw = found.groups() if found else (None, "")
        element = unescape(quoted if quoted is not None else raw.strip(" \t"))
        end = found.end() if found else position
        if quoted is None and (
            not element or element.upper() == "NULL" or (inside[end] in "{}" and end != len(inside) - 1)
        ):
            raise Unexpected(
                min(start + position, len(text)), "a value", 'Quote empty strings, null and braces: {"","null","{"}.'
            )
        elements.append(element)
        if end == len(inside) - 1:
            return tuple(elements)
        if inside[end] != ",":
            raise Unexpected(min(start + end, len(text)), '"," or "}"')
        position = end + 1
