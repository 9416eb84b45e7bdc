"""Read the privileges of the connected account.

`information_schema.COLUMNS` has those on columns as the server itself computes them, grants on tables, on databases and
through the account's own MySQL roles included. DELETE and EXECUTE are read from SHOW GRANTS.
https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-table.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from api.catalog import NO_PRIVILEGES, Catalog, Privilege, TableKey
from api.catalog.introspection.select import Select, cells_of, read_rows
from api.catalog.introspection.session import Session, text
from api.catalog.lazy import Lazy
from api.catalog.privileges import Privileges
from api.statement import sql, value

_OF_COLUMNS = {
    "select": Privilege.SELECT,
    "insert": Privilege.INSERT,
    "update": Privilege.UPDATE,
}


def read_privileges(session: Session, catalog: Catalog) -> Privileges:
    """What the connected account may do with the tables and routines of another account's catalog."""
    listed: dict[TableKey, Sequence[str]] = {}
    visible: set[TableKey] = set()
    for schema in catalog.schemas:
        rows = read_rows(session, _selects(schema))
        listed.update((TableKey(schema, table), columns) for table, columns in rows["columns"].items())
        visible.update(TableKey(schema, routine) for routine in rows["routines"])

    def privileges(key: TableKey) -> Mapping[str, Privilege]:
        columns = (cells_of(row, 2) for row in listed[key])
        return {column: column_privileges(granted) for column, granted in columns}

    return _privileges(session, catalog, Lazy(listed, privileges), visible)


def _selects(schema: str) -> Mapping[str, Select]:
    return {
        "columns": Select(
            sql("TABLE_NAME,COLUMN_NAME,PRIVILEGES"),
            sql("information_schema.COLUMNS WHERE TABLE_SCHEMA={}", value(schema)),
        ),
        "routines": Select(
            sql("SPECIFIC_NAME,ROUTINE_TYPE"),
            sql(
                "information_schema.ROUTINES WHERE ROUTINE_SCHEMA={} AND ROUTINE_TYPE IN('FUNCTION','PROCEDURE')",
                value(schema),
            ),
        ),
    }


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
