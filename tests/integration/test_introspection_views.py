"""Views in the catalog: where their columns come from, their keys, and whether they can be written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pymysql
import pytest

from api.catalog import Cardinality, Kind, Table, TableKey
from local.server import Server
from tests.integration.introspecting import catalog_of

TABLES = (
    (
        "CREATE TABLE customer (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'x', boss INT, "
        "email VARCHAR(20) UNIQUE, extra JSON, CONSTRAINT obeys FOREIGN KEY (boss) REFERENCES customer (id))"
    ),
    (
        "CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT NOT NULL, qty INT NOT NULL, "
        "double_qty INT AS (qty * 2) VIRTUAL, CONSTRAINT ordered FOREIGN KEY (customer_id) REFERENCES customer (id))"
    ),
    (
        "CREATE TABLE `it``em` (order_id INT, n INT, `a b` INT, PRIMARY KEY (order_id, n), "
        "CONSTRAINT part_of FOREIGN KEY (order_id) REFERENCES orders (id))"
    ),
    "INSERT INTO customer (id, name, boss) VALUES (1, 'a', NULL), (2, 'b', 1), (3, 'c', 1)",
    "INSERT INTO orders (id, customer_id, qty) VALUES (10, 1, 5), (11, 1, 6), (12, 2, 7), (1, 3, 8)",
    "INSERT INTO `it``em` VALUES (10, 1, 0), (10, 2, 0), (11, 1, 0)",
)


@dataclass(frozen=True)
class Case:
    """A view's query, and what the catalog must say about it."""

    query: str
    primary_key: tuple[str, ...] = ()
    origins: str = ""
    """`column=table.column` separated by blanks, in column order."""
    unique_keys: tuple[tuple[str, ...], ...] = ()


