"""Run environments against a server, through a stand-in or past it, and add up what they saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local.server import Server
from tests.load.environment import Outcome, Task

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_SECONDS = 0.5


@dataclass(slots=True)
class Report:
    """What all environments saw together, and what the server did meanwhile."""

    seconds: float
    outcomes: list[Outcome]
    logs: list[str]
    most_server_connections: int = 0
    server_connections: list[int] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return sum(outcome.calls for outcome in self.outcomes)

    @property
    def unforeseen(self) -> list[str]:
        return [text for outcome in self.outcomes for text in outcome.unforeseen]

    @property
    def codes(self) -> Counter[str]:
        """The codes of the errors that were not meant."""
        return sum((Counter(outcome.codes) for outcome in self.outcomes), Counter())

    @property
    def kinds(self) -> Counter[str]:
        return sum((Counter(outcome.kinds) for outcome in self.outcomes), Counter())

    @property
    def stored(self) -> dict[int, int]:
        """Purchases that each environment has stored and not removed."""
        return {outcome.number: outcome.stored for outcome in self.outcomes}

    @property
    def counted(self) -> int:
        return sum(outcome.counted for outcome in self.outcomes)

    @property
    def pinning(self) -> int:
        return sum(outcome.pinning for outcome in self.outcomes)

    def latency(self, share: float) -> float:
        """Seconds within which this share of the calls was answered."""
        times: Counter[float] = Counter()
        for outcome in self.outcomes:
            times.update({float(took): count for took, count in outcome.seconds.items()})
        left = share * times.total()
        for took in sorted(times):
            left -= times[took]
            if left <= 0:
                return took
        raise ValueError("no calls")


def run(task: Task, environment: Mapping[str, str], server: Server) -> Report:
    """Run the environments of a task, whose `folder` may be empty: a temporary one is made.

    Raises: `RuntimeError` where an environment ended otherwise than by its task's end.
    """
    with tempfile.TemporaryDirectory(prefix="aurorest-") as folder:
        told = json.dumps(asdict(task) | {"folder": folder})
        began = time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-m", "tests.load.environment"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}, **environment},
        ) as process:
            connections: list[int] = []
            watcher = threading.Thread(target=_watch, args=(server, process, connections))
            watcher.start()
            _, errors = process.communicate(told)
            watcher.join()
        seconds = time.monotonic() - began
        logs = [line for path in sorted(Path(folder).glob("*.log")) for line in path.read_text().splitlines()]
        if process.returncode:
            raise RuntimeError("\n".join([errors[-2000:], *logs[:50]]))
        found = [json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.json"))]
    outcomes = [Outcome(**each) for each in found]
    return Report(seconds, outcomes, logs, max(connections, default=0), server_connections=connections)


def _watch(server: Server, process: subprocess.Popen[str], found: list[int]) -> None:
    """How many connections the server has, this one left out, now and then."""
    with server.connect() as connection, connection.cursor() as cursor:
        while process.poll() is None:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
            row = cursor.fetchone()
            found.append(int(row[1]) - 1 if row else 0)
            time.sleep(SAMPLE_SECONDS)


def stored_in(server: Server, database: str) -> tuple[dict[int, int], int]:
    """The purchases of each environment that are in the database, and what the counters have counted."""
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT SUBSTRING_INDEX(SUBSTRING(token, 2), '-', 1) + 0, COUNT(*) FROM purchase WHERE token LIKE 'e%'"
            " GROUP BY 1"
        )
        purchases = {int(number): int(count) for number, count in cursor.fetchall()}
        cursor.execute("SELECT SUM(n) FROM counter")
        row = cursor.fetchone()
    return purchases, int(row[0]) if row else 0
