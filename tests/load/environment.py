"""One execution environment: a separate process with the handler that Lambda calls, serving one call at a time.

`python -m tests.load.environment` reads a task from standard input, imports everything and forks the environments; each
writes its results to a file.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.load.calls import PREFIX, Call, Traffic

ONE_ROW = Call("row", "GET", f"{PREFIX}/customer/1")


@dataclass(frozen=True, slots=True)
class Task:
    """What the environments are to do: a number of calls each, or calls for some seconds."""

    environments: int
    folder: str
    calls: int = 0
    seconds: float = 0
    pause_seconds: float = 0
    sample_every: int = 0
    seed: int = 1
    connect_only: bool = False
    """One call each, and the connection is kept until all have made theirs."""


@dataclass(slots=True)
class Outcome:
    """What one environment saw."""

    number: int
    calls: int = 0
    deliberate: int = 0
    pinning: int = 0
    counted: int = 0
    stored: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    unforeseen: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, int] = field(default_factory=dict)
    """How many calls took so long, to two digits: of a size that does not grow with the run."""
    samples: list[tuple[int, int]] = field(default_factory=list)
    """Kilobytes of memory and open files, now and then."""


def serve(task: Task, number: int) -> None:
    """Run one environment, and write its outcome."""
    folder = Path(task.folder)
    log = logging.FileHandler(folder / f"{number}.log")
    logging.getLogger().addHandler(log)
    outcome, traffic = Outcome(number), Traffic(number, task.seed)
    from api.handler import make_handler

    handle = make_handler(os.environ)
    deadline = time.monotonic() + task.seconds
    for call in (ONE_ROW,) if task.connect_only else traffic:
        if (task.calls and outcome.calls >= task.calls) or (task.seconds and time.monotonic() >= deadline):
            break
        began = time.perf_counter()
        answer = handle(event(call), None)
        took = f"{time.perf_counter() - began:.1e}"
        outcome.seconds[took] = outcome.seconds.get(took, 0) + 1
        _judge(outcome, traffic, call, answer)
        if task.sample_every and outcome.calls % task.sample_every == 0:
            outcome.samples.append((_memory_kilobytes(), len(list(Path("/proc/self/fd").iterdir()))))
        if task.pause_seconds:
            time.sleep(task.pause_seconds)
    (folder / f"{number}.json").write_text(json.dumps(asdict(outcome)))
    if task.connect_only:
        (folder / f"{number}.done").touch()
        while len(list(folder.glob("*.done"))) < task.environments:
            time.sleep(0.05)


def event(call: Call) -> dict[str, Any]:
    """A call as an event of an HTTP API, payload version 2.0."""
    path, _, query = call.address.partition("?")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.test", "x-forwarded-proto": "https", **call.headers},
        "requestContext": {
            "http": {"method": call.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"},
            "stage": "$default",
            "domainName": "api.test",
            "requestId": "r",
            "timeEpoch": 0,
        },
        "body": call.body.decode() if call.body else None,
        "isBase64Encoded": False,
    }


def _judge(outcome: Outcome, traffic: Traffic, call: Call, answer: dict[str, Any]) -> None:
    status = int(answer["statusCode"])
    outcome.calls += 1
    outcome.kinds[call.kind] = outcome.kinds.get(call.kind, 0) + 1
    outcome.pinning += call.pins
    foreseen = status in call.statuses
    if foreseen:
        outcome.deliberate += call.deliberate
    else:
        body = base64.b64decode(answer["body"]).decode() if answer.get("isBase64Encoded") else answer["body"]
        outcome.unforeseen.append(f"{call.kind}: {call.method} {call.address[:200]} -> {status} {body[:500]}")
    if status >= 400 and not foreseen:
        code = json.loads(answer["body"]).get("code", "")
        outcome.codes[code] = outcome.codes.get(code, 0) + 1
    stored = foreseen and not call.deliberate
    traffic.settled(call, stored=stored)
    if stored:
        outcome.counted += call.counted
        outcome.stored = 0 if call.cleared else outcome.stored + len(call.added) - len(call.removed)


def _memory_kilobytes() -> int:
    """What this process has for itself: what it shares with the others it was forked from does not grow."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1])
    raise RuntimeError("no Private_Dirty in smaps_rollup")


def main() -> None:
    """Fork the environments and wait for them: their results are files in the task's folder."""
    task = Task(**json.loads(sys.stdin.read()))
    import api.handler  # noqa: F401 - imported before the fork, as Lambda does before the first event

    children = []
    for number in range(task.environments):
        child = os.fork()
        if child == 0:
            try:
                serve(task, number)
            except BaseException:
                logging.getLogger().exception("the environment failed")
                os._exit(1)
            os._exit(0)
        children.append(child)
    failed = [number for number, child in enumerate(children) if os.waitpid(child, 0)[1]]
    sys.exit(f"environments that failed: {failed}" if failed else 0)


if __name__ == "__main__":
    main()