CASES: dict[str, Case] = {
    "plain": Case(
        "SELECT * FROM customer",
        ("id",),
        "id=customer.id name=customer.name boss=customer.boss email=customer.email extra=customer.extra",
        (("email",),),
    ),
    "renamed": Case(
        "SELECT name AS a, id AS b, upper(name) AS c FROM customer WHERE id > 1 OR name = 'a`b, from'",
        ("b",),
        "a=customer.name b=customer.id",
    ),
    "keyless": Case("SELECT name FROM customer", (), "name=customer.name"),
    "composite": Case(
        "SELECT `a b`, n, order_id AS o FROM `it``em`", ("o", "n"), "a b=it`em.a b n=it`em.n o=it`em.order_id"
    ),
    "distinct_names": Case("SELECT DISTINCT name FROM customer", (), "name=customer.name"),
    "sorted_and_cut": Case("SELECT id FROM customer ORDER BY name LIMIT 5", ("id",), "id=customer.id"),
    "united": Case("SELECT id FROM customer UNION SELECT id FROM orders"),
    "derived": Case("SELECT x.id FROM (SELECT id FROM customer) AS x", ("id",), "id=customer.id"),
    "common": Case("WITH x AS (SELECT id FROM customer) SELECT id FROM x", ("id",), "id=customer.id"),
    "common_with_names": Case(
        "WITH X (a, b) AS (SELECT id, name FROM customer), y AS (SELECT a FROM X WHERE b <> 'q') SELECT y.a AS k FROM y",
        ("k",),
        "k=customer.id",
    ),
    "common_recursive": Case(
        "WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x WHERE n < 3) SELECT n FROM x"
    ),
    "derived_union": Case("SELECT x.id FROM (SELECT id FROM customer UNION SELECT id FROM orders) x"),
    "beside_totals": Case(
        "SELECT c.id, c.name, s.number FROM customer c LEFT JOIN "
        "(SELECT customer_id, count(*) AS number FROM orders GROUP BY customer_id) s ON s.customer_id = c.id",
        ("id",),
        "id=customer.id name=customer.name",
    ),
    "beside_derived_rows": Case(
        "SELECT c.id, s.id AS order_id FROM customer c JOIN (SELECT id, customer_id FROM orders) s "
        "ON s.customer_id = c.id",
        ("order_id",),
        "id=customer.id order_id=orders.id",
    ),
    "of_derived_rows": Case(
        "SELECT s.id, c.name FROM (SELECT id, customer_id FROM orders WHERE qty > 0) s "
        "JOIN customer c ON c.id = s.customer_id",
        ("id",),
        "id=orders.id name=customer.name",
    ),
    "derived_twice": Case(
        "SELECT a.id, b.id AS other FROM (SELECT id FROM customer) a JOIN (SELECT id, boss FROM customer) b "
        "ON b.boss = a.id",
        ("other",),
        "id=customer.id other=customer.id",
    ),
    "twice_shown": Case("SELECT id, id AS again FROM customer", ("id",), "id=customer.id again=customer.id"),
    "subqueried": Case(
        "SELECT id, (SELECT max(o.qty) FROM orders o WHERE o.customer_id = c.id) AS most FROM customer c",
        ("id",),
        "id=customer.id",
    ),
    "filtered_by_subquery": Case(
        "SELECT id, name FROM customer WHERE id IN (SELECT customer_id FROM orders)",
        ("id",),
        "id=customer.id name=customer.name",
    ),
    "windowed": Case(
        "SELECT id, row_number() OVER (PARTITION BY boss ORDER BY id) AS place FROM customer", ("id",), "id=customer.id"
    ),
    "cast": Case(
        "SELECT CAST(name AS CHAR(9)) AS a, name COLLATE utf8mb4_bin AS b, id FROM customer", ("id",), "id=customer.id"
    ),
    "joined": Case(
        "SELECT o.id, c.name, c.id AS cid FROM orders o JOIN customer c ON c.id = o.customer_id",
        ("id",),
        "id=orders.id name=customer.name cid=customer.id",
    ),
    "joined_the_other_way": Case(
        "SELECT o.id, c.id AS cid FROM customer c LEFT JOIN orders o ON c.id = o.customer_id",
        (),
        "id=orders.id cid=customer.id",
    ),
    "left_joined": Case(
        "SELECT o.id, c.name FROM orders o LEFT JOIN customer c ON c.id = o.customer_id AND c.name <> 'z'",
        ("id",),
        "id=orders.id name=customer.name",
    ),
    "right_joined": Case(
        "SELECT o.id FROM customer c RIGHT JOIN orders o ON c.id = o.customer_id", ("id",), "id=orders.id"
    ),
    "joined_by_where": Case(
        "SELECT o.id FROM orders o, customer c WHERE c.id = o.customer_id AND o.qty > 1", ("id",), "id=orders.id"
    ),
    "joined_by_either": Case(
        "SELECT o.id FROM orders o JOIN customer c ON c.id = o.customer_id OR c.id = o.qty", (), "id=orders.id"
    ),
    "joined_naturally": Case("SELECT o.id FROM orders o JOIN customer c USING (id)", ("id",), "id=orders.id"),
    "crossed": Case("SELECT o.id, c.id AS cid FROM orders o CROSS JOIN customer c", (), "id=orders.id cid=customer.id"),
    "crossed_with_one": Case("SELECT o.id FROM orders o JOIN customer c ON c.id = 1", ("id",), "id=orders.id"),
    "three_joined": Case(
        "SELECT i.order_id, i.n, o.qty, c.name FROM `it``em` i JOIN orders o ON o.id = i.order_id "
        "LEFT JOIN customer c ON c.id = o.customer_id",
        ("order_id", "n"),
        "order_id=it`em.order_id n=it`em.n qty=orders.qty name=customer.name",
    ),
    "nested_joins": Case(
        "SELECT i.order_id, i.n, c.name FROM `it``em` i LEFT JOIN (orders o JOIN customer c ON c.id = o.customer_id) "
        "ON o.id = i.order_id",
        ("order_id", "n"),
        "order_id=it`em.order_id n=it`em.n name=customer.name",
    ),
    "joined_with_itself": Case(
        "SELECT a.id, a.name, b.name AS boss_name FROM customer a LEFT JOIN customer b ON b.id = a.boss",
        ("id",),
        "id=customer.id name=customer.name boss_name=customer.name",
    ),
    "by_group": Case(
        "SELECT customer_id, count(*) AS orders FROM orders GROUP BY customer_id",
        (),
        "customer_id=orders.customer_id",
        (("customer_id",),),
    ),
    "by_group_shown_in_part": Case(
        "SELECT customer_id, count(*) AS orders FROM orders GROUP BY customer_id, qty",
        (),
        "customer_id=orders.customer_id",
    ),
    "key_shown_in_part": Case("SELECT order_id, `a b` FROM `it``em`", (), "order_id=it`em.order_id a b=it`em.a b"),
    "by_key_group": Case(
        "SELECT c.id, c.name, sum(o.qty) AS total FROM customer c LEFT JOIN orders o ON o.customer_id = c.id "
        "GROUP BY c.id, c.name",
        ("id",),
        "id=customer.id name=customer.name",
        (("id", "name"),),
    ),
    "by_expression": Case("SELECT year(now()) + id AS y, count(*) AS n FROM orders GROUP BY y"),
    "in_all": Case("SELECT count(*) AS n FROM orders"),
    "constant": Case("SELECT 1 AS one, 'it''s, from' AS two"),
    "upon_a_view": Case(
        "SELECT b AS key_of_it, a, c FROM renamed WHERE b < 9", ("key_of_it",), "key_of_it=customer.id a=customer.name"
    ),
    "upon_a_join": Case(
        "SELECT j.cid, j.id, o.qty FROM joined j JOIN orders o ON o.id = j.id",
        ("id",),
        "cid=customer.id id=orders.id qty=orders.qty",
        (),
    ),
    "with_generated": Case(
        "SELECT id, customer_id, qty, double_qty FROM orders",
        ("id",),
        "id=orders.id customer_id=orders.customer_id qty=orders.qty double_qty=orders.double_qty",
    ),
    "without_required": Case("SELECT id, qty FROM orders", ("id",), "id=orders.id qty=orders.qty"),
    "checked": Case(
        "SELECT id, name FROM customer WHERE id > 1 WITH CASCADED CHECK OPTION",
        ("id",),
        "id=customer.id name=customer.name",
    ),
}


