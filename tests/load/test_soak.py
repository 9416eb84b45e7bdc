"""A long run: no growth of memory, connections and files. A minute in every run; `make soak MINUTES=30` is longer."""

from __future__ import annotations

import os
import statistics

import pytest

from local.server import Server
from tests.certificates import Authority
from tests.load.calls import fill
from tests.load.environment import Task
from tests.load.run import run, stored_in
from tests.standin.backend import Limits
from tests.standin.session import stand_in

MINUTES = float(os.environ.get("SOAK_MINUTES", "1"))
ENVIRONMENTS, CONNECTIONS = 4, 2
MOST_GROWTH_KILOBYTES = 2_000


# one server in a short run: what could grow is the application's, which is the same on both
@pytest.mark.timeout(MINUTES * 60 + 300)
def test_memory_connections_and_files_do_not_grow(mysql_server: Server, authority: Authority) -> None:
    # on a machine that is busy with other things even a short transaction may be held for seconds
    limits = Limits(connections=CONNECTIONS, connection_life_seconds=20, borrow_seconds=9)
    with mysql_server.temporary_database() as database:
        fill(mysql_server, database)
        with stand_in(mysql_server, authority.issue("localhost"), limits) as proxied:
            proxied.proxy.recording = False
            task = Task(ENVIRONMENTS, "", seconds=MINUTES * 60, pause_seconds=0.01, sample_every=20)
            report = run(task, proxied.environment(database), mysql_server)
            assert report.unforeseen == []
            assert proxied.proxy.backend.statistics.most_open <= CONNECTIONS
            # the connections are replaced now and then, and the clients do not notice
            assert proxied.proxy.backend.statistics.opened > CONNECTIONS
        purchases, counted = stored_in(mysql_server, database)
    assert purchases == {number: count for number, count in report.stored.items() if count}
    assert counted == report.counted
    for outcome in report.outcomes:
        quarter = len(outcome.samples) // 4
        assert quarter, f"only {outcome.calls} calls: too few to see growth"
        (memory, files), (memory_later, files_later) = (
            [statistics.median(column) for column in zip(*part, strict=True)]
            for part in (outcome.samples[quarter : 2 * quarter], outcome.samples[-quarter:])
        )
        assert files_later <= files
        assert memory_later <= memory + MOST_GROWTH_KILOBYTES, outcome.samples
    early = report.server_connections[len(report.server_connections) // 4 :]
    assert max(early) - min(early) <= CONNECTIONS
