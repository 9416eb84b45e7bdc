"""Keeps the catalog of an execution environment, and reloads it after a maximum age or an unknown name."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from api.catalog import Catalog
from api.catalog.introspection import load_catalog
from api.database import Database
from api.errors import ApiError
from api.settings import Settings

T = TypeVar("T")

STALE_CODES = frozenset(
    {"PGRST200", "PGRST201", "PGRST202", "PGRST204", "PGRST205", "PGRST125", "42703", "42P01", "42883"}
)
"""Errors that a reload may cure: something was created or dropped after the catalog was loaded."""

RELOADS_PER_WINDOW = 5
WINDOW_SECONDS = 10.0
"""Wrong names cause at most `RELOADS_PER_WINDOW` reloads in this time."""


class CatalogSource:
    """Loads the catalog of one database, and decides when to load it again."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
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
            catalog = self._load()
        return catalog

    def with_current(self, work: Callable[[Catalog], T]) -> T:
        """Run `work` with the catalog; if it fails on a name that may be new, run it once more with a fresh one.

        `work` must not have stored anything when it raises one of `STALE_CODES`.
        """
        try:
            return work(self.current())
        except ApiError as error:
            if error.code not in STALE_CODES or not self._may_reload():
                raise
        return work(self._load())

    def _may_reload(self) -> bool:
        now = time.monotonic()
        self._reloads = [moment for moment in self._reloads if now - moment < WINDOW_SECONDS]
        if len(self._reloads) >= RELOADS_PER_WINDOW:
            return False
        self._reloads.append(now)
        return True

    def _load(self) -> Catalog:
        schemas = tuple(dict.fromkeys((self._settings.writer.database, *self._settings.schemas)))
        catalog = self._database.read_schema(lambda session: load_catalog(session, schemas[0], schemas))
        self._catalog, self._loaded_at = catalog, time.monotonic()
        return catalog
