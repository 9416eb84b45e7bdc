"""Read the privileges of the connected account.

`information_schema.COLUMNS` has those on columns as the server itself computes them, grants on tables, on databases and
through the account's own MySQL roles included. DELETE and EXECUTE are read from SHOW GRANTS.
https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-table.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

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
    """What the connected account may do with the tables and routines of another account's catalog."""
    columns: dict[TableKey, dict[str, Privilege]] = {}
    visible: set[TableKey] = set()
    for schema in catalog.schemas:
        for table, column, listed in session.rows(sql(_COLUMNS, value(schema))):
            columns.setdefault(TableKey(schema, text(table)), {})[text(column)] = column_privileges(text(listed))
        visible |= {TableKey(schema, text(row[0])) for row in session.rows(sql(_ROUTINES, value(schema)))}
    return _privileges(session, catalog, columns, visible)


def own_privileges(session: Session, catalog: Catalog) -> Privileges:
    """What the connected account may do with the tables and routines of the catalog that it has read itself."""
    columns = {
        table.key: {column.name: column.privileges for column in table.columns}
        for schema in catalog.schemas.values()
        for table in schema.tables.values()
    }
    visible = {TableKey(schema.name, name) for schema in catalog.schemas.values() for name in schema.routines}
    return _privileges(session, catalog, columns, visible)


@lru_cache(maxsize=100)
def column_privileges(listed: str) -> Privilege:
    """`information_schema.COLUMNS.PRIVILEGES`: `select,insert,update,references`. Kept, because nearly all columns have
    the same."""
    granted = NO_PRIVILEGES
    for name in listed.split(","):
        granted |= _OF_COLUMNS.get(name.strip().lower(), NO_PRIVILEGES)
    return granted


def _privileges(
    session: Session, catalog: Catalog, columns: dict[TableKey, dict[str, Privilege]], visible: set[TableKey]
) -> Privileges:
    """`visible`: the routines that the account sees, which it may not always execute."""
    grants = [text(row[0]) for row in session.rows(sql("SHOW GRANTS"))]
    deletable, executable = list(_scopes(grants, "DELETE")), list(_scopes(grants, "EXECUTE"))
    tables = [table.key for schema in catalog.schemas.values() for table in schema.tables.values()]
    return Privileges(
        columns,
        frozenset(key for key in tables if _is_within(key, deletable)),
        frozenset(key for key in visible if _is_within(key, executable, fold=True)),
    )


_NAME = r"`(?:[^`]|``)*`"
_GRANT = re.compile(
    rf"GRANT\s(?P<what>.+?) ON (?:(?:TABLE|FUNCTION|PROCEDURE) )?(?P<database>\*|{_NAME})\.(?P<table>\*|{_NAME}) TO ",
    re.DOTALL,
)
_COLUMN_LIST = re.compile(rf"\((?:{_NAME}|[^()`])*\)")
_ESCAPED_OR_WILD = re.compile(r"\\(.)|([%_])|(.)", re.DOTALL)


_Scope = tuple[re.Pattern[str], "str | None"]
"""A pattern of databases, and a table or routine in them; None for all."""


def _scopes(grants: Iterable[str], privilege: str) -> Iterator[_Scope]:
    """What these grants give a privilege on."""
    for grant in grants:
        found = _GRANT.match(grant)
        if found is None:
            continue
        granted = {each.strip().upper() for each in _COLUMN_LIST.sub("", found["what"]).split(",")}
        if granted & {privilege, "ALL PRIVILEGES", "ALL"}:
            whole = found["table"] == "*"
            yield _pattern(found["database"], wild=whole), None if whole else _unquoted(found["table"])


def _is_within(key: TableKey, scopes: Iterable[_Scope], *, fold: bool = False) -> bool:
    """`fold`: names are compared without regard to case, as the names of routines are."""

    def same(name: str) -> bool:
        return name.casefold() == key.name.casefold() if fold else name == key.name

    return any(database.fullmatch(key.schema) and (name is None or same(name)) for database, name in scopes)


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