@pytest.fixture(scope="module")
def filled(server: Server) -> Iterator[tuple[Server, str]]:
    with server.temporary_database() as database:
        server.execute(
            *TABLES, *(f"CREATE VIEW {name} AS {case.query}" for name, case in CASES.items()), database=database
        )
        server.execute(
            "CREATE VIEW stored_apart AS SELECT id, name FROM customer".replace("VIEW", "ALGORITHM=TEMPTABLE VIEW"),
            database=database,
        )
        yield server, database


@pytest.fixture(scope="module")
def views(filled: tuple[Server, str]) -> Mapping[str, Table]:
    server, database = filled
    return catalog_of(server, database).schemas[database].tables


@pytest.mark.parametrize("name", CASES)
def test_a_view_has_the_origins_and_keys_of_its_tables(views: Mapping[str, Table], name: str) -> None:
    found = " ".join(f"{one.column}={one.table.name}.{one.table_column}" for one in views[name].view_columns)
    assert found == CASES[name].origins
    assert views[name].primary_key == CASES[name].primary_key
    assert views[name].unique_keys == CASES[name].unique_keys


def test_a_column_that_a_subquery_computes_keeps_the_servers_type(views: Mapping[str, Table]) -> None:
    assert views["beside_totals"].by_name["number"].type.name == "bigint"


@pytest.mark.parametrize("name", CASES)
def test_the_keys_of_a_view_are_unique_in_its_rows(
    filled: tuple[Server, str], views: Mapping[str, Table], name: str
) -> None:
    server, database = filled
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {views[name].quoted.replace('%%', '%')}")
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
    assert rows
    assert names == [column.name for column in views[name].columns]
    for key in (views[name].primary_key, *views[name].unique_keys):
        values = [tuple(row[names.index(column)] for column in key) for row in rows]
        whole = [value for value in values if None not in value]
        assert len(set(whole)) == len(whole) or not key
        if key == views[name].primary_key and key:
            assert len(whole) == len(rows)


def accepts(server: Server, database: str, statement: str) -> bool:
    with server.connect(database) as connection, connection.cursor() as cursor:
        connection.begin()
        try:
            cursor.execute(statement)
        except pymysql.MySQLError as error:
            # A row may still fail (a duplicate, a missing parent), but not because the view refuses it.
            return error.args[0] not in (1288, 1395, 1471, 1423, 1348, 1393, 1394)
        finally:
            connection.rollback()
    return True


