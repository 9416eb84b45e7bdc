"""Schemathesis: requests made from the OpenAPI document, valid ones and invalid ones, and every answer compared with it.

Two schemas: the tables of the sample database without their rows, and one of odd names, types and routines. What the
generated values store stays in the test's own database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.database import Database
from api.settings import Settings
from local.server import Server
from local.world.load import SCHEMA as WORLD
from migrator.files import load
from migrator.idempotency import create_idempotency_table
from migrator.run import migrate

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 6 * int(os.environ.get("AUROREST_FUZZ", "1"))
pytestmark = pytest.mark.timeout(0)

AWKWARD = (
    (
        "CREATE TABLE `order` (`select` INT NOT NULL AUTO_INCREMENT PRIMARY KEY, `50%` VARCHAR(20) NULL, `a,b` INT NULL,"
        " `with space` DECIMAL(8, 2) NULL, `e.f` JSON NULL, `limit` BIT(5) NULL, flag TINYINT(1) NULL, at TIMESTAMP(3) NULL,"
        " kind ENUM('a', 'it''s') NULL, marks SET('x', 'y') NULL, bytes VARBINARY(8) NULL, spot POINT NULL, day DATE NULL,"
        " hours TIME NULL, ratio DOUBLE NULL)"
    ),
    "CREATE TABLE `no key` (a INT NULL, b TEXT NULL)",
    (
        "CREATE TABLE line (`order` INT NOT NULL, n INT NOT NULL, PRIMARY KEY (`order`, n),"
        " CONSTRAINT line_order FOREIGN KEY (`order`) REFERENCES `order` (`select`))"
    ),
    "CREATE VIEW `seen/by` AS SELECT `select`, `50%` FROM `order`",
    "CREATE FUNCTION `add up`(a INT, `b c` INT) RETURNS INT NO SQL DETERMINISTIC RETURN a + `b c`",
    "CREATE PROCEDURE listing(IN least INT) READS SQL DATA SELECT a, b FROM `no key` WHERE a > least",
)


@pytest.fixture(scope="module", params=["world", "awkward"])
def document(server: Server, request: pytest.FixtureRequest) -> Iterator[schemathesis.BaseSchema]:
    with server.temporary_database() as name:
        with server.connect(name) as connection:
            create_idempotency_table(connection, name)
            if request.param == "world":
                migrate(connection, name, load(WORLD), series="world")
        if request.param == "awkward":
            server.execute(*AWKWARD, database=name)
        application = Settings.from_environment({"AUROREST_DATABASE_URL": server.url(name)})
        database = Database(application)
        yield schemathesis.openapi.from_asgi("/openapi.json", create_app(application, database))
        database.close()


def test_every_answer_is_one_that_the_document_allows(document: schemathesis.BaseSchema) -> None:
    tried = 0
    statuses: set[int] = set()
    failures: list[str] = []
    for found in document.get_all_operations():
        if not isinstance(found, Ok):
            raise TypeError(found)
        operation = found.ok()
        tried += 1

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )
        @given(case=operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        def check(case: schemathesis.Case[Any]) -> None:
            case.headers["Prefer"] = "return=representation"  # without it a write has no body to compare
            statuses.add(case.call_and_validate(checks=CHECKS).status_code)

        try:
            check()
        except FailureGroup as failure:
            failures.append(f"{operation.label}: {failure}")
    assert tried > 10
    assert {200, 201, 400} <= statuses
    assert not failures, "\n\n".join(failures)
