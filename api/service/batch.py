"""A batch: several requests in one transaction. If one fails, all are undone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from api import errors
from api.catalog import Catalog
from api.context import Context
from api.database import JoinedDatabase, RunAgain, is_harmless
from api.errors import ApiError
from api.request.batch import Part, joined
from api.request.body import parse_json
from api.request.caller import Caller
from api.request.query import ApiRequest, Preferences
from api.response.answer import Answer, preference_headers
from api.response.timing import Stages
from api.service.dispatch import dispatch, parse
from api.service.violations import with_columns

if TYPE_CHECKING:
    from api.database import Database, Session
    from api.request.idempotency import Idempotency
    from api.settings import Settings

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Batch:
    """The requests of a batch, and what they have in common."""

    parts: Sequence[Part]
    preferences: Preferences
    settings: Settings
    caller: Caller
    prefix: str
    stages: Stages
    idempotency: Idempotency | None = None

    def run(self, database: Database, catalog: Catalog) -> Answer:
        """The answers of all requests, in order.

        Raises: `ApiError` with the number of the request that failed, if one did. Nothing is stored then.
        """
        failures: list[_Failure] = []
        runs = list(joined(self.parts))
        # each request for itself, with a savepoint: what a procedure did cannot be repeated
        careful = any(part.may_call for part in self.parts)

        def work(session: Session) -> Answer:
            nonlocal careful
            session.savepoints = careful
            transaction = JoinedDatabase(session, database)
            answers = _Answers()
            for part, count in ((part, 1) for part in self.parts) if careful else runs:
                request = None
                try:
                    session.join()
                    request = self._request(part, answers)
                    answer = self._answer(request, transaction, catalog)
                    answers.add(answer, count, self.settings.max_response_bytes)
                except RunAgain:
                    careful = True
                    raise
                except Exception as error:
                    if count > 1 and is_harmless(error):  # to see which of them failed
                        careful = True
                        raise RunAgain from error
                    failures.append(_Failure(error, part.number, request))
                    raise
            return answers.together(self.preferences)

        try:
            answer = self._run(work, database, catalog, alone=len(runs) == 1)
        except ApiError as error:
            # the transaction may have been repeated after this failure, and in the end COMMIT may be what failed
            for failure in failures:
                if failure.error is error or failure.error is error.__cause__:
                    raise failure.explained(error, catalog) from error.__cause__
            raise
        self.stages.end("run")
        return answer

    def _run(self, work: Callable[[Session], Answer], database: Database, catalog: Catalog, *, alone: bool) -> Answer:
        commit = self.preferences.transaction != "rollback"
        if self.idempotency is None:
            return database.write(work, commit=commit, alone=alone)

        from api.context.transaction import Key, run_once  # imported here, to keep it out of cold starts

        key = Key.of(self.idempotency, self.caller, self.settings, catalog)
        return run_once(database, key, work, commit=commit)

    def _request(self, part: Part, answers: _Answers) -> ApiRequest:
        resolved = part.resolved(answers.value)
        request = parse(
            part.method,
            resolved.path,
            resolved.query_string,
            resolved.headers,
            resolved.body,
            self.prefix,
            self.settings,
        )
        if request.preferences.transaction == "rollback":
            raise errors.not_implemented(
                "A request of a batch cannot be undone alone.", "Send 'Prefer: tx=rollback' with the batch."
            )
        return request

    def _answer(self, request: ApiRequest, database: Database, catalog: Catalog) -> Answer:
        context = Context(
            request=request,
            catalog=catalog,
            database=database,
            settings=self.settings,
            stages=Stages(),
            caller=self.caller,
        )
        answer = dispatch(context)
        return replace(answer, body=b"") if request.method == "HEAD" else answer


@dataclass(frozen=True, slots=True)
class _Failure:
    """What was raised while one request was answered."""

    error: Exception
    number: int
    request: ApiRequest | None

    def explained(self, error: ApiError, catalog: Catalog) -> ApiError:
        """The error of the batch: the one that was raised, or what the database made of it."""
        if self.request is not None:
            error = with_columns(error, self.request, catalog)
        return replace(error, request=self.number)


@dataclass(slots=True)
class _Answers:
    """The answers so far, and their values for references."""

    all: list[Answer] = field(default_factory=list)
    bodies: dict[int, object] = field(default_factory=dict)
    bytes: int = 0

    def add(self, answer: Answer, count: int, most_bytes: int) -> None:
        """Add the answer that this number of requests has."""
        self.bytes += len(answer.body) * count
        if self.bytes > most_bytes:
            raise errors.answer_too_large(most_bytes)
        self.all += [answer] * count

    def together(self, preferences: Preferences) -> Answer:
        """The answer to the batch."""
        headers = (("Content-Type", "application/json; charset=utf-8"), *preference_headers(preferences))
        return Answer(200, headers, b"[" + b",".join([_as_json(each) for each in self.all]) + b"]")

    def value(self, number: int, path: Sequence[str]) -> object:
        """Raises: `KeyError` for a value that does not exist."""
        answer = self.all[number]
        if path[0] == "status":
            return answer.status
        if path[0] == "headers":
            headers = {name.lower(): value for name, value in answer.headers}
            return headers[".".join(path[1:]).lower()]
        if number not in self.bodies:
            self.bodies[number] = _body_value(answer)
        found = self.bodies[number]
        for step in path[1:]:
            found = _member(found, step)
        return found


def _member(value: object, step: str) -> object:
    if isinstance(value, Mapping):
        return value[step]
    if isinstance(value, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(value):
        return value[int(step[:9])]
    raise KeyError(step)


def _body_value(answer: Answer) -> object:
    if not answer.body:
        raise KeyError("body")
    return parse_json(answer.body) if _is_json(answer) else answer.body.decode()


def _is_json(answer: Answer) -> bool:
    media = (answer.header("Content-Type") or "").partition(";")[0]
    return media == _JSON or media.endswith("+json")


def _as_json(answer: Answer) -> bytes:
    """An answer as an element of the batch's answer. A JSON body stays as it is, with all digits of its numbers."""
    body = b"null"
    if answer.body:
        body = answer.body if _is_json(answer) else json.dumps(answer.body.decode(), ensure_ascii=False).encode()
    headers = json.dumps(dict(answer.headers), ensure_ascii=False).encode()
    return b'{"status":%d,"headers":%b,"body":%b}' % (answer.status, headers, body)
