"""FROM and WHERE: conditions combined, to-one embeds joined, related rows tested with EXISTS."""

from __future__ import annotations

from collections.abc import Iterable

from api.catalog import Dialect, Table, column_of, table_name
from api.plan.levels import Embed
from api.plan.tree import (
    EmbedPlan,
    Exists,
    Found,
    FullText,
    Group,
    KeyIn,
    Predicate,
    ReadPlan,
    RowPolicy,
    Shared,
    joined,
)
from api.sql.operators import FALSE, TRUE, operand_sql, operator_sql
from api.sql.policies import policy_sql
from api.sql.projection import grouping
from api.statement import EMPTY, Sql, join, sql, trusted, value


def all_of(predicates: Iterable[Predicate], dialect: Dialect) -> list[Sql]:
    """The conditions, to be joined with AND."""
    return [_predicate(predicate, dialect, False) for predicate in predicates]


def conditions_of(plan: ReadPlan, dialect: Dialect) -> list[Sql]:
    """The conditions on the rows of a plan: its policies, and what the request asks for."""
    if not plan.visible:
        return all_of(plan.where, dialect)
    return [*[policy_sql(policy) for policy in plan.visible], *all_of(plan.where, dialect)]


def where(conditions: list[Sql]) -> Sql:
    """The WHERE clause with a space before it; empty when there is no condition."""
    return sql(" WHERE {}", join(" AND ", conditions)) if conditions else EMPTY


def groups_of(plan: ReadPlan, dialect: Dialect, owner_key: Iterable[Sql] = ()) -> Sql:
    """GROUP BY and HAVING with a space before them; empty where there is neither.

    `owner_key`: the rows of an embed are grouped by owner, too.
    """
    conditions = all_of(plan.having, dialect)
    having = sql(" HAVING {}", join(" AND ", conditions)) if conditions else EMPTY
    return sql("{}{}", grouping(plan.level, dialect, owner_key), having)


def table_instance(table: Table, alias: str) -> Sql:
    """A table under one of the planner's aliases."""
    return sql("{} {}", table_name(table), trusted(alias))


def rows_of(plan: ReadPlan, dialect: Dialect, *, filtering: bool = False) -> Sql:
    """The FROM of a plan: its table and the embeds that are joined to it.

    `filtering`: without the joins that do not filter, for EXISTS and COUNT; the rows stay the same.
    """
    rows = table_instance(plan.level.table, plan.level.alias)
    for each in plan.embeds:
        if joined(each) and (each.embed.inner or not filtering):
            rows = sql("{} {}", rows, _join(each, dialect, filtering=filtering))
    return rows


def _join(each: EmbedPlan, dialect: Dialect, *, filtering: bool) -> Sql:
    embed = each.embed
    rows = rows_of(each.plan, dialect, filtering=filtering)
    if any(joined(below) for below in each.plan.embeds):
        rows = sql("({})", rows)
    conditions = [link_to(embed, owner_key(embed)), *_own_conditions(each.plan, dialect)]
    on = join(" AND ", conditions)
    return sql("JOIN {} ON {}", rows, on) if embed.inner else sql("LEFT JOIN {} ON {}", rows, on)


def _own_conditions(plan: ReadPlan, dialect: Dialect) -> list[Sql]:
    """A to-one embed's filters; a limit of 0, or an offset, excludes its one row."""
    conditions = conditions_of(plan, dialect)
    if plan.limit == 0 or plan.offset > 0:
        conditions.append(FALSE)
    return conditions


def owner_key(embed: Embed) -> list[Sql]:
    """The owner's columns that lead to an embed's rows."""
    return [column_of(embed.owner, column) for column in embed.owner_columns]


def link_to(embed: Embed, key: list[Sql]) -> Sql:
    """The condition that joins an embed's rows (through its junction) to the row of the owner that has this key."""
    relationship, alias = embed.relationship, embed.level.alias
    if embed.junction is None or relationship.junction is None:
        return _equal(key, _columns(embed.level.table, alias, relationship.target_columns))
    near = _columns(embed.junction, embed.junction_alias, relationship.junction.origin_columns)
    return sql("{} AND {}", _equal(key, near), link_to_junction(embed))


