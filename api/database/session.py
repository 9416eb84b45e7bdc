"""One request's use of a database connection: statements in, rows and counts out."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

from api import errors
from api.database import errno
from api.database.connection import DriverError
from api.database.deadline import Deadline
from api.database.driver import BINARY, ResultTooLarge
from api.database.link import Link, RunAgain, is_harmless
from api.database.literal import statement_text
from api.database.results import Change, ResultColumn, ResultSet, Row
from api.database.state import CREATED_TABLES, GIVE_UP, has_own_values, variables
from api.statement import MAX_STATEMENT_BYTES, Statement

logger = logging.getLogger("aurorest")

Observer: TypeAlias = Callable[[str, float], None]
"""Called with the final text of each statement and the seconds it took."""

_KEPT, _REQUEST, _CALL = "aurorest", "aurorest_request", "aurorest_call"
"""Savepoints. They do not pin the proxy's session, which keeps its connection for the transaction in any case."""

_SURELY_SHORT = MAX_STATEMENT_BYTES // 4
"""Characters that stay within the limit in any script."""


def _result_column(
    name: str, type_code: int, _display: object, _size: object, length: int | None, decimals: int | None, _null: object
) -> ResultColumn:
    """Convert the seven fields of a DB-API description."""
    return ResultColumn(name, type_code, length or 0, decimals or 0)


