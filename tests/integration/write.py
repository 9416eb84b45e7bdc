"""Requests that write, sent to the service itself, as the tests that break the connection do."""

from __future__ import annotations

import json
from dataclasses import dataclass

from api.request.batch import BATCH
from api.response.answer import Answer
from api.service import Service
from tests.integration.client import PREFIX

SHOWN = "return=representation"


@dataclass(frozen=True, slots=True)
class Write:
    """A request that writes, and the statements before it. At the address `/` it is a batch."""

    method: str
    address: str
    body: object = None
    prefer: str = ""
    before: tuple[str, ...] = ()


def send(service: Service, write: Write, **headers: str) -> Answer:
    """Headers by keyword: `idempotency_key="k1"`."""
    given = {"prefer": write.prefer, **{name.replace("_", "-"): text for name, text in headers.items()}}
    body = b"" if write.body is None else json.dumps(write.body).encode()
    path, _, query = write.address.partition("?")
    if path == "/":
        return service.batch("", given | {"content-type": BATCH}, body, PREFIX)
    return service.rest(write.method, path, query, given, body, PREFIX)
