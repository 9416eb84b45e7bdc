"""The relationship of an embed: PostgREST's rules for targets and hints over the catalog's relationships."""

from __future__ import annotations

from api import errors
from api.catalog import Catalog, Relationship, Table
from api.request.query import EmbedItem, FieldItem
from api.request.select_habits import relation_hint


def find_relationship(catalog: Catalog, origin: Table, item: EmbedItem) -> Relationship:
    """The one relationship from `origin` that `target!hint` names.

    The target is a table or view; or, for a table, a constraint or the origin's column of it. The hint is a
    constraint, a column of the key on either side, or the junction. For a table that refers to itself, the table's name
    means the referring rows, the name of the column or constraint the referred row. A junction that is a view is used
    if there is no other way to the target, or if the hint names it.

    Raises: `ApiError` PGRST200 (none), PGRST201 (several).
    """
    relationships = catalog.relationships.get(origin.key, ())
    found = [each for each in relationships if _matches(catalog.table(each.target), each, item)]
    found = [each for each in found if each.target.schema == origin.schema] or found
    found = [each for each in found if _is_table_or_named(catalog, each, item)] or found
    found = [each for each in found if not (_to_itself(each) and each.junction)] or found
    found = [each for each in found if not (each.junction and catalog.table(each.junction.table).is_view)] or found
    if len(found) == 2 and _mirrored(*found):
        found = found[:1]
    if not found:
        targets = [catalog.table(other.target) for other in relationships]
        known = {target.name for target in targets if target.privileges}
        columns = [each.field.name for each in item.select if isinstance(each, FieldItem) and each.field is not None]
        meant = relation_hint(item.relation, columns)
        raise errors.no_relationship(origin.name, item.relation, item.hint, origin.schema, known, meant)
    if len(found) > 1:
        raise errors.ambiguous_relationship(
            origin.name,
            item.relation,
            [_description(relationship) for relationship in found],
            [f"'{item.relation}!{_hint_for(each, found)}'" for each in found]
            if item.relation == found[0].target.name
            else [f"'{each.target.name}!{_hint_for(each, found)}'" for each in found],
        )
    return found[0]


def _is_table_or_named(catalog: Catalog, relationship: Relationship, item: EmbedItem) -> bool:
    """A column leads to a table rather than to the view itself, which may stand for that table."""
    return item.relation == relationship.target.name or not catalog.table(relationship.target).is_view


def _to_itself(relationship: Relationship) -> bool:
    return relationship.origin == relationship.target


def _matches(end: Table, relationship: Relationship, item: EmbedItem) -> bool:
    target, hint = item.relation, item.hint
    to_itself = _to_itself(relationship)
    forwards = relationship.forwards
    if hint is None:
        if target == relationship.target.name:
            return not (to_itself and forwards)
        if relationship.junction is not None or (to_itself and not forwards) or (end.is_view and not to_itself):
            return False
        return target in (relationship.name, _single(relationship.origin_columns))
    if target != relationship.target.name:
        return False
    if relationship.junction is not None:
        junction = relationship.junction
        return hint in (junction.table.name, junction.target_constraint, _single(junction.target_columns))
    if to_itself:
        return hint == _single(relationship.target_columns) or (not forwards and hint == relationship.name)
    return hint in (relationship.name, _single(relationship.origin_columns), _single(relationship.target_columns))


def _mirrored(one: Relationship, other: Relationship) -> bool:
    """Both directions through one junction of a table with itself: the first foreign key is the start."""
    return (
        one.junction is not None
        and other.junction is not None
        and one.origin == one.target
        and one.junction.table == other.junction.table
        and one.junction.origin_columns == other.junction.target_columns
    )


def _single(columns: tuple[str, ...]) -> str | None:
    return columns[0] if len(columns) == 1 else None


def _hint_for(relationship: Relationship, choices: list[Relationship]) -> str:
    """The constraint, or a column if a view shows its key twice; the junction, or its constraint if it is shared."""
    if relationship.junction is None:
        names = (relationship.name, _single(relationship.origin_columns), _single(relationship.target_columns))
        shared = [
            {each.name, *each.origin_columns, *each.target_columns} for each in choices if each is not relationship
        ]
        unique = (name for name in names if name is not None and not any(name in other for other in shared))
        return next(unique, relationship.name)
    junctions = [choice.junction.table for choice in choices if choice.junction is not None]
    if junctions.count(relationship.junction.table) > 1:
        return relationship.junction.target_constraint
    return relationship.junction.table.name


def _description(relationship: Relationship) -> dict[str, str]:
    if relationship.junction is None:
        how = (
            f"{relationship.name} using {relationship.origin.name}({', '.join(relationship.origin_columns)}) "
            f"and {relationship.target.name}({', '.join(relationship.target_columns)})"
        )
    else:
        junction = relationship.junction
        how = (
            f"{junction.table.name} using {junction.origin_constraint}({', '.join(junction.origin_columns)}) "
            f"and {junction.target_constraint}({', '.join(junction.target_columns)})"
        )
    return {
        "cardinality": relationship.cardinality.value,
        "embedding": f"{relationship.origin.name} with {relationship.target.name}",
        "relationship": how,
    }
