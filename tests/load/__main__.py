"""`make load` and the figures of docs/scaling.md: the mixed load at any size, through the stand-in and past it."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from local.installation import NAMES
from local.server import Options, Server, start_either
from tests.certificates import Authority, make_authority
from tests.load.calls import fill
from tests.load.environment import Task
from tests.load.run import Report, run, stored_in
from tests.secrecy import secrets_in
from tests.standin.backend import Limits
from tests.standin.session import CREDENTIALS, stand_in

PASSWORD = "p@ss/word"


def main() -> None:
    """Run both, print what happened, and fail where something went wrong."""
    parser = argparse.ArgumentParser("python -m tests.load", description="Many environments over few connections.")
    parser.add_argument("--server", choices=("mysql", "mariadb"), default="mysql")
    parser.add_argument("--environments", type=int, default=100, help="execution environments (%(default)s)")
    parser.add_argument("--connections", type=int, default=10, help="the proxy's, to the database (%(default)s)")
    parser.add_argument("--requests", type=int, default=20_000, help="of all environments together (%(default)s)")
    parser.add_argument("--max-connections", type=int, default=90, help="of the server (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aurorest-") as folder:
        authority = make_authority(Path(folder))
        options = Options(
            port=0,
            password=PASSWORD,
            tls=authority.issue("localhost", "127.0.0.1"),
            durable=False,
            further=(f"--max-connections={arguments.max_connections}",),
        )
        server = start_either(arguments.server, Path(folder) / "server", options)
        try:
            sys.stdout.write(
                f"{NAMES[server.kind]} {server.installation.version}, max_connections {arguments.max_connections}, "
                f"{os.cpu_count()} CPUs\n"
            )
            _alone(server, authority, arguments.seed)
            failures = [*_through(server, authority, arguments), *_direct(server, arguments)]
        finally:
            server.stop()
    sys.exit("\n".join(failures) if failures else 0)


def _alone(server: Server, authority: Authority, seed: int) -> None:
    """What a request takes when nothing waits: the simulation's numbers."""
    with server.temporary_database() as database:
        fill(server, database)
        with stand_in(server, authority.issue("localhost")) as proxied:
            report = run(Task(1, "", calls=600, seed=seed), proxied.environment(database), server)
            held = sorted(
                each.ended - each.began
                for each in proxied.proxy.backend.statistics.borrowings
                if each.began and each.ended
            )
    _say("one environment alone", report)
    _write(
        f"  {len(held) / report.calls:.2f} borrowings a request; held p50 {_share(held, 0.5) * 1000:.2f} ms, "
        f"p90 {_share(held, 0.9) * 1000:.2f} ms, mean {sum(held) / len(held) * 1000:.2f} ms"
    )


def _through(server: Server, authority: Authority, arguments: argparse.Namespace) -> list[str]:
    calls = arguments.requests // arguments.environments
    limits = Limits(connections=arguments.connections)
    with server.temporary_database() as database:
        fill(server, database)
        with stand_in(server, authority.issue("localhost"), limits) as proxied:
            proxied.proxy.recording = False
            task = Task(arguments.environments, "", calls=calls, seed=arguments.seed)
            report = run(task, proxied.environment(database), server)
            statistics = proxied.proxy.backend.statistics
            pinned = len(proxied.proxy.all_pinning)
        purchases, counted = stored_in(server, database)
    waits = sorted(statistics.waits)
    _say(f"through the stand-in, {arguments.connections} connections", report)
    _write(
        f"  database connections at most {statistics.most_open}, borrow timeouts {statistics.timeouts}, "
        f"borrow wait p50 {_share(waits, 0.5) * 1000:.1f} ms, p99 {_share(waits, 0.99) * 1000:.1f} ms\n"
        f"  statements {len(waits)} borrowings; sessions pinned {pinned}, all by a single value over 16 KB: "
        f"{pinned == report.pinning}"
    )
    wrong = [*report.unforeseen[:20]]
    if purchases != {number: count for number, count in report.stored.items() if count}:
        wrong.append("the rows stored are not those that were acknowledged")
    if counted != report.counted:
        wrong.append(f"counted {counted}, acknowledged {report.counted}")
    if pinned != report.pinning:
        wrong.append(f"{pinned} sessions were pinned, {report.pinning} on purpose")
    wrong += secrets_in(report.logs, *CREDENTIALS.values(), PASSWORD)
    return wrong


def _direct(server: Server, arguments: argparse.Namespace) -> list[str]:
    """One request of each environment, which keeps its connection."""
    with server.temporary_database() as database:
        fill(server, database)
        task = Task(arguments.environments, "", connect_only=True)
        report = run(task, {"AUROREST_DATABASE_URL": server.url(database)}, server)
    _say("past it, a connection for each environment", report)
    _write(f"  refused with 53300 (the server's error 1040): {report.codes['53300']}")
    return [] if set(report.codes) <= {"53300"} else report.unforeseen[:20]


def _say(title: str, report: Report) -> None:
    deliberate = sum(outcome.deliberate for outcome in report.outcomes)
    _write(
        f"{title}:\n"
        f"  {report.calls} requests of {len(report.kinds)} kinds by {len(report.outcomes)} environments "
        f"in {report.seconds:.1f} s\n"
        f"  errors {len(report.unforeseen)}, and {deliberate} deliberate ones; "
        f"p50 {report.latency(0.5) * 1000:.0f} ms, p99 {report.latency(0.99) * 1000:.0f} ms; "
        f"connections of the server at most {report.most_server_connections}"
    )


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
