"""A hand-made catalog and requests against it, for tests without a server."""

from __future__ import annotations

from typing import Any

from api.catalog import Catalog, Column, Dialect, ForeignKey, FullTextIndex, Schema, Table, TableKey, ViewColumn
from api.catalog.introspection.column_types import column_type
from api.catalog.relationships import relationships
from api.plan.read import plan_read
from api.plan.tree import ReadPlan
from api.request.query import ApiRequest
from api.request.request import parse_request

INT = "int"
WORD = "varchar(20)"


def column(name: str, declared: str, *, nullable: bool = False) -> Column:
    text = declared.startswith(("varchar", "char", "text", "enum", "set"))
    collation = ("utf8mb4", "utf8mb4_general_ci") if text else (None, None)
    return Column(name, column_type(declared, *collation), nullable=nullable, position=1)


def table(name: str, *columns: Column, key: tuple[str, ...] = (), **fields: Any) -> Table:
    is_view = bool(fields.get("view_columns"))
    fields.setdefault("rows_estimate", None if is_view else 1000)
    return Table("shop", name, is_view=is_view, columns=columns, primary_key=key, **fields)


def foreign_key(name: str, columns: str, referenced: str, referenced_columns: str = "id") -> ForeignKey:
    return ForeignKey(
        name, tuple(columns.split(",")), TableKey("shop", referenced), tuple(referenced_columns.split(","))
    )


TABLES = (
    table(
        "customer",
        column("id", INT), column("name", WORD), column("boss_id", INT, nullable=True), column("data", "json", nullable=True),
        key=("id",),
        foreign_keys=(foreign_key("customer_boss", "boss_id", "customer"),),
    ),
    table(
        "purchase",
        column("id", INT), column("customer_id", INT), column("status", "enum('new','paid')", nullable=True),
        column("total", "decimal(9,2)"), column("placed", "datetime(3)"),
        key=("id",),
        foreign_keys=(foreign_key("purchase_customer", "customer_id", "customer"),),
    ),
    table(
        "item",
        column("purchase_id", INT), column("line", INT), column("sku", WORD, nullable=True), column("qty", INT),
        key=("purchase_id", "line"),
        rows_estimate=1_000_000,
        foreign_keys=(foreign_key("item_purchase", "purchase_id", "purchase"), foreign_key("item_product", "sku", "product", "sku")),
    ),
    table(
        "product",
        column("sku", WORD), column("note", "text", nullable=True), column("tags", "json"),
        column("colours", "set('red','blue')"), column("active", "tinyint(1)", nullable=True),
        key=("sku",),
        fulltext_indexes=(FullTextIndex("note", ("note",)),),
    ),
    table("label", column("id", INT), column("word", WORD), key=("id",)),
    table(
        "product_label",
        column("sku", WORD), column("label_id", INT),
        key=("sku", "label_id"),
        foreign_keys=(foreign_key("pl_product", "sku", "product", "sku"), foreign_key("pl_label", "label_id", "label")),
    ),
    table("50% `odd`", column("se`lect", INT), column("100%", WORD), key=("se`lect",)),
    table("heap", column("n", INT)),
    table("device", column("id", "binary(16)"), column("at", "geometry", nullable=True), key=("id",)),
    table(
        "names",
        column("id", INT), column("full_name", WORD),
        view_columns=(ViewColumn("id", TableKey("shop", "customer"), "id"), ViewColumn("full_name", TableKey("shop", "customer"), "name")),
        key=("id",),
    ),
)  # fmt: skip


def catalog(dialect: Dialect = Dialect.MYSQL) -> Catalog:
    schema = Schema("shop", {each.name: each for each in TABLES}, {})
    return Catalog({"shop": schema}, dialect, (8, 0, 39), relationships(TABLES))


CATALOG = catalog()


def request(query: str, name: str = "customer") -> ApiRequest:
    return parse_request("GET", f"/{name}", query, {}, b"", max_body_bytes=1, max_write_rows=1)


def plan(query: str, name: str = "customer", held: Catalog = CATALOG) -> ReadPlan:
    parsed = request(query, name)
    return plan_read(held, held.schemas["shop"].tables[name], parsed.query, parsed.limit, parsed.offset)
