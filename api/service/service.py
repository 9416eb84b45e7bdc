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
from api.catalog.lookup import find_table
from api.catalog.privileges import shown
from api.context import Context
from api.database import Database, ResultTooLarge
from api.documents import listing
from api.documents.pages import Pages
from api.documents.renditions import Rendition, chosen
from api.errors import ApiError, codes
from api.request.caller import NOBODY, Caller, claim_path
from api.request.idempotency import parse_idempotency
from api.request.preferences import BATCH, parse_preferences
from api.request.query import RoutineCall
from api.request.token import Claims, caller_of
from api.response.answer import Answer, compress, error_answer
from api.response.timing import Stages
from api.service.accounts import Account, Accounts
from api.service.dispatch import dispatch, parse
from api.settings import PREFIX, Settings, SettingsError

logger = logging.getLogger("aurorest")

REST = "/rest/v1"
"""Where tables, rows and routines are."""

Identify = Callable[[], Claims | None]
"""The verified claims of a request's caller, or None for an anonymous caller; or an `ApiError` for a bad token."""
Work = Callable[[Account, Caller], Answer]


def anonymous() -> Claims | None:
    """The claims of a caller without a token."""
    return None


class Service:
    """Answers requests one at a time, each over the connection of its role."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Raises: `SettingsError` for a claim path that cannot be parsed."""
        try:
            claim_path(settings.role_claim)
        except ValueError as error:
            raise SettingsError(f"{PREFIX}ROLE_CLAIM: {error}") from None
        self.settings = settings
        self.accounts = Accounts(settings, database)
        self._vary = ("Vary", "Accept, Authorization, Prefer, Range" if settings.roles else "Accept, Prefer, Range")

    def rest(
        self,
        method: str,
        path: str,
        query_string: str,
        headers: Mapping[str, str],
        body: bytes,
        prefix: str = "",
        seconds: float = math.inf,
        identify: Identify = anonymous,
    ) -> Answer:
        """Answer a request below `/rest/v1`. Never raises.

        Args:
            path: What follows the prefix, percent-encoded.
            query_string: Percent-encoded.
            prefix: What precedes `path` in the URL, for Link and Location headers.
            seconds: How long the request may take.
        """
        stages = Stages()

        def work(account: Account, caller: Caller) -> Answer:
            settings = self.settings
            request = parse(method, path, query_string, headers, body, prefix, settings)
            stages.end("parse")
            return account.catalogs.with_current(
                lambda catalog: dispatch(
                    Context(
                        request=request,
                        catalog=catalog,
                        database=account.database,
                        settings=settings,
                        stages=stages,
                        caller=caller,
                    )
                ),
                calls_routine=isinstance(request.target, RoutineCall),
            )

        answer = self.guarded(work, identify, seconds)
        return self._finished(replace(answer, body=b"") if method == "HEAD" else answer, headers, stages)

    def batch(
        self,
        query_string: str,
        headers: Mapping[str, str],
        body: bytes,
        prefix: str = "",
        seconds: float = math.inf,
        identify: Identify = anonymous,
    ) -> Answer:
        """Answer several requests below `/rest/v1` in one transaction. Never raises. For the arguments, see `rest`."""
        # imported on first use, to keep them out of cold starts
        from api.request.batch import parse_batch
        from api.service.batch import Batch

        stages, settings = Stages(), self.settings

        def work(account: Account, caller: Caller) -> Answer:
            parts = parse_batch(headers, query_string, body, settings.max_body_bytes, settings.max_batch_requests)
            preferences = parse_preferences(headers.get("prefer"), BATCH)
            idempotency = parse_idempotency("POST", "/", "", headers, lambda: body)
            stages.end("parse")
            batch = Batch(parts, preferences, settings, caller, prefix, stages, idempotency)
            return account.catalogs.with_current(
                lambda catalog: batch.run(account.database, catalog), calls_routine=any(part.may_call for part in parts)
            )

        return self._finished(self.guarded(work, identify, seconds), headers, stages)

    def _finished(self, answer: Answer, headers: Mapping[str, str], stages: Stages) -> Answer:
        """The answer as it is sent: compressed, and with the headers that say how it was made."""
        answer = compress(answer, headers.get("accept-encoding", ""))
        stages.end("answer")
        return answer.with_headers(self._vary, stages.header())

    def tables(self, query_string: str = "", identify: Identify = anonymous) -> Answer:
        """`GET /tables`: what the caller's role has a privilege on; with `?details=true`, all about each table."""

        def work(account: Account, caller: Caller) -> Answer:
            list_tables = listing.described if listing.asks_for_details(query_string) else listing.tables
            return _json(list_tables(shown(account.catalogs.current()), unbound=caller.bypasses_row_security))

        return self.guarded(work, identify).with_headers(self._vary)

    def table(self, name: str, profile: str | None, identify: Identify = anonymous) -> Answer:
        """`GET /tables/{table}`.

        The error is 42501 for a table that the caller's role has no privilege on.
        """

        def description(catalog: Catalog, caller: Caller) -> Answer:
            table = find_table(catalog, profile, name)
            if not table.privileges:
                raise errors.permission_denied("table", table.name)
            visible = shown(catalog)
            return _json(listing.table(visible, visible.table(table.key), unbound=caller.bypasses_row_security))

        return self.guarded(
            lambda account, caller: account.catalogs.with_current(lambda catalog: description(catalog, caller)),
            identify,
        ).with_headers(self._vary)

    def root(
        self,
        method: str,
        query_string: str,
        headers: Mapping[str, str],
        base: str,
        identify: Identify = anonymous,
    ) -> Answer:
        """`/rest/v1/` itself: the OpenAPI document in PostgREST's shape. POST takes a batch, see `batch`."""
        if method in ("GET", "HEAD"):
            return self.document(query_string, headers, base, identify, at_root=True)
        allowed = ("OPTIONS", "GET", "HEAD", "POST")
        if method == "OPTIONS":
            return Answer(200, (("Allow", ",".join(allowed)),))
        return error_answer(errors.unsupported_verb(method, allowed))

    def document(
        self,
        query_string: str,
        headers: Mapping[str, str],
        base: str,
        identify: Identify = anonymous,
        *,
        at_root: bool = False,
    ) -> Answer:
        """`GET /openapi.json`, and `GET /rest/v1/` if `at_root`: the API's description that the request chooses.

        `base` is the API's URL, without a slash at its end.
        """

        def work(account: Account, _: Caller) -> Answer:
            default = Rendition.POSTGREST if at_root else Rendition.OPENAPI_3_1
            # Supabase's addresses have the project's key as a parameter.
            rendition = chosen(query_string, headers.get("accept"), default, ignored=("apikey",) if at_root else ())
            profile, accept_encoding = headers.get("accept-profile"), headers.get("accept-encoding", "")
            return account.pages.document(account.catalogs.current(), rendition, profile, base, accept_encoding)

        return self.guarded(work, identify)

    def addresses(self, prefix: str = "") -> Answer:
        """`GET /`: where everything is. `prefix` is what precedes each address."""
        pages = {
            "rest": f"{REST}/",
            "tables": "/tables",
            "openapi": "/openapi.json",
            "docs": "/docs",
            **({"browse": "/browse"} if self.settings.browse else {}),
            "health": "/health",
        }
        return _json({name: prefix + address for name, address in pages.items()})

    def docs(self, path: str, accept_encoding: str) -> Answer:
        """`GET /docs`: the documentation page and its files, the same for every caller. `path` follows `/docs`."""
        return self._page(lambda pages: pages.docs(path, accept_encoding))

    def browse(self, path: str) -> Answer:
        """`GET /browse`: the page for people, and its files, the same for every caller. `path` follows `/browse`."""
        return self._page(lambda pages: pages.browse(path))

    def _page(self, answer: Callable[[Pages], Answer]) -> Answer:
        try:
            return answer(self.accounts.of(None).pages)
        except ApiError as error:
            return error_answer(error)

    def ready(self) -> Answer:
        """`GET /ready`: make one round trip to the database, as the application's account."""

        def work(account: Account, _: Caller) -> Answer:
            account.database.ping()
            return _json({"status": "ready"})

        return self._run(work, NOBODY, math.inf)

    def guarded(self, work: Work, identify: Identify, seconds: float = math.inf) -> Answer:
        """Run `work` for the caller within `seconds`, and turn errors into answers."""
        settings = self.settings
        try:
            caller = caller_of(
                identify(),
                roles=settings.roles,
                role_claim=settings.role_claim,
                default_role=settings.default_role,
                anonymous_role=settings.anonymous_role,
                bypass_row_security=settings.bypass_row_security,
            )
        except ApiError as error:
            return error_answer(error)
        return self._run(work, caller, seconds)

    def _run(self, work: Work, caller: Caller, seconds: float) -> Answer:
        """Unexpected exceptions become a 500; details go to the log."""
        account = self.accounts.of(caller.role)
        try:
            with self.accounts.within(account, min(seconds, self.settings.request_timeout_seconds)):
                return work(account, caller)
        except ApiError as error:
            is_anonymous = caller.role is not None and caller.role == self.settings.anonymous_role
            return error_answer(errors.as_anonymous(error) if is_anonymous else error)
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


def _json(content: object) -> Answer:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(200, (("Content-Type", "application/json; charset=utf-8"),), body)
