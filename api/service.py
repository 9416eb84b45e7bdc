"""The API without HTTP machinery: a method, an address, headers and a body become an `Answer`.

parse -> plan -> run -> answer
"""

from __future__ import annotations

import json
import logging
import math
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from api import errors
from api.catalog import Catalog
from api.catalog.lookup import find_schema, find_table
from api.catalog.source import CatalogSource
from api.context import Context
from api.database import Database, ResultTooLarge
from api.documents import listing
from api.documents.pages import Pages
from api.errors import ApiError, codes
from api.reading.read import read
from api.request.query import ApiRequest, RoutineCall
from api.request.request import parse_request
from api.response.answer import Answer, compress, error_answer
from api.response.timing import Stages
from api.settings import Settings

logger = logging.getLogger("aurorest")

Work = Callable[[], Answer]

_VARY = ("Vary", "Accept, Prefer, Range")


class Service:
    """Answers requests over one database connection, one request at a time."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.catalogs = CatalogSource(database, settings)
        self.pages = Pages(settings)

    def rest(
        self,
        method: str,
        path: str,
        query_string: str,
        headers: Mapping[str, str],
        body: bytes,
        prefix: str = "",
        seconds: float = math.inf,
    ) -> Answer:
        """Answer a request below `/rest/v1`. Never raises.

        Args:
            path: What follows the prefix, percent-encoded.
            query_string: Percent-encoded.
            prefix: What precedes `path` in the URL, for Link and Location headers.
            seconds: How long the request may take.
        """
        stages = Stages()

        def work() -> Answer:
            settings = self.settings
            request = parse_request(
                method,
                path,
                query_string,
                headers,
                body,
                max_body_bytes=settings.max_body_bytes,
                max_write_rows=settings.max_write_rows,
                plan=settings.plan,
            )
            request = replace(request, path=prefix + path)
            stages.end("parse")
            return self.catalogs.with_current(
                lambda catalog: _answer(
                    Context(
                        request=request,
                        catalog=catalog,
                        database=self.database,
                        settings=settings,
                        stages=stages,
                    )
                )
            )

        answer = self.guarded(work, seconds)
        accepted = headers.get("accept-encoding", "")
        answer = replace(answer, body=b"") if method == "HEAD" else compress(answer, accepted)
        stages.end("answer")
        return answer.with_headers(_VARY, stages.header())

    def tables(self, query_string: str) -> Answer:
        """`GET /tables`, and `GET /tables?details=true` for what `/tables/{table}` says of each."""

        def work() -> Answer:
            list_tables = listing.described if listing.asks_for_details(query_string) else listing.tables
            return _json(list_tables(self.catalogs.current()))

        return self.guarded(work)

    def table(self, name: str, profile: str | None) -> Answer:
        """`GET /tables/{table}`."""

        def work(catalog: Catalog) -> Answer:
            return _json(listing.table(catalog, find_table(catalog, profile, name)))

        return self.guarded(lambda: self.catalogs.with_current(work))

    def root(self, method: str, profile: str | None, base: str, accept_encoding: str) -> Answer:
        """`/rest/v1/` itself: the OpenAPI document, which allows only OPTIONS, GET and HEAD."""
        if method in ("GET", "HEAD"):
            return self.document(profile, base, accept_encoding)
        allowed = ("OPTIONS", "GET", "HEAD")
        if method == "OPTIONS":
            return Answer(200, (("Allow", ",".join(allowed)),))
        return error_answer(errors.unsupported_verb(method, allowed))

    def document(self, profile: str | None, base: str, accept_encoding: str) -> Answer:
        """`GET /openapi.json` and `GET /rest/v1/`: the OpenAPI document. `base` is the API's relative URL."""
        return self.guarded(lambda: self.pages.document(self.catalogs.current(), profile, base, accept_encoding))

    def docs(self, path: str, accept_encoding: str) -> Answer:
        """`GET /docs`: the documentation page and its files. `path` is what follows `/docs`."""
        return self.guarded(lambda: self.pages.docs(path, accept_encoding))

    def browse(self, path: str) -> Answer:
        """`GET /browse`: the page for people, and its files; `path` is what follows `/browse`."""
        return self.guarded(lambda: self.pages.browse(path))

    def ready(self) -> Answer:
        """`GET /ready`: make one round trip to the database."""

        def work() -> Answer:
            self.database.ping()
            return _json({"status": "ready"})

        return self.guarded(work)

    def guarded(self, work: Work, seconds: float = math.inf) -> Answer:
        """Run `work` within `seconds` and turn its errors into answers.

        Unexpected exceptions become a 500; details go to the log.
        """
        try:
            with self.database.within(min(seconds, self.settings.request_timeout_seconds)):
                return work()
        except ApiError as error:
            return error_answer(error)
        except ResultTooLarge:
            return error_answer(errors.memory_exceeded(self.settings.max_read_bytes))
        except RecursionError:
            return error_answer(errors.parse_failed("request", "", "it is nested too deeply"))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            request_id = uuid.uuid4().hex
            logger.error("unexpected error, request id %s: %s", request_id, _traceback(error))
            return error_answer(
                ApiError(
                    codes.INTERNAL_ERROR, "internal error", f"The log has the details under request id {request_id}."
                )
            )


def _traceback(error: BaseException) -> str:
    """The stack and the class of an error and its causes, without their messages, which may quote rows and requests."""
    found = "".join(["\n", *traceback.format_tb(error.__traceback__), type(error).__name__])
    cause = error.__cause__ or error.__context__
    return found if cause is None else f"{found}, raised after{_traceback(cause)}"


def _answer(context: Context) -> Answer:
    request = context.request
    if request.method == "OPTIONS":
        return _options(request, context.catalog)
    if isinstance(request.target, RoutineCall):
        from api.calling.call import call  # imported here, to keep it out of cold starts that only read

        return call(context)
    if request.method in ("GET", "HEAD"):
        return read(context)

    from api.writing.write import write  # for the same reason

    return write(context)


def _options(request: ApiRequest, catalog: Catalog) -> Answer:
    if isinstance(request.target, RoutineCall):
        schema = find_schema(catalog, request.profile)
        routine = schema.routines.get(request.target.name)
        if routine is None:
            raise errors.unknown_routine(schema.name, request.target.name, (), None)
        allowed: tuple[str, ...] = ("OPTIONS", "GET", "HEAD", "POST") if routine.reads_only else ("OPTIONS", "POST")
    else:
        allowed = find_table(catalog, request.profile, request.target.name).methods
    return Answer(200, (("Allow", ",".join(allowed)),))


def _json(content: object) -> Answer:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(200, (("Content-Type", "application/json; charset=utf-8"),), body)
