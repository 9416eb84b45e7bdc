"""Read the privileges of the connected account.

`information_schema.COLUMNS` has those on columns as the server itself computes them, grants on tables, on databases and
through the account's own MySQL roles included. DELETE is not a column's, so it is read from SHOW GRANTS.
https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-table.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from api.catalog import NO_PRIVILEGES, Catalog, Privilege, TableKey
from api.catalog.introspection.session import Session, text
from api.catalog.privileges import Privileges
from api.statement import sql, value

_COLUMNS = "SELECT TABLE_NAME,COLUMN_NAME,PRIVILEGES FROM information_schema.COLUMNS WHERE TABLE_SCHEMA={}"
_ROUTINES = (
    "SELECT SPECIFIC_NAME FROM information_schema.ROUTINES "
    "WHERE ROUTINE_SCHEMA={} AND ROUTINE_TYPE IN('FUNCTION','PROCEDURE')"
)
_OF_COLUMNS = {
    "select": Privilege.SELECT,
    "insert": Privilege.INSERT,
    "update": Privilege.UPDATE,
}


def read_privileges(session: Session, catalog: Catalog) -> Privileges:
    """What the connected account may do with the tables and routines of the catalog."""
    columns: dict[TableKey, dict[str, Privilege]] = {}
    routines: set[TableKey] = set()
    for schema in catalog.schemas:
        for table, column, listed in session.rows(sql(_COLUMNS, value(schema))):
            granted = NO_PRIVILEGES
            for name in text(listed).split(","):
                granted |= _OF_COLUMNS.get(name.strip().lower(), NO_PRIVILEGES)
            columns.setdefault(TableKey(schema, text(table)), {})[text(column)] = granted
        routines |= {TableKey(schema, text(row[0])) for row in session.rows(sql(_ROUTINES, value(schema)))}
    scopes = list(_deletable([text(row[0]) for row in session.rows(sql("SHOW GRANTS"))]))
    deletable = frozenset(
        table.key
        for schema in catalog.schemas.values()
        for table in schema.tables.values()
        if any(database.fullmatch(schema.name) and name in (None, table.name) for database, name in scopes)
    )
    return Privileges(columns, deletable, frozenset(routines))


_NAME = r"`(?:[^`]|``)*`"
_GRANT = re.compile(
    rf"GRANT\s(?P<what>.+?) ON (?:TABLE )?(?P<database>\*|{_NAME})\.(?P<table>\*|{_NAME}) TO ", re.DOTALL
)
_COLUMN_LIST = re.compile(rf"\((?:{_NAME}|[^()`])*\)")
_ESCAPED_OR_WILD = re.compile(r"\\(.)|([%_])|(.)", re.DOTALL)


def _deletable(grants: Iterable[str]) -> Iterator[tuple[re.Pattern[str], str | None]]:
    """The databases, and the table or None for all of them, on which these grants include DELETE."""
    for grant in grants:
        found = _GRANT.match(grant)
        if found is None:
            continue
        granted = {each.strip().upper() for each in _COLUMN_LIST.sub("", found["what"]).split(",")}
        if granted & {"DELETE", "ALL PRIVILEGES", "ALL"}:
            whole = found["table"] == "*"
            yield _pattern(found["database"], wild=whole), None if whole else _unquoted(found["table"])


def _unquoted(name: str) -> str:
    return name[1:-1].replace("``", "`")


def _pattern(database: str, *, wild: bool) -> re.Pattern[str]:
    r"""A database as GRANT writes it: for all of its tables, `_` and `%` are wildcards unless `\` precedes them."""
    if database == "*":
        return re.compile(".*", re.DOTALL)
    if not wild:
        return re.compile(re.escape(_unquoted(database)))
    wildcards = {"%": ".*", "_": "."}
    parts = [
        re.escape(escaped or plain) if wildcard is None else wildcards[wildcard]
        for escaped, wildcard, plain in (found.groups() for found in _ESCAPED_OR_WILD.finditer(_unquoted(database)))
    ]
    return re.compile("".join(parts), re.DOTALL)
