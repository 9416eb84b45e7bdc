"""Compare the files with the ledger and decide what to run. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.errors import MigratorError
from migrator.files import Migration
from migrator.ledger import Entry


@dataclass(frozen=True, slots=True)
class Pending:
    """A file to apply, beginning with statement number `first` (from 1).

    `in_doubt`: an earlier run sent that statement and died before it saw the answer.
    """

    migration: Migration
    first: int = 1
    in_doubt: bool = False


def plan(migrations: tuple[Migration, ...], entries: tuple[Entry, ...]) -> tuple[Pending, ...]:
    """The files to apply, in order; for a half-applied one, the remaining statements.

    Raises: `MigratorError` if the files do not continue what was applied: one was changed, removed, or added before
        an applied one.
    """
    by_number = {migration.number: migration for migration in migrations}
    for entry in entries:
        if entry.number not in by_number:
            raise MigratorError(
                "migration_missing",
                f"{entry.name} was applied to this database, but the file is missing",
                hint="Put it back; to undo what it did, add a new migration.",
            )
        _unchanged(by_number[entry.number], entry)
    applied = {entry.number: entry for entry in entries}
    last = max(applied, default=None)
    pending: list[Pending] = []
    for migration in migrations:
        record = applied.get(migration.number)
        if record is None:
            if last is not None and migration.number < last:
                raise MigratorError(
                    "migration_out_of_order",
                    f"{migration.name} comes before {applied[last].name}, which is already applied",
                    hint="Give it a higher number, so that the order is the same on every database.",
                )
            pending.append(Pending(migration))
        elif not record.finished:
            first = record.applied + 1
            pending.append(Pending(migration, first, record.running == first and first <= len(migration.statements)))
    return tuple(pending)


def _unchanged(migration: Migration, entry: Entry) -> None:
    if migration.name != entry.name:
        raise MigratorError(
            "migration_changed", f"{entry.name} was applied to this database and is now called {migration.name}",
            hint="Restore its name.",
        )  # fmt: skip
    if entry.finished:
        if migration.checksum != entry.checksum:
            raise MigratorError(
                "migration_changed",
                f"{migration.name} was changed after it was applied to this database",
                f"SHA-256 then {entry.checksum}, now {migration.checksum}",
                "Restore its text; to change what it did, add a new migration.",
            )
    elif len(migration.statements) < entry.applied or migration.chain(entry.applied) != entry.applied_checksum:
        raise MigratorError(
            "migration_changed",
            f"{migration.name} is half applied, but one of the {entry.applied} statements already applied was changed",
            "MySQL commits at every CREATE, ALTER and DROP, so these statements have taken effect.",
            f"Restore them; you may correct statement {entry.applied + 1} and those after it.",
        )
