"""A Lambda handler in a separate process, as in an execution environment: the heap holds nothing of other handlers."""

from __future__ import annotations

import json
import multiprocessing
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeAlias

from bench.events import CONTEXT
from bench.models import Handler

Pipe: TypeAlias = Any
"""One end of `multiprocessing.Pipe`, whose class differs between systems."""
Events = Iterator[dict[str, Any]]
Make = Callable[[Any], Handler]
Cases = Callable[[], Mapping[str, Events]]
"""Makes the events of each case, without end."""


class HandlerProcess:
    """Runs the events of named cases in the process."""

    def __init__(self, connection: Pipe) -> None:
        self._connection = connection

    def answer(self, case: str) -> Any:
        """The decoded body of the answer to a case's event.

        Raises: `AssertionError` if the handler does not succeed.
        """
        self._connection.send((case, None))
        status, body = self._connection.recv()
        assert status in (200, 201, 206), (case, status, body)
        return json.loads(body)

    def run(self, case: str, calls: int) -> None:
        """Pass this number of a case's events to the handler, one after the other."""
        self._connection.send((case, calls))
        self._connection.recv()


@contextmanager
def started(make: Make, arguments: object, cases: Cases) -> Iterator[HandlerProcess]:
    """Start a process whose handler is `make(arguments)`, for the duration of a `with` block."""
    ours, theirs = multiprocessing.Pipe()
    spawning = multiprocessing.get_context("spawn")
    process = spawning.Process(target=_serve, args=(theirs, make, arguments, cases), daemon=True)
    process.start()
    theirs.close()
    try:
        yield HandlerProcess(ours)
    finally:
        ours.close()
        process.join(10)


def _serve(connection: Pipe, make: Make, arguments: object, cases: Cases) -> None:
    handler, events = make(arguments), cases()
    while True:
        try:
            case, calls = connection.recv()
        except EOFError:
            return
        if calls is None:
            answer = handler(next(events[case]), CONTEXT)
            body = b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"]
            connection.send((answer["statusCode"], body))
        else:
            for event in islice(events[case], calls):
                handler(event, CONTEXT)
            connection.send(None)
