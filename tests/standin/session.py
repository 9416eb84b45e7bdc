"""A stand-in in front of a test's server, and the environment that a function needs to get through it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from api.database import Database
from api.database.state import GIVE_UP
from api.service import Service
from api.settings import Settings
from local.server import USER, Server, Tls
from tests.standin.backend import DEFAULTS, Backend, Limits, Target
from tests.standin.pinning import is_unavoidable
from tests.standin.proxy import Proxy, listen, start
from tests.standin.token import Verifier

HOST = "localhost"
APPLICATION_USER = "aurorest"
CREDENTIALS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret/with+signs",
    "AWS_SESSION_TOKEN": "session/token+of==",
    "AWS_REGION": "eu-central-1",
}


@dataclass(frozen=True, slots=True)
class StandIn:
    """A running stand-in and the authority that signed its certificate."""

    proxy: Proxy
    tls: Tls

    def environment(self, database: str) -> dict[str, str]:
        """What the deployed function finds in its environment."""
        return {
            **CREDENTIALS,
            "AUROREST_DATABASE_HOST": HOST,
            "AUROREST_DATABASE_PORT": str(self.proxy.port),
            "AUROREST_DATABASE_USER": APPLICATION_USER,
            "AUROREST_DATABASE_NAME": database,
            "AUROREST_TLS_CA": str(self.tls.authority),
        }

    def settings(self, database: str, monkeypatch: pytest.MonkeyPatch, **further: str) -> Settings:
        """The settings of the deployed function, in whose environment the test then runs: botocore reads it, too.

        `further`: more of them, by the names of variables without `AUROREST_`.
        """
        environment = self.environment(database) | {f"AUROREST_{name}": text for name, text in further.items()}
        for name, text in environment.items():
            monkeypatch.setenv(name, text)
        return Settings.from_environment(environment)


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[Service]:
    """The service with these settings for the length of a `with` block."""
    with contextlib.closing(Database(settings)) as database:
        yield Service(settings, database)


@contextlib.contextmanager
def stand_in(
    server: Server, tls: Tls, limits: Limits = DEFAULTS, *, roles: tuple[str, ...] = (), may_pin: bool = False
) -> Iterator[StandIn]:
    """A stand-in for the length of a `with` block, in which nothing may pin a session unless `may_pin`.

    The database connections of a role use its account, which has the server's password.

    What may pin in any case is a text that one value or row makes too long, and what gives a session up on purpose.
    """
    listener = listen()
    verifier = Verifier(
        endpoint=f"{HOST}:{listener.getsockname()[1]}",
        region=CREDENTIALS["AWS_REGION"],
        access_key=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        secret_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        session_token=CREDENTIALS["AWS_SESSION_TOKEN"],
    )
    backend = Backend(target_of(server), limits)
    users = frozenset({APPLICATION_USER, *roles})
    accounts = {role: Backend(replace(target_of(server), user=role), limits) for role in roles}
    proxy = start(backend, verifier, users, tls.certificate, tls.key, listener, accounts)
    try:
        yield StandIn(proxy, tls)
    finally:
        proxy.stop()
    unforeseen = [found for found in proxy.all_pinning if found.text != GIVE_UP and not is_unavoidable(found.text)]
    assert may_pin or not unforeseen, [(found.pins, found.text[:200]) for found in unforeseen]


def target_of(server: Server) -> Target:
    """Where a test's server is for a stand-in."""
    return Target("localhost", 3306, USER, server.password, str(server.socket))
