"""The FastAPI application: routes, and the HTTP details that the service does not see (raw paths, headers, CORS).

Routes are `async def` and call the service directly: a Lambda environment serves one request at a time, and a `def`
route would cost a thread hop per request. A local server gets its concurrency from processes.
"""

from __future__ import annotations

import json
import math
import re
import string
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from api import errors
from api.database import Database
from api.request.token import claims_of_event
from api.response.answer import Answer, compress, error_answer
from api.response.cors import cors_headers, preflight
from api.service import REST, Identify, Service, anonymous
from api.settings import Settings

ANONYMOUS = "/anonymous"
_BELOW_REST = f"{REST}/"


class _Anything(PathConvertor):
    """The rest of a path, which may contain line feeds: a key is any string."""

    regex = "(?s:.*)"


register_url_convertor("anything", _Anything())
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI would ask at each request whether OpenTelemetry's SDK is configured; the archive does not contain it."""

Respond = Callable[[Request], Awaitable[Answer]]


class _DirectRoute(APIRoute):
    """A route that passes the request to its endpoint as it is. FastAPI would look for parameters and dependencies, of
    which no endpoint has any."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.methods is None or scope["method"] in self.methods:
            response = await self.endpoint(Request(scope, receive, send))
            await response(scope, receive, send)
        else:
            await super().handle(scope, receive, send)


class _Application(FastAPI):
    """FastAPI, except that rows and routines are answered before its middlewares and its router, which have nothing to
    do there and take half of the time between the server and the service."""

    respond_to_rest: Callable[[Request], Awaitable[Response]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_BELOW_REST) and scope["method"] in _METHODS:
            response = await self.respond_to_rest(Request(scope, receive, send))
            await response(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings, database: Database) -> FastAPI:
    """The application for one database. It connects on the first request."""
    # a redirect would need another signature
    app = _Application(
        title="Aurorest",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    app.router.route_class = _DirectRoute
    service = Service(settings, database)
    endpoints = _Endpoints(service)
    app.respond_to_rest = lambda request: _respond(request, endpoints.rest, settings)

    def add(route: _Route, methods: list[str], same: str | None) -> None:
        """`same`: another address with the same answer."""

        @app.api_route(route.path, methods=methods, summary=route.summary, tags=[route.tag], response_class=Response)
        async def endpoint(request: Request) -> Response:
            return await _respond(request, route.respond, settings)

        if same is not None:
            app.add_api_route(same, endpoint, methods=methods, include_in_schema=False, response_class=Response)

    # first, because routes are tried in this order
    add(_Route(REST + "/{rest:anything}", endpoints.rest, "Tables, rows and routines", "rest"), _METHODS, REST)
    for route in endpoints.routes():
        compressed = _Route(route.path, _compressed(route.respond), route.summary, route.tag)
        # a page has a route for its files, which answers its address with a slash as well
        with_slash = None if route.path == "/" or route.tag == "pages" else f"{route.path}/"
        add(compressed, ["GET", "HEAD", "OPTIONS"], with_slash)
    if settings.anonymous_role is not None:
        app.router.routes.append(Mount(ANONYMOUS, routes=list(app.router.routes)))

    async def http_error(request: Request, error: Exception) -> Response:
        return await _respond(request, lambda request: _http_error(request, error), settings)

    app.add_exception_handler(HTTPException, http_error)
    app.openapi = lambda: endpoints.document  # type: ignore[method-assign]
    return app


class _Route(NamedTuple):
    """An address, what answers it, and how FastAPI describes it."""

    path: str
    respond: Respond
    summary: str
    tag: str


class _Endpoints:
    """One coroutine per route."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[_Route]:
        return [
            _Route("/", self.root, "The addresses of the API and its documents", "schema"),
            _Route("/health", self.health, "Alive", "health"),
            _Route("/ready", self.ready, "Ready: one round trip to the database", "health"),
            _Route("/tables", self.tables, "All tables and views", "schema"),
            _Route("/tables/{table}", self.table, "One table or view", "schema"),
            _Route("/openapi.json", self.openapi, "The OpenAPI document", "schema"),
            _Route("/docs", self.docs, "The interactive documentation", "pages"),
            _Route("/docs/{file:path}", self.docs, "A file of the documentation", "pages"),
            _Route("/browse", self.browse, "The page for people", "pages"),
            _Route("/browse/{file:path}", self.browse, "A file of the page for people", "pages"),
        ]

    @property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document of the default database, as a caller without a token sees it.

        Raises: `RuntimeError` if the database cannot be reached, or a caller without a token may not read it.
        """
        answer = self.service.document("", {}, "")
        if answer.status != 200:
            raise RuntimeError(answer.body.decode())
        document: dict[str, Any] = json.loads(answer.body)
        return document

    async def root(self, request: Request) -> Answer:
        return self.service.addresses(request.scope.get("root_path", ""))

    async def health(self, _: Request) -> Answer:
        return Answer(200, (("Content-Type", "application/json"),), b'{"status":"ok"}')

    async def ready(self, _: Request) -> Answer:
        return self.service.ready()

    async def tables(self, request: Request) -> Answer:
        return self.service.tables(_percent_encoded(request.scope["query_string"]), _identify(request))

    async def table(self, request: Request) -> Answer:
        return self.service.table(
            request.path_params["table"], request.headers.get("accept-profile"), _identify(request)
        )

    async def openapi(self, request: Request) -> Answer:
        before = _raw_path(request).removesuffix("/").removesuffix("/openapi.json")
        query_string = _percent_encoded(request.scope["query_string"])
        return self.service.document(query_string, _headers(request), _origin(request) + before, _identify(request))

    async def docs(self, request: Request) -> Answer:
        return self.service.docs(_below_page(request), request.headers.get("accept-encoding", ""))

    async def browse(self, request: Request) -> Answer:
        return self.service.browse(_below_page(request))

    async def rest(self, request: Request) -> Answer:
        before, rest = _split(_raw_path(request))
        is_root = rest in ("", "/")
        query_string, headers = _percent_encoded(request.scope["query_string"]), _headers(request)
        identify = _identify(request)
        if is_root and request.method != "POST":
            return self.service.root(request.method, query_string, headers, _origin(request) + before, identify)
        try:
            body = await request.body() if request.method in ("POST", "PUT", "PATCH") else b""
        except ClientDisconnect:
            return error_answer(errors.bad_body("The body ended early", "The connection was closed or badly chunked."))
        prefix, seconds = before + REST, _remaining_seconds(request)
        if is_root:
            return self.service.batch(query_string, headers, body, prefix, seconds, identify)
        return self.service.rest(request.method, rest, query_string, headers, body, prefix, seconds, identify)


def _below_page(request: Request) -> str:
    """What follows `/docs` or `/browse` in the path."""
    file = request.path_params.get("file")
    return "" if file is None else f"/{file}"


IDENTIFY = "aurorest.identify"
"""Where a local server puts its `Identify`, which says who sent a request, in the request's scope."""