@pytest.mark.parametrize("name", [*CASES, "stored_apart"])
def test_a_view_is_writable_exactly_if_the_server_accepts_writes(
    filled: tuple[Server, str], views: Mapping[str, Table], name: str
) -> None:
    server, database = filled
    view = views[name]
    writable = [f"`{column.name}`" for column in view.columns if not column.generated]
    deletes = accepts(server, database, f"DELETE FROM `{name}` WHERE 1 = 0")
    updates = all(accepts(server, database, f"UPDATE `{name}` SET {one} = {one} WHERE 1 = 0") for one in writable)
    assert view.updatable == (deletes and updates and bool(writable))
    names = ", ".join(writable) or "none"
    inserts = accepts(server, database, f"INSERT INTO `{name}` ({names}) SELECT {names} FROM `{name}`")
    assert view.insertable == (inserts and view.updatable)


def test_a_views_columns_have_the_tables_types_defaults_and_generation(views: Mapping[str, Table]) -> None:
    assert views["plain"].by_name["extra"].type.kind is Kind.JSON
    assert views["plain"].by_name["id"].auto_increment
    assert views["plain"].by_name["id"].has_default
    assert views["plain"].by_name["name"].default == "x"
    assert views["renamed"].by_name["c"].generated
    assert views["upon_a_view"].by_name["c"].generated
    assert views["with_generated"].by_name["double_qty"].generated
    assert not views["with_generated"].by_name["qty"].has_default
    assert views["left_joined"].by_name["name"].nullable


def cardinalities(found: Any, origin: TableKey, target: str, name: str) -> list[str]:
    return [one.cardinality.value for one in found.get(origin, ()) if one.target.name == target and one.name == name]


def test_views_are_related_if_they_include_the_columns_of_a_key(filled: tuple[Server, str]) -> None:
    server, database = filled
    found = catalog_of(server, database).relationships

    def between(origin: str, target: str, name: str) -> list[str]:
        return cardinalities(found, TableKey(database, origin), target, name)

    assert between("with_generated", "customer", "ordered") == [Cardinality.MANY_TO_ONE.value]
    assert between("customer", "with_generated", "ordered") == [Cardinality.ONE_TO_MANY.value]
    assert between("with_generated", "plain", "ordered") == [Cardinality.MANY_TO_ONE.value]
    assert between("it`em", "joined", "part_of") == [Cardinality.MANY_TO_ONE.value]
    assert between("orders", "joined", "ordered") == [Cardinality.ONE_TO_MANY.value]  # one customer, many rows
    assert between("customer", "by_group", "ordered") == [Cardinality.ONE_TO_MANY.value]
    assert between("plain", "plain", "obeys") == [Cardinality.MANY_TO_ONE.value, Cardinality.ONE_TO_MANY.value]
    assert between("keyless", "orders", "ordered") == []


def test_a_broken_view_is_left_out_and_breaks_nothing(server: Server, database: str) -> None:
    server.execute(
        "CREATE TABLE gone (id INT PRIMARY KEY)",
        "CREATE TABLE changed (id INT PRIMARY KEY, was INT)",
        "CREATE TABLE there (id INT PRIMARY KEY)",
        "CREATE VIEW over_gone AS SELECT id FROM gone",
        "CREATE VIEW over_changed AS SELECT id, was FROM changed",
        "CREATE VIEW over_broken AS SELECT id FROM over_gone",
        "CREATE VIEW over_there AS SELECT id FROM there",
        "DROP TABLE gone",
        "ALTER TABLE changed DROP was",
        database=database,
    )
    tables = catalog_of(server, database).schemas[database].tables
    assert sorted(tables) == ["changed", "over_there", "there"]
    assert tables["over_there"].primary_key == ("id",)


def test_a_view_over_a_database_that_is_not_exposed_keeps_its_keys_and_relationships(
    server: Server, database: str
) -> None:
    with server.temporary_database() as private:
        server.execute(*TABLES, database=private)
        server.execute(
            f"CREATE VIEW customers AS SELECT id, name FROM `{private}`.customer",
            f"CREATE VIEW sold AS SELECT id, customer_id FROM `{private}`.orders",
            database=database,
        )
        catalog = catalog_of(server, database)
    assert list(catalog.schemas) == [database]
    assert sorted(catalog.schemas[database].tables) == ["customers", "sold"]
    assert catalog.schemas[database].tables["sold"].primary_key == ("id",)
    assert catalog.schemas[database].tables["sold"].view_columns == ()
    assert [(one.target.name, one.cardinality) for one in catalog.relationships[TableKey(database, "sold")]] == [
        ("customers", Cardinality.MANY_TO_ONE)
    ]
