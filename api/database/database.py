"""Runs work on the database: as single queries or as a transaction, and repeats it where that is safe.

An execution environment serves one request at a time, so a `Database` belongs to one thread and keeps one connection
to the writer, and one to the read endpoint if the stack has it.

RDS Proxy closes idle and day-old connections and cancels what is in flight during a failover. When a connection dies:

- reads are repeated once, as a whole;
- a transaction is repeated once, as a whole, if COMMIT was not sent: the server rolls back when its client disconnects;
- if COMMIT was sent and not answered, the outcome is unknown, and the answer says so;
- a statement that commits by itself is like a COMMIT. So that it is not lost on a connection that died while it was
  idle, the connection is checked first;
- work that called a procedure is never repeated, because a procedure may commit by itself.

After a deadlock or a lock wait the transaction is repeated a few times, with a short random pause before each.
"""

from __future__ import annotations

import logging
import math
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal, TypeAlias, TypeVar

from api import errors
from api.database import errno, raised
from api.database.connection import DriverError
from api.database.deadline import Deadline
from api.database.link import Link, RunAgain, is_harmless
from api.database.session import Observer, Session
from api.database.translate import for_log, translate
from api.errors import ApiError
from api.settings import Settings
from api.statement import sql

logger = logging.getLogger("aurorest")

T = TypeVar("T")
Consistency: TypeAlias = Literal["eventual", "strong"]

ROLLED_BACK_RETRIES = 3
"""How often a transaction is repeated after a deadlock or a lock wait."""

LONGEST_PAUSE_SECONDS = 0.04
"""Before the first repetition. It doubles with each one after that."""


