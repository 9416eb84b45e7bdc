"""Procedures with OUT and INOUT parameters: one object of their values, and of the first result set if there is one.

MySQL returns these values in user variables only. They pin the session of RDS Proxy to one database connection, so
the connection is given up after the request, which ends the pin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api import errors
from api.plan.call import CallPlan
from api.request.media import ARRAY, CSV, JSON, NDJSON, OBJECT
from api.request.query import ApiRequest, MediaType, Star
from api.response.csv_text import Member, csv_row
from api.response.formats import json_object, rows_body
from api.sql.call import call_procedure, select_variables, set_variables
from api.values.encode import encoder

if TYPE_CHECKING:
    from api.database import ResultSet, Session


def call_with_variables(session: Session, plan: CallPlan) -> tuple[ResultSet | None, list[Member]]:
    """Call the procedure: its first result set, and its OUT and INOUT parameters encoded as JSON."""
    session.use_variables()
    session.change(set_variables(plan))
    result = session.call(call_procedure(plan))
    (row,) = session.rows(select_variables(plan))
    returned = plan.routine.returned
    return result, [(each.name, encoder(each.type)(cell)) for each, cell in zip(returned, row, strict=True)]


def check_request(request: ApiRequest, plan: CallPlan, *, has_result: bool) -> None:
    """Raises: `ApiError` PGRST127 for a grammar that applies to rows only, PGRST107 for CSV of more than one row."""
    name = plan.routine.name
    query = request.query
    if not has_result and (plan.filters or query.orders or query.select != (Star(),)):
        raise errors.not_implemented(
            f"'{name}' returns no result set to which select, filters and order could apply.",
            "All of its OUT parameters are always returned.",
        )
    if has_result and request.media.name == CSV:
        raise errors.not_acceptable(CSV, (JSON, NDJSON, OBJECT))


def body_of(members: list[Member], rows: Sequence[bytes] | None, media: MediaType) -> bytes:
    """The object of the parameters and, as an array, of the result set's rows."""
    if rows is not None:
        members = [*members, (_name_beside(members), f"[{b','.join(rows).decode()}]")]
    if media.name == CSV:
        return rows_body([csv_row(members).encode()], media, [name for name, _ in members])
    if media.nulls_stripped:
        members = [member for member in members if member[1] != "null"]
    return rows_body([json_object(members).encode()], media if media.name == NDJSON else MediaType(OBJECT), ())


def answered_as(media: MediaType) -> MediaType:
    """The media type of the object: an array becomes an object."""
    if media.name == ARRAY:
        return MediaType(OBJECT, nulls_stripped=True)
    return media


def _name_beside(members: list[Member]) -> str:
    """The member of the rows: `result`, or a name that no parameter has."""
    taken = {name for name, _ in members}
    name = "result"
    while name in taken:
        name += "_"
    return name
