"""What people who know other APIs or SQL write, and what this grammar calls it: hints for requests that were refused.

Only called when a request has failed, so none of it costs a request that is correct.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from api import errors
from api.request.operators import OPERATORS
from api.request.scan import AGGREGATES
from api.request.select_habits import order_hint

_WORDS: Mapping[str, str] = {
    word: operator
    for operator, words in {
        "eq": "= == is_equal equal equals equal_to equals_to",
        "neq": "!= <> ne not_equal not_equals notequal notequals not_eq noteq",
        "gt": "> greater greaterthan greater_than above after",
        "gte": ">= => ge min from since greater_or_equal",
        "lt": "< less lessthan less_than below before",
        "lte": "<= =< le max until less_or_equal",
        "ilike": "contains contain includes icontains",
        "in": "any_of anyof one_of oneof",
        "not.in": "nin notin not_in",
        "match": "regex regexp rlike similar",
        "wfts": "search fulltext",
        "within": "inside bbox in_box st_within",
        "intersects": "overlaps st_intersects",
        "dwithin": "near nearby distance radius st_dwithin",
    }.items()
    for word in words.split()
}
_SIGNS = ("<=", ">=", "=>", "=<", "!=", "<>", "==", "=", "<", ">")
_OPERATION = re.compile(r"(\w+)[.:=]\s*(.*)", re.DOTALL)
_UNDELIMITED = re.compile(r"(eq|neq|gte?|lte?)(-?[0-9].*)", re.DOTALL)
_BRACKETS = re.compile(r"(.+?)(?:\[\$?(\w*)\]|__(\w+))")
_CALLED = re.compile(r"(avg|count|max|min|sum)\((\w+|\*)?\)|(\w+)\.(\w+)\(\)", re.IGNORECASE)
_SIGNED = re.compile(r"([^<>!=]+?)\s*(<=|>=|<>|!=|<|>|!)\s*(.*)", re.DOTALL)
_AS_PARAMETER = re.compile(r"(?<=[\w)])=(?=(?:not\.)?[a-z]+\.)")
_SINGLE_QUOTED = re.compile(r"'([^',()\"]*)'")
_PATTERNS = {"startswith": "like.{}*", "starts_with": "like.{}*", "endswith": "like.*{}", "ends_with": "like.*{}"}

_PARAMETERS: Mapping[str, str] = {
    word: parameter
    for parameter, words in {
        "order": "sort sortby sort_by _sort orderby order_by ordering $orderby sorting",
        "limit": "per_page perpage page_size pagesize size top $top first take _limit max_results rows",
        "offset": "skip $skip start from_row _start",
        "page": "page _page page_number",
        "select": "fields field include includes expand $expand $select embed join attributes cols projection with",
        "filter": "where filter filters $filter query q search conditions",
        "count": "count $count total",
        "group": "having group group_by groupby",
        "distinct": "distinct unique",
        "format": "format $format _format output",
        "bom": "bom",
    }.items()
    for word in words.split()
}
_LONGEST = 200
"""Longer input was not typed by hand, and a hint must not take long."""
_RESERVED = ("select", "columns", "on_conflict", "order", "limit", "offset")


def filter_hint(name: str, value: str) -> str:
    """How to write the parameter `name=value`, which is not a valid filter.

    >>> filter_hint("name", "Vienna")
    'Perhaps you meant name=eq.Vienna.'
    >>> filter_hint("sort", "-name")
    'Perhaps you meant order=name.desc.'
    >>> filter_hint("page", "3")
    'A page is limit and offset: limit=10&offset=20.'
    >>> filter_hint("name.ilike", "V*")
    'Perhaps you meant name=ilike.V*.'
    """
    name, value = name[:_LONGEST], value[:_LONGEST]
    known = _parameter_hint(name, value) or name_hint(name, value)
    if known is not None:
        return known
    column, _, word = name.rpartition(".")
    if column and word in OPERATORS:
        return f"Perhaps you meant {errors.shorten(column)}={_with_operator(word, value)}."
    near = errors.nearest(name, _RESERVED)
    parameter = f"the parameter '{near}', or " if near is not None else ""
    return f"Perhaps you meant {parameter}{errors.shorten(name)}={_operation(value)}."


def name_hint(text: str, value: str) -> str | None:
    """How to write a parameter whose name has an operator in it; None if it has none.

    >>> name_hint("population>1000000", "")
    'Perhaps you meant population=gt.1000000.'
    >>> name_hint("population>", "1000000")
    'Perhaps you meant population=gte.1000000.'
    >>> name_hint("name[ne]", "Vienna")
    'Perhaps you meant name=neq.Vienna.'
    >>> name_hint("sum(population)", "gt.5")
    'Perhaps you meant population.sum()=gt.5.'
    """
    if len(text) > _LONGEST:
        return None
    if (found := _CALLED.fullmatch(text)) is not None:
        column, function = found[2] or found[3] or "", (found[1] or found[4]).lower()
        function = function if function in AGGREGATES else errors.nearest(function, AGGREGATES) or "count"
        column = "" if column == "*" else column
        return f"Perhaps you meant {f'{column}.' if column else ''}{function}()={_operation(value)}."
    if (found := _BRACKETS.fullmatch(text)) is not None:
        word = (found[2] or found[3] or "in").lower()
        operator = word if word in OPERATORS else _WORDS.get(word)
        if operator is not None:
            return f"Perhaps you meant {found[1]}={_with_operator(operator, value)}."
    if (found := _SIGNED.fullmatch(text)) is None:
        return None
    name, sign, rest = found.groups()
    if not rest and value:  # the sign's `=` was taken for the one between name and value
        sign, rest = f"{sign}=", value
    elif sign == "!":
        return None
    return f"Perhaps you meant {errors.shorten(name)}={_with_operator(_WORDS[sign], rest)}."


def list_hint(value: str) -> str:
    """How to write a list whose parentheses are missing, not closed, or not behind a dot."""
    words = _SINGLE_QUOTED.sub(r"\1", _inside(value[:_LONGEST]))
    return f"Put the list into parentheses: in.({errors.shorten(words)})."


def tree_hint(operator: str, text: str) -> str | None:
    """How to write a logic tree without its parentheses, or with filters written as parameters; None for other errors.

    >>> tree_hint("or", "(name=eq.Vienna,name.eq.Graz)")
    'Perhaps you meant or=(name.eq.Vienna,name.eq.Graz).'
    >>> tree_hint("or", "name.eq.Vienna,name.eq.Graz")
    'Perhaps you meant or=(name.eq.Vienna,name.eq.Graz).'
    """
    if len(text) > _LONGEST:
        return None
    inside = text.removeprefix("(").removesuffix(")") if text.startswith("(") else text
    if inside.count("(") != inside.count(")"):
        return None
    corrected = f"({_AS_PARAMETER.sub('.', inside)})"
    return None if corrected == text else f"Perhaps you meant {operator}={corrected}."


def is_hint(value: str) -> str:
    """How to write a test for something that `is` cannot test."""
    if value.lower().startswith("not"):
        return "Not null is not.is.null."
    return f"A value is compared by eq: eq.{errors.shorten(value)}."


def _parameter_hint(name: str, value: str) -> str | None:
    parameter = _PARAMETERS.get(name.lower())
    if parameter == "order":
        return (order_hint(value) or f"Perhaps you meant order={errors.shorten(value)}.") if value else None
    if parameter in ("limit", "offset"):
        return f"Perhaps you meant {parameter}={errors.shorten(value)}."
    if parameter == "page":
        number = int(value) if re.fullmatch("[0-9]{1,6}", value) else 2
        return f"A page is limit and offset: limit=10&offset={max(number - 1, 0) * 10}."
    if parameter == "select":
        return "Columns and related tables are chosen by select: select=name,country:countries(name)."
    if parameter == "filter":
        return "A filter is column=operator.value: name=eq.Vienna, name=ilike.*burg*."
    if parameter == "group":
        return "Rows are grouped by the columns selected next to an aggregate. To filter groups: count()=gt.5"
    if parameter == "distinct":
        return f"Distinct values are the groups of an aggregate: select={errors.shorten(value) or 'name'},count()."
    if parameter == "format":
        return "The header Accept chooses the format, such as text/csv; the address of a table as CSV ends in .csv."
    if parameter == "bom":
        return "CSV begins with a byte order mark for Excel if bom=true."
    if parameter == "count":
        return "Prefer: count=exact puts the number of rows into Content-Range; select=count() returns it."
    return None


def _operation(value: str) -> str:
    """The value with the operator that was probably meant."""
    if value.startswith("not."):
        return f"not.{_operation(value[4:])}"
    for sign in _SIGNS:
        if value.startswith(sign):
            return _with_operator(_WORDS[sign], value[len(sign) :].lstrip(".:").strip())
    if (found := _UNDELIMITED.fullmatch(value)) is not None:
        return _with_operator(found[1], found[2])
    found = _OPERATION.fullmatch(value)
    if found is not None:
        word, rest = found[1].lower(), found[2]
        if word in OPERATORS:
            return _with_operator(word, rest)
        if word in _PATTERNS:
            return _PATTERNS[word].format(errors.shorten(rest))
        if word == "between":
            low, _, high = _inside(rest).partition(",")
            return f"gte.{errors.shorten(low)}, and lte.{errors.shorten(high or low)} in a second filter"
        if word in _WORDS:
            return _with_operator(_WORDS[word], rest)
        near = errors.nearest(word, OPERATORS)
        if near is not None:
            return _with_operator(near, rest)
    if value.lower() in ("null", "isnull", "is null", "none", "nil"):
        return "is.null"
    if value.lower() in ("notnull", "not null", "is not null", "!null"):
        return "not.is.null"
    if "," in value and not _is_quoted(value):
        return f"in.({errors.shorten(_inside(value))})"
    return _with_operator("eq", value)


def _with_operator(operator: str, value: str) -> str:
    shown = errors.shorten(value[1:-1] if _is_quoted(value) else value)
    if operator in ("in", "not.in"):
        return f"{operator}.({_inside(shown)})"
    if operator == "is" or (operator in ("eq", "neq") and shown.lower() == "null"):
        return "not.is.null" if operator == "neq" or "not" in shown.lower() else "is.null"
    if operator == "ilike" and "*" not in shown and "%" not in shown:
        return f"ilike.*{shown}*"
    return f"{operator}.{shown or 'value'}"


def _inside(value: str) -> str:
    """A list without what encloses it."""
    return value.strip(" ()[]{}")


def _is_quoted(value: str) -> bool:
    return len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
