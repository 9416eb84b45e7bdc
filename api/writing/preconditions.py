"""If-Match: the row that a write changes is still the one that the client read.

The row is read again under the write's own lock, in the same transaction, in the shape and format that the tag names.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Column, Table
from api.context import Context
from api.errors import ApiError
from api.plan.read import plan_read
from api.plan.tree import ReadPlan
from api.request.aliases import with_aliases
from api.request.preconditions import ANY, Tag, Tags
from api.request.query import Query
from api.request.query_string import parse_query
from api.response.tags import format_of, row_tag
from api.sql.write import SHARE
from api.values.keys import Key
from api.writing.show import Show

if TYPE_CHECKING:
    from api.database.session import Session

_WHOLE = Tag("")
"""A tag of the whole row as JSON, whatever its digest."""


@dataclass(frozen=True, slots=True)
class RowCondition:
    """What a write requires of the row that it finds; `tags` are those of `If-Match`."""

    context: Context
    table: Table
    tags: Tags

    def check(self, session: Session, columns: tuple[Column, ...], keys: Sequence[Key]) -> None:
        """Check the rows with these keys, which are locked.

        Raises: `ApiError` AR412 unless they are one row with one of the tags; or at least one row for `*`.
        """
        if not keys:
            raise errors.precondition_failed("The row does not exist.")
        if self.tags == ANY:
            return
        if len(keys) > 1:
            raise errors.precondition_failed(f"There are {len(keys)} rows, and a tag belongs to one.")
        current: dict[tuple[tuple[str, ...], str], Tag | None] = {}
        for tag in [each.identity() for each in self.tags if not each.weak]:
            if (tag.marks, tag.shape) not in current:
                current[tag.marks, tag.shape] = self.tag(session, columns, keys[0], tag)
            if current[tag.marks, tag.shape] == tag:
                return
        found = next((tag for tag in current.values() if tag is not None), None)
        found = found or self.tag(session, columns, keys[0])
        raise errors.precondition_failed(
            "If-Match has only weak tags, which belong to lists: read the row itself."
            if all(each.weak for each in self.tags)
            else "The row was changed since it was read.",
            None if found is None else found.header,
        )

    def tag(self, session: Session, columns: tuple[Column, ...], key: Key, like: Tag = _WHOLE) -> Tag | None:
        """The current tag of a row, for what `like` shows of it. None if this caller cannot see that."""
        media = format_of(like)
        plan = self._plan(like.shape)
        if media is None or plan is None or plan.level.grouped:
            return None
        show = Show(session, self.context.server, plan, media, sys.maxsize)
        shown = show.checked(show.by_keys(columns, [key], SHARE), 1, exact=False)
        return row_tag(show.body(shown), media, like.shape) if len(shown.rows) == 1 else None

    def _plan(self, shape: str) -> ReadPlan | None:
        context = self.context
        try:
            query = with_aliases(parse_query(shape)) if shape else Query()
            return plan_read(
                context.catalog, self.table, query, None, 0, context.request.preferences.timezone, context.caller
            )
        except ApiError:
            return None
