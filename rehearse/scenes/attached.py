"""Two stacks on one cluster: the owner sets a share of the connections aside, the other has a separate proxy."""

from __future__ import annotations

from rehearse.checks import Verdict, nothing, told, works
from rehearse.scenes.stage import Stage


def rehearse(stage: Stage) -> None:
    """The owner, an application that is then admitted, and both to the end."""
    project = stage.project
    project.init("dev", config={"maxConnectionsPercent": "60"})
    outcome = stage.up()
    stage.check("up of the owner", "works", works(outcome))
    project.init(
        "reports", "dev", {"clusterStack": "dev", "maxConnectionsPercent": "20", "maxIdleConnectionsPercent": "10"}
    )
    stage.check("an application without a share", "with otherShares", _failed(stage, "otherShares"))
    project.expect("stack", "select", "dev")
    project.run("config", "set", "--path", "aurorest:otherShares.aurorest-reports", "20")
    outcome = stage.up()
    stage.check("a share for it", "exported", Verdict(told(outcome), outcome.code == 0))
    project.expect("stack", "select", "reports")
    stage.check("the application", "works", works(stage.up()))
    clusters = len(project.account().of("rds/cluster:Cluster"))
    proxies = len(project.account().of("rds/proxy:Proxy"))
    stage.check("clusters and proxies", "1 and 2", Verdict(f"{clusters} and {proxies}", (clusters, proxies) == (1, 2)))
    stage.check("up again", "nothing", nothing(stage.up()))
    for stack in ("reports", "dev"):
        project.expect("stack", "select", stack)
        outcome = stage.run("destroy", "--yes")
        stage.check(f"destroy of {stack}", "works", works(outcome))


def _failed(stage: Stage, *words: str) -> Verdict:
    """A preview that fails: what it had planned until then does not count."""
    outcome, events = stage.events_of(lambda: stage.run("preview"))
    named = all(word in outcome.text for word in words)
    return Verdict(told(outcome), outcome.code != 0 and named and not events)