class Database:
    """The database of one execution environment. Failures are raised as `ApiError`, the driver's error as cause.

    The work passed in may run more than once, so it may only run statements and compute from their rows.
    """

    def __init__(self, settings: Settings, observe: Observer | None = None) -> None:
        self._writer = Link(settings.writer, settings)
        self._reader = Link(settings.reader, settings) if settings.reader is not None else self._writer
        self._settings = settings
        self._patience_seconds = settings.read_timeout_seconds
        self._room_bytes = settings.max_read_bytes
        self._deadline: Deadline | None = None
        self.observe = observe

    def of_account(self, user: str) -> Database:
        """The same database over connections of another account, which locally has the same password."""
        settings, reader = self._settings, self._settings.reader
        return Database(
            replace(
                settings,
                writer=replace(settings.writer, user=user, is_role=True),
                reader=None if reader is None else replace(reader, user=user, is_role=True),
            ),
            self.observe,
        )

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give everything inside the `with` block this many seconds in total."""
        self._deadline = Deadline(seconds)
        try:
            yield
        finally:
            self._deadline = None

    @property
    def remaining_seconds(self) -> float:
        """The seconds left for the request."""
        return self._patience_seconds if self._deadline is None else max(self._deadline.remaining_seconds, 0.0)

    def read(self, work: Callable[[Session], T], consistency: Consistency = "eventual") -> T:
        """Run queries, each on its own. `eventual` may be answered by a replica; `strong` sees every commit.

        Raises: `ResultTooLarge` where the results exceed the settings' `max_read_bytes`.
        """
        return self._repeat_read(_autocommit, work, consistency, self._room_bytes)

    def read_schema(self, work: Callable[[Session], T], consistency: Consistency = "eventual") -> T:
        """Like `read`, for the schema, whose size is not limited."""
        return self._repeat_read(_autocommit, work, consistency, math.inf)

    def read_only_transaction(self, work: Callable[[Session], T], consistency: Consistency = "eventual") -> T:
        """Run queries on one snapshot of the data. A routine that tries to write fails with 25006."""
        return self._repeat_read(_read_only, work, consistency, self._room_bytes)

    def write(self, work: Callable[[Session], T], commit: bool = True, *, alone: bool = False) -> T:
        """Run one transaction. Everything is stored; or nothing, if the work raises or `commit` is false.

        Work that raises `RunAgain` must do something else the next time.

        Args:
            alone: The work may be one `Session.change_alone` instead of a transaction: nothing else must be stored or
            undone together with it.
        """
        retries = _Retries(min(self._patience_seconds, self.remaining_seconds))
        while True:
            session = None
            try:
                session = Session(self._writer, self.observe, self._deadline, self._room_bytes)
                return _transaction(session, work, commit, alone=alone)
            except RunAgain:
                continue
            except DriverError as error:
                if session is not None and not session.repeatable:
                    if errno.timed_out(error):
                        raise errors.call_timed_out() from error
                    gone = errno.number(error) in errno.LOST_CONNECTION
                    raise (errors.outcome_unknown() if gone else _refusal(error)) from error
                pause = retries.pause_after(error)
                if pause is None:
                    raise _refusal(error) from error
            time.sleep(pause)

    def ping(self) -> None:
        """Make one round trip to the writer itself, not only to the proxy."""
        self.read(lambda session: session.rows(sql("SELECT 1")), "strong")

    def close(self) -> None:
        """Close all connections. The next use opens new ones."""
        self._writer.drop()
        self._reader.drop()

    def _repeat_read(
        self,
        run: Callable[[Session, Callable[[Session], T]], T],
        work: Callable[[Session], T],
        consistency: Consistency,
        room_bytes: float,
    ) -> T:
        link = self._writer if consistency == "strong" else self._reader
        session = None
        try:
            try:
                session = Session(link, self.observe, self._deadline, room_bytes)
                return run(session, work)
            except DriverError as error:
                if not _broken(error) or (session is not None and not session.repeatable):
                    raise
            return run(Session(link, self.observe, self._deadline, room_bytes), work)
        except DriverError as error:
            raise _refusal(error) from error


class _Retries:
    """How often a transaction may be repeated. None begins that would end after the deadline."""

    __slots__ = ("_attempted", "_connections", "_deadline", "_rollbacks")

    def __init__(self, patience_seconds: float) -> None:
        self._attempted = time.monotonic()
        self._deadline = self._attempted + patience_seconds
        self._rollbacks = self._connections = 0

    def pause_after(self, error: DriverError) -> float | None:
        """Seconds to wait before the next attempt, or None to give up."""
        number = errno.number(error)
        now = time.monotonic()
        last, self._attempted = now - self._attempted, now
        if number in errno.ROLLED_BACK:
            self._rollbacks += 1
            if self._rollbacks <= ROLLED_BACK_RETRIES and now + last <= self._deadline:
                return random.uniform(0, LONGEST_PAUSE_SECONDS * 2 ** (self._rollbacks - 1))
        elif number in errno.STANDBY or _broken(error):
            self._connections += 1
            if self._connections == 1:
                return 0.0
        return None


def _broken(error: DriverError) -> bool:
    """Whether a new connection may work where this one broke: it was neither too slow nor impossible to open."""
    number = errno.number(error)
    return number in errno.LOST_CONNECTION - errno.UNREACHABLE and not errno.timed_out(error)


def _refusal(error: DriverError) -> ApiError:
    """The error for the client. Details that it must not see go to the log, under a request id if it is unexpected."""
    refusal = translate(error)
    if raised.chooses_answer(getattr(error, "sqlstate", None)):
        return refusal  # in the words of the routine's author
    if refusal.status == 500:
        request_id = uuid.uuid4().hex
        logger.error("the database refused, request id %s: %s", request_id, for_log(error))
        return replace(refusal, details=f"Request id {request_id} is in the log.")
    if refusal.status > 500:
        logger.warning("the database failed: %s", for_log(error))
    return refusal


def _autocommit(session: Session, work: Callable[[Session], T]) -> T:
    try:
        result = work(session)
    except BaseException as error:
        session.link.release(error)
        raise
    session.link.release()
    return result


def _read_only(session: Session, work: Callable[[Session], T]) -> T:
    try:
        session.begin(read_only=True)
        result = work(session)
        session.give_up_if_changed()
    except BaseException as error:
        _roll_back(session, error)
        raise
    _roll_back(session)
    return result


def _transaction(session: Session, work: Callable[[Session], T], commit: bool, *, alone: bool) -> T:
    session.begin(alone=alone and commit)
    try:
        result = work(session)
        session.give_up_if_changed()
    except BaseException as error:
        if session.in_doubt and isinstance(error, DriverError):
            logger.warning("it is unknown whether a write is stored: %s", for_log(error))
            session.link.drop(error)
            raise errors.outcome_unknown() from error
        _roll_back(session, error)
        raise
    if not session.has_begun:
        session.link.release()
    elif commit:
        _commit(session)
    else:
        _roll_back(session)
    return result


def _commit(session: Session) -> None:
    try:
        session.send("COMMIT")
    except BaseException as error:
        session.link.drop()  # without ending it in the server, where the COMMIT may succeed
        if not isinstance(error, DriverError) or errno.number(error) in errno.ROLLED_BACK | errno.STANDBY:
            raise
        raise errors.outcome_unknown() from error
    session.link.release()


def _roll_back(session: Session, cause: BaseException | None = None) -> None:
    """Roll back. If that fails, close the connection: the server then rolls back by itself."""
    if cause is not None and not is_harmless(cause):
        session.link.drop(cause)
    if session.link.is_open and session.has_begun:
        try:
            if cause is not None:
                session.give_up_if_changed(rolled_back=errno.number(cause) in errno.ROLLED_BACK)
            session.send("ROLLBACK")
        except (DriverError, ApiError):
            session.link.drop()
    session.link.release()
