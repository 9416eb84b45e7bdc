"""Configuration that cannot be built: refused before anything exists, by the CLI or by the program."""

from __future__ import annotations

from rehearse.checks import Verdict, refused
from rehearse.scenes.stage import Stage

WRONG = (
    ("an unknown key", "maxCapacty", "4", ("maxCapacty",)),
    ("not a number", "maxCapacity", "much", ("maxCapacity", "allowed")),
    ("a number out of bounds", "backupRetentionDays", "36", ("backupRetentionDays", "1 to 35")),
    ("not a flag", "flowLogs", "yes", ("flowLogs", "true")),
    ("an unknown word", "auth", "basic", ("auth", "iam")),
    ("a capacity that never pauses", "minCapacity", "0", ("minCapacity",)),
    ("an open API without consent", "auth", "none", ("allowPublicAccess",)),
    ("a public block", "vpcCidr", "8.8.0.0/16", ("vpcCidr", "private")),
)
"""What is wrong, the key, its value, and the words of the message."""


def rehearse(stage: Stage) -> None:
    """Each wrong value by itself, then the right ones: the account stays empty throughout."""
    project = stage.project
    project.init("dev")
    for label, key, value, words in WRONG:
        before = project.run("config", "get", "--", f"aurorest:{key}")
        outcome = project.set(key, value)
        if outcome.code == 0:
            outcome = stage.run("preview")
        stage.check(f"{label}: {key} {value}", f"refused, with {', '.join(words)}", refused(outcome, *words))
        project.set(key, before.text.strip() if before.code == 0 else None)
    made = project.account().things
    stage.check("resources meanwhile", "none", Verdict(f"{len(made)}", not made))
    outcome = stage.run("preview")
    stage.check("preview with the values put right", "works", Verdict(f"exit code {outcome.code}", outcome.code == 0))
