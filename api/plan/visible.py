"""Which rows of a table exist for a caller: the one place that turns policies of a table into conditions of a plan."""

from __future__ import annotations

from api import errors
from api.catalog import Table
from api.catalog.own_tables import POLICIES
from api.catalog.policies import Command, Policy, Unreadable, check_rule, using_rule
from api.plan.tree import UNRESTRICTED, RowPolicy, Visible
from api.request.caller import Caller


def visible_rows(
    table: Table, alias: str, caller: Caller, commands: tuple[Command, ...] = (Command.SELECT,)
) -> Visible:
    """The policies that hide rows of the table instance from the caller's command. Rows to change or delete must be
    visible to SELECT as well, because the request finds them with a filter.

    Raises: `ApiError` 42501 if the policies cannot be read.
    """
    policies = _binding(table, caller)
    if policies is None:
        return UNRESTRICTED
    return tuple(RowPolicy(alias, using_rule(policies, command, caller.role), caller) for command in commands)


def stored_rows(table: Table, alias: str, caller: Caller, command: Command, *, read: bool) -> Visible:
    """The policies that rows stored by an INSERT or UPDATE must meet.

    `read`: the rows are shown or looked up, so they must be visible to SELECT as well.

    Raises: `ApiError` 42501 if the policies cannot be read.
    """
    policies = _binding(table, caller)
    if policies is None:
        return UNRESTRICTED
    check = RowPolicy(alias, check_rule(policies, command, caller.role), caller)
    return (check, *visible_rows(table, alias, caller)) if read else (check,)


def _binding(table: Table, caller: Caller) -> tuple[Policy, ...] | None:
    """The table's policies; None if none of them binds the caller."""
    if caller.bypasses_row_security:
        return None
    if isinstance(table.policies, Unreadable):
        raise errors.unreadable_policies(table.policies.database, POLICIES)
    return table.policies


def depends_on(visible: Visible) -> frozenset[str]:
    """The columns that decide whether a row meets the policies."""
    return frozenset().union(*(each.columns for policy in visible for each in policy.rule.expressions))


def has_subquery(visible: Visible) -> bool:
    """A condition reads further rows, which also decide whether a row meets the policies."""
    return any(each.has_subquery for policy in visible for each in policy.rule.expressions)
