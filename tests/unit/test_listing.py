"""The responses of `/tables` and `/tables/{table}`."""

from __future__ import annotations

import json

import pytest

from api.catalog import Catalog, Column, ColumnType, Dialect, ForeignKey, FullTextIndex, Kind, Schema, Table, TableKey
from api.catalog.introspection.column_types import column_type
from api.catalog.relationships import relationships
from api.documents.listing import asks_for_details, column_details, described, table, tables
from api.errors import ApiError

CUSTOMER = Table(
    schema="shop",
    name="customer",
    is_view=False,
    columns=(
        Column("id", column_type("bigint unsigned"), nullable=False, position=1, has_default=True, auto_increment=True),
        Column("name", column_type("varchar(40)"), nullable=False, position=2, comment="as on the invoice"),
    ),
    primary_key=("id",),
    unique_keys=(("name",),),
    comment="who buys",
    rows_estimate=12,
)
ORDER = Table(
    schema="shop",
    name="order",
    is_view=False,
    columns=(
        Column("id", column_type("char(36)"), False, 1, "uuid()", default_is_expression=True, has_default=True),
        Column("customer_id", column_type("bigint unsigned"), nullable=False, position=2),
        Column("state", column_type("enum('open','it''s done')"), True, 3, "open", has_default=True),
        Column("notes", ColumnType(Kind.JSON, "longtext", "longtext"), nullable=True, position=4, has_default=True),
    ),
    primary_key=("id",),
    foreign_keys=(ForeignKey("ordered", ("customer_id",), TableKey("shop", "customer"), ("id",)),),
    fulltext_indexes=(FullTextIndex("notes", ("notes",)),),
)
SUMMARY = Table("shop", "a view", True, (Column("n", column_type("int"), True, 1),), insertable=False, updatable=False)
CATALOG = Catalog(
    schemas={
        "shop": Schema("shop", {one.name: one for one in (ORDER, SUMMARY, CUSTOMER)}, {}),
        "archive": Schema("archive", {"old": Table("archive", "old", False, ())}, {}),
    },
    dialect=Dialect.MYSQL,
    version=(8, 4, 7),
    relationships=relationships([CUSTOMER, ORDER]),
)


def test_tables_lists_the_default_database_first_then_by_name() -> None:
    assert [(one["schema"], one["name"], one["kind"]) for one in tables(CATALOG)] == [
        ("shop", "a view", "view"),
        ("shop", "customer", "table"),
        ("shop", "order", "table"),
        ("archive", "old", "table"),
    ]
    assert tables(CATALOG)[1] == {
        "name": "customer", "schema": "shop", "kind": "table", "comment": "who buys", "rows_estimate": 12,
        "primary_key": ["id"], "insertable": True, "updatable": True, "deletable": True,
        "privileges": ["select", "insert", "update", "delete"], "row_security": False,
    }  # fmt: skip


def test_a_table_has_its_columns_in_table_order_and_its_keys() -> None:
    found = table(CATALOG, ORDER)
    assert found["primary_key"] == ["id"]
    assert found["foreign_keys"] == [
        {
            "name": "ordered", "columns": ["customer_id"], "referenced_schema": "shop",
            "referenced_table": "customer", "referenced_columns": ["id"],
        }
    ]  # fmt: skip
    assert found["fulltext_indexes"] == [["notes"]]
    assert found["relationships"] == [
        {
            "name": "ordered", "cardinality": "many-to-one", "columns": ["customer_id"], "schema": "shop",
            "table": "customer", "table_columns": ["id"], "junction": None,
        }
    ]  # fmt: skip
    columns = found["columns"]
    assert isinstance(columns, list)
    assert [(one["name"], one["type"], one["nullable"], one["default"], one["values"]) for one in columns] == [
        ("id", "char(36)", False, "uuid()", None),
        ("customer_id", "bigint unsigned", False, None, None),
        ("state", "enum('open','it''s done')", True, "open", ["open", "it's done"]),
        ("notes", "json", True, None, None),
    ]
    assert [one["required"] for one in columns] == [False, True, False, False]
    assert columns[0]["default_is_expression"] is True
    assert columns[0]["max_length"] == 36


@pytest.mark.parametrize(
    "declared, kind",
    [
        ("tinyint(1)", "boolean"), ("bit(1)", "boolean"), ("bigint unsigned", "integer"), ("bit(9)", "bits"), ("year", "year"),
        ("decimal(9,2)", "decimal"), ("float", "float"), ("varchar(9)", "text"), ("enum('a')", "enum"), ("set('a')", "set"),
        ("date", "date"), ("time(3)", "time"), ("datetime", "datetime"), ("timestamp", "timestamp"), ("json", "json"),
        ("blob", "binary"), ("point", "geometry"),
    ],
)  # fmt: skip
def test_a_column_has_the_kind_of_its_values(declared: str, kind: str) -> None:
    column = Column("c", column_type(declared), nullable=True, position=1)
    assert column_details(column)["kind"] == kind


def test_a_table_without_keys_has_empty_lists() -> None:
    found = table(CATALOG, SUMMARY)
    assert (found["primary_key"], found["unique_keys"], found["foreign_keys"]) == ([], [], [])
    assert (found["kind"], found["insertable"]) == ("view", False)


def test_both_are_json() -> None:
    assert json.loads(json.dumps(tables(CATALOG))) == tables(CATALOG)
    assert json.loads(json.dumps(table(CATALOG, ORDER))) == table(CATALOG, ORDER)


def test_details_are_the_description_of_each_table_in_the_same_order() -> None:
    found = described(CATALOG)
    assert [one["name"] for one in found] == [one["name"] for one in tables(CATALOG)]
    assert found[1] == table(CATALOG, CUSTOMER)


@pytest.mark.parametrize("text, asked", [("", False), ("details=true", True), ("details=false", False)])
def test_details_are_asked_for_by_name(text: str, asked: bool) -> None:
    assert asks_for_details(text) is asked


@pytest.mark.parametrize("text", ["detail=true", "details=yes", "details", "details=true&x=1"])
def test_a_query_of_tables_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        asks_for_details(text)
    assert (refused.value.status, refused.value.code) == (400, "PGRST100")
