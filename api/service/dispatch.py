"""One request below `/rest/v1`, alone or in a batch: parsed, and answered by what its method and target need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Catalog, Routine, Table
from api.catalog.lookup import find_schema, find_table
from api.context import Context
from api.errors import ApiError
from api.reading.read import read
from api.request.query import ApiRequest, RoutineCall, Row
from api.request.request import as_download, parse_request
from api.response.answer import Answer
from api.response.tags import conditional, with_tag
from api.service.violations import with_columns

if TYPE_CHECKING:
    from api.request.body import Parsed
    from api.settings import Settings


def parse(
    method: str,
    path: str,
    query_string: str,
    headers: Mapping[str, str],
    body: bytes | Parsed,
    prefix: str,
    settings: Settings,
) -> ApiRequest:
    """The request, with its path as Link and Location headers show it: below `prefix`.

    Raises: `ApiError` PGRST1xx.
    """
    return parse_request(
        method,
        path,
        query_string,
        headers,
        body,
        max_body_bytes=settings.max_body_bytes,
        max_write_rows=settings.max_write_rows,
        plan=settings.plan,
        prefix=prefix,
    )


def dispatch(context: Context) -> Answer:
    """The answer to a request; where there is a choice of databases, `Content-Profile` names the one that was used."""
    request, catalog = context.request, context.catalog
    try:
        answer = _answer(context)
    except ApiError as error:
        explained = with_columns(error, request, catalog)
        if explained is error:
            raise
        raise explained from error.__cause__
    if request.method == "OPTIONS" or (request.profile is None and len(catalog.schemas) == 1):
        return answer
    return answer.with_headers(("Content-Profile", request.profile or catalog.default_schema))


def _answer(context: Context) -> Answer:
    schema = find_schema(context.catalog, context.request.profile)
    request = as_download(context.request, schema.tables)
    context = context if request is context.request else replace(context, request=request)
    if request.refusal is not None:
        _find_target(request, context.catalog)
        raise request.refusal
    if request.method == "OPTIONS":
        return _options(request, context.catalog)
    answer = _run(context)
    if request.method in ("GET", "HEAD"):
        return conditional(with_tag(request, answer), request.preconditions)
    return answer


def _run(context: Context) -> Answer:
    request = context.request
    if isinstance(request.target, RoutineCall):
        from api.calling.call import call  # imported here, to keep it out of cold starts that only read

        return call(context)
    if request.method in ("GET", "HEAD"):
        return read(context)

    from api.writing.write import write  # for the same reason

    return write(context)


def _find_target(request: ApiRequest, catalog: Catalog) -> Table | Routine:
    """The table or routine that a request names.

    Raises: `ApiError` PGRST106, PGRST202, PGRST205.
    """
    if not isinstance(request.target, RoutineCall):
        return find_table(catalog, request.profile, request.target.name)
    schema = find_schema(catalog, request.profile)
    routine = schema.routines.get(request.target.name)
    if routine is None:
        raise errors.unknown_routine(schema.name, request.target.name, (), None)
    return routine


def _options(request: ApiRequest, catalog: Catalog) -> Answer:
    target = _find_target(request, catalog)
    if isinstance(target, Table):
        allowed = target.methods
    elif not target.executable:
        raise errors.permission_denied(target.kind, target.name)
    else:
        allowed = ("OPTIONS", "GET", "HEAD", "POST") if target.reads_only else ("OPTIONS", "POST")
    if isinstance(request.target, Row):
        allowed = tuple(method for method in allowed if method != "POST")
    if request.download is not None:
        allowed = tuple(method for method in allowed if method in ("OPTIONS", "GET", "HEAD"))
    return Answer(200, (("Allow", ",".join(allowed)),))
