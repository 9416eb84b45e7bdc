"""SQL expressions that return a value as JSON text; the server concatenates them to the text of a row.

Each kind of column has one expression, valid on both MySQL and MariaDB. It names the column once where possible, so
that a table of 200 columns fits into one statement. `api.values.encode` makes the same JSON in
Python from the plain values of `plain`.
"""

from __future__ import annotations

from api.catalog import ColumnType, Kind
from api.statement import Sql, sql
from api.values.casts import NUMERIC

ENCODED_LINE_BYTES = 57
"""TO_BASE64 breaks the line after 76 characters, which is 57 bytes
(https://dev.mysql.com/doc/refman/8.4/en/string-functions.html#function_to-base64)."""

SMALLEST_PACKET_BYTES = 4 * 1024 * 1024
"""The smallest default of `max_allowed_packet`."""


def json_text(expression: Sql, type_: ColumnType, nullable: bool) -> Sql:
    """The JSON text of a value, for a CONCAT.

    Args:
        nullable: The value may be NULL, which becomes `null`; otherwise a NULL makes the whole row's text NULL.

    The text of a FLOAT has at most six digits if they are exact, or else all digits of the value as a double: MySQL
    prints a FLOAT with six digits, whatever is lost.
    """
    text = _text(expression, type_)
    if not nullable:
        return text
    if type_.length is not None and type_.length >= SMALLEST_PACKET_BYTES:
        # the text of a value may be NULL although the value is not: it is longer than `max_allowed_packet`
        return sql("IF({} IS NULL,'null',{})", expression, text)
    return sql("IFNULL({},'null')", text)


def plain(expression: Sql, type_: ColumnType) -> Sql:
    """The expression to select for `api.values.encode.encoder` of this type: the column itself, if the driver returns
    its value."""
    if type_.kind is Kind.GEOMETRY or type_.name in ("float", NUMERIC):
        return _text(expression, type_)
    if type_.name == "bit" or type_.zerofill:
        return sql("{}+0", expression)
    return expression


def unbroken_base64(expression: Sql, length: int | None) -> Sql:
    """Base64 without line breaks, of at most `length` bytes."""
    if length is not None and length <= ENCODED_LINE_BYTES:
        return sql("TO_BASE64({})", expression)
    return sql("REPLACE(TO_BASE64({}),'\n','')", expression)


def _text(expression: Sql, type_: ColumnType) -> Sql:
    match type_.kind:
        case Kind.TEXT | Kind.ENUM:
            return sql("JSON_QUOTE({})", expression)
        case Kind.INTEGER:
            return sql("{}+0", expression) if type_.zerofill else expression
        case Kind.YEAR | Kind.BITS:
            return sql("{}+0", expression)
        case Kind.DECIMAL:
            if type_.name == NUMERIC:
                return sql("TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {}))", expression)
            return sql("{}+0", expression) if type_.zerofill else expression
        case Kind.FLOAT:
            return _float(expression) if type_.name == "float" else expression
        case Kind.BOOLEAN:
            return sql("ELT(1+({}<>0),'false','true')", expression)
        case Kind.DATE | Kind.TIME:
            return sql("""CONCAT('"',{},'"')""", expression)
        case Kind.DATETIME:
            return sql("""CONCAT('"',INSERT({},11,1,'T'),'"')""", expression)
        case Kind.TIMESTAMP:
            return sql("""CONCAT('"',INSERT({},11,1,'T'),'+00:00"')""", expression)
        case Kind.SET:
            # Members contain no comma, and their quotes are escaped: `[""]` is the empty set.
            return sql("""REPLACE(CONCAT('[',REPLACE(JSON_QUOTE({}),',','","'),']'),'[""]','[]')""", expression)
        case Kind.BINARY:
            return sql("""CONCAT('"',{},'"')""", unbroken_base64(expression, type_.length))
        case Kind.GEOMETRY:
            return sql("ST_AsGeoJSON({})", expression)
        case Kind.JSON:
            return expression


def _float(expression: Sql) -> Sql:
    # Six digits if they are exact, or else the double, whose 17 digits represent every FLOAT.
    return sql("IF({}=CAST(CONCAT({}) AS FLOAT),CONCAT({}),{}+0e0)", expression, expression, expression, expression)
