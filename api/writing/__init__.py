"""Writes and calls: a plan becomes statements in one transaction, and the answer that says what they did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Catalog
from api.plan.write import DeletePlan, InsertPlan, UpdatePlan, plan_write
from api.request.media import ARRAY, CSV, JSON, OBJECT, PLAN_JSON, PLAN_TEXT
from api.request.query import ApiRequest, Row
from api.response import Answer, is_csv
from api.response_write import write_answer
from api.settings import Settings
from api.sql.read import Writer
from api.writing.calling import call
from api.writing.change import delete, update
from api.writing.insert import insert
from api.writing.outcome import Demands, Outcome
from api.writing.show import Show
from api.writing.upsert import upsert

if TYPE_CHECKING:
    from api.database import Database, Session

__all__ = ["call", "write"]


def write(request: ApiRequest, catalog: Catalog, database: Database, writer: Writer, settings: Settings) -> Answer:
    """Answer a POST, PUT, PATCH or DELETE of rows. One request is one transaction.

    Raises: `ApiError`; then nothing is stored.
    """
    if request.media.name in (PLAN_JSON, PLAN_TEXT):
        raise errors.not_acceptable(request.media.name, (JSON, CSV, OBJECT, ARRAY))
    plan = plan_write(request, catalog)
    demands = _demands(request)
    most = settings.max_response_bytes
    media = request.media
    if isinstance(request.target, Row) and not is_csv(media):
        media = replace(media, name=OBJECT)  # one row is shown as an object, as a GET of its address does

    # what a POST shows may be a part of what it wrote; PATCH and DELETE have chosen their rows by these already
    first = request.offset if request.method == "POST" else 0
    last = first + request.limit if request.method == "POST" and request.limit is not None else None

    def work(session: Session) -> Outcome:
        show = Show(session, writer, plan.shown, media, first, last) if plan.shown is not None else None
        match plan:
            case InsertPlan(conflict=None):
                return insert(session, plan, demands, show, most)
            case InsertPlan(conflict=conflict) if conflict is not None:
                return upsert(session, plan, conflict, demands, show, most)
            case UpdatePlan():
                return update(session, plan, demands, show, writer, most)
            case DeletePlan():
                return delete(session, plan, demands, show, writer, most)
        raise TypeError(plan)

    outcome = database.write(work, commit=request.preferences.transaction != "rollback")
    return write_answer(request, outcome)


def _demands(request: ApiRequest) -> Demands:
    target = request.target
    row = (target.name, ",".join(target.key)) if isinstance(target, Row) and request.method != "PUT" else None
    most = request.preferences.max_affected if request.method in ("PATCH", "DELETE") else None
    return Demands(request.media.name == OBJECT, most, row)