def _identify(request: Request) -> Identify:
    """Who sent the request: only what API Gateway or the local server has verified counts, never a header.

    Below `/anonymous` every caller is anonymous, whatever it sends.
    """
    scope = request.scope
    if scope.get("root_path", "").endswith(ANONYMOUS):
        return anonymous
    event = scope.get("aws.event")
    if isinstance(event, dict):
        return lambda: claims_of_event(event)
    identify: Identify = scope.get(IDENTIFY, anonymous)
    return identify


async def _respond(request: Request, respond: Respond, settings: Settings) -> Response:
    headers = _headers(request)
    answer = preflight(headers, settings.cors_origins)
    if answer is None:
        answer = await respond(request)
        options = request.method == "OPTIONS"
        answer = answer.with_headers(*cors_headers(headers.get("origin"), settings.cors_origins, options=options))
    return _Sent(answer, with_body=request.method != "HEAD")


class _Sent(Response):
    """An answer as it is sent, with its own headers only."""

    def __init__(self, answer: Answer, *, with_body: bool) -> None:
        self.status_code, self.background = answer.status, None
        self.body = answer.body if with_body else b""
        self.raw_headers = [(_header_name(name), _header_bytes(value)) for name, value in answer.headers]
        if with_body and answer.status not in (204, 304):
            self.raw_headers.append((b"content-length", str(len(answer.body)).encode()))


_TO_ANSWER_SECONDS = 0.5
"""The time that Mangum and Lambda need to return an answer, with a margin."""


