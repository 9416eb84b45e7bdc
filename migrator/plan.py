"""Files and ledger -> what is to be run. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.errors import MigratorError
from migrator.files import Migration
from migrator.ledger import Entry


@dataclass(frozen=True, slots=True)
class Pending:
    """A file to be applied from statement number `first` (from 1) on.

    `in_doubt`: that statement was sent by an earlier run which did not live to see the answer.
    """

    migration: Migration
    first: int = 1
    in_doubt: bool = False


def plan(migrations: tuple[Migration, ...], entries: tuple[Entry, ...]) -> tuple[Pending, ...]:
    """The files to apply, in order; of a half-applied one the rest.

    Raises: `MigratorError` when the files are not a continuation of what was applied: one was changed, removed, or
        added in front of an applied one.
    """
    by_number = {migration.number: migration for migration in migrations}
    for entry in entries:
        if entry.number not in by_number:
            raise MigratorError(
                "migration_missing",
                f"{entry.name} was applied to this database and is no longer among the files",
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
                    f"{migration.name} comes before {applied[last].name}, which is applied already",
                    hint="Give it a higher number, so that every database runs the files in the same order.",
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
            hint="Give it its name back.",
        )  # fmt: skip
    if entry.finished:
        if migration.checksum != entry.checksum:
            raise MigratorError(
                "migration_changed",
                f"{migration.name} was changed after it had been applied to this database",
                f"SHA-256 then {entry.checksum}, now {migration.checksum}",
                "Restore its text; to change what it did, add a new migration.",
            )
    elif len(migration.statements) < entry.applied or migration.chain(entry.applied) != entry.applied_checksum:
        raise MigratorError(
            "migration_changed",
            f"{migration.name} is half applied, and one of its first {entry.applied} statements was changed",
            "MySQL commits at every CREATE, ALTER and DROP, so these statements have taken effect.",
            f"Restore them; statement {entry.applied + 1} and those after it may be corrected.",
        )
