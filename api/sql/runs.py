"""Lists cut into runs that fit into one statement each. Reading and writing use the same rule."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from api.statement import MAX_STATEMENT_BYTES, Sql, literal_size, size
from api.values.keys import Key

T = TypeVar("T")

LEAST_ROOM = 500
"""The least size of a run. If the rest of the statement fills it already, a few too long statements are better than one
for each item."""


def room_beside(fixed: int) -> int:
    """The most bytes of a run in a statement whose other parts take `fixed` bytes."""
    return max(MAX_STATEMENT_BYTES - fixed, LEAST_ROOM)


def runs(
    items: Iterable[T], size_of: Callable[[T], int], room: int, most_items: int = sys.maxsize
) -> Iterator[list[T]]:
    """The items in runs of at most `room` bytes and `most_items` items; an item that is larger stands alone.

    >>> list(runs(["a", "bb", "ccc"], len, 3)), list(runs("abc", len, 9, most_items=2))
    ([['a', 'bb'], ['ccc']], [['a', 'b'], ['c']])
    """
    run: list[T] = []
    used = 0
    for item in items:
        needed = size_of(item)
        if run and (used + needed > room or len(run) >= most_items):
            yield run
            run, used = [], 0
        run.append(item)
        used += needed
    if run:
        yield run


def statement_runs(
    items: Sequence[T],
    statement: Callable[[tuple[T, ...]], Sql],
    literals_of: Callable[[T], int],
    most_items: int = sys.maxsize,
) -> Iterator[tuple[T, ...]]:
    """The items in runs for which the statement stays within its size.

    Args:
        statement: The statement for some items, which repeats the same SQL for each of them.
        literals_of: The bytes of an item's literals.
    """
    whole = tuple(items)
    if len(whole) < 2 or (len(whole) <= most_items and _fits(whole, statement, literals_of)):
        yield from [whole] if whole else []
        return
    # two items may have another syntax than one; each further item adds the same SQL
    two, three = size(statement(whole[:2])), size(statement(whole[:3]))
    each = three - two - literals_of(whole[2]) if len(whole) > 2 else 0
    fixed = two - sum(map(literals_of, whole[:2])) - 2 * each
    for run in runs(whole, lambda item: literals_of(item) + each, room_beside(fixed), most_items):
        yield tuple(run)


def _fits(whole: tuple[T, ...], statement: Callable[[tuple[T, ...]], Sql], literals_of: Callable[[T], int]) -> bool:
    return sum(map(literals_of, whole)) <= MAX_STATEMENT_BYTES and size(statement(whole)) <= MAX_STATEMENT_BYTES


def key_runs(keys: Sequence[Key], statement: Callable[[tuple[Key, ...]], Sql]) -> Iterator[tuple[Key, ...]]:
    """`statement_runs` of keys."""
    return statement_runs(keys, statement, key_literals)


def key_literals(key: Key) -> int:
    """The bytes of a key's literals."""
    return sum([literal_size(part) for part in key])
