"""The migrator's errors as data, and what the driver's errors say."""

from __future__ import annotations

from dataclasses import dataclass

from pymysql.err import MySQLError


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


def errno(error: MySQLError) -> int | None:
    """MySQL's error number, if the error has one."""
    return error.args[0] if error.args and isinstance(error.args[0], int) else None


def described(error: MySQLError) -> str:
    """MySQL's own message: `1146: Table 'shop.orders' doesn't exist`."""
    return ": ".join(str(part) for part in error.args) or type(error).__name__
