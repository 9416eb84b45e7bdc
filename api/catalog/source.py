"""Keeps the catalog of an execution environment: loaded once, and anew after a maximum age or an unknown name."""

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
"""Errors that a newer catalog may not have: something is named that was not there, or no longer is."""

RELOADS_PER_WINDOW = 5
WINDOW_SECONDS = 10.0
"""Wrong names cost no more than so many reloads in this time."""


class CatalogSource:
    """The catalog of one database, and when to read it again."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._catalog: Catalog | None = None
        self._loaded_at = 0.0
        self._reloads: list[float] = []

    def current(self) -> Catalog:
        """The catalog, not older than the settings' maximum age.

        Raises: `ApiError` when the database cannot be reached.
        """
        catalog = self._catalog
        if catalog is None or time.monotonic() - self._loaded_at > self._settings.catalog_max_age_seconds:
            catalog = self._load()
        return catalog

    def with_current(self, work: Callable[[Catalog], T]) -> T:
        """Run work with the catalog; once more with a fresh one when it fails over a name that may be new.

        The work has stored nothing when it raises such an error.
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
        catalog = self._database.read(lambda session: load_catalog(session, schemas[0], schemas))
        self._catalog, self._loaded_at = catalog, time.monotonic()
        return catalog
