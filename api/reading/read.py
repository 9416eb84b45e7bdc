"""GET and HEAD of a table or a row: plan, statements, answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import CacheKey, Table
from api.catalog.lookup import find_table
from api.context import Context
from api.plan.keys import key_values
from api.plan.read import is_restricted, is_total, key_predicate, plan_read
from api.plan.tree import OrderKey, ReadPlan
from api.reading.explain import estimated_rows, explain
from api.reading.long_lists import read_long
from api.reading.paging import (
    Values,
    content_range,
    keyset_order,
    next_link,
    page_of,
    range_status,
    shown_as,
    values_fetched,
    values_shown,
)
from api.reading.rows import Reader, RootTooLarge, Rows, geometry_of, header_names
from api.reading.schema import check_after_warnings
from api.request.media import ARRAY, CSV, NDJSON, OBJECT, is_plan, unavailable
from api.request.query import ApiRequest, MediaType, Relation, Row
from api.response.answer import (
    Answer,
    content_location,
    content_type,
    preference_headers,
    rows_within,
    warning_headers,
)
from api.response.formats import download_headers, row_writer, rows_body
from api.sql.read import ALL, Counting, select_count

if TYPE_CHECKING:
    from api.database import Consistency, Session


_KEYSET = CacheKey[tuple[OrderKey, ...] | None]("keyset")
_NAMES = CacheKey[tuple[str, ...] | None]("names")


@dataclass(frozen=True, slots=True)
class _Result:
    """The rows to show, and whether the server cut the list after them."""

    rows: Sequence[bytes]
    """Each row as JSON or as a line of CSV, in UTF-8."""
    cut: bool
    total: int | None
    last: Values | None
    """The sort keys' values in the last row shown, if the next page can start after them."""


def read(context: Context) -> Answer:
    """Answer a GET or HEAD.

    Raises: `ApiError`.
    """
    request, settings = context.request, context.settings
    if isinstance(request.target, Row):
        return _read_one(context, request.target)
    if not isinstance(request.target, Relation):
        raise TypeError("a routine cannot be read")
    table = find_table(context.catalog, request.profile, request.target.name)
    plan = plan_read(
        context.catalog,
        table,
        request.query,
        request.limit,
        request.offset,
        request.preferences.timezone,
        context.caller,
    )
    if is_plan(request.media):
        return _explained(context, plan)
    plan = page_of(plan, settings.max_rows)
    context.stages.end("plan")
    result = _bounded_list(context, plan)
    context.stages.end("run")
    return _list_answer(request, plan, result)


def _bounded_list(context: Context, plan: ReadPlan) -> _Result:
    """The rows; of rows that do not fit into memory together, as many as do."""
    max_rows, consistency = context.settings.max_rows, _consistency(context.request)
    try:
        return context.database.read(lambda session: _read_list(session, context, plan, max_rows), consistency)
    except RootTooLarge as error:
        fitting = error.rows
        if fitting < 2:
            raise
    fewer = replace(plan, limit=fitting)
    return context.database.read(lambda session: _read_list(session, context, fewer, fitting - 1), consistency)


def _explained(context: Context, plan: ReadPlan) -> Answer:
    if is_restricted(plan):  # the optimizer's plan reveals hidden rows
        raise unavailable(context.request.media)
    context.stages.end("plan")
    answer = context.database.read(lambda session: explain(session, plan, context.server, context.request.media))
    context.stages.end("run")
    return answer


def _keyset(plan: ReadPlan) -> tuple[OrderKey, ...] | None:
    return plan.kept.cache.get(_KEYSET, None, lambda: keyset_order(plan))


def _consistency(request: ApiRequest) -> Consistency:
    return "strong" if request.preferences.consistency == "strong" else "eventual"


def _read_list(session: Session, context: Context, plan: ReadPlan, max_rows: int) -> _Result:
    request = context.request
    write = row_writer(request.media, geometry_of(plan.level, request.media))
    reader = Reader(session, context.server, strip_nulls=request.media.nulls_stripped, write=write)
    order = _keyset(plan)
    names = None
    if order is not None and write is None:
        names = plan.kept.cache.get(_NAMES, None, lambda: shown_as(plan, order))
    fetch_values = order is not None and names is None
    counting = _counting(context, plan)
    beside = counting if counting is not None and _is_page(plan, request) else None
    rows = read_long(reader, plan, order_values=fetch_values, counted=bool(request.preferences.count), total=beside)
    check_after_warnings(session, plan, context.catalog.dialect)
    fetched = len(rows.encoded)
    shown = fetched if request.limit is not None and request.limit <= max_rows else min(fetched, max_rows)
    shown = rows_within(rows.encoded[:shown], context.settings.max_response_bytes)
    total = None
    if request.preferences.count:
        total = _total(session, context, plan, rows, counting, complete=fetched < _wanted(plan))
    last = None
    if order is not None and shown:
        if names is None:
            last = values_fetched(order, rows.order_values[shown - 1])
        else:
            last = values_shown(rows.encoded[shown - 1], names)
    return _Result(rows.encoded[:shown], shown < fetched, total, last)


