"""Writes: a plan becomes statements in one transaction, and the answer reports what they did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import CacheKey, Table, TableKey
from api.context import Context
from api.context.transaction import run_transaction
from api.plan.bulk_update import BulkUpdatePlan, is_bulk_update, plan_bulk_update
from api.plan.identity import has_triggers
from api.plan.nested import NestedRows, plan_nested
from api.plan.write import DeletePlan, InsertPlan, UpdatePlan, WritePlan, plan_write
from api.request.media import CSV, GEOJSON, NDJSON, OBJECT, is_plan
from api.request.preconditions import ANY
from api.request.query import Row
from api.response.answer import Answer
from api.response.tags import with_tag
from api.writing.answer import write_answer
from api.writing.bulk_update import update_rows
from api.writing.change import delete, update
from api.writing.explain import explain_write
from api.writing.insert import insert
from api.writing.nested import insert_nested
from api.writing.outcome import Outcome, Requirements
from api.writing.preconditions import RowCondition
from api.writing.show import Show
from api.writing.upsert import upsert

if TYPE_CHECKING:
    from api.database import Session


def write(context: Context) -> Answer:
    """Answer a POST, PUT, PATCH or DELETE of rows. One request is one transaction.

    Raises: `ApiError`. Nothing is stored then.
    """
    request, server = context.request, context.server
    plan = _plan(context)
    context.stages.end("plan")
    if is_plan(request.media):
        return explain_write(context, plan)
    tables = list(_tables(plan))
    requirements = _requirements(context, tables[0])
    if isinstance(plan, BulkUpdatePlan | NestedRows) and requirements.condition is not None:
        raise errors.not_implemented(
            "If-Match and If-None-Match are not available with nested rows or an array of changes.",
            "Nothing was written.",
        )
    triggers = any(has_triggers(context.catalog, table) for table in tables)
    max_bytes, max_locked = context.settings.max_response_bytes, context.settings.max_locked_rows
    media = request.media
    if isinstance(request.target, Row) and media.name not in (CSV, NDJSON, GEOJSON):
        media = replace(media, name=OBJECT)  # one row is shown as an object, as in a GET of its address

    # limit and offset choose the rows that a POST shows; for PATCH and DELETE they chose the rows to write
    first = request.offset if request.method == "POST" else 0
    last = first + request.limit if request.method == "POST" and request.limit is not None else None

    one_by_one = context.catalog.cache.get(_ONE_BY_ONE, None, set)

    def written(session: Session) -> Outcome:
        session.runs_stored_programs = session.runs_stored_programs or triggers
        shown = plan.insert.shown if isinstance(plan, NestedRows) else plan.shown
        show = Show(session, server, shown, media, max_bytes, first, last) if shown is not None else None
        match plan:
            case NestedRows():
                return insert_nested(session, plan, requirements, show, one_by_one)
            case InsertPlan(conflict=None):
                return insert(session, plan, requirements, show)
            case InsertPlan(conflict=conflict) if conflict is not None:
                return upsert(session, plan, conflict, requirements, show, server)
            case BulkUpdatePlan():
                return update_rows(session, plan, requirements, show, server)
            case UpdatePlan():
                return update(session, plan, requirements, show, server, max_locked)
            case DeletePlan():
                return delete(session, plan, requirements, show, server, max_locked)
        raise TypeError(plan)

    if isinstance(plan, InsertPlan) and plan.conflict is None and request.preferences.resolution is not None:
        request = replace(request, preferences=request.preferences.without("resolution"))  # no key, so no duplicates

    def work(session: Session) -> Answer:
        answer = write_answer(request, written(session))
        return answer if request.preferences.transaction == "rollback" else with_tag(request, answer)

    answer = run_transaction(context, work, alone=True)
    context.stages.end("run")
    return answer


_ONE_BY_ONE = CacheKey[set[TableKey]]("one by one")
"""The tables into which nested rows are inserted one by one."""

_Plan = WritePlan | BulkUpdatePlan | NestedRows


def _plan(context: Context) -> _Plan:
    request, catalog, caller = context.request, context.catalog, context.caller
    if is_bulk_update(request):
        return plan_bulk_update(request, catalog, caller)
    nested = plan_nested(request, catalog, context.settings.max_write_rows, caller)
    return nested if nested is not None else plan_write(request, catalog, caller)


def _tables(plan: _Plan) -> Iterator[Table]:
    """The tables that a plan writes to."""
    if isinstance(plan, NestedRows):
        yield plan.insert.table
        for related in (*plan.before, *plan.after):
            yield from _tables(related.rows)
            if related.junction is not None:
                yield from _tables(related.junction.rows)
    else:
        yield plan.table if isinstance(plan, InsertPlan | BulkUpdatePlan) else plan.located.table


def _requirements(context: Context, table: Table) -> Requirements:
    request = context.request
    target, conditions = request.target, request.preconditions
    row = (target.name, ",".join(target.key)) if isinstance(target, Row) and request.method != "PUT" else None
    most = request.preferences.max_affected if request.method in ("PATCH", "DELETE") else None
    condition = None
    if conditions.match is not None or conditions.none_match is not None:
        condition = RowCondition(context, table, conditions.match or ANY)
    return Requirements(request.media.name == OBJECT, most, row, condition)
