"""The statements of a write: INSERT heads, UPDATE and DELETE by condition or by key, and the lookups of an upsert."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from api.catalog import Column, ColumnType, Dialect, Kind, Table, column_name, column_of, table_name
from api.plan.operands import Operand
from api.plan.payload import Cell, Computed, Missing
from api.plan.tree import (
    Exists,
    Found,
    FullText,
    KeyIn,
    OrderKey,
    Predicate,
    ReadPlan,
    RowPolicy,
    Shared,
    Visible,
    leaves,
)
from api.sql.conditions import all_of, where
from api.sql.operators import in_keys
from api.sql.order import limit_clause, order_by
from api.sql.policies import policy_sql
from api.sql.projection import key_value
from api.sql.weights import has_weights, weights
from api.statement import EMPTY, Sql, Statement, Value, join, quote_name, sql, trusted, value, values
from api.values.keys import Key

SHARE = sql(" LOCK IN SHARE MODE")
UPDATE = sql(" FOR UPDATE")


def insert_head(table: Table, columns: tuple[Column, ...]) -> Sql:
    """`INSERT INTO t (a,b) VALUES `; rows in parentheses follow."""
    return sql("INSERT INTO {} ({}) VALUES ", table_name(table), join(",", [column_name(column) for column in columns]))


def on_duplicate(table: Table, key: tuple[Column, ...], columns: tuple[Column, ...], dialect: Dialect) -> Sql:
    """The end of an INSERT that gives an existing row the new values of these columns, or leaves it as it is."""
    if not columns:
        first = key[0]
        return sql(" ON DUPLICATE KEY UPDATE {}={}", column_name(first), column_of(table.quoted, first))
    if dialect is Dialect.MARIADB:
        changes = [sql("{}=VALUES({})", column_name(column), column_name(column)) for column in columns]
        return sql(" ON DUPLICATE KEY UPDATE {}", join(",", changes))
    # MySQL deprecates VALUES(); the new row's name must not be the table's
    new = sql("sent") if table.name.lower() == "new" else sql("new")
    changes = [sql("{}={}.{}", column_name(column), new, column_name(column)) for column in columns]
    return sql(" AS {} ON DUPLICATE KEY UPDATE {}", new, join(",", changes))


def if_only_key(table: Table, key: tuple[Column, ...], cell: Cell) -> Sql:
    """A value for an INSERT, which fails unless these columns are the table's only unique key at this moment.

    The part that fails, a subquery with two rows, has the value's own type: YEAR and BIT store a number differently
    from the same digits as a string.
    """
    given = cell_sql(cell)
    return sql(
        "IF((SELECT COUNT(*)={} AND COUNT(COLUMN_NAME IN ({}) OR NULL)={} AND MAX(SEQ_IN_INDEX)={} "
        "AND COUNT(SUB_PART)=0 FROM information_schema.STATISTICS "
        "WHERE TABLE_SCHEMA={} AND TABLE_NAME={} AND NON_UNIQUE=0),"
        "{},(SELECT {} UNION ALL SELECT {}))",
        value(len(key)),
        values([column.name for column in key]),
        value(len(key)),
        value(len(key)),
        value(table.schema),
        value(table.name),
        given,
        given,
        given,
    )


def cell_sql(cell: Cell) -> Sql:
    """A value in VALUES or SET."""
    if isinstance(cell, Missing):
        return sql("DEFAULT")
    if isinstance(cell, Computed):
        return computed(cell)
    return cell if isinstance(cell, Sql) else value(cell)


def computed(cell: Computed) -> Sql:
    """A default's expression, as the server wrote it."""
    return sql("({})", trusted(cell.expression.replace("%", "%%")))


def update_where(
    table: Table,
    assignments: tuple[tuple[Column, Cell], ...],
    conditions: tuple[Predicate, ...],
    dialect: Dialect,
    rows: ReadPlan | None = None,
    further: tuple[Sql, ...] = (),
) -> Statement:
    """Change the rows that meet the conditions, whose columns have the table's own name; `rows`: order and limit."""
    return sql(
        "UPDATE {} SET {}{}{}",
        table_name(table),
        _assignments(assignments),
        where([*all_of(conditions, dialect), *_types(conditions), *further]),
        _first_rows(table, rows, dialect),
    )


