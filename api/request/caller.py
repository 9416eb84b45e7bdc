"""Who sent a request: the role that it acts as, and the claims of its token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import cast

_STEP = re.compile(
    r"""(?P<start>^\.?|\.)(?:"(?P<quoted>(?:[^"\\]|\\.)+)"|(?P<key>[^\s."\[\]\\]+))|\[(?P<index>\d{1,9})\]""",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request.

    `role` is the database account that the request uses; None if the API has no roles, and every request uses the
    application's account. `claims` is the payload of the token: parsed JSON, whose numbers are int or Decimal.
    """

    role: str | None = None
    claims: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    bypasses_row_security: bool = False
    """Row policies do not bind this caller's role."""

    def claim(self, path: str) -> object:
        """The claim at a path such as `app_metadata.tenant` or `groups[0]`; None if it is absent.

        >>> Caller("member", {"sub": "42", "groups": ["staff"]}).claim("groups[0]")
        'staff'

        Raises: `ValueError` for a malformed path.
        """
        found: object = self.claims
        for step in claim_path(path):
            if isinstance(step, int):
                found = _at(cast("list[object]", found), step) if isinstance(found, list) else None
            else:
                found = cast("Mapping[str, object]", found).get(step) if isinstance(found, Mapping) else None
        return found


def _at(found: list[object], position: int) -> object:
    return found[position] if position < len(found) else None


NOBODY = Caller()
"""The caller of an API without roles and tokens."""


@lru_cache(maxsize=256)
def claim_path(path: str) -> tuple[str | int, ...]:
    """The keys and array positions that lead to a claim. A key that contains a dot, a bracket or a space is
    quoted.

    >>> claim_path('"https://example.com/claims".roles[0]')
    ('https://example.com/claims', 'roles', 0)

    Raises: `ValueError` for a malformed path.
    """
    steps: list[str | int] = []
    position = 0
    while position < len(path) or not steps:
        found = _STEP.match(path, position)
        if found is None or (not steps and found["index"] is not None):
            raise ValueError(
                f"{path!r} is not a path to a claim; it consists of keys and array positions: role, "
                'app_metadata.role, groups[0], "https://example.com/role"'
            )
        if found["index"] is not None:
            steps.append(int(found["index"]))
        else:
            steps.append(found["key"] or _ESCAPED.sub(r"\1", found["quoted"]))
        position = found.end()
    return tuple(steps)
