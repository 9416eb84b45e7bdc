"""Policies of a test's database, as the migrator applies them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from migrator.policy_statements import parse_policy_statement
from migrator.row_security import RowSecurity
from tests.integration.client import Client


def protect(client: Client, policies: Iterable[str]) -> None:
    """Let the client's database have these policies only, and let the client know."""
    with closing(client.server.connect(client.database)) as connection, connection.cursor() as cursor:
        security = RowSecurity(connection, client.database)
        security.create()
        cursor.execute("DELETE FROM aurorest_policies")
        for text in policies:
            statement = parse_policy_statement(text)
            assert statement is not None
            security.apply(statement)
        connection.commit()
        security.check_all()
        connection.commit()
    client.service.accounts.of(None).catalogs.reloaded()