def update_keys(
    table: Table,
    assignments: tuple[tuple[Column, Cell], ...],
    key: tuple[Column, ...],
    keys: tuple[Key, ...],
    conditions: tuple[Sql, ...] = (),
) -> Statement:
    """Change the rows of these keys that meet the conditions."""
    rows = where([keys_sql(key, keys), *conditions])
    return sql("UPDATE {} SET {}{}", table_name(table), _assignments(assignments), rows)


def update_head(table: Table) -> Sql:
    """`UPDATE t SET `; the assignments and the condition follow."""
    return sql("UPDATE {} SET ", table_name(table))


def delete_where(
    table: Table,
    conditions: tuple[Predicate, ...],
    dialect: Dialect,
    rows: ReadPlan | None = None,
    further: tuple[Sql, ...] = (),
) -> Statement:
    """Remove the rows that meet the conditions, whose columns have the table's own name."""
    return sql(
        "DELETE FROM {}{}{}",
        table_name(table),
        where([*all_of(conditions, dialect), *_types(conditions), *further]),
        _first_rows(table, rows, dialect),
    )


def delete_keys(
    table: Table, key: tuple[Column, ...], keys: tuple[Key, ...], conditions: tuple[Sql, ...] = ()
) -> Statement:
    """Remove the rows of these keys that meet the conditions."""
    return sql("DELETE FROM {}{}", table_name(table), where([keys_sql(key, keys), *conditions]))


def is_unique(table: Table, key: tuple[Column, ...], values: Key) -> Sql:
    """The condition that at most one row has this key, for an UPDATE or DELETE of that row.

    It locks as they do: two statements that first took a weaker lock and then a stronger one would deadlock. It is a
    derived table, because in MySQL a plain subquery cannot read the table that is changed.
    """
    return sql(
        "(SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT 2 FOR UPDATE) same)<2",
        table_name(table),
        _equal(key, values),
    )


def _types(conditions: tuple[Predicate, ...]) -> Iterator[Sql]:
    """Conditions that are false if a compared column has changed its kind since the catalog was read: a number or time
    that has become text, or text with another collation. The server would convert one to the other silently."""
    for operand in dict.fromkeys(operands_of(conditions)):
        column = column_of(operand.alias, operand.column)
        type_ = operand.column.type
        if type_.kind.traits.family in ("number", "boolean", "date", "time", "moment"):
            yield sql("COERCIBILITY({})=5", column)
        elif type_.collation is not None and type_.kind is not Kind.JSON:
            yield sql("COLLATION({})={}", column, value(type_.collation))


def operands_of(conditions: Iterable[Predicate]) -> Iterator[Operand]:
    """The columns that conditions of a request compare."""
    for condition in leaves(conditions):
        match condition:
            case KeyIn() | FullText():
                yield from condition.operands
            case Exists() | Shared() | Found() | RowPolicy():
                pass
            case _:
                yield Operand(condition.operand.alias, condition.operand.column)


def select_existing(table: Table, columns: tuple[Column, ...], keys: tuple[Key, ...], lock: Sql) -> Statement:
    """The rows that have these keys: for each the stored key, and its `canonical` forms."""
    forms = [canonical(column_name(column), column.type) for column in columns]
    return sql(
        "SELECT {} FROM {} WHERE {}{}",
        join(",", [*_key_values(columns), *[form for form in forms if form is not None]]),
        table_name(table),
        keys_sql(columns, keys),
        lock,
    )


def select_stored_keys(
    table: Table, columns: tuple[Column, ...], keys: tuple[tuple[int, Key], ...], lock: Sql
) -> Statement:
    """For each of these numbered keys that has a row: its number, and the key as it is stored. The row is locked."""
    shown = join(",", _key_values(columns))
    found = [
        sql("(SELECT {},{} FROM {} WHERE {}{})", value(number), shown, table_name(table), _equal(columns, key), lock)
        for number, key in keys
    ]
    return join(" UNION ALL ", found)


def select_columns(
    table: Table, columns: tuple[Column, ...], key: tuple[Column, ...], keys: tuple[Key, ...]
) -> Statement:
    """Values of the rows with these keys, which can be sent again."""
    shown = join(",", _key_values(columns))
    return sql("SELECT {} FROM {} WHERE {}", shown, table_name(table), keys_sql(key, keys))