def link_to_junction(embed: Embed) -> Sql:
    """The second half of a many-to-many link: junction and target."""
    relationship, through = embed.relationship, embed.junction
    if relationship.junction is None or through is None:
        return TRUE
    return _equal(
        _columns(through, embed.junction_alias, relationship.junction.target_columns),
        _columns(embed.level.table, embed.level.alias, relationship.target_columns),
    )


def _columns(table: Table, alias: str, names: tuple[str, ...]) -> list[Sql]:
    return [column_of(alias, table.by_name[name]) for name in names]


def _equal(left: list[Sql], right: list[Sql]) -> Sql:
    return join(" AND ", [sql("{} = {}", *pair) for pair in zip(left, right, strict=True)])


def _predicate(predicate: Predicate, dialect: Dialect, within_not: bool) -> Sql:
    """`within_not`: part of a negated condition, so it must be NULL if it is neither true nor false."""
    if isinstance(predicate, KeyIn):
        return operator_sql(predicate, dialect)
    if isinstance(predicate, RowPolicy):
        return policy_sql(predicate)
    if isinstance(predicate, Shared):
        return _shared(predicate, dialect)
    within_not = within_not or predicate.negated
    match predicate:
        case Exists():
            condition = _exists(predicate.embed, dialect)
        case Found():
            condition = _found(predicate.alias)
        case Group():
            condition = _group(predicate, dialect, within_not)
        case FullText() if within_not and all(operand.nullable for operand in predicate.operands):
            # MATCH is 0 for NULL; the OR prevents the use of the full-text index, as NOT does anyway
            columns = [operand_sql(operand, dialect) for operand in predicate.operands]
            first = columns[0] if len(columns) == 1 else sql("COALESCE({})", join(",", columns))
            unknown = sql("IF({} IS NULL,NULL,FALSE)", first)
            condition = sql("({} OR {})", operator_sql(predicate, dialect), unknown)
        case _:
            condition = operator_sql(predicate, dialect)
    return sql("NOT ({})", condition) if predicate.negated else condition


def _group(group: Group, dialect: Dialect, within_not: bool) -> Sql:
    each = [_predicate(operand, dialect, within_not) for operand in group.operands]
    if not each:
        return TRUE if group.connective == "and" else FALSE
    if group.connective == "and":
        return sql("({})", join(" AND ", each))
    return sql("({})", join(" OR ", each))


def _shared(shared: Shared, dialect: Dialect) -> Sql:
    """Conditions of a HAVING may name what the same query selects, and the columns of the rows around them."""
    tests = [sql("{} {}", _exists(each, dialect), _found(each.embed.level.alias)) for each in shared.embeds]
    return sql("EXISTS (SELECT {} HAVING {})", join(",", tests), join(" AND ", all_of(shared.conditions, dialect)))


def _found(alias: str) -> Sql:
    return trusted(alias + "x")


def _exists(each: EmbedPlan, dialect: Dialect) -> Sql:
    plan = each.plan
    related = related_rows(each, owner_key(each.embed), dialect, filtering=True)
    if plan.offset:
        return sql("(SELECT COUNT(*) {}) > {}", related, value(plan.offset))
    return sql("EXISTS (SELECT 1 {}{})", related, groups_of(plan, dialect) if plan.having else EMPTY)


def related_rows(each: EmbedPlan, key: list[Sql], dialect: Dialect, *, filtering: bool = False) -> Sql:
    """FROM and WHERE: the embed's rows for the owner's row with this key. Without a limit, except one of 0."""
    embed, plan = each.embed, each.plan
    rows = rows_of(plan, dialect, filtering=filtering)
    if embed.junction is not None:
        rows = sql("{}, {}", table_instance(embed.junction, embed.junction_alias), rows)
    conditions = [link_to(embed, key), *conditions_of(plan, dialect)]
    if plan.limit == 0:
        conditions.append(FALSE)
    return sql("FROM {}{}", rows, where(conditions))
