"""The operators as SQL: predicates on one operand. `api.sql.conditions` combines them."""

from __future__ import annotations

from collections.abc import Sequence

from api.catalog import Dialect, Kind, column_of
from api.plan.operands import Aggregated, Operand, Relevance, has_truth
from api.plan.tree import Compare, Contains, FullText, Is, KeyIn, OneOf, Settled, Spatial
from api.request.operators import OPERATORS, Operator
from api.sql.casts import cast
from api.sql.json_compare import compare_json
from api.sql.json_path import path_json, path_text
from api.statement import Sql, join, sql, value, values
from api.values.keys import Key

FALSE = sql("FALSE")
TRUE = sql("TRUE")


def operand_sql(operand: Operand, dialect: Dialect) -> Sql:
    """The operand's value."""
    if isinstance(operand, Aggregated):
        return aggregate_sql(operand.function, operand.of, operand.cast, dialect)
    if isinstance(operand, Relevance):
        return _match(operand.of, operand.search, dialect)
    column = column_of(operand.alias, operand.column)
    if not operand.path:
        return column
    write = path_text if operand.path[-1].as_text else path_json
    return write(column, operand.path, dialect)


def aggregate_sql(function: str, operand: Operand | None, to: str | None, dialect: Dialect) -> Sql:
    """`function(operand::to)`; without an operand `COUNT(*)`."""
    if operand is None:
        return sql("COUNT(*)")
    if to is None:
        expression = compared_sql(operand, dialect)
    else:
        expression, _ = cast(operand_sql(operand, dialect), operand.type, to, dialect)
    match function:
        case "count":
            return sql("COUNT({})", expression)
        case "sum":
            return sql("SUM({})", expression)
        case "avg":
            return sql("AVG({})", expression)
        case "max":
            return sql("MAX({})", expression)
        case _:
            return sql("MIN({})", expression)


def compared_sql(operand: Operand, dialect: Dialect) -> Sql:
    """The operand's value for comparisons, ORDER BY and GROUP BY."""
    shown = operand_sql(operand, dialect)
    return sql("({}<>0)", shown) if has_truth(operand.type) else shown


def operator_sql(
    predicate: Compare | Settled | OneOf | Is | FullText | Contains | Spatial | KeyIn, dialect: Dialect
) -> Sql:
    """The condition, without its own negation."""
    match predicate:
        case Compare():
            return _compare(predicate, dialect)
        case Settled():
            outcome = TRUE if predicate.outcome else FALSE
            return sql("IF({} IS NULL,NULL,{})", operand_sql(predicate.operand, dialect), outcome)
        case OneOf():
            return _one_of(predicate, dialect)
        case Is():
            return _is(predicate, dialect)
        case FullText():
            return _full_text(predicate, dialect)
        case Contains():
            return _contains(predicate, dialect)
        case Spatial():
            from api.sql.spatial import spatial_sql  # on first use, to keep it out of cold starts

            return spatial_sql(predicate, operand_sql(predicate.operand, dialect), dialect)
        case KeyIn():
            return _key_in(predicate)


def _compare(compare: Compare, dialect: Dialect) -> Sql:
    operand, operator = compare.operand, OPERATORS[compare.operator]
    if operator.family == "pattern":
        return _pattern(operand, operator, value(compare.value), dialect)
    kind, raw = operand.type.kind, operand_sql(operand, dialect)
    if kind is Kind.JSON:
        return compare_json(raw, operator.name, str(compare.value), dialect)
    if operator.name in ("eq", "neq") and has_truth(operand.type):
        # as `eq` 0 and `neq` 0, which can use an index
        false = (operator.name == "eq") is not bool(compare.value)
        return sql(OPERATORS["eq" if false else "neq"].sql, raw, value(0))
    left, right = compared_sql(operand, dialect), value(compare.value)
    if kind is Kind.ENUM and operator.orders and compare.value in operand.type.members:
        return _enum_order(operand.type.members, operator, str(compare.value), left)
    return sql(operator.sql, left, right)


def _enum_order(members: tuple[str, ...], operator: Operator, compared: str, left: Sql) -> Sql:
    """Members are ordered as declared, as in ORDER BY. They are named, because a change of the declaration changes
    their numbers."""
    at = members.index(compared)
    chosen = [member for n, member in enumerate(members) if (n > at) - (n < at) in operator.outcomes]
    return sql("{} IN ({})", left, values(chosen)) if chosen else sql("IF({} IS NULL,NULL,FALSE)", left)


