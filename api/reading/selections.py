"""The statement that reads a plan's own rows: one that fits, kept for plans that recur, for rows by any key, and for
lists with any filters."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from api.catalog import CacheKey, Dialect
from api.database.literal import written
from api.plan.operands import Operand
from api.plan.tree import Exists, KeyIn, ReadPlan, Shared, leaves
from api.plan.visible import has_subquery
from api.sql.conditions import conditions_of
from api.sql.read import Counting, Selection, select_rows
from api.sql.server import Server
from api.statement import MAX_STATEMENT_BYTES, Frame, Value, frame_of, join, literal_size, size, with_parameters

_Fitting = Callable[[ReadPlan, Collection[Value]], tuple[Selection, bool]]


def selection_of(
    plan: ReadPlan, server: Server, cells: bool, order_values: bool, nest: bool, total: Counting | None
) -> tuple[Selection, bool]:
    """`fitting_selection`, made once for a plan that recurs, and for a row by its key once for all keys."""
    variant = (server, cells, order_values, nest, total)

    def fitting(plan: ReadPlan, but: Collection[Value] = ()) -> tuple[Selection, bool]:
        """Without parameters, except these: a statement that is kept is sent many times."""
        found, long = fitting_selection(plan, server, cells=cells, order_values=order_values, nest=nest, total=total)
        if long:
            return found, long
        places = [place for place, each in enumerate(found.statement.parameters) if each in but]
        return found.of(written(found.statement, places)), long

    if plan.any_key is not None:
        key = _key_of(plan)
        of_columns = (*variant, *[operand.column.name for operand in key.operands])
        keyed = plan.any_key.get(
            _KEYED, of_columns, lambda: _Keyed.of(fitting(_with_key(plan, _places(key)), _places(key)), key)
        )
        if keyed is not None and all(literal_size(value) <= len(_LONG_VALUE) for value in key.keys[0]):
            return keyed.selection_by(key), False
    kept = plan.kept
    if kept is not plan and not _tests_other_rows(plan):
        framed = kept.cache.get(_FRAMED, variant, lambda: _Framed.of(fitting, kept, server.dialect))
        selection = None if framed is None else framed.selection_of(plan, server.dialect)
        if selection is not None:
            return selection, False
    return plan.cache.get(_SELECTION, variant, lambda: fitting(plan))


def fitting_selection(
    plan: ReadPlan,
    server: Server,
    *,
    cells: bool = False,
    order_values: bool = False,
    nest: bool = False,
    total: Counting | None = None,
) -> tuple[Selection, bool]:
    """`select_rows`, and whether its statement is too long in every form. One that is too long is made without the
    embeds, then without the total, and at last without JSON."""
    selection = select_rows(plan, server, cells=cells, order_values=order_values, nest=nest, total=total)
    if size(selection.statement) <= MAX_STATEMENT_BYTES:
        return selection, False
    if nest:
        nest = False
    elif total is not None:
        total = None
    elif not cells:
        cells = True
    else:
        return selection, True
    return fitting_selection(plan, server, cells=cells, order_values=order_values, nest=nest, total=total)


@dataclass(frozen=True, slots=True)
class _Keyed:
    """The selection of one row by its key, for any key without long values."""

    selection: Selection
    positions: tuple[int, ...]
    """Of the key's values among the statement's parameters."""

    @staticmethod
    def of(found: tuple[Selection, bool], key: KeyIn) -> _Keyed | None:
        """The selection made with `_places`; None if it is too long."""
        selection, long = found
        parameters = selection.statement.parameters
        positions = tuple([parameters.index(place) for place in _places(key) if parameters.count(place) == 1])
        return None if long or len(positions) < len(key.operands) else _Keyed(selection, positions)

    def selection_by(self, key: KeyIn) -> Selection:
        """The selection of the row with this key."""
        statement = with_parameters(self.selection.statement, self.positions, key.keys[0])
        return self.selection.of(statement)


def _tests_other_rows(plan: ReadPlan) -> bool:
    """Whether a condition depends on rows of other tables. The form of the statement may depend on it."""
    return has_subquery(plan.visible) or any(isinstance(leaf, Exists | Shared) for leaf in leaves(plan.where))


@dataclass(frozen=True, slots=True)
class _Framed:
    """The selection of a plan's rows under any conditions on the rows themselves."""

    selection: Selection
    frame: Frame

    @staticmethod
    def of(fitting: _Fitting, plan: ReadPlan, dialect: Dialect) -> _Framed | None:
        """None if the statement is too long, or the place of the conditions is not certain."""
        column = Operand(plan.level.alias, plan.level.table.columns[0])
        marked = replace(plan, where=(KeyIn((column,), ((_LONG_VALUE,),)),))
        selection, long = fitting(marked, [_LONG_VALUE])
        frame = frame_of(selection.statement, join(" AND ", conditions_of(marked, dialect)))
        return None if long or frame is None else _Framed(selection, frame)

    def selection_of(self, plan: ReadPlan, dialect: Dialect) -> Selection | None:
        """The selection under the plan's conditions; None if the statement is too long."""
        statement = self.frame.filled(join(" AND ", conditions_of(plan, dialect)))
        return self.selection.of(statement) if size(statement) <= MAX_STATEMENT_BYTES else None


_SELECTION = CacheKey[tuple[Selection, bool]]("selection")
_FRAMED = CacheKey[_Framed | None]("framed selection")
_KEYED = CacheKey[_Keyed | None]("keyed selection")
_LONG_VALUE = "a value of a key ".ljust(200, ".")


def _places(key: KeyIn) -> tuple[str, ...]:
    """Different values in the place of a key's own."""
    return tuple([f"{_LONG_VALUE}{number}" for number, _ in enumerate(key.operands)])


def _key_of(plan: ReadPlan) -> KeyIn:
    key = plan.where[0]
    if not isinstance(key, KeyIn):
        raise TypeError(f"{key} is not a key")
    return key


def _with_key(plan: ReadPlan, values: tuple[str, ...]) -> ReadPlan:
    return replace(plan, where=(replace(_key_of(plan), keys=(values,)), *plan.where[1:]))
