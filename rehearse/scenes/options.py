"""A stack with every option that costs extra: created, unchanged by a second `up`, reduced, destroyed."""

from __future__ import annotations

from rehearse.checks import Verdict, changes, nothing, told, works
from rehearse.scenes.stage import Stage

OPTIONS = {
    "accessSecurityGroupIds": "sg-0a0a0a0a0a0a0a0a0",
    "alarmEmail": "ops@example.com",
    "auth": "jwt",
    "budgetUsd": "500",
    "cognito": "true",
    "dataApi": "true",
    "databaseInsights": "advanced",
    "domainName": "api.example.com",
    "enhancedMonitoringSeconds": "30",
    "flowLogs": "true",
    "hostedZoneId": "Z0123456789ABCDEFGHIJ",
    "instanceClass": "db.r8g.large",
    "logExports": "audit,error,general,iam-db-auth-error,instance,slowquery",
    "publicDocs": "true",
    "readEndpoint": "true",
    "readers": "1",
    "readersMaximum": "3",
    "reservedConcurrency": "20",
    "schemas": "archive,staging",
    "xray": "true",
}
UNSET = ("minCapacity", "maxCapacity")
"""Of the preset: a provisioned class has none."""
SWITCHED_OFF = ("accessSecurityGroupIds", "budgetUsd", "dataApi", "publicDocs", "reservedConcurrency", "xray")
"""The options that can be switched off again without a replacement."""


def rehearse(stage: Stage) -> None:
    """All of it."""
    project = stage.project
    project.init("dev", config=OPTIONS)
    for name in UNSET:
        project.set(name, None)
    outcome, events = stage.events_of(stage.up)
    stage.check("first up with everything on", "works", works(outcome))
    stage.in_order("order of creation", events)
    stage.check("up again", "nothing", nothing(stage.up()))
    stage.check("refresh", "nothing", nothing(stage.run("refresh", "--yes", "--skip-preview")))
    outcome = stage.changed(**dict.fromkeys(SWITCHED_OFF))
    replaced = [what for what in changes(outcome) if what.startswith("replace")]
    good = outcome.code == 0 and bool(changes(outcome)) and not replaced
    stage.check("switched off again", "no replacement", Verdict(told(outcome), good))
    stage.check("up again", "nothing", nothing(stage.up()))
    outcome, events = stage.events_of(lambda: stage.run("destroy", "--yes"))
    stage.gone(outcome)
    stage.in_order("order of destruction", events)
