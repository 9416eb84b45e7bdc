"""Keeps the catalog of an execution environment, and reloads it after a maximum age or an unknown name."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from api.catalog import Catalog
from api.catalog.introspection import Session, load_catalog
from api.catalog.introspection.privileges import own_privileges, read_privileges
from api.catalog.policies import Unreadable
from api.catalog.privileges import restricted
from api.database import Database, errno
from api.errors import ApiError, codes
from api.settings import Settings

T = TypeVar("T")

logger = logging.getLogger("aurorest")

STALE_CODES = frozenset({
    each.code
    for each in (
        codes.NO_RELATIONSHIP, codes.AMBIGUOUS_RELATIONSHIP, codes.UNKNOWN_ROUTINE, codes.UNKNOWN_PAYLOAD_COLUMN,
        codes.UNKNOWN_TABLE, codes.INVALID_PATH, codes.UNDEFINED_COLUMN, codes.TABLE_GONE, codes.UNDEFINED_FUNCTION,
    )
})  # fmt: skip
"""Errors that a reload may cure: something was created or dropped after the catalog was loaded."""

STALE_NUMBERS = frozenset(
    {1265, 1267, 1292, 1366, 1411, 1525, 3037, 3064, 3141, 3144, 3146, 3156, 3516, 4037, 4038, 4079}
)
"""Errors of the server that a reload may cure: a value was used as another type than its column has."""

RELOADS_PER_WINDOW = 5
WINDOW_SECONDS = 10.0
"""Wrong names cause at most `RELOADS_PER_WINDOW` reloads in this time."""


class CatalogSource:
    """Keeps a catalog, and decides when to load it again."""

    def __init__(self, load: Callable[[bool], Catalog], settings: Settings) -> None:
        """`load` is called with True where what it depends on has to be read again, too."""
        self._load_from = load
        self._settings = settings
        self._catalog: Catalog | None = None
        self._loaded_at = 0.0
        self._reloads: list[float] = []

    def current(self) -> Catalog:
        """The catalog, no older than the maximum age in the settings.

        Raises: `ApiError` if the database cannot be reached.
        """
        catalog = self._catalog
        if catalog is None or time.monotonic() - self._loaded_at > self._settings.catalog_max_age_seconds:
            catalog = self._load(fresh=False)
        return catalog

    def with_current(self, work: Callable[[Catalog], T], *, calls_routine: bool = False) -> T:
        """Run `work` with the catalog; if it fails in a way that a new one may cure, run it once more with a new one.

        `work` must not have stored anything when it raises such an error. A routine may have committed before it
        failed, so with `calls_routine` an error of the database only lets the next request have a new catalog.
        """
        try:
            return work(self.current())
        except ApiError as error:
            if not _may_be_stale(error) or not self._may_reload():
                raise
            if calls_routine and error.__cause__ is not None:
                self._catalog = None
                raise
        return work(self.reloaded())

    def reloaded(self) -> Catalog:
        """The catalog as it is now."""
        return self._load(fresh=True)

    def _may_reload(self) -> bool:
        now = time.monotonic()
        self._reloads = [moment for moment in self._reloads if now - moment < WINDOW_SECONDS]
        if len(self._reloads) >= RELOADS_PER_WINDOW:
            return False
        self._reloads.append(now)
        return True

    def _load(self, *, fresh: bool) -> Catalog:
        catalog = self._load_from(fresh)
        self._catalog, self._loaded_at = catalog, time.monotonic()
        return catalog


def application_catalogs(database: Database, settings: Settings) -> CatalogSource:
    """The catalog as the application's own account reads it: everything that exists, and what the account may do with
    it. With roles, the account answers no requests, so its own privileges do not count."""
    schemas = tuple(dict.fromkeys((settings.writer.database, *settings.schemas)))

    def read(session: Session) -> Catalog:
        catalog = load_catalog(session, schemas[0], schemas)
        return catalog if settings.roles else restricted(catalog, own_privileges(session, catalog))

    def load(_: bool) -> Catalog:
        catalog = database.read_schema(read)
        tables = [table for schema in catalog.schemas.values() for table in schema.tables.values()]
        if any(isinstance(table.policies, Unreadable) for table in tables):
            logger.warning("requests for rows are refused, because the account may not read the row policies (42501)")
        return catalog

    return CatalogSource(load, settings)


def role_catalogs(application: CatalogSource, database: Database, settings: Settings) -> CatalogSource:
    """The application's catalog with the privileges of a role, to whose account `database` connects."""

    def load(fresh: bool) -> Catalog:
        catalog = application.reloaded() if fresh else application.current()
        return restricted(catalog, database.read_schema(lambda session: read_privileges(session, catalog)))

    return CatalogSource(load, settings)


def _may_be_stale(error: ApiError) -> bool:
    """A privilege may have been granted after the catalog was loaded; one that the database itself refused was not."""
    cause = error.__cause__
    if cause is not None and errno.number(cause) in STALE_NUMBERS:
        return True
    return error.stale or error.code in STALE_CODES or (error.code == codes.NO_PRIVILEGE.code and cause is None)
