"""The hand-written API of `bench.handwritten` with SQLAlchemy's object-relational mapper."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import Depends, FastAPI, HTTPException
from mangum import Mangum
from sqlalchemy import JSON, ForeignKey, String, create_engine, select
from sqlalchemy.dialects.mysql import TINYINT
from sqlalchemy.engine import URL
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload, sessionmaker

from bench import models


class Base(DeclarativeBase):
    """The tables."""


class Customer(Base):
    """A row of `customer`."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    city: Mapped[str | None] = mapped_column(String(40))


class Visitor(Base):
    """A row of `visitor`."""

    __tablename__ = "visitor"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    city: Mapped[str | None] = mapped_column(String(40))


class Line(Base):
    """A row of `line`."""

    __tablename__ = "line"
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str] = mapped_column(String(40))
    quantity: Mapped[int]


class Purchase(Base):
    """A row of `purchase`."""

    __tablename__ = "purchase"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    reference: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(100))
    total: Mapped[float]
    weight: Mapped[float]
    paid: Mapped[bool] = mapped_column(TINYINT(1))
    day: Mapped[dt.date]
    placed: Mapped[dt.datetime]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    line: Mapped[list[Line]] = relationship(order_by=Line.number)


def pooling(arguments: dict[str, Any]) -> models.Handler:
    """Sessions over an engine for these arguments of the driver, and its pool."""
    engine = create_engine(URL.create("mysql+pymysql"), connect_args=arguments, pool_pre_ping=True)
    sessions = sessionmaker(engine)
    app = FastAPI()

    def session() -> Any:
        with sessions() as opened:
            yield opened

    opened = Depends(session)

    @app.get("/rest/v1/purchase/{key}", response_model=models.Purchase)
    def one(key: int, database: Session = opened) -> Any:
        row = database.get(Purchase, key)
        if row is None:
            raise HTTPException(404)
        return _as_dict(row)

    @app.get("/rest/v1/purchase", response_model=list[models.Purchase])
    def several(limit: int = 100, offset: int = 0, database: Session = opened) -> Any:
        rows = database.scalars(select(Purchase).order_by(Purchase.id).limit(limit).offset(offset))
        return [_as_dict(row) for row in rows]

    @app.get("/rest/v1/purchase-with-lines", response_model=list[models.PurchaseWithLines])
    def with_lines(limit: int = 100, database: Session = opened) -> Any:
        rows = database.scalars(
            select(Purchase).options(selectinload(Purchase.line)).order_by(Purchase.id).limit(limit)
        )
        return [
            {
                "id": row.id,
                "reference": row.reference,
                "line": [
                    {"number": each.number, "product": each.product, "quantity": each.quantity} for each in row.line
                ],
            }
            for row in rows
        ]

    @app.post("/rest/v1/customer", response_model=models.Customer, status_code=201)
    def create(customer: models.NewCustomer, database: Session = opened) -> Any:
        row = Customer(id=customer.id, name=customer.name, city=customer.city)
        database.add(row)
        database.commit()
        database.refresh(row)
        return {"id": row.id, "name": row.name, "city": row.city}

    @app.post("/rest/v1/visitor", response_model=models.Visitor, status_code=201)
    def register(visitor: models.NewVisitor, database: Session = opened) -> Any:
        row = Visitor(name=visitor.name, city=visitor.city)
        database.add(row)
        database.commit()
        database.refresh(row)
        return {"id": row.id, "name": row.name, "city": row.city}

    return Mangum(app, lifespan="off")


def _as_dict(row: Purchase) -> dict[str, Any]:
    return {name: getattr(row, name) for name in models.Purchase.model_fields}
