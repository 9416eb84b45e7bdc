"""The optimizer's view of a read: its execution plan, and its estimate of the row count for `count=planned`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Dialect
from api.plan.tree import ReadPlan
from api.reading.rows import refuse_long
from api.reading.selections import fitting_selection
from api.request.media import PLAN_JSON
from api.request.query import MediaType
from api.response.answer import Answer, content_type
from api.sql.read import explain_count
from api.sql.server import Server
from api.statement import Sql, Statement, sql

if TYPE_CHECKING:
    from api.reading.rows import Reads


def estimated_rows(session: Reads, plan: ReadPlan, server: Server) -> int:
    """Estimate the plan's row count: from the table's statistics or, with conditions, from the optimizer."""
    if not plan.where and not any(each.embed.inner for each in plan.embeds) and not plan.level.grouped:
        estimate = plan.level.table.rows_estimate
        if estimate is not None and not plan.level.table.is_view:
            return estimate
    # MariaDB's EXPLAIN has no column for partitions
    at = 9 if server.dialect is Dialect.MYSQL else 8
    product = 1.0
    for row in session.rows(explain_count(plan, server)):
        rows, filtered = row[at], row[at + 1]
        if rows is not None:
            product *= float(str(rows)) * (100.0 if filtered is None else float(str(filtered))) / 100
    return round(product)


def explain(session: Reads, plan: ReadPlan, server: Server, media: MediaType) -> Answer:
    """The execution plan of the root's statement, as an answer."""
    selection, _ = fitting_selection(plan, Server(server.dialect), nest=True)
    return explain_statement(session, selection.statement, server.dialect, media)


def explain_statement(
    session: Reads, statement: Statement, dialect: Dialect, media: MediaType, *, writes: bool = False
) -> Answer:
    """The execution plan of a statement, as an answer.

    Raises: `ApiError` PGRST127 for `options=analyze` of a statement that writes, 54001 for one that is too long.
    """
    as_json, analyze = media.name == PLAN_JSON, "analyze" in media.plan_options
    if writes and analyze:
        raise errors.not_implemented("options=analyze would run the statement, which may write.", "Leave it out.")
    if writes and not as_json:
        # MySQL's trees are for queries only
        question = sql("EXPLAIN {}" if dialect is Dialect.MARIADB else "EXPLAIN FORMAT=TRADITIONAL {}", statement)
    else:
        question = _explain(statement, dialect, as_json=as_json, analyze=analyze)
    refuse_long(question)
    rows = session.rows(question)
    text = "\n".join("\t".join("" if cell is None else str(cell) for cell in row) for row in rows)
    body = (f"[{text}]" if _is_json(text) else json.dumps([{"Plan": text}])) if as_json else text
    return Answer(200, (content_type(media),), body.encode())


def _explain(statement: Statement, dialect: Dialect, *, as_json: bool, analyze: bool) -> Sql:
    if dialect is Dialect.MARIADB:
        if analyze:
            return sql("ANALYZE FORMAT=JSON {}", statement) if as_json else sql("ANALYZE {}", statement)
        return sql("EXPLAIN FORMAT=JSON {}", statement) if as_json else sql("EXPLAIN {}", statement)
    if analyze:
        return sql("EXPLAIN ANALYZE {}", statement)
    return sql("EXPLAIN FORMAT=JSON {}", statement) if as_json else sql("EXPLAIN FORMAT=TREE {}", statement)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