def _remaining_seconds(request: Request) -> float:
    """The time left for the answer before the function times out; infinite outside Lambda."""
    context = request.scope.get("aws.context")
    if context is None:
        return math.inf
    return float(context.get_remaining_time_in_millis()) / 1000 - _TO_ANSWER_SECONDS


def _compressed(respond: Respond) -> Respond:
    async def compressed(request: Request) -> Answer:
        return compress(await respond(request), request.headers.get("accept-encoding", ""))

    return compressed


async def _http_error(request: Request, error: Exception) -> Answer:
    if isinstance(error, HTTPException) and error.status_code == 405:
        allowed = tuple((error.headers or {}).get("Allow", "OPTIONS, GET, HEAD").split(", "))
        return error_answer(errors.unsupported_verb(errors.shorten(request.method), allowed))
    path = request.url.path
    return error_answer(errors.invalid_path(path, _address_hint(path)))


_DOCUMENTS = ("docs", "openapi", "swagger", "redoc", "graphql", "schema")


def _address_hint(path: str) -> str:
    """Where the table or routine of a path outside `/rest/v1` would be, or the documentation."""
    parts = [part for part in path.split("/") if part and part not in ("api", "rest", "v1", "v2")]
    if parts and errors.nearest(parts[0].partition(".")[0], _DOCUMENTS) is not None:
        return (
            "The documentation is at /docs, the OpenAPI document at /openapi.json, and the list of tables at /tables."
        )
    example = "/".join(parts) or "{table}"
    return f"Tables are below {REST}, as in {errors.shorten(f'{REST}/{example}')}, and /tables lists them."


def _headers(request: Request) -> dict[str, str]:
    """The headers, names in lower case. Repeated ones are joined with a comma, which RFC 9110 defines as equivalent."""
    headers: dict[str, str] | None = request.scope.get(_HEADERS)
    if headers is None:
        headers = request.scope[_HEADERS] = {}
        for name, value in request.scope["headers"]:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


_HEADERS = "aurorest.headers"
"""Where the headers are kept in the request's scope."""


@lru_cache(maxsize=128)
def _header_name(name: str) -> bytes:
    return name.lower().encode("latin-1")


def _header_bytes(value: str) -> bytes:
    """A header's value without line breaks, so that it cannot start another header."""
    return value.encode("latin-1", "replace").replace(b"\r", b" ").replace(b"\n", b" ")


def _split(path: str) -> tuple[str, str]:
    """A percent-encoded path as what comes up to `/rest/v1`, whose own letters may be encoded too, and what follows."""
    if path.startswith(f"{REST}/"):
        return "", path[len(REST) :]
    parts = path.split("/")
    length = next((n for n in range(1, len(parts) + 1) if unquote("/".join(parts[:n])).endswith(REST)), len(parts))
    prefix = "/".join(parts[:length])
    return prefix[: -len(REST)] if prefix.endswith(REST) else "", path[len(prefix) :]


_SAFE = "".join(sorted(set(string.punctuation) - set('<>"')))
_UNSAFE = re.compile(rb'[^!-~]|[<>"]')


_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def _origin(request: Request) -> str:
    """The scheme and host that the client used, as in `https://api.example.com`; empty for a host that is not valid."""
    event = request.scope.get("aws.event")
    host = request.headers.get("host", "")
    if isinstance(event, dict):  # API Gateway knows its name; the header is what the client sent
        host = str(event.get("requestContext", {}).get("domainName", host))
    return f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else ""


def _percent_encoded(sent: bytes) -> str:
    """Part of a URL as ASCII: curl sends UTF-8 as typed, and a `>` would end the URL in a Link header."""
    return quote(sent, safe=_SAFE) if _UNSAFE.search(sent) else sent.decode("ascii")


def _raw_path(request: Request) -> str:
    """The path as sent, still percent-encoded: a `%2C` inside a key is not the comma that separates two."""
    raw = request.scope.get("raw_path")
    if raw:
        return _percent_encoded(bytes(raw).partition(b"?")[0])
    event = request.scope.get("aws.event")
    if isinstance(event, dict) and isinstance(event.get("rawPath"), str):
        return quote(str(event["rawPath"]), safe="/%:@!$&'()*+,;=~")
    return quote(request.scope["path"], safe="/:@!$&'()*+,;=~")
