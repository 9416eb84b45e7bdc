"""Read a folder of migrations into `Migration` values, in order, and check all of them before anything runs."""

from __future__ import annotations

import hashlib
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import MigratorError
from migrator.statements import Statement, split

_NAME = re.compile(r"(?P<number>[0-9]{1,14})_[A-Za-z0-9][A-Za-z0-9_-]*\.sql")
_NAME_RULE = "a number, an underscore and a name of letters, digits, - and _: 0001_orders.sql"
_LONGEST_NAME = 128

_REFUSED = {
    "BEGIN": "a transaction",
    "START TRANSACTION": "a transaction",
    "COMMIT": "a transaction",
    "ROLLBACK": "a transaction",
    "SAVEPOINT": "a transaction",
    "USE": "another database",
    "LOCK TABLES": "table locks",
    "UNLOCK TABLES": "table locks",
    "SOURCE": "a command of the mysql client",
}


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. `checksum` is the SHA-256 (hex) of its text without a byte order mark and with LF line endings."""

    name: str
    number: int
    checksum: str
    statements: tuple[Statement, ...]

    def chain(self, count: int) -> str:
        """The SHA-256 (hex) of the first `count` statements, to see whether a resumed file still starts with them."""
        digest = hashlib.sha256()
        for statement in self.statements[:count]:
            digest.update(statement.text.encode() + b"\0")
        return digest.hexdigest()


def load(directory: Path) -> tuple[Migration, ...]:
    """Read every `*.sql` file of `directory`, in ascending order of their numbers; ignore other files and subfolders.

    Raises: `MigratorError` for a missing folder, an invalid file name, a number used twice, text that is not UTF-8,
        a file without a statement, and statements that cannot be part of a migration.
    """
    if not directory.is_dir():
        raise MigratorError("migrations_unreadable", f"the folder {directory} does not exist")
    found = sorted((parse(path.name, path.read_bytes()) for path in directory.glob("*.sql")), key=lambda m: m.number)
    for former, latter in itertools.pairwise(found):
        if former.number == latter.number:
            raise MigratorError(
                "migration_number_twice",
                f"{former.name} and {latter.name} have the same number",
                hint="Give the newer one a number above that of the last applied file.",
            )
    return tuple(found)


def parse(name: str, content: bytes) -> Migration:
    """Parse the file of this name and content; raises as `load` does."""
    named = _NAME.fullmatch(name)
    if named is None or len(name) > _LONGEST_NAME:
        raise MigratorError("migration_name", f"{name} is not a valid name for a migration", hint=f"Use {_NAME_RULE}.")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise MigratorError("migration_encoding", f"{name} is not UTF-8 text: {error}") from None
    try:
        statements = split(text)
    except MigratorError as error:
        raise MigratorError(error.code, f"{name}, {error.message}", error.details, error.hint) from None
    if not statements:
        raise MigratorError("migration_empty", f"{name} contains no statement")
    for number, statement in enumerate(statements, 1):
        _refuse(name, number, statement)
    return Migration(name, int(named["number"]), hashlib.sha256(text.encode()).hexdigest(), statements)


def _refuse(name: str, number: int, statement: Statement) -> None:
    words = statement.words
    what = _REFUSED.get(" ".join(words)) or (_REFUSED.get(words[0]) if words else None)
    if words[:1] == ("BEGIN",) and words[1:] == ("NOT",):  # MariaDB's compound statement outside a routine
        what = None
    if what is not None:
        raise MigratorError(
            "migration_statement",
            f"{name}, statement {number} (line {statement.line}): {' '.join(words)} cannot be in a migration ({what})",
            hint="Each statement is committed and recorded separately, in the one database that is migrated.",
        )
