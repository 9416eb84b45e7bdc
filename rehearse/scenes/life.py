"""The life of a small stack (the dev preset): created, changed in every way that users do, destroyed, created again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rehearse.checks import (
    Verdict,
    before,
    changes,
    exactly,
    exposed,
    nothing,
    passwords,
    refused,
    told,
    within,
    without,
    works,
)
from rehearse.cli import Outcome
from rehearse.scenes.stage import Stage
from rehearse.world import Event

SERVING = (
    "apigatewayv2 Api",
    "apigatewayv2 Stage",
    "lambda Alias",
    "lambda Function",
    "rds Cluster",
    "rds ClusterInstance",
    "rds Proxy",
    "rds ProxyTarget",
)
"""The resources that answer requests; to replace one is an outage."""
_GONE = ("replace", "delete")
_VERSION = {"update lambda Function": 1, "update lambda Alias": 1}


def rehearse(stage: Stage) -> None:
    """All of it."""
    project = stage.project
    project.init("dev")
    _made(stage)
    for label, change in (
        ("memory", {"memoryMegabytes": "2048"}),
        ("log level", {"logLevel": "WARNING"}),
        ("a limit", {"maxRows": "500"}),
    ):
        stage.check(label, "a version of the API's function, and its alias", exactly(stage.changed(**change), _VERSION))
    _migrated(stage)
    _tuned(stage)
    _readers(stage)
    outcome = stage.changed(zoneCount="3")
    stage.check("zoneCount 2 -> 3", "nothing that serves is replaced", without(outcome, _GONE, SERVING))
    outcome = stage.changed(auth="jwt", jwtIssuer="https://issuer.example.com", jwtAudience="app")
    stage.check("auth iam -> jwt", "gateway only", _of_service(outcome, "apigatewayv2"))
    _credentials(stage)
    _drift(stage)
    _renamed(stage)
    _ended(stage)


def _made(stage: Stage) -> None:
    preview = stage.run("preview")
    creations = changes(preview)
    only = bool(creations) and all(what.startswith("create ") for what in creations)
    stage.check(
        "preview of a new stack",
        "creations only",
        Verdict(f"{sum(creations.values())} creations" if only else told(preview), only),
    )
    outcome, events = stage.events_of(stage.up)
    made = changes(outcome)
    stage.check(
        "first up",
        "what the preview showed",
        Verdict("the same" if made == creations else told(outcome), made == creations and outcome.code == 0),
    )
    stage.in_order("order of creation", events)
    invocation = [event for event in events if event.type.endswith(":Invocation")]
    stage.check(
        "the migrator's invocation",
        "database, two users with passwords, migrations",
        _invoked(json.loads(invocation[0].detail["input"])) if invocation else Verdict("none", good=False),
    )
    stage.check(
        "leftovers of the first up",
        "no log group that a service had to make",
        Verdict(", ".join(stage.project.account().leftovers) or "none", not stage.project.account().leftovers),
    )
    stage.check("up again", "nothing", nothing(stage.up()))
    _secrets(stage)


def _invoked(event: dict[str, object]) -> Verdict:
    users = event.get("users")
    good = event.get("database") == "app" and event.get("migrate") is True and isinstance(users, list)
    listed = users if isinstance(users, list) else []
    access = sorted(str(user.get("access")) for user in listed)
    good = (
        good and access == ["read-only", "read-write"] and all(len(user.get("password", "")) >= 32 for user in listed)
    )
    return Verdict(f"database {event.get('database')}, users {access}, migrate {event.get('migrate')}", good)


def _secrets(stage: Stage) -> None:
    files = [path.read_text() for path in (stage.project.folder / "state").rglob("*.json*") if path.is_file()]
    known = passwords(stage.project.account())
    open_text = stage.run("stack", "export", "--show-secrets").text
    shown = exposed("".join(files), known)
    there = exposed(open_text, known)
    stage.check(
        "secrets in the state",
        "every password is there, encrypted",
        Verdict(
            f"{there} of {len(known)} in the decrypted state, {shown} in plain text",
            there == len(known) > 0 and not shown,
        ),
    )


def _migrated(stage: Stage) -> None:
    (stage.project.program / "migrations" / "0001_rehearsed.sql").write_text(
        "CREATE TABLE rehearsed (id INT PRIMARY KEY);\n"
    )
    outcome, events = stage.events_of(stage.up)
    stage.check(
        "a new migration",
        "an invocation; the functions get the new archive",
        within(outcome, {"update lambda Function", "update lambda Alias"}, "replace lambda Invocation"),
    )
    api = [
        event for event in events if event.type.endswith(":Function") and event.call == "update" and "api" in event.id
    ]
    asked = [event for event in events if event.type.endswith(":Invocation") and event.call == "create"]
    good = bool(asked) and all(asked[0].end < event.begin for event in api)
    stage.check(
        "order of a new migration", "invocation, then the API's function", Verdict("so" if good else "not so", good)
    )


def _tuned(stage: Stage) -> None:
    for label, config in (
        ("capacity", {"minCapacity": "1", "maxCapacity": "4"}),
        ("backup days", {"backupRetentionDays": "3"}),
        ("storage io-optimized", {"storage": "io-optimized"}),
        ("storage back to standard", {"storage": "standard"}),
    ):
        outcome = stage.changed(**config)
        stage.check(
            label,
            "the cluster, in place",
            within(outcome, {"update cloudwatch MetricAlarm", "update cloudwatch Dashboard"}, "update rds Cluster"),
        )
    outcome = stage.changed(alarmEmail="ops@example.com")
    stage.check("an address for alarms", "a topic; alarms in place", _of_service(outcome, "sns", "cloudwatch"))


def _readers(stage: Stage) -> None:
    outcome = stage.changed(readers="2")
    extra = {
        "create cloudwatch MetricAlarm",
        "update cloudwatch MetricAlarm",
        "update cloudwatch Dashboard",
        "delete cloudwatch MetricAlarm",
    }
    good = within(outcome, extra, "create rds ClusterInstance")
    stage.check(
        "readers 0 -> 2",
        "two instances more",
        Verdict(good.found, good.good and changes(outcome)["create rds ClusterInstance"] == 2),
    )
    outcome = stage.changed(readers="1")
    good = within(outcome, extra, "delete rds ClusterInstance")
    stage.check(
        "readers 2 -> 1",
        "one instance less, not the writer",
        Verdict(good.found, good.good and changes(outcome)["delete rds ClusterInstance"] == 1),
    )
    writers = [
        event
        for event in stage.project.account().events
        if event.type.endswith(":ClusterInstance") and event.name.endswith("-0")
    ]
    stage.check("the writer meanwhile", "untouched", Verdict(f"{len(writers)} call in its life", len(writers) == 1))


def _credentials(stage: Stage) -> None:
    outcome, events = stage.events_of(lambda: stage.changed(credentialVersion="2"))
    stage.check("credentialVersion 1 -> 2", "nothing that serves is replaced", without(outcome, _GONE, SERVING))
    stage.check("order of it", "users, then the API's function", _users_first(events))
    outcome = stage.changed(databaseAuthentication="iam")
    stage.check("databaseAuthentication secret -> iam alone", "refused", refused(outcome, "credentialVersion"))
    outcome, events = stage.events_of(lambda: stage.changed(credentialVersion="3"))
    stage.check("both together", "nothing that serves is replaced", without(outcome, _GONE, SERVING))
    stage.check("order of it", "users, then the API's function", _users_first(events))


def _users_first(events: Sequence[Event]) -> Verdict:
    """The migrator makes the next user before the function signs in as it."""
    good = before(events, "lambda/invocation:Invocation", "lambda/alias:Alias")
    return Verdict("so" if good else "not so", good)


def _drift(stage: Stage) -> None:
    stage.check("refresh", "nothing", nothing(stage.run("refresh", "--yes", "--skip-preview")))
    look = ("preview", "--refresh", "--expect-no-changes")
    stage.check("preview --refresh --expect-no-changes", "nothing", nothing(stage.run(*look)))
    stage.project.meddle("rds/cluster:Cluster", "", backupRetentionPeriod=9)
    outcome = stage.run(*look)
    stage.check(
        "the same after a change by hand",
        "fails, and names the cluster",
        Verdict(
            f"exit code {outcome.code}, {dict(changes(outcome))}",
            outcome.code != 0 and changes(outcome)["update rds Cluster"] == 1,
        ),
    )
    outcome = stage.up("--refresh")
    stage.check("up --refresh after it", "the cluster, back in place", exactly(outcome, {"update rds Cluster": 1}))


def _renamed(stage: Stage) -> None:
    outcome = stage.run("stack", "rename", "trial")
    if outcome.code == 0:
        outcome = stage.up()
    stage.check("stack renamed", "nothing", nothing(outcome))
    stage.check("up after the rename", "nothing", nothing(stage.up()))


def _ended(stage: Stage) -> None:
    outcome, events = stage.events_of(lambda: stage.run("destroy", "--yes"))
    stage.gone(outcome)
    stage.in_order("order of destruction", events)
    waits = stage.project.account().waits
    stage.check(
        "waits of the destruction", "none for network interfaces", Verdict("; ".join(waits) or "none", not waits)
    )
    stage.project.late_lines()
    outcome = stage.up()
    stage.check(
        "up again under the same name",
        "works, though services wrote late log lines",
        works(outcome),
    )


def _of_service(outcome: Outcome, *services: str) -> Verdict:
    found = changes(outcome)
    good = outcome.code == 0 and bool(found) and all(what.split()[1] in services for what in found)
    return Verdict(told(outcome), good)
