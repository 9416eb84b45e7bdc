"""RPC: the answer is a function's bare value, or a procedure's first result set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from api import errors
from api.calling.out_parameters import answered_as, body_of, call_with_variables, check_request
from api.calling.result_set import Table, apply
from api.calling.result_values import plain
from api.catalog import ColumnType
from api.context import Context
from api.context.transaction import run_transaction
from api.plan.call import CallPlan, plan_call
from api.reading.explain import explain_statement
from api.reading.paging import content_range, next_link, range_status
from api.request.media import CSV, GEOJSON, JSON, NDJSON, OBJECT, is_plan, unavailable
from api.request.query import Comparison, Condition, MediaType
from api.response.answer import Answer, Headers, content_type, preference_headers, rows_within
from api.response.csv_text import Member, csv_row
from api.response.formats import rows_body
from api.sql.call import call_procedure, select_function
from api.sql.server import Server
from api.values.encode import encoder

if TYPE_CHECKING:
    from api.database import ResultSet, Session


def call(context: Context) -> Answer:
    """Answer a GET, HEAD or POST of a routine. GET and HEAD run in a read-only transaction; POST commits.

    Raises: `ApiError`. Nothing is stored then, unless the procedure itself commits.
    """
    request = context.request
    if request.media.name == GEOJSON:
        raise unavailable(request.media)
    plan = plan_call(request, context.catalog, out_parameters=context.settings.out_parameters)
    if request.preferences.max_affected is not None and plan.routine.returns is not None:
        raise errors.no_rows_to_count(plan.routine.name)
    if is_plan(request.media):
        return _explained(context, plan)
    context.stages.end("plan")

    def work(session: Session) -> Answer:
        if plan.routine.returns is not None:
            return _value(context, plan, plan.routine.returns, session)
        if plan.routine.returned:
            result, members = call_with_variables(session, plan)
            return _object(context, plan, members, result)
        return _rows(context, plan, session.call(call_procedure(plan)))

    if request.method != "POST":
        answer = context.database.read_only_transaction(work)
    else:
        answer = run_transaction(context, work)
    context.stages.end("run")
    return answer


def _explained(context: Context, plan: CallPlan) -> Answer:
    """The execution plan of the SELECT that calls a function.

    Raises: `ApiError` PGRST127 for a procedure, because MySQL has no EXPLAIN of CALL, and for a function with
    `options=analyze`, which would call it.
    """
    if plan.routine.returns is None:
        raise errors.not_implemented(
            "MySQL cannot explain a procedure, only the statements in it.", "Ask for the plan of a table or view."
        )
    context.stages.end("plan")
    dialect, media = context.catalog.dialect, context.request.media
    statement = select_function(plan, Server(dialect))
    return context.database.read(lambda session: explain_statement(session, statement, dialect, media, writes=True))


def _value(context: Context, plan: CallPlan, returns: ColumnType, session: Session) -> Answer:
    request, server, max_bytes = context.request, context.server, context.settings.max_response_bytes
    session.runs_stored_programs = True
    ((found,),) = session.rows(select_function(plan, server))
    text = encoder(returns)(plain(found, returns.kind))
    encoded = text.encode()
    rows_within((encoded,), max_bytes)
    counted = 1 if request.preferences.count is not None else None
    headers = (content_range(0, 1, counted), *preference_headers(request.preferences))
    media, name = request.media, plan.routine.name
    if media.name == CSV:
        return Answer(
            200, (content_type(media), *headers), rows_body([csv_row([(name, text)]).encode()], media, [name])
        )
    if media.name == NDJSON:
        return Answer(200, (content_type(media), *headers), rows_body([encoded], media, ()))
    media = media if media.name == OBJECT else MediaType(JSON)
    return Answer(200, (content_type(media), *headers), encoded)


def _first_column(condition: Condition) -> str:
    return condition.field.name if isinstance(condition, Comparison) else _first_column(condition.operands[0])


def _rows(context: Context, plan: CallPlan, result: ResultSet | None) -> Answer:
    """A procedure's first result set."""
    request = context.request
    if result is None:
        if plan.filters:
            unknown = errors.unknown_column("result", _first_column(plan.filters[0]), ())
            raise replace(unknown, details="The procedure has no result set.")
        return Answer(204, preference_headers(request.preferences))
    page = _page(context, plan, result)
    written = page.objects
    if request.media.name == CSV:
        written = [csv_row(list(zip(page.names, row, strict=True))).encode() for row in page.rows]
    body = rows_body(written, request.media, page.names)
    status = 200 if request.media.name == OBJECT else page.status
    return Answer(status, (content_type(request.media), *page.headers), body)


def _object(context: Context, plan: CallPlan, members: list[Member], result: ResultSet | None) -> Answer:
    """A procedure's OUT and INOUT parameters as one object, together with its first result set if there is one."""
    request = context.request
    media = answered_as(request.media)
    check_request(request, plan, has_result=result is not None)
    page = None if result is None else _page(context, plan, result)
    body = body_of(members, None if page is None else page.objects, media)
    rows_within((body,), context.settings.max_response_bytes)
    if page is None:
        return Answer(200, (content_type(media), *preference_headers(request.preferences)), body)
    return Answer(page.status, (content_type(media), *page.headers), body)


class _Page(NamedTuple):
    """The rows of a result set that are shown, as their values and as JSON objects in UTF-8."""

    names: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    objects: Sequence[bytes]
    status: int
    headers: Headers


def _page(context: Context, plan: CallPlan, result: ResultSet) -> _Page:
    request, settings = context.request, context.settings
    most = request.preferences.max_affected
    if most is not None and len(result.rows) > most:
        raise errors.too_many_affected(len(result.rows))
    table = apply(request.query, plan.filters, result)
    total = len(table.rows)
    first = min(request.offset, total)
    last = total if request.limit is None else min(total, first + request.limit)
    requested = last - first
    last = min(last, first + settings.max_rows)
    rows = table.rows[first:last]
    objects = [each.encode() for each in Table(table.names, rows).objects(strip_nulls=request.media.nulls_stripped)]
    shown = rows_within(objects, settings.max_response_bytes)
    counted = total if request.preferences.count is not None else None
    status = range_status(request.offset, shown, counted, cut=shown < requested)
    headers = (content_range(first, shown, counted), *preference_headers(request.preferences))
    if result.further:
        headers += (
            ("Warning", f'299 - "The procedure returned further result sets, which are left out: {result.further}"'),
        )
    if shown < requested and request.method != "POST":
        headers += (next_link(request, shown, None, None),)
    return _Page(table.names, rows[:shown], objects[:shown], status, headers)
