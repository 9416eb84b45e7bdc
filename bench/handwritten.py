"""What people write by hand instead of this API: FastAPI, Mangum and PyMySQL in a Lambda function.

`def` routes, response models and rows as dicts, as the tutorials have them. One connection is kept for the life of the
function, except by `connecting`, which opens one for each request, as many examples do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pymysql
from fastapi import FastAPI, HTTPException
from mangum import Mangum
from pymysql.cursors import DictCursor

from bench.models import Customer, Handler, NewCustomer, NewVisitor, Purchase, PurchaseWithLines, Visitor


def _purchase(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "details": json.loads(row["details"])}


def _application(session: Callable[[], Any]) -> Handler:
    """The routes; `session` is a context manager that gives a cursor of dicts."""
    app = FastAPI()

    @app.get("/rest/v1/purchase/{key}", response_model=Purchase)
    def one(key: int) -> Any:
        with session() as cursor:
            cursor.execute("SELECT * FROM purchase WHERE id = %s", (key,))
            row = cursor.fetchone()
        if row is None:
            raise HTTPException(404)
        return _purchase(row)

    @app.get("/rest/v1/purchase", response_model=list[Purchase])
    def several(limit: int = 100, offset: int = 0) -> Any:
        with session() as cursor:
            cursor.execute("SELECT * FROM purchase ORDER BY id LIMIT %s OFFSET %s", (limit, offset))
            return [_purchase(row) for row in cursor.fetchall()]

    @app.get("/rest/v1/purchase-with-lines", response_model=list[PurchaseWithLines])
    def with_lines(limit: int = 100) -> Any:
        with session() as cursor:
            cursor.execute("SELECT id, reference FROM purchase ORDER BY id LIMIT %s", (limit,))
            purchases = {row["id"]: {**row, "line": []} for row in cursor.fetchall()}
            cursor.execute(
                "SELECT purchase_id, number, product, quantity FROM line WHERE purchase_id IN %s"
                " ORDER BY purchase_id, number",
                (tuple(purchases),),
            )
            for row in cursor.fetchall():
                purchases[row.pop("purchase_id")]["line"].append(row)
        return list(purchases.values())

    @app.post("/rest/v1/customer", response_model=Customer, status_code=201)
    def create(customer: NewCustomer) -> Any:
        with session() as cursor:
            cursor.execute(
                "INSERT INTO customer (id, name, city) VALUES (%s, %s, %s)", (customer.id, customer.name, customer.city)
            )
            cursor.connection.commit()
            cursor.execute("SELECT * FROM customer WHERE id = %s", (customer.id,))
            return cursor.fetchone()

    @app.post("/rest/v1/visitor", response_model=Visitor, status_code=201)
    def register(visitor: NewVisitor) -> Any:
        with session() as cursor:
            cursor.execute("INSERT INTO visitor (name, city) VALUES (%s, %s)", (visitor.name, visitor.city))
            cursor.connection.commit()
            cursor.execute("SELECT * FROM visitor WHERE id = %s", (cursor.lastrowid,))
            return cursor.fetchone()

    return Mangum(app, lifespan="off")


def keeping(arguments: dict[str, Any]) -> Handler:
    """One connection for the life of the function, checked before each request."""
    connection = pymysql.connect(**arguments, cursorclass=DictCursor, autocommit=True)

    @contextmanager
    def session() -> Iterator[Any]:
        connection.ping()
        with connection.cursor() as cursor:
            yield cursor

    return _application(session)


def connecting(arguments: dict[str, Any]) -> Handler:
    """A connection for each request."""

    @contextmanager
    def session() -> Iterator[Any]:
        with closing(pymysql.connect(**arguments, cursorclass=DictCursor)) as connection, connection.cursor() as cursor:
            yield cursor

    return _application(session)
