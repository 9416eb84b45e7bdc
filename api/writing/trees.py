"""Rows that reference other rows of the same table.

PostgreSQL checks such references at the end of a statement, MySQL after every row
(https://dev.mysql.com/doc/refman/8.4/en/ansi-diff-foreign-keys.html). So parents are inserted before their children and
deleted after them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from api.catalog import ForeignKey, Table
from api.values.keys import Key
from api.writing.stored import stored_values

T = TypeVar("T", bound=Hashable)

if TYPE_CHECKING:
    from api.catalog import Column
    from api.database.session import Session
    from api.plan.payload import TypedRows
    from api.writing.bulk import Columns


def own_references(table: Table) -> tuple[ForeignKey, ...]:
    """The foreign keys that reference the table itself."""
    return tuple(key for key in table.foreign_keys if key.referenced == table.key)


def parents_first(table: Table, rows: TypedRows, values: Columns, numbers: Sequence[int]) -> Sequence[int]:
    """The rows of a payload, each after its parent and otherwise in their order."""
    links: dict[int, set[int]] = {}
    names = [column.name for column in rows.columns]
    for reference in own_references(table):
        if not {*reference.columns, *reference.referenced_columns} <= set(names):
            continue
        parents = [values[names.index(name)] for name in reference.referenced_columns]
        children = [values[names.index(name)] for name in reference.columns]
        found = {tuple([column[number] for column in parents]): number for number in numbers}
        for number in numbers:
            parent = found.get(tuple([column[number] for column in children]))
            if parent is not None:
                links.setdefault(number, set()).add(parent)
    if not links:
        return numbers
    depth = depths(numbers, links)
    return sorted(numbers, key=lambda number: depth[number])


def children_first(
    session: Session, table: Table, identity: tuple[Column, ...], keys: Sequence[Key]
) -> list[list[Key]]:
    """The keys of rows to delete, in groups. A row's children are in an earlier group than the row."""
    references = own_references(table)
    if not references or len(keys) < 2:
        return [list(keys)]
    names = [name for each in references for name in (*each.columns, *each.referenced_columns)]
    found = stored_values(session, table, identity, keys, [table.by_name[name] for name in names])
    links: dict[Key, set[Key]] = {}
    first = 0
    for reference in references:
        width = len(reference.columns)
        by_parent = {cells[first + width : first + 2 * width]: key for key, cells in found.items()}
        for key, cells in found.items():
            parent = by_parent.get(cells[first : first + width])
            if parent is not None:
                links.setdefault(key, set()).add(parent)
        first += 2 * width
    depth = depths(keys, links)
    groups: dict[int, list[Key]] = {}
    for key in keys:
        groups.setdefault(depth[key], []).append(key)
    return [groups[level] for level in sorted(groups, reverse=True)]


def depths(nodes: Iterable[T], parents: Mapping[T, Iterable[T]]) -> dict[T, int]:
    """Each node's longest distance from a node without parents. In a cycle, the numbers are arbitrary.

    >>> depths("abc", {"c": ["b"], "b": ["a", "b"]})
    {'a': 0, 'b': 1, 'c': 2}
    """
    found: dict[T, int] = {}
    visited: set[T] = set()
    for node in nodes:
        waiting = [node]
        while waiting:
            current = waiting[-1]
            visited.add(current)
            ahead = [each for each in parents.get(current, ()) if each not in visited]
            if ahead:
                waiting += ahead
                continue
            waiting.pop()
            known = [found[each] + 1 for each in parents.get(current, ()) if each in found]
            found.setdefault(current, max(known, default=0))
    return found
