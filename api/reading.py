"""GET and HEAD of a table or a row: plan, statements, answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Catalog, Table
from api.explain import estimated_rows, explain
from api.long_lists import read_long
from api.lookup import find_table
from api.paging import (
    Values,
    content_range,
    keyset_order,
    next_link,
    range_status,
    shown_as,
    values_fetched,
    values_shown,
)
from api.plan.keys import key_values
from api.plan.read import is_total, key_predicate, plan_read, total_order
from api.plan.tree import ReadPlan, derive
from api.request.media import ARRAY, OBJECT, PLAN_JSON, PLAN_TEXT
from api.request.query import ApiRequest, Relation, Row
from api.response import (
    Answer,
    content_type,
    csv_lines,
    is_csv,
    json_body,
    preference_headers,
    rows_within,
    single_object,
)
from api.rows import Reader, member_names
from api.settings import Settings
from api.sql.read import Writer, select_count

if TYPE_CHECKING:
    from api.database import Consistency, Database, Session


@dataclass(frozen=True, slots=True)
class _Result:
    """What was read: the rows that are shown, and whether the server cut them."""

    texts: Sequence[str]
    cut: bool
    total: int | None
    last: Values | None
    """The order's values in the last row shown, where the next page can start behind them."""


def read(request: ApiRequest, catalog: Catalog, database: Database, writer: Writer, settings: Settings) -> Answer:
    """Answer a GET or HEAD.

    Raises: `ApiError`.
    """
    if isinstance(request.target, Row):
        return _read_one(request, request.target, catalog, database, writer, settings.max_response_bytes)
    if not isinstance(request.target, Relation):
        raise TypeError("a routine is called, not read")
    table = find_table(catalog, request.profile, request.target.name)
    plan = plan_read(catalog, table, request.query, request.limit, request.offset, request.preferences.timezone)
    if request.media.name in (PLAN_JSON, PLAN_TEXT):
        return database.read(lambda session: explain(session, plan, writer, request.media))
    plan = derive(plan, ("page", settings.max_rows), lambda: _paged(plan, settings.max_rows))
    result = database.read(
        lambda session: _read_list(session, request, plan, writer, settings, capped=_capped(request, settings)),
        _consistency(request),
    )
    return _list_answer(request, plan, result)


def _consistency(request: ApiRequest) -> Consistency:
    return "strong" if request.preferences.consistency == "strong" else "eventual"


def _capped(request: ApiRequest, settings: Settings) -> bool:
    """The server's own limit may cut the list."""
    return request.limit is None or request.limit > settings.max_rows


def _paged(plan: ReadPlan, max_rows: int) -> ReadPlan:
    """In an order that leaves nothing open. A list that the server may cut is fetched one row beyond its limit, which
    tells whether it was."""
    limit = max_rows + 1 if plan.limit is None or plan.limit > max_rows else plan.limit
    return replace(plan, order=total_order(plan.level, plan.order), limit=limit)


def _read_list(
    session: Session, request: ApiRequest, plan: ReadPlan, writer: Writer, settings: Settings, *, capped: bool
) -> _Result:
    csv = is_csv(request.media)
    reader = Reader(session, writer, strip_nulls=request.media.nulls_stripped, csv=csv)
    order = derive(plan, "keyset", lambda: keyset_order(plan))
    names = derive(plan, "names", lambda: shown_as(plan, order)) if order is not None and not csv else None
    fetch_values = order is not None and names is None
    rows, total = read_long(reader, plan, order_values=fetch_values, counted=bool(request.preferences.count))
    fetched = len(rows.texts)
    shown = min(fetched, settings.max_rows) if capped else fetched
    shown = rows_within(rows.texts[:shown], settings.max_response_bytes)
    if request.preferences.count and total is None:
        total = _total(session, request, plan, writer, settings, fetched, complete=fetched < _wanted(plan))
    last = None
    if order is not None and shown:
        if names is None:
            last = values_fetched(order, rows.order_values[shown - 1])
        else:
            last = values_shown(rows.texts[shown - 1], names)
    return _Result(rows.texts[:shown], shown < fetched, total, last)


def _wanted(plan: ReadPlan) -> float:
    return float("inf") if plan.limit is None else plan.limit


def _total(
    session: Session,
    request: ApiRequest,
    plan: ReadPlan,
    writer: Writer,
    settings: Settings,
    fetched: int,
    *,
    complete: bool,
) -> int:
    """The count that was preferred. What was read to its end needs no further statement."""
    if complete and (fetched or not plan.offset):
        return plan.offset + fetched
    how = request.preferences.count
    if how == "estimated":
        few = session.rows(select_count(plan, writer, at_most=settings.max_rows + 1))
        counted = int(str(few[0][0]))
        return counted if counted <= settings.max_rows else max(counted, estimated_rows(session, plan, writer))
    if how == "planned":
        return estimated_rows(session, plan, writer)
    return int(str(session.rows(select_count(plan, writer))[0][0]))


def _list_answer(request: ApiRequest, plan: ReadPlan, result: _Result) -> Answer:
    shown = len(result.texts)
    total = result.total
    if total is not None and request.preferences.count != "exact":
        total = max(total, request.offset + shown)  # an estimate below what is seen would contradict the rows
    status = range_status(request.offset, shown, total, cut=result.cut)
    headers = [
        content_type(request.media),
        content_range(request.offset, shown, total),
        *preference_headers(request.preferences),
    ]
    full = shown == request.limit and shown and (total is None or request.offset + shown < total)
    if result.cut or (full and is_total(plan)):
        headers.append(next_link(request, shown, derive(plan, "keyset", lambda: keyset_order(plan)), result.last))
    if is_csv(request.media):
        body = csv_lines(member_names(plan.level), result.texts)
    else:
        body = json_body(result.texts, request.media)
    if request.media.name == OBJECT:
        status = 200
    return Answer(status, tuple(headers), body)


def _read_one(
    request: ApiRequest, target: Row, catalog: Catalog, database: Database, writer: Writer, most_bytes: int
) -> Answer:
    table = find_table(catalog, request.profile, target.name)
    plan = plan_row(catalog, table, target, request)
    if request.media.name in (PLAN_JSON, PLAN_TEXT):
        return database.read(lambda session: explain(session, plan, writer, request.media))

    def work(session: Session) -> bytes | None:
        csv = is_csv(request.media)
        texts = (
            Reader(session, writer, strip_nulls=request.media.nulls_stripped, csv=csv, allow_long=True).read(plan).texts
        )
        if not rows_within(texts, most_bytes):
            return None
        return csv_lines(member_names(plan.level), texts) if csv else single_object(texts)

    body = database.read(work, _consistency(request))
    if body is None:
        raise errors.no_row(table.name, ",".join(target.key))
    media = replace(request.media, name=OBJECT) if request.media.name == ARRAY else request.media
    return Answer(200, (content_type(media), *preference_headers(request.preferences)), body)


def plan_row(catalog: Catalog, table: Table, target: Row, request: ApiRequest) -> ReadPlan:
    """The plan of one row by its key, with the request's select and embeds.

    Raises: `ApiError` for a key that is none of this table's.
    """
    plan = plan_read(catalog, table, request.query, None, 0, request.preferences.timezone)
    values = key_values(table, target)
    key = key_predicate(table, plan.level.alias, table.primary_key, (values,))
    return replace(plan, where=(key, *plan.where))
