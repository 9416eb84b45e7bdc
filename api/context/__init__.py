"""Everything that answering one request requires, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.request.caller import NOBODY, Caller
from api.sql.server import Server

if TYPE_CHECKING:
    from api.catalog import Catalog
    from api.database import Database
    from api.request.query import ApiRequest
    from api.response.timing import Stages
    from api.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A request, and everything its answer depends on."""

    request: ApiRequest
    catalog: Catalog
    database: Database
    settings: Settings
    stages: Stages
    caller: Caller = NOBODY

    @property
    def server(self) -> Server:
        """The dialect of the server that runs the statements, and the time that one may take."""
        remaining_ms = int(self.database.remaining_seconds * 1000)
        return Server(self.catalog.dialect, max(1, min(self.settings.statement_timeout_ms, remaining_ms)))
