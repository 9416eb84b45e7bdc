"""What a stored program leaves in its session, behind the stand-in for RDS Proxy: no other client finds it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from api.service import Service
from local.server import Server
from tests.certificates import Authority
from tests.integration.client import PREFIX
from tests.integration.test_session_state import CHANGES, ONLY_IN_PROCEDURES, TABLES, routines
from tests.standin.backend import Limits
from tests.standin.session import StandIn, serving, stand_in


@pytest.fixture(scope="module")
def changed_database(server: Server) -> Iterator[str]:
    with server.temporary_database() as database:
        server.execute(*TABLES, *routines(), database=database)
        yield database


@pytest.fixture
def proxied(server: Server, authority: Authority) -> Iterator[StandIn]:
    with stand_in(server, authority.issue("localhost"), Limits(connections=2)) as running:
        running.proxy.backend.watching = True
        yield running


@pytest.fixture
def service(proxied: StandIn, changed_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with serving(proxied.settings(changed_database, monkeypatch)) as running:
        yield running


def call(service: Service, method: str, routine: str) -> int:
    return service.rest(method, f"/rpc/{routine}", "", {"content-type": "application/json"}, b"", PREFIX).status


# A procedure that commits by itself frees its connection before anything can be done about it: see docs/reference.md.
CALLS = [
    *(f"{kind}_{name}" for kind in ("p", "fails") for name in CHANGES),
    *(f"f_{name}" for name in CHANGES if name not in ONLY_IN_PROCEDURES),
]


@pytest.mark.parametrize("routine", CALLS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_pooled_connection_keeps_what_a_routine_changed(
    service: Service, proxied: StandIn, routine: str, method: str
) -> None:
    assert service.rest("GET", "/note", "", {}, b"", PREFIX).status == 200
    for _ in range(2):
        call(service, method, routine)
    for _ in range(4):
        answer = service.rest("GET", "/note", "select=id", {}, b"", PREFIX)
        assert (answer.status, json.loads(answer.body)) == (200, [])
    assert proxied.proxy.backend.left_behind == []
