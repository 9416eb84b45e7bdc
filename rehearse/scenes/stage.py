"""What a scene works with: a project, an account, and the report that its rows go into."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rehearse.checks import Verdict, out_of_order, told
from rehearse.cli import Outcome, Project
from rehearse.report import Report
from rehearse.world import Event


@dataclass(slots=True)
class Stage:
    """One scene's stage. `say`: prints progress."""

    project: Project
    report: Report
    say: Callable[[str], None]

    def check(self, change: str, expected: str, verdict: Verdict) -> None:
        """One row of the report."""
        row = self.report.add(change, expected, verdict)
        self.say(f"  {'ok' if row.good else 'NO'}  {change}: {row.found}")

    def run(self, *arguments: str) -> Outcome:
        """A command; how long it took is printed."""
        begin = time.monotonic()
        outcome = self.project.run(*arguments)
        self.say(f"  $ {outcome.command} ({time.monotonic() - begin:.0f} s)")
        return outcome

    def up(self, *options: str) -> Outcome:
        """`pulumi up`, without the preview that it would show first."""
        return self.run("up", "--yes", "--skip-preview", *options)

    def events_of(self, work: Callable[[], Outcome]) -> tuple[Outcome, Sequence[Event]]:
        """A command, and what it did in the account."""
        known = len(self.project.account().events)
        outcome = work()
        return outcome, self.project.account().events[known:]

    def in_order(self, change: str, events: Sequence[Event]) -> None:
        """One row about the order of these events."""
        problems = out_of_order(events)
        self.check(
            change,
            "each part after what it needs",
            Verdict("; ".join(problems[:3]) or f"{len(events)} calls in order", not problems and bool(events)),
        )

    def gone(self, outcome: Outcome) -> None:
        """One row about a destroy, after which the account is empty."""
        left = [f"{thing.type} {thing.name}" for thing in self.project.account().things.values()]
        found = told(outcome) if outcome.code else f"{len(left)} things left: {left[:3]}"
        self.check("destroy", "everything goes", Verdict(found, outcome.code == 0 and not left))

    def changed(self, **config: str | None) -> Outcome:
        """`pulumi up` after these keys of the configuration."""
        for name, value in config.items():
            done = self.project.set(name, value)
            if done.code:
                return done
        return self.up()
