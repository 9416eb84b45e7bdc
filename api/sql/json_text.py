"""SQL expressions that return a value as JSON text; the server concatenates them to the text of a row.

Each kind of column has one expression, valid on both MySQL and MariaDB. It names the column once where possible, so
that a table of 200 columns fits into one statement. `api.values.encode` makes the same JSON in
Python from the plain values of `plain`.

The catalog may be older than the table. Whatever type a column has by now, every expression returns valid JSON or
fails: numbers are computed (`c+0`), times are formatted, strings are quoted, and JSON is checked. A value that does not
fit the expected type causes a warning, after which `api.reading.schema` compares the types. For 1,000 rows of 10
columns, MySQL takes 6 % more of its time than if it returned the columns as they are. On MariaDB, whose JSON is text,
JSON_VALID takes 1.1 us for a document of 80 bytes, and the other checks nothing measurable. The result's column
types cannot replace it: the columns are parts of one CONCAT, and a JSON column alone is LONGTEXT in the protocol.
"""

from __future__ import annotations

from api.catalog import ColumnType, Kind, UuidOrder
from api.statement import Sql, sql, value
from api.values.casts import NUMERIC

ENCODED_LINE_BYTES = 57
"""TO_BASE64 breaks the line after 76 characters, which is 57 bytes
(https://dev.mysql.com/doc/refman/8.4/en/string-functions.html#function_to-base64)."""

SMALLEST_PACKET_BYTES = 4 * 1024 * 1024
"""The smallest default of `max_allowed_packet`."""


def json_text(expression: Sql, type_: ColumnType, nullable: bool, *, stored: bool = True) -> Sql:
    """The JSON text of a value, for a CONCAT.

    Args:
        stored: The expression is a column. Otherwise it has the type for certain: it is a JSON path, a cast or an
            aggregate.
        nullable: The value may be NULL, which becomes `null`; otherwise a NULL makes the whole row's text NULL.

    The text of a FLOAT has at most six digits if they are exact, or else all digits of the value as a double: MySQL
    prints a FLOAT with six digits, whatever is lost.
    """
    text = _text(expression, type_, stored=stored)
    if not nullable:
        return text
    if type_.length is not None and type_.length >= SMALLEST_PACKET_BYTES:
        # the text of a value may be NULL although the value is not: it is longer than `max_allowed_packet`
        return sql("IF({} IS NULL,'null',{})", expression, text)
    return sql("IFNULL({},'null')", text)


def plain(expression: Sql, type_: ColumnType, *, stored: bool = True) -> Sql:
    """The expression to select for `api.values.encode.encoder` of this type: the column itself, if the driver returns
    its value. The encoder checks what it gets; `stored` is as for `json_text`."""
    if type_.kind is Kind.FLOAT and (type_.name == "float" or not stored):
        # as text, because MySQL's protocol and its CONCAT write different digits
        return sql("CONCAT({})", _floating(expression, type_, stored=stored))
    if type_.kind is Kind.GEOMETRY or type_.name == NUMERIC:
        return _text(expression, type_, stored=True)
    if type_.name == "bit" or type_.zerofill:
        return sql("{}+0", expression)
    return expression


def unbroken_base64(expression: Sql, length: int | None) -> Sql:
    """Base64 without line breaks, of at most `length` bytes."""
    if length is not None and length <= ENCODED_LINE_BYTES:
        return sql("TO_BASE64({})", expression)
    return sql("REPLACE(TO_BASE64({}),'\n','')", expression)


def uuid_sql(expression: Sql, order: UuidOrder) -> Sql:
    """The text of a UUID in BINARY(16). MariaDB has no BIN_TO_UUID."""
    if order is UuidOrder.PLAIN:
        return sql(
            "INSERT(INSERT(INSERT(INSERT(LOWER(HEX({})),9,0,'-'),14,0,'-'),19,0,'-'),24,0,'-')",
            expression,
        )
    return sql(
        "LOWER(CONCAT(HEX(SUBSTRING({},5,4)),'-',HEX(SUBSTRING({},3,2)),'-',HEX(SUBSTRING({},1,2)),'-',HEX(SUBSTRING({},9,2)),"
        "'-',HEX(SUBSTRING({},11))))",
        expression, expression, expression, expression, expression,
    )  # fmt: skip


