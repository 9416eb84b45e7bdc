"""The optimizer's plan of a write. Nothing is written."""

from __future__ import annotations

from api import errors
from api.catalog import Table
from api.context import Context
from api.plan.bulk_update import BulkUpdatePlan
from api.plan.nested import NestedRows
from api.plan.write import InsertPlan, UpdatePlan, WritePlan
from api.reading.explain import explain_statement
from api.request.media import unavailable
from api.response.answer import Answer
from api.sql.read import select_keys
from api.sql.server import Server
from api.sql.write import cell_sql, delete_where, insert_head, update_where
from api.statement import Statement, join, sql


def explain_write(context: Context, plan: WritePlan | BulkUpdatePlan | NestedRows) -> Answer:
    """The execution plan of the statement that writes, or that finds the rows to be written, as an answer.

    Raises: `ApiError` PGRST107 for a table with row policies, whose plan would reveal hidden rows; PGRST127 for an
    UPDATE of each row to its own values, and for an INSERT of nested rows.
    """
    media, server = context.request.media, context.server
    if isinstance(plan, BulkUpdatePlan):
        raise errors.not_implemented("A PATCH of several rows may be several statements, which have no common plan.")
    if isinstance(plan, NestedRows):
        raise errors.not_implemented("Nested rows are written by several statements, which have no common plan.")
    table = plan.table if isinstance(plan, InsertPlan) else plan.located.table
    if _is_restricted(table, context):
        raise unavailable(media)
    statement, writes = _statement(plan, server)
    answer = context.database.read(
        lambda session: explain_statement(session, statement, server.dialect, media, writes=writes), "strong"
    )
    context.stages.end("run")
    return answer


def _is_restricted(table: Table, context: Context) -> bool:
    return table.policies is not None and not context.caller.bypasses_row_security


def _statement(plan: WritePlan, server: Server) -> tuple[Statement, bool]:
    """The statement, and whether it writes. Without related tables and limits, one statement finds and writes rows."""
    dialect = server.dialect
    if isinstance(plan, InsertPlan):
        if not plan.rows.count:
            return sql("{}()", insert_head(plan.table, ())), True
        first = [cell_sql(cells[0]) for cells in plan.rows.values]
        return sql("{}({})", insert_head(plan.table, plan.rows.columns), join(",", first)), True
    located = plan.located
    if located.direct is None or located.limited or (isinstance(plan, UpdatePlan) and not plan.assignments):
        if not located.identity:
            raise errors.not_implemented(f"'{located.table.name}' has no key by which its rows could be found.")
        return select_keys(located.rows, located.identity, Server(dialect), for_update=False), False
    if isinstance(plan, UpdatePlan):
        return update_where(located.table, plan.assignments, located.direct, dialect), True
    return delete_where(located.table, located.direct, dialect), True
