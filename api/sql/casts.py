"""Casts of the whitelist (`select=price::int`) as SQL.

As in PostgreSQL: text that is not a number is an error, where MySQL's own CAST would return 0 (or stop at the first
character that is not a digit); a decimal is rounded to an integer; a decimal as text keeps its digits.
"""

from __future__ import annotations

from api.catalog import ColumnType, Dialect, Kind
from api.sql.json_text import json_text, plain, unbroken_base64, uuid_sql
from api.statement import Sql, sql, value
from api.values.casts import JSON, TEXT, cast_type

_WHOLE_NUMBER = sql("'^ *[+-]?[0-9]{1,18} *$'")
_NUMBER = sql("'^ *[+-]?([0-9]{1,26}([.][0-9]{0,30})?|[.][0-9]{1,30})([eE][+-]?[0-9])? *$'")
_FLOATING = sql("'^ *[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})? *$'")


def cast(expression: Sql, type_: ColumnType, name: str, dialect: Dialect) -> tuple[Sql, ColumnType]:
    """The cast value, and its type. It is NULL if the value is.

    A string that is not a valid value of the type ends the statement with a server error that `api.database.translate`
    maps to 22P02.
    Whole numbers have at most 18 digits, decimals at most 26 before and 30 after the point.

    Raises:
        ApiError: as `cast_type`.
    """
    target = cast_type(type_, name)
    return _cast(expression, type_, target, dialect), target


def _cast(expression: Sql, type_: ColumnType, target: ColumnType, dialect: Dialect) -> Sql:
    if target.uuid is not None or target is type_:
        return expression
    if target.kind is Kind.TEXT:
        return _as_text(expression, type_)
    if target.kind is Kind.JSON:
        return _as_json(expression, type_, dialect)
    if type_.kind is Kind.JSON:
        expression, type_ = sql("JSON_UNQUOTE({})", expression), TEXT
    if type_.kind.traits.family == "text":
        return _from_text(expression, target, dialect)
    match target.kind:
        case Kind.INTEGER if type_.kind in (Kind.DECIMAL, Kind.FLOAT):
            return sql("ROUND({})", expression)
        case Kind.DECIMAL if type_.kind is Kind.FLOAT:
            return sql("CAST({} AS DECIMAL(65,30))", expression)
        case Kind.BOOLEAN:
            return sql("({}<>0)", expression)
        case Kind.INTEGER | Kind.DECIMAL if type_.kind is Kind.BOOLEAN:
            return sql("({}<>0)", expression)
        case Kind.FLOAT if type_.kind is not Kind.FLOAT:
            return sql("({}+0e0)", expression)
        case Kind.INTEGER if type_.kind is not Kind.INTEGER or type_.zerofill:
            return sql("({}+0)", expression)
        case Kind.DECIMAL if type_.kind is not Kind.DECIMAL:
            return sql("({}+0)", expression)
        case Kind.DATE if type_.kind is not Kind.DATE:
            return sql("DATE({})", expression)
        case Kind.TIME if type_.kind is not Kind.TIME:
            return sql("TIME({})", expression)
        case Kind.DATETIME | Kind.TIMESTAMP if type_.kind is Kind.DATE:
            return sql("CAST({} AS DATETIME)", expression)
        case _:
            return expression


def _as_text(expression: Sql, type_: ColumnType) -> Sql:
    match type_.kind:
        case Kind.TEXT:
            return expression
        case Kind.BOOLEAN:
            return sql("ELT(1+({}<>0),'false','true')", expression)
        case Kind.TIMESTAMP:
            return sql("CONCAT({},'+00')", expression)
        case Kind.BINARY if type_.uuid is not None:
            return uuid_sql(expression, type_.uuid)
        case Kind.BINARY:
            return unbroken_base64(expression, type_.length)
        case _:
            # not CAST AS CHAR: MySQL 9.7 then garbles other strings in a MAX over groups
            return sql("CONCAT({})", plain(expression, type_))


def _as_json(expression: Sql, type_: ColumnType, dialect: Dialect) -> Sql:
    if type_.kind is not Kind.TEXT:
        return json_text(expression, type_, nullable=False)
    if dialect is Dialect.MYSQL:
        return sql("CAST({} AS JSON)", expression)
    refusal = _refuse(expression, JSON, dialect)
    return sql("IF({} IS NULL OR JSON_VALID({}),{},{})", expression, expression, expression, refusal)


def _from_text(expression: Sql, target: ColumnType, dialect: Dialect) -> Sql:
    refusal = _refuse(expression, target, dialect)
    match target.kind:
        case Kind.INTEGER:
            return _checked(expression, _WHOLE_NUMBER, sql("CAST({} AS SIGNED)", expression), refusal)
        case Kind.DECIMAL:
            return _checked(expression, _NUMBER, sql("CAST({} AS DECIMAL(65,30))", expression), refusal)
        case Kind.FLOAT:
            return _checked(expression, _FLOATING, sql("{}+0e0", expression), refusal)
        case Kind.BOOLEAN:
            return sql(
                "CASE WHEN {} IS NULL THEN NULL WHEN LOWER(TRIM({})) IN ('true','t','yes','y','on','1') THEN 1 "
                "WHEN LOWER(TRIM({})) IN ('false','f','no','n','off','0') THEN 0 ELSE {} END",
                expression, expression, expression, refusal,
            )  # fmt: skip
        case Kind.DATE:
            found = sql("CAST({} AS DATE)", expression)
        case Kind.TIME:
            found = sql("CAST({} AS TIME(6))", expression)
        case _:
            found = sql("CAST({} AS DATETIME(6))", expression)
    return sql("COALESCE({},IF({} IS NULL,NULL,{}))", found, expression, refusal)


def _checked(expression: Sql, pattern: Sql, number: Sql, refusal: Sql) -> Sql:
    return sql("IF({} IS NULL OR {} REGEXP {},{},{})", expression, expression, pattern, number, refusal)


def _refuse(expression: Sql, target: ColumnType, dialect: Dialect) -> Sql:
    """An expression that always fails: `@` starts neither a UUID nor JSON.

    MySQL's error names the value, MariaDB's does not. `api.database.translate` knows both.
    """
    if dialect is Dialect.MYSQL:
        return sql("LENGTH(UUID_TO_BIN(CONCAT({},{})))", value(f"@{target.name}:"), expression)
    # MariaDB's other functions return NULL with a warning; only JSON_TABLE fails.
    return sql("(SELECT v FROM JSON_TABLE(CONCAT('@',{}),'$' COLUMNS(v INT PATH '$')) j)", expression)
