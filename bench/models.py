"""The response models of the hand-written APIs, and the type of their handlers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class NewVisitor(BaseModel):
    """The body of POST /visitor, whose key is a number that the server assigns."""

    name: str
    city: str | None = None


class Visitor(NewVisitor):
    """A row of `visitor`."""

    id: int


class NewCustomer(BaseModel):
    """The body of POST /customer, which has the key."""

    id: int
    name: str
    city: str | None = None


class Customer(NewCustomer):
    """A row of `customer`."""


class Line(BaseModel):
    """A row of `line`, within its purchase."""

    number: int
    product: str
    quantity: int


class Purchase(BaseModel):
    """A row of `purchase`."""

    id: int
    customer_id: int
    reference: str
    note: str | None
    total: float
    weight: float
    paid: bool
    day: dt.date
    placed: dt.datetime
    details: dict[str, Any]


class PurchaseWithLines(BaseModel):
    """A purchase and its lines."""

    id: int
    reference: str
    line: list[Line]
