"""Read the privileges of the connected account.

`information_schema.COLUMNS` has those on columns as the server itself computes them, grants on tables, on databases and
through the account's own MySQL roles included. DELETE and EXECUTE are read from SHOW GRANTS.
https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-table.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from api.catalog import NO_PRIVILEGES, Catalog, Privilege, TableKey
from api.catalog.introspection.session import Session, text
from api.catalog.lazy import Lazy
from api.catalog.privileges import Privileges
from api.statement import sql, value

_COLUMNS = (
    "SELECT CONCAT_WS(CHAR(0 USING utf8mb4),TABLE_NAME,COLUMN_NAME,PRIVILEGES) "
    "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA={}"
)
"""As one string, because the driver reads that faster. No name contains the separator."""
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
    listed: dict[TableKey, list[str]] = {}
    visible: set[TableKey] = set()
    for schema in catalog.schemas:
        for row in session.rows(sql(_COLUMNS, value(schema))):
            table, _, granted = text(row[0]).partition("\0")
            listed.setdefault(TableKey(schema, table), []).append(granted)
        visible |= {TableKey(schema, text(row[0])) for row in session.rows(sql(_ROUTINES, value(schema)))}

    def privileges(key: TableKey) -> Mapping[str, Privilege]:
        split = (each.split("\0") for each in listed[key])
        return {column: column_privileges(granted) for column, granted in split}

    return _privileges(session, catalog, Lazy(listed, privileges), visible)


def own_privileges(session: Session, catalog: Catalog) -> Privileges:
    """What the connected account may do with the tables and routines of the catalog that it has read itself."""
    visible = {TableKey(schema.name, name) for schema in catalog.schemas.values() for name in schema.routines}
    return _privileges(session, catalog, None, visible)


@lru_cache(maxsize=100)
def column_privileges(listed: str) -> Privilege:
    """`information_schema.COLUMNS.PRIVILEGES`: `select,insert,update,references`. Kept, because nearly all columns have
    the same."""
    granted = NO_PRIVILEGES
    for name in listed.split(","):
        granted |= _OF_COLUMNS.get(name.strip().lower(), NO_PRIVILEGES)
    return granted


def _privileges(
    session: Session,
    catalog: Catalog,
    columns: Mapping[TableKey, Mapping[str, Privilege]] | None,
    visible: set[TableKey],
) -> Privileges:
    """`visible`: the routines that the account sees, which it may not always execute."""
    grants = [text(row[0]) for row in session.rows(sql("SHOW GRANTS"))]
    deletable, executable = _Scopes(grants, "DELETE"), _Scopes(grants, "EXECUTE", fold=True)
    tables = [TableKey(schema.name, name) for schema in catalog.schemas.values() for name in schema.tables]
    return Privileges(
        columns,
        frozenset(filter(deletable.include, tables)),
        frozenset(filter(executable.include, visible)),
    )


_NAME = r"`(?:[^`]|``)*`"
_GRANT = re.compile(
    rf"GRANT\s(?P<what>.+?) ON (?:(?:TABLE|FUNCTION|PROCEDURE) )?(?P<database>\*|{_NAME})\.(?P<table>\*|{_NAME}) TO ",
    re.DOTALL,
)
_COLUMN_LIST = re.compile(rf"\((?:{_NAME}|[^()`])*\)")
_ESCAPED_OR_WILD = re.compile(r"\\(.)|([%_])|(.)", re.DOTALL)


class _Scopes:
    """What an account's grants give a privilege on."""

    def __init__(self, grants: Iterable[str], privilege: str, *, fold: bool = False) -> None:
        """`fold`: names are compared without regard to case, as the names of routines are."""
        self._fold = fold
        self._databases: dict[str | None, list[re.Pattern[str]]] = {}
        """By the name of a table or routine in them; None for all."""
        for grant in grants:
            found = _GRANT.match(grant)
            if found is None:
                continue
            granted = {each.strip().upper() for each in _COLUMN_LIST.sub("", found["what"]).split(",")}
            if granted & {privilege, "ALL PRIVILEGES", "ALL"}:
                whole = found["table"] == "*"
                name = None if whole else self._compared(_unquoted(found["table"]))
                self._databases.setdefault(name, []).append(_pattern(found["database"], wild=whole))

    def include(self, key: TableKey) -> bool:
        """Whether the privilege is granted on the table or routine."""
        of_name = self._databases.get(self._compared(key.name), ())
        return any(database.fullmatch(key.schema) for database in (*self._databases.get(None, ()), *of_name))

    def _compared(self, name: str) -> str:
        return name.casefold() if self._fold else name


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
