"""The size of a run, and databases with random rows.

`make fuzz` sets AUROREST_FUZZ: how many times the usual number of examples each test tries.
AUROREST_FUZZ_SEED, a number, is the seed of the stored rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings

from local.server import Server
from tests.fuzz.tables import CREATE, Stored, inserts, random_rows
from tests.integration.client import Client, client_of

SEED = int(os.environ.get("AUROREST_FUZZ_SEED", "1"))
TIMES = int(os.environ.get("AUROREST_FUZZ", "1"))


def examples(usual: int) -> settings:
    """The settings of a test that tries `usual` examples on each server when all tests run."""
    return settings(
        max_examples=usual * TIMES,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@dataclass(frozen=True)
class Filled:
    """A client, and the rows that its database has."""

    client: Client
    rows: Stored


@pytest.fixture(scope="module")
def filled(server: Server) -> Iterator[Filled]:
    """The tables with random rows; tests that write put them back."""
    rows = random_rows(SEED)
    with client_of(server, *CREATE, *inserts(rows)) as client:
        yield Filled(client, rows)
