"""The OpenAPI documents, the TypeScript types, the page that shows the API, and the page that shows the data.

Their modules are imported on first use, to keep them out of cold starts that serve rows.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

from api import errors
from api.catalog import Catalog
from api.catalog.lookup import find_schema
from api.catalog.privileges import shown
from api.documents.renditions import Rendition
from api.response.answer import Answer, accepts_gzip
from api.settings import Settings

_MOST_DOCUMENTS = 32
"""How many documents are kept. Each host name that clients use adds one."""


class Pages:
    """Builds and compresses each document once per catalog."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._catalog: Catalog | None = None
        self._documents: dict[tuple[Rendition, str, str], bytes] = {}

    def document(
        self, catalog: Catalog, rendition: Rendition, profile: str | None, base: str, accept_encoding: str
    ) -> Answer:
        """A description of a profile's database: what the catalog's account has a privilege on.

        `base` is the API's URL, without a slash at its end.

        Raises: `ApiError` PGRST106 for a database that is not exposed, PGRST125 if the documentation is disabled.
        """
        self._check("/openapi.json")
        schema = find_schema(catalog, profile).name
        if catalog is not self._catalog or len(self._documents) >= _MOST_DOCUMENTS:
            self._catalog, self._documents = catalog, {}
        packed = self._documents.get((rendition, schema, base))
        if packed is None:
            text = self._text(shown(catalog), rendition, schema, base)
            packed = self._documents[rendition, schema, base] = gzip.compress(text.encode(), compresslevel=5, mtime=0)
        vary = "Accept, Accept-Encoding, Accept-Profile" + (", Authorization" if self._settings.roles else "")
        headers = (("Content-Type", rendition.content_type), ("Vary", vary))
        if accepts_gzip(accept_encoding):
            return Answer(200, (*headers, ("Content-Encoding", "gzip")), packed)
        return Answer(200, headers, gzip.decompress(packed))

    def _text(self, catalog: Catalog, rendition: Rendition, schema: str, base: str) -> str:
        if rendition is Rendition.TYPESCRIPT:
            from api.documents.typescript import database_types

            return database_types(catalog)
        from api.documents.openapi import Options, as_3_0, document, postgrest_document

        options = Options(server_url=base, max_rows=self._settings.max_rows, schema=schema)
        if rendition is Rendition.POSTGREST:
            described = postgrest_document(catalog, replace(options, server_url=f"{base}/rest/v1"))
        else:
            described = document(catalog, options)
            described = as_3_0(described) if rendition is Rendition.OPENAPI_3_0 else described
        return json.dumps(described, ensure_ascii=False, separators=(",", ":"))

    def docs(self, path: str, accept_encoding: str) -> Answer:
        """The page or a file that it loads; `path` is what follows `/docs`.

        Raises: `ApiError` PGRST125 for an unknown file, or if the documentation is disabled.
        """
        self._check(f"/docs{path}")
        from api.documents.docs import docs_answer

        answer = docs_answer(path, self._settings.writer.database, accept_encoding)
        if answer is None:
            raise errors.invalid_path(f"/docs{path}")
        return answer

    def browse(self, path: str) -> Answer:
        """The page for people, or a file that it loads; `path` is what follows `/browse`.

        Raises: `ApiError` PGRST125 for an unknown file, or if the settings do not enable the page.
        """
        answer = None
        if self._settings.browse:
            from api.documents.browse import browse_answer

            answer = browse_answer(path, self._settings)
        if answer is None:
            raise errors.invalid_path(f"/browse{path}")
        return answer

    def _check(self, path: str) -> None:
        if not self._settings.docs:
            raise errors.invalid_path(path)
