"""Parameters that name an embedded table although it has an alias: `select=client:clients(name)&clients.name=eq.X`.

PostgREST understands them up to version 16, with a `Warning` header. They are rewritten to the alias here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from api.request.query import EmbedItem, OrderTerm, Path, Query, SelectItem

T = TypeVar("T")


def with_aliases(query: Query) -> Query:
    """The query with each path and order in the names that `select` gives; `renamed` lists the aliases that the request
    should have used.

    A name that several embeds of a level share is left as it is, because it is ambiguous.
    """
    if not any(isinstance(item, EmbedItem) for item in query.select):
        return query
    missed: dict[str, str] = {}

    def renamed(parameters: tuple[tuple[Path, T], ...]) -> tuple[tuple[Path, T], ...]:
        return tuple((_path(query.select, path, missed), value) for path, value in parameters)

    orders = tuple(
        (path, tuple(_term(_select_at(query.select, path), term, missed) for term in terms))
        for path, terms in renamed(query.orders)
    )
    filters, limits, offsets = renamed(query.filters), renamed(query.limits), renamed(query.offsets)
    if not missed:
        return query
    return replace(query, filters=filters, orders=orders, limits=limits, offsets=offsets, renamed=tuple(missed.items()))


def _path(select: tuple[SelectItem, ...], path: Path, missed: dict[str, str]) -> Path:
    names: list[str] = []
    for name in path:
        found = _name(select, name, missed)
        names.append(found)
        select = _select_at(select, (found,))
    return tuple(names)


def _term(select: tuple[SelectItem, ...], term: OrderTerm, missed: dict[str, str]) -> OrderTerm:
    return term if term.relation is None else replace(term, relation=_name(select, term.relation, missed))


def _name(select: tuple[SelectItem, ...], name: str, missed: dict[str, str]) -> str:
    embeds = [item for item in select if isinstance(item, EmbedItem)]
    if any(item.name == name for item in embeds):
        return name
    aliased = [item.name for item in embeds if item.relation == name]
    if len(aliased) != 1:
        return name
    missed[name] = aliased[0]
    return aliased[0]


def _select_at(select: tuple[SelectItem, ...], path: Path) -> tuple[SelectItem, ...]:
    for name in path:
        select = next((item.select for item in select if isinstance(item, EmbedItem) and item.name == name), ())
    return select