def _text(expression: Sql, type_: ColumnType, *, stored: bool) -> Sql:
    match type_.kind:
        case Kind.TEXT | Kind.ENUM:
            return _quoted(expression)
        case Kind.INTEGER | Kind.YEAR | Kind.BITS:
            return sql("{}+0", expression)
        case Kind.DECIMAL:
            if type_.name == NUMERIC:
                return sql("TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {}))", expression)
            return sql("{}+0", expression)
        case Kind.FLOAT if stored and type_.name != "float":
            return _double(expression)
        case Kind.FLOAT:
            return _whole(_floating(expression, type_, stored=stored))
        case Kind.BOOLEAN:
            return sql("ELT(1+({}<>0),'false','true')", expression)
        case Kind.DATE:
            return sql("""DATE_FORMAT({},'"%Y-%m-%d"')""", expression)
        case Kind.TIME:
            return sql("""CONCAT('"',{},'"')""", _time(expression, type_))
        case Kind.DATETIME if not type_.fraction_digits:
            return sql("""DATE_FORMAT({},'"%Y-%m-%dT%H:%i:%s"')""", expression)
        case Kind.TIMESTAMP if not type_.fraction_digits:
            return sql("""DATE_FORMAT({},'"%Y-%m-%dT%H:%i:%s+00:00"')""", expression)
        case Kind.DATETIME | Kind.TIMESTAMP:
            moment = _moment(expression, type_, sql("'\"%Y-%m-%dT%H:%i:%s.%f'"), len('"2024-01-02T03:04:05.'))
            return sql("CONCAT({},{})", moment, sql("'+00:00\"'") if type_.kind is Kind.TIMESTAMP else sql("'\"'"))
        case Kind.SET:
            # Members contain no comma, and their quotes are escaped: `[""]` is the empty set.
            return sql("""REPLACE(CONCAT('[',REPLACE({},',','","'),']'),'[""]','[]')""", _quoted(expression))
        case Kind.BINARY if type_.uuid is not None:
            return sql("""CONCAT('"',{},'"')""", uuid_sql(expression, type_.uuid))
        case Kind.BINARY:
            return sql("""CONCAT('"',{},'"')""", unbroken_base64(expression, type_.length))
        case Kind.GEOMETRY:
            return sql("ST_AsGeoJSON({})", expression)
        case Kind.JSON if not stored:
            return expression
        case Kind.JSON:
            return sql("IF(JSON_VALID({}),{},{})", expression, expression, _quoted(expression))


def _moment(expression: Sql, type_: ColumnType, form: Sql, width: int) -> Sql:
    """A date and time with a fraction; `width`: the characters before the fraction, of which %f has six digits."""
    return sql("LEFT(DATE_FORMAT({},{}),{})", expression, form, value(width + type_.fraction_digits))


def _time(expression: Sql, type_: ColumnType) -> Sql:
    # not TIME_FORMAT, which writes the sign before everything else
    if not type_.fraction_digits:
        return sql("CAST({} AS TIME)", expression)
    return sql("CAST({} AS TIME({}))", expression, value(type_.fraction_digits))


def _quoted(expression: Sql) -> Sql:
    # CONCAT makes a string of a value of any type; JSON_QUOTE of a number is an error on MySQL and NULL on MariaDB
    return sql("JSON_QUOTE(CONCAT({}))", expression)


def _floating(expression: Sql, type_: ColumnType, *, stored: bool) -> Sql:
    if type_.name == "float":
        # the greatest of several FLOAT is a double to MySQL
        return _float(expression if stored else sql("CAST({} AS FLOAT)", expression))
    return expression


def _double(expression: Sql) -> Sql:
    # MySQL writes a computed double with at most 22 characters, which can be one digit too few for a large or small
    # one. All others are short enough for every server.
    exact = sql("IF(COERCIBILITY({})<>5 OR {}<>CONCAT({})+0e0,{}+0,{})", *[expression] * 5)
    return sql("IF(ABS({}) BETWEEN 1e-3 AND 1e15,{}+0,{})", expression, expression, _whole(exact))


def _whole(number: Sql) -> Sql:
    # MariaDB cuts the text of a number in GROUP_CONCAT to 22 characters, and writes up to 34
    return sql("CAST({} AS CHAR(40))", number)


def _float(expression: Sql) -> Sql:
    # Six digits if they are exact, or else the double, whose 17 digits represent every FLOAT.
    return sql("IF({}=CAST(CONCAT({}) AS FLOAT),CONCAT({})+0e0,{}+0e0)", expression, expression, expression, expression)
