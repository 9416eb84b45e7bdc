"""The transaction of a request or batch that writes; with an Idempotency-Key, at most one for that key.

The key is claimed before the work and its answer stored after it, in the same transaction. Whenever the connection
breaks, either both are stored or neither, so a client that repeats the request gets the true answer. Errors are not
stored: a request that fails has written nothing, and may be repeated.

A procedure may commit by itself. Then its answer is stored in another transaction. Until then the key has no answer,
and a repeated request is refused instead of being run again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from api import errors
from api.context import Context
from api.database import errno
from api.database.connection import DriverError
from api.errors import ApiError, codes
from api.request.query import RoutineCall
from api.response.answer import Answer
from api.sql.idempotency import (
    delete_part,
    insert_claim,
    insert_part,
    select_answer,
    select_claim,
    select_expired,
    select_parts,
)

if TYPE_CHECKING:
    from api.catalog import Catalog, Dialect
    from api.database import Database, Row, Session
    from api.request.caller import Caller
    from api.request.idempotency import Idempotency
    from api.settings import Settings

_Sent = TypeVar("_Sent")

REPLAYED = ("Idempotency-Replayed", "true")
_PART_BYTES = 7000
"""How much of an answer is in one statement, where a byte has two digits: more would pin the session of RDS Proxy."""
_REMOVED_IN_PASSING = 8
"""Parts that are too old, removed with each new key: an answer rarely has more than two."""


def run_transaction(context: Context, work: Callable[[Session], Answer], *, alone: bool = False) -> Answer:
    """Run the work in one transaction. With an Idempotency-Key that has an answer, return that one instead.

    `alone`: without a key, the work may be a single statement that commits by itself.

    Raises: `ApiError`; for a key: AR409 while its first request is being answered, AR422 for another request, AR501
        where keys cannot be stored.
    """
    request = context.request
    commit = request.preferences.transaction != "rollback"
    if request.idempotency is None:
        return context.database.write(work, commit=commit, alone=alone)
    key = Key.of(request.idempotency, context.caller, context.settings, context.catalog)

    def keep(session: Session) -> Answer:
        session.keep()
        answer = work(session)
        if isinstance(request.target, RoutineCall) and not session.is_kept():
            session.send("BEGIN")
            key.claim_again(session)
        return answer

    return run_once(context.database, key, keep, commit=commit)


def run_once(database: Database, key: Key, work: Callable[[Session], Answer], *, commit: bool) -> Answer:
    """Run the work in one transaction and store its answer under the key. If the key has an answer, return that one.

    Raises: as `run_transaction`.
    """
    stored = database.read(key.find_or_tidy, "strong")
    if stored is not None:
        return stored
    try:
        return database.write(lambda session: key.run(session, work), commit=commit)
    except ApiError as error:
        if error.error is not codes.OUTCOME_UNKNOWN:
            raise
        stored = database.read(key.find, "strong")
        if stored is None:
            hint = "Send the request again with the same Idempotency-Key."
            raise replace(error, hint=hint) from error.__cause__
        return stored


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key of a caller, with what its methods need. They work in any open transaction."""

    database: str
    key: bytes
    fingerprint: bytes
    hours: int
    dialect: Dialect

    @staticmethod
    def of(sent: Idempotency, caller: Caller, settings: Settings, catalog: Catalog) -> Key:
        """The key that a caller sent."""
        return Key(
            settings.writer.database, sent.of(caller), sent.fingerprint, settings.idempotency_hours, catalog.dialect
        )

    def run(self, session: Session, work: Callable[[Session], Answer]) -> Answer:
        """Claim the key, do the work, and store its answer, in the transaction that is open. If another request with
        the key was faster, return its answer.

        Raises: as `run_transaction`.
        """
        stored = self._claim(session)
        if stored is not None:
            return stored
        answer = work(session)
        self._store(session, answer)
        return answer

    def claim_again(self, session: Session) -> None:
        """Claim the key in another transaction, after a procedure ended the one in which it was claimed."""
        self._remove(session, session.rows(select_parts(self.database, self.key)))
        session.change(insert_claim(self.database, self.key, self.fingerprint))

    def find(self, session: Session) -> Answer | None:
        """The stored answer, or None if the key is new. A key that is too old is removed.

        Raises: as `run_transaction`.
        """
        statement = select_claim(self.database, self.key, self.hours, self.dialect)
        rows = self._sent(lambda: session.rows(statement))
        if not rows:
            return None
        ((fingerprint, expired),) = rows
        if expired:
            self._remove(session, session.rows(select_parts(self.database, self.key)))
            return None
        if fingerprint != self.fingerprint:
            raise errors.idempotency_mismatch()
        parts = session.rows(select_answer(self.database, self.key))
        if not parts:
            raise errors.idempotency_interrupted()
        return _unpacked(b"".join([cast("bytes", part) for (part,) in parts])).with_headers(REPLAYED)

    def find_or_tidy(self, session: Session) -> Answer | None:
        """Like `find`; for a new key, also remove a few keys that are too old."""
        stored = self.find(session)
        if stored is None:
            self._remove(session, session.rows(select_expired(self.database, self.hours, _REMOVED_IN_PASSING)))
        return stored

    def _claim(self, session: Session) -> Answer | None:
        statement = insert_claim(self.database, self.key, self.fingerprint)
        try:
            self._sent(lambda: session.change(statement))
        except DriverError as error:
            if errno.number(error) != errno.DUPLICATE_KEY:
                raise
            stored = self.find(session)
            if stored is None:
                raise errors.idempotency_in_progress() from error
            return stored
        return None

    def _sent(self, send: Callable[[], _Sent]) -> _Sent:
        """The result of a statement that may find the key locked, or no table."""
        try:
            return send()
        except DriverError as error:
            number = errno.number(error)
            if number in errno.LOCKED:
                raise errors.idempotency_in_progress() from error
            if number in errno.NO_TABLE:
                raise errors.idempotency_unavailable() from error
            raise

    def _remove(self, session: Session, parts: Sequence[Row]) -> None:
        for key, part in parts:
            session.change(delete_part(self.database, cast("bytes", key), cast("int", part)))

    def _store(self, session: Session, answer: Answer) -> None:
        packed = _packed(answer)
        for part, first in enumerate(range(0, len(packed), _PART_BYTES), 1):
            session.change(insert_part(self.database, self.key, part, packed[first : first + _PART_BYTES]))


def _packed(answer: Answer) -> bytes:
    head = json.dumps({"status": answer.status, "headers": answer.headers}).encode()
    return zlib.compress(head + b"\n" + answer.body, 1)


def _unpacked(packed: bytes) -> Answer:
    head, _, body = zlib.decompress(packed).partition(b"\n")
    found = json.loads(head)
    return Answer(found["status"], tuple((name, value) for name, value in found["headers"]), body)
