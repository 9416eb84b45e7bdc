"""PATCH and DELETE whose rows need not be looked for first: one UPDATE or DELETE with all conditions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api import errors
from api.database.literal import statement_text
from api.plan.located import Located
from api.plan.tree import Compare, KeyIn, Predicate, RowPolicy
from api.plan.visible import depends_on
from api.sql.conditions import all_of
from api.sql.write import is_unique, operands_of
from api.statement import MAX_STATEMENT_BYTES, Sql, Value, size
from api.values.keys import Key
from api.writing.outcome import Requirements

if TYPE_CHECKING:
    from api.catalog import Column, Dialect, Table
    from api.database.session import Session


@dataclass(frozen=True, slots=True)
class Direct:
    """How to write the rows directly."""

    conditions: tuple[Predicate, ...]
    key: Key | None
    """The key of the only row that the filter can match, if it names the key."""
    one: bool
    """Several rows with this key are an error: it is no longer the table's key."""
    final: bool
    """Nothing follows that could undo the statement."""


def direct_way(
    located: Located,
    requirements: Requirements,
    *,
    shown: bool,
    checked: bool = False,
    changed: Collection[Column] = (),
) -> Direct | None:
    """The way to write these rows directly; None if their keys are needed before or after.

    Args:
        shown: The rows are returned.
        checked: The rows have to meet policies afterwards.
        changed: The columns that are changed.
    """
    if located.direct is None or located.limited or requirements.condition is not None:
        return None
    key = _only_key(located) if located.identity else None
    if key is None and (shown or requirements.any or requirements.row is not None):
        return None
    if key is None and checked and not _stay_found(located.table, located.direct, changed):
        return None
    one = key is not None and (shown or checked or requirements.row is not None)
    return Direct(located.direct, key, one, final=not (shown or checked or requirements.any))


def change_directly(
    session: Session, located: Located, way: Direct, statement: Callable[[tuple[Sql, ...]], Sql]
) -> int:
    """Run the statement, which takes further conditions. Returns the number of rows; 0 if it is too long, or if no row
    meets the conditions: then the rows are looked for once more, after comparing the catalog with the table.

    Raises: `ApiError` 40001 if the key has several rows.
    """
    further: tuple[Sql, ...] = ()
    if way.final and session.commits_alone and way.one and way.key is not None:
        further = (is_unique(located.table, located.identity, way.key),)
    text = statement(further)
    if size(text) > MAX_STATEMENT_BYTES:
        return 0
    count = session.change_by(statement_text(text), final=way.final).rows
    if way.one and count > 1:
        raise errors.schema_changed()
    return count


def short_conditions(direct: tuple[Predicate, ...] | None, dialect: Dialect) -> tuple[Sql, ...] | None:
    """Conditions that a statement by keys repeats for the table itself; None if they involve other tables (so `direct`
    is None), or are long."""
    if direct is None:
        return None
    conditions = tuple(all_of(direct, dialect))
    return conditions if sum(map(size, conditions)) <= _LONGEST_REPEATED else None


_LONGEST_REPEATED = MAX_STATEMENT_BYTES // 4
"""The bytes of conditions that are worth repeating in every statement by keys. The keys take the rest."""


def _stay_found(table: Table, conditions: Iterable[Predicate], changed: Collection[Column]) -> bool:
    """Whether the rows meet the conditions after the change as they did before it, if no trigger interferes."""
    policies = tuple(each for each in conditions if isinstance(each, RowPolicy))
    names = {operand.column.name for operand in operands_of(conditions)} | depends_on(policies)
    return not table.is_view and not any(
        column in changed or column.generated or column.updates_itself
        for column in map(table.by_name.__getitem__, names)
    )


def _only_key(located: Located) -> Key | None:
    given: dict[str, Value] = {}
    for predicate in located.rows.where:
        if isinstance(predicate, KeyIn) and [each.column for each in predicate.operands] == [*located.identity]:
            return predicate.keys[0]
        if isinstance(predicate, Compare) and predicate.operator == "eq" and not predicate.negated:
            given.setdefault("" if predicate.operand.path else predicate.operand.column.name, predicate.value)
    names = [column.name for column in located.identity]
    return tuple([given[name] for name in names]) if given.keys() >= {*names} else None
