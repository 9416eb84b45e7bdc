"""The content of `/tables` and `/tables/{table}`: the catalog as values for JSON. Pure.

    [{"name", "schema", "kind", "comment", "rows_estimate", "primary_key", "insertable", "updatable", "deletable",
      "privileges", "row_security"}]

A single table also has `columns`, `unique_keys`, `foreign_keys`, `fulltext_indexes`, `relationships` and `policies`.
The policies, and the number of rows of a table that has some, are only shown to callers whom policies do not bind.
`/tables?details=true` gives these of every table.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

from api import errors
from api.catalog import Catalog, Column, ForeignKey, Kind, Privilege, Relationship, Table
from api.catalog.policies import Policy, Unreadable

Json = dict[str, object]


def tables(catalog: Catalog, *, unbound: bool = False) -> list[Json]:
    """Every table and view of the exposed databases: the default database first, and by name within a database."""
    return [_summary(each, unbound) for each in _in_order(catalog)]


def described(catalog: Catalog, *, unbound: bool = False) -> list[Json]:
    """Every table and view as `table` describes it, in the same order."""
    return [table(catalog, each, unbound=unbound) for each in _in_order(catalog)]


def _in_order(catalog: Catalog) -> Iterator[Table]:
    for schema in catalog.schemas.values():
        for _, each in sorted(schema.tables.items()):
            yield each


def asks_for_details(query_string: str) -> bool:
    """Whether the query of `/tables` is `details=true`.

    Raises: `ApiError` PGRST100 for any other parameter or value.
    """
    found = parse_qsl(query_string, keep_blank_values=True)
    for name, value in found:
        if name != "details" or value not in ("true", "false"):
            raise errors.parse_failed("query of /tables", f"{name}={value}", "It can be details=true or details=false.")
    return bool(found) and found[-1][1] == "true"


def table(catalog: Catalog, described: Table, *, unbound: bool = False) -> Json:
    """One table or view in full detail. `unbound`: row policies do not bind the caller."""
    return {
        **_summary(described, unbound),
        "columns": [column_details(column) for column in described.columns],
        "unique_keys": [list(columns) for columns in described.unique_keys],
        "foreign_keys": [_foreign_key(foreign_key) for foreign_key in described.foreign_keys],
        "fulltext_indexes": [list(index.columns) for index in described.fulltext_indexes],
        "fulltext_names": [index.name for index in described.fulltext_indexes],
        "relationships": [_relationship(one) for one in catalog.relationships.get(described.key, ())],
        "policies": _policies(described) if unbound else None,
    }


def _policies(described: Table) -> list[Json] | None:
    if isinstance(described.policies, Unreadable):
        return None
    return [_policy(policy) for policy in described.policies or ()]


def column_details(column: Column) -> Json:
    """A column.

    - `type`: as declared on the server; `kind`: that of its values in JSON, `uuid` for a BINARY(16) with UUIDs
    - `default`: as the server writes it, an expression if `default_is_expression`
    - `values`: those of an ENUM or SET; null for other types, or if they are unknown
    - `max_length`: in characters; in bytes for binary columns and the TEXT types
    """
    type_ = column.type
    return {
        "name": column.name,
        "type": column.type.shown,
        "kind": type_.kind.value if type_.uuid is None else "uuid",
        "nullable": column.nullable,
        "default": column.default,
        "default_is_expression": column.default_is_expression,
        "required": not column.has_default,
        "generated": column.generated,
        "auto_increment": column.auto_increment,
        "max_length": type_.length if type_.kind in (Kind.TEXT, Kind.BINARY) else None,
        "values": list(type_.members) if type_.members else None,
        "comment": column.comment,
        "privileges": _privileges(column.privileges & _OF_COLUMNS),
    }


_OF_COLUMNS = Privilege.SELECT | Privilege.INSERT | Privilege.UPDATE


def _privileges(granted: Privilege) -> list[str]:
    return [each.name.lower() for each in Privilege if each in granted and each.name is not None]


def _policy(policy: Policy) -> Json:
    return {
        "name": policy.name,
        "permissive": policy.permissive,
        "command": "ALL" if policy.command is None else policy.command.value,
        "roles": list(policy.roles) or ["PUBLIC"],
        "using": None if policy.using is None else policy.using.source,
        "check": None if policy.check is None else policy.check.source,
    }


def _summary(table: Table, unbound: bool) -> Json:
    return {
        "name": table.name,
        "schema": table.schema,
        "kind": "view" if table.is_view else "table",
        "comment": table.comment,
        "rows_estimate": table.rows_estimate if unbound or table.policies is None else None,
        "primary_key": list(table.primary_key),
        "insertable": "POST" in table.methods,
        "updatable": "PATCH" in table.methods,
        "deletable": "DELETE" in table.methods,
        "privileges": _privileges(table.privileges),
        "row_security": table.policies is not None,
    }


def _foreign_key(foreign_key: ForeignKey) -> Json:
    return {
        "name": foreign_key.name,
        "columns": list(foreign_key.columns),
        "referenced_schema": foreign_key.referenced.schema,
        "referenced_table": foreign_key.referenced.name,
        "referenced_columns": list(foreign_key.referenced_columns),
    }


def _relationship(relationship: Relationship) -> Json:
    junction = relationship.junction
    return {
        "name": relationship.name,
        "cardinality": relationship.cardinality.value,
        "columns": list(relationship.origin_columns),
        "schema": relationship.target.schema,
        "table": relationship.target.name,
        "table_columns": list(relationship.target_columns),
        "junction": None if junction is None else junction.table.name,
    }
