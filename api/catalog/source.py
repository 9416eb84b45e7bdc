"""Keeps the catalog of an execution environment. After a maximum age it asks whether anything changed, and reloads the
catalog if so. It also reloads the catalog after an unknown name."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from api.catalog import Catalog
from api.catalog.introspection import Session, load_catalog
from api.catalog.introspection.changes import Counted, read_counted
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


LOADED_ANYWAY = 20
"""After this many maximum ages the catalog is loaded even if nothing changed, because it also has the row estimates."""


class CatalogSource:
    """Keeps a catalog, and decides when to load it again."""

    def __init__(
        self, load: Callable[[bool], Catalog], settings: Settings, count: Callable[[], Counted] | None = None
    ) -> None:
        """`load` is called with True if what it depends on must be read again, too; `count`: what tells whether
        anything changed. Without it, `load` is called after each maximum age."""
        self._load_from = load
        self._count = count
        self._counted: Counted | None = None
        self._is_settled = False
        self._settings = settings
        self._catalog: Catalog | None = None
        self._loaded_at = self._checked_at = 0.0
        self._reloads: list[float] = []

    def current(self) -> Catalog:
        """The catalog, of at most the maximum age in the settings, or older if nothing has changed since.

        Raises: `ApiError` if the database cannot be reached.
        """
        catalog = self._catalog
        if catalog is None or (self._is_due(self._checked_at) and not self._is_unchanged()):
            catalog = self._load(fresh=False)
        return catalog

    def _is_due(self, since: float, ages: int = 1) -> bool:
        return time.monotonic() - since > ages * self._settings.catalog_max_age_seconds

    def _is_unchanged(self) -> bool:
        """Whether nothing was counted since the catalog was loaded. After a change, it is loaded once more at the next
        check: a statement may have been counted before the catalog was loaded, and have ended after that."""
        if self._counted is None or self._is_due(self._loaded_at, LOADED_ANYWAY):
            return False
        if not self._is_settled:
            self._is_settled = True
            return False
        counted = self._what_is_counted()
        if counted is None or not counted.equals(self._counted):
            self._is_settled = False
            return False
        self._checked_at = time.monotonic()
        return True

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
        self._is_settled = False
        return self._load(fresh=True)

    def _may_reload(self) -> bool:
        now = time.monotonic()
        self._reloads = [moment for moment in self._reloads if now - moment < WINDOW_SECONDS]
        if len(self._reloads) >= RELOADS_PER_WINDOW:
            return False
        self._reloads.append(now)
        return True

    def _what_is_counted(self) -> Counted | None:
        """None if the writer, which counts, cannot be reached: its replicas may still be read."""
        try:
            return None if self._count is None else self._count()
        except ApiError:
            return None

    def _load(self, *, fresh: bool) -> Catalog:
        self._counted = self._what_is_counted()  # before loading, so that no change in between is missed
        catalog = self._load_from(fresh)
        self._catalog, self._loaded_at = catalog, time.monotonic()
        self._checked_at = self._loaded_at
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
        # Policies are unreadable for all tables of a database, so one of each is enough.
        some = [next(iter(schema.tables.values()), None) for schema in catalog.schemas.values()]
        if any(table is not None and isinstance(table.policies, Unreadable) for table in some):
            logger.warning("requests for rows are refused, because the account may not read the row policies (42501)")
        return catalog

    def count() -> Counted:
        return database.read_schema(lambda session: read_counted(session, schemas), "strong")

    return CatalogSource(load, settings, count)


def role_catalogs(application: CatalogSource, database: Database, settings: Settings) -> CatalogSource:
    """The application's catalog with the privileges of a role, to whose account `database` connects."""

    last: tuple[Catalog, Catalog] | None = None

    def load(fresh: bool) -> Catalog:
        nonlocal last
        catalog = application.reloaded() if fresh else application.current()
        if last is None or last[0] is not catalog:  # a change of privileges makes a new catalog of the application, too
            privileges = database.read_schema(lambda session: read_privileges(session, catalog))
            last = catalog, restricted(catalog, privileges)
        return last[1]

    return CatalogSource(load, settings)


def _may_be_stale(error: ApiError) -> bool:
    """A privilege may have been granted after the catalog was loaded; one that the database itself refused was not."""
    cause = error.__cause__
    if cause is not None and errno.number(cause) in STALE_NUMBERS:
        return True
    return error.stale or error.code in STALE_CODES or (error.code == codes.NO_PRIVILEGE.code and cause is None)