class Session:
    """Sends statements for one piece of work.

    Its methods raise the driver's errors, which pass through the work untouched: `api.database` decides what is
    repeated and translates the rest.
    """

    __slots__ = (
        "_cursor",
        "_deadline",
        "_keeps",
        "_may_be_alone",
        "_observe",
        "_room_bytes",
        "_start",
        "in_doubt",
        "joined",
        "link",
        "read_only",
        "repeatable",
        "runs_stored_programs",
        "savepoints",
        "warnings",
    )

    def __init__(
        self,
        link: Link,
        observe: Observer | None = None,
        deadline: Deadline | None = None,
        room_bytes: float = math.inf,
    ) -> None:
        self.link = link
        self._deadline = deadline
        self.repeatable = True
        """The work may be repeated if the connection breaks."""
        self.runs_stored_programs = False
        """A routine or trigger may change the session, which is checked before the transaction ends."""
        self.joined = False
        """Several requests share the transaction. What plain reads see may be older than what is locked, and a
        procedure that ends the transaction is an error."""
        self.savepoints = False
        """Each of these requests begins with a savepoint, to which it can return."""
        self.read_only = False
        """The transaction is read-only."""
        self._may_be_alone = False
        self._keeps = False
        self.in_doubt = False
        """A statement that commits by itself was lost: nobody can say whether it was executed."""
        self._start = ""
        """What begins the transaction, until that is sent."""
        self.warnings = 0
        """How many warnings the statements so far have caused: a value may not have had the type expected of it."""
        self._observe = observe
        self._room_bytes = room_bytes
        self._connect()

    def _connect(self) -> None:
        self._cursor = self.link.cursor()
        self.link.grant_room(self._room_bytes)

    def begin(self, *, alone: bool = False, read_only: bool = False) -> None:
        """Begin a transaction with the next statement, unless that is sent alone, which `alone` allows."""
        self._may_be_alone, self.read_only = alone, read_only
        self._start = "START TRANSACTION READ ONLY" if read_only else "BEGIN"

    @property
    def has_begun(self) -> bool:
        """Whether the transaction has begun."""
        return not self._start

    @property
    def commits_alone(self) -> bool:
        """Whether `change_alone` may be used: only the statement's own failure could undo it, and it is not known to
        run a stored program, after which the session has to be checked before anything commits."""
        return self._may_be_alone and not self.has_begun and not self.runs_stored_programs

    def change_alone(self, text: str) -> Change:
        """Like `change_by`, for a statement that commits by itself, where `commits_alone`. If it changed something,
        nothing may follow it."""
        self.link.replace_if_dead()
        self._connect()
        start, self._start = self._start, ""
        try:
            return self._change(text)
        except DriverError as error:
            self.in_doubt = errno.is_undecided(error)
            raise
        finally:
            self._start = start

    def _send_start(self) -> None:
        start, self._start = self._start, ""
        self.send(start)

    def keep(self) -> None:
        """Make `start_over` keep what the transaction has done so far."""
        self.send(f"SAVEPOINT {_KEPT}")
        self._keeps = True

    def is_kept(self) -> bool:
        """Whether the transaction is still the one that `keep` was called in: a procedure may have ended it. This ends
        the effect of `keep`."""
        return self._release(_KEPT)

    def start_over(self) -> None:
        """Undo what the transaction did, except for what is kept, and begin it again with the next statement; where
        requests share the transaction, undo what the last of them did.

        Raises: `RunAgain` for the last of several requests without savepoints.
        """
        if self._keeps:
            self.send(f"ROLLBACK TO SAVEPOINT {_KEPT}")
        elif self.joined:
            if not self.savepoints:
                raise RunAgain
            self.send(f"ROLLBACK TO SAVEPOINT {_REQUEST}")
        elif self.has_begun:
            self.send("ROLLBACK")
            self._start = "BEGIN"

    def rows(self, statement: Statement) -> Sequence[Row]:
        """Run a query and return all its rows."""
        self.send(statement_text(statement))
        self.warnings += self._cursor.warning_count
        return self._cursor.fetchall()

    def encoded_rows(self, statement: Statement) -> Sequence[Row]:
        """Like `rows`, with the first column, a text, as UTF-8: it is not decoded.

        Raises: `ApiError` 40001 if the first column is binary: a table is not as the catalog says.
        """
        self.link.keep_first_encoded(True)
        try:
            rows = self.rows(statement)
        finally:
            self.link.keep_first_encoded(False)
        if cast("Any", self._cursor)._result.first_is_binary:
            raise errors.schema_changed()
        return rows

    def number(self, statement: Statement) -> int:
        """Run a query for the whole number that is its only value."""
        return int(str(self.rows(statement)[0][0]))

    def columns(self, statement: Statement) -> Sequence[ResultColumn]:
        """Run a query for the columns of its result."""
        self.send(statement_text(statement))
        result = cast("Any", self._cursor)._result  # the description that DB-API defines has no flags
        return [
            ResultColumn(field.name, field.type_code, field.length, field.scale, field.flags, field.charsetnr == BINARY)
            for field in result.fields
        ]

    def change(self, statement: Statement) -> Change:
        """Run an INSERT, UPDATE or DELETE."""
        return self.change_by(statement_text(statement))

    def change_by(self, text: str, *, final: bool = False) -> Change:
        """Like `change`, for a final text whose literals `api.database.literal` wrote.

        `final`: nothing follows that could undo it, so it is sent alone where `commits_alone`.
        """
        return self.change_alone(text) if final and self.commits_alone else self._change(text)

    def _change(self, text: str) -> Change:
        self.send(text)
        result = cast("Any", self._cursor)._result
        return Change(self._cursor.rowcount, self._cursor.lastrowid or 0, result.message or b"")

    def call(self, statement: Statement) -> ResultSet | None:
        """Run a CALL and return its first result set, or None. It may commit, so nothing is repeated after it."""
        if self._start:
            self._send_start()  # which may be repeated
        self.repeatable = False
        self.runs_stored_programs = True
        if not self.joined:
            return self._call(statement)
        self.send(f"SAVEPOINT {_CALL}")
        try:
            result = self._call(statement)
        except DriverError as error:
            if is_harmless(error) and errno.number(error) not in errno.ROLLED_BACK and not self._release(_CALL):
                raise errors.transaction_ended() from error
            raise
        if not self._release(_CALL):
            raise errors.transaction_ended()
        return result

    def _release(self, savepoint: str) -> bool:
        """Release a savepoint. False if it no longer exists: COMMIT, ROLLBACK, and statements that commit implicitly
        remove it (https://dev.mysql.com/doc/refman/8.4/en/savepoint.html)."""
        try:
            self.send(f"RELEASE SAVEPOINT {savepoint}")
        except DriverError as error:
            if errno.number(error) != errno.NO_SAVEPOINT:
                raise
            return False
        return True

    def _call(self, statement: Statement) -> ResultSet | None:
        cursor = self._cursor
        self.send(statement_text(statement))
        # each has seven fields; the type stubs declare one string
        description = cast("Sequence[Any]", cursor.description or ())
        columns = tuple(_result_column(*described) for described in description)
        rows = cursor.fetchall() if columns else ()
        further = 0
        while cursor.nextset():  # an error in a later result belongs to this call, not to the next statement
            further += cursor.description is not None
        return ResultSet(columns, rows, further) if columns else None

    def join(self) -> None:
        """Begin one of the requests that share the transaction.

        Raises: `ApiError` 38000 if a stored program of an earlier request changed the session.
        """
        if self.joined and self.runs_stored_programs and not self.link.pinned:
            if not self._is_unchanged():
                raise errors.session_changed()
            self.runs_stored_programs = False
        self.joined = True
        self._keeps = False
        if self.savepoints:
            self.send(f"SAVEPOINT {_REQUEST}")

    def use_variables(self) -> None:
        """Allow user variables in the statements that follow: nobody uses the session again after this piece of work.

        They pin the proxy's session, until its client is gone.
        """
        self.link.pinned = True

    def give_up_if_changed(self, *, rolled_back: bool = False) -> None:
        """Make sure that nobody uses this session again if a stored program changed it.

        To be called inside the session's transaction: after that, the proxy may send a statement to another database
        connection. Where the server has already ended the transaction, the session is given up without a check.
        """
        if not self.runs_stored_programs or self.link.pinned:
            return
        if self.link.in_transaction and not rolled_back and self._is_unchanged():
            return
        if self.link.through_proxy:
            self.send(GIVE_UP)
        self.link.pinned = True

    def _is_unchanged(self) -> bool:
        try:
            ((same, *own),) = self.rows(variables(mariadb=self.link.is_mariadb))
            # a read-only transaction creates no tables
            created = () if self.read_only else self.rows(CREATED_TABLES)
        except DriverError as error:
            if errno.number(error) != errno.UNKNOWN_VARIABLE:
                raise
            return False
        return same == 1 and has_own_values(*own) and all(str(count) == "0" for _, count in created)

    def send(self, text: str) -> None:
        """Send a statement's final text and read its answer. A text that pins the session is sent, and noted on the
        link.

        Raises: `ApiError` 57014 where the request's time is up: nothing is sent.
        """
        if self._start:
            self._send_start()
        if self._deadline is not None:
            remaining = self._deadline.remaining_seconds
            if remaining <= 0:
                raise errors.time_is_up(self._deadline.seconds)
            self.link.limit(remaining)
        started = time.perf_counter()
        try:
            if len(text) > _SURELY_SHORT and (size := len(text.encode())) > MAX_STATEMENT_BYTES:
                self.link.pinned = True
                logger.info("a statement of %d bytes pins its session, which ends with the request", size)
            self._cursor.execute(text)
        except UnicodeEncodeError as error:
            raise errors.not_utf8() from error
        except ResultTooLarge:
            self.link.drop()
            raise
        finally:
            if self._observe is not None:
                self._observe(text, time.perf_counter() - started)
