"""The database as each role sees it: a connection of the role's own account, and the catalog with its privileges."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.catalog.source import CatalogSource, application_catalogs, role_catalogs
from api.database import Database
from api.documents.pages import Pages
from api.settings import Settings

MOST_ROLES = 8
"""Roles whose connection and catalog an execution environment keeps at the same time."""


@dataclass(frozen=True, slots=True)
class Account:
    """The connection and the catalog that answer the requests of one role."""

    database: Database
    catalogs: CatalogSource
    pages: Pages


class Accounts:
    """The application's own account, and the accounts of the roles that this execution environment has met.

    The application's account reads the catalog, which lists everything that exists. With roles, it answers no request.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._own = Account(database, application_catalogs(database, settings), Pages(settings))
        self._of_roles: OrderedDict[str, Account] = OrderedDict()

    def of(self, role: str | None) -> Account:
        """The account of a role; the application's own for None. The least recently used role's connection is closed
        when there are too many."""
        if role is None:
            return self._own
        account = self._of_roles.get(role)
        if account is None:
            while len(self._of_roles) >= MOST_ROLES:
                _, oldest = self._of_roles.popitem(last=False)
                oldest.database.close()
            database = self._own.database.of_account(role)
            catalogs = role_catalogs(self._own.catalogs, database, self._settings)
            account = self._of_roles[role] = Account(database, catalogs, Pages(self._settings))
        self._of_roles.move_to_end(role)
        return account

    @contextmanager
    def within(self, account: Account, seconds: float) -> Iterator[None]:
        """Everything done inside the `with` block for this account takes at most this long."""
        own = self._own.database
        with own.within(seconds):
            if account.database is own:
                yield
                return
            with account.database.within(seconds):
                yield

    def ping(self) -> None:
        """One round trip to the writer, as the application's own account."""
        self._own.database.ping()

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        for account in (self._own, *self._of_roles.values()):
            account.database.close()