def _binary(text: Sql) -> Sql:
    """A string for comparison character by character, as in PostgreSQL."""
    return sql("CONVERT({} USING utf8mb4) COLLATE utf8mb4_bin", text)


def _pattern(operand: Operand, operator: Operator, pattern: Sql, dialect: Dialect) -> Sql:
    text = operand_sql(operand, dialect)
    template = operator.mariadb if operator.mariadb and dialect is Dialect.MARIADB else operator.sql
    exact = sql(template, _binary(text), pattern)
    # the column's own collation finds at least these rows, and can use the index, if it has the pattern's characters
    by_index = operator.name == "like" and not operand.path and operand.type.character_set == "utf8mb4"
    return sql("({} LIKE {} AND {})", text, pattern, exact) if by_index else exact


def _one_of(one_of: OneOf, dialect: Dialect) -> Sql:
    operand = one_of.operand
    if not one_of.values:
        return FALSE
    if operand.type.kind is Kind.JSON:
        each = [compare_json(operand_sql(operand, dialect), "eq", str(text), dialect) for text in one_of.values]
        return sql("({})", join(" OR ", each))
    left = compared_sql(operand, dialect)
    return sql("{} IN ({})", left, values(one_of.values))


def _is(test: Is, dialect: Dialect) -> Sql:
    operand = operand_sql(test.operand, dialect)
    match test.what:
        case "null" | "unknown" if not test.operand.nullable:
            # the column may be nullable by now; not IS NULL, which is true for '0000-00-00' in such a column on MySQL
            return sql("{} <=> NULL", operand)
        case "null" | "unknown":
            return sql("{} IS NULL", operand)
        case "not_null":
            return sql("{} IS NOT NULL", operand)
        case "true":
            return sql("{} IS TRUE", operand)
        case _:
            return sql("{} IS FALSE", operand)


def _full_text(search: FullText, dialect: Dialect) -> Sql:
    if not search.search:
        return FALSE
    return _match(search.operands, search.search, dialect)


def _match(operands: tuple[Operand, ...], search: str, dialect: Dialect) -> Sql:
    columns = join(",", [operand_sql(operand, dialect) for operand in operands])
    return sql("MATCH ({}) AGAINST ({} IN BOOLEAN MODE)", columns, value(search))


def _contains(contains: Contains, dialect: Dialect) -> Sql:
    operand = operand_sql(contains.operand, dialect)
    if isinstance(contains.value, tuple):
        return _contains_members(operand, contains.operator, tuple(dict.fromkeys(contains.value)))
    match contains.operator:
        case "cs":
            return sql("JSON_CONTAINS({},{})", operand, value(contains.value))
        case "cd":
            return sql("JSON_CONTAINS({},{})", value(contains.value), operand)
        case _:
            return sql("JSON_OVERLAPS({},{})", operand, value(contains.value))


def _contains_members(operand: Sql, operator: str, members: tuple[str, ...]) -> Sql:
    """`cs`, `cd` and `ov` of a SET. Members are named, because a change of the declaration changes their bits."""
    each = [sql("FIND_IN_SET({},{})>0", value(member), operand) for member in members]
    if operator == "cd":
        named = join("+", [sql("({})", one) for one in each]) if each else value(0)
        return sql("BIT_COUNT({}+0) = {}", operand, named)
    if not each:
        return sql("IF({} IS NULL,NULL,{})", operand, TRUE if operator == "cs" else FALSE)
    return sql("({})", join(" AND " if operator == "cs" else " OR ", each))


def _key_in(predicate: KeyIn) -> Sql:
    """The rows with these keys; row constructors can use the index of a composite key."""
    if not predicate.keys:
        return FALSE
    return in_keys([column_of(operand.alias, operand.column) for operand in predicate.operands], predicate.keys)


def in_keys(columns: Sequence[Sql], keys: Sequence[Key]) -> Sql:
    """The columns have the values of one of the keys, of which there is at least one."""
    if len(columns) == 1:
        return sql("{} IN ({})", columns[0], values(key[0] for key in keys))
    return sql("({}) IN ({})", join(",", columns), join(",", [sql("({})", values(key)) for key in keys]))
