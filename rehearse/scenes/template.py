"""`pulumi new` from this folder: a project of another name whose stack can be deployed at once."""

from __future__ import annotations

import yaml

from rehearse.checks import Verdict, nothing, works
from rehearse.cli import copy
from rehearse.scenes.stage import Stage

ASKED = ("aws:region", "aurorest:databaseName", "aurorest:auth", "aurorest:maxCapacity")


def rehearse(stage: Stage) -> None:
    """New project, preview, up, up again."""
    # A fresh clone: the CLI copies all that it finds, and stops at a linked folder.
    template, program = stage.project.folder / "clone", stage.project.folder / "shop"
    copy(template)
    # The environment already exists, so the CLI has nothing to install into it.
    (program / "policy").mkdir(parents=True)
    stage.project.equip(program)
    made = (
        "new",
        str(template),
        "--dir",
        str(program),
        "--name",
        "shop",
        "--description",
        "A shop",
        "--stack",
        "trial",
    )
    outcome = stage.run(*made, "--yes", "--force", "--config", "aurorest:maxCapacity=4")
    stage.check("pulumi new from this folder", "works", works(outcome))
    if outcome.code:
        return
    settings = yaml.safe_load((program / "Pulumi.trial.yaml").read_text())["config"]
    missing = [key for key in ASKED if key not in settings]
    stage.check(
        "its configuration",
        "each key that the template asks for",
        Verdict(f"without {missing}" if missing else f"{len(settings)} keys", not missing),
    )
    project = yaml.safe_load((program / "Pulumi.yaml").read_text())
    good = project["name"] == "shop" and "template" not in project
    stage.check("its Pulumi.yaml", "the name, no template", Verdict(", ".join(project), good))
    stage.project.inside = program
    outcome = stage.up()
    stage.check("first up", "works", works(outcome))
    names = {thing.state["clusterIdentifier"] for thing in stage.project.account().of("rds/cluster:Cluster")}
    good = bool(names) and all(name.startswith("shop-trial") for name in names)
    stage.check("its names", "begin with project and stack", Verdict(", ".join(names) or "none", good))
    stage.check("up again", "nothing", nothing(stage.up()))
