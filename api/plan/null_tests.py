"""Null tests of the same embed, written once.

A test contains the conditions on the embed's rows, which may contain tests of the next level. If each were written as
often as the request repeats it, a request of 800 bytes could become megabytes of SQL.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from api import errors
from api.plan.tree import Exists, Found, FullText, Group, Predicate, Shared, leaves


def share_tests(conditions: tuple[Predicate, ...]) -> tuple[Predicate, ...]:
    """The conditions of a level. Those with tests that occur more than once become one `Shared`.

    Raises: `ApiError` PGRST127 if one of these conditions is also a full-text search, which MySQL allows only in the
    query of the table that it searches.
    """
    tests = [each for each in leaves(conditions) if isinstance(each, Exists)]
    often = {alias for alias, times in Counter(map(_alias, tests)).items() if times > 1}
    if not often:
        return conditions
    alone: list[Predicate] = []
    together: list[Predicate] = []
    for condition in conditions:
        repeats = any(isinstance(leaf, Exists) and _alias(leaf) in often for leaf in leaves((condition,)))
        (together if repeats else alone).append(condition)
    if any(isinstance(leaf, FullText) for leaf in leaves(together)):
        raise errors.not_implemented(
            "If a relation is tested for null several times, none of these tests can be in the same 'or' as a "
            "full-text search."
        )
    embeds = {_alias(each): each.embed for each in tests if _alias(each) in often}
    return (*alone, Shared(tuple(embeds.values()), tuple(_renamed(each, often) for each in together)))


def _alias(test: Exists) -> str:
    return test.embed.embed.level.alias


def _renamed(condition: Predicate, often: set[str]) -> Predicate:
    if isinstance(condition, Group):
        return replace(condition, operands=tuple(_renamed(each, often) for each in condition.operands))
    if isinstance(condition, Exists) and _alias(condition) in often:
        return Found(_alias(condition), condition.negated)
    return condition