def count_meeting(
    table: Table, visible: Visible, key: tuple[Column, ...], keys: tuple[Key, ...], lock: Sql
) -> Statement:
    """The number of rows with these keys that meet the policies, whose alias is `t`."""
    conditions = [keys_sql(key, keys), *[policy_sql(policy) for policy in visible]]
    return sql("SELECT COUNT(*) FROM {} t{}{}", table_name(table), where(conditions), lock)


def count_still_meeting(
    table: Table, checks: Visible, conditions: tuple[Predicate, ...], dialect: Dialect
) -> Statement:
    """The number of rows that meet the conditions, whose columns have the table's own name, and how many of these meet
    the policies, too."""
    own = quote_name(table.name)
    met = join(" AND ", [policy_sql(replace(policy, alias=own)) for policy in checks])
    rows = where(all_of(conditions, dialect))
    return sql("SELECT COUNT(*),COUNT({} OR NULL) FROM {}{}", met, table_name(table), rows)


def count_proposed(
    table: Table, visible: Visible, columns: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]
) -> Statement:
    """The number of rows with these values that meet the policies, without storing them. The table's own columns, of
    which no row is read, give the values their types and collations."""
    names = [column_name(column) for column in columns] or [sql("1")]
    selected = [sql("SELECT {}", join(",", [_proposed(cell) for cell in row] or [sql("1")])) for row in rows]
    typed = sql("SELECT {} FROM {} WHERE FALSE", join(",", names), table_name(table))
    return sql(
        "SELECT COUNT(*) FROM ({}) t{}",
        join(" UNION ALL ", [typed, *selected]),
        where([policy_sql(policy) for policy in visible]),
    )


def _proposed(cell: Cell) -> Sql:
    if isinstance(cell, Missing):
        raise TypeError("a proposed row has no defaults")
    return cell_sql(cell)


def canonical(expression: Sql, type_: ColumnType) -> Sql | None:
    """An expression that is the same for duplicates under a unique key; None if Python can compare the values."""
    if type_.kind is Kind.TEXT and has_weights(type_):
        # a digest that every version has: MySQL 9.6 dropped MD5
        return sql("SHA2({},224)", weights(expression, type_))
    return None


def compares_in_python(column: Column) -> bool:
    """Whether Python can compare the column's values: they have no `canonical` form."""
    return canonical(column_name(column), column.type) is None


def canonical_literal(parameter: Value, type_: ColumnType) -> Sql | None:
    """`canonical` of a value for a column of the type."""
    if type_.kind is Kind.TEXT and type_.character_set is not None and type_.collation is not None:
        text = sql("CONVERT({} USING {})", value(parameter), trusted(type_.character_set))
        return canonical(sql("{} COLLATE {}", text, trusted(type_.collation)), type_)
    return canonical(value(parameter), type_)


def computed_values(cells: tuple[Computed, ...]) -> Statement:
    """One row with the values of these expressions."""
    return sql("SELECT {}", join(",", [computed(cell) for cell in cells]))


def keys_sql(key: tuple[Column, ...], keys: tuple[Key, ...]) -> Sql:
    """The condition for rows with these keys, in a statement without aliases."""
    if len(keys) == 1:
        return _equal(key, keys[0])
    return in_keys([column_name(column) for column in key], keys)


def _equal(key: tuple[Column, ...], values: Key) -> Sql:
    return join(
        " AND ", [sql("{}={}", column_name(column), value(each)) for column, each in zip(key, values, strict=True)]
    )


def _key_values(columns: tuple[Column, ...]) -> list[Sql]:
    return [key_value(column_name(column), column.type) for column in columns]


def _assignments(assignments: tuple[tuple[Column, Cell], ...]) -> Sql:
    return join(",", [sql("{}={}", column_name(column), cell_sql(cell)) for column, cell in assignments])


def _first_rows(table: Table, rows: ReadPlan | None, dialect: Dialect) -> Sql:
    """ORDER BY and LIMIT of a single table's UPDATE or DELETE, with the table's name instead of an alias."""
    if rows is None:
        return EMPTY
    own = tuple(
        OrderKey(Operand(table.quoted, key.operand.column, key.operand.path), key.descending, key.nulls_first)
        for key in rows.order
    )
    return sql("{}{}", order_by(own, dialect), limit_clause(rows.limit, 0))
