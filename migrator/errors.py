"""The migrator's refusals and failures, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class MigratorError(Exception):
    """Something that stops the migrator. Its text is what `pulumi up` and the command line show.

    `code` is one short name per cause, `message` says what happened and where, `details` holds the database's own
    words or the values compared, `hint` says what to do about it.
    """

    code: str
    message: str
    details: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        parts = (f"{self.code}: {self.message}", self.details, f"Hint: {self.hint}" if self.hint else None)
        return "\n".join(part for part in parts if part)
