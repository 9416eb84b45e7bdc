"""The migrator's errors, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class MigratorError(Exception):
    """An error that stops the migrator. `pulumi up` and the command line show it as text.

    `code` is a short name for the cause, `message` says what happened and where, `details` is the database's own
    message or the values that were compared, `hint` says what to do about it.
    """

    code: str
    message: str
    details: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        parts = (f"{self.code}: {self.message}", self.details, f"Hint: {self.hint}" if self.hint else None)
        return "\n".join(part for part in parts if part)
