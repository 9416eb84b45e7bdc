"""The policy pack, run by the engine: it lets both presets pass and stops what opens the stack."""

from __future__ import annotations

from rehearse.checks import Verdict, told
from rehearse.cli import Outcome
from rehearse.scenes.stage import Stage

_PACK = ("--policy-pack", "policy")


def rehearse(stage: Stage) -> None:
    """Previews with the pack, and an update that it stops."""
    for preset in ("dev", "prod"):
        stage.project.init(preset)
        stage.check(
            f"preview of {preset} with the pack",
            "no violation that is mandatory",
            _passes(stage.run("preview", *_PACK)),
        )
    stage.project.expect("stack", "select", "dev")
    for key, value in (("auth", "none"), ("allowPublicAccess", "true")):
        stage.project.set(key, value)
    outcome = stage.run("up", "--yes", "--skip-preview", *_PACK)
    text = outcome.text.lower()
    routes = stage.project.account().of("apigatewayv2/route:Route")
    good = outcome.code != 0 and "mandatory" in text and not routes
    stage.check(
        "up of an open API with the pack",
        "stopped: no route is made",
        Verdict(f"exit code {outcome.code}, {len(routes)} routes", good),
    )


def _passes(outcome: Outcome) -> Verdict:
    ran = "aurorest" in outcome.text and "Policies:" in outcome.text
    return Verdict(
        told(outcome) if outcome.code else f"passes; the pack {'ran' if ran else 'did not run'}",
        outcome.code == 0 and ran,
    )
