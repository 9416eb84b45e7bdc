"""The accounts of roles, for as long as a test needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from local.server import Server
from migrator.users import Role, make_roles


@contextmanager
def role_accounts(server: Server, *names: str) -> Iterator[tuple[Role, ...]]:
    """Accounts with the server's password, made as the migrator makes them; they are dropped afterwards."""
    roles = tuple(Role(name, server.password, require_tls=False) for name in names)
    with closing(server.connect()) as connection:
        make_roles(connection, roles, "secret")
    try:
        yield roles
    finally:
        server.execute(*(f"DROP USER '{name}'@'%'" for name in names))