def _wanted(plan: ReadPlan) -> float:
    return float("inf") if plan.limit is None else plan.limit


def _counting(context: Context, plan: ReadPlan) -> Counting | None:
    """How the client prefers its total to be counted; None: it is estimated without counting, or not wanted."""
    match context.request.preferences.count:
        case None:
            return None
        case "exact":
            return ALL
        case _ if is_restricted(plan):
            return ALL  # an estimate would count hidden rows
        case "estimated":
            return Counting(at_most=context.settings.max_rows + 1)
        case _:
            return None


def _is_page(plan: ReadPlan, request: ApiRequest) -> bool:
    """The list probably has more rows than one page shows, so that it is worth counting them: the client limits it, or
    it is all of a large table."""
    if request.limit is not None:
        return request.limit > 0
    table = plan.level.table
    return not plan.where and table.rows_estimate is not None and table.rows_estimate > _wanted(plan)


def _total(
    session: Session, context: Context, plan: ReadPlan, rows: Rows, counting: Counting | None, *, complete: bool
) -> int:
    """The total, counted as the client prefers. A list that was read to its end needs no further statement."""
    fetched = len(rows.encoded)
    if complete and (fetched or not plan.offset):
        return plan.offset + fetched
    if counting is None:
        return estimated_rows(session, plan, context.server)
    counted = rows.total
    if counted is None:
        counted = session.number(select_count(plan, context.server, counting))
    if counting.at_most is None or counted < counting.at_most:
        return counted
    return max(counted, estimated_rows(session, plan, context.server))


def _list_answer(request: ApiRequest, plan: ReadPlan, result: _Result) -> Answer:
    shown = len(result.rows)
    total = result.total
    if total is not None and request.preferences.count != "exact":
        total = max(total, request.offset + shown)  # an estimate below the rows shown would contradict them
    status = range_status(request.offset, shown, total, cut=result.cut)
    headers = [
        content_type(request.media),
        content_range(request.offset, shown, total),
        content_location(request.path, request.query),
        *download_headers(request),
        *preference_headers(request.preferences),
        *warning_headers(request.query),
    ]
    full = shown == request.limit and shown and (total is None or request.offset + shown < total)
    if (result.cut or full) and is_total(plan):
        headers.append(next_link(request, shown, _keyset(plan), result.last))
    body = rows_body(result.rows, request.media, header_names(plan.level, request.media))
    if request.media.name == OBJECT:
        status = 200
    return Answer(status, tuple(headers), body)


def _read_one(context: Context, target: Row) -> Answer:
    request = context.request
    table = find_table(context.catalog, request.profile, target.name)
    plan = _plan_row(context, table, target)
    if is_plan(request.media):
        return _explained(context, plan)
    context.stages.end("plan")

    def work(session: Session) -> bytes | None:
        media = request.media
        write = row_writer(media, geometry_of(plan.level, media))
        reader = Reader(session, context.server, strip_nulls=media.nulls_stripped, write=write, last_resort=True)
        rows = reader.read(plan).encoded
        check_after_warnings(session, plan, context.catalog.dialect)
        if not rows_within(rows, context.settings.max_response_bytes):
            return None
        return rows_body(
            rows, media if media.name in (CSV, NDJSON) else MediaType(OBJECT), header_names(plan.level, request.media)
        )

    body = context.database.read(work, _consistency(request))
    context.stages.end("run")
    if body is None:
        raise errors.no_row(table.name, ",".join(target.key))
    media = replace(request.media, name=OBJECT) if request.media.name == ARRAY else request.media
    headers = (
        content_type(media),
        content_location(request.path, request.query),
        *preference_headers(request.preferences),
        *warning_headers(request.query),
    )
    return Answer(200, headers, body)


def _plan_row(context: Context, table: Table, target: Row) -> ReadPlan:
    """The plan of one row by its key, with the request's select and embeds.

    Raises: `ApiError` for a key that does not fit the table's primary key.
    """
    request = context.request
    plan = plan_read(context.catalog, table, request.query, None, 0, request.preferences.timezone, context.caller)
    values = key_values(table, target)
    key = key_predicate(table, plan.level.alias, table.primary_key, (values,))
    recurs = not request.query.filters and not is_restricted(plan)
    return replace(plan, where=(key, *plan.where), any_key=plan.cache if recurs else None)
